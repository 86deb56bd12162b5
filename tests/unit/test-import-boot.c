// SPDX-License-Identifier: GPL-2.0-or-later
/* test-import-boot.c - virt-handoff import rc-local and mdevctl: what is taken and said */

/*
 * Real: the parsers, the writer, conf.c, which reads the same out of what is printed, what
 * json-c reads. Faked: hosts are machines of tests/data and files below TMPDIR.
 * tests/data/boot/NAME.txt are inputs, written after the notes of people, NAME.ini what they
 * give. How a script is cut into commands is in test-shell.c.
 */

#include "import-from.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* Each block is what one file has: conf.c has to take it. */
static void check_readable(size_t n_gpus, size_t n_vgpus)
{
	char *text = from_print(), *block, *next, sentence[WHY_LEN] = "";
	struct conf_host *h = calloc(1, sizeof(*h));
	size_t gpus = 0, vgpus = 0;
	struct conf_vm c;

	assert_non_null(h);
	for (block = strstr(text, "; "); block; block = next) {
		next = strstr(block + 1, "; /etc/virt-handoff/");
		if (!next)
			next = strstr(block + 1, "; which VM is it?");
		if (strncmp(block, "; which", 7) != 0 && strncmp(block, "; /etc", 6) != 0)
			continue;
		if (next)
			next[-1] = '\0';
		if (strncmp(block, "; /etc/virt-handoff/host.ini", 28) == 0) {
			tree_file(&from.tree, "host.ini", block);
			if (conf_host_read(from.tree.fd, h, sentence))
				fail_msg("%s in:\n%s", sentence, block);
			gpus += h->n_gpus;
		} else {
			tree_file(&from.tree, "x.ini", block);
			if (conf_vm_read(from.tree.fd, "x", NULL, &c, sentence))
				fail_msg("%s in:\n%s", sentence, block);
			vgpus += c.n_vgpus;
			conf_vm_free(&c);
		}
	}
	assert_int_equal(gpus, n_gpus);
	assert_int_equal(vgpus, n_vgpus);
	free(text);
	free(h);
}

static void read_rc(const char *name)
{
	char file[64], *text;

	snprintf(file, sizeof(file), "boot/%s.txt", name);
	text = unit_data(file);
	from_script(text);
	free(text);
}

static void rc_local_mdev(void **state)
{
	(void)state;
	from_unpack("a40-mdev");
	from_domain("desk1", "2f82ee72-3ac5-4615-9c0b-327c12e8c83d", "");
	from_domain("desk2", "8cc7a90a-75be-4b42-a9a3-9c1e7e3b3e01", "");
	from_domain("clone", "4d7e4bb0-77a9-4a5c-9f0a-0d3a2b1f6e02", "");
	from_domain("cloned", "4d7e4bb0-77a9-4a5c-9f0a-0d3a2b1f6e02", "");
	read_rc("mdev");
	from_check("mdev.ini");
	check_readable(2, from.boot->n_vgpus);
	assert_true(import_boot_look(from.boot));
}

static void rc_local_vendor(void **state)
{
	(void)state;
	from_unpack("l40s-vendor");
	from_domain("one", "", "0000:31:00.4");
	from_domain("two", "", "0000:31:00.5");
	read_rc("vendor");
	from_check("vendor.ini");
	check_readable(2, from.boot->n_vgpus);
}

/* Not on the host that it was written for: addresses and numbers stay as they are */
static void rc_local_elsewhere(void **state)
{
	(void)state;
	read_rc("vendor");
	from_check("vendor-elsewhere.ini");
	check_readable(0, from.boot->n_vgpus);
}

static void rc_local_plain(void **state)
{
	(void)state;
	tree_file(&from.tree, "sys/devices/pci0/0000:03:00.0/class", "0x030000\n");
	tree_file(&from.tree, "sys/devices/pci0/0000:03:00.0/vendor", "0x8086\n");
	tree_file(&from.tree, "sys/devices/pci0/0000:03:00.0/device", "0xe223\n");
	tree_file(&from.tree, "sys/devices/pci0/0000:03:00.0/sriov_totalvfs", "12\n");
	tree_link(&from.tree, "sys/bus/pci/devices/0000:03:00.0",
		  "../../../devices/pci0/0000:03:00.0");
	tree_file(&from.tree, "sys/devices/pci0/0000:05:00.0/class", "0x020000\n");
	tree_link(&from.tree, "sys/bus/pci/devices/0000:05:00.0",
		  "../../../devices/pci0/0000:05:00.0");
	tree_link(&from.tree, "sys/class/net/eno1/device", "../../../0000:05:00.0");
	tree_link(&from.tree, "sys/class/drm/card1/device", "../../../0000:04:00.0");
	read_rc("plain");
	from_check("plain.ini");
	check_readable(3, 0);
}

static void nothing_at_all(void **state)
{
	char *out;

	(void)state;
	from_script("#!/bin/sh -e\nexit 0\n");
	out = from_print();
	assert_string_equal(out, "; no GPU and no vGPU was found\n");
	assert_false(import_boot_look(from.boot));
	free(out);
}

static void spelled_addresses(void **state)
{
	static const struct {
		const char *text, *address; /* NULL: not one */
	} rows[] = {
		{ "0000:e8:00.0", "0000:e8:00.0" },
		{ "0:e8:0.0", "0000:e8:00.0" },
		{ "00000000:E8:00.0", "0000:e8:00.0" },
		{ "e8:00.0", "0000:e8:00.0" },
		{ "e8:0.1", "0000:e8:00.1" },
		{ "10000:e8:1f.7", "10000:e8:1f.7" },
		{ "0000:e8:20.0", NULL },
		{ "0000:e8:00.8", NULL },
		{ "0000:e8:00", NULL },
		{ "0000:e8:00.0x", NULL },
		{ "all", NULL },
		{ "1000000:e8:00.0", NULL },
	};
	char line[128], address[BDF_LEN];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		from_open();
		snprintf(line, sizeof(line), "sriov-manage -e %s\n", rows[i].text);
		assert_int_equal(import_rc_local(from.boot, line, strlen(line)), 0);
		assert_int_equal(from.boot->n_gpus,
				 rows[i].address ? (from.boot->n_gpus == 1) : 0);
		assert_int_equal(from.boot->n_said, rows[i].address ? 0 : 1);
		if (!rows[i].address)
			continue;
		assert_int_equal(from.boot->n_gpus, 1);
		bdf_format(&from.boot->gpu[0].bdf, address);
		assert_string_equal(address, rows[i].address);
	}
}

/* A line is never lost: each of these words alone gives a sentence */
static void nothing_is_lost(void **state)
{
	static const char *const lines[] = {
		"reboot",
		"break",
		"continue 2",
		"echo hello",
		"echo $X > /sys/a",
		"echo 1 > /sys/a/b",
		"tee /sys/a",
		"cat x | tee /sys/class/mdev_bus/a/mdev_supported_types/b/create",
		"echo 1 > create",
		"sh x.sh",
		"bash -c \"$X\"",
		"sriov-manage",
		"sriov-manage -d ALL",
		"sriov-manage -e $X",
		"nvidia-smi",
		"nvidia-smi -pm 1",
		"nvidia-smi -i x -mig 1",
		"nvidia-smi -i 9 -mig 1",
		"mdevctl",
		"mdevctl start",
		"mdevctl define -u x",
		"mdevctl start -t a -p b",
		"virsh nodedev-start x",
		"virsh start x",
		"sleep 1",
		"modprobe x",
		"iptables -L",
		"echo 'x",
		"for x in 1; do reboot; done",
		"reboot &",
		"(reboot)",
		"true && reboot",
		"x=1 reboot",
		"sudo reboot",
		"echo x | cat",
		"echo 1 > /sys/devices/x/sriov_numvfs",
		"echo x > /sys/class/mdev_bus/a/create",
		"echo 1 > /sys/bus/pci/devices/x/nvidia/current_vgpu_type",
		"echo x > /sys/bus/pci/devices/0000:01:00.0/nvidia/current_vgpu_type",
		"echo 1 > /tmp/sriov_numvfs",
		"cat <<X > /sys/x",
		"eval reboot",
		"nvidia-smi mig -cci",
		"echo '' > /sys/class/mdev_bus/a/mdev_supported_types/b/create",
		"ls > /etc/x",
		"modprobe -r nvidia",
		"modprobe -r vfio-pci",
		"rmmod snd_hda_intel",
		"systemctl stop x",
		"systemctl restart x",
		"systemctl isolate multi-user.target",
		"driverctl list-devices",
		"driverctl set-override 0000:01:00.0 nouveau",
		"virsh nodedev-reattach x",
		"virsh nodedev-detach x",
		"echo x > /sys/bus/pci/drivers/vfio-pci/bind",
		"echo 0000:01:00.0 > /sys/bus/pci/drivers/nvidia/bind",
		"echo 10de 2684 > /sys/bus/pci/drivers/vfio-pci/new_id",
		"echo x > /sys/bus/pci/drivers/x/new_id",
		"echo 0000:01:00.0 > /sys/bus/pci/devices/0000:01:00.0/driver/unbind",
		"echo nvidia > /sys/bus/pci/devices/0000:01:00.0/driver_override",
		"echo vfio-pci > /sys/bus/pci/devices/x/driver_override",
		"echo 0 > /sys/class/vtconsole/vtcon0/bind",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		from_script(lines[i]);
		if (from.boot->n_said == 0 || from.boot->n_gpus + from.boot->n_vgpus)
			fail_msg("'%s': %zu said", lines[i], from.boot->n_said);
		assert_true(from_count_said("line 1: ") >= 1);
		for (size_t k = 0; k < from.boot->n_said; k++)
			unit_check_sentence(from.boot->said[k].text);
	}
}

static void mdevctl(void **state)
{
	int dir;

	(void)state;
	from_unpack("a40-mdev");
	from_domain("desk1", "2f82ee72-3ac5-4615-9c0b-327c12e8c83d", "");
	tree_file(
		&from.tree,
		"etc/mdevctl.d/0000:31:00.4/2f82ee72-3ac5-4615-9c0b-327c12e8c83d",
		"{\n  \"mdev_type\": \"nvidia-575\",\n  \"start\": \"auto\",\n  \"attrs\": []\n}\n");
	tree_file(
		&from.tree,
		"etc/mdevctl.d/0000:b1:00.5/8cc7a90a-75be-4b42-a9a3-9c1e7e3b3e01",
		"{\"mdev_type\":\"nvidia-558\",\"start\":\"manual\",\"attrs\":[{\"nvidia/vgpu_params\":\"frl_enabled=0\"}],\"more\":1}");
	tree_file(&from.tree, "etc/mdevctl.d/mtty/8cc7a90a-75be-4b42-a9a3-9c1e7e3b3e02",
		  "{\"start\":\"auto\"}");
	tree_file(&from.tree, "etc/mdevctl.d/mtty/8cc7a90a-75be-4b42-a9a3-9c1e7e3b3e03",
		  "[1");
	tree_file(&from.tree, "etc/mdevctl.d/mtty/backup", "{}");
	tree_dir(&from.tree, "etc/mdevctl.d/mtty/8cc7a90a-75be-4b42-a9a3-9c1e7e3b3e04");
	tree_file(&from.tree, "etc/mdevctl.d/stray", "");
	tree_file(&from.tree, "etc/mdevctl.d/scripts.d/callouts/x", "#!/bin/sh\n");
	dir = openat(from.tree.fd, "etc/mdevctl.d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(dir >= 0);
	from_open();
	assert_int_equal(import_mdevctl(from.boot, dir), 0);
	close(dir);
	from_check("mdevctl.ini");
	check_readable(0, 2);
}

static void mutations(void **state)
{
	static const char *const pieces[] = {
		"echo ",
		" > ",
		"/sys/",
		"create",
		"\n",
		"|",
		"tee ",
		"sh -c '",
		"'",
		"\"",
		"$X",
		"nvidia-smi ",
		"-i 0,1",
		"-cgi 9,9,9,9",
		"mdev_supported_types/",
		"; ",
		"if ",
		"fi",
		"sriov-manage -e ",
		"0000:31:00.4",
		"2f82ee72-3ac5-4615-9c0b-327c12e8c83d",
		"\\",
		"cd /",
		"driver_override",
		"/bus/pci/drivers/vfio-pci/bind",
		"systemctl stop ",
		"modprobe -r ",
		"virsh nodedev-detach pci_",
	};
	char *sample = unit_data("boot/mdev.txt");
	uint64_t random = 20261121;

	(void)state;
	for (int round = 0; round < 400; round++) {
		size_t len;
		char *text = unit_mutate(&random, sample, strlen(sample), pieces,
					 ARRAY_LEN(pieces), &len);

		from_open();
		assert_int_equal(import_rc_local(from.boot, text, len), 0);
		for (size_t i = 0; i < from.boot->n_said; i++)
			unit_check_sentence(from.boot->said[i].text);
		free(text);
		free(from_print());
	}
	free(sample);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, from_setup, from_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(rc_local_mdev),   TEST(rc_local_vendor), TEST(rc_local_elsewhere),
		TEST(rc_local_plain),  TEST(nothing_at_all),  TEST(spelled_addresses),
		TEST(nothing_is_lost), TEST(mdevctl),         TEST(mutations),
	};

	return cmocka_run_group_tests_name("import-boot", tests, NULL, NULL);
}

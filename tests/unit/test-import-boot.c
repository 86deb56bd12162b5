// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-import-boot.c - virt-handoff import rc-local and mdevctl: what is taken, what is
 * said of the rest, and that conf.c reads the same out of what is printed
 *
 * Real: the parsers, the writer, conf.c, what json-c reads.
 * Faked: hosts are machines of tests/data and files below TMPDIR. tests/data/boot/NAME.txt
 * are inputs, written after the notes of people, NAME.ini what they give.
 */

#include "import-boot.h"
#include "machine.h"
#include "shell-words.h"
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static struct tree tree;
static struct host host;
static struct import_boot *boot;

static int setup(void **state)
{
	(void)state;
	tree_make(&tree);
	assert_int_equal(host_open(&host, tree.path, NULL), 0);
	boot = calloc(1, sizeof(*boot));
	assert_non_null(boot);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	import_boot_free(boot);
	free(boot);
	host_close(&host);
	tree_remove(&tree);
	return 0;
}

static void unpack(const char *name)
{
	char file[64], why[MACHINE_WHY_LEN] = "";
	struct machine m;

	snprintf(file, sizeof(file), "tests/data/%s.machine", name);
	assert_int_equal(machine_read(file, &m, why), 0);
	assert_int_equal(machine_unpack(&m, tree.fd, why), 0);
	machine_free(&m);
}

/* A domain with a mediated device, or a function, "" neither */
static void domain(const char *name, const char *mdev, const char *function)
{
	char path[128], xml[1024];
	struct bdf b = { 0 };
	size_t len;

	len = (size_t)snprintf(
		xml, sizeof(xml),
		"<domain type='kvm'><name>%s</name><uuid>00000000-0000-4000-8000-%012zx</uuid><devices>",
		name, strlen(name));
	if (*mdev)
		len += (size_t)snprintf(
			xml + len, sizeof(xml) - len,
			"<hostdev mode='subsystem' type='mdev' model='vfio-pci'><source><address uuid='%s'/></source></hostdev>",
			mdev);
	if (*function) {
		assert_int_equal(bdf_parse(function, &b), 0);
		len += (size_t)snprintf(
			xml + len, sizeof(xml) - len,
			"<hostdev mode='subsystem' type='pci' managed='no'><source><address domain='0x0000' bus='0x%02x' slot='0x%02x' function='0x%x'/></source></hostdev>",
			b.bus, b.slot, b.function);
	}
	snprintf(xml + len, sizeof(xml) - len, "</devices></domain>\n");
	snprintf(path, sizeof(path), "etc/libvirt/qemu/%s.xml", name);
	tree_file(&tree, path, xml);
}

static char *read_data(const char *name, const char *suffix)
{
	char path[256], *text = calloc(1, 65536);
	FILE *f;

	assert_non_null(text);
	snprintf(path, sizeof(path), "tests/data/boot/%s.%s", name, suffix);
	f = fopen(path, "re");
	if (!f)
		fail_msg("%s: %s", path, strerror(errno));
	assert_true(fread(text, 1, 65535, f) < 65535);
	fclose(f);
	return text;
}

static char *print(void)
{
	char *out = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&out, &size);

	assert_non_null(f);
	assert_int_equal(import_boot_write(boot, f), 0);
	fclose(f);
	return out;
}

/* UPDATE=1 writes the expected file anew: look at the difference before you commit it. */
static void check_output(const char *name)
{
	const char *update = getenv("UPDATE");
	char *have = print(), *want, path[256];

	if (update && strcmp(update, "1") == 0) {
		FILE *f;

		snprintf(path, sizeof(path), "tests/data/boot/%s.ini", name);
		f = fopen(path, "we");
		assert_non_null(f);
		fputs(have, f);
		fclose(f);
	}
	want = read_data(name, "ini");
	assert_string_equal(have, want);
	free(have);
	free(want);
}

/* Each block is what one file has: conf.c has to take it. */
static void check_readable(size_t n_gpus, size_t n_vgpus)
{
	char *text = print(), *block, *next, sentence[WHY_LEN] = "";
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
			tree_file(&tree, "host.ini", block);
			if (conf_host_read(tree.fd, h, sentence))
				fail_msg("%s in:\n%s", sentence, block);
			gpus += h->n_gpus;
		} else {
			tree_file(&tree, "x.ini", block);
			if (conf_vm_read(tree.fd, "x", NULL, &c, sentence))
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
	char *text = read_data(name, "txt");

	assert_int_equal(import_boot_open(boot, &host), 0);
	assert_int_equal(import_rc_local(boot, text, strlen(text)), 0);
	free(text);
}

/* Every line of a text that is a command is in what is said, or has become something. */
static size_t count_said(const char *what)
{
	size_t n = 0;

	for (size_t i = 0; i < boot->n_said; i++)
		n += strstr(boot->said[i].text, what) != NULL;
	return n;
}

static void rc_local_mdev(void **state)
{
	(void)state;
	unpack("a40-mdev");
	domain("desk1", "2f82ee72-3ac5-4615-9c0b-327c12e8c83d", "");
	domain("desk2", "8cc7a90a-75be-4b42-a9a3-9c1e7e3b3e01", "");
	domain("clone", "4d7e4bb0-77a9-4a5c-9f0a-0d3a2b1f6e02", "");
	domain("cloned", "4d7e4bb0-77a9-4a5c-9f0a-0d3a2b1f6e02", "");
	read_rc("mdev");
	check_output("mdev");
	check_readable(2, boot->n_vgpus);
	assert_true(import_boot_look(boot));
}

static void rc_local_vendor(void **state)
{
	(void)state;
	unpack("l40s-vendor");
	domain("one", "", "0000:31:00.4");
	domain("two", "", "0000:31:00.5");
	read_rc("vendor");
	check_output("vendor");
	check_readable(2, boot->n_vgpus);
}

/* Not on the host that it was written for: addresses and numbers stay as they are */
static void rc_local_elsewhere(void **state)
{
	(void)state;
	read_rc("vendor");
	check_output("vendor-elsewhere");
	check_readable(0, boot->n_vgpus);
}

static void rc_local_plain(void **state)
{
	(void)state;
	tree_file(&tree, "sys/devices/pci0/0000:03:00.0/class", "0x030000\n");
	tree_file(&tree, "sys/devices/pci0/0000:03:00.0/vendor", "0x8086\n");
	tree_file(&tree, "sys/devices/pci0/0000:03:00.0/device", "0xe223\n");
	tree_file(&tree, "sys/devices/pci0/0000:03:00.0/sriov_totalvfs", "12\n");
	tree_link(&tree, "sys/bus/pci/devices/0000:03:00.0",
		  "../../../devices/pci0/0000:03:00.0");
	tree_file(&tree, "sys/devices/pci0/0000:05:00.0/class", "0x020000\n");
	tree_link(&tree, "sys/bus/pci/devices/0000:05:00.0",
		  "../../../devices/pci0/0000:05:00.0");
	tree_link(&tree, "sys/class/net/eno1/device", "../../../0000:05:00.0");
	tree_link(&tree, "sys/class/drm/card1/device", "../../../0000:04:00.0");
	read_rc("plain");
	check_output("plain");
	check_readable(3, 0);
}

static void nothing_at_all(void **state)
{
	char *out;

	(void)state;
	assert_int_equal(import_boot_open(boot, &host), 0);
	assert_int_equal(import_rc_local(boot, "#!/bin/sh -e\nexit 0\n", 20), 0);
	out = print();
	assert_string_equal(out, "; no GPU and no vGPU was found\n");
	assert_false(import_boot_look(boot));
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
		import_boot_free(boot);
		assert_int_equal(import_boot_open(boot, &host), 0);
		snprintf(line, sizeof(line), "sriov-manage -e %s\n", rows[i].text);
		assert_int_equal(import_rc_local(boot, line, strlen(line)), 0);
		assert_int_equal(boot->n_gpus, rows[i].address ? (boot->n_gpus == 1) : 0);
		assert_int_equal(boot->n_said, rows[i].address ? 0 : 1);
		if (!rows[i].address)
			continue;
		assert_int_equal(boot->n_gpus, 1);
		bdf_format(&boot->gpu[0].bdf, address);
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
		import_boot_free(boot);
		assert_int_equal(import_boot_open(boot, &host), 0);
		assert_int_equal(import_rc_local(boot, lines[i], strlen(lines[i])), 0);
		if (boot->n_said == 0 || boot->n_gpus + boot->n_vgpus)
			fail_msg("'%s': %zu said", lines[i], boot->n_said);
		assert_true(count_said("line 1: ") >= 1);
		for (size_t k = 0; k < boot->n_said; k++)
			unit_check_sentence(boot->said[k].text);
	}
}

/* The commands of a text, as they come: words, > file, | piped, ? under a condition */
static int note_command(void *data, const struct shell_command *c)
{
	char *to = data;
	size_t len = strlen(to), size = 1024;

	len += (size_t)snprintf(to + len, size - len, "%u%s%s:", c->line,
				c->piped ? "|" : "", c->maybe ? "?" : "");
	for (size_t i = 0; i < c->n; i++)
		len += (size_t)snprintf(to + len, size - len, "%s%s", i ? " " : "",
					c->word[i].text);
	if (c->out)
		len += (size_t)snprintf(to + len, size - len, " > %s", c->out->text);
	if (c->problem)
		len += (size_t)snprintf(to + len, size - len, "!%s", c->problem);
	snprintf(to + len, size - len, "; ");
	return 0;
}

static void shell(void **state)
{
	static const char *const rows[][2] = {
		{ "a > b 2>&1 c", "1:a c > b; " },
		{ "a 2> b >>d", "1:a > d; " },
		{ "a 1>b; c 3>d; e <f", "1:a > b; 1:c; 1:e; " },
		{ "a >&2 >|b", "1:a > b; " },
		{ "a > 'b c'", "1:a > b c; " },
		{ "a | b |\nc || d && e; f", "1:a; 1|:b; 2|:c; 2?:d; 2?:e; 2:f; " },
		{ "if a; then b; fi; c", "1:if a; 1?:then b; 1?:fi; 1:c; " },
		{ "for i in 1 2; do a$i; done; b",
		  "1:for i in 1 2; 1:do a1; 1:done; 1:do a2; 1:done; 1:b; " },
		{ "for i in 1 2\ndo\n\ta $i > $i\ndone\nb $i",
		  "1:for i in 1 2; 2:do; 3:a 1 > 1; 4:done; 2:do; 3:a 2 > 2; 4:done; 5:b $i; " },
		{ "for i in {3..4}; do for k in x y; do a $i$k; done; done",
		  "1:for i in {3..4}; 1:do for k in x y; 1:do a 3x; 1:done; 1:do a 3y; 1:done; 1:done; "
		  "1:do for k in x y; 1:do a 4x; 1:done; 1:do a 4y; 1:done; 1:done; " },
		{ "for i in *; do a $i; done; b",
		  "1:for i in *; 1?:do a $i; 1?:done; 1:b; " },
		{ "for i in $(x); do a $i; done",
		  "1:for i in $(x); 1?:do a $i; 1?:done; " },
		{ "while x; do for i in 1 2; do a $i; done; done; b",
		  "1:while x; 1?:do for i in 1 2; 1?:do a 1; 1?:done; 1?:do a 2; 1?:done; 1?:done; 1:b; " },
		{ "L='x y'\nfor i in $L \\\nz; do a $i; done",
		  "1:L=x y; 2:for i in x y z; 2:do a x; 2:done; 2:do a y; 2:done; 2:do a z; 2:done; " },
		{ "done; done; a", "1:done; 1:done; 1:a; " },
		{ "for i in 1 2; do a $i", "1:for i in 1 2; 1:do a 1; " },
		{ "for i; do a; done", "1:for i; 1?:do a; 1?:done; " },
	};
	char have[1024];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		have[0] = '\0';
		assert_int_equal(
			shell_each(rows[i][0], strlen(rows[i][0]), note_command, have),
			0);
		assert_string_equal(have, rows[i][1]);
	}
}

static int count_problem(void *data, const struct shell_command *c)
{
	*(unsigned int *)data += c->problem != NULL;
	return 0;
}

/* A text that would go on for long ends, and says so. */
static void many_turns(void **state)
{
	static const char text[] =
		"for a in {1..99}; do for b in {1..99}; do for c in {1..99}; do x; done; done; done\ny\n";
	unsigned int problems = 0;

	(void)state;
	assert_int_equal(shell_each(text, strlen(text), count_problem, &problems), 0);
	assert_int_equal(problems, 1);
}

static void mdevctl(void **state)
{
	int dir;

	(void)state;
	unpack("a40-mdev");
	domain("desk1", "2f82ee72-3ac5-4615-9c0b-327c12e8c83d", "");
	tree_file(
		&tree, "etc/mdevctl.d/0000:31:00.4/2f82ee72-3ac5-4615-9c0b-327c12e8c83d",
		"{\n  \"mdev_type\": \"nvidia-575\",\n  \"start\": \"auto\",\n  \"attrs\": []\n}\n");
	tree_file(
		&tree, "etc/mdevctl.d/0000:b1:00.5/8cc7a90a-75be-4b42-a9a3-9c1e7e3b3e01",
		"{\"mdev_type\":\"nvidia-558\",\"start\":\"manual\",\"attrs\":[{\"nvidia/vgpu_params\":\"frl_enabled=0\"}],\"more\":1}");
	tree_file(&tree, "etc/mdevctl.d/mtty/8cc7a90a-75be-4b42-a9a3-9c1e7e3b3e02",
		  "{\"start\":\"auto\"}");
	tree_file(&tree, "etc/mdevctl.d/mtty/8cc7a90a-75be-4b42-a9a3-9c1e7e3b3e03", "[1");
	tree_file(&tree, "etc/mdevctl.d/mtty/backup", "{}");
	tree_dir(&tree, "etc/mdevctl.d/mtty/8cc7a90a-75be-4b42-a9a3-9c1e7e3b3e04");
	tree_file(&tree, "etc/mdevctl.d/stray", "");
	tree_file(&tree, "etc/mdevctl.d/scripts.d/callouts/x", "#!/bin/sh\n");
	dir = openat(tree.fd, "etc/mdevctl.d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(dir >= 0);
	assert_int_equal(import_boot_open(boot, &host), 0);
	assert_int_equal(import_mdevctl(boot, dir), 0);
	close(dir);
	check_output("mdevctl");
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
	char *sample = read_data("mdev", "txt");
	uint64_t random = 20261121;

	(void)state;
	for (int round = 0; round < 400; round++) {
		size_t len;
		char *text = unit_mutate(&random, sample, strlen(sample), pieces,
					 ARRAY_LEN(pieces), &len);

		import_boot_free(boot);
		assert_int_equal(import_boot_open(boot, &host), 0);
		assert_int_equal(import_rc_local(boot, text, len), 0);
		for (size_t i = 0; i < boot->n_said; i++)
			unit_check_sentence(boot->said[i].text);
		free(text);
		free(print());
	}
	free(sample);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(rc_local_mdev),   TEST(rc_local_vendor), TEST(rc_local_elsewhere),
		TEST(rc_local_plain),  TEST(nothing_at_all),  TEST(spelled_addresses),
		TEST(nothing_is_lost), TEST(mdevctl),         TEST(mutations),
		TEST(shell),           TEST(many_turns),
	};

	return cmocka_run_group_tests_name("import-boot", tests, NULL, NULL);
}

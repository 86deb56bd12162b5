// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-import-write.c - functions on VFIO out of scripts and driverctl's folder, and what an
 * importer prints put into INI files
 *
 * Real: the parsers, the writers, conf.c, files. Faked: hosts are machines of tests/data and
 * files below TMPDIR. tests/data/boot/devices.txt is written after the notes of people,
 * devices*.ini are what it gives. tests/docs/seeds runs the whole command.
 */

#include "conf.h"
#include "import-from.h"
#include "import-place.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define VMS "etc/virt-handoff/vms/"

/* What import_place() says of a text */
static char *place_look(const char *text, bool want_look)
{
	char *out = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&out, &size);
	bool look = false;

	assert_non_null(f);
	assert_int_equal(import_place(from.tree.fd, text, "import test", f, &look), 0);
	fclose(f);
	assert_int_equal(look, want_look);
	/* the folder in which files were written first is gone */
	assert_int_equal(tree_count(&from.tree, "etc/virt-handoff"),
			 1 + (size_t)(faccessat(from.tree.fd, "etc/virt-handoff/host.ini",
						F_OK, 0) == 0));
	return out;
}

static void check_place(const char *text, bool want_look, const char *want)
{
	char *out = place_look(text, want_look);

	assert_string_equal(out, want);
	free(out);
}

static void check_file(const char *path, const char *want)
{
	assert_string_equal(tree_text(&from.tree, path), want);
}

/* ---- functions on VFIO ---- */

static void read_script(void)
{
	char *text = unit_data("boot/devices.txt");

	from_script(text);
	free(text);
}

/* @console: the VM has the card that shows this host's console */
static void check_placed(const char *vm, bool console)
{
	char *text = from_print(), *out = place_look(text, false), sentence[WHY_LEN] = "";
	struct conf_vm c;

	assert_int_equal(conf_vm_find(from.tree.fd, vm, NULL, &c, sentence), 0);
	assert_true(c.devices.present);
	assert_int_equal(c.devices.primary, console);
	assert_string_equal(
		c.devices.stop_units,
		console ? "display-manager.service nvidia-persistenced.service" : "");
	conf_vm_free(&c);
	free(text);
	free(out);
}

static void script_of_vm(void **state)
{
	(void)state;
	from_unpack("workstation");
	from_domain("games", "", "0000:0a:00.0 0000:0a:00.1");
	read_script();
	from_check("devices.ini");
	check_placed("games", true);
}

/* Two VMs that take turns with the card, and one that has only what is no card */
static void script_of_vms(void **state)
{
	(void)state;
	from_unpack("workstation");
	from_domain("games", "", "0000:0a:00.0");
	from_domain("cad", "", "0000:0a:00.0 0000:0a:00.1 0000:0a:00.2 0000:0a:00.3");
	from_domain("nas", "", "0000:06:00.0");
	read_script();
	from_check("devices-vms.ini");
	check_placed("games", true);
	check_placed("nas", false);
}

/* The console is not taken at boot for nobody; a card beside it is */
static void script_of_nobody(void **state)
{
	static const char text[] =
		"systemctl stop x\n"
		"echo vfio-pci > /sys/bus/pci/devices/0000:0a:00.0/driver_override\n";

	(void)state;
	from_unpack("workstation");
	read_script();
	from_check("devices-nobody.ini");
	assert_true(import_boot_look(from.boot));
	from_script(text);
	from_check("devices-early.ini");
}

/* More than a line of an INI file takes with ids */
static void script_of_many(void **state)
{
	char *text = calloc(1, 65536), *out, *placed;
	size_t len = 0;

	(void)state;
	assert_non_null(text);
	for (unsigned int i = 0; i < CONF_ALSO_MAX + 1; i++) {
		char path[128];

		len += (size_t)sprintf(
			text + len,
			"echo vfio-pci > /sys/bus/pci/devices/0000:%02x:00.0/driver_override\n",
			i);
		snprintf(path, sizeof(path), "sys/bus/pci/devices/0000:%02x:00.0/vendor",
			 i);
		tree_file(&from.tree, path, "0x10de\n");
	}
	from_open();
	assert_int_equal(import_rc_local(from.boot, text, len), 0);
	assert_true(import_boot_look(from.boot));
	out = from_print();
	placed = place_look(out, false);
	assert_non_null(strstr(tree_text(&from.tree, "etc/virt-handoff/host.ini"),
			       "0000:3f:00.0\n"));
	free(placed);
	free(out);
	free(text);
}

static void driverctl(void **state)
{
	int dir;

	(void)state;
	from_unpack("eight-4090");
	from_domain("train01", "", "0000:11:00.0 0000:11:00.1");
	tree_file(&from.tree, "etc/driverctl.d/0000:11:00.0", "vfio-pci\n");
	tree_file(&from.tree, "etc/driverctl.d/pci-0000:11:00.1", "vfio-pci\n");
	tree_file(&from.tree, "etc/driverctl.d/pci-0000:21:00.0", "mlx5_vfio_pci");
	tree_file(&from.tree, "etc/driverctl.d/pci-0000:05:00.0", "uio_pci_generic\n");
	tree_file(&from.tree, "etc/driverctl.d/pci-0000:05:00.1", "");
	tree_file(&from.tree, "etc/driverctl.d/vmbus-1-2-3", "uio_hv_generic\n");
	tree_dir(&from.tree, "etc/driverctl.d/0000:31:00.0");
	dir = openat(from.tree.fd, "etc/driverctl.d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	from_open();
	assert_int_equal(import_driverctl(from.boot, dir), 0);
	assert_int_equal(import_devices_end(from.boot), 0);
	close(dir);
	from_check("driverctl.ini");
	assert_true(import_boot_look(from.boot));
}

/* ---- files ---- */

#define SSH  "; /etc/virt-handoff/vms/train01.ini\n[network]\naddress = 192.168.122.9\n\n"
#define PORT "[forward ssh]\nlisten = 2222\nto = 22\n"

static void new_file(void **state)
{
	struct stat st;

	(void)state;
	umask(077);
	check_place(SSH PORT "\n; not taken: line 4: x: y\n", false,
		    "vms/train01.ini: writing [network]\n"
		    "vms/train01.ini: writing [forward ssh]\n"
		    "; not taken: line 4: x: y\n");
	umask(022);
	check_file(VMS "train01.ini", "# train01.ini - made by virt-handoff import test\n"
				      "\n[network]\naddress = 192.168.122.9\n"
				      "\n" PORT);
	assert_int_equal(fstatat(from.tree.fd, VMS "train01.ini", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(tree_count(&from.tree, VMS), 1);
	check_place(SSH PORT, false,
		    "vms/train01.ini: [network] is there already\n"
		    "vms/train01.ini: [forward ssh] is there already\n");
}

/* what stands there stays, byte by byte, with its mode; a section that is there is not touched */
static void old_file(void **state)
{
#define OLD "; mine\n[forward SSH]\nlisten=22 ; not the default\n\n[devices]"
	struct stat st;

	(void)state;
	tree_file(&from.tree, VMS "train01.ini", OLD);
	assert_int_equal(fchmodat(from.tree.fd, VMS "train01.ini", 0640, 0), 0);
	check_place(
		SSH PORT, true,
		"vms/train01.ini: adding [network]\n"
		"vms/train01.ini: [forward ssh] is there and says something else; what it would have been:\n"
		"    [forward ssh]\n    listen = 2222\n    to = 22\n");
	check_file(VMS "train01.ini", OLD "\n\n[network]\naddress = 192.168.122.9\n");
	assert_int_equal(fstatat(from.tree.fd, VMS "train01.ini", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
}

/* the parser reads the whole before it is there: here it is one section too many */
static void does_not_fit(void **state)
{
	char many[4096] = "", *out;
	size_t len = 0;

	(void)state;
	for (int i = 0; i < VGPUS_MAX; i++)
		len += (size_t)sprintf(many + len, "[vgpu v%d]\ntype = x\n", i);
	tree_file(&from.tree, VMS "train01.ini", many);
	out = place_look("; /etc/virt-handoff/vms/train01.ini\n[vgpu desk]\ntype = x\n\n"
			 "; /etc/virt-handoff/vms/two.ini\n[devices]\n",
			 true);
	assert_non_null(strstr(out, "vms/train01.ini: not written: vms/train01.ini:"));
	assert_non_null(strstr(out, "vms/two.ini: writing [devices]\n"));
	check_file(VMS "train01.ini", many);
	check_file(VMS "two.ini",
		   "# two.ini - made by virt-handoff import test\n\n[devices]\n");
	free(out);
}

/* what is broken, or is not root's alone, is not touched and not followed */
static void bad_files(void **state)
{
	char *out;

	(void)state;
	tree_file(&from.tree, VMS "train01.ini", "[forward\n");
	tree_file(&from.tree, "elsewhere", "[devices]\n");
	tree_link(&from.tree, VMS "two.ini", "../../../elsewhere");
	tree_file(&from.tree, VMS "three.ini", "[devices]\n");
	assert_int_equal(fchmodat(from.tree.fd, VMS "three.ini", 0666, 0), 0);
	out = place_look(SSH PORT "\n; /etc/virt-handoff/vms/two.ini\n" PORT
				  "\n; /etc/virt-handoff/vms/three.ini\n" PORT
				  "\n; /etc/virt-handoff/vms/a/b.ini\n" PORT
				  "\n; /etc/virt-handoff/other.ini\n" PORT,
			 true);
	assert_null(strstr(out, "writing"));
	assert_non_null(strstr(out, "vms/train01.ini: not written: vms/train01.ini:1: "));
	assert_non_null(strstr(out, "vms/two.ini: not written: "));
	assert_non_null(strstr(out, "vms/three.ini: not written: "));
	assert_non_null(strstr(out, "vms/a/b.ini: not written: "));
	assert_non_null(strstr(out, "other.ini: not written: "));
	check_file("elsewhere", "[devices]\n");
	check_file(VMS "three.ini", "[devices]\n");
	free(out);
}

#define UUID "00000000-0000-4000-8000-000000000001"

/* a VM that has UUID.ini must not get NAME.ini too */
static void by_uuid(void **state)
{
	(void)state;
	from_domain("train01", "", "0000:11:00.0");
	tree_file(&from.tree, VMS UUID ".ini", "[devices]\n");
	check_place(SSH, false, "vms/" UUID ".ini: adding [network]\n");
	check_file(VMS UUID ".ini", "[devices]\n\n[network]\naddress = 192.168.122.9\n");
	assert_int_equal(tree_count(&from.tree, VMS), 1);
}

/* Blocks of which nobody knows whose they are are printed, and so is what is said */
static void nobody_knows(void **state)
{
	(void)state;
	check_place("; /etc/virt-handoff/vms/a b.ini too: its other address\n\n" PORT
		    "\n; which VM is it? Its INI file is /etc/virt-handoff/vms/NAME.ini\n"
		    "[vgpu vgpu]\ntype = x\n\n; line 1: said\n",
		    true,
		    "vms/a b.ini: writing [forward ssh]\n"
		    "not written:\n"
		    "; which VM is it? Its INI file is /etc/virt-handoff/vms/NAME.ini\n"
		    "[vgpu vgpu]\ntype = x\n"
		    "; line 1: said\n");
	check_file(VMS "a b.ini",
		   "# a b.ini - made by virt-handoff import test\n\n" PORT);
}

/* Whatever the text: what stood in a file stands there, and the parser takes the file */
static void mutations(void **state)
{
	static const char *const pieces[] = {
		"[",
		"]",
		"\n",
		"\n\n",
		"; /etc/virt-handoff/vms/train01.ini\n",
		"\"",
		"listen = ",
		"; ",
		"[devices]\n",
		"\\\n",
		"=",
		"\t",
		"[vgpu x]\n",
		"\r",
		"; which VM is it?\n",
	};
	static const char old[] = "; mine\n[devices]\ntake = none\n";
	static const char sample[] = SSH PORT
		"\n; /etc/virt-handoff/host.ini\n[early]\ndevices = 0000:01:00.0\n";
	uint64_t random = 20261121;

	(void)state;
	for (int round = 0; round < 40; round++) {
		char sentence[WHY_LEN] = "", *out = NULL, *text;
		size_t len, size = 0;
		struct conf_vm c;
		bool look = false;
		FILE *f = open_memstream(&out, &size);

		tree_file(&from.tree, VMS "train01.ini", old);
		text = unit_mutate(&random, sample, strlen(sample), pieces,
				   ARRAY_LEN(pieces), &len);
		text[len - 1] = '\0';
		assert_non_null(f);
		assert_int_equal(
			import_place(from.tree.fd, text, "import test", f, &look), 0);
		fclose(f);
		assert_memory_equal(tree_text(&from.tree, VMS "train01.ini"), old,
				    strlen(old));
		if (conf_vm_find(from.tree.fd, "train01", NULL, &c, sentence) < 0)
			fail_msg("%s, after:\n%s", sentence, text);
		conf_vm_free(&c);
		free(out);
		free(text);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, from_setup, from_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(script_of_vm),   TEST(script_of_vms), TEST(script_of_nobody),
		TEST(script_of_many), TEST(driverctl),     TEST(new_file),
		TEST(old_file),       TEST(does_not_fit),  TEST(bad_files),
		TEST(by_uuid),        TEST(nobody_knows),  TEST(mutations),
	};

	return cmocka_run_group_tests_name("import-write", tests, NULL, NULL);
}

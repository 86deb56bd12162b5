// SPDX-License-Identifier: GPL-2.0-or-later
/* test-inventory.c - the PCI functions of a host, their slots and groups, its consoles,
 * and the driver for each */

/*
 * Real: inventory*.c and what it calls.
 * Faked: sys, proc and lib are files and links in a temporary folder, in the form that
 * Linux 6.1 has them; a process has /dev/full open, which plays the card's node.
 */

#include "inventory.h"
#include "tree.h"

#include <errno.h>
#include <unistd.h>

#define RELEASE "6.1.0-28-amd64"

static struct tree tree;
static struct host host;
static struct inventory inv;

static int setup(void **state)
{
	(void)state;
	tree_make(&tree);
	assert_int_equal(host_open(&host, tree.path, NULL), 0);
	tree_dir(&tree, "sys/class/vtconsole");
	tree_file(&tree, "proc/sys/kernel/osrelease", RELEASE "\n");
	tree_file(&tree, "proc/self/mountinfo",
		  "22 1 8:1 / / rw shared:1 - ext4 /dev/sda1 rw\n");
	inv = (struct inventory){ 0 };
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	inventory_free(&inv);
	host_close(&host);
	tree_remove(&tree);
	return 0;
}

static const char *at(const char *bdf, const char *attr)
{
	static char path[256];

	snprintf(path, sizeof(path), "sys/devices/pci0000:00/%s/%s", bdf, attr);
	return path;
}

static void function(const char *bdf, const char *vendor, const char *device,
		     const char *class, const char *driver, int group)
{
	char target[256], path[256];

	tree_file(&tree, at(bdf, "vendor"), vendor);
	tree_file(&tree, at(bdf, "device"), device);
	tree_file(&tree, at(bdf, "class"), class);
	snprintf(path, sizeof(path), "sys/bus/pci/devices/%s", bdf);
	snprintf(target, sizeof(target), "../../../devices/pci0000:00/%s", bdf);
	tree_link(&tree, path, target);
	if (driver) {
		snprintf(target, sizeof(target), "../../../bus/pci/drivers/%s", driver);
		tree_link(&tree, at(bdf, "driver"), target);
		snprintf(path, sizeof(path), "sys/bus/pci/drivers/%s", driver);
		tree_dir(&tree, path);
	}
	if (group < 0)
		return;
	snprintf(target, sizeof(target), "../../../kernel/iommu_groups/%d", group);
	tree_link(&tree, at(bdf, "iommu_group"), target);
	snprintf(path, sizeof(path), "sys/kernel/iommu_groups/%d/devices/%s", group, bdf);
	snprintf(target, sizeof(target), "../../../../devices/pci0000:00/%s", bdf);
	tree_link(&tree, path, target);
}

static void read_some(const char *const *names, size_t n)
{
	struct bdf bdfs[8];

	inventory_free(&inv);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(bdf_parse(names[i], &bdfs[i]), 0);
	assert_int_equal(inventory_read(&host, bdfs, n, &inv), 0);
	assert_int_equal(inventory_look_closer(&host, &inv, bdfs, n), 0);
}

#define READ(...)                                       \
	read_some((const char *const[]){ __VA_ARGS__ }, \
		  ARRAY_LEN(((const char *const[]){ __VA_ARGS__ })))

static const struct function *find(const char *name)
{
	struct bdf b;

	assert_int_equal(bdf_parse(name, &b), 0);
	return inventory_find(&inv, &b);
}

static void card(void)
{
	function("0000:01:00.0", "0x10de\n", "0x2684\n", "0x030000\n", "nvidia", 10);
	function("0000:01:00.1", "0x10de\n", "0x22ba\n", "0x040300\n", "snd_hda_intel",
		 10);
	tree_link(&tree, "sys/bus/pci/drivers/nvidia/module",
		  "../../../../module/nvidia");
}

static void what_a_function_is(void **state)
{
	const struct function *f;

	(void)state;
	card();
	tree_file(&tree, at("0000:01:00.0", "boot_vga"), "1\n");
	tree_file(&tree, at("0000:01:00.0", "sriov_totalvfs"), "16\n");
	tree_link(&tree, at("0000:01:00.0", "virtfn0"), "../0000:01:00.4");
	tree_link(&tree, at("0000:01:00.0", "virtfn1"), "../0000:01:00.5");
	READ("0000:01:00.0");
	assert_int_equal(inv.n, 2);
	assert_int_equal(inv.kernel, 6);
	f = find("0000:01:00.0");
	assert_string_equal(f->name, "0000:01:00.0");
	assert_int_equal(f->id.vendor, 0x10de);
	assert_int_equal(f->id.device, 0x2684);
	assert_int_equal(f->class, 0x030000);
	assert_string_equal(f->driver, "nvidia");
	assert_string_equal(f->module, "nvidia");
	assert_int_equal(f->group, 10);
	assert_true(f->boot_vga);
	assert_false(f->vf || f->vgpu || f->framebuffer);
	assert_int_equal(f->n_vfs, 2);
	assert_string_equal(f->vfio_driver, "vfio-pci");
	assert_string_equal(f->vfio_module, "vfio_pci");
	f = find("0000:01:00.1");
	assert_string_equal(f->driver, "snd_hda_intel");
	assert_string_equal(f->module, ""); /* built in */
	assert_false(f->boot_vga);
}

static void virtual_functions(void **state)
{
	(void)state;
	function("0000:e8:00.4", "0x10de\n", "0x2235\n", "0x030200\n", "nvidia", 31);
	tree_dir(&tree, at("0000:e8:00.0", "x"));
	tree_link(&tree, at("0000:e8:00.4", "physfn"), "../0000:e8:00.0");
	READ("0000:e8:00.4");
	assert_true(find("0000:e8:00.4")->vf);
	assert_false(find("0000:e8:00.4")->vgpu);
	tree_file(&tree, at("0000:e8:00.4", "nvidia/current_vgpu_type"), "0\n");
	READ("0000:e8:00.4");
	assert_true(find("0000:e8:00.4")->vgpu);
}

static void mediated_devices(void **state)
{
	(void)state;
	function("0000:e8:00.4", "0x10de\n", "0x2235\n", "0x030200\n", "nvidia", 31);
	READ("0000:e8:00.4");
	assert_false(find("0000:e8:00.4")->mdev);
	tree_dir(&tree, at("0000:e8:00.4", "mdev_supported_types/nvidia-558"));
	READ("0000:e8:00.4");
	assert_true(find("0000:e8:00.4")->mdev);
	assert_string_equal(find("0000:e8:00.4")->made, "");
	tree_dir(&tree, at("0000:e8:00.4", "11111111-2222-4333-8444-555555555555"));
	READ("0000:e8:00.4");
	assert_string_equal(find("0000:e8:00.4")->made,
			    "11111111-2222-4333-8444-555555555555");
}

static void without_driver_and_group(void **state)
{
	const struct function *f;

	(void)state;
	function("0000:05:00.0", "0x10de\n", "0x2684\n", "0x030000\n", NULL, -1);
	READ("0000:05:00.0");
	f = find("0000:05:00.0");
	assert_string_equal(f->driver, "");
	assert_string_equal(f->module, "");
	assert_int_equal(f->group, -1);
}

static void function_that_is_not_there(void **state)
{
	(void)state;
	card();
	READ("0000:07:00.0", "0000:01:00.0");
	assert_int_equal(inv.n, 2);
	assert_null(find("0000:07:00.0"));
}

/* The slots of what is asked for, and their groups; sorted by address, each once */
static void slots_and_groups(void **state)
{
	(void)state;
	function("0000:04:00.0", "0x10ec\n", "0x8125\n", "0x020000\n", "r8169", 10);
	function("0000:04:00.1", "0x10ec\n", "0x8125\n", "0x020000\n", "r8169", 11);
	function("0000:00:01.0", "0x8086\n", "0x1901\n", "0x060400\n", "pcieport", 10);
	card();
	function("0000:02:00.0", "0x10de\n", "0x2684\n", "0x030000\n", "nvidia", 12);
	READ("0000:01:00.1", "0000:01:00.0");
	assert_int_equal(inv.n, 4);
	assert_string_equal(inv.function[0].name, "0000:00:01.0");
	assert_string_equal(inv.function[1].name, "0000:01:00.0");
	assert_string_equal(inv.function[2].name, "0000:01:00.1");
	assert_string_equal(inv.function[3].name, "0000:04:00.0");
}

static void nothing_asked(void **state)
{
	(void)state;
	assert_int_equal(inventory_read(&host, NULL, 0, &inv), 0);
	assert_int_equal(inv.n, 0);
	assert_int_equal(inventory_look_closer(&host, &inv, NULL, 0), 0);
}

static void console(const char *name, const char *text, const char *bind)
{
	char path[128];

	snprintf(path, sizeof(path), "sys/class/vtconsole/%s/name", name);
	tree_file(&tree, path, text);
	snprintf(path, sizeof(path), "sys/class/vtconsole/%s/bind", name);
	tree_file(&tree, path, bind);
}

static void consoles(void **state)
{
	(void)state;
	console("vtcon0", "(S) dummy device\n", "0\n");
	READ("0000:01:00.0");
	assert_int_equal(inv.n_consoles, 0);
	console("vtcon1", "(M) frame buffer device\n", "0\n");
	READ("0000:01:00.0");
	assert_int_equal(inv.n_consoles, 0);
	console("vtcon1", "(M) frame buffer device\n", "1\n");
	tree_dir(&tree, "sys/bus/platform/drivers/efi-framebuffer");
	READ("0000:01:00.0");
	assert_int_equal(inv.n_consoles, 1);
	assert_string_equal(inv.console[0], "vtcon1");
	tree_dir(&tree, "sys/bus/platform/drivers/efi-framebuffer/efi-framebuffer.0");
	tree_dir(&tree,
		 "sys/bus/platform/drivers/simple-framebuffer/simple-framebuffer.0");
	READ("0000:01:00.0");
	assert_int_equal(inv.n_consoles, 3);
	assert_string_equal(inv.console[1], "efi-framebuffer/efi-framebuffer.0");
	assert_string_equal(inv.console[2], "simple-framebuffer/simple-framebuffer.0");
}

static void kernels(void **state)
{
	static const struct {
		const char *release;
		unsigned int major;
	} rows[] = { { "5.15.0-101-generic\n", 5 },
		     { "6.1.0-28-amd64\n", 6 },
		     { "10.0.0\n", 10 },
		     { "odd\n", 0 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		tree_file(&tree, "proc/sys/kernel/osrelease", rows[i].release);
		READ("0000:01:00.0");
		assert_int_equal(inv.kernel, rows[i].major);
	}
}

static void best_driver(void **state)
{
	(void)state;
	card();
	tree_file(&tree, at("0000:01:00.0", "subsystem_vendor"), "0x10de\n");
	tree_file(&tree, at("0000:01:00.0", "subsystem_device"), "0x167c\n");
	tree_file(
		&tree, "lib/modules/" RELEASE "/modules.alias",
		"alias vfio_pci:v*d*sv*sd*bc*sc*i* vfio_pci\nalias vfio_pci:v000010DEd00002684sv000010DEsd0000167Cbc*sc*i* my_vfio_pci\n");
	READ("0000:01:00.0", "0000:01:00.1");
	assert_string_equal(find("0000:01:00.0")->vfio_module, "my_vfio_pci");
	assert_string_equal(find("0000:01:00.0")->vfio_driver, "my_vfio_pci");
	assert_string_equal(find("0000:01:00.1")->vfio_driver, "vfio-pci");
	/* a module that is loaded says what its driver is called */
	tree_dir(&tree, "sys/module/my_vfio_pci/drivers/pci:my-own-name");
	READ("0000:01:00.0", "0000:01:00.1");
	assert_string_equal(find("0000:01:00.0")->vfio_module, "my_vfio_pci");
	assert_string_equal(find("0000:01:00.0")->vfio_driver, "my-own-name");
}

static void who_uses_it(void **state)
{
	const struct function *f;

	(void)state;
	card();
	tree_file(&tree, at("0000:01:00.0", "drm/card1/dev"), "1:7\n");
	tree_link(&tree, at("0000:01:00.0", "drm/card1/subsystem"),
		  "../../../../../class/drm");
	tree_file(&tree, at("0000:01:00.0", "graphics/fb0/dev"), "29:0\n");
	tree_link(&tree, at("0000:01:00.0", "graphics/fb0/subsystem"),
		  "../../../../../class/graphics");
	tree_dir(&tree, at("0000:01:00.1", "net/eth0"));
	tree_file(&tree, "proc/net/route",
		  "eth0\t00000000\t010200C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n");
	tree_link(&tree, "proc/4242/fd/3", "/dev/full");
	tree_file(&tree, "proc/4242/comm", "Xorg\n");
	READ("0000:01:00.0", "0000:01:00.1");
	f = find("0000:01:00.0");
	assert_true(f->framebuffer);
	assert_string_equal(f->use, "");
	assert_int_equal(f->n_holders, 1);
	assert_int_equal(f->holders[0].pid, 4242);
	assert_string_equal(f->holders[0].command, "Xorg");
	f = find("0000:01:00.1");
	assert_false(f->framebuffer);
	assert_string_equal(f->use, "the default route by eth0");
	assert_int_equal(f->n_holders, 0);
}

static void odd_values(void **state)
{
	struct bdf b;

	(void)state;
	function("0000:01:00.0", "not hex\n", "0x2684\n", "0x030000\n", NULL, 1);
	assert_int_equal(bdf_parse("0000:01:00.0", &b), 0);
	assert_int_equal(inventory_read(&host, &b, 1, &inv), -EINVAL);
	assert_null(inv.function);
	function("0000:01:00.0", "0x110de\n", "0x2684\n", "0x030000\n", NULL, 1);
	assert_int_equal(inventory_read(&host, &b, 1, &inv), -ERANGE);
	assert_null(inv.function);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_a_function_is, setup, teardown),
		cmocka_unit_test_setup_teardown(virtual_functions, setup, teardown),
		cmocka_unit_test_setup_teardown(mediated_devices, setup, teardown),
		cmocka_unit_test_setup_teardown(without_driver_and_group, setup,
						teardown),
		cmocka_unit_test_setup_teardown(function_that_is_not_there, setup,
						teardown),
		cmocka_unit_test_setup_teardown(slots_and_groups, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing_asked, setup, teardown),
		cmocka_unit_test_setup_teardown(consoles, setup, teardown),
		cmocka_unit_test_setup_teardown(kernels, setup, teardown),
		cmocka_unit_test_setup_teardown(best_driver, setup, teardown),
		cmocka_unit_test_setup_teardown(who_uses_it, setup, teardown),
		cmocka_unit_test_setup_teardown(odd_values, setup, teardown),
	};

	return cmocka_run_group_tests_name("inventory", tests, NULL, NULL);
}

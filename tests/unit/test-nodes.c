// SPDX-License-Identifier: GPL-2.0-or-later
/* test-nodes.c - what a function's driver has made, and what of the host needs it */

/*
 * Real: nodes.c, uses.c.
 * Faked: sys and proc are files and links in a temporary folder, in the form that
 * Linux 6.1 has them.
 */

#include "tree.h"
#include "uses.h"

#include <errno.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define BDF    "0000:01:00.0"
#define DEVICE "sys/devices/pci0000:00/0000:00:01.0/" BDF
#define NVME   DEVICE "/nvme/nvme0"

static struct tree tree;
static struct host host;
static struct nodes nodes;

static int setup(void **state)
{
	(void)state;
	tree_make(&tree);
	assert_int_equal(host_open(&host, tree.path, NULL), 0);
	tree_dir(&tree, DEVICE "/power");
	tree_link(&tree, "sys/bus/pci/devices/" BDF,
		  "../../../devices/pci0000:00/0000:00:01.0/" BDF);
	tree_file(&tree, "proc/self/mountinfo",
		  "22 1 8:1 / / rw shared:1 - ext4 /dev/sda1 rw\n");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	nodes_free(&nodes);
	host_close(&host);
	tree_remove(&tree);
	return 0;
}

/* a device as the driver core makes it */
static void device(const char *path, const char *subsystem, const char *dev)
{
	char file[512];

	snprintf(file, sizeof(file), "%s/dev", path);
	tree_file(&tree, file, dev);
	snprintf(file, sizeof(file), "%s/subsystem", path);
	tree_link(&tree, file, subsystem);
}

static void block(const char *name, const char *path, const char *dev)
{
	char file[512], target[512];

	device(path, "../../../class/block", dev);
	snprintf(file, sizeof(file), "sys/class/block/%s", name);
	snprintf(target, sizeof(target), "../../../%s", path);
	tree_link(&tree, file, target);
}

static void collect(void)
{
	nodes_free(&nodes);
	assert_int_equal(nodes_collect(&host, BDF, &nodes), 0);
}

static void collect_vfio(const char *folder)
{
	nodes_free(&nodes);
	assert_int_equal(nodes_vfio(&host, folder, &nodes), 0);
}

static bool have(unsigned int major, unsigned int minor, bool is_block)
{
	return nodes_have(&nodes, makedev(major, minor), is_block);
}

static void no_such_function(void **state)
{
	(void)state;
	nodes.n = 77;
	assert_int_equal(nodes_collect(&host, "0000:02:00.0", &nodes), -ENOENT);
	assert_int_equal(nodes.n, 77);
	nodes.n = 0;
}

static void function_without_nodes(void **state)
{
	(void)state;
	collect();
	assert_int_equal(nodes.n, 0);
	assert_int_equal(nodes.n_ifaces, 0);
	assert_false(nodes.framebuffer);
}

static void nodes_of_a_gpu(void **state)
{
	(void)state;
	device(DEVICE "/drm/card1", "../../../../../../class/drm", "226:1\n");
	device(DEVICE "/drm/renderD128", "../../../../../../class/drm", "226:128\n");
	device(DEVICE "/drm/card1/card1-DP-1/i2c-5/i2c-dev/i2c-5",
	       "../../../../../../../../../class/i2c-dev", "89:5\n");
	device(DEVICE "/graphics/fb0", "../../../../../../class/graphics", "29:0\n");
	tree_file(&tree, "proc/driver/nvidia/gpus/" BDF "/information",
		  "Model: \t\t NVIDIA\nDevice Minor: \t 3\nGPU Excluded:\t No\n");
	tree_link(&tree, DEVICE "/iommu_group", "../../../../kernel/iommu_groups/16");
	device("sys/devices/virtual/vfio/16", "../../../../class/vfio", "243:0\n");
	tree_link(&tree, "sys/class/vfio/16", "../../devices/virtual/vfio/16");
	collect();
	assert_int_equal(nodes.n, 6);
	assert_true(have(226, 1, false) && have(226, 128, false) && have(89, 5, false));
	assert_true(have(29, 0, false) && have(195, 3, false) && have(243, 0, false));
	assert_false(have(226, 1, true));
	assert_true(nodes.framebuffer);
}

#define MDEV "sys/bus/mdev/devices/2f82ee72-3ac5-4615-9c0b-327c12e8c83d"

/* Only what a VM has open, whatever else the driver has made */
static void nodes_of_vfio(void **state)
{
	(void)state;
	nodes.n = 77;
	assert_int_equal(nodes_vfio(&host, MDEV, &nodes), -ENOENT);
	assert_int_equal(nodes.n, 77);
	nodes.n = 0;
	device(DEVICE "/drm/card1", "../../../../../../class/drm", "226:1\n");
	collect_vfio("sys/bus/pci/devices/" BDF);
	assert_int_equal(nodes.n, 0);
	/* before Linux 6.6 the character device has no number */
	tree_dir(&tree, DEVICE "/vfio-dev/vfio0");
	tree_link(&tree, DEVICE "/iommu_group", "../../../../kernel/iommu_groups/16");
	device("sys/devices/virtual/vfio/16", "../../../../class/vfio", "243:0\n");
	tree_link(&tree, "sys/class/vfio/16", "../../devices/virtual/vfio/16");
	collect_vfio("sys/bus/pci/devices/" BDF);
	assert_int_equal(nodes.n, 1);
	assert_true(have(243, 0, false));
	tree_file(&tree, DEVICE "/vfio-dev/vfio0/dev", "511:0\n");
	tree_link(&tree, MDEV, "../../../../" DEVICE);
	collect_vfio(MDEV);
	assert_int_equal(nodes.n, 2);
	assert_true(have(243, 0, false) && have(511, 0, false));
}

/* What is below a function and is none of its nodes */
static void what_is_left_out(void **state)
{
	(void)state;
	device(DEVICE "/0000:01:00.4/drm/card9", "../../../class/drm",
	       "226:9\n"); /* a function of its own */
	tree_file(&tree, DEVICE "/odd/dev", "1:2\n"); /* no device: no subsystem */
	device(DEVICE "/msi_irqs/x", "../../../class/x", "1:3\n");
	device("elsewhere", "class/x", "1:4\n");
	tree_link(&tree, DEVICE "/link", "../../../../../elsewhere");
	device(DEVICE "/broken", "../../../class/x", "not a number\n");
	tree_file(&tree, "proc/driver/nvidia/gpus/" BDF "/information",
		  "Model: \t\t NVIDIA\n");
	collect();
	assert_int_equal(nodes.n, 0);
}

static void nodes_of_a_disk(void **state)
{
	(void)state;
	device(NVME, "../../../../class/nvme", "240:0\n");
	block("nvme0n1", NVME "/nvme0n1", "259:0\n");
	block("nvme0n1p2", NVME "/nvme0n1/nvme0n1p2", "259:2\n");
	block("dm-0", "sys/devices/virtual/block/dm-0", "254:0\n");
	block("dm-1", "sys/devices/virtual/block/dm-1", "254:1\n");
	tree_link(&tree, NVME "/nvme0n1/nvme0n1p2/holders/dm-0",
		  "../../../../../../../virtual/block/dm-0");
	tree_link(&tree, "sys/devices/virtual/block/dm-0/holders/dm-1", "../../dm-1");
	/* devices in a ring do not exist, and must not hang us */
	tree_link(&tree, "sys/devices/virtual/block/dm-1/holders/dm-0", "../../dm-0");
	collect();
	assert_int_equal(nodes.n, 5);
	assert_true(have(240, 0, false) && have(259, 0, true) && have(259, 2, true));
	assert_true(have(254, 0, true) && have(254, 1, true));
}

/* A disk with several controllers stands in a subsystem, and its controller only has a
 * link there. */
static void nodes_of_a_disk_with_two_controllers(void **state)
{
#define SUBSYSTEM "sys/devices/virtual/nvme-subsystem/nvme-subsys0"
	(void)state;
	device(NVME, "../../../../class/nvme", "240:0\n");
	tree_dir(&tree, NVME "/nvme0c0n1"); /* hidden: no device number */
	block("nvme0n1", SUBSYSTEM "/nvme0n1", "259:0\n");
	block("nvme0n1p2", SUBSYSTEM "/nvme0n1/nvme0n1p2", "259:2\n");
	tree_link(&tree, SUBSYSTEM "/nvme0",
		  "../../../pci0000:00/0000:00:01.0/" BDF "/nvme/nvme0");
	tree_link(&tree, "sys/class/nvme-subsystem/nvme-subsys0",
		  "../../devices/virtual/nvme-subsystem/nvme-subsys0");
	block("nvme1n1", "sys/devices/virtual/nvme-subsystem/nvme-subsys1/nvme1n1",
	      "259:9\n");
	tree_link(&tree, "sys/class/nvme-subsystem/nvme-subsys1",
		  "../../devices/virtual/nvme-subsystem/nvme-subsys1");
	collect();
	assert_int_equal(nodes.n, 3);
	assert_true(have(240, 0, false) && have(259, 0, true) && have(259, 2, true));
}

static void network_interfaces(void **state)
{
	(void)state;
	tree_dir(&tree, DEVICE "/net/ens1f0");
	tree_dir(&tree, DEVICE "/virtio0/net/eth1");
	collect();
	assert_int_equal(nodes.n_ifaces, 2);
	assert_true((strcmp(nodes.iface[0], "ens1f0") == 0 &&
		     strcmp(nodes.iface[1], "eth1") == 0) ||
		    (strcmp(nodes.iface[1], "ens1f0") == 0 &&
		     strcmp(nodes.iface[0], "eth1") == 0));
}

/* In switch mode a port has one more for each of its virtual functions */
static void interfaces_of_a_switch(void **state)
{
	(void)state;
	for (unsigned int i = 0; i <= 256; i++) {
		char path[256];

		snprintf(path, sizeof(path), DEVICE "/net/ens1f0r%u", i);
		tree_dir(&tree, path);
	}
	collect();
	assert_int_equal(nodes.n_ifaces, 257);
}

static void more_than_the_bounds(void **state)
{
	(void)state;
	for (unsigned int i = 0; i <= NODES_MAX; i++) {
		char path[256], dev[16];

		snprintf(path, sizeof(path), DEVICE "/many/m%u", i);
		snprintf(dev, sizeof(dev), "200:%u\n", i);
		device(path, "../../../class/x", dev);
		if (i + 2 < NODES_MAX)
			continue;
		nodes_free(&nodes);
		assert_int_equal(nodes_collect(&host, BDF, &nodes),
				 i < NODES_MAX ? 0 : -E2BIG);
	}
}

static void check_use(const char *want)
{
	char use[128];

	collect();
	assert_int_equal(uses_describe(&host, &nodes, use, sizeof(use)), 0);
	assert_string_equal(use, want);
}

static void disk(void)
{
	block("nvme0n1", NVME "/nvme0n1", "259:0\n");
	block("nvme0n1p2", NVME "/nvme0n1/nvme0n1p2", "259:2\n");
}

static void mounted_file_system(void **state)
{
	(void)state;
	disk();
	check_use("");
	tree_file(
		&tree, "proc/self/mountinfo",
		"22 1 8:1 / / rw shared:1 - ext4 /dev/sda1 rw\n36 22 259:2 / /srv/a\\040b rw - xfs /dev/nvme0n1p2 rw\n");
	check_use("the mounted file system /srv/a\\040b");
	/* btrfs has a device number of its own, and only the source tells */
	tree_file(
		&tree, "proc/self/mountinfo",
		"36 22 0:41 /@home /home rw,x shared:2 - btrfs /dev/nvme0n1p2 rw,ssd\n");
	check_use("the mounted file system /home");
	tree_file(&tree, "proc/self/mountinfo",
		  "36 22 0:41 / /home rw - btrfs /dev/nvme1n1p2 rw\nodd line\n\n");
	check_use("");
	tree_file(&tree, "proc/self/mountinfo",
		  "36 22 0:41 / /home rw - zfs nvme0n1p2 rw\n");
	check_use("");
}

static void mounted_by_device_mapper(void **state)
{
	(void)state;
	disk();
	block("dm-3", "sys/devices/virtual/block/dm-3", "254:3\n");
	tree_file(&tree, "sys/devices/virtual/block/dm-3/dm/name", "vg-home\n");
	tree_link(&tree, NVME "/nvme0n1/nvme0n1p2/holders/dm-3",
		  "../../../../../../../virtual/block/dm-3");
	tree_file(&tree, "proc/self/mountinfo",
		  "36 22 0:41 / /home rw - btrfs /dev/mapper/vg-home rw\n");
	check_use("the mounted file system /home");
	tree_file(&tree, "proc/self/mountinfo",
		  "36 22 254:3 / /home rw - ext4 /dev/mapper/vg-home rw\n");
	check_use("the mounted file system /home");
	tree_file(&tree, "proc/self/mountinfo", "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n");
	tree_file(&tree, "proc/swaps",
		  "Filename Type Size Used Priority\n/dev/dm-3 partition 8388604 0 -2\n");
	check_use("swap on /dev/dm-3");
}

static void swap(void **state)
{
	(void)state;
	disk();
	tree_file(
		&tree, "proc/swaps",
		"Filename\t\t\t\tType\t\tSize\n/swapfile file 1\n/dev/nvme0n1p2 partition 8388604\t\t0\t\t-2\n");
	check_use("swap on /dev/nvme0n1p2");
	tree_file(&tree, "proc/swaps", "Filename\t\t\t\tType\t\tSize\n");
	check_use("");
}

#define ROUTES \
	"Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
#define LOCAL "ens1f0\t0000A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"

static void default_route(void **state)
{
	(void)state;
	tree_dir(&tree, DEVICE "/net/ens1f0");
	check_use("");
	tree_file(&tree, "proc/net/route", ROUTES LOCAL);
	check_use("");
	tree_file(&tree, "proc/net/route",
		  ROUTES LOCAL
		  "ens1f0\t00000000\t010200C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n");
	check_use("the default route by ens1f0");
	tree_file(&tree, "proc/net/route",
		  ROUTES LOCAL
		  "other\t00000000\t010200C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n");
	check_use("");
	/* a bridge on a bond on the port */
	tree_link(&tree, "sys/class/net/ens1f0/upper_bond0", "../bond0");
	tree_link(&tree, "sys/class/net/bond0/upper_other", "../other");
	check_use("the default route by ens1f0");
	tree_file(&tree, "proc/net/route",
		  ROUTES "other\t00000000\t00000000\t0001\t0\t0\t0\t000000FF\t0\t0\t0\n");
	check_use(""); /* 0.0.0.0/8 is no default route */
}

static void default_route_of_ipv6(void **state)
{
	(void)state;
	tree_dir(&tree, DEVICE "/net/ens1f0");
	tree_file(
		&tree, "proc/net/ipv6_route",
		"fe800000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001   ens1f0\n"
		"00000000000000000000000000000000 00 00000000000000000000000000000000 00 00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo\n");
	check_use("");
	tree_file(
		&tree, "proc/net/ipv6_route",
		"00000000000000000000000000000000 00 00000000000000000000000000000000 00 fe800000000000000000000000000001 00000400 00000001 00000000 00000003   ens1f0\n");
	check_use("the default route by ens1f0");
}

static void nothing_is_read_for_nothing(void **state)
{
	(void)state;
	assert_int_equal(unlinkat(tree.fd, "proc/self/mountinfo", 0), 0);
	check_use("");
	disk();
	collect();
	assert_int_equal(uses_describe(&host, &nodes, (char[128]){ 0 }, 128), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(no_such_function, setup, teardown),
		cmocka_unit_test_setup_teardown(function_without_nodes, setup, teardown),
		cmocka_unit_test_setup_teardown(nodes_of_a_gpu, setup, teardown),
		cmocka_unit_test_setup_teardown(nodes_of_vfio, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_left_out, setup, teardown),
		cmocka_unit_test_setup_teardown(nodes_of_a_disk, setup, teardown),
		cmocka_unit_test_setup_teardown(nodes_of_a_disk_with_two_controllers,
						setup, teardown),
		cmocka_unit_test_setup_teardown(network_interfaces, setup, teardown),
		cmocka_unit_test_setup_teardown(interfaces_of_a_switch, setup, teardown),
		cmocka_unit_test_setup_teardown(more_than_the_bounds, setup, teardown),
		cmocka_unit_test_setup_teardown(mounted_file_system, setup, teardown),
		cmocka_unit_test_setup_teardown(mounted_by_device_mapper, setup,
						teardown),
		cmocka_unit_test_setup_teardown(swap, setup, teardown),
		cmocka_unit_test_setup_teardown(default_route, setup, teardown),
		cmocka_unit_test_setup_teardown(default_route_of_ipv6, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing_is_read_for_nothing, setup,
						teardown),
	};

	return cmocka_run_group_tests_name("nodes", tests, NULL, NULL);
}

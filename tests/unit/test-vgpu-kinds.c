// SPDX-License-Identifier: GPL-2.0-or-later
/* test-vgpu-kinds.c - mediated devices, vGPU types, and what a card offers: what is made, refused, waited for */

/*
 * Real: kind-mdev.c, kind-vgpu.c, kind-offer.c, unheld.c, vendor.c, vfs.c, nodes_vfio().
 * Played: sys and proc are files and links in a temporary folder, and a function of each
 * test answers the writes, as Linux Documentation/ABI/testing/sysfs-bus-vfio-mdev and the
 * notes of people who have such cards say (played.h). With real drivers: tests/lab.
 */

#include "clock.h"
#include "file.h"
#include "kinds.h"
#include "nodes.h"
#include "played.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#define CARD   "0000:e8:00.0"
#define VF     "0000:e8:00.4"
#define VF2    "0000:e8:00.5"
#define BRIDGE TREE_BRIDGE
#define UUID   "2f82ee72-3ac5-4615-9c0b-327c12e8c83d"
#define OTHER  "2f82ee72-3ac5-4615-9c0b-327c12e8c83e"
#define MDEV   "sys/bus/mdev/devices/" UUID
#define VENDOR BRIDGE VF "/nvidia/"

static struct tree tree;
static struct host host;
static char have[STATE_LEN];

static void vf(unsigned int index, const char *bdf)
{
	char path[256], target[64];

	tree_function(&tree, bdf);
	snprintf(path, sizeof(path), BRIDGE CARD "/virtfn%u", index);
	snprintf(target, sizeof(target), "../%s", bdf);
	tree_link(&tree, path, target);
	tree_driver(&tree, bdf, "nvidia");
}

static int setup(void **state)
{
	(void)state;
	tree_make(&tree);
	assert_int_equal(host_open(&host, tree.path, kinds_boot), 0);
	host.deadline_ms = 50;
	host.nvidia_smi = "/nonexistent/nvidia-smi";
	tree_dir(&tree, "proc");
	tree_dir(&tree, "sys/bus/mdev/devices");
	tree_function(&tree, CARD);
	played_reset();
	strcpy(have, "untouched");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	host_close(&host);
	tree_remove(&tree);
	return 0;
}

static void check_get(const struct kind *k, const char *target, const char *want)
{
	assert_int_equal(k->get(&host, target, have), 0);
	assert_string_equal(have, want);
}

/* ---- mediated devices ---- */

static unsigned int refusals; /* how often the driver still says no */
static int refusal;

static int refuse(void)
{
	return refusals > 0 ? (refusals--, refusal) : 0;
}

static void type(const char *parent, const char *id)
{
	static const char *const files[] = { "create", "available_instances" };

	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		char path[256];

		snprintf(path, sizeof(path), "%s/mdev_supported_types/%s/%s", parent, id,
			 files[i]);
		tree_file(&tree, path, i ? "1\n" : "");
	}
}

/* as mdev_device_create() leaves it */
static void mdev_appears(const char *uuid, const char *parent, const char *id)
{
	char path[300], target[300];

	snprintf(path, sizeof(path), "%s/%s/remove", parent, uuid);
	tree_file(&tree, path, "");
	snprintf(path, sizeof(path), "%s/%s/mdev_type", parent, uuid);
	snprintf(target, sizeof(target), "../mdev_supported_types/%s", id);
	tree_link(&tree, path, target);
	snprintf(path, sizeof(path), "sys/bus/mdev/devices/%s", uuid);
	snprintf(target, sizeof(target), "../../../../%s/%s", parent, uuid);
	tree_link(&tree, path, target);
}

static void mdev_goes(const char *parent)
{
	char path[300];

	assert_int_equal(unlinkat(tree.fd, MDEV, 0), 0);
	snprintf(path, sizeof(path), "%s/" UUID "/remove", parent);
	assert_int_equal(unlinkat(tree.fd, path, 0), 0);
	snprintf(path, sizeof(path), "%s/" UUID "/mdev_type", parent);
	assert_int_equal(unlinkat(tree.fd, path, 0), 0);
	snprintf(path, sizeof(path), "%s/" UUID "/iommu_group", parent);
	assert_true(unlinkat(tree.fd, path, 0) == 0 || errno == ENOENT);
	snprintf(path, sizeof(path), "%s/" UUID, parent);
	assert_int_equal(unlinkat(tree.fd, path, AT_REMOVEDIR), 0);
}

static int creates_on_vf(const char *path, const char *value)
{
	int r = refuse();

	assert_string_equal(path, "sys/bus/pci/devices/" VF
				  "/mdev_supported_types/nvidia-558/create");
	assert_string_equal(value, UUID);
	if (r == 0)
		mdev_appears(UUID, BRIDGE VF, "nvidia-558");
	return r;
}

static void mdev_is_made(void **state)
{
	(void)state;
	tree_function(&tree, VF);
	type(BRIDGE VF, "nvidia-558");
	check_get(&kind_mdev, UUID, "none");
	played_kernel = creates_on_vf;
	assert_int_equal(kind_mdev.set(&host, UUID, VF " nvidia-558"), 0);
	check_get(&kind_mdev, UUID, VF " nvidia-558");
	assert_int_equal(played_writes, 1);
	assert_int_equal(kind_mdev.set(&host, UUID, VF " nvidia-558"), 0);
	assert_int_equal(played_writes, 1);
}

#define MBOCHS "sys/devices/virtual/mbochs/mbochs"

static int creates_on_mbochs(const char *path, const char *value)
{
	assert_string_equal(path, "sys/class/mdev_bus/mbochs/mdev_supported_types/"
				  "mbochs-small/create");
	assert_string_equal(value, UUID);
	mdev_appears(UUID, MBOCHS, "mbochs-small");
	return 0;
}

static void mdev_on_a_device_that_is_no_pci_function(void **state)
{
	(void)state;
	type(MBOCHS, "mbochs-small");
	tree_link(&tree, "sys/class/mdev_bus/mbochs",
		  "../../devices/virtual/mbochs/mbochs");
	played_kernel = creates_on_mbochs;
	assert_int_equal(kind_mdev.set(&host, UUID, "mbochs mbochs-small"), 0);
	check_get(&kind_mdev, UUID, "mbochs mbochs-small");
}

static void mdev_states_that_are_none(void **state)
{
	static const char *const states[] = {
		"", VF, VF " a b", "../x y", "x ../../y", ". y",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(states); i++)
		assert_int_equal(kind_mdev.set(&host, UUID, states[i]), -EINVAL);
	assert_int_equal(kind_mdev.get(&host, "../../x", have), -EINVAL);
	assert_int_equal(kind_mdev.set(&host, "x", VF " nvidia-558"), -EINVAL);
	assert_string_equal(have, "untouched");
	assert_int_equal(kind_mdev.set(&host, UUID, VF " nvidia-558"), -ENOENT);
	tree_function(&tree, VF);
	type(BRIDGE VF, "nvidia-558");
	assert_int_equal(kind_mdev.set(&host, UUID, VF " nvidia-559"), -ENOENT);
	assert_int_equal(played_writes, 0);
}

static void mdev_on_a_full_card(void **state)
{
	static const int answers[] = { -EUSERS, -ENOSPC, -EINVAL, -EIO };

	(void)state;
	tree_function(&tree, VF);
	type(BRIDGE VF, "nvidia-558");
	tree_file(&tree, BRIDGE VF "/mdev_supported_types/nvidia-558/available_instances",
		  "0\n");
	played_kernel = creates_on_vf;
	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		refusal = answers[i];
		refusals = 1000;
		assert_int_equal(kind_mdev.set(&host, UUID, VF " nvidia-558"), -ENOSPC);
	}
	refusals = 2; /* a VM has just gone */
	host.deadline_ms = 20000;
	assert_int_equal(kind_mdev.set(&host, UUID, VF " nvidia-558"), 0);
	assert_int_equal(refusals, 0);
}

static void mdev_that_the_driver_refuses(void **state)
{
	(void)state;
	tree_function(&tree, VF);
	type(BRIDGE VF, "nvidia-558");
	played_kernel = creates_on_vf;
	refusal = -EINVAL; /* nothing that passes */
	refusals = 1000;
	assert_int_equal(kind_mdev.set(&host, UUID, VF " nvidia-558"), -EINVAL);
	assert_int_equal(played_writes, 1);
	refusal = -EPERM;
	assert_int_equal(kind_mdev.set(&host, UUID, VF " nvidia-558"), -EBUSY);
	refusal = -EIO;
	assert_int_equal(kind_mdev.set(&host, UUID, VF " nvidia-558"), -EIO);
	refusals = 0;
	played_kernel = NULL; /* it takes the write and nothing appears */
	assert_int_equal(kind_mdev.set(&host, UUID, VF " nvidia-558"), -EIO);
	check_get(&kind_mdev, UUID, "none");
}

static int somebody_was_faster(const char *path, const char *value)
{
	(void)path;
	(void)value;
	mdev_appears(UUID, BRIDGE VF, "nvidia-558");
	return -EEXIST;
}

static void mdev_that_is_there_already(void **state)
{
	(void)state;
	tree_function(&tree, VF);
	tree_function(&tree, VF2);
	type(BRIDGE VF, "nvidia-558");
	type(BRIDGE VF, "nvidia-559");
	type(BRIDGE VF2, "nvidia-558");
	played_kernel = somebody_was_faster;
	assert_int_equal(kind_mdev.set(&host, UUID, VF " nvidia-558"), 0);
	assert_int_equal(played_writes, 1);
	assert_int_equal(kind_mdev.set(&host, UUID, VF " nvidia-559"), -EEXIST);
	assert_int_equal(kind_mdev.set(&host, UUID, VF2 " nvidia-558"), -EEXIST);
	assert_int_equal(played_writes, 1);
	check_get(&kind_mdev, UUID, VF " nvidia-558");
	mdev_goes(BRIDGE VF);
	assert_int_equal(kind_mdev.set(&host, UUID, VF " nvidia-559"), -EEXIST);
}

static int removes(const char *path, const char *value)
{
	int r = refuse();

	assert_string_equal(path, MDEV "/remove");
	assert_string_equal(value, "1");
	/* the kernel would wait for ever */
	assert_false(file_exists(tree.fd, "proc/4242/fd/3"));
	if (r == 0)
		mdev_goes(BRIDGE VF);
	return r;
}

static void made_mdev(void)
{
	tree_function(&tree, VF);
	type(BRIDGE VF, "nvidia-558");
	mdev_appears(UUID, BRIDGE VF, "nvidia-558");
	played_kernel = removes;
}

static void mdev_is_removed(void **state)
{
	(void)state;
	made_mdev();
	assert_int_equal(kind_mdev.set(&host, UUID, "none"), 0);
	check_get(&kind_mdev, UUID, "none");
	assert_int_equal(played_writes, 1);
	assert_int_equal(kind_mdev.set(&host, UUID, "none"), 0);
	assert_int_equal(played_writes, 1);
}

/* /dev/full is open as a VM has the VFIO group open */
static void held(const char *folder)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/iommu_group", folder);
	tree_link(&tree, path, "../../kernel/iommu_groups/16");
	tree_file(&tree, "sys/class/vfio/16/dev", "1:7\n");
	tree_link(&tree, "proc/4242/fd/3", "/dev/full");
}

static void mdev_that_a_vm_has(void **state)
{
	(void)state;
	made_mdev();
	held(BRIDGE VF "/" UUID);
	assert_int_equal(kind_mdev.set(&host, UUID, "none"), -EBUSY);
	assert_int_equal(played_writes, 0);
	check_get(&kind_mdev, UUID, VF " nvidia-558");
}

/* a child that lets go after a while */
static pid_t let_go_later(unsigned int ms)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		clock_sleep(ms);
		_exit(unlinkat(tree.fd, "proc/4242/fd/3", 0) < 0);
	}
	return pid;
}

static void reap(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void mdev_that_a_vm_lets_go(void **state)
{
	pid_t pid;

	(void)state;
	made_mdev();
	held(BRIDGE VF "/" UUID);
	host.deadline_ms = 20000;
	pid = let_go_later(200);
	assert_int_equal(kind_mdev.set(&host, UUID, "none"), 0);
	reap(pid);
	assert_int_equal(played_writes, 1);
}

/* VFIO's character device is found without a group */
static void mdev_that_a_vm_has_by_iommufd(void **state)
{
	(void)state;
	made_mdev();
	tree_file(&tree, BRIDGE VF "/" UUID "/vfio-dev/vfio3/dev", "1:7\n");
	tree_link(&tree, "proc/4242/fd/3", "/dev/full");
	assert_int_equal(kind_mdev.set(&host, UUID, "none"), -EBUSY);
	assert_int_equal(played_writes, 0);
}

static void mdev_whose_driver_needs_a_while(void **state)
{
	static const int answers[] = { -EBUSY, -EPERM, -EIO, -EAGAIN };

	(void)state;
	made_mdev();
	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		refusal = answers[i];
		refusals = 1000;
		assert_int_equal(kind_mdev.set(&host, UUID, "none"),
				 answers[i] == -EIO ? -EIO : -EBUSY);
	}
	refusals = 2;
	host.deadline_ms = 20000;
	assert_int_equal(kind_mdev.set(&host, UUID, "none"), 0);
	assert_int_equal(refusals, 0);
}

static int goes_by_itself(const char *path, const char *value)
{
	(void)path;
	(void)value;
	mdev_goes(BRIDGE VF);
	return -ENODEV;
}

static int hangs(const char *path, const char *value)
{
	(void)path;
	(void)value;
	return -ETIME;
}

static void mdev_that_goes_otherwise(void **state)
{
	(void)state;
	made_mdev();
	played_kernel = goes_by_itself;
	assert_int_equal(kind_mdev.set(&host, UUID, "none"), 0);
	made_mdev();
	played_kernel = hangs;
	assert_int_equal(kind_mdev.set(&host, UUID, "none"), -ETIME);
	assert_int_equal(played_writes, 2);
	played_kernel = NULL; /* taken, and nothing happens */
	assert_int_equal(kind_mdev.set(&host, UUID, "none"), -EIO);
	/* half removed, by somebody else, as long as it is held: no state to be given back */
	assert_int_equal(unlinkat(tree.fd, BRIDGE VF "/" UUID "/mdev_type", 0), 0);
	assert_int_equal(kind_mdev.get(&host, UUID, have), -EBUSY);
	assert_int_equal(kind_mdev.set(&host, UUID, VF " nvidia-558"), -EBUSY);
}

/* ---- vGPU types of the vendor's framework ---- */

static void vendor(const char *current, const char *list)
{
	tree_function(&tree, VF);
	tree_file(&tree, VENDOR "current_vgpu_type", current);
	tree_file(&tree, VENDOR "creatable_vgpu_types", list);
}

#define LIST "ID    : vGPU Name\n1152  : NVIDIA L40S-8Q\n1153  : NVIDIA L40S-12Q\n"

static int takes_types(const char *path, const char *value)
{
	int r = refuse();
	const char *now = tree_text(&tree, VENDOR "current_vgpu_type");

	assert_string_equal(path, "sys/bus/pci/devices/" VF "/nvidia/current_vgpu_type");
	assert_false(file_exists(tree.fd, "proc/4242/fd/3"));
	if (r == 0 && strcmp(value, "0") != 0 && strtoul(now, NULL, 10) != 0)
		return -EIO; /* not from one type to another */
	return r;
}

static void type_is_given_and_taken(void **state)
{
	(void)state;
	vendor("0\n", LIST);
	played_kernel = takes_types;
	check_get(&kind_vgpu, VF, "none");
	assert_int_equal(kind_vgpu.set(&host, VF, "none"), 0);
	assert_int_equal(played_writes, 0);
	assert_int_equal(kind_vgpu.set(&host, VF, "1152"), 0);
	check_get(&kind_vgpu, VF, "1152");
	assert_int_equal(kind_vgpu.set(&host, VF, "1152"), 0);
	assert_int_equal(played_writes, 1);
	/* another type may be somebody else's vGPU */
	assert_int_equal(kind_vgpu.set(&host, VF, "1153"), -EEXIST);
	check_get(&kind_vgpu, VF, "1152");
	assert_int_equal(played_writes, 1);
	assert_int_equal(kind_vgpu.set(&host, VF, "none"), 0);
	check_get(&kind_vgpu, VF, "none");
	assert_string_equal(tree_text(&tree, VENDOR "current_vgpu_type"), "0");
}

static void type_states_that_are_none(void **state)
{
	static const char *const states[] = {
		"", "0", "x", "-1", "1152 x", "99999999999"
	};

	(void)state;
	assert_int_equal(kind_vgpu.get(&host, VF, have), -ENOENT);
	assert_int_equal(kind_vgpu.set(&host, VF, "1152"), -ENOENT);
	vendor("0\n", LIST);
	for (size_t i = 0; i < ARRAY_LEN(states); i++)
		assert_int_equal(kind_vgpu.set(&host, VF, states[i]), -EINVAL);
	vendor("what\n", LIST);
	assert_int_equal(kind_vgpu.get(&host, VF, have), -EBADMSG);
	assert_string_equal(have, "untouched");
	assert_int_equal(played_writes, 0);
}

static void type_that_is_not_offered(void **state)
{
	static const char *const lists[] = {
		"",
		"ID    : vGPU Name\n",
		"11520 : NVIDIA X\n",
		"115 : NVIDIA X\n1152\n",
		"1153 : NVIDIA 1152 : x\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		vendor("0\n", lists[i]);
		assert_int_equal(kind_vgpu.set(&host, VF, "1152"), -ENOSPC);
	}
	assert_int_equal(played_writes, 0);
	vendor("0\n", " 1152: NVIDIA L40S-8Q");
	assert_int_equal(kind_vgpu.set(&host, VF, "1152"), 0);
	/* without a list the driver is asked */
	assert_int_equal(unlinkat(tree.fd, VENDOR "creatable_vgpu_types", 0), 0);
	assert_int_equal(kind_vgpu.set(&host, VF, "none"), 0);
	assert_int_equal(kind_vgpu.set(&host, VF, "1152"), 0);
}

static int room_is_taken(const char *path, const char *value)
{
	(void)path;
	(void)value;
	tree_file(&tree, VENDOR "creatable_vgpu_types", "ID    : vGPU Name\n");
	return -EIO;
}

static void type_that_the_driver_refuses(void **state)
{
	(void)state;
	vendor("0\n", LIST);
	played_kernel = room_is_taken;
	assert_int_equal(kind_vgpu.set(&host, VF, "1152"), -ENOSPC);
	vendor("0\n", LIST);
	played_kernel = takes_types;
	refusals = 1000;
	refusal = -EIO;
	assert_int_equal(kind_vgpu.set(&host, VF, "1152"), -EIO);
	refusal = -EPERM;
	assert_int_equal(kind_vgpu.set(&host, VF, "1152"), -EBUSY);
	refusal = -EINVAL;
	assert_int_equal(kind_vgpu.set(&host, VF, "1152"), -EINVAL);
	played_kernel = hangs;
	assert_int_equal(kind_vgpu.set(&host, VF, "1152"), -ETIME);
}

static int forgets(const char *path, const char *value)
{
	(void)path;
	(void)value;
	return 1; /* taken, and not there */
}

static void type_that_reads_back_as_another(void **state)
{
	(void)state;
	vendor("0\n", LIST);
	played_kernel = forgets;
	assert_int_equal(kind_vgpu.set(&host, VF, "1152"), -EIO);
	vendor("1153\n", LIST);
	assert_int_equal(kind_vgpu.set(&host, VF, "none"), -EIO);
}

static void type_of_a_function_that_a_vm_has(void **state)
{
	pid_t pid;

	(void)state;
	vendor("1152\n", LIST);
	held(BRIDGE VF);
	played_kernel = takes_types;
	assert_int_equal(kind_vgpu.set(&host, VF, "none"), -EBUSY);
	assert_int_equal(kind_vgpu.set(&host, VF, "1153"), -EEXIST);
	assert_int_equal(played_writes, 0);
	check_get(&kind_vgpu, VF, "1152");
	host.deadline_ms = 20000;
	pid = let_go_later(200);
	refusals = 2; /* and then the driver needs a while */
	refusal = -EPERM;
	assert_int_equal(kind_vgpu.set(&host, VF, "none"), 0);
	reap(pid);
	assert_int_equal(played_writes, 3);
	check_get(&kind_vgpu, VF, "none");
}

/* ---- what a card offers ---- */

static void offer_of_other_drivers(void **state)
{
	(void)state;
	assert_int_equal(kind_offer.get(&host, "0000:ff:00.0", have), -ENODEV);
	assert_int_equal(kind_offer.set(&host, "0000:ff:00.0", "ready"), -ENODEV);
	assert_int_equal(kind_offer.set(&host, CARD, "waiting"), -EINVAL);
	check_get(&kind_offer, CARD, "waiting");
	assert_int_equal(kind_offer.set(&host, CARD, "ready"), -ETIME);
	played_writes = 0;
	tree_driver(&tree, CARD, "xe");
	check_get(&kind_offer, CARD, "ready");
	assert_int_equal(kind_offer.set(&host, CARD, "ready"), 0);
	assert_int_equal(played_writes, 0);
}

/* unbind and drivers_probe of the bus, which gives all that is lost to nvidia */
static int bus(const char *path, const char *value)
{
	char link[256];

	snprintf(link, sizeof(link), BRIDGE "%s/driver", value);
	if (strcmp(path, "sys/bus/pci/drivers/pci-pf-stub/unbind") == 0) {
		assert_int_equal(unlinkat(tree.fd, link, 0), 0);
		return 0;
	}
	assert_string_equal(path, "sys/bus/pci/drivers_probe");
	assert_false(file_exists(tree.fd, link));
	tree_driver(&tree, value, "nvidia");
	return 0;
}

static void loses(const char *bdf, const char *stub)
{
	char link[256];

	snprintf(link, sizeof(link), BRIDGE "%s/driver", bdf);
	assert_int_equal(unlinkat(tree.fd, link, 0), 0);
	if (stub)
		tree_driver(&tree, bdf, stub);
}

static void card_with_a_function(void)
{
	tree_driver(&tree, CARD, "nvidia");
	tree_file(&tree, BRIDGE CARD "/vendor", "0x10de\n");
	tree_file(&tree, "sys/bus/pci/drivers_probe", "");
	tree_file(&tree, "sys/bus/pci/drivers/pci-pf-stub/unbind", "");
	tree_dir(&tree, "sys/bus/pci/drivers/nvidia");
	vf(0, VF);
	vf(1, VF2);
	type(BRIDGE VF, "nvidia-558");
	played_kernel = bus;
}

/* sriov-manage was killed: behind each of its steps, with all virtual functions there */
static void offer_of_a_card_that_was_lost(void **state)
{
	static const struct {
		const char *bdf, *stub;
	} lost[] = { { CARD, "pci-pf-stub" },
		     { CARD, NULL },
		     { VF, NULL },
		     { VF2, NULL },
		     { VF2, "pci-pf-stub" } };

	(void)state;
	card_with_a_function();
	check_get(&kind_offer, CARD, "ready");
	for (size_t i = 0; i < ARRAY_LEN(lost); i++) {
		loses(lost[i].bdf, lost[i].stub);
		check_get(&kind_offer, CARD, "waiting");
		assert_int_equal(kind_offer.set(&host, CARD, "ready"), 0);
		check_get(&kind_offer, CARD, "ready");
	}
	assert_int_equal(played_writes, 7);
}

/* what is so on purpose: functions that no driver shall take, another maker's stub */
static void offer_of_a_card_that_is_not_lost(void **state)
{
	(void)state;
	card_with_a_function();
	tree_file(&tree, BRIDGE CARD "/sriov_drivers_autoprobe", "0\n");
	loses(VF2, NULL);
	check_get(&kind_offer, CARD, "ready");
	tree_file(&tree, BRIDGE CARD "/vendor", "0x1d0f\n");
	loses(CARD, "pci-pf-stub");
	check_get(&kind_offer, CARD, "ready");
	assert_int_equal(played_writes, 0);
}

static void offer_before_there_are_functions(void **state)
{
	(void)state;
	tree_driver(&tree, CARD, "nvidia");
	check_get(&kind_offer, CARD, "waiting");
	tree_file(&tree, BRIDGE CARD "/sriov_totalvfs", "0\n");
	check_get(&kind_offer, CARD, "waiting");
	tree_file(&tree, BRIDGE CARD "/sriov_totalvfs", "32\n");
	check_get(&kind_offer, CARD, "ready");
	vf(0, VF);
	check_get(&kind_offer, CARD, "waiting");
}

static void offer_of_mediated_devices(void **state)
{
	(void)state;
	tree_driver(&tree, CARD, "nvidia");
	tree_dir(&tree, BRIDGE CARD "/mdev_supported_types");
	check_get(&kind_offer, CARD, "waiting");
	type(BRIDGE CARD, "nvidia-63");
	check_get(&kind_offer, CARD, "ready");
	/* none can be made: the driver is starting, or the card is full */
	tree_file(&tree,
		  BRIDGE CARD "/mdev_supported_types/nvidia-63/available_instances",
		  "0\n");
	tree_dir(&tree, BRIDGE CARD "/mdev_supported_types/nvidia-63/devices");
	check_get(&kind_offer, CARD, "waiting");
	tree_dir(&tree, BRIDGE CARD "/mdev_supported_types/nvidia-63/devices/" UUID);
	check_get(&kind_offer, CARD, "ready");
}

static void offer_of_one_function(void **state)
{
	(void)state;
	tree_driver(&tree, CARD, "nvidia");
	vf(0, VF);
	vf(1, VF2);
	tree_dir(&tree, BRIDGE VF "/mdev_supported_types");
	check_get(&kind_offer, CARD, "waiting");
	type(BRIDGE VF2, "nvidia-558");
	check_get(&kind_offer, CARD, "ready");
}

static void offer_of_vendor_types(void **state)
{
	(void)state;
	tree_driver(&tree, CARD, "nvidia");
	vf(0, VF);
	vendor("0\n", "ID    : vGPU Name\n");
	check_get(&kind_offer, CARD, "waiting");
	vendor("0\n", LIST);
	check_get(&kind_offer, CARD, "ready");
	/* full: nothing more is offered */
	vendor("1152\n", "");
	check_get(&kind_offer, CARD, "ready");
}

/* nvidia-vgpud registers the types some time after the functions are there */
static void offer_that_comes_late(void **state)
{
	pid_t pid;

	(void)state;
	tree_driver(&tree, CARD, "nvidia");
	vf(0, VF);
	vendor("0\n", "");
	host.deadline_ms = 20000;
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		clock_sleep(200);
		tree_file(&tree, VENDOR "creatable_vgpu_types", LIST);
		_exit(0);
	}
	assert_int_equal(kind_offer.set(&host, CARD, "ready"), 0);
	reap(pid);
}

/* in MIG mode there are no types before there are instances */
static void offer_in_mig_mode(void **state)
{
	char smi[512];

	(void)state;
	tree_driver(&tree, CARD, "nvidia");
	vf(0, VF);
	vendor("0\n", "");
	tree_file(&tree, "nvidia-smi",
		  "#!/bin/sh\n"
		  "case $1 in -i) echo 'Enabled, Enabled' ;;\n"
		  "*) echo 'No GPU instances found: Not Found'; exit 6 ;; esac\n");
	assert_int_equal(fchmodat(tree.fd, "nvidia-smi", 0755, 0), 0);
	snprintf(smi, sizeof(smi), "%s/nvidia-smi", tree.path);
	host.deadline_ms = 20000;
	host.nvidia_smi = smi;
	check_get(&kind_offer, CARD, "ready");
	assert_int_equal(kind_offer.set(&host, CARD, "ready"), 0);
}

/* a card that does not answer: nvidia-smi is asked once, not at the beginning and the end */
static void offer_while_nvidia_smi_hangs(void **state)
{
	char smi[512];

	(void)state;
	tree_driver(&tree, CARD, "nvidia");
	vf(0, VF);
	vendor("0\n", "");
	tree_file(&tree, "nvidia-smi",
		  "#!/bin/sh\necho >> \"${0%/*}/asked\"\nexec sleep 60\n");
	assert_int_equal(fchmodat(tree.fd, "nvidia-smi", 0755, 0), 0);
	snprintf(smi, sizeof(smi), "%s/nvidia-smi", tree.path);
	host.deadline_ms = 500;
	host.nvidia_smi = smi;
	assert_int_equal(kind_offer.set(&host, CARD, "ready"), -ETIME);
	assert_string_equal(tree_text(&tree, "asked"), "\n");
	assert_int_equal(kind_offer.get(&host, CARD, have), -ETIME);
}

/* part of a sentence behind a colon, or nothing */
static void remedies(void **state)
{
	(void)state;
	for (const struct kind *const *k = kinds_boot; *k; k++)
		for (int e = 1; e < 140; e++) {
			const char *text = (*k)->remedy(-e);

			if (!text)
				continue;
			unit_check_sentence(text);
			assert_true(text[strlen(text) - 1] != '.');
		}
	assert_ptr_equal(kind_find(&host, "mdev"), &kind_mdev);
	assert_ptr_equal(kind_find(&host, "vgpu"), &kind_vgpu);
	assert_ptr_equal(kind_find(&host, "mig-mode"), &kind_mig_mode);
	host.kinds = kinds_all;
	assert_ptr_equal(kind_find(&host, "vgpu"), &kind_vgpu);
	assert_null(kind_find(&host, "numvfs"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(mdev_is_made),
		TEST(mdev_on_a_device_that_is_no_pci_function),
		TEST(mdev_states_that_are_none),
		TEST(mdev_on_a_full_card),
		TEST(mdev_that_the_driver_refuses),
		TEST(mdev_that_is_there_already),
		TEST(mdev_is_removed),
		TEST(mdev_that_a_vm_has),
		TEST(mdev_that_a_vm_lets_go),
		TEST(mdev_that_a_vm_has_by_iommufd),
		TEST(mdev_whose_driver_needs_a_while),
		TEST(mdev_that_goes_otherwise),
		TEST(type_is_given_and_taken),
		TEST(type_states_that_are_none),
		TEST(type_that_is_not_offered),
		TEST(type_that_the_driver_refuses),
		TEST(type_that_reads_back_as_another),
		TEST(type_of_a_function_that_a_vm_has),
		TEST(offer_of_other_drivers),
		TEST(offer_of_a_card_that_was_lost),
		TEST(offer_of_a_card_that_is_not_lost),
		TEST(offer_before_there_are_functions),
		TEST(offer_of_mediated_devices),
		TEST(offer_of_one_function),
		TEST(offer_of_vendor_types),
		TEST(offer_that_comes_late),
		TEST(offer_in_mig_mode),
		TEST(offer_while_nvidia_smi_hangs),
		TEST(remedies),
	};

	return cmocka_run_group_tests_name("vgpu-kinds", tests, NULL, NULL);
}

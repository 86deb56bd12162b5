// SPDX-License-Identifier: GPL-2.0-or-later
/* test-kind-mdev.c - mediated devices: what is made, removed, refused, waited for */

/*
 * Real: kind-mdev.c, unheld.c, nodes_vfio().
 * Played: sys and proc are files and links in a temporary folder, and a function of each
 * test answers the writes, as Linux Documentation/ABI/testing/sysfs-bus-vfio-mdev and the
 * notes of people who have such cards say (played.h). With real drivers: tests/lab.
 */

#include "card.h"
#include "file.h"
#include "played.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define MDEV "sys/bus/mdev/devices/" CARD_UUID

/* as mdev_device_create() leaves it */
static void mdev_appears(const char *uuid, const char *parent, const char *id)
{
	char path[300], target[300];

	snprintf(path, sizeof(path), "%s/%s/remove", parent, uuid);
	tree_file(&card.tree, path, "");
	snprintf(path, sizeof(path), "%s/%s/mdev_type", parent, uuid);
	snprintf(target, sizeof(target), "../mdev_supported_types/%s", id);
	tree_link(&card.tree, path, target);
	snprintf(path, sizeof(path), "sys/bus/mdev/devices/%s", uuid);
	snprintf(target, sizeof(target), "../../../../%s/%s", parent, uuid);
	tree_link(&card.tree, path, target);
}

static void mdev_goes(const char *parent)
{
	char path[300];

	assert_int_equal(unlinkat(card.tree.fd, MDEV, 0), 0);
	snprintf(path, sizeof(path), "%s/" CARD_UUID "/remove", parent);
	assert_int_equal(unlinkat(card.tree.fd, path, 0), 0);
	snprintf(path, sizeof(path), "%s/" CARD_UUID "/mdev_type", parent);
	assert_int_equal(unlinkat(card.tree.fd, path, 0), 0);
	snprintf(path, sizeof(path), "%s/" CARD_UUID "/iommu_group", parent);
	assert_true(unlinkat(card.tree.fd, path, 0) == 0 || errno == ENOENT);
	snprintf(path, sizeof(path), "%s/" CARD_UUID, parent);
	assert_int_equal(unlinkat(card.tree.fd, path, AT_REMOVEDIR), 0);
}

static int creates_on_vf(const char *path, const char *value)
{
	int r = card_refuse();

	assert_string_equal(path, "sys/bus/pci/devices/" CARD_VF
				  "/mdev_supported_types/nvidia-558/create");
	assert_string_equal(value, CARD_UUID);
	if (r == 0)
		mdev_appears(CARD_UUID, TREE_BRIDGE CARD_VF, "nvidia-558");
	return r;
}

static void mdev_is_made(void **state)
{
	(void)state;
	tree_function(&card.tree, CARD_VF);
	card_type(TREE_BRIDGE CARD_VF, "nvidia-558");
	card_check_get(&kind_mdev, CARD_UUID, "none");
	played_kernel = creates_on_vf;
	assert_int_equal(kind_mdev.set(&card.host, CARD_UUID, CARD_VF " nvidia-558"), 0);
	card_check_get(&kind_mdev, CARD_UUID, CARD_VF " nvidia-558");
	assert_int_equal(played_writes, 1);
	assert_int_equal(kind_mdev.set(&card.host, CARD_UUID, CARD_VF " nvidia-558"), 0);
	assert_int_equal(played_writes, 1);
}

#define MBOCHS "sys/devices/virtual/mbochs/mbochs"

static int creates_on_mbochs(const char *path, const char *value)
{
	assert_string_equal(path, "sys/class/mdev_bus/mbochs/mdev_supported_types/"
				  "mbochs-small/create");
	assert_string_equal(value, CARD_UUID);
	mdev_appears(CARD_UUID, MBOCHS, "mbochs-small");
	return 0;
}

static void mdev_on_a_device_that_is_no_pci_function(void **state)
{
	(void)state;
	card_type(MBOCHS, "mbochs-small");
	tree_link(&card.tree, "sys/class/mdev_bus/mbochs",
		  "../../devices/virtual/mbochs/mbochs");
	played_kernel = creates_on_mbochs;
	assert_int_equal(kind_mdev.set(&card.host, CARD_UUID, "mbochs mbochs-small"), 0);
	card_check_get(&kind_mdev, CARD_UUID, "mbochs mbochs-small");
}

static void mdev_states_that_are_none(void **state)
{
	static const char *const states[] = {
		"", CARD_VF, CARD_VF " a b", "../x y", "x ../../y", ". y",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(states); i++)
		assert_int_equal(kind_mdev.set(&card.host, CARD_UUID, states[i]),
				 -EINVAL);
	assert_int_equal(kind_mdev.get(&card.host, "../../x", card.have), -EINVAL);
	assert_int_equal(kind_mdev.set(&card.host, "x", CARD_VF " nvidia-558"), -EINVAL);
	assert_string_equal(card.have, "untouched");
	assert_int_equal(kind_mdev.set(&card.host, CARD_UUID, CARD_VF " nvidia-558"),
			 -ENOENT);
	tree_function(&card.tree, CARD_VF);
	card_type(TREE_BRIDGE CARD_VF, "nvidia-558");
	assert_int_equal(kind_mdev.set(&card.host, CARD_UUID, CARD_VF " nvidia-559"),
			 -ENOENT);
	assert_int_equal(played_writes, 0);
}

static void mdev_on_a_full_card(void **state)
{
	static const int answers[] = { -EUSERS, -ENOSPC, -EINVAL, -EIO };

	(void)state;
	tree_function(&card.tree, CARD_VF);
	card_type(TREE_BRIDGE CARD_VF, "nvidia-558");
	tree_file(&card.tree,
		  TREE_BRIDGE CARD_VF
		  "/mdev_supported_types/nvidia-558/available_instances",
		  "0\n");
	played_kernel = creates_on_vf;
	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		card.refusal = answers[i];
		card.refusals = 1000;
		assert_int_equal(
			kind_mdev.set(&card.host, CARD_UUID, CARD_VF " nvidia-558"),
			-ENOSPC);
	}
	card.refusals = 2; /* a VM has just gone */
	card.host.deadline_ms = 20000;
	assert_int_equal(kind_mdev.set(&card.host, CARD_UUID, CARD_VF " nvidia-558"), 0);
	assert_int_equal(card.refusals, 0);
}

static void mdev_that_the_driver_refuses(void **state)
{
	(void)state;
	tree_function(&card.tree, CARD_VF);
	card_type(TREE_BRIDGE CARD_VF, "nvidia-558");
	played_kernel = creates_on_vf;
	card.refusal = -EINVAL; /* nothing that passes */
	card.refusals = 1000;
	assert_int_equal(kind_mdev.set(&card.host, CARD_UUID, CARD_VF " nvidia-558"),
			 -EINVAL);
	assert_int_equal(played_writes, 1);
	card.refusal = -EPERM;
	assert_int_equal(kind_mdev.set(&card.host, CARD_UUID, CARD_VF " nvidia-558"),
			 -EBUSY);
	/* "too many users" is a full card, whatever its list still says */
	card.refusal = -EUSERS;
	assert_int_equal(kind_mdev.set(&card.host, CARD_UUID, CARD_VF " nvidia-558"),
			 -ENOSPC);
	card.refusal = -EIO;
	assert_int_equal(kind_mdev.set(&card.host, CARD_UUID, CARD_VF " nvidia-558"),
			 -EIO);
	card.refusals = 0;
	played_kernel = NULL; /* it takes the write and nothing appears */
	assert_int_equal(kind_mdev.set(&card.host, CARD_UUID, CARD_VF " nvidia-558"),
			 -EIO);
	card_check_get(&kind_mdev, CARD_UUID, "none");
}

static int somebody_was_faster(const char *path, const char *value)
{
	(void)path;
	(void)value;
	mdev_appears(CARD_UUID, TREE_BRIDGE CARD_VF, "nvidia-558");
	return -EEXIST;
}

static void mdev_that_is_there_already(void **state)
{
	(void)state;
	tree_function(&card.tree, CARD_VF);
	tree_function(&card.tree, CARD_VF2);
	card_type(TREE_BRIDGE CARD_VF, "nvidia-558");
	card_type(TREE_BRIDGE CARD_VF, "nvidia-559");
	card_type(TREE_BRIDGE CARD_VF2, "nvidia-558");
	played_kernel = somebody_was_faster;
	assert_int_equal(kind_mdev.set(&card.host, CARD_UUID, CARD_VF " nvidia-558"), 0);
	assert_int_equal(played_writes, 1);
	assert_int_equal(kind_mdev.set(&card.host, CARD_UUID, CARD_VF " nvidia-559"),
			 -EEXIST);
	assert_int_equal(kind_mdev.set(&card.host, CARD_UUID, CARD_VF2 " nvidia-558"),
			 -EEXIST);
	assert_int_equal(played_writes, 1);
	card_check_get(&kind_mdev, CARD_UUID, CARD_VF " nvidia-558");
	mdev_goes(TREE_BRIDGE CARD_VF);
	assert_int_equal(kind_mdev.set(&card.host, CARD_UUID, CARD_VF " nvidia-559"),
			 -EEXIST);
}

static int removes(const char *path, const char *value)
{
	int r = card_refuse();

	assert_string_equal(path, MDEV "/remove");
	assert_string_equal(value, "1");
	/* the kernel would wait for ever */
	assert_false(file_exists(card.tree.fd, "proc/4242/fd/3"));
	if (r == 0)
		mdev_goes(TREE_BRIDGE CARD_VF);
	return r;
}

static void made_mdev(void)
{
	tree_function(&card.tree, CARD_VF);
	card_type(TREE_BRIDGE CARD_VF, "nvidia-558");
	mdev_appears(CARD_UUID, TREE_BRIDGE CARD_VF, "nvidia-558");
	played_kernel = removes;
}

static void mdev_is_removed(void **state)
{
	(void)state;
	made_mdev();
	assert_int_equal(kind_mdev.set(&card.host, CARD_UUID, "none"), 0);
	card_check_get(&kind_mdev, CARD_UUID, "none");
	assert_int_equal(played_writes, 1);
	assert_int_equal(kind_mdev.set(&card.host, CARD_UUID, "none"), 0);
	assert_int_equal(played_writes, 1);
}

static void mdev_that_a_vm_has(void **state)
{
	(void)state;
	made_mdev();
	card_hold(TREE_BRIDGE CARD_VF "/" CARD_UUID);
	assert_int_equal(kind_mdev.set(&card.host, CARD_UUID, "none"), -EBUSY);
	assert_int_equal(played_writes, 0);
	card_check_get(&kind_mdev, CARD_UUID, CARD_VF " nvidia-558");
}

static void mdev_that_a_vm_lets_go(void **state)
{
	pid_t pid;

	(void)state;
	made_mdev();
	card_hold(TREE_BRIDGE CARD_VF "/" CARD_UUID);
	card.host.deadline_ms = 20000;
	pid = card_let_go_later(200);
	assert_int_equal(kind_mdev.set(&card.host, CARD_UUID, "none"), 0);
	card_reap(pid);
	assert_int_equal(played_writes, 1);
}

/* VFIO's character device is found without a group */
static void mdev_that_a_vm_has_by_iommufd(void **state)
{
	(void)state;
	made_mdev();
	tree_file(&card.tree, TREE_BRIDGE CARD_VF "/" CARD_UUID "/vfio-dev/vfio3/dev",
		  "1:7\n");
	tree_link(&card.tree, "proc/4242/fd/3", "/dev/full");
	assert_int_equal(kind_mdev.set(&card.host, CARD_UUID, "none"), -EBUSY);
	assert_int_equal(played_writes, 0);
}

static void mdev_whose_driver_needs_a_while(void **state)
{
	static const int answers[] = { -EBUSY, -EPERM, -EIO, -EAGAIN };

	(void)state;
	made_mdev();
	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		card.refusal = answers[i];
		card.refusals = 1000;
		assert_int_equal(kind_mdev.set(&card.host, CARD_UUID, "none"),
				 answers[i] == -EIO ? -EIO : -EBUSY);
	}
	card.refusals = 2;
	card.host.deadline_ms = 20000;
	assert_int_equal(kind_mdev.set(&card.host, CARD_UUID, "none"), 0);
	assert_int_equal(card.refusals, 0);
}

static int goes_by_itself(const char *path, const char *value)
{
	(void)path;
	(void)value;
	mdev_goes(TREE_BRIDGE CARD_VF);
	return -ENODEV;
}

static void mdev_that_goes_otherwise(void **state)
{
	(void)state;
	made_mdev();
	played_kernel = goes_by_itself;
	assert_int_equal(kind_mdev.set(&card.host, CARD_UUID, "none"), 0);
	made_mdev();
	played_kernel = card_hangs;
	assert_int_equal(kind_mdev.set(&card.host, CARD_UUID, "none"), -ETIME);
	assert_int_equal(played_writes, 2);
	played_kernel = NULL; /* taken, and nothing happens */
	assert_int_equal(kind_mdev.set(&card.host, CARD_UUID, "none"), -EIO);
	/* half removed, by somebody else, as long as it is held: no state to be given back */
	assert_int_equal(
		unlinkat(card.tree.fd, TREE_BRIDGE CARD_VF "/" CARD_UUID "/mdev_type", 0),
		0);
	assert_int_equal(kind_mdev.get(&card.host, CARD_UUID, card.have), -EBUSY);
	assert_int_equal(kind_mdev.set(&card.host, CARD_UUID, CARD_VF " nvidia-558"),
			 -EBUSY);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, card_setup, card_teardown)

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
	};

	return cmocka_run_group_tests_name("kind-mdev", tests, NULL, NULL);
}

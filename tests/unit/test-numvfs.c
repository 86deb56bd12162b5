// SPDX-License-Identifier: GPL-2.0-or-later
/* test-numvfs.c - virtual functions that the kernel makes: made, counted, refused */

/*
 * Real: kind-numvfs.c, vfs.c.
 * Played: sys is a folder, and a function answers the writes as Linux drivers/pci/iov.c and
 * drivers/base/bus.c do (iov.h, played.h). NVIDIA's script is in test-sriov-script.c.
 */

#include "file.h"
#include "iov.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static void made_by_the_driver(void **state)
{
	(void)state;
	iov_check_get("0");
	assert_int_equal(iov_set("0"), 0);
	assert_string_equal(iov.written, "");
	assert_int_equal(iov_set("8"), 0);
	iov_check_get("8");
	assert_string_equal(iov.written, "sriov_drivers_autoprobe=1 sriov_numvfs=8 ");
	assert_int_equal(iov_set("8"), 0);
	assert_string_equal(iov.written, "sriov_drivers_autoprobe=1 sriov_numvfs=8 ");
	assert_int_equal(iov_set("0"), 0);
	iov_check_get("0");
}

/* Told before they appear: a driver that has one does not give it back. */
static void free_for_vms(void **state)
{
	(void)state;
	assert_int_equal(iov_set("7 free"), 0);
	iov_check_get("7 free");
	assert_string_equal(iov.written, "sriov_drivers_autoprobe=0 sriov_numvfs=7 ");
	iov.written[0] = '\0';
	assert_int_equal(iov_set("7"), 0);
	iov_check_get("7");
	assert_int_equal(
		strncmp(iov.written, "sriov_drivers_autoprobe=1 drivers_probe=", 40), 0);
	assert_true(file_exists(card.tree.fd, TREE_BRIDGE "0000:e8:00.4/driver"));
	iov.written[0] = '\0';
	assert_int_equal(iov_set("7 free"), 0);
	iov_check_get("7 free");
	assert_string_equal(iov.written, "sriov_drivers_autoprobe=0 ");
}

static void before_linux_4_12(void **state)
{
	(void)state;
	assert_int_equal(
		unlinkat(card.tree.fd, TREE_BRIDGE CARD "/sriov_drivers_autoprobe", 0),
		0);
	assert_int_equal(iov_set("4 free"), -ENOENT);
	iov_check_get("0");
	assert_int_equal(iov_set("4"), 0);
	iov_check_get("4");
}

static void states_that_are_none(void **state)
{
	static const char *const states[] = {
		"", "all", "-1", "1 fre", "1 free x", "65536", "1  free", "999999999"
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(states); i++)
		assert_int_equal(iov_set(states[i]), -EINVAL);
	assert_int_equal(kind_numvfs.get(&card.host, "0000:ff:00.0", card.have), -ENODEV);
	assert_int_equal(kind_numvfs.set(&card.host, "0000:ff:00.0", "1"), -ENODEV);
	assert_string_equal(card.have, "untouched");
	assert_int_equal(iov_set("33"), -ERANGE);
	assert_int_equal(unlinkat(card.tree.fd, TREE_BRIDGE CARD "/sriov_totalvfs", 0),
			 0);
	assert_int_equal(iov_set("1"), -ERANGE);
	assert_string_equal(iov.written, "");
}

static void to_a_third_number(void **state)
{
	(void)state;
	iov_appear(4);
	assert_int_equal(iov_set("8"), 0);
	iov_check_get("8");
	assert_string_equal(iov.written,
			    "sriov_drivers_autoprobe=1 sriov_numvfs=0 sriov_numvfs=8 ");
}

static void driver_that_fails_at_first(void **state)
{
	(void)state;
	card.refusals = 1000;
	card.refusal = -EIO;
	assert_int_equal(iov_set("8"), -EIO);
	iov_check_get("0");
	card.refusals = 2;
	card.host.deadline_ms = 6000;
	assert_int_equal(iov_set("8"), 0);
	iov_check_get("8");
}

/* drivers/pci/iov.c: "only the kernel log says that there are fewer" */
static void fewer_appear(void **state)
{
	(void)state;
	iov.most = 5;
	assert_int_equal(iov_set("8"), -EIO);
	iov_check_get("5");
}

static void check_in_use(void)
{
	iov.written[0] = '\0';
	assert_int_equal(iov_set("8"), -EBUSY);
	assert_int_equal(iov_set("0"), -EBUSY);
	assert_int_equal(iov_set("8 free"), -EBUSY);
	assert_string_equal(iov.written, "");
	assert_int_equal(iov_set("4"), 0); /* nothing to do */
}

static void functions_in_use(void **state)
{
	(void)state;
	iov_appear(4);
	/* a VM has the VFIO group of one */
	tree_link(&card.tree, TREE_BRIDGE "0000:e8:00.6/iommu_group",
		  "../../../../kernel/iommu_groups/16");
	tree_file(&card.tree, "sys/class/vfio/16/dev", "1:7\n");
	tree_file(&card.tree, "proc/self/mountinfo", "");
	tree_link(&card.tree, "proc/4242/fd/3", "/dev/full");
	check_in_use();
	assert_int_equal(unlinkat(card.tree.fd, "proc/4242/fd/3", 0), 0);
	/* a mediated device is on one */
	tree_dir(&card.tree, TREE_BRIDGE "0000:e8:00.5/" CARD_UUID);
	check_in_use();
	assert_int_equal(unlinkat(card.tree.fd, TREE_BRIDGE "0000:e8:00.5/" CARD_UUID,
				  AT_REMOVEDIR),
			 0);
	/* one has a type */
	tree_file(&card.tree, TREE_BRIDGE "0000:e8:00.7/nvidia/current_vgpu_type",
		  "1152\n");
	check_in_use();
	tree_file(&card.tree, TREE_BRIDGE "0000:e8:00.7/nvidia/current_vgpu_type", "0\n");
	/* the host's way out is on one */
	tree_dir(&card.tree, TREE_BRIDGE "0000:e8:00.4/net/eth9");
	tree_file(
		&card.tree, "proc/net/route",
		"Iface\tDestination\neth9\t00000000\t010200C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n");
	check_in_use();
	tree_file(&card.tree, "proc/net/route", "Iface\n");
	assert_int_equal(iov_set("8"), 0);
	iov_check_get("8");
}

static void remedies(void **state)
{
	static const int known[] = { -ENODEV, -ERANGE, -EBUSY,    -ENOENT,
				     -ETIME,  -EIO,    -EREMOTEIO };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		unit_check_sentence(kind_numvfs.remedy(known[i]));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, iov_setup, card_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(made_by_the_driver), TEST(free_for_vms),
		TEST(before_linux_4_12),  TEST(states_that_are_none),
		TEST(to_a_third_number),  TEST(driver_that_fails_at_first),
		TEST(fewer_appear),       TEST(functions_in_use),
		TEST(remedies),
	};

	return cmocka_run_group_tests_name("numvfs", tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* test-kind-vgpu.c - vGPU types of NVIDIA's own framework: given, taken, refused */

/*
 * Real: kind-vgpu.c, vendor.c, unheld.c, nodes_vfio().
 * Played: sys and proc are files and links in a temporary folder, and a function of each
 * test answers the writes, as Linux Documentation/ABI/testing/sysfs-bus-vfio-mdev and the
 * notes of people who have such cards say (played.h). With real drivers: tests/lab.
 */

#include "card.h"
#include "file.h"
#include "played.h"

#include <errno.h>
#include <unistd.h>

static int takes_types(const char *path, const char *value)
{
	int r = card_refuse();
	const char *now = tree_text(&card.tree, CARD_VENDOR "current_vgpu_type");

	assert_string_equal(path,
			    "sys/bus/pci/devices/" CARD_VF "/nvidia/current_vgpu_type");
	assert_false(file_exists(card.tree.fd, "proc/4242/fd/3"));
	if (r == 0 && strcmp(value, "0") != 0 && strtoul(now, NULL, 10) != 0)
		return -EIO; /* not from one type to another */
	return r;
}

static void type_is_given_and_taken(void **state)
{
	(void)state;
	card_vendor("0\n", CARD_LIST);
	played_kernel = takes_types;
	card_check_get(&kind_vgpu, CARD_VF, "none");
	assert_int_equal(kind_vgpu.set(&card.host, CARD_VF, "none"), 0);
	assert_int_equal(played_writes, 0);
	assert_int_equal(kind_vgpu.set(&card.host, CARD_VF, "1152"), 0);
	card_check_get(&kind_vgpu, CARD_VF, "1152");
	assert_int_equal(kind_vgpu.set(&card.host, CARD_VF, "1152"), 0);
	assert_int_equal(played_writes, 1);
	/* another type may be somebody else's vGPU */
	assert_int_equal(kind_vgpu.set(&card.host, CARD_VF, "1153"), -EEXIST);
	card_check_get(&kind_vgpu, CARD_VF, "1152");
	assert_int_equal(played_writes, 1);
	assert_int_equal(kind_vgpu.set(&card.host, CARD_VF, "none"), 0);
	card_check_get(&kind_vgpu, CARD_VF, "none");
	assert_string_equal(tree_text(&card.tree, CARD_VENDOR "current_vgpu_type"), "0");
}

static void type_states_that_are_none(void **state)
{
	static const char *const states[] = {
		"", "0", "x", "-1", "1152 x", "99999999999"
	};

	(void)state;
	assert_int_equal(kind_vgpu.get(&card.host, CARD_VF, card.have), -ENOENT);
	assert_int_equal(kind_vgpu.set(&card.host, CARD_VF, "1152"), -ENOENT);
	card_vendor("0\n", CARD_LIST);
	for (size_t i = 0; i < ARRAY_LEN(states); i++)
		assert_int_equal(kind_vgpu.set(&card.host, CARD_VF, states[i]), -EINVAL);
	card_vendor("what\n", CARD_LIST);
	assert_int_equal(kind_vgpu.get(&card.host, CARD_VF, card.have), -EBADMSG);
	assert_string_equal(card.have, "untouched");
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
		card_vendor("0\n", lists[i]);
		assert_int_equal(kind_vgpu.set(&card.host, CARD_VF, "1152"), -ENOSPC);
	}
	assert_int_equal(played_writes, 0);
	card_vendor("0\n", " 1152: NVIDIA L40S-8Q");
	assert_int_equal(kind_vgpu.set(&card.host, CARD_VF, "1152"), 0);
	/* without a list the driver is asked */
	assert_int_equal(unlinkat(card.tree.fd, CARD_VENDOR "creatable_vgpu_types", 0),
			 0);
	assert_int_equal(kind_vgpu.set(&card.host, CARD_VF, "none"), 0);
	assert_int_equal(kind_vgpu.set(&card.host, CARD_VF, "1152"), 0);
}

static int room_is_taken(const char *path, const char *value)
{
	(void)path;
	(void)value;
	tree_file(&card.tree, CARD_VENDOR "creatable_vgpu_types", "ID    : vGPU Name\n");
	return -EIO;
}

static void type_that_the_driver_refuses(void **state)
{
	(void)state;
	card_vendor("0\n", CARD_LIST);
	played_kernel = room_is_taken;
	assert_int_equal(kind_vgpu.set(&card.host, CARD_VF, "1152"), -ENOSPC);
	card_vendor("0\n", CARD_LIST);
	played_kernel = takes_types;
	card.refusals = 1000;
	card.refusal = -EIO;
	assert_int_equal(kind_vgpu.set(&card.host, CARD_VF, "1152"), -EIO);
	card.refusal = -EPERM;
	assert_int_equal(kind_vgpu.set(&card.host, CARD_VF, "1152"), -EBUSY);
	card.refusal = -EINVAL;
	assert_int_equal(kind_vgpu.set(&card.host, CARD_VF, "1152"), -EINVAL);
	played_kernel = card_hangs;
	assert_int_equal(kind_vgpu.set(&card.host, CARD_VF, "1152"), -ETIME);
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
	card_vendor("0\n", CARD_LIST);
	played_kernel = forgets;
	assert_int_equal(kind_vgpu.set(&card.host, CARD_VF, "1152"), -EIO);
	card_vendor("1153\n", CARD_LIST);
	assert_int_equal(kind_vgpu.set(&card.host, CARD_VF, "none"), -EIO);
}

static void type_of_a_function_that_a_vm_has(void **state)
{
	pid_t pid;

	(void)state;
	card_vendor("1152\n", CARD_LIST);
	card_hold(TREE_BRIDGE CARD_VF);
	played_kernel = takes_types;
	assert_int_equal(kind_vgpu.set(&card.host, CARD_VF, "none"), -EBUSY);
	assert_int_equal(kind_vgpu.set(&card.host, CARD_VF, "1153"), -EEXIST);
	assert_int_equal(played_writes, 0);
	card_check_get(&kind_vgpu, CARD_VF, "1152");
	card.host.deadline_ms = 20000;
	pid = card_let_go_later(200);
	card.refusals = 2; /* and then the driver needs a while */
	card.refusal = -EPERM;
	assert_int_equal(kind_vgpu.set(&card.host, CARD_VF, "none"), 0);
	card_reap(pid);
	assert_int_equal(played_writes, 3);
	card_check_get(&kind_vgpu, CARD_VF, "none");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, card_setup, card_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(type_is_given_and_taken),
		TEST(type_states_that_are_none),
		TEST(type_that_is_not_offered),
		TEST(type_that_the_driver_refuses),
		TEST(type_that_reads_back_as_another),
		TEST(type_of_a_function_that_a_vm_has),
	};

	return cmocka_run_group_tests_name("kind-vgpu", tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* test-policy-choose.c - which functions a VM takes */

/*
 * Real: policy-choose.c, which is a pure function.
 * Faked: the guest, the INI file and the host are values that are built here (world.c).
 */

#include "world.h"

#define GPU   "0000:01:00.0"
#define AUDIO "0000:01:00.1"

static struct world w;

static void nothing_wrong(void **state)
{
	(void)state;
	world_one_card(&w);
	world_check_taken(&w, GPU " " AUDIO);
	assert_int_equal(w.found.n, 0);
	assert_null(findings_refusal(&w.found));
	assert_false(findings_only_holders(&w.found));
}

static void no_section_takes_nothing(void **state)
{
	(void)state;
	world_one_card(&w);
	world_hostdev(&w, "0000:07:00.0");
	w.conf.devices.present = false;
	world_check_taken(&w, "");
	assert_int_equal(w.found.n, 0);
}

static void takes_what_it_is_told(void **state)
{
	(void)state;
	world_one_card(&w);
	world_function(&w, "0000:02:00.0", "8086:1563", WORLD_NIC, "ixgbe", 11);
	world_function(&w, "0000:03:00.0", "1002:74a1", 0x120000, "amdgpu", 12);
	world_hostdev(&w, "0000:03:00.0");
	world_hostdev(&w, "0000:02:00.0");
	world_check_taken(&w, GPU " " AUDIO " 0000:03:00.0");
	w.conf.devices.siblings = false;
	world_check_taken(&w, GPU " 0000:03:00.0");
	w.conf.devices.take = CONF_TAKE_ALL;
	world_check_taken(&w, GPU " 0000:02:00.0 0000:03:00.0");
	w.conf.devices.take = CONF_TAKE_NONE;
	world_check_taken(&w, "");
	assert_int_equal(w.found.n, 0);
	world_also(&w.conf.devices, AUDIO, NULL);
	world_check_taken(&w, AUDIO);
	w.conf.devices.siblings = true;
	world_check_taken(&w, AUDIO);
	world_also(&w.conf.devices, GPU, NULL);
	w.conf.devices.also[0] = w.conf.devices.also[1];
	w.conf.devices.n_also = 1;
	world_check_taken(&w, GPU " " AUDIO);
	assert_int_equal(w.found.n, 0);
}

/* The host may need the other port, and nobody has named it. */
static void other_port_of_a_network_card(void **state)
{
	(void)state;
	world_function(&w, "0000:05:00.0", "8086:1563", WORLD_NIC, "ixgbe", 6);
	world_function(&w, "0000:05:00.1", "8086:1563", WORLD_NIC, "ixgbe", 7);
	world_hostdev(&w, "0000:05:00.1");
	w.conf.devices.take = CONF_TAKE_ALL;
	world_check_taken(&w, "0000:05:00.1");
	assert_int_equal(w.found.n, 0);
}

/* policy-check.c refuses the start; what another VM may have is not said to be taken by this one */
static void what_allowed_leaves_out(void **state)
{
	(void)state;
	world_card(&w, "0000:41", 1);
	world_card(&w, "0000:42", 2);
	world_hostdev(&w, "0000:41:00.0");
	world_hostdev(&w, "0000:42:00.0");
	w.conf.devices.restricted = true;
	assert_int_equal(bdf_parse("0000:42:00.0", &w.conf.devices.allowed[0]), 0);
	w.conf.devices.n_allowed = 1;
	world_check_taken(&w, "0000:42:00.0 0000:42:00.1");
	assert_int_equal(w.found.n, 1);
	assert_true(w.found.finding[0].refuse);
}

/* 8 digits of a VMD domain sort behind 4: the order is that of the names */
static void sorted_by_address(void **state)
{
	(void)state;
	world_card(&w, "0000:41", 1);
	world_card(&w, "0001:01", 2);
	world_function(&w, "10000:01:00.0", "10de:2684", WORLD_GPU, "", 3);
	world_hostdev(&w, "10000:01:00.0");
	world_hostdev(&w, "0001:01:00.0");
	world_hostdev(&w, "0000:41:00.0");
	world_check_taken(
		&w, "0000:41:00.0 0000:41:00.1 0001:01:00.0 0001:01:00.1 10000:01:00.0");
}

static void siblings_are_no_bridge_and_no_vf(void **state)
{
	(void)state;
	world_one_card(&w);
	world_function(&w, "0000:01:00.2", "10de:1ad6", 0x0c0330, "xhci_hcd", 10);
	world_function(&w, "0000:01:00.3", "8086:0001", WORLD_PORT, "pcieport", 10);
	world_function(&w, "0000:01:00.4", "10de:2684", WORLD_GPU, "", 10)->vf = true;
	world_function(&w, "0000:01:01.0", "10de:2684", WORLD_GPU, "", 20);
	world_check_taken(&w, GPU " " AUDIO " 0000:01:00.2");
}

/* A VF stands alone: the slot that it shares with its PF is not a card of its own. */
static void vf_has_no_siblings(void **state)
{
	(void)state;
	world_function(&w, "0000:41:00.0", "15b3:101d", WORLD_NIC, "mlx5_core", 1)
		->n_vfs = 2;
	world_function(&w, "0000:41:00.1", "15b3:101d", WORLD_NIC, "mlx5_core", 2);
	world_function(&w, "0000:41:00.2", "15b3:101e", WORLD_NIC, "mlx5_core", 3)->vf =
		true;
	world_function(&w, "0000:41:00.3", "15b3:101e", WORLD_NIC, "mlx5_core", 4)->vf =
		true;
	world_hostdev(&w, "0000:41:00.2");
	w.conf.devices.take = CONF_TAKE_ALL;
	world_check_taken(&w, "0000:41:00.2");
	assert_int_equal(w.found.n, 0);
}

static void vgpu_function_stays_with_its_driver(void **state)
{
	(void)state;
	world_function(&w, "0000:e8:00.0", "10de:2235", 0x030200, "nvidia", 30)->n_vfs =
		2;
	world_function(&w, "0000:e8:00.4", "10de:2235", 0x030200, "nvidia", 31)->vf =
		true;
	w.inv.function[1].vgpu = true;
	world_hostdev(&w, "0000:e8:00.4");
	world_check_taken(&w, "");
	w.conf.devices.take = CONF_TAKE_ALL;
	world_check_taken(&w, "");
}

static void network_port_that_libvirt_manages(void **state)
{
	struct guest_hostdev *d;

	(void)state;
	world_function(&w, "0000:41:00.2", "15b3:101e", WORLD_NIC, "mlx5_core", 3)->vf =
		true;
	d = world_hostdev(&w, "0000:41:00.2");
	d->interface = d->managed = true;
	w.conf.devices.take = CONF_TAKE_ALL;
	world_check_taken(&w, "");
	d->managed = false;
	world_check_taken(&w, "0000:41:00.2");
}

static void candidates(void **state)
{
	struct taken ret;

	(void)state;
	world_one_card(&w);
	world_also(&w.conf.devices, AUDIO, NULL);
	world_also(&w.conf.devices, GPU, NULL);
	assert_int_equal(policy_candidates(&w.guest, &w.conf.devices, &ret), 0);
	assert_int_equal(ret.n, 2);
	assert_int_equal(ret.bdf[0].function, 0);
	assert_int_equal(ret.bdf[1].function, 1);
}

#define TEST(f) WORLD_TEST(f, &w)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_wrong),
		TEST(no_section_takes_nothing),
		TEST(takes_what_it_is_told),
		TEST(other_port_of_a_network_card),
		TEST(what_allowed_leaves_out),
		TEST(sorted_by_address),
		TEST(siblings_are_no_bridge_and_no_vf),
		TEST(vf_has_no_siblings),
		TEST(vgpu_function_stays_with_its_driver),
		TEST(network_port_that_libvirt_manages),
		TEST(candidates),
	};

	return cmocka_run_group_tests_name("policy-choose", tests, NULL, NULL);
}

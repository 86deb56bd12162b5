// SPDX-License-Identifier: GPL-2.0-or-later
/* test-vgpu.c - cards, what they offer and the vGPUs there are, in each framework */

/*
 * Real: vgpu*.c and what they call; what the machines of tests/data have in them.
 * Faked: sys is files and links in a temporary folder, in the form that Linux 6.1 to 6.12
 * and the drivers of NVIDIA, Intel and the kernel's samples have them (gpus.c).
 */

#include "gpus.h"
#include "machine.h"

#define UUID_A "2f82ee72-3ac5-4615-9c0b-327c12e8c83d"
#define UUID_B "8cc7a90a-75be-4b42-a9a3-9c1e7e3b3e01"

static void nothing(void **state)
{
	(void)state;
	gpus_look_all();
	assert_int_equal(gpus.v.n_cards + gpus.v.n_parents + gpus.v.n_mdevs, 0);
	assert_null(vgpus_card(&gpus.v, "0000:01:00.0"));
	assert_null(vgpus_parent(&gpus.v, "0000:01:00.0"));
	assert_null(vgpus_mdev(&gpus.v, UUID_A));
	gpus_function("0000:00:00.0", "8086:4c43", "060000", "");
	gpus_function("0000:00:1f.3", "8086:43c8", "040300", "snd_hda_intel");
	gpus_look_all();
	assert_int_equal(gpus.v.n_cards, 0);
}

#define P40 "0000:3b:00.0"

/* NVIDIA up to Turing: types on the card itself */
static void mdev_on_the_card(void **state)
{
	const struct vgpu_card *c;

	(void)state;
	gpus_function(P40, "10de:1b38", "030200", "nvidia");
	gpus_type(
		P40, "nvidia-46", "GRID P40-1Q\n",
		"num_heads=4, frl_config=60, framebuffer=1024M, max_resolution=5120x2880, max_instance=24\n",
		"0\n");
	gpus_type(
		P40, "nvidia-105", "GRID P40-2B\n",
		"num_heads=4, frl_config=45, framebuffer=2048M, max_resolution=5120x2880, max_instance=12\n",
		"11\n");
	gpus_type(P40, "nvidia-44", "GRID P40-0B\n", NULL, "0\n");
	gpus_mdev(UUID_B, P40, "nvidia-105");
	gpus_mdev(UUID_A, P40, "nvidia-105");
	gpus_look_all();
	assert_int_equal(gpus.v.n_cards, 1);
	c = vgpus_card(&gpus.v, P40);
	assert_ptr_equal(c, &gpus.v.card[0]);
	assert_true(c->pci && bdf_equal(&c->bdf, &(struct bdf){ 0, 0x3b, 0, 0 }));
	assert_int_equal(c->id.vendor, 0x10de);
	assert_int_equal(c->id.device, 0x1b38);
	assert_string_equal(c->driver, "nvidia");
	assert_int_equal(c->total_vfs + c->n_vfs, 0);
	assert_int_equal(c->n_types, 3);
	gpus_check_type(c, 0, "nvidia-44", "GRID P40-0B", 512, 0);
	gpus_check_type(c, 1, "nvidia-46", "GRID P40-1Q", 1024, 24);
	gpus_check_type(c, 2, "nvidia-105", "GRID P40-2B", 2048, 12);
	assert_int_equal(gpus.v.n_parents, 1);
	gpus_check_parent(0, P40, -1, VGPU_MDEV, 3);
	assert_string_equal(gpus.v.parent[0].driver, "nvidia");
	gpus_check_offer(0, 0, 0, 0);
	gpus_check_offer(0, 2, 2, 11);
	assert_int_equal(gpus.v.n_mdevs, 2);
	assert_string_equal(gpus.v.mdev[0].uuid, UUID_A);
	assert_ptr_equal(vgpus_mdev(&gpus.v, UUID_B), &gpus.v.mdev[1]);
	assert_int_equal(gpus.v.mdev[1].parent, 0);
	assert_int_equal(gpus.v.mdev[1].type, 2);
}

/* Its driver is not there yet: it is a card all the same, so that it can be waited for */
static void without_driver(void **state)
{
	(void)state;
	gpus_function(P40, "10de:1b38", "030200", "");
	gpus_function("0000:3c:00.0", "1da3:1020", "120000", "habanalabs");
	gpus_look_all();
	assert_int_equal(gpus.v.n_cards, 2);
	assert_string_equal(gpus.v.card[0].driver, "");
	assert_int_equal(gpus.v.n_parents, 0);
}

#define A40 "0000:e8:00.0"

/* NVIDIA since Ampere: types on each virtual function, one mediated device each */
static void check_a40(const char *spelling)
{
	char id[32];

	gpus_card(A40, "10de:2235", "nvidia", "nvidia", 32, 12);
	for (unsigned int i = 0; i < 12; i++) {
		char vf[16];

		snprintf(vf, sizeof(vf), "0000:e8:%02x.%x", (i + 4) / 8, (i + 4) % 8);
		snprintf(id, sizeof(id), "%s575", spelling);
		gpus_type(vf, id, "NVIDIA A40-24A\n",
			  "framebuffer=24576M, max_instance=2\n", i == 2 ? "0\n" : "1\n");
		snprintf(id, sizeof(id), "%s558", spelling);
		gpus_type(vf, id, "NVIDIA A40-2Q\n",
			  "framebuffer=2048M, max_instance=24\n", "0\n");
	}
	snprintf(id, sizeof(id), "%s575", spelling);
	gpus_mdev(UUID_A, "0000:e8:00.6", id);
	gpus_look_all();
	assert_int_equal(gpus.v.n_cards, 1);
	assert_int_equal(gpus.v.card[0].total_vfs, 32);
	assert_int_equal(gpus.v.card[0].n_vfs, 12);
	assert_int_equal(gpus.v.card[0].n_types, 2);
	gpus_check_type(&gpus.v.card[0], 1, id, "NVIDIA A40-24A", 24576, 2);
	assert_int_equal(gpus.v.n_parents, 12);
	gpus_check_parent(0, "0000:e8:00.4", 0, VGPU_MDEV, 2);
	gpus_check_parent(2, "0000:e8:00.6", 2, VGPU_MDEV, 2);
	gpus_check_parent(9, "0000:e8:01.5", 9, VGPU_MDEV, 2);
	gpus_check_parent(11, "0000:e8:01.7", 11, VGPU_MDEV, 2);
	assert_ptr_equal(vgpus_parent(&gpus.v, "0000:e8:01.7"), &gpus.v.parent[11]);
	gpus_check_offer(0, 0, 0, 0);
	gpus_check_offer(0, 1, 1, 1);
	gpus_check_offer(2, 1, 1, 0);
	assert_int_equal(gpus.v.n_mdevs, 1);
	assert_int_equal(gpus.v.mdev[0].parent, 2);
	assert_int_equal(gpus.v.mdev[0].type, 1);
}

static void mdev_on_functions(void **state)
{
	(void)state;
	check_a40("nvidia-");
}

static void mdev_on_functions_other_spelling(void **state)
{
	(void)state;
	check_a40("vfio-pci-");
}

static void only_asked(void **state)
{
	static const char *const asked[] = { "A40-24A", "NVIDIA A40-24A", "A40-24A" };

	mdev_on_functions(state);
	gpus_look(asked, ARRAY_LEN(asked));
	assert_int_equal(gpus.v.card[0].n_types, 2);
	gpus_check_parent(0, "0000:e8:00.4", 0, VGPU_MDEV, 1);
	gpus_check_offer(0, 0, 1, 1);
	gpus_look(asked, 0);
	assert_int_equal(gpus.v.card[0].n_types, 2);
	gpus_check_parent(0, "0000:e8:00.4", 0, VGPU_MDEV, 0);
	assert_int_equal(gpus.v.n_mdevs, 1);
}

#define L40S "0000:d8:00.0"

static void vendor_types(void **state)
{
	(void)state;
	gpus_card(L40S, "10de:26b9", "nvidia", "nvidia", 32, 4);
	gpus_card("0000:18:00.0", "10de:26b9", "nvidia", "nvidia", 32, 1);
	gpus_vendor("0000:18:00.4", "ID    : vGPU Name\n", "1155\n");
	gpus_vendor("0000:d8:00.4", "ID    : vGPU Name\n", "1155\n");
	gpus_vendor(
		"0000:d8:00.5",
		"ID    : vGPU Name\n1153  : NVIDIA L40S-1B\n1155  : NVIDIA L40S-24Q\n",
		"0\n");
	gpus_vendor("0000:d8:00.6", "1155 : NVIDIA L40S-24Q", "0");
	gpus_vendor("0000:d8:00.7", "", "1178\n");
	gpus_look_all();
	assert_int_equal(gpus.v.n_cards, 2);
	assert_int_equal(gpus.v.card[0].n_types, 1);
	/* full: its driver lists nothing, and the other card knows the name */
	gpus_check_type(&gpus.v.card[0], 0, "1155", "NVIDIA L40S-24Q", 24576, 0);
	assert_int_equal(gpus.v.card[1].n_types, 3);
	gpus_check_type(&gpus.v.card[1], 0, "1155", "NVIDIA L40S-24Q", 24576, 0);
	gpus_check_type(&gpus.v.card[1], 1, "1153", "NVIDIA L40S-1B", 1024, 0);
	gpus_check_type(&gpus.v.card[1], 2, "1178", "", 0, 0);
	assert_int_equal(gpus.v.n_parents, 5);
	gpus_check_parent(0, "0000:18:00.4", 0, VGPU_VENDOR, 0);
	assert_string_equal(gpus.v.parent[0].current, "1155");
	gpus_check_parent(1, "0000:d8:00.4", 0, VGPU_VENDOR, 0);
	gpus_check_parent(2, "0000:d8:00.5", 1, VGPU_VENDOR, 2);
	assert_string_equal(gpus.v.parent[2].current, "");
	gpus_check_offer(2, 0, 1, 1);
	gpus_check_offer(2, 1, 0, 1);
	gpus_check_parent(3, "0000:d8:00.6", 2, VGPU_VENDOR, 1);
	assert_string_equal(gpus.v.parent[4].current, "1178");
}

/* What the driver may print one day is no type, and no crash */
static void vendor_nonsense(void **state)
{
	char line[4096];

	(void)state;
	gpus_card(L40S, "10de:26b9", "nvidia", "nvidia", 32, 3);
	gpus_vendor("0000:d8:00.4",
		    "no colon\n: no id\n12x : A\n-1 : B\n99999999999 : C\n::\n7:D-8Q\r\n",
		    "x\n");
	memset(line, 'n', sizeof(line));
	memcpy(line, "5 : ", 4);
	line[200] = '\n';
	memcpy(line + 201, "6 : E\n", 7);
	gpus_vendor("0000:d8:00.5", line, "\n");
	tree_file(&gpus.tree, gpus_at("0000:d8:00.6", "nvidia/current_vgpu_type"), "0\n");
	gpus_look_all();
	assert_int_equal(gpus.v.n_parents, 3);
	gpus_check_parent(0, "0000:d8:00.4", 0, VGPU_VENDOR, 1);
	gpus_check_parent(1, "0000:d8:00.5", 1, VGPU_VENDOR, 1);
	gpus_check_parent(2, "0000:d8:00.6", 2, VGPU_VENDOR, 0);
	gpus_check_type(&gpus.v.card[0], 0, "7", "D-8Q", 8192, 0);
	assert_string_equal(gpus.v.parent[0].current, "x");
	assert_string_equal(gpus.v.parent[1].current, "");
}

/* Without its types one of NVIDIA's is nothing yet, one of Intel's is a vGPU. */
static void plain_functions(void **state)
{
	(void)state;
	gpus_card("0000:03:00.0", "8086:e223", "xe", "", 12, 2);
	gpus_card(A40, "10de:2235", "nvidia", "nvidia", 32, 1);
	gpus_card("0000:c1:00.0", "1002:74a1", "gim", "vfio-pci", 8, 0);
	gpus_look_all();
	assert_int_equal(gpus.v.n_cards, 3);
	assert_int_equal(gpus.v.card[0].total_vfs, 12);
	assert_int_equal(gpus.v.card[1].total_vfs, 8);
	assert_int_equal(gpus.v.card[1].n_vfs, 0);
	assert_int_equal(gpus.v.n_parents, 3);
	gpus_check_parent(0, "0000:03:00.4", 0, VGPU_VF, 0);
	assert_string_equal(gpus.v.parent[0].driver, "");
	gpus_check_parent(1, "0000:03:00.5", 1, VGPU_VF, 0);
	gpus_check_parent(2, "0000:e8:00.4", 0, VGPU_NONE, 0);
}

static void intel_gvt(void **state)
{
	(void)state;
	gpus_function("0000:00:02.0", "8086:5917", "030000", "i915");
	gpus_type(
		"0000:00:02.0", "i915-GVTg_V5_4", "GVTg_V5_4\n",
		"low_gm_size: 128MB\nhigh_gm_size: 512MB\nfence: 4\nresolution: 1920x1200\nweight: 4\n",
		"1\n");
	gpus_type("0000:00:02.0", "i915-GVTg_V5_8", NULL, "low_gm_size: 64MB\n", "2\n");
	gpus_look_all();
	assert_int_equal(gpus.v.n_cards, 1);
	gpus_check_type(&gpus.v.card[0], 0, "i915-GVTg_V5_4", "GVTg_V5_4", 0, 0);
	gpus_check_type(&gpus.v.card[0], 1, "i915-GVTg_V5_8", "", 0, 0);
	gpus_check_parent(0, "0000:00:02.0", -1, VGPU_MDEV, 2);
	gpus_check_offer(0, 1, 1, 2);
}

/* The kernel's samples are no PCI functions; the class has PCI functions too. */
static void not_pci(void **state)
{
	(void)state;
	gpus_function(P40, "10de:1b38", "030200", "nvidia");
	gpus_type(P40, "nvidia-46", "GRID P40-1Q\n", NULL, "24\n");
	gpus_type("mtty", "mtty-2", "Dual port serial\n", NULL, "12\n");
	gpus_type("mbochs", "mbochs-small", "mbochs-small\n",
		  "virtual display, 4 MB video memory\n", "16\n");
	gpus_type("mbochs", "mbochs-large", "mbochs-large\n",
		  "virtual display, 64 MB video memory\n", "1\n");
	tree_link(&gpus.tree, "sys/class/mdev_bus/" P40, "../../devices/pci0000:00/" P40);
	tree_link(&gpus.tree, "sys/class/mdev_bus/mtty",
		  "../../devices/virtual/mdev/mtty");
	tree_link(&gpus.tree, "sys/class/mdev_bus/mbochs",
		  "../../devices/virtual/mdev/mbochs");
	gpus_mdev(UUID_A, "mbochs", "mbochs-small");
	gpus_look_all();
	assert_int_equal(gpus.v.n_cards, 3);
	assert_string_equal(gpus.v.card[0].name, P40);
	assert_string_equal(gpus.v.card[1].name, "mbochs");
	assert_string_equal(gpus.v.card[2].name, "mtty");
	assert_false(gpus.v.card[1].pci);
	assert_string_equal(gpus.v.card[1].driver, "");
	gpus_check_type(&gpus.v.card[1], 1, "mbochs-small", "mbochs-small", 0, 0);
	assert_int_equal(gpus.v.n_parents, 3);
	gpus_check_parent(1, "mbochs", -1, VGPU_MDEV, 2);
	gpus_check_offer(1, 1, 1, 16);
	assert_int_equal(gpus.v.n_mdevs, 1);
	assert_int_equal(gpus.v.mdev[0].parent, 1);
	assert_int_equal(gpus.v.mdev[0].type, 1);
}

/* Links to what has gone away meanwhile, and names that are none */
static void gone(void **state)
{
	char *uuid = "sys/bus/mdev/devices/" UUID_B;

	(void)state;
	gpus_card(A40, "10de:2235", "nvidia", "nvidia", 32, 2);
	tree_link(&gpus.tree, gpus_at(A40, "virtfn2"), "../0000:e8:00.6");
	tree_link(&gpus.tree, gpus_at(A40, "virtfnx"), "../0000:e8:00.7");
	tree_link(&gpus.tree, "sys/bus/pci/devices/0000:e9:00.0",
		  "../../../devices/pci0000:00/x");
	gpus_type("0000:e8:00.4", "nvidia-558", "NVIDIA A40-2Q\n", NULL, "x\n");
	gpus_mdev(UUID_A, "0000:e8:00.4", "nvidia-600");
	tree_link(&gpus.tree, uuid, "../../../devices/pci0000:00/0000:e9:00.4/" UUID_B);
	gpus_mdev("other", "0000:e8:00.4", "nvidia-558");
	tree_dir(&gpus.tree,
		 "sys/class/mdev_bus/a-name-that-no-device-of-sysfs-has-ever-had");
	gpus_look_all();
	assert_int_equal(gpus.v.n_cards, 1);
	assert_int_equal(gpus.v.n_parents, 2);
	gpus_check_offer(0, 0, 0, 0);
	assert_int_equal(gpus.v.n_mdevs, 1);
	gpus_check_type(&gpus.v.card[0], gpus.v.mdev[0].type, "nvidia-600", "", 0, 0);
	tree_link(&gpus.tree, uuid, UUID_B);
	gpus_look_all();
	assert_int_equal(gpus.v.n_mdevs, 1);
}

static void unpack(const char *name)
{
	char file[64], why[MACHINE_WHY_LEN] = "";
	struct machine m;

	snprintf(file, sizeof(file), "tests/data/%s.machine", name);
	assert_int_equal(machine_read(file, &m, why), 0);
	assert_int_equal(machine_unpack(&m, gpus.tree.fd, why), 0);
	assert_string_equal(why, "");
	machine_free(&m);
	gpus_look_all();
	assert_int_equal(gpus.v.n_cards, 2);
	assert_int_equal(gpus.v.card[1].n_vfs, 32);
	assert_int_equal(gpus.v.n_parents, 64);
	assert_string_equal(gpus.v.parent[31].name, "0000:31:04.3");
	assert_int_equal(gpus.v.parent[31].index, 31);
	assert_string_equal(gpus.v.parent[32].driver, "nvidia");
}

/* The recorded machines that placement is tested on */
static void machine_with_mdevs(void **state)
{
	(void)state;
	unpack("a40-mdev");
	gpus_check_type(&gpus.v.card[0], 5, "nvidia-575", "NVIDIA A40-24A", 24576, 2);
	gpus_check_parent(63, "0000:b1:04.3", 31, VGPU_MDEV, 6);
	gpus_check_offer(63, 0, 0, 1);
}

static void machine_with_vendor_types(void **state)
{
	(void)state;
	unpack("l40s-vendor");
	gpus_check_type(&gpus.v.card[1], 4, "1155", "NVIDIA L40S-24Q", 24576, 0);
	gpus_check_parent(63, "0000:b1:04.3", 31, VGPU_VENDOR, 7);
	assert_string_equal(gpus.v.parent[63].current, "");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, gpus_setup, gpus_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing),
		TEST(mdev_on_the_card),
		TEST(without_driver),
		TEST(mdev_on_functions),
		TEST(mdev_on_functions_other_spelling),
		TEST(only_asked),
		TEST(vendor_types),
		TEST(vendor_nonsense),
		TEST(plain_functions),
		TEST(intel_gvt),
		TEST(not_pci),
		TEST(gone),
		TEST(machine_with_mdevs),
		TEST(machine_with_vendor_types),
	};

	return cmocka_run_group_tests_name("vgpu", tests, NULL, NULL);
}

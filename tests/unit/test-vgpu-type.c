// SPDX-License-Identifier: GPL-2.0-or-later
/* test-vgpu-type.c - types of vGPUs: which is meant, how large, its name read once */

/*
 * Real: vgpu-type.c, vgpu-read.c. Faked: as in test-vgpu.c.
 */

#include "gpus.h"

#define A40 "0000:e8:00.0"

static void which_type(void **state)
{
	static const struct {
		const char *id, *name, *asked;
		bool fits;
	} rows[] = {
		{ "nvidia-558", "NVIDIA A40-24A", "NVIDIA A40-24A", true },
		{ "nvidia-558", "NVIDIA A40-24A", "A40-24A", true },
		{ "nvidia-558", "NVIDIA A40-24A", "GRID A40-24A", true },
		{ "nvidia-558", "NVIDIA A40-24A", "nvidia a40-24a", true },
		{ "nvidia-558", "NVIDIA A40-24A", "A40-24", false },
		{ "nvidia-558", "NVIDIA A40-24A", "A40-24AA", false },
		{ "nvidia-558", "NVIDIA A40-24A", "NVIDIA", false },
		{ "nvidia-558", "NVIDIA A40-24A", "NVIDIA ", false },
		{ "nvidia-558", "NVIDIA A40-24A", "NVIDIA  A40-24A", false },
		{ "nvidia-558", "NVIDIA A40-24A", "", false },
		{ "nvidia-558", "NVIDIA A40-24A", "nvidia-558", true },
		{ "nvidia-558", "NVIDIA A40-24A", "558", true },
		{ "nvidia-558", "NVIDIA A40-24A", "vfio-pci-558", true },
		{ "nvidia-558", "NVIDIA A40-24A", "58", false },
		{ "nvidia-558", "NVIDIA A40-24A", "5580", false },
		{ "nvidia-558", "NVIDIA A40-24A", "nvidia-", false },
		{ "vfio-pci-575", "A40-24A", "NVIDIA A40-24A", true },
		{ "vfio-pci-575", "A40-24A", "nvidia-575", true },
		{ "1155", "NVIDIA L40S-24Q", "1155", true },
		{ "1155", "NVIDIA L40S-24Q", "nvidia-1155", true },
		{ "1155", "", "", false },
		{ "1155", "", "NVIDIA ", false },
		{ "i915-GVTg_V5_4", "GVTg_V5_4", "i915-GVTg_V5_4", true },
		{ "i915-GVTg_V5_4", "GVTg_V5_4", "GVTg_V5_4", true },
		{ "i915-GVTg_V5_4", "", "4", false },
		{ "mtty-2", "Dual port serial", "2", false },
		{ "mtty-2", "Dual port serial", "Dual port serial", true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct vgpu_type t = { .max = 0 };

		strcpy(t.id, rows[i].id);
		strcpy(t.name, rows[i].name);
		if (vgpu_type_fits(&t, rows[i].asked) != rows[i].fits)
			fail_msg("'%s' asked of %s '%s'", rows[i].asked, t.id, t.name);
	}
}

static void sizes(void **state)
{
	static const struct {
		const char *name, *description;
		unsigned int size;
	} rows[] = {
		{ "NVIDIA A40-24Q", NULL, 24576 },
		{ "GRID P40-2B4", NULL, 2048 },
		{ "GRID M60-0B", NULL, 512 },
		{ "NVIDIA A100-1-5C", NULL, 5120 },
		{ "NVIDIA A100-1-5CME", NULL, 5120 },
		{ "NVIDIA A100-1-5C", "framebuffer=4864M", 4864 },
		{ "NVIDIA RTX6000-Ada-48A", NULL, 49152 },
		{ "NVIDIA RTX Pro 6000 Blackwell DC-4-24Q", NULL, 24576 },
		{ "NVIDIA A40", NULL, 0 },
		{ "NVIDIA A40-", NULL, 0 },
		{ "NVIDIA A40-24", NULL, 0 },
		{ "NVIDIA A40-24X", NULL, 0 },
		{ "NVIDIA A40-Q", NULL, 0 },
		{ "NVIDIA A40-99999999999999999999Q", NULL, 0 },
		{ "", "num_heads=4, framebuffer=2048M", 2048 },
		{ "", "framebuffer=", 0 },
		{ "", "framebuffer=99999999999999999999M", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char bdf[32], id[32];

		/* each another model: names are read once for a model */
		snprintf(bdf, sizeof(bdf), "0000:%02zx:00.0", i + 1);
		snprintf(id, sizeof(id), "10de:%04zx", i);
		gpus_function(bdf, id, "030200", "nvidia");
		gpus_type(bdf, "nvidia-1", rows[i].name, rows[i].description, "1\n");
	}
	gpus_function("0000:f0:00.0", "1234:1111", "030000", "other");
	gpus_type("0000:f0:00.0", "other-1", "Thing-4Q\n", NULL, "1\n");
	gpus_look_all();
	assert_int_equal(gpus.v.n_cards, ARRAY_LEN(rows) + 1);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(gpus.v.card[i].type[0].size_mib, rows[i].size);
	assert_int_equal(gpus.v.card[ARRAY_LEN(rows)].type[0].size_mib, 0);
}

/* Names are asked for once: the second card of the model has none to read here */
static void names_once(void **state)
{
	(void)state;
	gpus_card(A40, "10de:2235", "nvidia", "nvidia", 32, 2);
	gpus_type("0000:e8:00.4", "nvidia-558", "NVIDIA A40-2Q\n", "framebuffer=2048M\n",
		  "1\n");
	gpus_type("0000:e8:00.5", "nvidia-558", NULL, NULL, "1\n");
	gpus_card("0000:e9:00.0", "10de:2235", "nvidia", "nvidia", 32, 1);
	gpus_type("0000:e9:00.4", "nvidia-558", NULL, NULL, "1\n");
	gpus_card("0000:ea:00.0", "10de:2236", "nvidia", "nvidia", 32, 1);
	gpus_type("0000:ea:00.4", "nvidia-558", NULL, NULL, "1\n");
	gpus_card("0000:eb:00.0", "10de:2235", "nouveau", "nouveau", 32, 1);
	gpus_type("0000:eb:00.4", "nvidia-558", NULL, NULL, "1\n");
	gpus_look_all();
	assert_int_equal(gpus.v.n_cards, 4);
	gpus_check_type(&gpus.v.card[0], 0, "nvidia-558", "NVIDIA A40-2Q", 2048, 0);
	gpus_check_type(&gpus.v.card[1], 0, "nvidia-558", "NVIDIA A40-2Q", 2048, 0);
	gpus_check_type(&gpus.v.card[2], 0, "nvidia-558", "", 0, 0);
	gpus_check_type(&gpus.v.card[3], 0, "nvidia-558", "", 0, 0);
	assert_int_equal(gpus.v.n_parents, 5);
	assert_int_equal(gpus.v.parent[2].card, 1);
	gpus_check_offer(1, 0, 0, 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, gpus_setup, gpus_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(which_type),
		TEST(sizes),
		TEST(names_once),
	};

	return cmocka_run_group_tests_name("vgpu-type", tests, NULL, NULL);
}

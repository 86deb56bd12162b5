// SPDX-License-Identifier: GPL-2.0-or-later
/* test-policy-boot.c - the order of what is done to a GPU at boot, for every combination */

/*
 * Real: policy-boot.c, which is a pure function.
 * Faked: the section of host.ini and the card are values that are built here. The sentences
 * are in tests/golden/place/boot-refused.
 */

#include "policy-boot.h"
#include "unit.h"

#include <errno.h>

#define CARD "0000:e8:00.0"

static struct conf_gpu conf;
static struct vgpu_card card;

static int setup(void **state)
{
	(void)state;
	conf = (struct conf_gpu){
		.name = "a40", .line = 4, .bdf = { 0, 0xe8, 0, 0 }, .probe_vfs = true
	};
	card = (struct vgpu_card){ .name = CARD,
				   .pci = true,
				   .bdf = conf.bdf,
				   .id = { 0x10de, 0x2235 },
				   .driver = "nvidia",
				   .total_vfs = 32 };
	return 0;
}

/* "offer=ready numvfs=32"; what every step has in common is checked on the way */
static void check_plan(const char *want)
{
	struct plan plan = { 0 };
	char have[512] = "", sentence[WHY_LEN] = "untouched";

	assert_int_equal(policy_boot(&conf, &card, &plan, sentence), 0);
	assert_string_equal(sentence, "untouched");
	for (size_t i = 0; i < plan.n; i++) {
		const struct step *s = &plan.steps[i];

		assert_string_equal(s->target, CARD);
		assert_string_equal(s->from, "");
		assert_true(s->keep);
		snprintf(have + strlen(have), sizeof(have) - strlen(have), "%s%s=%s",
			 i ? ", " : "", s->kind, s->to);
	}
	assert_string_equal(have, want);
	plan_free(&plan);
}

static void check_error(int want, const char *part)
{
	struct step mark;
	struct plan plan = { &mark, 1 };
	char sentence[WHY_LEN] = "";

	assert_int_equal(policy_boot(&conf, card.name[0] ? &card : NULL, &plan, sentence),
			 want);
	unit_check_sentence(sentence);
	if (strncmp(sentence, "host.ini:4: [gpu a40]: ", 23) != 0 ||
	    !strstr(sentence, part))
		fail_msg("'%s' is not in: %s", part, sentence);
	/* an out-parameter is untouched on failure */
	assert_ptr_equal(plan.steps, &mark);
	assert_int_equal(plan.n, 1);
}

static void every_combination(void **state)
{
	static const char *const vfs[] = { "", ", numvfs=32", ", numvfs=32 free" };
	char want[256];

	(void)state;
	for (unsigned int i = 0; i < 3 * 2 * 2; i++) {
		bool mig = i / 3 % 2, mixed = i / 6;

		setup(NULL);
		conf.vfs = i % 3 ? CONF_VFS_ALL : CONF_VFS_LEAVE;
		conf.probe_vfs = i % 3 != 2;
		strcpy(conf.mig, mig ? "3g.20gb 1g.5gb" : "");
		conf.mixed = mixed;
		snprintf(want, sizeof(want), "offer=ready%s%s%s%s%s",
			 mig ? ", mig-mode=on" : "", vfs[i % 3],
			 mig ? ", mig=1g.5gb 3g.20gb" : "", mixed ? ", mixed=on" : "",
			 i ? ", offer=ready" : "");
		check_plan(want);
	}
}

static void some_functions(void **state)
{
	(void)state;
	conf.vfs = CONF_VFS_NUMBER;
	conf.n_vfs = 7;
	strcpy(card.driver, "xe");
	check_plan("offer=ready, numvfs=7, offer=ready");
	conf.n_vfs = 32;
	check_plan("offer=ready, numvfs=32, offer=ready");
	conf.n_vfs = 33;
	check_error(-ERANGE, "can have 32 virtual functions at most");
	card.total_vfs = 0;
	check_error(-ERANGE, "cannot have virtual functions");
}

/* sriov-manage makes all or none; what somebody has made in another way may stay */
static void some_functions_of_nvidia(void **state)
{
	(void)state;
	conf.vfs = CONF_VFS_NUMBER;
	conf.n_vfs = 7;
	check_error(-ERANGE, "makes all 32 virtual functions of " CARD " or none");
	card.n_vfs = 7;
	check_plan("offer=ready, numvfs=7, offer=ready");
	conf.n_vfs = 32;
	check_plan("offer=ready, numvfs=32, offer=ready");
}

static void another_card(void **state)
{
	(void)state;
	conf.expected = true;
	conf.id = card.id;
	check_plan("offer=ready");
	conf.id.device = 0x20b0;
	check_error(-EPERM, CARD " is 10de:2235, not 10de:20b0");
	conf.id = (struct id_pair){ 0x1002, card.id.device };
	check_error(-EPERM, "not 1002:2235");
}

static void no_card(void **state)
{
	(void)state;
	card.name[0] = '\0';
	check_error(-ENODEV, "no card that can be cut into vGPUs at " CARD);
}

static void card_of_a_vm(void **state)
{
	(void)state;
	strcpy(card.driver, "vfio-pci");
	check_error(-EBUSY, "is on vfio-pci");
	strcpy(card.driver, "nvgrace-gpu-vfio-pci");
	check_error(-EBUSY, "is on nvgrace-gpu-vfio-pci");
	/* it may come yet: the first step waits for it */
	card.driver[0] = '\0';
	check_plan("offer=ready");
}

/* as long as the list may be */
static void longest_list(void **state)
{
	char want[sizeof(conf.mig) + 64];

	(void)state;
	for (size_t i = 0; i < sizeof(conf.mig) - 1; i++)
		conf.mig[i] = i % 2 ? ' ' : 'a';
	conf.mig[sizeof(conf.mig) - 1] = '\0';
	snprintf(want, sizeof(want), "offer=ready, mig-mode=on, mig=%s, offer=ready",
		 conf.mig);
	check_plan(want);
	memset(conf.mig, 'a', sizeof(conf.mig) - 1);
	snprintf(want, sizeof(want), "offer=ready, mig-mode=on, mig=%s, offer=ready",
		 conf.mig);
	check_plan(want);
}

/* ---- policy_vgpu() ---- */

static void check_vgpu(const struct place *p, bool keep, const char *want)
{
	struct plan plan = { 0 };
	char have[512] = "";

	assert_int_equal(policy_vgpu(p, keep, &plan), 0);
	for (size_t i = 0; i < plan.n; i++) {
		const struct step *s = &plan.steps[i];

		snprintf(have + strlen(have), sizeof(have) - strlen(have),
			 "%s %s: '%s' -> '%s'%s\n", s->kind, s->target, s->from, s->to,
			 s->keep ? " kept" : "");
	}
	assert_string_equal(have, want);
	plan_free(&plan);
}

static void steps_of_vgpus(void **state)
{
	struct place mdev = { PLACE_MAKE,
			      "0000:e8:00.4",
			      "nvidia-558",
			      VGPU_MDEV,
			      "2f82ee72-3ac5-4615-9c0b-327c12e8c83d",
			      "" };
	struct place vendor = { PLACE_MAKE, "0000:e8:00.4", "558", VGPU_VENDOR, "", "" };
	struct place plain = { PLACE_THERE, "0000:03:00.4", "", VGPU_VF, "", "" };

	(void)state;
	check_vgpu(
		&mdev, true,
		"mdev 2f82ee72-3ac5-4615-9c0b-327c12e8c83d: '' -> '0000:e8:00.4 nvidia-558' kept\n");
	check_vgpu(
		&mdev, false,
		"mdev 2f82ee72-3ac5-4615-9c0b-327c12e8c83d: '' -> '0000:e8:00.4 nvidia-558'\n");
	check_vgpu(&vendor, false, "vgpu 0000:e8:00.4: '' -> '558'\n");
	check_vgpu(&plain, false, "");
	mdev.kind = vendor.kind = PLACE_THERE;
	check_vgpu(&mdev, true, "");
	check_vgpu(&vendor, true, "");
	mdev.kind = PLACE_REFUSED;
	check_vgpu(&mdev, true, "");
}

#define TEST(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_combination),
		TEST(some_functions),
		TEST(some_functions_of_nvidia),
		TEST(another_card),
		TEST(no_card),
		TEST(card_of_a_vm),
		TEST(longest_list),
		TEST(steps_of_vgpus),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

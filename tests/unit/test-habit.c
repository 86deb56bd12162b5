// SPDX-License-Identifier: GPL-2.0-or-later
/* test-habit.c - what is understood of modprobe.d and of the kernel's command line */

/* Real: habit.c, a pure function of text. Nothing is faked. */

#include "habit.h"
#include "unit.h"

static struct habits h;

static int setup(void **state)
{
	(void)state;
	memset(&h, 0, sizeof(h));
	return 0;
}

static void conf(const char *text)
{
	assert_int_equal(habits_read_conf(text, "m.conf", &h), 0);
}

static void check(size_t i, enum habit_kind kind, const char *where, const char *module)
{
	char advice[WHY_LEN];

	assert_in_range(i, 0, h.n - 1);
	assert_int_equal(h.habit[i].kind, kind);
	assert_string_equal(h.habit[i].where, where);
	assert_string_equal(h.habit[i].module, module);
	habit_advice(&h.habit[i], advice);
	unit_check_sentence(advice);
	assert_non_null(strstr(advice, where));
}

static void what_a_guide_says(void **state)
{
	(void)state;
	conf("# cards for VMs\n"
	     "options vfio-pci ids=10de:2684,10de:22ba disable_vga=1\n"
	     "softdep nouveau pre: vfio-pci\n"
	     "softdep nvidia pre: vfio vfio_pci\n"
	     "blacklist nouveau\n"
	     "\tblacklist   nvidia-drm # comment\n"
	     "install snd-hda-intel /bin/false\n"
	     "options nvidia NVreg_OpenRmEnableUnsupportedGpus=1\n"
	     "options kvm ignore_msrs=1\n"
	     "install vfio-pci /usr/local/sbin/override.sh\n"
	     "blacklist pcspkr\n"
	     "softdep nouveau post: other\n");
	assert_int_equal(h.n, 6);
	check(0, HABIT_IDS, "m.conf:2", "");
	check(1, HABIT_SOFTDEP, "m.conf:3", "nouveau");
	check(2, HABIT_SOFTDEP, "m.conf:4", "nvidia");
	check(3, HABIT_BLACKLIST, "m.conf:5", "nouveau");
	check(4, HABIT_BLACKLIST, "m.conf:6", "nvidia_drm");
	check(5, HABIT_BLACKLIST, "m.conf:7", "snd_hda_intel");
	assert_int_equal(h.habit[0].n_ids, 2);
}

static void lines_that_go_on(void **state)
{
	(void)state;
	conf("options vfio-pci \\\n  ids=10de:2684,\\\n10de:22ba\nblacklist nouveau");
	assert_int_equal(h.n, 2);
	assert_int_equal(h.habit[0].n_ids, 2);
	check(0, HABIT_IDS, "m.conf:1", "");
	check(1, HABIT_BLACKLIST, "m.conf:4", "nouveau");
}

/* What does not fit in is left out, and the next line is read all the same. */
static void line_without_end(void **state)
{
	static char text[8192] = "options vfio-pci ids=10de:2684 \\\n";
	size_t len = strlen(text);

	(void)state;
	memset(text + len, 'x', 5000);
	strcpy(text + len + 5000, "\nblacklist nouveau\n");
	conf(text);
	assert_int_equal(h.n, 2);
	check(0, HABIT_IDS, "m.conf:1", "");
	check(1, HABIT_BLACKLIST, "m.conf:3", "nouveau");
}

static void command_line(void **state)
{
	(void)state;
	assert_int_equal(
		habits_read_cmdline(
			"root=/dev/vda ro vfio-pci.ids=10de:2684 pci-stub.ids=1002:73bf:1:2 "
			"rd.driver.pre=vfio-pci rd.driver.pre=nvme modprobe.blacklist=nouveau,pcspkr "
			"module_blacklist=snd_hda_intel vfio_pci.disable_vga=1 quiet",
			&h),
		0);
	assert_int_equal(h.n, 5);
	check(0, HABIT_IDS, "the kernel's command line", "");
	check(1, HABIT_STUB, "the kernel's command line", "");
	check(2, HABIT_SOFTDEP, "the kernel's command line", "");
	check(3, HABIT_BLACKLIST, "the kernel's command line", "nouveau");
	check(4, HABIT_BLACKLIST, "the kernel's command line", "snd_hda_intel");
}

static bool fits(const char *ids)
{
	static const struct alias_device dev = { 0x10de, 0x2684, 0x1043, 0x88e2,
						 0x030000 };
	char line[256];

	memset(&h, 0, sizeof(h));
	snprintf(line, sizeof(line), "options vfio-pci ids=%s", ids);
	conf(line);
	assert_int_equal(h.n, 1);
	return habit_matches(&h.habit[0], &dev);
}

static void which_ids_fit(void **state)
{
	(void)state;
	assert_true(fits("10de:2684"));
	assert_true(fits("10DE:2684"));
	assert_true(fits("\"1002:73bf,10de:2684\""));
	assert_true(fits("10de:ffffffff"));
	assert_true(fits("10de:2684:1043"));
	assert_true(fits("10de:2684:ffffffff:ffffffff:030000:ff0000"));
	assert_true(fits("10de:2684:1043:88e2:040300"));
	assert_false(fits("10de:2685"));
	assert_false(fits("10de"));
	assert_false(fits("10de:"));
	assert_false(fits(""));
	assert_false(fits("10de:2684:1458"));
	assert_false(fits("10de:2684:1043:88e3"));
	assert_false(fits("10de:2684:1043:88e2:040300:ff0000"));
}

/* nothing that somebody may have written reads past its end or makes a loop */
static void any_text(void **state)
{
	static const char seed[] =
		"options vfio-pci ids=10de:2684,10de:22ba \\\nx\nsoftdep nouveau pre: "
		"vfio-pci\nblacklist nouveau\ninstall nvidia /bin/false\n";
	static const char *const pieces[] = { "\\\n", "ids=",       ",", ":",
					      "\"",   "blacklist ", "\n" };
	uint64_t random = 5;

	(void)state;
	for (int i = 0; i < 3000; i++) {
		size_t len;
		char *bytes = unit_mutate(&random, seed, sizeof(seed) - 1, pieces,
					  ARRAY_LEN(pieces), &len);
		char *text = strndup(bytes, len);

		memset(&h, 0, sizeof(h));
		assert_int_equal(habits_read_conf(text, "m.conf", &h), 0);
		assert_int_equal(habits_read_cmdline(text, &h), 0);
		free(text);
		free(bytes);
	}
}

static void more_than_there_is_room_for(void **state)
{
	(void)state;
	for (int i = 0; i < HABITS_MAX; i++)
		conf("blacklist nouveau\n");
	assert_int_equal(habits_read_conf("blacklist nouveau", "m.conf", &h), -7);
	assert_int_equal(h.n, HABITS_MAX);
}

#define TEST(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_a_guide_says),
		TEST(lines_that_go_on),
		TEST(line_without_end),
		TEST(command_line),
		TEST(which_ids_fit),
		TEST(any_text),
		TEST(more_than_there_is_room_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* test-nvidia.c - what nvidia-smi answers, and what is set through it */

/*
 * Real: kind-nvidia.c, smi.c, smi-read.c, child.c.
 * Played: nvidia-smi is a script of the test that keeps the card in files. Its answers, and
 * tests/data/nvidia-smi, are written from the documented formats: no card is at hand.
 */

#include "clock.h"
#include "file.h"
#include "kinds.h"
#include "smi.h"
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define CARD "0000:e8:00.0"

static struct tree tree;
static struct host host;
static char have[STATE_LEN], smi[512];

static const char *sample(const char *name)
{
	static char text[32768];
	char path[256];
	int fd;
	ssize_t n;

	snprintf(path, sizeof(path), "tests/data/nvidia-smi/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	assert_true(n > 0);
	/* as child_run() gives it */
	text[n - (text[n - 1] == '\n')] = '\0';
	return text;
}

/* ---- answers ---- */

static int mode_of(const char *text, int *pending)
{
	*pending = 77;
	return smi_read_mig_mode(text, pending);
}

static void modes(void **state)
{
	static const char *const wrong[] = {
		"",
		"Enabled",
		"Enabled,Enabled",
		"Enabled, Enabled\n",
		"on, on",
		"Enabled, Enabled, x",
		"enabled, enabled",
		"Enabled, ",
		"Unable to determine the device handle",
		"Enabled, Enabled\nEnabled, Enabled",
	};
	int pending;

	(void)state;
	assert_int_equal(mode_of(sample("mig-mode-on"), &pending), 1);
	assert_int_equal(pending, 1);
	assert_int_equal(mode_of(sample("mig-mode-off"), &pending), 0);
	assert_int_equal(pending, 0);
	assert_int_equal(mode_of(sample("mig-mode-pending"), &pending), 0);
	assert_int_equal(pending, 1);
	assert_int_equal(mode_of(sample("mig-mode-none"), &pending), -EOPNOTSUPP);
	assert_int_equal(pending, 77);
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		assert_int_equal(mode_of(wrong[i], &pending), -EBADMSG);
}

static void mixed_sizes(void **state)
{
	(void)state;
	assert_int_equal(smi_read_mixed(sample("query-on")), 1);
	assert_int_equal(smi_read_mixed(sample("query-off")), 0);
	assert_int_equal(smi_read_mixed(sample("query-none")), -EOPNOTSUPP);
	assert_int_equal(smi_read_mixed(sample("query-old")), -EOPNOTSUPP);
	assert_int_equal(smi_read_mixed(""), -EBADMSG);
	assert_int_equal(smi_read_mixed("No devices were found"), -EBADMSG);
	assert_int_equal(smi_read_mixed("vGPU Heterogeneous Mode Enabled"), -EBADMSG);
	assert_int_equal(smi_read_mixed("vGPU Heterogeneous Mode : Maybe"), -EBADMSG);
	assert_int_equal(
		smi_read_mixed("vGPU Heterogeneous Mode : Enabled and then some"),
		-EBADMSG);
}

static void check_instances(const char *text, const char *want)
{
	char list[SMI_INSTANCES_LEN];

	assert_int_equal(smi_read_instances(text, list), 0);
	assert_string_equal(list, want);
}

#define TABLE "| GPU instances: |\n|====|\n"

static void instances(void **state)
{
	static const char *const wrong[] = {
		"",
		"|====|\n|   0  MIG 1g.5gb  19  7  0:1  |",
		"GPU instances:\n",
		TABLE "|   0  MIG 1g.5gb  19  7  0:1",
		TABLE "|   0  MIG 1g.5gb  19  7  |",
		TABLE "|   0  1g.5gb  19  7  0:1  |",
		TABLE "|   0  GPU 1g.5gb  19  7  0:1  |",
		TABLE "|   0  MIG 1g.5gb\x1b  19  7  0:1  |",
		TABLE "|   0  MIG -dgi  19  7  0:1  |",
		TABLE "|   x  MIG 1g.5gb  19  7  0:1  |",
		TABLE "|   0  MIG 1g.5gb  19  7  0:1  | x",
		TABLE "|   0  MIG 1g.5gb  19  7  0  |",
		TABLE "|   0  MIG 1g.5gb  19  -7  0:1  |",
		TABLE "|   0  MIG 1g.5gb  19  7  0:1  |\nUnable to list the rest",
		"Failed to display GPU instances: Unknown Error",
	};
	char list[SMI_INSTANCES_LEN] = "untouched";

	(void)state;
	check_instances(sample("instances-two"), "2g.10gb 3g.20gb");
	check_instances(sample("instances-seven"),
			"1g.5gb 1g.5gb 1g.5gb 1g.5gb 1g.5gb 1g.5gb 1g.5gb+me");
	check_instances(sample("instances-none"), "none");
	check_instances(sample("instances-no-mig"), "none");
	check_instances(TABLE "+----+", "none");
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		assert_int_equal(smi_read_instances(wrong[i], list), -EBADMSG);
	assert_string_equal(list, "untouched");
}

static void answers_that_are_broken(void **state)
{
	static const char *const names[] = { "instances-two", "instances-seven",
					     "query-on", "mig-mode-pending" };
	static const char *const pieces[] = {
		"|", "MIG", ":", "\n", " ", "Enabled", "==="
	};
	uint64_t seed = 4711;

	(void)state;
	for (size_t i = 0; i < 4000; i++) {
		char list[SMI_INSTANCES_LEN], *text, *copy;
		const char *from = sample(names[i % ARRAY_LEN(names)]);
		size_t len;
		int pending;

		text = unit_mutate(&seed, from, strlen(from), pieces, ARRAY_LEN(pieces),
				   &len);
		copy = strndup(text, len);
		assert_non_null(copy);
		if (smi_read_instances(copy, list) == 0)
			assert_in_range(strlen(list), 1, sizeof(list) - 1);
		assert_true(smi_read_mixed(copy) <= 1);
		assert_true(smi_read_mig_mode(copy, &pending) <= 1);
		free(text);
		free(copy);
	}
}

/* ---- what is set ---- */

/* @odd: shell text that is run first, with the command in $all */
static void card(const char *odd)
{
	char text[4096];

	snprintf(
		text, sizeof(text),
		"#!/bin/sh\ncd '%s' || exit 99\nall=$*\necho \"$all\" >> calls\n%s\n"
		"word() { [ $(cat $1) = 1 ] && printf %s || printf %s; }\n"
		"case $all in\n"
		"'-i " CARD
		" --query-gpu=mig.mode.current,mig.mode.pending --format=csv,noheader')\n"
		"	word mode; printf ', '; word pending; echo ;;\n"
		"'-i " CARD " -mig '[01])\n"
		"	echo $4 > pending; [ -e busy ] || echo $4 > mode; echo All done. ;;\n"
		"'--gpu-reset -i " CARD "')\n"
		"	[ ! -e busy ] || exit 255; cat pending > mode ;;\n"
		"'mig -i " CARD " -lgi')\n"
		"	[ -s list ] || { echo 'No GPU instances found: Not Found'; exit 6; }\n"
		"	echo '| GPU instances: |'; echo '|====|'; n=0\n"
		"	while read -r p; do n=$((n + 1)); echo \"|  0  MIG $p  9  $n  $n:1  |\"; done < list ;;\n"
		"'mig -i " CARD " -cgi '*' -C') echo $5 | tr , '\\n' >> list ;;\n"
		"'mig -i " CARD " -dci') : ;;\n"
		"'mig -i " CARD " -dgi') : > list ;;\n"
		"'-i " CARD " -q')\n"
		"	echo '        vGPU Heterogeneous Mode           : '$(word mixed) ;;\n"
		"'vgpu -i " CARD
		" -shm '[01]) [ ! -e vgpus ] || exit 19; echo $5 > mixed ;;\n"
		"*) echo 'Invalid combination of input arguments.'; exit 2 ;;\n"
		"esac\n",
		tree.path, odd, "Enabled", "Disabled");
	tree_file(&tree, "nvidia-smi", text);
	assert_int_equal(fchmodat(tree.fd, "nvidia-smi", 0755, 0), 0);
	tree_file(&tree, "calls", "");
}

static int setup(void **state)
{
	static const char *const off[] = { "mode", "pending", "mixed" };

	(void)state;
	tree_make(&tree);
	assert_int_equal(host_open(&host, tree.path, kinds_boot), 0);
	snprintf(smi, sizeof(smi), "%s/nvidia-smi", tree.path);
	host.nvidia_smi = smi;
	host.deadline_ms = 6000; /* the pauses between tries are a share of it */
	for (size_t i = 0; i < ARRAY_LEN(off); i++)
		tree_file(&tree, off[i], "0\n");
	tree_file(&tree, "list", "");
	card("");
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

static void check_get(const struct kind *k, const char *want)
{
	assert_int_equal(k->get(&host, CARD, have), 0);
	assert_string_equal(have, want);
}

static int set(const struct kind *k, const char *state)
{
	return k->set(&host, CARD, state);
}

static bool was_called(const char *args)
{
	return strstr(tree_text(&tree, "calls"), args) != NULL;
}

static void mig_mode(void **state)
{
	(void)state;
	check_get(&kind_mig_mode, "off");
	assert_int_equal(set(&kind_mig_mode, "off"), 0);
	assert_false(was_called("-mig"));
	assert_int_equal(set(&kind_mig_mode, "on"), 0);
	check_get(&kind_mig_mode, "on");
	assert_int_equal(set(&kind_mig_mode, "off"), 0);
	check_get(&kind_mig_mode, "off");
	assert_false(was_called("--gpu-reset"));
	assert_int_equal(set(&kind_mig_mode, ""), -EINVAL);
	assert_int_equal(set(&kind_mig_mode, "1"), -EINVAL);
}

/* an Ampere card that somebody has open: the mode waits for a reset */
static void mig_mode_of_a_busy_card(void **state)
{
	(void)state;
	tree_file(&tree, "busy", "");
	assert_int_equal(set(&kind_mig_mode, "on"), -EBUSY);
	assert_true(was_called("--gpu-reset -i " CARD));
	check_get(&kind_mig_mode, "off");
	/* who had it leaves after the second try */
	card("[ $(grep -c -e '-mig 1' calls) -lt 2 ] || rm -f busy");
	assert_int_equal(set(&kind_mig_mode, "on"), 0);
	check_get(&kind_mig_mode, "on");
}

static void mode_that_the_card_has_not(void **state)
{
	(void)state;
	card("case $all in *query*) echo '[N/A], [N/A]'; exit 0 ;; esac");
	assert_int_equal(kind_mig_mode.get(&host, CARD, have), -EOPNOTSUPP);
	assert_int_equal(set(&kind_mig_mode, "on"), -EOPNOTSUPP);
	assert_false(was_called("-mig"));
	assert_string_equal(have, "untouched");
	assert_non_null(kind_mig_mode.remedy(-EOPNOTSUPP));
}

static void instances_are_made(void **state)
{
	(void)state;
	check_get(&kind_mig, "none");
	assert_int_equal(set(&kind_mig, "none"), 0);
	assert_int_equal(set(&kind_mig, "3g.20gb 2g.10gb"), 0);
	check_get(&kind_mig, "2g.10gb 3g.20gb");
	assert_true(was_called("mig -i " CARD " -cgi 3g.20gb,2g.10gb -C"));
	tree_file(&tree, "calls", "");
	assert_int_equal(set(&kind_mig, "2g.10gb 3g.20gb"), 0);
	assert_false(was_called("-cgi"));
	assert_int_equal(set(&kind_mig, "none"), 0);
	assert_true(was_called("-dci") && was_called("-dgi"));
	check_get(&kind_mig, "none");
}

/* Ended half-way, the rest is made; others are left to whoever made them. */
static void instances_that_are_there(void **state)
{
	(void)state;
	tree_file(&tree, "list", "1g.5gb\n2g.10gb\n");
	assert_int_equal(set(&kind_mig, "1g.5gb 1g.5gb 2g.10gb 3g.20gb"), 0);
	assert_true(was_called("-cgi 1g.5gb,3g.20gb -C"));
	tree_file(&tree, "calls", "");
	assert_int_equal(set(&kind_mig, "1g.5gb 2g.10gb 3g.20gb"), -EEXIST);
	assert_int_equal(set(&kind_mig, "7g.40gb"), -EEXIST);
	assert_false(was_called("-cgi") || was_called("-dgi"));
	assert_true(kind_mig.same("3g.20gb 1g.5gb", "1g.5gb 3g.20gb"));
	assert_false(kind_mig.same("1g.5gb", "1g.5gb 1g.5gb"));
	assert_false(kind_mig.same("1g.5gb 1g.5gb", "1g.5gb"));
	assert_false(kind_mig.same("1g.5gb", "none"));
}

static void instances_that_do_not_fit(void **state)
{
	(void)state;
	card("case $all in *-cgi*) exit 23 ;; esac");
	assert_int_equal(set(&kind_mig, "7g.40gb"), -ENOSPC);
	card("case $all in *-cgi*) exit 0 ;; esac"); /* says success */
	assert_int_equal(set(&kind_mig, "7g.40gb"), -EIO);
	/* a monitor is in the way at first; then it says failure, and they are there */
	card("case $all in *-cgi*) [ $(grep -c -e -cgi calls) -ge 3 ] || exit 19;"
	     " echo 7g.40gb >> list; exit 1 ;; esac");
	assert_int_equal(set(&kind_mig, "7g.40gb"), 0);
}

static void mixed(void **state)
{
	(void)state;
	check_get(&kind_mixed, "off");
	assert_int_equal(set(&kind_mixed, "on"), 0);
	check_get(&kind_mixed, "on");
	tree_file(&tree, "vgpus", "");
	assert_int_equal(set(&kind_mixed, "off"), -EBUSY);
	check_get(&kind_mixed, "on");
	assert_int_equal(set(&kind_mixed, "maybe"), -EINVAL);
}

static void errors(void **state)
{
	static const struct {
		int status, r;
	} known[] = { { 2, -EIO },    { 3, -EOPNOTSUPP }, { 6, -ENODEV },
		      { 9, -ENODEV }, { 15, -ENODEV },    { 255, -EIO } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		char odd[64];

		snprintf(odd, sizeof(odd), "echo No devices were found; exit %d",
			 known[i].status);
		card(odd);
		assert_int_equal(kind_mig_mode.get(&host, CARD, have), known[i].r);
		assert_int_equal(kind_mig.get(&host, CARD, have), known[i].r);
		assert_int_equal(set(&kind_mixed, "on"), known[i].r);
	}
	card("echo; exit 0");
	assert_int_equal(kind_mig.get(&host, CARD, have), -EIO);
	host.nvidia_smi = "/nonexistent/nvidia-smi";
	assert_int_equal(kind_mixed.get(&host, CARD, have), -ENOENT);
	assert_string_equal(have, "untouched");
}

static void nvidia_smi_that_hangs(void **state)
{
	uint64_t begin = clock_ms();

	(void)state;
	card("case $all in *-q|*-cgi*) exec sleep 1000 ;; esac");
	host.deadline_ms = 300;
	assert_int_equal(kind_mixed.get(&host, CARD, have), -ETIME);
	assert_int_equal(set(&kind_mixed, "on"), -ETIME);
	host.deadline_ms = 2000;
	assert_int_equal(set(&kind_mig, "7g.40gb"), -ETIME);
	assert_in_range(clock_ms() - begin, 600, 60000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(modes),
		cmocka_unit_test(mixed_sizes),
		cmocka_unit_test(instances),
		cmocka_unit_test(answers_that_are_broken),
		TEST(mig_mode),
		TEST(mig_mode_of_a_busy_card),
		TEST(mode_that_the_card_has_not),
		TEST(instances_are_made),
		TEST(instances_that_are_there),
		TEST(instances_that_do_not_fit),
		TEST(mixed),
		TEST(errors),
		TEST(nvidia_smi_that_hangs),
	};

	return cmocka_run_group_tests_name("nvidia", tests, NULL, NULL);
}

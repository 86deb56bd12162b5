// SPDX-License-Identifier: GPL-2.0-or-later
/* test-import-boot-bounds.c - virt-handoff import rc-local and mdevctl: what is too long, too many, or there twice */

/*
 * Real: the parsers and the writer. Faked: the host is files below TMPDIR.
 */

#include "import-from.h"

#include <fcntl.h>
#include <unistd.h>

/* A line with a word of @len letters in it */
static void script_with_long(const char *before, char letter, size_t len,
			     const char *after)
{
	char text[4096], word[2048];

	assert_true(len < sizeof(word));
	memset(word, letter, len);
	word[len] = '\0';
	snprintf(text, sizeof(text), "%s%s%s\n", before, word, after);
	from_script(text);
}

/* A name that has no room is never cut and taken. */
static void too_long(void **state)
{
	static const struct {
		const char *before, *after;
		char letter;
		size_t len;
		const char *said;
	} rows[] = {
		{ "nvidia-smi -i ", " -mig 1", '1', 256,
		  "the list of cards is too long" },
		{ "nvidia-smi mig -i 0000:e8:00.0 -cgi ", "", 'x', 128,
		  "more than 127 characters of profiles are not taken" },
		{ "mdevctl start -u 2f82ee72-3ac5-4615-9c0b-327c12e8c83d -t a -p ", "",
		  'p', 512, "a name is too long" },
		{ "mdevctl start -u 2f82ee72-3ac5-4615-9c0b-327c12e8c83d -p a -t ", "",
		  't', 300, "a name is too long" },
		{ "mdevctl start -p a -t b -u ", "", 'u', 512, "the text is too long" },
		{ "echo ", " > /sys/a", 'a', 512, "the text is too long" },
		{ "echo 1 > /sys/", "", 'a', 508, "the path is too long" },
		{ "cd /", "", 'a', 511, "the path is too long" },
		{ "systemctl stop ", "", 'u', 56, "the name is too long" },
		{ "rmmod ", "", 'm', 64, "the name is too long" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		script_with_long(rows[i].before, rows[i].letter, rows[i].len,
				 rows[i].after);
		if (from_count_said(rows[i].said) != 1)
			fail_msg("'%s': %s", rows[i].said,
				 from.boot->n_said ? from.boot->said[0].text : "nothing");
		assert_int_equal(
			from.boot->n_gpus + from.boot->n_vgpus + from.boot->n_words, 0);
	}
}

#define CREATE(parent, type) \
	" > /sys/class/mdev_bus/" parent "/mdev_supported_types/" type "/create\n"
#define DESK "2f82ee72-3ac5-4615-9c0b-327c12e8c83d"

/* The last line that makes it counts, and once is enough. */
static void made_twice(void **state)
{
	static const char first[] = "echo " DESK CREATE("0000:e8:00.4", "nvidia-558");
	static const char other[] = "echo " DESK CREATE("0000:e8:00.5", "nvidia-559");
	char text[512];

	(void)state;
	snprintf(text, sizeof(text), "%s%s", first, first);
	from_script(text);
	assert_int_equal(from.boot->n_vgpus, 1);
	assert_int_equal(from.boot->n_said, 0);
	snprintf(text, sizeof(text), "%s%s", first, other);
	from_script(text);
	assert_int_equal(from.boot->n_vgpus, 1);
	assert_string_equal(from.boot->vgpu[0].parent, "0000:e8:00.5");
	assert_string_equal(from.boot->vgpu[0].type, "nvidia-559");
	assert_int_equal(from.boot->n_said, 1);
	assert_int_equal(from.boot->said[0].kind, IMPORT_LOOK);
	assert_int_equal(from_count_said(DESK " is made a second time, and otherwise: "
					      "only this line is taken"),
			 1);
}

/* mdevctl's files are read in the same way */
static void too_long_for_mdevctl(void **state)
{
	char text[512] = "{\"mdev_type\":\"";
	int dir;

	(void)state;
	memset(text + strlen(text), 't', 300);
	strcat(text, "\"}");
	tree_file(&from.tree, "etc/mdevctl.d/0000:e8:00.4/" DESK, text);
	dir = openat(from.tree.fd, "etc/mdevctl.d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(dir >= 0);
	from_open();
	assert_int_equal(import_mdevctl(from.boot, dir), 0);
	close(dir);
	assert_int_equal(from.boot->n_vgpus, 0);
	assert_int_equal(from.boot->n_said, 1);
	assert_int_equal(from_count_said("a name is too long"), 1);
}

static void too_many(void **state)
{
	static const char one_more[] = "echo " DESK CREATE("0000:e8:00.4", "nvidia-558");

	(void)state;
	from_script("for i in {10..73}; do for k in {10..25}; do\n"
		    "echo 2f82ee72-3ac5-4615-9c0b-327c12e8$i$k" CREATE(
			    "0000:e8:00.4", "nvidia-558") "done; done\n");
	assert_int_equal(from.boot->n_vgpus, IMPORT_VGPUS_MAX);
	assert_int_equal(from.boot->n_said, 0);
	assert_int_equal(import_rc_local(from.boot, one_more, sizeof(one_more) - 1), 0);
	assert_int_equal(from.boot->n_vgpus, IMPORT_VGPUS_MAX);
	assert_int_equal(from_count_said("more than 1024 vGPUs are not taken"), 1);
	from_script("for i in {1..32}; do systemctl stop a$i; done\n");
	assert_int_equal(from.boot->n_words, 32);
	assert_int_equal(from_count_said("there are too many"), 0);
	from_script("for i in {1..33}; do systemctl stop a$i; done\n");
	assert_int_equal(from.boot->n_words, 32);
	assert_int_equal(from_count_said("there are too many"), 1);
}

static void too_much_to_say(void **state)
{
	static char lines[8 * IMPORT_SAID_MAX + 9];
	const struct import_said *last;

	(void)state;
	for (size_t i = 0; i < IMPORT_SAID_MAX + 1; i++)
		memcpy(lines + 8 * i, "sleep 1\n", 9);
	from_script(lines);
	assert_int_equal(from.boot->n_said, IMPORT_SAID_MAX);
	last = &from.boot->said[IMPORT_SAID_MAX - 1];
	assert_int_equal(last->kind, IMPORT_LEFT);
	assert_string_equal(
		last->text,
		"line 4096: sleep 1: from here on nothing is said any more; give the text in parts");
}

/* Which cards a program means, and what the text of host.ini makes of it */
static void cards_of_a_program(void **state)
{
	char *out;

	(void)state;
	from_script("systemctl --no-block stop a.service\n"
		    "nvidia-smi -i 0000:e8:00.0,0000:e8:00.1,10000:e9:00.0 -mig 1\n"
		    "nvidia-smi mig -i 0000:e8:00.0 -cgi 1g.5gb -C\n"
		    "nvidia-smi -i 0000:e8:00.0 -shm 1\n"
		    "nvidia-smi -i 10000:e9:00.0 --set-heterogeneous-mode=1\n"
		    "echo -n 0 > /sys/bus/pci/devices/0000:ea:00.0/sriov_numvfs\n"
		    "echo -n 4 > /sys/bus/pci/devices/0000:eb:00.0/sriov_numvfs\n");
	out = from_print();
	assert_non_null(strstr(
		out,
		"[gpu gpu-0000-e8-00-0]\naddress = 0000:e8:00.0\n; no such card is on this host\n"
		"mig = 1g.5gb\n; mixed-sizes = yes: not together with mig\n"));
	assert_non_null(strstr(
		out,
		"[gpu gpu-10000-e9-00-0]\naddress = 10000:e9:00.0\n; no such card is on this host\nmixed-sizes = yes\n"));
	assert_null(strstr(out, "gpu-ea"));
	assert_non_null(strstr(
		out,
		"[gpu gpu-eb]\naddress = 0000:eb:00.0\n; no such card is on this host\nvfs = 4\n"));
	free(out);
	assert_int_equal(from.boot->n_words, 1);
	assert_string_equal(from.boot->word[0].name, "a.service");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, from_setup, from_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(too_long),        TEST(made_twice),
		TEST(too_many),        TEST(too_long_for_mdevctl),
		TEST(too_much_to_say), TEST(cards_of_a_program),
	};

	return cmocka_run_group_tests_name("import-boot-bounds", tests, NULL, NULL);
}

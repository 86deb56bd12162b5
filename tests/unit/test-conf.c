// SPDX-License-Identifier: GPL-2.0-or-later
/* test-conf.c - which file is a VM's, which sections and keys there are */

/*
 * Real: conf.c, conf-keys.c, ini.c with iniparser, files in a folder of their own below
 * TMPDIR. Nothing is faked. What the keys take is in test-conf-devices.c, test-conf-vgpu.c
 * and test-conf-forward.c.
 */

#include "conf-text.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define UUID "2f82ee72-3ac5-4615-9c0b-327c12e8c83d"

static void table_is_sound(void **state)
{
	size_t n;
	const struct conf_key *keys = conf_vm_keys(&n);

	(void)state;
	assert_int_equal(n, 26);
	for (size_t i = 0; i < n; i++) {
		assert_true(*keys[i].type && *keys[i].help);
		assert_true(keys[i].offset + keys[i].size <= sizeof(struct conf_vm));
		assert_null(strchr(keys[i].help, '\n'));
		for (size_t j = 0; j < i; j++)
			assert_false(!strcmp(keys[i].section, keys[j].section) &&
				     !strcmp(keys[i].key, keys[j].key));
	}
}

#define ALL_KEYS \
	"known: take, siblings, also, allowed, expect, driver, in-use, stop-units, unload, give-back, primary, d3cold, power-control, reset-method, deadline"

static void names_refused(void **state)
{
	static const char *const rows[][2] = {
		{ "[device]\n",
		  "vms/x.ini:1: unknown section [device]; did you mean 'devices'?" },
		{ "\n[Devcies]\nx=1\n",
		  "vms/x.ini:3: unknown section [devcies]; did you mean 'devices'?" },
		{ "[gpu desk]\n",
		  "vms/x.ini:1: unknown section [gpu desk]; did you mean 'vgpu'?" },
		{ "[forward]\nlisten = 22\n",
		  "vms/x.ini:2: section [forward] has no name; write [forward NAME]" },
		{ "[forwards ssh]\nlisten = 22\n",
		  "vms/x.ini:2: unknown section [forwards ssh]; did you mean 'forward'?" },
		{ "[devices]\n\n[host]\n",
		  "vms/x.ini:3: unknown section [host]; known: devices, vgpu, network, forward" },
		{ "[devices gpu]\n",
		  "vms/x.ini:1: section [devices gpu] takes no name; write [devices]" },
		{ "[devices]\nsibling = yes\n",
		  "vms/x.ini:2: unknown key 'sibling' in [devices]; did you mean 'siblings'?" },
		{ "[devices]\n\n\ngive_back = yes\n",
		  "vms/x.ini:4: unknown key 'give_back' in [devices]; did you mean 'give-back'?" },
		{ "[devices]\ntaek = all\n",
		  "vms/x.ini:2: unknown key 'taek' in [devices]; did you mean 'take'?" },
		{ "[devices]\ncolour = blue\n",
		  "vms/x.ini:2: unknown key 'colour' in [devices]; " ALL_KEYS },
		{ "[devices]\ntake = all\ntake = none\n",
		  "vms/x.ini:3: key 'take' stands in [devices] twice, first in line 2; remove one" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		conf_text_refuse(*state, rows[i][0], rows[i][1]);
}

static void check_read(const struct tree *t, const char *name, const char *uuid, int ret,
		       const char *expected)
{
	char sentence[WHY_LEN] = "";
	struct conf_vm c = { .shown = "before" };

	assert_int_equal(conf_vm_read(t->fd, name, uuid, &c, sentence), ret);
	if (ret)
		assert_string_equal(c.shown, "before");
	assert_string_equal(ret ? sentence : c.shown, expected);
}

static void which_file(void **state)
{
	const struct tree *t = *state;

	check_read(t, "train01", UUID, -ENOENT,
		   "there is no vms/train01.ini and no vms/" UUID ".ini");
	check_read(t, "train01", NULL, -ENOENT, "there is no vms/train01.ini");
	check_read(t, "train01", "", -ENOENT, "there is no vms/train01.ini");
	check_read(t, UUID, UUID, -ENOENT, "there is no vms/" UUID ".ini");
	tree_file(t, UUID ".ini", "[devices]\n");
	check_read(t, "train01", UUID, 0, "vms/" UUID ".ini");
	check_read(t, UUID, UUID, 0, "vms/" UUID ".ini");
	check_read(
		t, UUID, "2f82ee72-3ac5-4615-9c0b-327c12e8c83e", -ENOENT,
		"there is no vms/2f82ee72-3ac5-4615-9c0b-327c12e8c83e.ini for the domain '" UUID
		"', whose name cannot be that of a file");
	check_read(t, "../x", UUID, 0, "vms/" UUID ".ini");
	tree_file(t, "train01.ini", "[devices]\n");
	check_read(t, "train01", UUID, -EEXIST,
		   "vms/train01.ini and vms/" UUID ".ini are the same VM's; remove one");
	assert_int_equal(unlinkat(t->fd, UUID ".ini", 0), 0);
	check_read(t, "train01", UUID, 0, "vms/train01.ini");
	assert_int_equal(symlinkat("nowhere", t->fd, UUID ".ini"), 0);
	check_read(t, "train01", UUID, -EEXIST,
		   "vms/train01.ini and vms/" UUID ".ini are the same VM's; remove one");
	assert_int_equal(unlinkat(t->fd, "train01.ini", 0), 0);
	check_read(t, "train01", UUID, -EPERM,
		   "vms/" UUID ".ini: is a symbolic link; put the file itself there");
}

/* A file is there under every such name, one folder up too: none is ever opened. */
static void names_that_are_no_file(void **state)
{
	static const char *const names[] = { "../secret", "sub/secret",   "/etc/secret",
					     ".",         "..",           "",
					     "a\nb",      "sub/../secret" };
	const struct tree *t = *state;
	char expected[WHY_LEN];
	struct tree sub = { .fd = -1 };

	assert_int_equal(mkdirat(t->fd, "sub", 0700), 0);
	tree_file(t, "secret.ini", "[devices]\n");
	tree_file(t, "..ini", "[devices]\n");
	tree_file(t, "...ini", "[devices]\n");
	tree_file(t, ".ini", "[devices]\n");
	tree_file(t, "a\nb.ini", "[devices]\n");
	tree_file(t, "sub/secret.ini", "[devices]\n");
	sub.fd = openat(t->fd, "sub", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const struct tree *where = strncmp(names[i], "../", 3) ? t : &sub;
		const char *shown = strcmp(names[i], "a\nb") ? names[i] : "a?b";

		snprintf(
			expected, sizeof(expected),
			"there is no vms/%s.ini for the domain '%s', whose name cannot be that of a file",
			UUID, shown);
		check_read(where, names[i], UUID, -ENOENT, expected);
	}
	check_read(t, "x", "../secret", -ENOENT, "there is no vms/x.ini");
	check_read(
		t, "../x", "../secret", -ENOENT,
		"there is no vms/UUID.ini for the domain '../x', whose name cannot be that of a file");
	close(sub.fd);
}

static void odd_names_that_are_files(void **state)
{
	static const char *const names[] = { "win 11",  " ",   "-rf", "--help",
					     ".hidden", "...", "ü",   "a:b",
					     "a\\b",    "*",   "%s%n" };
	char name[256] = "", file[300], shown[300];
	const struct tree *t = *state;

	for (size_t i = 0; i <= ARRAY_LEN(names); i++) {
		if (i == ARRAY_LEN(names))
			memset(name, 'n', 251);
		else
			snprintf(name, sizeof(name), "%s", names[i]);
		snprintf(file, sizeof(file), "%s.ini", name);
		snprintf(shown, sizeof(shown), "vms/%s.ini", name);
		tree_file(t, file, "[devices]\n");
		check_read(t, name, UUID, 0, shown);
	}
}

/* "listen = 1 2 3", or "from = 1.0.0.1 1.0.0.2" with a @begin of "1.0.0." */
static void put_numbers(FILE *f, const char *key, const char *begin, unsigned int n)
{
	fprintf(f, "%s =", key);
	for (unsigned int i = 1; i <= n; i++)
		fprintf(f, " %s%u", begin, i);
	fputc('\n', f);
}

/* @n sections with @listens ports and @froms senders each, and @more with one port */
static char *sections(unsigned int n, unsigned int listens, unsigned int froms,
		      unsigned int more)
{
	char *text = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);

	assert_non_null(f);
	for (unsigned int i = 0; i < n + more; i++) {
		fprintf(f, "[forward %u]\n", i);
		put_numbers(f, "listen", "", i < n ? listens : 1);
		if (i < n && froms)
			put_numbers(f, "from", "1.0.0.", froms);
	}
	fclose(f);
	return text;
}

/* As much as is taken, and what is said of one more */
static void bounds(void **state)
{
	static const struct {
		unsigned int n, listens, froms, more;
		const char *said;
	} rows[] = {
		{ 1, 32, 64, 0, NULL },
		{ 1, 33, 0, 0,
		  "write at most 32 of them, and further ones in another [forward NAME]" },
		{ 1, 1, 65, 0, "write at most 64 networks" },
		{ 1024, 1, 0, 0, NULL },
		{ 1024, 1, 0, 1,
		  "vms/x.ini:2050: section [forward 1024]: more than 1024 forwards are not taken; write ranges" },
		{ 16, 32, 64, 0, NULL },
		{ 16, 32, 64, 1,
		  "vms/x.ini:50: [forward 16]: with this section more than 32768 ports and senders are forwarded; write ranges in 'listen', or larger networks in 'from'" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char *text =
			sections(rows[i].n, rows[i].listens, rows[i].froms, rows[i].more);
		char sentence[WHY_LEN] = "";
		struct conf_vm c;
		int r = conf_text_read(*state, text, strlen(text), &c, sentence);

		assert_int_equal(r, rows[i].said ? -EINVAL : 0);
		if (!rows[i].said)
			conf_vm_free(&c);
		else if (strncmp(rows[i].said, "write", 5))
			assert_string_equal(sentence, rows[i].said);
		else if (!strstr(sentence, rows[i].said))
			fail_msg("'%s' is not in: %s", rows[i].said, sentence);
		free(text);
	}
}

static void bound_of_allowed(void **state)
{
	char text[1024] = "[firewall]\nallowed-ports =", sentence[WHY_LEN] = "";
	struct conf_host h;

	for (unsigned int i = 1; i <= 64; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), " %u", i);
	conf_text_take_host(*state, text, &h);
	assert_int_equal(h.firewall.n_allowed, 64);
	strcat(text, " 65");
	assert_int_equal(conf_text_read_host(*state, text, &h, sentence), -EINVAL);
	assert_non_null(strstr(sentence, "write at most 64 ranges"));
}

static void long_ones(void **state)
{
	struct conf_vm c;
	char text[512], expected[WHY_LEN], name[65], sentence[WHY_LEN] = "";

	memset(name, 'n', 64);
	name[64] = '\0';
	snprintf(text, sizeof(text), "[forward %s]\nlisten = 80\n", name);
	snprintf(
		expected, sizeof(expected),
		"vms/x.ini:2: section [forward %s]: the name may have at most 63 characters",
		name);
	conf_text_refuse(*state, text, expected);
	snprintf(text, sizeof(text), "[forward %s]\nlisten = 80\n", name + 1);
	conf_text_take(*state, text, &c);
	assert_string_equal(c.forwards[0].name, name + 1);
	conf_vm_free(&c);
	/* an item without a comma behind it is not read as two */
	snprintf(text, sizeof(text), "[forward a]\nlisten = %s%s\n", name, name);
	snprintf(
		expected, sizeof(expected),
		"'%.40s...' is too long; write one item after the other, with commas between",
		name);
	assert_int_equal(conf_text_read(*state, text, strlen(text), &c, sentence),
			 -EINVAL);
	assert_non_null(strstr(sentence, expected));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, tree_setup, tree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table_is_sound),
		TEST(names_refused),
		TEST(which_file),
		TEST(names_that_are_no_file),
		TEST(odd_names_that_are_files),
		TEST(bounds),
		TEST(bound_of_allowed),
		TEST(long_ones),
	};

	return cmocka_run_group_tests_name("conf", tests, NULL, NULL);
}

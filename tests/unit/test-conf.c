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

#define TEST(f) cmocka_unit_test_setup_teardown(f, tree_setup, tree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table_is_sound),
		TEST(names_refused),
		TEST(which_file),
		TEST(names_that_are_no_file),
		TEST(odd_names_that_are_files),
	};

	return cmocka_run_group_tests_name("conf", tests, NULL, NULL);
}

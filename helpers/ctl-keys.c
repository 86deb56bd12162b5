// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-keys.c - virt-handoff keys: every key of the INI files, from the table that the
 * parser follows */

#include "ctl.h"

#include "conf.h"
#include "log.h"
#include "out.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/**
 * struct file - An INI file and the table of its keys
 */
struct file {
	const char *path;
	const struct conf_key *(*keys)(size_t *ret_n);
};

static const struct file files[] = {
	{ "/etc/virt-handoff/vms/NAME.ini", conf_vm_keys },
	{ "/etc/virt-handoff/host.ini", conf_host_keys },
};

/**
 * struct form - A way to print the keys
 * @section: Begins a section of @file
 * @key:     One key of it
 */
struct form {
	void (*section)(const struct file *file, const char *section);
	void (*key)(const struct conf_key *key);
};

/* ---- as an INI file, with what is to be known above each key ---- */

static void ini_section(const struct file *file, const char *section)
{
	printf("\n# %s\n[%s%s]\n", file->path, section,
	       conf_is_named(section) ? " NAME" : "");
}

static void ini_key(const struct conf_key *key)
{
	printf("# %s\n# %s\n%s =%s%s\n", key->help, key->type, key->key,
	       *key->standard ? " " : "", key->standard);
}

/* ---- for the man page ---- */

static void man_section(const struct file *file, const char *section)
{
	(void)file;
	(void)section;
}

/* A minus of roff is no hyphen, and a backslash begins an escape */
static void man_text(const char *text)
{
	for (; *text; text++)
		if (*text == '-')
			fputs("\\-", stdout);
		else if (*text == '\\')
			fputs("\\e", stdout);
		else
			putchar(*text);
}

/* A name of a file or of a value, such as "power/control", begins as it is spelled */
static void man_sentence(const char *text)
{
	size_t word = strcspn(text, " ,");

	if (strspn(text, "abcdefghijklmnopqrstuvwxyz'-") >= word)
		putchar(toupper((unsigned char)*text++));
	man_text(text);
	printf(".\n");
}

static void man_key(const struct conf_key *key)
{
	printf(".TP\n.BI \"");
	man_text(key->key);
	printf(" = \" \"");
	man_text(key->type);
	printf("\"\n");
	man_sentence(key->help);
	if (!*key->standard)
		return;
	printf("Default:\n.BR \"");
	man_text(key->standard);
	printf("\" .\n");
}

static const struct form as_ini = { ini_section, ini_key };
static const struct form as_man = { man_section, man_key };

/* @only: "" all sections. Returns how many keys there were */
static size_t print_file(const struct file *file, const struct form *form,
			 const char *only)
{
	const char *section = "";
	size_t n, printed = 0;
	const struct conf_key *keys = file->keys(&n);

	for (size_t i = 0; i < n; i++) {
		if (*only && strcmp(only, keys[i].section) != 0)
			continue;
		if (strcmp(section, keys[i].section) != 0)
			form->section(file, keys[i].section);
		section = keys[i].section;
		form->key(&keys[i]);
		printed++;
	}
	return printed;
}

static size_t out_file(struct out *o, const struct file *file, const char *only)
{
	size_t n, printed = 0;
	const struct conf_key *keys = file->keys(&n);

	for (size_t i = 0; i < n; i++) {
		if (*only && strcmp(only, keys[i].section) != 0)
			continue;
		out_object(o, NULL);
		out_text(o, "file", file->path);
		out_text(o, "section", keys[i].section);
		out_bool(o, "named", conf_is_named(keys[i].section));
		out_text(o, "key", keys[i].key);
		out_text(o, "type", keys[i].type);
		out_text(o, "default", keys[i].standard);
		out_text(o, "help", keys[i].help);
		out_end(o);
		printed++;
	}
	return printed;
}

static size_t print_json(const char *only)
{
	CLEANUP(out_free) struct out *o = out_new();
	size_t printed = 0;

	out_array(o, "keys");
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		printed += out_file(o, &files[i], only);
	out_end(o);
	return o && out_print(o, stdout) == 0 ? printed : 0;
}

int ctl_keys(struct ctl *c, int argc, char *argv[])
{
	bool man = argc > 1 && strcmp(argv[1], "--man") == 0;
	const char *only = argv[man ? 2 : 1] ?: "";
	size_t printed = 0;

	if (argc > (man ? 3 : 2) || *only == '-')
		return ctl_usage("keys [SECTION]");
	if (c->json)
		printed = print_json(only);
	for (size_t i = 0; i < ARRAY_LEN(files) && !c->json; i++)
		printed += print_file(&files[i], man ? &as_man : &as_ini, only);
	if (printed)
		return CTL_DONE;
	log_err("there is no section [%s]; virt-handoff keys prints all", only);
	return CTL_FAILED;
}

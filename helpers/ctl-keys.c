// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-keys.c - virt-handoff keys: every key of the INI files, from the table that the
 * parser follows */

#include "ctl.h"

#include "conf.h"
#include "log.h"

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

static void man_key(const struct conf_key *key)
{
	printf(".TP\n.BI \"");
	man_text(key->key);
	printf(" = \" \"");
	man_text(key->type);
	printf("\"\n%c", toupper((unsigned char)*key->help));
	man_text(key->help + 1);
	printf(".\n");
	if (!*key->standard)
		return;
	printf("Default:\n.BR \"");
	man_text(key->standard);
	printf("\" .\n");
}

/* ---- json ---- */

/* No text of the table has a character that JSON wants to be written otherwise. */
static void json_section(const struct file *file, const char *section)
{
	(void)file;
	(void)section;
}

static void json_key(const struct conf_key *key)
{
	printf("{\"section\": \"%s\", \"named\": %s, \"key\": \"%s\", \"type\": \"%s\", \"default\": \"%s\", \"help\": \"%s\"}\n",
	       key->section, conf_is_named(key->section) ? "true" : "false", key->key,
	       key->type, key->standard, key->help);
}

static const struct {
	const char *option;
	struct form form;
} forms[] = {
	{ "", { ini_section, ini_key } },
	{ "--man", { man_section, man_key } },
	{ "--json", { json_section, json_key } },
};

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

static const struct form *form_of(const char *option)
{
	for (size_t i = 0; i < ARRAY_LEN(forms); i++)
		if (strcmp(forms[i].option, option) == 0)
			return &forms[i].form;
	return NULL;
}

int ctl_keys(int argc, char *argv[])
{
	const char *option = argc > 1 && *argv[1] == '-' ? argv[1] : "";
	const struct form *form = form_of(option);
	const char *only = argv[*option ? 2 : 1] ?: "";
	size_t printed = 0;

	if (!form || argc > (*option ? 3 : 2)) {
		fprintf(stderr, "usage: virt-handoff keys [--json|--man] [SECTION]\n");
		return CTL_USAGE;
	}
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		printed += print_file(&files[i], form, only);
	if (printed)
		return CTL_DONE;
	log_err("there is no section [%s]; virt-handoff keys prints all", only);
	return CTL_USAGE;
}

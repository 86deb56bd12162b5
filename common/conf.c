// SPDX-License-Identifier: GPL-2.0-or-later
/* conf.c - find and read the INI file of a VM, and say what is wrong with it */

#include "conf.h"

#include "ini.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define FILE_LEN  (NAME_LEN + 8) /* NAME.ini */
#define NAMES_MAX 64 /* sections, or keys of one section */

/**
 * struct section - A kind of section, [KIND] or [KIND NAME]
 * @kind:    First word of the header
 * @named:   Whether a name must follow
 * @open:    Notes that such a section is there; @name is "" when @named is false
 */
struct section {
	const char *kind;
	bool named;
	void (*open)(struct conf_vm *c, const char *name);
};

static void open_devices(struct conf_vm *c, const char *name)
{
	(void)name;
	c->devices.present = true;
}

static const struct section sections[] = {
	{ "devices", false, open_devices },
};

/**
 * struct names - What may be written, for a suggestion
 * @list:    Borrowed
 * @n:       How many
 */
struct names {
	const char *list[NAMES_MAX];
	size_t n;
};

/* "did you mean 'address'?", or all that there is */
static void suggest(const char *word, const struct names *names, char ret[static WHY_LEN])
{
	const char *nearest = text_nearest(word, names->list, names->n);
	size_t len = 0;

	if (nearest) {
		snprintf(ret, WHY_LEN, "did you mean '%s'?", nearest);
		return;
	}
	for (size_t i = 0; i < names->n && len < WHY_LEN; i++)
		len += (size_t)snprintf(ret + len, WHY_LEN - len, "%s%s",
					i ? ", " : "known: ", names->list[i]);
}

static int unknown_section(const struct ini *ini, const struct ini_value *v,
			   const char *kind, char ret_why[static WHY_LEN])
{
	struct names names = { .n = ARRAY_LEN(sections) };
	char hint[WHY_LEN];

	for (size_t i = 0; i < ARRAY_LEN(sections); i++)
		names.list[i] = sections[i].kind;
	suggest(kind, &names, hint);
	why(ret_why, "%s:%u: unknown section [%s]; %s", ini_shown(ini), v->line,
	    v->section, hint);
	return -EINVAL;
}

static int unknown_key(const struct ini *ini, const struct ini_value *v, const char *kind,
		       char ret_why[static WHY_LEN])
{
	struct names names = { .n = 0 };
	char hint[WHY_LEN];
	size_t n;
	const struct conf_key *keys = conf_vm_keys(&n);

	for (size_t i = 0; i < n && names.n < NAMES_MAX; i++)
		if (!strcmp(keys[i].section, kind))
			names.list[names.n++] = keys[i].key;
	suggest(v->key, &names, hint);
	why(ret_why, "%s:%u: unknown key '%s' in [%s]; %s", ini_shown(ini), v->line,
	    v->key, v->section, hint);
	return -EINVAL;
}

static const struct section *find_section(const char *kind)
{
	for (size_t i = 0; i < ARRAY_LEN(sections); i++)
		if (!strcmp(sections[i].kind, kind))
			return &sections[i];
	return NULL;
}

static const struct conf_key *find_key(const char *kind, const char *key)
{
	size_t n;
	const struct conf_key *keys = conf_vm_keys(&n);

	for (size_t i = 0; i < n; i++)
		if (!strcmp(keys[i].section, kind) && !strcmp(keys[i].key, key))
			return &keys[i];
	return NULL;
}

static int set_key(struct conf_vm *c, const struct ini *ini, const struct ini_value *v,
		   const struct conf_key *key, char ret_why[static WHY_LEN])
{
	char hint[WHY_LEN] = "the value does not fit";
	int r = key->set(c, key, v->value, hint);

	if (r)
		why(ret_why, "%s:%u: %s =%s%.100s in [%s]: %s", ini_shown(ini), v->line,
		    v->key, *v->value ? " " : "", v->value, v->section, hint);
	return r;
}

static int take_value(struct conf_vm *c, const struct ini *ini, const struct ini_value *v,
		      char ret_why[static WHY_LEN])
{
	const char *name = v->section + strcspn(v->section, " ");
	char kind[NAME_LEN];
	const struct section *section;
	const struct conf_key *key;

	if (text_format(kind, sizeof(kind), "%.*s", (int)(name - v->section), v->section))
		return unknown_section(ini, v, v->section, ret_why);
	name += strspn(name, " ");
	section = find_section(kind);
	if (!section)
		return unknown_section(ini, v, kind, ret_why);
	if (section->named != (*name != '\0')) {
		why(ret_why, "%s:%u: section [%s] %s; write [%s%s]", ini_shown(ini),
		    v->line, v->section, section->named ? "has no name" : "takes no name",
		    kind, section->named ? " NAME" : "");
		return -EINVAL;
	}
	section->open(c, name);
	if (!*v->key)
		return 0;
	key = find_key(kind, v->key);
	if (!key)
		return unknown_key(ini, v, kind, ret_why);
	return set_key(c, ini, v, key, ret_why);
}

static int set_standards(struct conf_vm *c, char ret_why[static WHY_LEN])
{
	size_t n;
	const struct conf_key *keys = conf_vm_keys(&n);
	int r = 0;

	for (size_t i = 0; i < n && !r; i++)
		r = keys[i].set(c, &keys[i], keys[i].standard, ret_why);
	return r;
}

static int take_file(struct conf_vm *c, const struct ini *ini,
		     char ret_why[static WHY_LEN])
{
	const struct ini_value *v;
	size_t cursor = 0;
	int r;

	r = set_standards(c, ret_why);
	while (!r && (v = ini_next(ini, &cursor)))
		r = take_value(c, ini, v, ret_why);
	return r;
}

/* Whether something has this name, a dangling link too: 1, 0 or -errno */
static int is_there(int dir, const char *file)
{
	struct stat st;

	if (!*file)
		return 0;
	if (!fstatat(dir, file, &st, AT_SYMLINK_NOFOLLOW))
		return 1;
	return errno == ENOENT ? 0 : -errno;
}

/* Only here does a name of others become part of a path. */
static int name_file(const char *name, bool good, char ret[static FILE_LEN])
{
	ret[0] = '\0';
	return good ? text_format(ret, FILE_LEN, "%s.ini", name) : 0;
}

static int none_there(const char *name, const char *by_name, const char *by_uuid,
		      char ret_why[static WHY_LEN])
{
	if (!*by_name)
		why(ret_why,
		    "there is no vms/%s for the domain '%.100s', whose name cannot be that of a file",
		    *by_uuid ? by_uuid : "UUID.ini", name);
	else if (!*by_uuid)
		why(ret_why, "there is no vms/%s", by_name);
	else
		why(ret_why, "there is no vms/%s and no vms/%s", by_name, by_uuid);
	return -ENOENT;
}

static int find_file(int dir, const char *name, const char *uuid,
		     char ret[static FILE_LEN], char ret_why[static WHY_LEN])
{
	bool good_uuid = uuid && text_is_uuid(uuid) && strcmp(uuid, name);
	/* who calls his VM as another one's UUID must not get the file of that one */
	bool good_name = text_is_name(name) &&
			 (!text_is_uuid(name) || (uuid && strcmp(uuid, name) == 0));
	char by_name[FILE_LEN], by_uuid[FILE_LEN];
	int named, numbered, r;

	r = name_file(name, good_name, by_name)
		    ?: name_file(uuid, good_uuid, by_uuid);
	if (r)
		return none_there(name, "", "", ret_why);
	named = is_there(dir, by_name);
	numbered = is_there(dir, by_uuid);
	if (named < 0 || numbered < 0) {
		r = named < 0 ? named : numbered;
		why(ret_why, "vms/%s: cannot be looked at: %s",
		    named < 0 ? by_name : by_uuid, strerror(-r));
		return r;
	}
	if (named && numbered) {
		why(ret_why, "vms/%s and vms/%s are the same VM's; remove one", by_name,
		    by_uuid);
		return -EEXIST;
	}
	if (!named && !numbered)
		return none_there(name, by_name, by_uuid, ret_why);
	return text_copy(ret, FILE_LEN, named ? by_name : by_uuid);
}

static void free_ini(struct ini **ini)
{
	ini_free(*ini);
}

int conf_vm_read(int dir, const char *name, const char *uuid, struct conf_vm *c,
		 char ret_why[static WHY_LEN])
{
	CLEANUP(free_ini) struct ini *ini = NULL;
	struct conf_vm vm = { 0 };
	char file[FILE_LEN];
	int r;

	r = find_file(dir, name, uuid, file, ret_why);
	if (r)
		return r;
	r = text_format(vm.shown, sizeof(vm.shown), "vms/%s", file);
	if (r)
		return r;
	r = ini_read(dir, file, vm.shown, &ini, ret_why);
	if (r)
		return r;
	r = take_file(&vm, ini, ret_why);
	if (r)
		return r;
	*c = vm;
	return 0;
}

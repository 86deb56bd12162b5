// SPDX-License-Identifier: GPL-2.0-or-later
/* conf.c - find and read the INI file of a VM, and say what is wrong with it */

#include "conf.h"

#include "conf-schema.h"
#include "ini.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FILE_LEN (NAME_LEN + 8) /* NAME.ini */
static void *open_devices(void *conf, const char *name, unsigned int line,
			  char ret_why[static WHY_LEN])
{
	struct conf_vm *c = conf;

	(void)name;
	(void)line;
	(void)ret_why;
	c->devices.present = true;
	return c;
}

static void *open_network(void *conf, const char *name, unsigned int line,
			  char ret_why[static WHY_LEN])
{
	(void)name;
	(void)line;
	(void)ret_why;
	return conf;
}

static void *open_forward(void *conf, const char *name, unsigned int line,
			  char ret_why[static WHY_LEN])
{
	struct conf_vm *c = conf;
	struct conf_forward f = { .line = line };
	struct conf_forward *more;

	if (text_copy(f.name, sizeof(f.name), name)) {
		why(ret_why, "the name may have at most %zu characters",
		    sizeof(f.name) - 1);
		return NULL;
	}
	if (c->n_forwards == FORWARDS_MAX) {
		why(ret_why, "more than %d forwards are not taken; write ranges",
		    FORWARDS_MAX);
		return NULL;
	}
	more = reallocarray(c->forwards, c->n_forwards + 1, sizeof(*more));
	if (!more) {
		why(ret_why, "no memory");
		return NULL;
	}
	c->forwards = more;
	more[c->n_forwards] = f;
	return &more[c->n_forwards++];
}

static const struct conf_section sections[] = {
	{ "devices", false, open_devices },
	{ "vgpu", true, conf_vgpu_open },
	{ "network", false, open_network },
	{ "forward", true, open_forward },
};

const struct conf_schema conf_vm_schema = { sections, ARRAY_LEN(sections), conf_vm_keys };

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

	r = name_file(name, good_name, by_name) ?: name_file(uuid, good_uuid, by_uuid);
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
	r = conf_take(&conf_vm_schema, ini, &vm, ret_why);
	if (r == 0)
		r = conf_vgpus_check(&vm, ret_why);
	if (r == 0)
		r = conf_forwards_check(&vm, ret_why);
	if (r) {
		conf_vm_free(&vm);
		return r;
	}
	*c = vm;
	return 0;
}

int conf_vm_find(int root, const char *name, const char *uuid, struct conf_vm *c,
		 char ret_why[static WHY_LEN])
{
	CLEANUP(close_fd)
	int dir =
		openat(root, "etc/virt-handoff/vms", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r = -errno;

	if (dir >= 0)
		return conf_vm_read(dir, name, uuid, c, ret_why);
	why(ret_why, "/etc/virt-handoff/vms cannot be opened: %s", strerror(-r));
	return r;
}

int conf_vm_standard(const char *name, struct conf_vm *c)
{
	struct conf_vm vm = { 0 };
	char unused[WHY_LEN];
	int r = text_format(vm.shown, sizeof(vm.shown), "vms/%s.ini", name);

	if (r == 0)
		r = conf_take(&conf_vm_schema, NULL, &vm, unused);
	if (r == 0)
		*c = vm;
	return r;
}

void conf_vm_free(struct conf_vm *c)
{
	free(c->forwards);
	c->forwards = NULL;
	c->n_forwards = 0;
}

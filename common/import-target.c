// SPDX-License-Identifier: GPL-2.0-or-later
/* import-target.c - an INI file to which an importer adds sections: read, written aside,
 * put into its place */

#include "import-target.h"

#include "conf.h"
#include "file.h"
#include "guest.h"
#include "import-vm.h"
#include "ini.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * Theory of operation
 *
 * The new content of a file is written into a folder of its own beside vms/, where the
 * parser reads it under the name that it will have, and is renamed from there: nobody ever
 * sees half a file, or one that a VM would not start with.
 */

#define VMS "vms/"

void target_free(struct target *t)
{
	free(t->text);
	ini_free(t->ini);
	if (t->more)
		fclose(t->more);
	free(t->added);
}

/* ---- which file ---- */

static int same_name(const struct guest *g, void *data)
{
	struct target *t = data;

	return strcmp(g->name, t->name) == 0 &&
	       text_copy(t->uuid, UUID_LEN, g->uuid) == 0;
}

/* the VM's file may have its UUID as name, and then there must be no other */
static int name_target(int root, int conf, const char *file, struct target *t)
{
	char by_uuid[NAME_LEN];
	size_t len = strlen(file);
	int r = text_copy(t->path, sizeof(t->path), file);

	if (r < 0 || strcmp(file, "host.ini") == 0)
		return r;
	if (strncmp(file, VMS, strlen(VMS)) != 0)
		return -EINVAL;
	r = text_format(t->name, NAME_LEN, "%.*s", (int)(len - strlen(VMS) - 4),
			file + strlen(VMS));
	if (r < 0 || !text_is_name(t->name))
		return -EINVAL;
	if (import_guests(root, same_name, t) <= 0)
		return 0;
	r = text_format(by_uuid, sizeof(by_uuid), VMS "%s.ini", t->uuid);
	if (r == 0 && file_exists(conf, by_uuid))
		r = text_copy(t->path, sizeof(t->path), by_uuid);
	return r;
}

/* strictly, with owner and mode, as those who use it do */
static int read_target(int conf, struct target *t, char ret_why[static WHY_LEN])
{
	CLEANUP(close_fd) int fd = -1;
	ssize_t n;
	int r = ini_read(conf, t->path, t->path, &t->ini, ret_why);

	if (r == -ENOENT)
		return (t->text = strdup("")) ? 0 : -ENOMEM;
	if (r < 0)
		return r;
	t->there = true;
	fd = openat(conf, t->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 || fstat(fd, &t->st) < 0)
		return -errno;
	n = file_read_all(fd, INI_FILE_MAX, &t->text);
	return n < 0 ? (int)n : 0;
}

int target_open(int root, int conf, const char *file, struct target *t,
		char ret_why[static WHY_LEN])
{
	int r = name_target(root, conf, file, t);

	if (r == 0)
		r = read_target(conf, t, ret_why);
	t->more = open_memstream(&t->added, &t->len);
	return r == 0 && !t->more ? -ENOMEM : r;
}

/* ---- its place ---- */

static const char *base_of(const struct target *t)
{
	return *t->name ? t->path + strlen(VMS) : t->path;
}

static int write_aside(const struct target *t, int aside, const char *by)
{
	size_t len = strlen(t->text);
	FILE *f;
	int r, fd = openat(aside, base_of(t),
			   O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);

	if (fd < 0)
		return -errno;
	f = fdopen(fd, "w");
	if (!f) {
		r = -errno;
		close(fd);
		return r;
	}
	if (!t->there)
		fprintf(f, "# %s - made by virt-handoff %s\n", base_of(t), by);
	fprintf(f, "%s%s%s", t->text, len && t->text[len - 1] != '\n' ? "\n" : "",
		t->added);
	r = fflush(f) == 0 && !ferror(f) && fsync(fd) == 0 ? 0 : -EIO;
	if (r == 0 && t->there &&
	    (fchmod(fd, t->st.st_mode & 07777) < 0 ||
	     fchown(fd, t->st.st_uid, t->st.st_gid) < 0))
		r = -errno;
	fclose(f);
	return r;
}

static int check(const struct target *t, int aside, char ret_why[static WHY_LEN])
{
	CLEANUP(free_ptr) struct conf_host *host = calloc(1, sizeof(*host));
	struct conf_vm vm = { .shown = "" };
	int r;

	if (!host)
		return -ENOMEM;
	if (!*t->name)
		return conf_host_read(aside, host, ret_why);
	r = conf_vm_read(aside, t->name, *t->uuid ? t->uuid : NULL, &vm, ret_why);
	if (r == 0)
		conf_vm_free(&vm);
	return r;
}

int target_replace(const struct target *t, int conf, int aside, const char *by,
		   char ret_why[static WHY_LEN])
{
	int r = write_aside(t, aside, by);

	if (r == 0)
		r = check(t, aside, ret_why);
	if (r == 0 && renameat2(aside, base_of(t), conf, t->path,
				t->there ? 0 : RENAME_NOREPLACE) < 0)
		r = -errno;
	if (r < 0)
		unlinkat(aside, base_of(t), 0);
	return r;
}

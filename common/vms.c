// SPDX-License-Identifier: GPL-2.0-or-later
/* vms.c - all VMs that have an INI file, with what libvirt's own files say of them */

#include "vms.h"

#include "file.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define VMS_DIR     "etc/virt-handoff/vms"
#define DOMAINS_DIR "etc/libvirt/qemu"

/**
 * struct walk - One run of vms_each()
 * @dir:     Descriptor of VMS_DIR
 */
struct walk {
	const struct host *h;
	int dir;
	int (*each)(struct vm *vm, const char *sentence, void *data);
	void *data;
};

/**
 * struct wanted - A domain that is looked for by its UUID
 */
struct wanted {
	const struct host *h;
	const char *uuid;
	struct guest *guest;
};

/* a domain XML as libvirt keeps it; -ENOENT when there is none */
static int read_domain(const struct host *h, const char *file, struct guest *g,
		       char ret_why[static WHY_LEN])
{
	CLEANUP(close_fd) int fd = -1;
	CLEANUP(free_ptr) char *xml = NULL;
	char path[PATH_LEN], sentence[WHY_LEN];
	ssize_t n;
	int r = text_format(path, sizeof(path), DOMAINS_DIR "/%s", file);

	if (r < 0)
		return -ENOENT;
	fd = openat(h->root, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	n = file_read_all(fd, GUEST_XML_MAX, &xml);
	r = n < 0 ? (int)n : guest_parse(xml, (size_t)n, g, sentence);
	if (n < 0)
		why(ret_why, "/%s: %s", path, strerror((int)-n));
	else if (r < 0)
		why(ret_why, "/%s: %s", path, sentence);
	return r;
}

static int is_wanted(const char *name, void *data)
{
	CLEANUP(guest_free) struct guest g = { 0 };
	struct wanted *w = data;
	const char *dot = strrchr(name, '.');
	char unused[WHY_LEN];

	if (!dot || strcmp(dot, ".xml") != 0 || read_domain(w->h, name, &g, unused) < 0 ||
	    strcmp(g.uuid, w->uuid) != 0)
		return 0;
	*w->guest = g;
	g = (struct guest){ 0 };
	return 1;
}

static int find_domain(const struct host *h, const char *stem, struct guest *g,
		       char ret_why[static WHY_LEN])
{
	struct wanted w = { h, stem, g };
	char file[NAME_LEN + 8];
	int r;

	if (text_is_uuid(stem)) {
		r = file_each(h->root, DOMAINS_DIR, is_wanted, &w);
		return r == 1 ? 0 : r == 0 ? -ENOENT : r;
	}
	r = text_format(file, sizeof(file), "%s.xml", stem);
	return r < 0 ? r : read_domain(h, file, g, ret_why);
}

static int read_vm(const struct walk *w, const char *stem, struct vm *vm,
		   char ret_why[static WHY_LEN])
{
	int r;

	why(ret_why, "vms/%s.ini: no memory", stem);
	r = find_domain(w->h, stem, &vm->guest, ret_why);
	if (r < 0 && r != -ENOENT)
		return r;
	vm->defined = r == 0;
	if (!vm->defined)
		r = text_copy(vm->guest.name, sizeof(vm->guest.name), stem);
	return r < 0 ? r
		     : conf_vm_read(w->dir, vm->guest.name,
				    vm->defined ? vm->guest.uuid : stem, &vm->conf,
				    ret_why);
}

static int visit(const char *name, void *data)
{
	CLEANUP(vm_free) struct vm vm = { 0 };
	const struct walk *w = data;
	const char *dot = strrchr(name, '.');
	char stem[NAME_LEN], sentence[WHY_LEN];

	if (!dot || strcmp(dot, ".ini") != 0 ||
	    text_format(stem, sizeof(stem), "%.*s", (int)(dot - name), name) < 0)
		return 0;
	if (read_vm(w, stem, &vm, sentence) < 0)
		return w->each(NULL, sentence, w->data);
	return w->each(&vm, "", w->data);
}

int vms_each(const struct host *h,
	     int (*each)(struct vm *vm, const char *sentence, void *data), void *data)
{
	CLEANUP(close_fd)
	int dir = openat(h->root, VMS_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct walk w = { h, dir, each, data };

	if (dir < 0)
		return errno == ENOENT ? 0 : -errno;
	return file_each(dir, ".", visit, &w);
}

void vm_free(struct vm *vm)
{
	conf_vm_free(&vm->conf);
	guest_free(&vm->guest);
}

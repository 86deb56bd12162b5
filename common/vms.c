// SPDX-License-Identifier: GPL-2.0-or-later
/* vms.c - all VMs that have an INI file, with what libvirt's own files say of them */

#include "vms.h"

#include "file.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#define VMS_DIR     "etc/virt-handoff/vms"
#define DOMAINS_DIR "etc/libvirt/qemu"

/**
 * struct domain - A file of DOMAINS_DIR
 */
struct domain {
	char uuid[UUID_LEN];
	char file[NAME_LEN];
};

/**
 * struct walk - One run of vms_each()
 * @dir:     Descriptor of VMS_DIR
 * @domain:  Owned, @n_domains; all are read when the first UUID.ini is met, because to look
 *           for each UUID in all of libvirt's files takes seconds where there are 256
 * @named:   Name and UUID are all that is asked of the XML
 */
struct walk {
	const struct host *h;
	int dir;
	int (*each)(struct vm *vm, const char *sentence, void *data);
	void *data;
	struct domain *domain;
	size_t n_domains;
	bool listed;
	bool named;
};

/* a domain XML as libvirt keeps it, or its name and UUID; -ENOENT when there is none */
static int read_domain(const struct host *h, const char *file, bool named,
		       struct guest *g, char ret_why[static WHY_LEN])
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
	r = n < 0   ? (int)n
	    : named ? guest_parse_name(xml, (size_t)n, g, sentence)
		    : guest_parse(xml, (size_t)n, g, sentence);
	if (n < 0)
		why(ret_why, "/%s: %s", path, strerror((int)-n));
	else if (r < 0)
		why(ret_why, "/%s: %s", path, sentence);
	return r;
}

static int list_domain(const char *name, void *data)
{
	CLEANUP(guest_free) struct guest g = { 0 };
	struct walk *w = data;
	const char *dot = strrchr(name, '.');
	struct domain new = { .uuid = "" }, *more;
	char unused[WHY_LEN];

	if (!dot || strcmp(dot, ".xml") != 0 ||
	    read_domain(w->h, name, w->named, &g, unused) < 0 ||
	    text_copy(new.uuid, sizeof(new.uuid), g.uuid) < 0 ||
	    text_copy(new.file, sizeof(new.file), name) < 0)
		return 0;
	more = reallocarray(w->domain, w->n_domains + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	w->domain = more;
	more[w->n_domains++] = new;
	return 0;
}

static int find_uuid(struct walk *w, const char *uuid, bool named, struct guest *g,
		     char ret_why[static WHY_LEN])
{
	int r = w->listed ? 0 : file_each(w->h->root, DOMAINS_DIR, list_domain, w);

	if (r < 0)
		return r;
	w->listed = true;
	for (size_t i = 0; i < w->n_domains; i++)
		if (strcmp(w->domain[i].uuid, uuid) == 0)
			return read_domain(w->h, w->domain[i].file, named, g, ret_why);
	return -ENOENT;
}

/* whoever copies NAME.xml by hand may leave another VM's name in it, and reach its INI file */
static int find_name(const struct walk *w, const char *name, bool named, struct guest *g,
		     char ret_why[static WHY_LEN])
{
	char file[NAME_LEN + 8];
	int r = text_format(file, sizeof(file), "%s.xml", name);

	if (r == 0)
		r = read_domain(w->h, file, named, g, ret_why);
	if (r == 0 && strcmp(g->name, name) != 0) {
		why(ret_why,
		    "/" DOMAINS_DIR
		    "/%s is that of a VM '%s': look at virsh list --all, and remove it",
		    file, g->name);
		r = -EINVAL;
	}
	return r;
}

static int find_domain(struct walk *w, const char *stem, bool named, struct guest *g,
		       char ret_why[static WHY_LEN])
{
	return text_is_uuid(stem) ? find_uuid(w, stem, named, g, ret_why)
				  : find_name(w, stem, named, g, ret_why);
}

/* which device such a vGPU is stands in the XML */
static bool has_unnamed_vgpu(const struct conf_vm *c)
{
	for (size_t i = 0; i < c->n_vgpus; i++)
		if (!c->vgpu[i].uuid[0])
			return true;
	return false;
}

static int read_vm(struct walk *w, const char *stem, struct vm *vm,
		   char ret_why[static WHY_LEN])
{
	int r;

	why(ret_why, "vms/%s.ini: no memory", stem);
	r = find_domain(w, stem, w->named, &vm->guest, ret_why);
	if (r < 0 && r != -ENOENT)
		return r;
	vm->defined = r == 0;
	if (!vm->defined)
		r = text_copy(vm->guest.name, sizeof(vm->guest.name), stem);
	if (r == 0)
		r = conf_vm_read(w->dir, vm->guest.name,
				 vm->defined ? vm->guest.uuid : stem, &vm->conf, ret_why);
	if (r < 0 || !w->named || !vm->defined || !has_unnamed_vgpu(&vm->conf))
		return r;
	guest_free(&vm->guest);
	return find_domain(w, stem, false, &vm->guest, ret_why);
}

static int visit(const char *name, void *data)
{
	CLEANUP(vm_free) struct vm vm = { 0 };
	struct walk *w = data;
	const char *dot = strrchr(name, '.');
	char stem[NAME_LEN], sentence[WHY_LEN];

	if (!dot || strcmp(dot, ".ini") != 0 ||
	    text_format(stem, sizeof(stem), "%.*s", (int)(dot - name), name) < 0)
		return 0;
	if (read_vm(w, stem, &vm, sentence) < 0)
		return w->each(NULL, sentence, w->data);
	return w->each(&vm, "", w->data);
}

static int each_vm(const struct host *h, bool named,
		   int (*each)(struct vm *vm, const char *sentence, void *data),
		   void *data)
{
	CLEANUP(close_fd)
	int dir = openat(h->root, VMS_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct walk w = {
		.h = h, .dir = dir, .each = each, .data = data, .named = named
	};
	int r;

	if (dir < 0)
		return errno == ENOENT ? 0 : -errno;
	r = file_each(dir, ".", visit, &w);
	free(w.domain);
	return r;
}

int vms_each(const struct host *h,
	     int (*each)(struct vm *vm, const char *sentence, void *data), void *data)
{
	return each_vm(h, false, each, data);
}

int vms_each_named(const struct host *h,
		   int (*each)(struct vm *vm, const char *sentence, void *data),
		   void *data)
{
	return each_vm(h, true, each, data);
}

void vm_free(struct vm *vm)
{
	conf_vm_free(&vm->conf);
	guest_free(&vm->guest);
}

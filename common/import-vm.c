// SPDX-License-Identifier: GPL-2.0-or-later
/* import-vm.c - which VM of this host has an address */

#include "import-vm.h"

#include "address.h"
#include "file.h"
#include "guest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#define FOLDER "etc/libvirt/qemu"
#define SUFFIX ".xml"

/**
 * struct walk - One run of import_guests()
 */
struct walk {
	int root;
	int (*each)(const struct guest *g, void *data);
	void *data;
};

/**
 * struct reading - One run of import_vms_read()
 */
struct reading {
	int root;
	struct import_vms *vms;
};

static int add(struct import_vms *vms, const char *name, const struct ip *ip)
{
	struct import_vm *more = reallocarray(vms->list, vms->n + 1, sizeof(*more));

	if (!more)
		return -ENOMEM;
	vms->list = more;
	more[vms->n].ip = *ip;
	if (text_copy(more[vms->n].name, NAME_LEN, name) == 0)
		vms->n++;
	return 0;
}

static int read_guest(int root, const char *path, struct guest *ret)
{
	CLEANUP(free_ptr) char *xml = NULL;
	CLEANUP(close_fd)
	int fd = openat(root, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	char ignored[WHY_LEN];
	ssize_t len;

	if (fd < 0)
		return -errno;
	len = file_read_all(fd, GUEST_XML_MAX, &xml);
	return len < 0 ? (int)len : guest_parse(xml, (size_t)len, ret, ignored);
}

static int take_file(const char *file, void *data)
{
	const struct walk *w = data;
	size_t len = strlen(file);
	struct guest g = { 0 };
	char path[PATH_LEN];
	int r;

	if (len <= strlen(SUFFIX) || strcmp(file + len - strlen(SUFFIX), SUFFIX) != 0 ||
	    text_format(path, sizeof(path), FOLDER "/%s", file) < 0 ||
	    read_guest(w->root, path, &g) < 0)
		return 0;
	r = w->each(&g, w->data);
	guest_free(&g);
	return r;
}

int import_guests(int root, int (*each)(const struct guest *g, void *data), void *data)
{
	struct walk w = { .root = root, .each = each, .data = data };

	return file_each(root, FOLDER, take_file, &w);
}

static int take_vm(const struct guest *g, void *data)
{
	const struct reading *x = data;
	int r = 0;

	for (size_t i = 0; i < g->n_nics && r == 0; i++) {
		struct ip ip[2];
		int n = address_find(x->root, &g->nics[i], 1, "", g->name, ip);

		for (int k = 0; k < n && r == 0; k++)
			r = add(x->vms, g->name, &ip[k]);
	}
	return r;
}

int import_vms_read(int root, struct import_vms *ret)
{
	struct reading x = { .root = root, .vms = ret };
	int r;

	*ret = (struct import_vms){ 0 };
	r = import_guests(root, take_vm, &x);
	return r == -ENOMEM ? r : 0;
}

const char *import_vms_find(const struct import_vms *vms, const struct ip *ip)
{
	const char *name = NULL;

	for (size_t i = 0; i < vms->n; i++) {
		if (!ip_equal(&vms->list[i].ip, ip))
			continue;
		if (name && strcmp(name, vms->list[i].name) != 0)
			return NULL;
		name = vms->list[i].name;
	}
	return name;
}

void import_vms_free(struct import_vms *vms)
{
	free(vms->list);
	*vms = (struct import_vms){ 0 };
}

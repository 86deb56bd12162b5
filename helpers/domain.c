// SPDX-License-Identifier: GPL-2.0-or-later
/* domain.c - a VM as the command sees it: by libvirt, or by libvirt's files */

#include "domain.h"

#include "file.h"
#include "running.h"
#include "text.h"
#include "virt.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#define DOMAINS_DIR "etc/libvirt/qemu"
#define RUNNING_DIR "run/libvirt/qemu"

/* -ENOTCONN: libvirt is not there to be asked */
static int ask_libvirt(const char *vm, struct domain *d, char ret_why[static WHY_LEN])
{
	CLEANUP(virt_close) struct virt *v = NULL;
	unsigned int id = 0;
	int r = virt_open(&v, ret_why);

	if (r == 0)
		r = virt_domain_xml(v, vm, false, &d->xml, &id, ret_why);
	d->running = id != 0;
	return d->xml ? guest_parse(d->xml, strlen(d->xml), &d->guest, ret_why) : r;
}

static int read_file(const struct host *h, const char *file, struct domain *d,
		     char ret_why[static WHY_LEN])
{
	CLEANUP(close_fd) int fd = -1;
	char path[PATH_LEN], sentence[WHY_LEN];
	int r = text_format(path, sizeof(path), DOMAINS_DIR "/%s", file);
	ssize_t n;

	if (r < 0)
		return r;
	fd = openat(h->root, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	n = fd < 0 ? -errno : file_read_all(fd, GUEST_XML_MAX, &d->xml);
	if (n < 0) {
		why(ret_why, "/%s: %s", path, strerror((int)-n));
		return (int)n;
	}
	r = guest_parse(d->xml, (size_t)n, &d->guest, sentence);
	if (r < 0)
		why(ret_why, "/%s: %s", path, sentence);
	else /* without the folder nothing was started since the boot */
		d->running = file_exists(h->root, RUNNING_DIR) &&
			     running_vm(h, d->guest.name);
	return r;
}

/**
 * struct walk - One run of domains_each()
 */
struct walk {
	const struct ctl *ctl;
	int (*each)(struct domain *d, const char *sentence, void *data);
	void *data;
};

static int visit(const char *name, void *data)
{
	CLEANUP(domain_free) struct domain d = { 0 };
	const struct walk *w = data;
	const char *dot = strrchr(name, '.');
	char sentence[WHY_LEN];
	int r;

	if (!dot || strcmp(dot, ".xml") != 0)
		return 0;
	r = read_file(&w->ctl->host, name, &d, sentence);
	return w->each(r < 0 ? NULL : &d, r < 0 ? sentence : "", w->data);
}

int domains_each(const struct ctl *c,
		 int (*each)(struct domain *d, const char *sentence, void *data),
		 void *data)
{
	struct walk w = { c, each, data };
	int r = file_each(c->host.root, DOMAINS_DIR, visit, &w);

	return r == -ENOENT ? 0 : r;
}

/**
 * struct search - A VM that is looked for by its UUID
 */
struct search {
	const char *uuid;
	struct domain *ret;
};

static int is_it(struct domain *d, const char *sentence, void *data)
{
	const struct search *s = data;

	(void)sentence;
	if (!d || strcmp(d->guest.uuid, s->uuid) != 0)
		return 0;
	*s->ret = *d;
	*d = (struct domain){ 0 };
	return 1;
}

static int find_file(const struct ctl *c, const char *vm, struct domain *d,
		     char ret_why[static WHY_LEN])
{
	char file[NAME_LEN + 8];
	int r;

	if (text_is_uuid(vm)) {
		r = domains_each(c, is_it, &(struct search){ vm, d });
		if (r != 0)
			return r < 0 ? r : 0;
	}
	r = -ENOENT;
	if (text_is_name(vm) && text_format(file, sizeof(file), "%s.xml", vm) == 0)
		r = read_file(&c->host, file, d, ret_why);
	if (r == -ENOENT)
		why(ret_why, "there is no VM '%s' in /" DOMAINS_DIR, vm);
	return r;
}

int domain_read(const struct ctl *c, const char *vm, struct domain *ret,
		char ret_why[static WHY_LEN])
{
	CLEANUP(domain_free) struct domain d = { 0 };
	int r = ctl_is_here(c) ? ask_libvirt(vm, &d, ret_why) : -ENOTCONN;

	if (r == -ENOTCONN)
		r = find_file(c, vm, &d, ret_why);
	if (r < 0)
		return r;
	*ret = d;
	d = (struct domain){ 0 };
	return 0;
}

int domain_conf(const struct ctl *c, const struct guest *g, struct conf_vm *ret,
		char ret_why[static WHY_LEN])
{
	int r = conf_vm_find(c->host.root, g->name, g->uuid, ret, ret_why);

	if (r == -ENOENT)
		why(ret_why,
		    "'%s' has no INI file, and so is not touched: virt-handoff new %s writes one",
		    g->name, guest_typed(g));
	return r;
}

void domain_free(struct domain *d)
{
	free(d->xml);
	guest_free(&d->guest);
	*d = (struct domain){ 0 };
}

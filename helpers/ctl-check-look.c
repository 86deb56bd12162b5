// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-check-look.c - read a host once, for all checks */

#include "ctl-check.h"

#include "domain.h"
#include "file.h"
#include "running.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CONF_DIR "etc/virt-handoff"

/* room for one more; a list grows by doubling */
static bool grow(void *list, size_t n, size_t size)
{
	void **p = list, *more;

	if (n & (n - 1))
		return true;
	more = reallocarray(*p, n ? 2 * n : 1, size);
	if (more)
		*p = more;
	return more;
}

static int add_sentence(struct checkup *x, const char *sentence)
{
	if (!grow(&x->bad, x->n_bad, sizeof(*x->bad)))
		return -ENOMEM;
	why(x->bad[x->n_bad++], "%s", sentence);
	return 0;
}

/* running_vm() says of no VM that it is gone where libvirt has no folder of those that run */
static bool runs(const struct checkup *x, const struct vm *vm)
{
	return vm->defined && file_exists(x->host->root, "run/libvirt/qemu") &&
	       running_vm(x->host, vm->guest.name);
}

static int add_vm(struct vm *vm, const char *sentence, void *data)
{
	struct checkup *x = data;
	struct check_vm *new;

	if (!vm)
		return add_sentence(x, sentence);
	if (!grow(&x->vm, x->n_vms, sizeof(*x->vm)))
		return -ENOMEM;
	new = &x->vm[x->n_vms++];
	*new = (struct check_vm){ .vm = *vm, .ini = true };
	*vm = (struct vm){ 0 };
	new->running = runs(x, &new->vm);
	return 0;
}

static int add_domain(struct domain *d, const char *sentence, void *data)
{
	struct checkup *x = data;
	struct check_domain *new;

	(void)sentence; /* of a VM with an INI file vms_each() says it too */
	if (!d)
		return 0;
	if (!grow(&x->domain, x->n_domains, sizeof(*x->domain)))
		return -ENOMEM;
	new = &x->domain[x->n_domains++];
	memcpy(new->name, d->guest.name, sizeof(new->name));
	memcpy(new->uuid, d->guest.uuid, sizeof(new->uuid));
	return 0;
}

static bool is_called(const struct check_vm *v, const char *vm, bool by_uuid)
{
	return strcmp(by_uuid ? v->vm.guest.uuid : v->vm.guest.name, vm) == 0;
}

/* a VM without INI file, or with one that cannot be read */
static int add_only(struct checkup *x, struct domain *d)
{
	char sentence[WHY_LEN];
	int r;

	if (!grow(&x->vm, x->n_vms, sizeof(*x->vm)))
		return -ENOMEM;
	x->only = &x->vm[x->n_vms++];
	*x->only = (struct check_vm){ .vm.guest = d->guest, .vm.defined = true };
	d->guest = (struct guest){ 0 };
	x->only->running = runs(x, &x->only->vm);
	r = domain_conf(x->ctl, &x->only->vm.guest, &x->only->vm.conf, sentence);
	x->only->ini = r != -ENOENT;
	return r < 0 && r != -ENOENT ? add_sentence(x, sentence) : 0;
}

static int find_only(struct checkup *x, const char *vm, char ret_why[static WHY_LEN])
{
	struct domain d = { 0 };
	int r;

	x->n_bad = 0; /* what is wrong with other VMs' files is their own affair */
	for (size_t i = 0; i < x->n_vms && !x->only; i++)
		if (is_called(&x->vm[i], vm, true))
			x->only = &x->vm[i];
	for (size_t i = 0; i < x->n_vms && !x->only; i++)
		if (is_called(&x->vm[i], vm, false))
			x->only = &x->vm[i];
	if (x->only)
		return 0;
	r = domain_read(x->ctl, vm, &d, ret_why);
	if (r == 0)
		r = add_only(x, &d);
	domain_free(&d);
	return r;
}

static int by_name(const void *a, const void *b)
{
	const struct check_vm *v = a, *w = b;

	return strcmp(v->vm.guest.name, w->vm.guest.name);
}

static int by_uuid(const void *a, const void *b)
{
	const struct check_domain *d = a, *e = b;
	int r = strcmp(d->uuid, e->uuid);

	return r ? r : strcmp(d->name, e->name);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

static int read_vms(struct checkup *x, const char *vm, char ret_why[static WHY_LEN])
{
	int r = vms_each(x->host, add_vm, x);

	if (r == 0)
		r = domains_each(x->ctl, add_domain, x);
	if (r < 0) {
		why(ret_why, "the VMs' files cannot be read: %s%s", strerror(-r),
		    r == -EACCES ? "; be root" : "");
		return r;
	}
	if (x->n_vms)
		qsort(x->vm, x->n_vms, sizeof(*x->vm), by_name);
	if (x->n_domains)
		qsort(x->domain, x->n_domains, sizeof(*x->domain), by_uuid);
	if (x->n_bad)
		qsort(x->bad, x->n_bad, sizeof(*x->bad), by_text);
	return vm ? find_only(x, vm, ret_why) : 0;
}

/* what cannot be read is a finding, and no reason not to look at the rest */
static void read_conf(struct checkup *x)
{
	CLEANUP(close_fd)
	int dir = openat(x->host->root, CONF_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir >= 0 && conf_host_read(dir, &x->conf, x->conf_why) == 0)
		x->conf_why[0] = '\0';
}

/*
 * The library's name has the version, and the library is that of the daemon: so nobody
 * needs to be asked. libvirt.so.0.9000.0 is 9.0.0, libvirt.so.0.11003.0 is 11.3.0.
 */
static int read_version(const char *name, void *data)
{
	unsigned long *ret = data, version, release;

	if (sscanf(name, "libvirt.so.0.%lu.%lu", &version, &release) == 2 &&
	    version * 1000 + release > *ret)
		*ret = version * 1000 + release;
	return 0;
}

static unsigned long find_libvirt(const struct host *h)
{
	static const char *const folders[] = {
		"usr/lib/x86_64-linux-gnu",
		"usr/lib/aarch64-linux-gnu",
		"usr/lib64",
		"usr/lib",
	};
	unsigned long version = 0;

	for (size_t i = 0; i < ARRAY_LEN(folders) && version == 0; i++)
		if (file_each(h->root, folders[i], read_version, &version) < 0)
			continue;
	return version;
}

/* since Linux 5.15; one card that can be reset is enough to know */
static bool says_resets(const struct checkup *x)
{
	char text[64];

	for (size_t i = 0; i < x->cards.n; i++)
		if (card_attribute(x->host, x->cards.card[i].name, "reset_method", text,
				   sizeof(text)))
			return true;
	return false;
}

const char *check_read(const struct checkup *x, const char *path, char *ret, size_t size)
{
	CLEANUP(close_fd)
	int fd = openat(x->host->root, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	size_t have = 0;
	ssize_t n = 0;

	while (fd >= 0 && have + 1 < size &&
	       (n = read(fd, ret + have, size - 1 - have)) > 0)
		have += (size_t)n;
	if (have > 0 && ret[have - 1] == '\n')
		have--;
	ret[have] = '\0';
	return ret;
}

int checkup_look(struct ctl *c, const char *vm, struct checkup *x,
		 char ret_why[static WHY_LEN])
{
	int r;

	*x = (struct checkup){ .ctl = c, .host = &c->host };
	r = cards_read(x->host, &x->cards);
	if (r < 0) {
		why(ret_why, "the PCI functions of this host cannot be read: %s",
		    strerror(-r));
		return r;
	}
	read_conf(x);
	check_read(x, "proc/cmdline", x->cmdline, sizeof(x->cmdline));
	x->libvirt = find_libvirt(x->host);
	x->resets = says_resets(x);
	if (ledgers_read(x->host, "", &x->ledgers, x->ledgers_why) == 0)
		x->ledgers_why[0] = '\0';
	return read_vms(x, vm, ret_why);
}

void checkup_free(struct checkup *x)
{
	for (size_t i = 0; i < x->n_vms; i++) {
		vm_free(&x->vm[i].vm);
		free(x->vm[i].taken);
	}
	free(x->vm);
	free(x->domain);
	free(x->bad);
	free(x->found);
	free(x->taker);
	cards_free(&x->cards);
	ledgers_free(&x->ledgers);
}

const char *check_attribute(const struct check_at *at, const char *attribute, char *ret,
			    size_t size)
{
	card_attribute(at->x->host, at->card->name, attribute, ret, size);
	return ret;
}

bool check_cmdline(const struct checkup *x, const char *word)
{
	return text_has_word(x->cmdline, word);
}

static void note_takes(struct checkup *x, const struct check_vm *v)
{
	for (size_t i = 0; i < v->n_taken; i++) {
		const struct card *c = cards_find(&x->cards, &v->taken[i]);

		if (c && !x->taker[c - x->cards.card])
			x->taker[c - x->cards.card] = v;
	}
}

int checkup_find_takers(struct checkup *x)
{
	x->taker = calloc(x->cards.n + 1, sizeof(struct check_vm *));
	if (!x->taker)
		return -ENOMEM;
	if (x->only)
		note_takes(x, x->only);
	for (size_t i = 0; i < x->n_vms; i++)
		note_takes(x, &x->vm[i]);
	return 0;
}

bool check_wants_forwards(const struct checkup *x)
{
	if (x->only)
		return x->only->vm.conf.n_forwards > 0;
	for (size_t i = 0; i < x->n_vms; i++)
		if (x->vm[i].vm.conf.n_forwards > 0)
			return true;
	return false;
}

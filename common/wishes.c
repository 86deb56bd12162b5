// SPDX-License-Identifier: GPL-2.0-or-later
/* wishes.c - the vGPUs that VMs ask for, collected, and a place for each */

#include "wishes.h"

#include "file.h"
#include "vms.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MDEVCTL_DIR "etc/mdevctl.d"

static bool is_named(const struct conf_vm *c, const char *uuid)
{
	for (size_t i = 0; i < c->n_vgpus; i++)
		if (strcmp(c->vgpu[i].uuid, uuid) == 0)
			return true;
	return false;
}

/* the next mediated device of the XML that no section names, or "" */
static const char *next_unnamed(const struct conf_vm *c, const struct guest *g,
				size_t *cursor)
{
	while (g && *cursor < g->n_mdevs) {
		const char *uuid = g->mdevs[(*cursor)++].uuid;

		if (!is_named(c, uuid))
			return uuid;
	}
	return "";
}

/*
 * The PCI hostdevs as a bare array, kept until wishes_free(). The XML may be a tenant's: what
 * allowed leaves out is no function of his.
 */
static int add_functions(struct wishes *w, const struct conf_vm *c, const struct guest *g,
			 struct bdf **ret, size_t *ret_n)
{
	size_t n = g ? g->n_hostdevs : 0;
	struct bdf **more = reallocarray(w->functions, w->n_functions + 1, sizeof(*more));
	struct bdf *all = calloc(n + 1, sizeof(*all));

	if (more)
		w->functions = more;
	if (!more || !all) {
		free(all);
		return -ENOMEM;
	}
	*ret_n = 0;
	for (size_t i = 0, last = n; i < n; i++)
		if (conf_devices_allow(&c->devices, &g->hostdevs[i].bdf))
			all[(*ret_n)++] = g->hostdevs[i].bdf;
		else
			all[--last] = g->hostdevs[i].bdf;
	w->functions[w->n_functions++] = all;
	*ret = all;
	return 0;
}

int wishes_add(struct wishes *w, const struct conf_vm *c, const struct guest *g,
	       enum wish_when when)
{
	struct wish *more = reallocarray(w->wish, w->n + c->n_vgpus + 1, sizeof(*more));
	struct bdf *functions;
	size_t cursor = 0, n = 0;
	int r;

	if (!more)
		return -ENOMEM;
	w->wish = more;
	r = add_functions(w, c, g, &functions, &n);
	for (size_t i = 0; i < c->n_vgpus && r == 0; i++) {
		const struct conf_vgpu *v = &c->vgpu[i];
		struct wish new = {
			.file = c->shown,
			.vm = g ? g->name : NULL,
			.conf = v,
			.functions = functions,
			.n_functions = n,
			.n_left_out = g ? g->n_hostdevs - n : 0,
		};

		r = text_copy(new.uuid, sizeof(new.uuid),
			      v->uuid[0] || !v->type[0] ? v->uuid
							: next_unnamed(c, g, &cursor));
		if (when == WISH_ALL || v->at_boot == (when == WISH_BOOT))
			w->wish[w->n++] = new;
	}
	return r;
}

const struct wish *wishes_uuid(const struct wishes *w, const char *uuid)
{
	for (size_t i = 0; i < w->n && uuid[0]; i++)
		if (strcmp(w->wish[i].uuid, uuid) == 0)
			return &w->wish[i];
	return NULL;
}

bool wish_is_shared(const struct wish *w, const struct wishes *others,
		    char ret_why[static WHY_LEN])
{
	const struct wish *o = wishes_uuid(others, w->uuid);

	if (o)
		why(ret_why,
		    "%s:%u: [vgpu %s]: %s:%u asks for the mediated device %s too; give each VM its own, uuidgen makes a UUID",
		    w->file, w->conf->line, w->conf->name, o->file, o->conf->line,
		    w->uuid);
	return o;
}

/*
 * A step of a ledger that makes a vGPU. One that is there already is in the ledger of its
 * VM too, and in the snapshot: placement_make() counts it once.
 */
static bool is_reserved(const struct ledger *l, const struct ledger_step *s,
			struct reserved *ret)
{
	const char *blank = strchr(s->step.to, ' ');
	int r;

	*ret = (struct reserved){ .vm = l->name };
	if (s->state == LEDGER_UNDID || strcmp(s->step.to, "none") == 0)
		return false;
	if (strcmp(s->step.kind, "vgpu") == 0) {
		r = text_copy(ret->parent, sizeof(ret->parent), s->step.target);
		return r == 0 && text_copy(ret->type, sizeof(ret->type), s->step.to) == 0;
	}
	if (strcmp(s->step.kind, "mdev") != 0 || !blank)
		return false;
	r = text_format(ret->parent, sizeof(ret->parent), "%.*s",
			(int)(blank - s->step.to), s->step.to);
	if (r == 0)
		r = text_copy(ret->type, sizeof(ret->type), blank + 1);
	return r == 0 && text_copy(ret->uuid, sizeof(ret->uuid), s->step.target) == 0;
}

static int reserve(const struct ledgers *ledgers, const struct wishes *later,
		   struct reserved **ret, size_t *ret_n)
{
	size_t most = later ? later->n : 0;

	for (size_t i = 0; i < ledgers->n; i++)
		most += ledgers->ledger[i].n_steps;
	*ret_n = 0;
	*ret = calloc(most + 1, sizeof(**ret));
	if (!*ret)
		return -ENOMEM;
	for (size_t i = 0; i < ledgers->n; i++)
		for (size_t k = 0; k < ledgers->ledger[i].n_steps; k++)
			*ret_n += is_reserved(&ledgers->ledger[i],
					      &ledgers->ledger[i].steps[k],
					      &(*ret)[*ret_n]);
	for (size_t i = 0; later && i < later->n; i++)
		(*ret)[(*ret_n)++] =
			(struct reserved){ .vm = "", .later = later->wish[i].conf };
	return 0;
}

/* of reserved ones too: how much they leave depends on their type */
static int look(struct host *h, struct wishes *w, const struct reserved *reserved,
		size_t n)
{
	CLEANUP(free_ptr) const char **types = calloc(w->n + n + 1, sizeof(*types));

	if (!types)
		return -ENOMEM;
	for (size_t i = 0; i < w->n; i++)
		types[i] = w->wish[i].conf->type;
	for (size_t i = 0; i < n; i++)
		types[w->n + i] = reserved[i].type;
	return vgpus_read(h, types, w->n + n, &w->seen);
}

/* those that are being started have claimed what is still on its driver */
static int note_claims(const struct ledgers *ledgers, struct vgpus *seen)
{
	int r = 0;

	for (size_t i = 0; i < seen->n_cards && r == 0; i++) {
		struct vgpu_card *c = &seen->card[i];
		const struct ledger *l = ledgers_claimant(ledgers, c->name);

		if (l)
			r = text_copy(c->vm, sizeof(c->vm), l->name);
	}
	return r;
}

int wishes_place(struct host *h, const struct conf_host *c, const struct ledgers *ledgers,
		 struct wishes *w, char ret_why[static WHY_LEN])
{
	CLEANUP(free_ptr) struct reserved *reserved = NULL;
	size_t n;
	int r = reserve(ledgers, w->later, &reserved, &n);

	w->place = calloc(w->n + 1, sizeof(*w->place));
	if (r == 0 && !w->place)
		r = -ENOMEM;
	if (r == 0 && w->n == 0) /* nobody waits for what the drivers say */
		return 0;
	if (r == 0)
		r = look(h, w, reserved, n);
	if (r == 0)
		r = note_claims(ledgers, &w->seen);
	if (r == 0)
		r = placement_make(&w->seen, c, w->wish, w->n, reserved, n, w->place);
	if (r < 0)
		why(ret_why,
		    "the GPUs of this host cannot be looked at (%s): is /sys mounted?",
		    strerror(-r));
	return r;
}

/**
 * struct owner - A definition that is looked for
 */
struct owner {
	const struct host *h;
	const char *uuid;
	char *ret;
	size_t size;
};

static int defines(const char *parent, void *data)
{
	const struct owner *o = data;
	char path[PATH_LEN];
	int r = text_format(path, sizeof(path), MDEVCTL_DIR "/%s/%s", parent, o->uuid);

	if (r < 0 || !file_exists(o->h->root, path))
		return 0;
	return text_format(o->ret, o->size, "/%s", path) < 0 ? 0 : 1;
}

bool wish_has_owner(const struct host *h, const struct wish *w, const struct place *p,
		    char ret_why[static WHY_LEN])
{
	char file[PATH_LEN];
	struct owner o = { h, p->uuid, file, sizeof(file) };

	if (!p->uuid[0] || file_each(h->root, MDEVCTL_DIR, defines, &o) != 1)
		return false;
	why(ret_why,
	    "%s:%u: [vgpu %s]: mdevctl makes %s too (%s): whoever comes first makes it, and it is not taken from the other; remove one of the two",
	    w->file, w->conf->line, w->conf->name, p->uuid, file);
	return true;
}

static bool has_mdev(const struct vm *vm, const char *uuid)
{
	for (size_t i = 0; i < vm->guest.n_mdevs; i++)
		if (strcmp(vm->guest.mdevs[i].uuid, uuid) == 0)
			return true;
	return is_named(&vm->conf, uuid);
}

static int name_made(struct vm *vm, const char *sentence, void *data)
{
	struct inventory *inv = data;

	(void)sentence;
	for (size_t i = 0; vm && i < inv->n; i++) {
		struct function *f = &inv->function[i];

		if (f->made[0] && has_mdev(vm, f->made))
			(void)!text_copy(f->made_for, sizeof(f->made_for),
					 vm->guest.name);
	}
	return 0;
}

void wishes_name_made(const struct host *h, struct inventory *inv)
{
	for (size_t i = 0; i < inv->n; i++) {
		if (!inv->function[i].made[0])
			continue;
		(void)!vms_each(h, name_made, inv);
		return;
	}
}

void wishes_free(struct wishes *w)
{
	for (size_t i = 0; i < w->n_functions; i++)
		free(w->functions[i]);
	free(w->functions);
	free(w->wish);
	free(w->place);
	vgpus_free(&w->seen);
	*w = (struct wishes){ 0 };
}

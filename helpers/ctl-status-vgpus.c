// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-status-vgpus.c - the vGPUs that a VM asks for, and whether they are there */

#include "ctl-status.h"

#include "file.h"
#include "wishes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char *vgpu_state_word(enum vgpu_state s)
{
	static const char *const words[] = { "there", "other", "missing", "later",
					     "silent" };

	return words[s];
}

static enum vgpu_state absent(const struct conf_vgpu *c)
{
	return c->at_boot ? VGPU_MISSING : VGPU_LATER;
}

/* the name that the driver has for the type, or its id */
static enum vgpu_state compare(const struct vgpu_type *t, const struct conf_vgpu *c,
			       struct status_vgpu *v)
{
	strcpy(v->type, t->name[0] ? t->name : t->id);
	/* by a number alone nobody can tell which name is meant */
	if (!c->type[0] || vgpu_type_fits(t, c->type) ||
	    (!t->name[0] && c->type[strspn(c->type, "0123456789")]))
		return VGPU_THERE;
	return VGPU_OTHER;
}

/* 0 or -errno, with the name "" */
static int name_type(struct host *h, const struct status_vgpu *v, struct vgpu_type *t,
		     struct status_type *last)
{
	char card[HOST_DEVICE_LEN], path[PATH_LEN];
	int r = agree_card(h, v->parent, card);

	if (r == 0 && strcmp(last->card, card) == 0 &&
	    strcmp(last->type.id, t->id) == 0) {
		*t = last->type;
		return 0;
	}
	if (r == 0)
		r = text_format(path, sizeof(path),
				"sys/bus/mdev/devices/%s/mdev_type/name", v->id);
	if (r == 0)
		r = agree_ask(h, card, path, t->name, sizeof(t->name));
	if (r < 0) {
		t->name[0] = '\0';
		return r;
	}
	strcpy(last->card, card);
	last->type = *t;
	return 0;
}

/* "PARENT TYPE" */
static int look_at_mdev(struct host *h, const struct conf_vgpu *c, struct status_vgpu *v,
			struct status_type *last)
{
	struct step s = { .kind = "mdev" };
	struct vgpu_type t = { .max = 0 };
	char now[STATE_LEN] = "";
	const char *cursor = now;
	int r = text_copy(s.target, sizeof(s.target), v->id);

	if (r == 0)
		r = agree_now(h, &s, now);
	if (r < 0 || strcmp(now, "none") == 0) {
		v->state = absent(c);
		return 0;
	}
	if (text_next_word(&cursor, v->parent, sizeof(v->parent)) <= 0 ||
	    text_next_word(&cursor, t.id, sizeof(t.id)) <= 0)
		return -EBADMSG;
	r = name_type(h, v, &t, last);
	v->state = compare(&t, c, v);
	if (r == -ETIME)
		v->state = VGPU_SILENT;
	return 0;
}

/* a virtual function with types, or one without */
static int look_at_function(struct host *h, const struct conf_vgpu *c,
			    struct status_vgpu *v)
{
	struct step s = { .kind = "vgpu" };
	struct vgpu_type t = { .max = 0 };
	char now[STATE_LEN] = "";
	int r = text_copy(s.target, sizeof(s.target), v->id);

	if (r == 0)
		r = agree_now(h, &s, now);
	if (r == -ETIME) {
		v->state = VGPU_SILENT;
		return 0;
	}
	if (r < 0 && r != -ENOENT)
		return r;
	if (r == 0 && strcmp(now, "none") == 0) {
		v->state = absent(c);
		return 0;
	}
	strcpy(v->parent, v->id);
	if (r == -ENOENT || text_copy(t.id, sizeof(t.id), now) < 0) {
		v->state = c->type[0] ? absent(c) : VGPU_THERE;
		return 0;
	}
	v->state = compare(&t, c, v);
	return 0;
}

static bool is_virtual(const struct host *h, const struct bdf *b,
		       char ret[static BDF_LEN])
{
	char path[PATH_LEN];

	bdf_format(b, ret);
	return text_format(path, sizeof(path), "sys/bus/pci/devices/%s/physfn", ret) ==
		       0 &&
	       file_exists(h->root, path);
}

/* the virtual function that the section names, or the next one that the VM is given */
static bool find_function(const struct host *h, const struct wish *w, size_t *cursor,
			  char ret[static BDF_LEN])
{
	struct bdf named;
	bool is_named =
		bdf_parse(w->conf->gpu, &named) == 0 && is_virtual(h, &named, ret);

	for (size_t i = 0; is_named && i < w->n_functions; i++)
		if (bdf_equal(&w->functions[i], &named))
			return true;
	while (*cursor < w->n_functions)
		if (is_virtual(h, &w->functions[(*cursor)++], ret))
			return true;
	return false;
}

static int look(struct host *h, const struct wish *w, size_t *cursor,
		struct status_vgpu *v, struct status_type *last)
{
	char function[BDF_LEN];
	int r = text_copy(v->name, sizeof(v->name), w->conf->name);

	if (r == 0)
		r = text_copy(v->asked, sizeof(v->asked), w->conf->type);
	if (r < 0)
		return r;
	if (w->uuid[0]) {
		strcpy(v->id, w->uuid);
		return look_at_mdev(h, w->conf, v, last);
	}
	if (!find_function(h, w, cursor, function)) {
		v->state = absent(w->conf);
		return 0;
	}
	strcpy(v->id, function);
	return look_at_function(h, w->conf, v);
}

int status_vgpus(struct host *h, const struct conf_vm *c, const struct guest *g,
		 struct status_vm *vm, struct status_type *last)
{
	CLEANUP(wishes_free) struct wishes w = { 0 };
	size_t cursor = 0;
	int r;

	if (c->n_vgpus == 0)
		return 0;
	vm->vgpu = calloc(c->n_vgpus, sizeof(*vm->vgpu));
	r = vm->vgpu ? wishes_add(&w, c, g, WISH_ALL) : -ENOMEM;
	for (; vm->n_vgpus < w.n && r == 0; vm->n_vgpus++)
		r = look(h, &w.wish[vm->n_vgpus], &cursor, &vm->vgpu[vm->n_vgpus], last);
	return r;
}

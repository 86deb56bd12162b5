// SPDX-License-Identifier: GPL-2.0-or-later
/* placement-why.c - why a vGPU has no place: the sentences */

#include "placement-parts.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define LIST_LEN 200
#define WHO_LEN  384
#define UNIT     "virt-handoff-boot.service"

/**
 * struct cause - What a sentence is made from
 * @all:     All cards that were asked, @n
 */
struct cause {
	const struct table *t;
	const struct wish *w;
	const struct choice *best, *all;
	size_t n;
	struct place *p;
};

void refuse(const struct wish *w, struct place *p, const char *format, ...)
{
	char text[WHY_LEN];
	va_list args;

	va_start(args, format);
	if (vsnprintf(text, sizeof(text), format, args) < 0)
		text[0] = '\0';
	va_end(args);
	*p = (struct place){ .kind = PLACE_REFUSED };
	why(p->why, "%s:%u: [vgpu %s]: %s", w->file, w->conf->line, w->conf->name, text);
}

/* ---- parts of sentences ---- */

static void wish_describe(const struct wish *w, char ret[static WHO_LEN])
{
	snprintf(ret, WHO_LEN, "[vgpu %s] of %s", w->conf->name, w->file);
}

static void mdev_describe(const struct table *t, const struct vgpu_mdev *m,
			  char ret[static WHO_LEN])
{
	for (size_t i = 0; i < t->n; i++)
		if (strcmp(t->wish[i].uuid, m->uuid) == 0)
			return wish_describe(&t->wish[i], ret);
	for (size_t i = 0; i < t->n_reserved; i++)
		if (strcmp(t->reserved[i].uuid, m->uuid) == 0) {
			snprintf(ret, WHO_LEN, "VM '%s'", t->reserved[i].vm);
			return;
		}
	snprintf(ret, WHO_LEN, "the mediated device %s", m->uuid);
}

/* whose a vGPU is; that of a function may have found its owner meanwhile */
static void describe(const struct table *t, const struct occupant *o,
		     char ret[static WHO_LEN])
{
	const struct occupant *seat = o->parent ? table_seat(t, o->parent) : o;

	if (seat->wish)
		wish_describe(seat->wish, ret);
	else if (seat->reserved)
		snprintf(ret, WHO_LEN, "VM '%s'", seat->reserved->vm);
	else if (seat->mdev)
		mdev_describe(t, seat->mdev, ret);
	else
		snprintf(ret, WHO_LEN, "the vGPU on %s", seat->parent->name);
}

static const char *type_name(const struct vgpu_type *t)
{
	return t->name[0] ? t->name : t->id;
}

static bool is_listed(const struct cause *k, size_t card, const char *name)
{
	for (size_t i = 0; i < card; i++)
		for (size_t n = 0; n < k->all[i].board->card->n_types; n++)
			if (strcmp(type_name(&k->all[i].board->card->type[n]), name) == 0)
				return true;
	return false;
}

/* What the cards that have types call them, and the one that was most likely meant */
static void list_types(const struct cause *k, char list[static LIST_LEN],
		       char meant[static VGPU_TYPE_LEN + 32])
{
	const char *nearest[2] = { 0 }, *asked = k->w->conf->type;
	unsigned int left_out = 0;
	size_t len;

	list[0] = meant[0] = '\0';
	for (size_t i = 0; i < k->n; i++) {
		const struct vgpu_card *card = k->all[i].board->card;

		for (size_t n = 0; n < card->n_types; n++) {
			const char *name = type_name(&card->type[n]);

			if (is_listed(k, i, name))
				continue;
			list_add(list, LIST_LEN - 16, name, &left_out);
			nearest[1] = name;
			nearest[0] = text_nearest(asked, nearest, 2);
		}
	}
	len = strlen(list);
	if (left_out)
		snprintf(list + len, LIST_LEN - len, " and %u more", left_out);
	if (nearest[0])
		snprintf(meant, VGPU_TYPE_LEN + 32, "; did you mean '%s'?", nearest[0]);
}

/* "0000:e8:00.0", or all cards when any will do */
static const char *where(const struct cause *k)
{
	return k->n == 1 ? k->best->board->card->name : "any GPU of this host";
}

/* ---- one sentence each ---- */

static void say_in_use(const struct cause *k)
{
	const struct vgpu_card *card = k->best->board->card;

	refuse(k->w, k->p,
	       "%s is on %s, because a VM has or had it whole: shut that VM down and give the card back to its driver, or write another gpu",
	       card->name, card->driver);
}

static void say_other_card(const struct cause *k)
{
	const struct vgpu_card *card = k->best->board->card;
	const struct conf_gpu *c = k->best->board->conf;

	refuse(k->w, k->p,
	       "%s is %04x:%04x, but [gpu %s] of host.ini (line %u) expects %04x:%04x: another card is at that address, look at lspci -nn and correct it",
	       card->name, card->id.vendor, card->id.device, c->name, c->line,
	       c->id.vendor, c->id.device);
}

static void say_bare(const struct cause *k)
{
	const struct vgpu_card *card = k->best->board->card;

	if (k->n > 1 && !k->best->board->conf && !card_is_nvidia(card))
		refuse(k->w, k->p,
		       "no GPU of this host offers vGPUs; where virtual functions have to be made first, write [gpu NAME] with address and vfs into host.ini, then systemctl restart " UNIT);
	else if (!card->driver[0])
		refuse(k->w, k->p,
		       "%s has no driver, and so no vGPUs: look for its driver in dmesg",
		       card->name);
	else if (card_is_nvidia(card))
		refuse(k->w, k->p,
		       "%s offers no vGPU types with driver %s: that must be NVIDIA's vGPU host driver, and its managers must run; look at systemctl status nvidia-vgpud nvidia-vgpu-mgr",
		       card->name, card->driver);
	else
		refuse(k->w, k->p, "%s cannot be cut into vGPUs by its driver %s",
		       card->name, card->driver);
}

static void say_no_vfs(const struct cause *k)
{
	const struct vgpu_card *card = k->best->board->card;
	const struct conf_gpu *c = k->best->board->conf;

	if (!c && k->n > 1 && !card_is_nvidia(card))
		say_bare(k);
	else if (!c)
		refuse(k->w, k->p,
		       "%s has no virtual functions yet: write [gpu NAME] with address = %s and vfs = all into host.ini, then systemctl restart " UNIT,
		       card->name, card->name);
	else if (c->vfs == CONF_VFS_LEAVE)
		refuse(k->w, k->p,
		       "%s has no virtual functions yet: write vfs = all into [gpu %s] of host.ini (line %u), then systemctl restart " UNIT,
		       card->name, c->name, c->line);
	else
		refuse(k->w, k->p,
		       "%s has no virtual functions yet: systemctl restart " UNIT
		       " makes them, and journalctl -u " UNIT " says why it has not",
		       card->name);
}

static void say_untyped(const struct cause *k)
{
	refuse(k->w, k->p,
	       "the virtual functions of %s have no types: leave out type (and uuid), and give the VM one of them with <hostdev type='pci'>",
	       k->best->board->card->name);
}

static void say_typed(const struct cause *k)
{
	char list[LIST_LEN], meant[VGPU_TYPE_LEN + 32];

	list_types(k, list, meant);
	refuse(k->w, k->p,
	       "a type is missing; write type = one of those that %s offers: %s",
	       k->best->board->card->name, list);
}

static void say_no_type(const struct cause *k)
{
	char list[LIST_LEN], meant[VGPU_TYPE_LEN + 32];

	list_types(k, list, meant);
	refuse(k->w, k->p, "there is no type '%s' on %s%s; offered: %s", k->w->conf->type,
	       where(k), meant, list);
}

static void say_driver(const struct cause *k)
{
	const struct vgpu_parent *at = k->best->parent;
	const struct vgpu_card *card = k->best->board->card;

	refuse(k->w, k->p,
	       "%s (virtual function %d of %s) is on %s, but makes vGPUs only on %s: write managed='no' into its <hostdev> with virsh edit, and give it back with virsh nodedev-reattach",
	       at->name, at->index, card->name, at->driver[0] ? at->driver : "no driver",
	       card->driver);
}

static void say_no_uuid(const struct cause *k)
{
	refuse(k->w, k->p,
	       "the domain XML names no mediated device for it: add <hostdev mode='subsystem' type='mdev' model='vfio-pci'><source><address uuid='UUID'/></source></hostdev> with virsh edit; uuidgen makes a UUID");
}

static void say_no_function(const struct cause *k)
{
	const struct vgpu_parent *spare = k->best->parent;
	struct bdf b;

	if (!spare || bdf_parse(spare->name, &b) < 0)
		refuse(k->w, k->p,
		       "the domain XML has no virtual function of %s among its PCI hostdevs, and none is free that offers it",
		       k->best->board->card->name);
	else
		refuse(k->w, k->p,
		       "the domain XML has no virtual function of %s among its PCI hostdevs; %s is free: add <hostdev mode='subsystem' type='pci' managed='%s'><source><address domain='0x%04x' bus='0x%02x' slot='0x%02x' function='0x%x'/></source></hostdev> with virsh edit",
		       k->best->board->card->name, spare->name,
		       spare->framework == VGPU_VF ? "yes" : "no", b.domain, b.bus,
		       b.slot, b.function);
}

static void say_busy(const struct cause *k)
{
	const struct vgpu_parent *at = k->best->parent;
	const struct vgpu_card *card = k->best->board->card;
	const struct occupant *seat = table_seat(k->t, at);
	size_t type = board_type_id(k->best->board, at->current);
	char who[WHO_LEN];

	describe(k->t, seat, who);
	if (seat->parent)
		refuse(k->w, k->p,
		       "%s (virtual function %d of %s) already is a vGPU of type %s: when no VM uses it, write 0 to its nvidia/current_vgpu_type, or correct type",
		       at->name, at->index, card->name,
		       type != TYPE_NONE ? type_name(&card->type[type]) : at->current);
	else
		refuse(k->w, k->p,
		       "%s (virtual function %d of %s) is that of %s: write another one",
		       at->name, at->index, card->name, who);
}

static void say_size(const struct cause *k)
{
	const struct board *b = k->best->board;
	char who[WHO_LEN];

	describe(k->t, &b->sizer, who);
	refuse(k->w, k->p,
	       "%s on %s: %s came first, with %u MiB, and all vGPUs of a card have one size; write another gpu or type, or mixed-sizes = yes in [gpu %s] of host.ini",
	       k->w->conf->type, b->card->name, who, b->size_mib,
	       b->conf ? b->conf->name : "NAME");
}

static void say_full(const struct cause *k)
{
	const struct board *b = k->best->board;
	size_t type = k->best->type;
	unsigned int max = type == TYPE_NONE ? 0 : b->card->type[type].max;
	const char *hint = k->n == 1 ? "write another gpu, or a smaller type"
				     : "no other GPU has room either";

	if (max && board_alike(b, type) >= max)
		refuse(k->w, k->p,
		       "%s is full: it has %u of at most %u %s and what takes the same room; %s",
		       b->card->name, board_alike(b, type), max,
		       type_name(&b->card->type[type]), hint);
	else
		refuse(k->w, k->p,
		       "%s is full: with the %u %s that it has, no %s fits; %s",
		       b->card->name, b->vgpus, b->vgpus == 1 ? "vGPU" : "vGPUs",
		       k->w->conf->type, hint);
}

void refuse_choice(const struct table *t, const struct wish *w, const struct choice *best,
		   const struct choice *all, size_t n, struct place *p)
{
	static void (*const say[])(const struct cause *) = {
		[VERDICT_IN_USE] = say_in_use,   [VERDICT_OTHER_CARD] = say_other_card,
		[VERDICT_BARE] = say_bare,       [VERDICT_NO_VFS] = say_no_vfs,
		[VERDICT_UNTYPED] = say_untyped, [VERDICT_TYPED] = say_typed,
		[VERDICT_NO_TYPE] = say_no_type, [VERDICT_DRIVER] = say_driver,
		[VERDICT_NO_UUID] = say_no_uuid, [VERDICT_NO_FUNCTION] = say_no_function,
		[VERDICT_BUSY] = say_busy,       [VERDICT_SIZE] = say_size,
		[VERDICT_FULL] = say_full,
	};
	struct cause k = { t, w, best, all, n, p };

	if (best)
		say[best->verdict](&k);
	else
		refuse(w, p, "this host has no GPU that can be cut into vGPUs");
}

void refuse_mdev(const struct table *t, const struct wish *w, const struct vgpu_mdev *m,
		 struct place *p)
{
	const struct vgpu_parent *at = &t->v->parent[m->parent];
	const struct vgpu_card *card = table_board(t, at)->card;
	const char *type = type_name(&card->type[m->type]);

	if (!vgpu_type_fits(&card->type[m->type], w->conf->type))
		refuse(w, p,
		       "the mediated device %s is there already as %s on %s, not as %s: correct type, or when no VM uses it write 1 to /sys/bus/mdev/devices/%s/remove",
		       m->uuid, type, at->name, w->conf->type, m->uuid);
	else
		refuse(w, p,
		       "the mediated device %s is there already on %s, which is not what gpu = %s asks for: correct gpu, or when no VM uses it write 1 to /sys/bus/mdev/devices/%s/remove",
		       m->uuid, at->name, w->conf->gpu, m->uuid);
}

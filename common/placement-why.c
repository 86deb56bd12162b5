// SPDX-License-Identifier: GPL-2.0-or-later
/* placement-why.c - why a vGPU has no place: the sentences */

#include "placement-parts.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define UNIT "virt-handoff-boot.service"

/**
 * struct cause - What a sentence is made from
 * @all:     All cards that were asked, @n
 */
struct cause {
	const struct table *t;
	const struct wish *w;
	const struct target *target;
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

/* "0000:e8:00.0", or all cards when any will do */
static const char *where(const struct cause *k)
{
	return k->n == 1 ? k->best->board->card->name : "any GPU of this host";
}

/* ---- one sentence each ---- */

static void say_in_use(const struct cause *k)
{
	const struct vgpu_card *card = k->best->board->card;

	if (card->vm[0])
		refuse(k->w, k->p,
		       "%s is taken whole by VM '%s': shut that VM down, or give back what it has with virt-handoff undo when it is off, or write another gpu",
		       card->name, card->vm);
	else
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
	char list[LIST_LEN], meant[MEANT_LEN];

	list_types(k->all, k->n, k->w->conf->type, list, meant);
	refuse(k->w, k->p,
	       "a type is missing; write type = one of those that %s offers: %s",
	       k->best->board->card->name, list);
}

static void say_no_type(const struct cause *k)
{
	char list[LIST_LEN], meant[MEANT_LEN];

	list_types(k->all, k->n, k->w->conf->type, list, meant);
	refuse(k->w, k->p, "there is no type '%s' on %s; %soffered: %s", k->w->conf->type,
	       where(k), meant, list);
}

static void say_silent(const struct cause *k)
{
	const struct vgpu_card *card = k->best->board->card;

	refuse(k->w, k->p,
	       "the driver %s of %s does not answer when it is asked for its types: look at dmesg, and restart the host if it stays so",
	       card->driver, card->name);
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

static bool is_given(const struct table *t, const struct vgpu_parent *p)
{
	for (size_t i = 0; i < t->n; i++)
		if (wish_has_function(t, &t->wish[i], p))
			return true;
	return false;
}

/* a function that the VM could be given, best one that no other VM of the wishes is given */
static const struct vgpu_parent *find_spare(const struct cause *k)
{
	const struct choice *c = k->best;

	for (size_t i = c->board->first; i < c->board->first + c->board->n; i++) {
		const struct vgpu_parent *p = &k->t->v->parent[i];

		if (!seat_is_taken(&k->t->seat[i]) && !is_given(k->t, p) &&
		    target_has(k->target, p) &&
		    (c->type == TYPE_NONE || parent_offer(p, c->type) > 0))
			return p;
	}
	return c->parent;
}

/* the XML has one of the card, and allowed leaves it out */
static bool has_left_out(const struct cause *k)
{
	const struct board *b = k->best->board;

	for (size_t i = b->first; i < b->first + b->n; i++)
		for (size_t n = 0; n < k->w->n_left_out; n++)
			if (bdf_equal(&k->w->functions[k->w->n_functions + n],
				      &k->t->bdf[i]))
				return true;
	return false;
}

static void say_no_function(const struct cause *k)
{
	const struct vgpu_parent *spare = find_spare(k);
	struct bdf b;

	if (has_left_out(k))
		refuse(k->w, k->p,
		       "the domain XML has no virtual function of %s among the PCI hostdevs that allowed in %s lets it have: write one that the XML has into allowed, or one that is allowed into the XML with virsh edit",
		       k->best->board->card->name, k->w->file);
	else if (!spare || bdf_parse(spare->name, &b) < 0)
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

	occupant_describe(k->t, seat, who);
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

	occupant_describe(k->t, &b->sizer, who);
	refuse(k->w, k->p,
	       "%s has vGPUs of %u MiB since %s, and a card has one size only: write another gpu or type, or mixed-sizes = yes in [gpu %s] of host.ini",
	       b->card->name, b->size_mib, who, b->conf ? b->conf->name : "NAME");
}

static bool has_free_function(const struct cause *k, const struct board *b)
{
	for (size_t i = b->first; i < b->first + b->n; i++)
		if (k->t->v->parent[i].index < 0 || !seat_is_taken(&k->t->seat[i]))
			return true;
	return false;
}

/* What stands in the way on one card, as part of a sentence */
static void describe_full(const struct cause *k, const struct choice *c, char *ret,
			  size_t size)
{
	const struct board *b = c->board;
	unsigned int max = c->type == TYPE_NONE ? 0 : b->card->type[c->type].max;

	if (c->verdict == VERDICT_SIZE)
		snprintf(ret, size, "%s has vGPUs of %u MiB", b->card->name, b->size_mib);
	else if (max && board_alike(b, c->type) >= max)
		snprintf(ret, size, "%s has %u of at most %u", b->card->name,
			 board_alike(b, c->type), max);
	else if (b->vgpus == 0)
		snprintf(ret, size, "%s offers none now", b->card->name);
	else if (!has_free_function(k, b))
		snprintf(ret, size, "each of the %zu virtual functions of %s has a vGPU",
			 b->n, b->card->name);
	else
		snprintf(ret, size, "%s has %u %s and offers no more", b->card->name,
			 b->vgpus, b->vgpus == 1 ? "vGPU" : "vGPUs");
}

static void say_full(const struct cause *k)
{
	char list[LIST_LEN] = "", one[64 + VGPU_DEVICE_LEN];
	unsigned int left_out = 0;

	for (size_t i = 0; i < k->n; i++) {
		if (k->all[i].verdict == VERDICT_SILENT)
			snprintf(one, sizeof(one), "the driver of %s does not answer",
				 k->all[i].board->card->name);
		else if (k->all[i].verdict < VERDICT_SIZE)
			continue;
		else
			describe_full(k, &k->all[i], one, sizeof(one));
		list_add(list, one, &left_out);
	}
	list_end(list, left_out);
	refuse(k->w, k->p, "no room for another %s: %s", k->w->conf->type, list);
}

void refuse_choice(const struct table *t, const struct wish *w, const struct target *g,
		   const struct choice *best, const struct choice *all, size_t n,
		   struct place *p)
{
	static void (*const say[])(const struct cause *) = {
		[VERDICT_IN_USE] = say_in_use,
		[VERDICT_OTHER_CARD] = say_other_card,
		[VERDICT_BARE] = say_bare,
		[VERDICT_NO_VFS] = say_no_vfs,
		[VERDICT_UNTYPED] = say_untyped,
		[VERDICT_TYPED] = say_typed,
		[VERDICT_NO_TYPE] = say_no_type,
		[VERDICT_SILENT] = say_silent,
		[VERDICT_DRIVER] = say_driver,
		[VERDICT_NO_UUID] = say_no_uuid,
		[VERDICT_NO_FUNCTION] = say_no_function,
		[VERDICT_BUSY] = say_busy,
		[VERDICT_SIZE] = say_size,
		[VERDICT_FULL] = say_full,
	};
	struct cause k = { t, w, g, best, all, n, p };

	if (best)
		say[best->verdict](&k);
	else
		refuse(w, p, "this host has no GPU that can be cut into vGPUs");
}

bool mdev_fits(const struct table *t, const struct vgpu_mdev *m, const char *asked)
{
	const struct vgpu_card *card = table_board(t, &t->v->parent[m->parent])->card;
	const struct vgpu_type *type = &card->type[m->type];

	return vgpu_type_fits(type, asked) || (!type->name[0] && card->silent);
}

void refuse_mdev(const struct table *t, const struct wish *w, const struct vgpu_mdev *m,
		 struct place *p)
{
	const struct vgpu_parent *at = &t->v->parent[m->parent];
	const struct vgpu_card *card = table_board(t, at)->card;
	const char *type = type_name(&card->type[m->type]);

	if (!mdev_fits(t, m, w->conf->type))
		refuse(w, p,
		       "the mediated device %s is there already as %s on %s, not as %s: correct type, or when no VM uses it write 1 to /sys/bus/mdev/devices/%s/remove",
		       m->uuid, type, at->name, w->conf->type, m->uuid);
	else
		refuse(w, p,
		       "the mediated device %s is there already on %s, which is not what gpu = %s asks for: correct gpu, or when no VM uses it write 1 to /sys/bus/mdev/devices/%s/remove",
		       m->uuid, at->name, w->conf->gpu, m->uuid);
}

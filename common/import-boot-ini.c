// SPDX-License-Identifier: GPL-2.0-or-later
/* import-boot-ini.c - GPUs and vGPUs that were found, as the text of INI files */

#include "import-boot.h"

#include "import-device.h"
#include "import-owner.h"
#include "text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/**
 * struct writer - One run of import_boot_write()
 * @owners:  Who has which device
 * @done:    Owned. Which vGPUs are written
 * @number:  Of vGPUs in this block
 */
struct writer {
	const struct import_boot *b;
	FILE *out;
	struct import_owners owners;
	bool *done;
	unsigned int number;
};

static const char *owner_of(const struct writer *w, const struct import_vgpu *v)
{
	return import_owners_find(&w->owners, *v->uuid ? v->uuid : v->parent);
}

/* ---- host.ini ---- */

static bool same_bus(const struct bdf *a, const struct bdf *b)
{
	return a->domain == b->domain && a->bus == b->bus;
}

/* "gpu-e8"; with domain, slot and function where that would be two */
static void name_gpu(const struct import_boot *b, const struct import_gpu *g,
		     char ret[static CONF_NAME_LEN])
{
	bool alone = g->bdf.domain == 0;

	for (size_t i = 0; i < b->n_gpus; i++)
		alone = alone && (&b->gpu[i] == g || !same_bus(&b->gpu[i].bdf, &g->bdf));
	if (alone)
		snprintf(ret, CONF_NAME_LEN, "gpu-%02x", g->bdf.bus);
	else
		snprintf(ret, CONF_NAME_LEN, "gpu-%04x-%02x-%02x-%x", g->bdf.domain,
			 g->bdf.bus, g->bdf.slot, g->bdf.function);
}

static void write_gpu(const struct writer *w, const struct import_gpu *g)
{
	char address[BDF_LEN], name[CONF_NAME_LEN];
	const struct vgpu_card *c;

	bdf_format(&g->bdf, address);
	name_gpu(w->b, g, name);
	c = vgpus_card(&w->b->v, address);
	fprintf(w->out, "[gpu %s]\naddress = %s", name, address);
	if (c)
		fprintf(w->out, "=%04x:%04x", c->id.vendor, c->id.device);
	fprintf(w->out, "\n");
	if (!c)
		fprintf(w->out, "; no such card is on this host\n");
	if (g->vfs == CONF_VFS_ALL)
		fprintf(w->out, "vfs = all\n");
	if (g->vfs == CONF_VFS_NUMBER)
		fprintf(w->out, "vfs = %u\n", g->n_vfs);
	if (g->free_vfs)
		fprintf(w->out, "probe-vfs = no\n");
	if (*g->mig)
		fprintf(w->out, "mig = %s\n", g->mig);
	if (g->mixed && *g->mig)
		fprintf(w->out, "; mixed-sizes = yes: not together with mig\n");
	else if (g->mixed)
		fprintf(w->out, "mixed-sizes = yes\n");
	fprintf(w->out, "\n");
}

/* A card of which the text says nothing that stays needs no section. */
static bool has_section(const struct import_gpu *g)
{
	return g->vfs != CONF_VFS_LEAVE || g->free_vfs || *g->mig || g->mixed;
}

static void write_host(const struct writer *w)
{
	bool begun = false;

	for (size_t i = 0; i < w->b->n_gpus; i++) {
		if (!has_section(&w->b->gpu[i]))
			continue;
		if (!begun)
			fprintf(w->out, "; /etc/virt-handoff/host.ini\n");
		begun = true;
		write_gpu(w, &w->b->gpu[i]);
	}
}

/* ---- INI files of VMs ---- */

/* Name of its [gpu], or its address; "/3" is the number of its virtual function */
static void write_where(const struct writer *w, const struct import_vgpu *v)
{
	const struct vgpu_parent *p = vgpus_parent(&w->b->v, v->parent);
	const char *card = p ? w->b->v.card[p->card].name : v->parent;
	char name[CONF_NAME_LEN];
	struct bdf bdf;

	snprintf(name, sizeof(name), "%s", card);
	for (size_t i = 0; i < w->b->n_gpus; i++)
		if (has_section(&w->b->gpu[i]) && bdf_parse(card, &bdf) == 0 &&
		    bdf_equal(&bdf, &w->b->gpu[i].bdf))
			name_gpu(w->b, &w->b->gpu[i], name);
	fprintf(w->out, "gpu = %s", name);
	if (p && p->index >= 0)
		fprintf(w->out, "/%d", p->index);
	fprintf(w->out, "\n");
}

/* "558", "nvidia-558", "vfio-pci-558"; the ids of other drivers stay what they are */
static bool is_number(const char *type)
{
	const char *dash = strrchr(type, '-');
	uint64_t n;

	return (!dash || strncmp(type, "nvidia-", 7) == 0 ||
		strncmp(type, "vfio-pci-", 9) == 0) &&
	       text_number(dash ? dash + 1 : type, UINT32_MAX, &n) == 0;
}

static void write_type(const struct writer *w, const struct import_vgpu *v)
{
	const struct vgpu_parent *p = vgpus_parent(&w->b->v, v->parent);
	const struct vgpu_card *c = p ? &w->b->v.card[p->card] : NULL;

	for (size_t i = 0; c && i < c->n_types; i++)
		if (*c->type[i].name && vgpu_type_fits(&c->type[i], v->type)) {
			fprintf(w->out, "type = %s\n", c->type[i].name);
			return;
		}
	if (is_number(v->type))
		fprintf(w->out,
			"; write its name: numbers change with the driver's release\n");
	fprintf(w->out, "type = %s\n", v->type);
}

static void write_vgpu(struct writer *w, size_t at)
{
	const struct import_vgpu *v = &w->b->vgpu[at];

	w->done[at] = true;
	if (w->number++)
		fprintf(w->out, "[vgpu vgpu-%u]\n", w->number);
	else
		fprintf(w->out, "[vgpu vgpu]\n");
	if (*v->uuid)
		fprintf(w->out, "uuid = %s\n", v->uuid);
	write_type(w, v);
	write_where(w, v);
	if (!v->at_boot)
		fprintf(w->out, "create = start\n");
	fprintf(w->out, "\n");
}

/* All of one VM; where it is not known, each stands alone */
static void write_vm(struct writer *w, size_t first)
{
	const char *vm = owner_of(w, &w->b->vgpu[first]);

	w->number = 0;
	if (!vm) {
		fprintf(w->out,
			"; which VM is it? Its INI file is /etc/virt-handoff/vms/NAME.ini\n");
		write_vgpu(w, first);
		return;
	}
	fprintf(w->out, "; /etc/virt-handoff/vms/%s.ini\n", vm);
	for (size_t i = first; i < w->b->n_vgpus; i++) {
		const char *other = owner_of(w, &w->b->vgpu[i]);

		if (other && strcmp(other, vm) == 0)
			write_vgpu(w, i);
	}
	if (w->number > VGPUS_MAX)
		fprintf(w->out, "; these are more than the %d that a VM may have\n",
			VGPUS_MAX);
}

static bool is_listed(const struct writer *w, const struct vgpu_card *c)
{
	for (size_t i = 0; i < w->b->n_gpus; i++)
		if (bdf_equal(&w->b->gpu[i].bdf, &c->bdf) && has_section(&w->b->gpu[i]))
			return true;
	return false;
}

/* Virtual functions that the text takes for granted */
static void write_wanted(const struct writer *w)
{
	for (size_t i = 0; i < w->b->v.n_cards; i++) {
		const struct vgpu_card *c = &w->b->v.card[i];
		size_t n = 0;

		for (size_t k = 0; k < w->b->n_vgpus; k++) {
			const struct vgpu_parent *p =
				vgpus_parent(&w->b->v, w->b->vgpu[k].parent);

			n += p && p->card == i && p->index >= 0;
		}
		if (n && !is_listed(w, c))
			fprintf(w->out,
				"; what makes the virtual functions of %s? In host.ini it is a [gpu NAME] with address = %s=%04x:%04x and vfs = all\n",
				c->name, c->name, c->id.vendor, c->id.device);
	}
}

/* What is said begins with a line and ends with a reason: never with a backslash. */
static void write_said(const struct writer *w)
{
	const struct import_boot *b = w->b;

	for (size_t i = 0; i < b->n_said; i++)
		fprintf(w->out, "; %s%s\n",
			b->said[i].kind == IMPORT_LEFT ? "not taken: " : "",
			b->said[i].text);
	if (b->n_gpus + b->n_vgpus + b->n_devices == 0)
		fprintf(w->out, "; no GPU and no vGPU was found\n");
}

int import_boot_write(const struct import_boot *b, FILE *out)
{
	CLEANUP(free_ptr) bool *done = calloc(b->n_vgpus + 1, sizeof(*done));
	struct writer w = { .b = b, .out = out, .done = done };
	int r = done ? import_owners_read(b->h->root, &w.owners) : -ENOMEM;

	if (r == 0) {
		write_host(&w);
		for (size_t i = 0; i < b->n_vgpus; i++)
			if (!done[i])
				write_vm(&w, i);
		r = import_devices_write(b, out);
		write_wanted(&w);
		write_said(&w);
	}
	if (done)
		import_owners_free(&w.owners);
	return r;
}

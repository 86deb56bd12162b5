// SPDX-License-Identifier: GPL-2.0-or-later
/* policy-boot.c - what is done to a GPU at boot before vGPUs are made on it, in order */

#include "policy-boot.h"

#include "text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROFILES_MAX (CONF_MIG_LEN / 2)

/**
 * struct boot_plan - One run of policy_boot()
 */
struct boot_plan {
	const struct conf_gpu *conf;
	const struct vgpu_card *card;
	struct plan *plan;
	char *why;
};

static int PRINTF(3, 4)
	refuse_gpu(const struct boot_plan *b, int r, const char *format, ...)
{
	char text[WHY_LEN];
	va_list args;

	va_start(args, format);
	if (vsnprintf(text, sizeof(text), format, args) < 0)
		text[0] = '\0';
	va_end(args);
	why(b->why, "host.ini:%u: [gpu %s]: %s", b->conf->line, b->conf->name, text);
	return r;
}

static int want(struct boot_plan *b, const char *kind, const char *state)
{
	/* it stays: a card is cut for the host, not for a VM */
	return plan_add(b->plan, kind, b->card->name, "", state, true);
}

static int check_card(const struct boot_plan *b)
{
	const struct conf_gpu *c = b->conf;
	const struct vgpu_card *card = b->card;
	char address[BDF_LEN];

	bdf_format(&c->bdf, address);
	if (!card)
		return refuse_gpu(
			b, -ENODEV,
			"there is no card that can be cut into vGPUs at %s: look for it with lspci -D, then correct address, or remove this section when the card is gone",
			address);
	if (c->expected &&
	    (c->id.vendor != card->id.vendor || c->id.device != card->id.device))
		return refuse_gpu(
			b, -EPERM,
			"%s is %04x:%04x, not %04x:%04x: another card is at that address, look at lspci -nn and correct address",
			address, card->id.vendor, card->id.device, c->id.vendor,
			c->id.device);
	if (strstr(card->driver, "vfio"))
		return refuse_gpu(
			b, -EBUSY,
			"%s is on %s, because a VM has or had it whole: shut that VM down and give the card back to its driver, or remove this section",
			address, card->driver);
	return 0;
}

/* Source: NVIDIA's sriov-manage: it makes all that the card can have, or none */
static bool makes_all(const struct vgpu_card *card)
{
	return strcmp(card->driver, "nvidia") == 0;
}

static int plan_vfs(struct boot_plan *b)
{
	const struct conf_gpu *c = b->conf;
	const struct vgpu_card *card = b->card;
	unsigned int n = c->vfs == CONF_VFS_ALL ? card->total_vfs : c->n_vfs;
	char state[STATE_LEN];
	int r;

	if (c->vfs == CONF_VFS_LEAVE)
		return 0;
	if (card->total_vfs == 0)
		return refuse_gpu(
			b, -ERANGE,
			"%s cannot have virtual functions: switch on SR-IOV in the firmware if the card has it, or write vfs = none",
			card->name);
	if (n > card->total_vfs)
		return refuse_gpu(
			b, -ERANGE,
			"vfs = %u, but %s can have %u virtual functions at most: write that, or all",
			n, card->name, card->total_vfs);
	if (makes_all(card) && n != card->total_vfs && n != card->n_vfs)
		return refuse_gpu(
			b, -ERANGE,
			"vfs = %u, but NVIDIA's driver makes all %u virtual functions of %s or none: write all",
			n, card->total_vfs, card->name);
	r = text_format(state, sizeof(state), "%u%s", n, c->probe_vfs ? "" : " free");
	return r < 0 ? r : want(b, "numvfs", state);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* sorted, as the kind reads them back */
static int plan_mig(struct boot_plan *b)
{
	char word[PROFILES_MAX][CONF_MIG_LEN], state[STATE_LEN] = "";
	const char *cursor = b->conf->mig;
	size_t n = 0;

	while (n < PROFILES_MAX && text_next_word(&cursor, word[n], sizeof(word[n])) > 0)
		n++;
	qsort(word, n, sizeof(word[0]), by_name);
	for (size_t i = 0; i < n; i++) {
		strcat(state, i ? " " : "");
		strcat(state, word[i]);
	}
	return n ? want(b, "mig", state) : 0;
}

static int plan_all(struct boot_plan *b)
{
	const struct conf_gpu *c = b->conf;
	int r = want(b, "offer", "ready");

	if (r == 0 && c->mig[0])
		r = want(b, "mig-mode", "on");
	if (r == 0)
		r = plan_vfs(b);
	if (r == 0)
		r = plan_mig(b);
	if (r == 0 && c->mixed)
		r = want(b, "mixed", "on");
	/* after each of these the driver lists its types anew */
	if (r == 0 && b->plan->n > 1)
		r = want(b, "offer", "ready");
	return r;
}

int policy_boot(const struct conf_gpu *c, const struct vgpu_card *card, struct plan *plan,
		char ret_why[static WHY_LEN])
{
	struct plan new = { 0 };
	char sentence[WHY_LEN] = "";
	struct boot_plan b = { c, card, &new, sentence };
	int r = check_card(&b);

	if (r == 0)
		r = plan_all(&b);
	if (r == 0) {
		*plan = new;
		return 0;
	}
	if (!sentence[0])
		refuse_gpu(&b, r, "%s", strerror(-r));
	memcpy(ret_why, sentence, WHY_LEN);
	plan_free(&new);
	return r;
}

int policy_vgpu(const struct place *p, bool keep, struct plan *plan)
{
	char state[STATE_LEN];
	int r;

	if (p->kind != PLACE_MAKE || !p->type[0])
		return 0;
	if (p->framework == VGPU_VENDOR)
		return plan_add(plan, "vgpu", p->parent, "", p->type, keep);
	r = text_format(state, sizeof(state), "%s %s", p->parent, p->type);
	return r < 0 ? r : plan_add(plan, "mdev", p->uuid, "", state, keep);
}

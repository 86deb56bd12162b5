// SPDX-License-Identifier: GPL-2.0-or-later
/* import-rc-program.c - sriov-manage, nvidia-smi and mdevctl in an rc.local */

#include "import-rc.h"

#include "text.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VENDOR_NVIDIA 0x10de
#define NO_CARDS \
	"which card that is cannot be seen here; run this on the host, or write its address"

/* Calls @set for the cards that a word names: an address, a number, several with commas */
typedef int set_gpu(struct rc *x, struct import_gpu *g, const char *value);

static bool is_ours(const struct vgpu_card *c)
{
	return c->pci && c->id.vendor == VENDOR_NVIDIA;
}

static int set_one(struct rc *x, const struct bdf *bdf, set_gpu *set, const char *value)
{
	struct import_gpu *g = import_boot_gpu(x->b, bdf);

	return g ? set(x, g, value)
		 : rc_left(x, "more than %d GPUs are not taken", GPUS_MAX);
}

/* All cards of NVIDIA, or one by the number that nvidia-smi gives it; by address */
static int set_numbered(struct rc *x, int number, bool with_vfs, set_gpu *set,
			const char *value)
{
	int at = 0, r = -ENODEV;

	for (size_t i = 0; i < x->b->v.n_cards; i++) {
		const struct vgpu_card *c = &x->b->v.card[i];

		if (!is_ours(c) || (with_vfs && c->total_vfs == 0))
			continue;
		if (number < 0 || at == number)
			r = set_one(x, &c->bdf, set, value);
		at++;
		if (r < 0 && r != -ENODEV)
			return r;
	}
	return r == -ENODEV ? rc_left(x, NO_CARDS) : r;
}

/* @which: of -i; NULL: all */
static int set_cards(struct rc *x, const char *which, set_gpu *set, const char *value)
{
	char list[256], *item, *next = list;
	struct bdf bdf;
	uint64_t n;
	int r = 0;

	if (!which)
		return set_numbered(x, -1, false, set, value);
	if (text_copy(list, sizeof(list), which) < 0)
		return rc_left(x, "the list of cards is too long");
	while (r >= 0 && (item = strsep(&next, ","))) {
		if (text_number(item, GPUS_MAX, &n) == 0)
			r = set_numbered(x, (int)n, false, set, value);
		else if (rc_address(item, &bdf) == 0)
			r = set_one(x, &bdf, set, value);
		else
			r = rc_left(x, NO_CARDS);
	}
	return r;
}

/* ---- sriov-manage ---- */

static int set_all_vfs(struct rc *x, struct import_gpu *g, const char *value)
{
	(void)x;
	(void)value;
	g->vfs = CONF_VFS_ALL;
	return RC_TAKEN;
}

int rc_sriov_manage(struct rc *x, const struct shell_word *w, size_t n)
{
	struct bdf bdf;

	if (n < 3 || strcmp(w[1].text, "-e") != 0)
		return rc_left(x, "only sriov-manage -e ADDRESS and -e ALL are taken");
	if (strcasecmp(w[2].text, "ALL") == 0)
		return set_numbered(x, -1, true, set_all_vfs, "");
	if (rc_address(w[2].text, &bdf) < 0)
		return rc_left(x, "'%.40s' is not an address", w[2].text);
	return set_one(x, &bdf, set_all_vfs, "");
}

/* ---- nvidia-smi ---- */

/**
 * struct smi - Options of one call, "" and NULL where they are not given
 * @which:   -i
 * @mode:    -mig
 * @profiles: -cgi
 * @shared:  -shm
 * @instances: -C
 * @other:   The first option that is none of these
 */
struct smi {
	const char *which, *mode, *profiles, *shared, *other;
	bool instances;
};

static void read_smi(const struct shell_word *w, size_t n, struct smi *ret)
{
	const struct {
		const char *names;
		const char **value;
	} options[] = {
		{ "-i --id", &ret->which },
		{ "-mig --multi-instance-gpu", &ret->mode },
		{ "-cgi --create-gpu-instance", &ret->profiles },
		{ "-shm --set-heterogeneous-mode", &ret->shared },
	};

	*ret = (struct smi){ .which = NULL };
	for (size_t i = 1; i < n; i++) {
		const char *equals = strchr(w[i].text, '=');
		char name[64];
		size_t k;

		snprintf(name, sizeof(name), "%.*s", (int)strcspn(w[i].text, "="),
			 w[i].text);
		for (k = 0; k < ARRAY_LEN(options); k++)
			if (text_has_word(options[k].names, name))
				break;
		if (k < ARRAY_LEN(options) && (equals || i + 1 < n))
			*options[k].value = equals ? equals + 1 : w[++i].text;
		else if (text_has_word("-C --default-compute-instance", name))
			ret->instances = true;
		else if (!ret->other && !(i == 1 && text_has_word("mig vgpu", name)))
			ret->other = w[i].text;
	}
}

static int set_mode(struct rc *x, struct import_gpu *g, const char *value)
{
	g->mig_line = strcmp(value, "1") == 0 ? x->line : 0;
	return RC_TAKEN;
}

static int set_mixed(struct rc *x, struct import_gpu *g, const char *value)
{
	(void)x;
	g->mixed = strcmp(value, "1") == 0;
	return RC_TAKEN;
}

static int set_profiles(struct rc *x, struct import_gpu *g, const char *value)
{
	size_t len = strlen(g->mig);

	if (text_format(g->mig + len, sizeof(g->mig) - len, "%s%s", len ? " " : "",
			value) == 0)
		return RC_TAKEN;
	g->mig[len] = '\0';
	return rc_left(x, "more than %zu characters of profiles are not taken",
		       sizeof(g->mig) - 1);
}

static int take_profiles(struct rc *x, const struct smi *o)
{
	char list[CONF_MIG_LEN], word[CONF_MIG_LEN];
	int r;

	if (text_copy(list, sizeof(list), o->profiles) < 0)
		return rc_left(x, "more than %zu characters of profiles are not taken",
			       sizeof(list) - 1);
	for (char *c = list; *c; c++)
		if (*c == ',')
			*c = ' ';
	for (const char *c = list; text_next_word(&c, word, sizeof(word)) > 0;)
		if (!conf_is_profile(word))
			return rc_left(
				x,
				"write the profiles by name into mig of its [gpu], as nvidia-smi mig -lgip prints them; %s is none",
				word);
	r = set_cards(x, o->which, set_profiles, list);
	if (r != RC_TAKEN || o->instances)
		return r;
	return import_boot_say(x->b, IMPORT_LOOK, x->where,
			       "each GPU instance gets one compute instance, as with -C");
}

int rc_nvidia_smi(struct rc *x, const struct shell_word *w, size_t n)
{
	struct smi o;

	read_smi(w, n, &o);
	if (o.other &&
	    text_has_word("-dci -dgi --destroy-compute-instance --destroy-gpu-instance",
			  o.other))
		return import_boot_say(
			x->b, IMPORT_SAID, x->where,
			"no longer needed: after a boot there are no instances");
	if (o.other && text_has_word("-cci --create-compute-instance", o.other))
		return import_boot_say(
			x->b, IMPORT_LOOK, x->where,
			"each GPU instance gets one compute instance, as with -C");
	if (o.other || !(o.mode || o.profiles || o.shared))
		return rc_left(x, "it is not about what an INI file says; keep it");
	if (o.profiles)
		return take_profiles(x, &o);
	return o.mode ? set_cards(x, o.which, set_mode, o.mode)
		      : set_cards(x, o.which, set_mixed, o.shared);
}

/* ---- mdevctl ---- */

static const char *option(const struct shell_word *w, size_t n, const char *names)
{
	for (size_t i = 1; i < n; i++) {
		size_t len = strcspn(w[i].text, "=");
		char name[64];

		snprintf(name, sizeof(name), "%.*s", (int)len, w[i].text);
		if (text_has_word(names, name))
			return w[i].text[len] ? w[i].text + len + 1
			       : i + 1 < n    ? w[i + 1].text
					      : NULL;
	}
	return NULL;
}

int rc_mdevctl(struct rc *x, const struct shell_word *w, size_t n)
{
	const char *uuid = option(w, n, "-u --uuid"), *type = option(w, n, "-t --type");
	const char *parent = option(w, n, "-p --parent");
	char path[PATH_LEN];

	if (n > 1 && text_has_word("types list", w[1].text))
		return RC_TAKEN;
	if (n < 2 || strcmp(w[1].text, "start") != 0)
		return rc_left(
			x,
			"only mdevctl start is taken; virt-handoff import mdevctl reads what it has defined");
	if (!type || !parent)
		return rc_left(
			x,
			"it starts what mdevctl has defined: virt-handoff import mdevctl reads that");
	if (!uuid)
		return rc_left(x, "its UUID is another one at each start; write one");
	/* as the kernel is told */
	if (text_format(path, sizeof(path),
			"/sys/class/mdev_bus/%s/mdev_supported_types/%s/create", parent,
			type) < 0)
		return rc_left(x, "a name is too long");
	return rc_write(x, uuid, path);
}

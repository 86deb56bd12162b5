// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-check-habits.c - checks: what people wrote before us, and what it does at boot */

#include "ctl-check.h"

#include "file.h"
#include "habit.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

#define SCRIPT_LEN 65536

static struct alias_device device_of(const struct checkup *x, const struct card *c)
{
	struct alias_device d = { .vendor = c->id.vendor,
				  .device = c->id.device,
				  .class = c->class };
	char text[16];
	uint64_t n;

	if (card_attribute(x->host, c->name, "subsystem_vendor", text, sizeof(text)) &&
	    text_hex(text, UINT16_MAX, &n) == 0)
		d.subvendor = (uint16_t)n;
	if (card_attribute(x->host, c->name, "subsystem_device", text, sizeof(text)) &&
	    text_hex(text, UINT16_MAX, &n) == 0)
		d.subdevice = (uint16_t)n;
	return d;
}

static size_t count_matches(const struct checkup *x, const struct habit *h)
{
	size_t n = 0;

	for (size_t i = 0; i < x->cards.n; i++) {
		struct alias_device d = device_of(x, &x->cards.card[i]);

		n += habit_matches(h, &d);
	}
	return n;
}

/**
 * struct reading - Habits that are being read, from a folder
 */
struct reading {
	const struct checkup *x;
	struct habits *habits;
	const char *folder;
};

static int read_habits(const char *name, void *data)
{
	CLEANUP(free_ptr) char *text = malloc(SCRIPT_LEN);
	const struct reading *r = data;
	const char *dot = strrchr(name, '.');
	char path[PATH_LEN], shown[PATH_LEN];

	if (!text || !dot || strcmp(dot, ".conf") != 0 ||
	    text_format(path, sizeof(path), "%s/%s", r->folder, name) < 0 ||
	    text_format(shown, sizeof(shown), "/%s", path) < 0)
		return 0;
	check_read(r->x, path, text, SCRIPT_LEN);
	return habits_read_conf(text, shown, r->habits) < 0 ? 1 : 0;
}

static void judge_habit(const struct check_at *at, const struct habit *h)
{
	size_t n = h->n_ids ? count_matches(at->x, h) : 0;
	struct check_finding *f;

	if ((h->kind == HABIT_IDS || h->kind == HABIT_STUB) && n > 0) {
		f = check_found(at, "%s: '%s' takes %zu function%s of this host at boot",
				h->where, h->text, n, n > 1 ? "s" : "");
		check_mend(
			f,
			"virt-handoff import modprobe prints the same by address; then remove the line");
	} else if (h->kind == HABIT_BLACKLIST &&
		   strcmp(h->module, "snd_hda_intel") == 0) {
		f = check_found(at, "%s: '%s' silences this host: no card has sound",
				h->where, h->text);
		check_mend(f, "remove the line: a card's sound goes along with the card");
		f->severity = CHECK_NOTE;
	}
}

static void habits(const struct check_at *at)
{
	CLEANUP(free_ptr) struct habits *all = calloc(1, sizeof(*all));
	struct reading r = { at->x, all, "etc/modprobe.d" };

	/* what was read before an error counts too */
	if (all && habits_read_cmdline(at->x->cmdline, all) == 0)
		(void)!file_each(at->x->host->root, r.folder, read_habits, &r);
	for (size_t i = 0; all && i < all->n; i++)
		judge_habit(at, &all->habit[i]);
}

static const char *moves_cards(char *line)
{
	static const char *const words[] = { "driver_override",
					     "sriov_numvfs",
					     "sriov-manage",
					     "mdev_supported_types",
					     "current_vgpu_type",
					     "drivers/vfio-pci",
					     "DNAT" };

	line += strspn(line, " \t");
	for (size_t i = 0; i < ARRAY_LEN(words) && *line != '#'; i++)
		if (strstr(line, words[i]))
			return words[i];
	return NULL;
}

static void rc_local(const struct check_at *at)
{
	static const char *const files[] = { "etc/rc.local", "etc/rc.d/rc.local" };
	CLEANUP(free_ptr) char *text = malloc(SCRIPT_LEN);
	const char *word = NULL;
	char *cursor, *line;

	for (size_t i = 0; text && i < ARRAY_LEN(files) && !word; i++) {
		check_read(at->x, files[i], text, SCRIPT_LEN);
		cursor = text;
		while (!word && (line = strsep(&cursor, "\n")))
			word = moves_cards(line);
		if (word)
			check_mend(
				check_found(
					at,
					"/%s sets up cards, vGPUs or forwards too (%s)",
					files[i], word),
				"virt-handoff import %s /%s prints the same as INI sections; then remove it there",
				strcmp(word, "DNAT") == 0 ? "iptables" : "rc-local",
				files[i]);
	}
}

/* a file is named ADDRESS or pci-ADDRESS, as in import-driverctl.c */
static void driverctl(const struct check_at *at)
{
	static const char *const begins[] = { "pci-", "" };
	char path[PATH_LEN], driver[64] = "";

	for (size_t i = 0; at->v && i < ARRAY_LEN(begins) && !driver[0]; i++)
		if (text_format(path, sizeof(path), "etc/driverctl.d/%s%s", begins[i],
				at->card->name) == 0)
			check_read(at->x, path, driver, sizeof(driver));
	if (!driver[0])
		return;
	check_mend(
		check_found(at, "driverctl puts %s on %s at boot", at->card->name,
			    driver),
		"driverctl unset-override %s; for the boot write it into [early] of host.ini",
		at->card->name);
}

#define TWO \
	"of two owners of one thing the last one wins, and what the other one puts back is wrong"

/* clang-format off */
static const struct check checks[] = {
	{ "ids-at-boot", CHECK_WARNING,
	  "ids take every card of a kind, those that the host needs too",
	  CHECK_HOST, habits },
	{ "rc-local", CHECK_WARNING, TWO, CHECK_HOST, rc_local },
	{ "driverctl", CHECK_WARNING, TWO, CHECK_CARD, driverctl },
	{ 0 },
};
/* clang-format on */

const struct check_subject check_habits = { "boot", checks };

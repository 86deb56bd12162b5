// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-check-boot.c - checks: what happens at boot, by us and by others */

#include "ctl-check.h"

#include "ctl-early.h"
#include "file.h"
#include "habit.h"
#include "text.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SCRIPT_LEN 65536

/* ---- early binding ---- */

/* an older version may have written other words around the same functions */
static bool same_list(const char *text, const struct early_list *want)
{
	CLEANUP(free_ptr) struct early_list *have = calloc(1, sizeof(*have));
	CLEANUP(free_ptr) char *a = malloc(EARLY_TEXT_MAX), *b = malloc(EARLY_TEXT_MAX);
	char unused[WHY_LEN];

	return have && a && b && early_list_parse(text, have, unused) == 0 &&
	       early_list_print(have, a) == 0 && early_list_print(want, b) == 0 &&
	       strcmp(a, b) == 0;
}

/* clang-format off */
/* the reverse of early-stale, which finds it */
static const struct check early_left = { "early-left", CHECK_WARNING,
	  "at the next boot VFIO has these cards before any driver of the host, which gets none of them",
	  CHECK_HOST, NULL };
/* clang-format on */

static void lists_differ(const struct check_at *at, const char *text, bool wanted)
{
	const char *what =
		"the initramfs images have another list of cards than the INI files";
	struct check_at here = *at;

	if (!text[0]) {
		what = "the INI files ask for cards at boot, and no initramfs image has been told";
	} else if (!wanted) {
		what = "the initramfs images take cards that no INI file asks for";
		here.check = &early_left;
	}
	check_mend(check_found(&here, "%s", what), "virt-handoff early update");
}

static void early_stale(const struct check_at *at)
{
	CLEANUP(free_ptr) struct early_list *want = calloc(1, sizeof(*want));
	CLEANUP(free_ptr) char *text = malloc(EARLY_TEXT_MAX);
	struct findings found;
	char sentence[WHY_LEN];

	/* INI files that cannot be read are found elsewhere */
	if (!want || !text || early_ask(at->x->host, want, &found, sentence) < 0)
		return;
	for (size_t i = 0; i < found.n; i++)
		if (found.finding[i].refuse)
			check_found(at, "%s", found.finding[i].text);
	check_read(at->x, EARLY_LIST, text, EARLY_TEXT_MAX);
	if (findings_refusal(&found) || (want->n == 0 && !text[0]) ||
	    same_list(text, want))
		return;
	lists_differ(at, text, want->n > 0);
}

static bool is_older(const struct stat *a, const struct stat *b)
{
	return a->st_mtim.tv_sec < b->st_mtim.tv_sec ||
	       (a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
		a->st_mtim.tv_nsec < b->st_mtim.tv_nsec);
}

/* to look into an image takes seconds: virt-handoff early show does */
static void image_old(const struct check_at *at)
{
	CLEANUP(free_ptr) struct image *images = calloc(IMAGES_MAX, sizeof(*images));
	int root = at->x->host->root, n;
	struct stat list, image;

	if (!images || fstatat(root, EARLY_LIST, &list, 0) < 0)
		return;
	n = images_find(at->x->host, images);
	for (int i = 0; i < n; i++)
		if (fstatat(root, images[i].path + 1, &image, 0) == 0 &&
		    is_older(&image, &list))
			check_mend(
				check_found(
					at,
					"%s is older than the list of cards for the boot",
					images[i].path),
				"virt-handoff early update");
}

/* ---- units of ours ---- */

static bool wants_boot(const struct checkup *x)
{
	for (size_t i = 0; i < x->conf.n_gpus; i++)
		if (x->conf.gpu[i].vfs != CONF_VFS_LEAVE || x->conf.gpu[i].mig[0] ||
		    x->conf.gpu[i].mixed)
			return true;
	for (size_t i = 0; i < x->n_vms; i++)
		for (size_t k = 0; k < x->vm[i].vm.conf.n_vgpus; k++)
			if (x->vm[i].vm.conf.vgpu[k].at_boot)
				return true;
	return false;
}

static bool is_there(const struct checkup *x, const char *folder, const char *unit)
{
	char path[PATH_LEN];
	struct stat st;

	return text_format(path, sizeof(path), "%s/%s", folder, unit) == 0 &&
	       fstatat(x->host->root, path, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool is_masked(const struct checkup *x, const char *unit)
{
	char path[PATH_LEN], to[64];

	return text_format(path, sizeof(path), "etc/systemd/system/%s", unit) == 0 &&
	       file_link_name(x->host->root, path, to, sizeof(to)) == 0 &&
	       strcmp(to, "null") == 0;
}

static void unit_off(const struct check_at *at, const char *unit)
{
	static const char *const wants[] = {
		"etc/systemd/system/multi-user.target.wants",
		"usr/lib/systemd/system/multi-user.target.wants",
		"lib/systemd/system/multi-user.target.wants",
	};
	bool masked = is_masked(at->x, unit);

	for (size_t i = 0; i < ARRAY_LEN(wants) && !masked; i++)
		if (is_there(at->x, wants[i], unit))
			return;
	check_mend(check_found(at, "%s is %s", unit, masked ? "masked" : "not enabled"),
		   "systemctl unmask %s && systemctl enable --now %s", unit, unit);
}

static void boot_unit_off(const struct check_at *at)
{
	if (wants_boot(at->x))
		unit_off(at, "virt-handoff-boot.service");
}

static void watch_unit_off(const struct check_at *at)
{
	if (check_wants_forwards(at->x))
		unit_off(at, "virt-handoff-watch.path");
}

/* ---- what people wrote before ---- */

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
	{ "early-stale", CHECK_WARNING,
	  "at the next boot a driver of the host may have the card before VFIO",
	  CHECK_HOST, early_stale },
	{ "early-image-old", CHECK_WARNING,
	  "an image that was made before the list cannot have it",
	  CHECK_HOST, image_old },
	{ "boot-unit-off", CHECK_WARNING,
	  "virtual functions, MIG instances and vGPUs are gone after a reboot, and nobody makes them again",
	  CHECK_HOST, boot_unit_off },
	{ "watch-unit-off", CHECK_WARNING,
	  "forwards do not follow a VM that gets its address late, nor come back when a firewall is reloaded",
	  CHECK_HOST, watch_unit_off },
	{ "ids-at-boot", CHECK_WARNING,
	  "ids take every card of a kind, those that the host needs too",
	  CHECK_HOST, habits },
	{ "rc-local", CHECK_WARNING, TWO, CHECK_HOST, rc_local },
	{ "driverctl", CHECK_WARNING, TWO, CHECK_CARD, driverctl },
	{ 0 },
};
/* clang-format on */

const struct check_subject check_boot = { "boot", checks };

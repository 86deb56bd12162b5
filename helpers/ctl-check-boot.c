// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-check-boot.c - checks: what we do at boot: early binding, and our units */

#include "ctl-check.h"

#include "ctl-early.h"
#include "file.h"
#include "text.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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
	{ 0 },
};
/* clang-format on */

const struct check_subject check_boot = { "boot", checks };

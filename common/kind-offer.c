// SPDX-License-Identifier: GPL-2.0-or-later
/* kind-offer.c - wait until a card's driver is there and says which vGPUs it offers */

#include "kinds.h"

#include "clock.h"
#include "file.h"
#include "smi.h"
#include "sriov-script.h"
#include "text.h"
#include "vendor.h"
#include "vfs.h"
#include "worker.h"

#include <errno.h>
#include <string.h>

#define DEVICES    "sys/bus/pci/devices/"
#define POLL_MS    100
#define LOOK_AGAIN 10 /* polls, until a card that is lost again is brought back; then doubled */

/**
 * struct types - Where a device lists the types of its mediated devices
 */
struct types {
	struct host *h;
	char path[PATH_LEN];
};

static int is_any(const char *name, void *data)
{
	(void)name;
	(void)data;
	return 1;
}

/* 1 when one of this type can be made, or was made; a driver that cannot say it is believed */
static int is_useful(const char *type, void *data)
{
	const struct types *t = data;
	char path[PATH_LEN], left[16] = "";
	int r = text_format(path, sizeof(path), "%s/%s/available_instances", t->path,
			    type);

	if (r == 0)
		r = worker_read(t->h, path, left, sizeof(left));
	if (r < 0 || strcmp(left, "0") != 0)
		return r == -ETIME ? r : 1;
	r = text_format(path, sizeof(path), "%s/%s/devices", t->path, type);
	if (r == 0)
		r = file_each(t->h->root, path, is_any, NULL);
	return r == -ENOENT ? 0 : r;
}

/* 1, 0, or -errno */
static int has_types(struct host *h, const char *bdf)
{
	struct types t = { .h = h };
	char type[VENDOR_ID_LEN];
	int r = text_format(t.path, sizeof(t.path), DEVICES "%s/mdev_supported_types",
			    bdf);

	if (r == 0)
		r = file_each(h->root, t.path, is_useful, &t);
	if (r == 0 || r == -ENOENT)
		r = vendor_offers(h, bdf, NULL);
	/* a full card offers nothing more: then one of its functions has a type */
	if (r == 0)
		r = vendor_current(h, bdf, type) == 0 && type[0];
	return r == -ENOENT || r == -EBADMSG ? 0 : r;
}

/* 1, 0, or -errno */
static int has_offer(struct host *h, const char *card)
{
	CLEANUP(vfs_free) struct vfs v = { 0 };
	int r = vfs_read(h, card, &v);

	if (r == 0)
		r = has_types(h, card);
	/* its types come with its virtual functions */
	if (r == 0 && v.n == 0)
		return vfs_total(h, card) > 0;
	for (size_t i = 0; r == 0 && i < v.n; i++)
		r = has_types(h, v.bdf[i]);
	return r;
}

static bool has_value(const struct host *h, const char *card, const char *attr,
		      const char *value)
{
	char path[PATH_LEN], text[16];

	return text_format(path, sizeof(path), DEVICES "%s/%s", card, attr) == 0 &&
	       file_read(h->root, path, text, sizeof(text)) >= 0 &&
	       strcmp(text, value) == 0;
}

/*
 * A run that was killed together with NVIDIA's script leaves the card, or some of its virtual
 * functions, without their driver. Their number is right then, and nothing else would look.
 * Calls @act for each; 0, or what it returned.
 */
static int each_lost(struct host *h, const char *card,
		     int (*act)(struct host *h, const char *bdf))
{
	CLEANUP(vfs_free) struct vfs v = { 0 };
	char driver[VFS_DRIVER_LEN];
	int r = vfs_driver(h, card, driver);

	if (r == 0 && (!driver[0] || (strcmp(driver, VFS_STUB) == 0 &&
				      has_value(h, card, "vendor", "0x10de"))))
		r = act(h, card) ?: vfs_driver(h, card, driver);
	if (r != 0 || strcmp(driver, "nvidia") != 0 ||
	    has_value(h, card, "sriov_drivers_autoprobe", "0"))
		return r;
	r = vfs_read(h, card, &v);
	for (size_t i = 0; r == 0 && i < v.n; i++) {
		r = vfs_driver(h, v.bdf[i], driver);
		if (r == 0 && vfs_is_lost(driver))
			r = act(h, v.bdf[i]);
	}
	return r;
}

static int is_one(struct host *h, const char *bdf)
{
	(void)h;
	(void)bdf;
	return 1;
}

/* whether it helped is seen afterwards; its driver may still be starting */
static int bring_back(struct host *h, const char *bdf)
{
	char driver[VFS_DRIVER_LEN];

	return vfs_find_driver(h, bdf, driver) == -ETIME ? -ETIME : 0;
}

/*
 * Not while NVIDIA's script runs, whatever card it is for: its stub driver takes each card
 * that has none and whose vendor and device it was told, and those of a script that was
 * killed it still knows.
 */
static int bring_all_back(struct host *h, const char *card, uint64_t *end_ms)
{
	CLEANUP(close_fd) int turn = -1;
	int r = each_lost(h, card, is_one);

	if (r <= 0)
		return r;
	turn = sriov_script_turn(h, end_ms);
	if (turn < 0 && turn != -ENOENT) /* without a script there is none that runs */
		return turn;
	return each_lost(h, card, bring_back);
}

/* 1, 0, or -errno */
static int is_ready(struct host *h, const char *card)
{
	char driver[VFS_DRIVER_LEN];
	int r = vfs_driver(h, card, driver);

	if (r < 0)
		return r;
	if (strcmp(driver, VFS_STUB) == 0 && has_value(h, card, "vendor", "0x10de"))
		return 0;
	return strcmp(driver, "nvidia") == 0 ? has_offer(h, card) : driver[0] != '\0';
}

/*
 * In MIG mode the types come with the instances, which may still have to be made. Asked
 * apart, because nvidia-smi takes a second, and disturbs sriov-manage of another card.
 */
static int is_ready_or_mig(struct host *h, const char *card)
{
	int r = is_ready(h, card);

	return r == 0 ? smi_lacks_instances(h, card) : r;
}

static int offer_get(struct host *h, const char *target, char ret[static STATE_LEN])
{
	int r = each_lost(h, target, is_one);

	r = r == 0 ? is_ready_or_mig(h, target) : r < 0 ? r : 0;
	return r < 0 ? r : text_copy(ret, STATE_LEN, r ? "ready" : "waiting");
}

static int offer_set(struct host *h, const char *target, const char *state)
{
	uint64_t end = clock_ms() + h->deadline_ms;
	int again = LOOK_AGAIN, r;

	if (strcmp(state, "ready") != 0)
		return -EINVAL;
	r = bring_all_back(h, target, &end);
	if (r == 0)
		r = is_ready_or_mig(h, target);
	for (int i = 1; r == 0 && clock_left(end) > 0; i++) {
		clock_pause(POLL_MS, end);
		/* a script that the administrator runs, or one left of a killed run, takes no turns */
		if (i == again) {
			r = bring_all_back(h, target, &end);
			again *= 2;
		}
		if (r == 0)
			r = is_ready(h, target);
	}
	if (r == 0)
		r = is_ready_or_mig(h, target);
	if (r == 0)
		return -ETIME;
	return r < 0 ? r : 0;
}

static const char *offer_remedy(int r)
{
	switch (r) {
	case -ENODEV:
		return "there is no such function; compare the address with lspci -D";
	case -EBUSY:
		return "sriov-manage of another card does not end; look for it with ps, and at dmesg";
	case -ETIME:
		return "no driver has it, or its driver offers no vGPUs; is NVIDIA's host driver for vGPUs installed, and do nvidia-vgpud.service and nvidia-vgpu-mgr.service run?";
	default:
		return NULL;
	}
}

const struct kind kind_offer = {
	.name = "offer",
	.get = offer_get,
	.set = offer_set,
	.remedy = offer_remedy,
};

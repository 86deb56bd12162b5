// SPDX-License-Identifier: GPL-2.0-or-later
/* agree.c - whether a thing still is as a ledger says, looked up without waiting long for anything */

#include "agree.h"

#include "file.h"
#include "kinds.h"
#include "text.h"
#include "vendor.h"
#include "worker.h"

#include <errno.h>
#include <string.h>

#define DEVICES   "sys/bus/pci/devices"
#define UNITS     "run/systemd/units"
#define GROUPS    "sys/fs/cgroup/system.slice"
#define ANSWER_MS 2000

/* the override is not looked at: to read it takes the device lock, and whose it is, the driver says */
static int driver_now(struct host *h, const char *target, char ret[static STATE_LEN])
{
	char path[PATH_LEN];
	int r = text_format(path, sizeof(path), DEVICES "/%s/driver", target);

	if (r == 0)
		r = file_link_name(h->root, path, ret, STATE_LEN);
	if (r != -ENOENT)
		return r;
	r = text_format(path, sizeof(path), DEVICES "/%s", target);
	if (r < 0 || !file_exists(h->root, path))
		return r < 0 ? r : -ENOENT;
	return text_copy(ret, STATE_LEN, "none");
}

static int attribute_now(struct host *h, const char *target, char ret[static STATE_LEN])
{
	char path[PATH_LEN];
	int r = text_format(path, sizeof(path), DEVICES "/%s", target);
	ssize_t n = r < 0 ? r : file_read(h->root, path, ret, STATE_LEN);

	return n < 0 ? (int)n : 0;
}

static int module_now(struct host *h, const char *target, char ret[static STATE_LEN])
{
	char path[PATH_LEN];
	int r = text_format(path, sizeof(path), "sys/module/%s", target);

	return r < 0 ? r
		     : text_copy(ret, STATE_LEN,
				 file_exists(h->root, path) ? "loaded" : "absent");
}

/* display-manager.service is a link to the unit that runs */
static int unit_name(struct host *h, const char *target, char ret[static TARGET_LEN])
{
	char path[PATH_LEN];
	int r = text_format(path, sizeof(path), "etc/systemd/system/%s", target);

	if (r == 0)
		r = file_link_name(h->root, path, ret, TARGET_LEN);
	return r == 0 && strcmp(ret, "null") != 0 ? 0
						  : text_copy(ret, TARGET_LEN, target);
}

/* what was recorded has control groups alone */
static int recorded_unit_now(struct host *h, const char *name, char ret[static STATE_LEN])
{
	char path[PATH_LEN];
	int r = file_exists(h->root, GROUPS) ? 0 : -EOPNOTSUPP;

	if (r == 0)
		r = text_format(path, sizeof(path), GROUPS "/%s", name);
	return r < 0 ? r
		     : text_copy(ret, STATE_LEN,
				 file_exists(h->root, path) ? "active" : "inactive");
}

static int unit_now(struct host *h, const char *target, char ret[static STATE_LEN])
{
	char path[PATH_LEN], name[TARGET_LEN], id[64];
	int r = unit_name(h, target, name);

	if (r < 0 || !file_exists(h->root, UNITS))
		return r < 0 ? r : recorded_unit_now(h, name, ret);
	r = text_format(path, sizeof(path), UNITS "/invocation:%s", name);
	if (r == 0)
		r = file_link_name(h->root, path, id, sizeof(id));
	if (r < 0 && r != -ENOENT)
		return r;
	return text_copy(ret, STATE_LEN, r == 0 ? "active" : "inactive");
}

int agree_card(const struct host *h, const char *device, char ret[static HOST_DEVICE_LEN])
{
	char path[PATH_LEN];
	int r = text_format(path, sizeof(path), DEVICES "/%s/physfn", device);

	if (r == 0)
		r = file_link_name(h->root, path, ret, HOST_DEVICE_LEN);
	return r == -ENOENT ? text_copy(ret, HOST_DEVICE_LEN, device) : r;
}

int agree_ask(struct host *h, const char *device, const char *path, char *ret,
	      size_t size)
{
	unsigned int deadline_ms = h->deadline_ms;
	char card[HOST_DEVICE_LEN];
	int r = agree_card(h, device, card);

	if (r == 0 && host_is_silent(h, card))
		r = -ETIME;
	if (r < 0)
		return r;
	h->deadline_ms = ANSWER_MS;
	r = worker_read(h, path, ret, size);
	h->deadline_ms = deadline_ms;
	if (r == -ETIME)
		host_note_silent(h, card);
	return r;
}

static int vgpu_now(struct host *h, const char *target, char ret[static STATE_LEN])
{
	char path[PATH_LEN];
	int r = text_format(path, sizeof(path), DEVICES "/%s/" VENDOR_CURRENT, target);

	if (r == 0)
		r = agree_ask(h, target, path, ret, STATE_LEN);
	return r == 0 && strcmp(ret, "0") == 0 ? text_copy(ret, STATE_LEN, "none") : r;
}

/* these two look at links, and at the console's own attribute */
static int mdev_now(struct host *h, const char *target, char ret[static STATE_LEN])
{
	return kind_mdev.get(h, target, ret);
}

static int console_now(struct host *h, const char *target, char ret[static STATE_LEN])
{
	return kind_console.get(h, target, ret);
}

int agree_now(struct host *h, const struct step *s, char ret_now[static STATE_LEN])
{
	static const struct {
		const char *kind;
		int (*now)(struct host *h, const char *target,
			   char ret[static STATE_LEN]);
	} looks[] = {
		{ "driver", driver_now },   { "attr", attribute_now },
		{ "module", module_now },   { "unit", unit_now },
		{ "console", console_now }, { "mdev", mdev_now },
		{ "vgpu", vgpu_now },
	};

	for (size_t i = 0; i < ARRAY_LEN(looks); i++)
		if (strcmp(s->kind, looks[i].kind) == 0)
			return looks[i].now(h, s->target, ret_now);
	return -EOPNOTSUPP;
}

static bool is_same(struct host *h, const struct step *s, const char *now)
{
	const struct kind *k = kind_find(h, s->kind);

	return k && k->same ? k->same(s->to, now) : strcmp(s->to, now) == 0;
}

enum agree agree_step(struct host *h, const struct ledger_step *s,
		      char ret_now[static STATE_LEN])
{
	char now[STATE_LEN] = "";
	int r;

	ret_now[0] = '\0';
	if (s->state != LEDGER_DID)
		return AGREE_OPEN;
	r = agree_now(h, &s->step, now);
	if (r == -ENOENT || r == -ENODEV)
		return AGREE_GONE;
	if (r < 0)
		return AGREE_UNKNOWN;
	if (text_copy(ret_now, STATE_LEN, now) < 0)
		return AGREE_UNKNOWN;
	return is_same(h, &s->step, now) ? AGREE_YES : AGREE_NO;
}

const char *agree_word(enum agree a)
{
	static const char *const words[] = { "yes", "changed", "gone", "open",
					     "unknown" };

	return words[a];
}

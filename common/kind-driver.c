// SPDX-License-Identifier: GPL-2.0-or-later
/* kind-driver.c - make one PCI function be driven by the named driver */

#include "kinds.h"

#include "bdf.h"
#include "clock.h"
#include "file.h"
#include "holders.h"
#include "nodes.h"
#include "text.h"
#include "vfs.h"
#include "worker.h"

#include <errno.h>
#include <string.h>

#define DEVICES "sys/bus/pci/devices/"
/* driver names; the longest in Linux 6.12 has 26 bytes */
#define NAME_MAX_ 64
#define POLL_MS   50 /* a look through /proc costs some ms */
#define NONE      "none"
#define ANY       "any"

struct driver_state {
	char driver[NAME_MAX_];
	char override[NAME_MAX_];
};

static int parse_state(const char *state, struct driver_state *ret)
{
	const char *o = strstr(state, " override=");
	size_t len = o ? (size_t)(o - state) : strlen(state);

	if (len == 0 || len >= sizeof(ret->driver))
		return -EINVAL;
	memcpy(ret->driver, state, len);
	ret->driver[len] = '\0';
	return text_copy(ret->override, sizeof(ret->override),
			 o ? o + strlen(" override=") : "");
}

static int driver_now(const struct host *h, const char *bdf, char ret[static NAME_MAX_])
{
	char path[PATH_LEN];
	int r = text_format(path, sizeof(path), DEVICES "%s", bdf);

	if (r < 0)
		return r;
	if (!file_exists(h->root, path))
		return -ENODEV;
	r = text_format(path, sizeof(path), DEVICES "%s/driver", bdf);
	if (r == 0)
		r = file_link_name(h->root, path, ret, NAME_MAX_);
	return r == -ENOENT ? text_copy(ret, NAME_MAX_, NONE) : r;
}

/* takes the device lock in the kernel, and so waits for an unbind that hangs */
static int override_now(struct host *h, const char *bdf, char ret[static NAME_MAX_])
{
	char path[PATH_LEN];
	int r = text_format(path, sizeof(path), DEVICES "%s/driver_override", bdf);

	if (r == 0)
		r = worker_read(h, path, ret, NAME_MAX_);
	if (r == 0 && strcmp(ret, "(null)") == 0)
		ret[0] = '\0';
	return r;
}

static int driver_get(struct host *h, const char *target, char ret[static STATE_LEN])
{
	struct driver_state s = { 0 };
	int r = driver_now(h, target, s.driver);

	if (r == 0)
		r = override_now(h, target, s.override);
	if (r < 0)
		return r;
	return text_format(ret, STATE_LEN, s.override[0] ? "%s override=%s" : "%s",
			   s.driver, s.override);
}

static int override_set(struct host *h, const char *bdf, const char *name)
{
	char path[PATH_LEN], value[NAME_MAX_ + 1];
	int r = text_format(path, sizeof(path), DEVICES "%s/driver_override", bdf);

	if (r == 0)
		r = text_format(value, sizeof(value), "%s\n", name);
	return r < 0 ? r : worker_write(h, path, value);
}

/* 1, 0, or -errno */
static int is_held(const struct host *h, const char *bdf)
{
	CLEANUP(nodes_free) struct nodes nodes = { .n = 0 };
	int r = nodes_collect(h, bdf, &nodes);

	return r < 0 ? r : holders_any(h, &nodes);
}

/*
 * An NVIDIA card, and a vfio-pci card, must not be unbound while somebody has it open:
 * that never returns. Nor does that of one with mediated devices that a VM has: they may
 * have been made since the card was looked at.
 */
static int wait_for_holders(const struct host *h, const char *bdf, uint64_t end)
{
	for (;;) {
		int busy = is_held(h, bdf);

		if (busy == 0)
			busy = vfs_has_mdev(h, bdf);
		if (busy <= 0)
			return busy;
		if (clock_left(end) == 0)
			return -EBUSY;
		clock_sleep(POLL_MS);
	}
}

static int unbind(struct host *h, const char *bdf, uint64_t end)
{
	char path[PATH_LEN];
	int r = wait_for_holders(h, bdf, end);

	if (r == 0)
		r = text_format(path, sizeof(path), DEVICES "%s/driver/unbind", bdf);
	if (r == 0)
		r = worker_write(h, path, bdf);
	/* it has gone by itself: the link is read again */
	return r == -ENODEV || r == -ENOENT ? 0 : r;
}

static int bind(struct host *h, const char *bdf, const char *driver)
{
	char path[PATH_LEN], now[NAME_MAX_];
	int r = text_format(path, sizeof(path), "sys/bus/pci/drivers/%s", driver);

	if (r == 0 && !file_exists(h->root, path))
		return -ENOENT;
	if (r == 0)
		r = worker_write(h, "sys/bus/pci/drivers_probe", bdf);
	if (r == 0)
		r = driver_now(h, bdf, now);
	if (r < 0)
		return r;
	/* drivers_probe has success whatever happened */
	return strcmp(now, driver) == 0 ? 0 : -EIO;
}

static int move(struct host *h, const char *bdf, const struct driver_state *want,
		const char *now)
{
	uint64_t end = clock_ms() + h->deadline_ms;
	char left[NAME_MAX_];
	bool none = strcmp(want->driver, NONE) == 0;
	int r = 0;

	if (!none)
		r = override_set(h, bdf, want->driver);
	if (r == 0 && strcmp(now, NONE) != 0)
		r = unbind(h, bdf, end);
	if (r < 0)
		return r;
	if (!none)
		return bind(h, bdf, want->driver);
	r = driver_now(h, bdf, left);
	return r == 0 && strcmp(left, NONE) != 0 ? -EIO : r;
}

static int set_once(struct host *h, const char *bdf, const struct driver_state *want)
{
	char now[NAME_MAX_], override[NAME_MAX_];
	int r = driver_now(h, bdf, now);

	if (r == 0 && strcmp(now, want->driver) != 0)
		r = move(h, bdf, want, now);
	if (r == 0)
		r = override_now(h, bdf, override);
	if (r == 0 && strcmp(override, want->override) != 0)
		r = override_set(h, bdf, want->override);
	return r;
}

/*
 * One that has a driver without an override was chosen one by the kernel already: so the
 * override goes last, and who was stopped half way goes on.
 */
static int set_any(struct host *h, const char *bdf)
{
	uint64_t end = clock_ms() + h->deadline_ms;
	char now[NAME_MAX_], override[NAME_MAX_] = "";
	int r = driver_now(h, bdf, now);

	if (r == 0)
		r = override_now(h, bdf, override);
	if (r == 0 && override[0] && strcmp(now, NONE) != 0)
		r = unbind(h, bdf, end);
	if (r == 0 && override[0])
		r = override_set(h, bdf, "");
	if (r == 0)
		r = driver_now(h, bdf, now);
	if (r == 0 && strcmp(now, NONE) == 0)
		r = worker_write(h, "sys/bus/pci/drivers_probe", bdf);
	return r;
}

static int driver_set(struct host *h, const char *target, const char *state)
{
	struct driver_state want;
	char now[NAME_MAX_];
	int r = parse_state(state, &want);

	if (strcmp(state, ANY) == 0)
		return set_any(h, target);

	if (r == 0)
		r = set_once(h, target, &want);
	if (r == 0)
		r = driver_now(h, target, now);
	/* a run that was killed while it unbound it had the device's lock, and was waited for */
	if (r == 0 && strcmp(now, want.driver) != 0)
		r = set_once(h, target, &want);
	/* who hears -ENODEV gives the function up for lost: only one that is away is */
	return r == -ENODEV && driver_now(h, target, now) == 0 ? -EIO : r;
}

/*
 * libvirt clears an override when it gives a managed device back; whose the device is,
 * the driver says
 */
static bool driver_same(const char *want, const char *have)
{
	size_t a = strcspn(want, " "), b = strcspn(have, " ");

	if (strcmp(want, ANY) == 0)
		return strcmp(have, NONE) == 0;
	return a == b && memcmp(want, have, a) == 0;
}

static const char *driver_remedy(int r)
{
	switch (r) {
	case -ENODEV:
		return "there is no such function any more; was it unplugged?";
	case -ENOENT:
		return "that driver is not loaded; load its module, or name another one as driver";
	case -EBUSY:
		return "somebody still has it open, or a vGPU on it; stop the holders, or add their units to stop-units";
	case -ETIME:
		return "the driver does not let go of it and the kernel does not answer; look at dmesg, the host may need a reboot";
	case -EIO:
		return "the driver refused the device; look at dmesg";
	default:
		return NULL;
	}
}

const struct kind kind_driver = {
	.name = "driver",
	.get = driver_get,
	.set = driver_set,
	.same = driver_same,
	.without = NONE,
	.any = ANY,
	.remedy = driver_remedy,
};

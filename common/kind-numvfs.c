// SPDX-License-Identifier: GPL-2.0-or-later
/* kind-numvfs.c - make the virtual functions of a card, and remove them */

#include "kinds.h"

#include "clock.h"
#include "file.h"
#include "sriov-script.h"
#include "text.h"
#include "vfs.h"
#include "worker.h"

#include <errno.h>
#include <string.h>

#define DEVICES "sys/bus/pci/devices/"
#define FREE    " free"
/*
 * NVIDIA's script fails while its driver is still starting, or while anything asks the
 * card for its state; those who run it in a loop need up to five rounds
 */
#define ATTEMPTS                 6
#define FIRST_PAUSE(deadline_ms) ((deadline_ms) / 300) /* then doubled: a tenth in all */

struct numvfs {
	unsigned int n;
	bool free; /* the host's drivers do not take them */
};

/* a card, its driver when we came, and until when it may take */
struct card {
	const char *bdf;
	char driver[VFS_DRIVER_LEN];
	uint64_t end;
};

static int parse_state(const char *state, struct numvfs *ret)
{
	char number[8];
	size_t len = strcspn(state, " ");
	uint64_t n = 0;
	int r = text_format(number, sizeof(number), "%.*s", (int)len, state);

	if (r == 0)
		r = text_number(number, UINT16_MAX, &n);
	if (r < 0 || (state[len] && strcmp(state + len, FREE) != 0))
		return -EINVAL;
	*ret = (struct numvfs){ .n = (unsigned int)n, .free = state[len] };
	return 0;
}

static int numvfs_now(const struct host *h, const char *bdf, struct numvfs *ret)
{
	CLEANUP(vfs_free) struct vfs v = { 0 };
	char path[PATH_LEN], text[8] = "";
	int r = vfs_read(h, bdf, &v);

	if (r == 0)
		r = text_format(path, sizeof(path), DEVICES "%s/sriov_drivers_autoprobe",
				bdf);
	if (r < 0)
		return r;
	if (v.n && file_read(h->root, path, text, sizeof(text)) < 0)
		text[0] = '\0'; /* before Linux 4.12 drivers always take them */
	*ret = (struct numvfs){ .n = (unsigned int)v.n, .free = strcmp(text, "0") == 0 };
	return 0;
}

static int numvfs_get(struct host *h, const char *target, char ret[static STATE_LEN])
{
	struct numvfs now;
	int r = numvfs_now(h, target, &now);

	return r < 0 ? r
		     : text_format(ret, STATE_LEN, "%u%s", now.n, now.free ? FREE : "");
}

static int write_number(struct host *h, const char *bdf, const char *name, unsigned int n)
{
	char path[PATH_LEN], value[16];
	int r = text_format(path, sizeof(path), DEVICES "%s/%s", bdf, name);

	if (r == 0)
		r = text_format(value, sizeof(value), "%u", n);
	return r < 0 ? r : worker_write(h, path, value);
}

/*
 * The script makes all of them or none. It ends with success when it has failed, so what
 * it did is counted, and this says only whether it could be run.
 */
static int run_script(const struct host *h, struct card *c, unsigned int n, int *ret_turn)
{
	int r;

	if (strcmp(c->driver, "nvidia") != 0)
		return -ENOENT;
	if (n && n != vfs_total(h, c->bdf))
		return -ERANGE;
	r = sriov_script_turn(h, &c->end);
	if (r < 0)
		return r;
	*ret_turn = r;
	r = sriov_script_run(h, c->bdf, n > 0, c->end);
	return r > 0 || r == -ECHILD ? -EREMOTEIO : r;
}

/*
 * The script takes the card from its driver, and does not always give it back. 1 when that was
 * so, 0, or -errno.
 */
static int give_back(struct host *h, const struct card *c)
{
	char path[PATH_LEN], now[VFS_DRIVER_LEN];
	int r = vfs_driver(h, c->bdf, now);

	if (r < 0 || !c->driver[0] || strcmp(now, c->driver) == 0)
		return r;
	if (strcmp(now, VFS_STUB) == 0)
		r = worker_write(h, "sys/bus/pci/drivers/" VFS_STUB "/unbind", c->bdf);
	if (r == 0)
		r = text_format(path, sizeof(path), "sys/bus/pci/drivers/%s/bind",
				c->driver);
	if (r == 0)
		r = worker_write(h, path, c->bdf);
	if (r == 0)
		r = vfs_driver(h, c->bdf, now);
	if (r < 0)
		return r;
	return strcmp(now, c->driver) == 0 ? 1 : -EIO;
}

/* a driver takes those that are there already only when it is told */
static int let_drivers_take(struct host *h, const char *bdf)
{
	CLEANUP(vfs_free) struct vfs v = { 0 };
	int r = vfs_read(h, bdf, &v);

	for (size_t i = 0; r == 0 && i < v.n; i++) {
		char driver[VFS_DRIVER_LEN];

		r = vfs_driver(h, v.bdf[i], driver);
		if (r == 0 && vfs_is_lost(driver))
			r = vfs_find_driver(h, v.bdf[i], driver);
	}
	return r;
}

/* 0 when there are as many as are wanted */
static int try_once(struct host *h, struct card *c, unsigned int n)
{
	struct numvfs now = { 0 };
	CLEANUP(close_fd) int turn = -1; /* until the card is back on its driver */
	int r = write_number(h, c->bdf, "sriov_numvfs", n), back;

	if (r == -ENOENT) /* the driver does not take it */
		r = run_script(h, c, n, &turn);
	back = give_back(h, c);
	if (back > 0) /* its driver takes no function of a card that it has not */
		back = let_drivers_take(h, c->bdf);
	if (back == 0)
		back = numvfs_now(h, c->bdf, &now);
	if (back < 0)
		return back;
	if (now.n == n)
		return 0;
	return r < 0 ? r : -EIO;
}

static bool is_final(int r)
{
	return r == 0 || r == -ERANGE || r == -ENOENT || r == -ENODEV || r == -ETIME;
}

static int change(struct host *h, struct card *c, unsigned int n)
{
	unsigned int pause = FIRST_PAUSE(h->deadline_ms);

	for (int i = 1;; i++, pause *= 2) {
		struct numvfs now;
		int r = numvfs_now(h, c->bdf, &now);

		/* some are there, and the kernel and the script only begin from none */
		if (r == 0 && n && now.n && now.n != n)
			r = try_once(h, c, 0);
		if (r == 0)
			r = try_once(h, c, n);
		if (is_final(r) || i == ATTEMPTS || clock_left(c->end) == 0)
			return r;
		clock_pause(pause, c->end);
	}
}

static int check_change(struct host *h, const char *bdf, unsigned int now,
			unsigned int want)
{
	CLEANUP(vfs_free) struct vfs v = { 0 };
	int r;

	if (want > vfs_total(h, bdf))
		return -ERANGE;
	if (now == 0 || now == want)
		return 0;
	r = vfs_read(h, bdf, &v);
	if (r == 0)
		r = vfs_in_use(h, &v);
	return r > 0 ? -EBUSY : r;
}

/* the script, run for another card, takes what has no driver: not while that runs */
static int take_turn(const struct host *h, struct card *c, int *ret)
{
	int r = sriov_script_turn(h, &c->end);

	if (r >= 0)
		*ret = r;
	return r < 0 && r != -ENOENT ? r : 0;
}

static int let_drivers_take_in_turn(struct host *h, struct card *c)
{
	CLEANUP(close_fd) int turn = -1;
	int r = take_turn(h, c, &turn);

	return r < 0 ? r : let_drivers_take(h, c->bdf);
}

/* whose card it is: an earlier run may have been ended before it gave it back */
static int find_driver(struct host *h, struct card *c)
{
	CLEANUP(close_fd) int turn = -1;
	int r = vfs_driver(h, c->bdf, c->driver);

	if (r < 0 || !vfs_is_lost(c->driver))
		return r;
	r = take_turn(h, c, &turn);
	return r < 0 ? r : vfs_find_driver(h, c->bdf, c->driver);
}

static int numvfs_set(struct host *h, const char *target, const char *state)
{
	struct card c = { .bdf = target, .end = clock_ms() + h->deadline_ms };
	struct numvfs want, now = { 0 };
	int r = parse_state(state, &want);

	if (r == 0)
		r = numvfs_now(h, target, &now);
	if (r < 0 || (want.n == now.n && (want.free == now.free || want.n == 0)))
		return r;
	r = check_change(h, target, now.n, want.n);
	if (r == 0 && want.n)
		r = write_number(h, target, "sriov_drivers_autoprobe", !want.free);
	if (r == -ENOENT && !want.free)
		r = 0; /* before Linux 4.12 drivers always take them */
	if (r < 0)
		return r;
	if (want.n == now.n)
		return want.free ? 0 : let_drivers_take_in_turn(h, &c);
	r = find_driver(h, &c);
	return r < 0 ? r : change(h, &c, want.n);
}

static const char *numvfs_remedy(int r)
{
	switch (r) {
	case -ENODEV:
		return "there is no such function; compare the address with lspci -D";
	case -ERANGE:
		return "it cannot have as many; lspci -vv shows its limit, and NVIDIA's cards have all or none: write vfs = all";
	case -EBUSY:
		return "some of its virtual functions are in use; stop the VMs that have them";
	case -ENOENT:
		return "its driver makes no virtual functions, and NVIDIA's sriov-manage is not in the usual places; write its path as sriov-manage in [vgpus] of host.ini";
	case -ETIME:
		return "the driver does not answer; look at dmesg, the host may need a reboot";
	case -EREMOTEIO:
		return "sriov-manage failed; run it by hand, and stop what has the card open, such as nvidia-persistenced or dcgm";
	case -EIO:
		return "they did not appear, though the driver or sriov-manage says success; look at dmesg";
	default:
		return NULL;
	}
}

const struct kind kind_numvfs = {
	.name = "numvfs",
	.get = numvfs_get,
	.set = numvfs_set,
	.remedy = numvfs_remedy,
};

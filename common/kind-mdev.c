// SPDX-License-Identifier: GPL-2.0-or-later
/* kind-mdev.c - make a mediated device, and remove it */

#include "kinds.h"

#include "clock.h"
#include "file.h"
#include "text.h"
#include "unheld.h"
#include "worker.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define DEVICES "sys/bus/mdev/devices/"
#define POLL_MS 250
/*
 * How long a card may take to have room again after a VM: Proxmox VE gives NVIDIA's driver
 * 10 s (its qemu-server, PCI/Mdev.pm)
 */
#define SETTLE_MS 12000
#define WORD_LEN  64

/* both "" when there is no such device */
struct mdev {
	char parent[WORD_LEN];
	char type[WORD_LEN];
};

static int parse_state(const char *state, struct mdev *ret)
{
	char more[2];

	*ret = (struct mdev){ 0 };
	if (strcmp(state, "none") == 0)
		return 0;
	if (text_next_word(&state, ret->parent, WORD_LEN) <= 0 ||
	    text_next_word(&state, ret->type, WORD_LEN) <= 0 ||
	    text_next_word(&state, more, sizeof(more)) != 0)
		return -EINVAL;
	return text_is_name(ret->parent) && text_is_name(ret->type) ? 0 : -EINVAL;
}

/* ".../0000:e8:00.4/UUID": the device that it is made on is the folder above */
static int read_parent(const struct host *h, const char *folder,
		       char ret[static WORD_LEN])
{
	char target[PATH_LEN];
	ssize_t n = readlinkat(h->root, folder, target, sizeof(target));
	char *slash;

	if (n < 0)
		return -errno;
	if ((size_t)n == sizeof(target))
		return -ENAMETOOLONG;
	target[n] = '\0';
	slash = strrchr(target, '/');
	if (!slash)
		return -EBADMSG;
	*slash = '\0';
	slash = strrchr(target, '/');
	return text_copy(ret, WORD_LEN, slash ? slash + 1 : target);
}

static int mdev_now(const struct host *h, const char *uuid, struct mdev *ret)
{
	struct mdev now = { 0 };
	char folder[PATH_LEN], path[PATH_LEN];
	int r;

	if (!text_is_uuid(uuid))
		return -EINVAL;
	r = text_format(folder, sizeof(folder), DEVICES "%s", uuid);
	if (r == 0)
		r = read_parent(h, folder, now.parent);
	if (r == 0)
		r = text_format(path, sizeof(path), "%s/mdev_type", folder);
	if (r == 0)
		r = file_link_name(h->root, path, now.type, WORD_LEN);
	/* the link goes first: it is being removed, and waits for whoever has it open */
	if (r == -ENOENT && file_exists(h->root, folder))
		return -EBUSY;
	if (r < 0 && r != -ENOENT)
		return r;
	*ret = r == 0 ? now : (struct mdev){ 0 };
	return 0;
}

static int mdev_get(struct host *h, const char *target, char ret[static STATE_LEN])
{
	struct mdev now;
	int r = mdev_now(h, target, &now);

	if (r < 0)
		return r;
	if (!now.parent[0])
		return text_copy(ret, STATE_LEN, "none");
	return text_format(ret, STATE_LEN, "%s %s", now.parent, now.type);
}

/* a parent need not be a PCI function, and the class may be gone in a later kernel */
static int type_folder(const struct host *h, const struct mdev *want,
		       char ret[static PATH_LEN])
{
	static const char *const parents[] = { "sys/class/mdev_bus",
					       "sys/bus/pci/devices" };

	for (size_t i = 0; i < ARRAY_LEN(parents); i++)
		if (text_format(ret, PATH_LEN, "%s/%s/mdev_supported_types/%s",
				parents[i], want->parent, want->type) == 0 &&
		    file_exists(h->root, ret))
			return 0;
	return -ENOENT;
}

static bool is_full(struct host *h, const char *folder)
{
	char path[PATH_LEN], text[16];

	return text_format(path, sizeof(path), "%s/available_instances", folder) == 0 &&
	       worker_read(h, path, text, sizeof(text)) == 0 && strcmp(text, "0") == 0;
}

/* a card that has no room yet, or whose driver has not done with a VM, is asked again */
static int write_create(struct host *h, const char *uuid, const char *folder)
{
	unsigned int ms = h->deadline_ms < SETTLE_MS ? h->deadline_ms : SETTLE_MS;
	uint64_t end = clock_ms() + ms;
	char path[PATH_LEN];
	int r = text_format(path, sizeof(path), "%s/create", folder);

	if (r < 0)
		return r;
	for (;;) {
		r = worker_write(h, path, uuid);
		/* what a driver answers when it is full differs */
		if (r == -EUSERS || (r < 0 && r != -EEXIST && is_full(h, folder)))
			r = -ENOSPC;
		if (!(r == -ENOSPC || unheld_is_passing(r)) || clock_left(end) == 0)
			return r == -EPERM || r == -EAGAIN ? -EBUSY : r;
		clock_pause(POLL_MS, end);
	}
}

static int check_made(const struct host *h, const char *uuid, const struct mdev *want)
{
	struct mdev now;
	int r = mdev_now(h, uuid, &now);

	if (r < 0)
		return r;
	if (!now.parent[0])
		return -EIO; /* the kernel took the write */
	return strcmp(now.parent, want->parent) == 0 && strcmp(now.type, want->type) == 0
		       ? 0
		       : -EEXIST;
}

static int make(struct host *h, const char *uuid, const struct mdev *want)
{
	char folder[PATH_LEN];
	int r = type_folder(h, want, folder);

	if (r == 0)
		r = write_create(h, uuid, folder);
	/* -EEXIST: somebody has just made it, perhaps as it is wanted */
	return r == 0 || r == -EEXIST ? check_made(h, uuid, want) : r;
}

static int remove_it(struct host *h, const char *uuid)
{
	uint64_t end = clock_ms() + h->deadline_ms;
	char folder[PATH_LEN];
	int r = text_format(folder, sizeof(folder), DEVICES "%s", uuid);

	while (r == 0 && file_exists(h->root, folder)) {
		r = unheld_write(h, folder, "remove", "1", end);
		/* the attribute goes first: somebody else removes it, as NVIDIA's driver does */
		if (r == -ENOENT || r == -ENODEV)
			r = 0;
		if (r < 0 || !file_exists(h->root, folder))
			break;
		if (clock_left(end) == 0)
			return -EIO;
		clock_pause(POLL_MS, end);
	}
	return r;
}

static int mdev_set(struct host *h, const char *target, const char *state)
{
	struct mdev want, now;
	int r = parse_state(state, &want);

	if (r == 0)
		r = mdev_now(h, target, &now);
	if (r == 0 && now.parent[0] && want.parent[0])
		return check_made(h, target, &want);
	if (r == 0 && want.parent[0])
		return make(h, target, &want);
	/* -EBUSY: it is being removed, and that is what is wanted */
	return r == 0 || (r == -EBUSY && !want.parent[0]) ? remove_it(h, target) : r;
}

static const char *mdev_remedy(int r)
{
	switch (r) {
	case -ENOENT:
		return "there is no such device, or it does not offer that type; is its driver loaded, and does it have virtual functions?";
	case -ENOSPC:
		return "the card has no room for it, or has vGPUs of another framebuffer size";
	case -EEXIST:
		return "a mediated device with that UUID is there already, on another device or of another type; take another UUID, or remove that one";
	case -EBUSY:
		return "a VM has it open, or the driver has not done with the last one";
	case -ETIME:
		return "the driver does not answer; look at dmesg, the host may need a reboot";
	case -EIO:
		return "the driver refuses, or took it and did nothing; look at dmesg and at the driver's manager, such as nvidia-vgpu-mgr.service";
	default:
		return NULL;
	}
}

const struct kind kind_mdev = {
	.name = "mdev",
	.get = mdev_get,
	.set = mdev_set,
	.remedy = mdev_remedy,
};

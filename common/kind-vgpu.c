// SPDX-License-Identifier: GPL-2.0-or-later
/* kind-vgpu.c - give a virtual function a type of vGPU, and take it away */

#include "kinds.h"

#include "clock.h"
#include "file.h"
#include "text.h"
#include "unheld.h"
#include "vendor.h"

#include <errno.h>
#include <string.h>

/*
 * How long a card may take to have room again after a VM: Proxmox VE gives NVIDIA's driver
 * 10 s (its qemu-server, PCI/Mdev.pm)
 */
#define SETTLE_MS 12000
#define POLL_MS   250

static int vgpu_get(struct host *h, const char *target, char ret[static STATE_LEN])
{
	char id[VENDOR_ID_LEN];
	int r = vendor_current(h, target, id);

	return r < 0 ? r : text_copy(ret, STATE_LEN, id[0] ? id : "none");
}

/* "" is none */
static int parse_state(const char *state, char ret[static VENDOR_ID_LEN])
{
	uint64_t id;

	if (strcmp(state, "none") == 0)
		return text_copy(ret, VENDOR_ID_LEN, "");
	if (text_number(state, UINT32_MAX, &id) < 0 || id == 0)
		return -EINVAL;
	return text_copy(ret, VENDOR_ID_LEN, state);
}

static int write_type(struct host *h, const char *vf, const char *id, uint64_t end)
{
	char folder[PATH_LEN], now[VENDOR_ID_LEN];
	int r = text_format(folder, sizeof(folder), "sys/bus/pci/devices/%s", vf);

	if (r == 0)
		r = unheld_write(h, folder, VENDOR_CURRENT, id[0] ? id : "0", end);
	if (r == 0)
		r = vendor_current(h, vf, now);
	if (r < 0)
		return r;
	return strcmp(now, id) == 0 ? 0 : -EIO;
}

/* the card may have room some seconds after the last VM */
static int wait_for_room(struct host *h, const char *vf, const char *id, uint64_t end)
{
	int r;

	while ((r = vendor_offers(h, vf, id)) == 0) {
		if (clock_left(end) == 0)
			return -ENOSPC;
		clock_pause(POLL_MS, end);
	}
	/* without a list the write says whether there is room */
	return r > 0 || r == -ENOENT ? 0 : r;
}

static int give(struct host *h, const char *vf, const char *id)
{
	unsigned int ms = h->deadline_ms < SETTLE_MS ? h->deadline_ms : SETTLE_MS;
	uint64_t end = clock_ms() + ms;
	int r = wait_for_room(h, vf, id, end);

	if (r == 0)
		r = write_type(h, vf, id, end);
	/* somebody else has taken the room: the driver says EIO then */
	return r == -EIO && vendor_offers(h, vf, id) == 0 ? -ENOSPC : r;
}

static int vgpu_set(struct host *h, const char *target, const char *state)
{
	char want[VENDOR_ID_LEN], now[VENDOR_ID_LEN] = "";
	int r = parse_state(state, want);

	if (r == 0)
		r = vendor_current(h, target, now);
	if (r < 0 || strcmp(want, now) == 0)
		return r;
	if (now[0] && want[0])
		return -EEXIST; /* somebody's who was faster, and whose VM may start next */
	return want[0] ? give(h, target, want)
		       : write_type(h, target, "", clock_ms() + h->deadline_ms);
}

static const char *vgpu_remedy(int r)
{
	switch (r) {
	case -ENOENT:
	case -ENODEV:
		return "it is no virtual function of a card with NVIDIA's vGPU host driver; does the card have its virtual functions, and does driver nvidia have this one?";
	case -EEXIST:
		return "it is a vGPU of another type already; when no VM uses it, write 0 to its nvidia/current_vgpu_type, or correct type";
	case -ENOSPC:
		return "the card has no room for it, or has vGPUs of another framebuffer size";
	case -EBUSY:
		return "a VM has it open, or the driver has not done with the last one";
	case -ETIME:
		return "the driver does not answer; look at dmesg, the host may need a reboot";
	case -EIO:
		return "the driver refuses, or took it and did nothing; look at dmesg and at nvidia-vgpu-mgr.service";
	default:
		return NULL;
	}
}

const struct kind kind_vgpu = {
	.name = "vgpu",
	.get = vgpu_get,
	.set = vgpu_set,
	.remedy = vgpu_remedy,
};

// SPDX-License-Identifier: GPL-2.0-or-later
/* unheld.c - write an attribute of a vGPU as soon as no VM has the vGPU open */

#include "unheld.h"

#include "clock.h"
#include "file.h"
#include "holders.h"
#include "nodes.h"
#include "text.h"
#include "worker.h"

#include <errno.h>

#define HELD_POLL_MS    50 /* a look through /proc costs some ms */
#define REFUSED_POLL_MS 250 /* NVIDIA's driver writes a line to the log each time */

bool unheld_is_passing(int r)
{
	return r == -EBUSY || r == -EPERM || r == -EAGAIN || r == -EIO;
}

/* 1, 0, or -errno */
static int is_held(const struct host *h, const char *folder)
{
	CLEANUP(nodes_free) struct nodes nodes = { .n = 0 };
	int r = nodes_vfio(h, folder, &nodes);

	return r < 0 ? r : holders_any(h, &nodes);
}

int unheld_write(struct host *h, const char *folder, const char *name, const char *value,
		 uint64_t end_ms)
{
	char path[PATH_LEN];
	int r = text_format(path, sizeof(path), "%s/%s", folder, name);

	while (r == 0) {
		int held = is_held(h, folder);

		r = held == 0 ? worker_write(h, path, value) : held;
		if (held <= 0 && !unheld_is_passing(r))
			return r;
		if (clock_left(end_ms) == 0)
			return held == 0 && r == -EIO ? -EIO : -EBUSY;
		clock_pause(held == 0 ? REFUSED_POLL_MS : HELD_POLL_MS, end_ms);
		r = 0;
	}
	return r;
}

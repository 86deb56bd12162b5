// SPDX-License-Identifier: GPL-2.0-or-later
/* recorded.c - the kinds of a recorded machine: nothing of the real host is asked */

#include "recorded.h"

#include "file.h"
#include "kinds.h"
#include "text.h"

#include <errno.h>

static int unit_get(struct host *h, const char *target, char ret[static STATE_LEN])
{
	char path[PATH_LEN];
	int r = text_format(path, sizeof(path), "sys/fs/cgroup/system.slice/%s", target);

	if (r < 0)
		return r;
	return text_copy(ret, STATE_LEN,
			 file_exists(h->root, path) ? "active" : "inactive");
}

static int unit_set(struct host *h, const char *target, const char *state)
{
	(void)h, (void)target, (void)state;
	return -EROFS;
}

static const struct kind unit = {
	.name = "unit",
	.shared = true,
	.get = unit_get,
	.set = unit_set,
};

const struct kind *const kinds_recorded[] = {
	&unit,        &kind_module, &kind_console, &kind_attr,
	&kind_driver, &kind_mdev,   &kind_vgpu,    NULL,
};

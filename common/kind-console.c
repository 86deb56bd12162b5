// SPDX-License-Identifier: GPL-2.0-or-later
/* kind-console.c - take the host's text off a screen and put it back */

#include "kinds.h"

#include "file.h"
#include "text.h"
#include "worker.h"

#include <errno.h>
#include <string.h>

static int console_get(struct host *h, const char *target, char ret[static STATE_LEN])
{
	char path[PATH_LEN], text[16];
	ssize_t n;
	int r;

	if (strchr(target, '/')) {
		r = text_format(path, sizeof(path), "sys/bus/platform/drivers/%s",
				target);
		if (r < 0)
			return r;
		return text_copy(ret, STATE_LEN,
				 file_exists(h->root, path) ? "bound" : "unbound");
	}
	r = text_format(path, sizeof(path), "sys/class/vtconsole/%s/bind", target);
	if (r < 0)
		return r;
	n = file_read(h->root, path, text, sizeof(text));
	if (n < 0)
		return (int)n;
	return text_copy(ret, STATE_LEN, strcmp(text, "1") == 0 ? "bound" : "unbound");
}

static int set_platform(struct host *h, const char *target, bool bound)
{
	const char *device = strchr(target, '/') + 1;
	char path[PATH_LEN];
	int r = text_format(path, sizeof(path), "sys/bus/platform/drivers/%.*s/%s",
			    (int)(device - 1 - target), target,
			    bound ? "bind" : "unbind");

	return r < 0 ? r : worker_write(h, path, device);
}

static int set_vtcon(struct host *h, const char *target, bool bound)
{
	char path[PATH_LEN];
	int r = text_format(path, sizeof(path), "sys/class/vtconsole/%s/bind", target);

	return r < 0 ? r : worker_write(h, path, bound ? "1" : "0");
}

static int console_set(struct host *h, const char *target, const char *state)
{
	bool bound = strcmp(state, "bound") == 0;
	char now[STATE_LEN];
	int r = console_get(h, target, now);

	if (r < 0 || strcmp(now, state) == 0)
		return r;
	r = strchr(target, '/') ? set_platform(h, target, bound)
				: set_vtcon(h, target, bound);
	if (r == 0)
		r = console_get(h, target, now);
	if (r < 0)
		return r;
	return strcmp(now, state) == 0 ? 0 : -EIO;
}

static const char *console_remedy(int r)
{
	return r == -ENODEV || r == -ENOENT
		       ? "no driver shows a picture there any more; log in over the network"
		       : NULL;
}

const struct kind kind_console = {
	.name = "console",
	.shared = true,
	.get = console_get,
	.set = console_set,
	.remedy = console_remedy,
};

// SPDX-License-Identifier: GPL-2.0-or-later
/* kind-attr.c - set an attribute of a PCI function, out of a short list */

#include "kinds.h"

#include "file.h"
#include "text.h"
#include "worker.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

static const char *const allowed[] = { "d3cold_allowed", "power/control",
				       "reset_method" };

static int attr_path(const char *target, char ret[static PATH_LEN])
{
	const char *name = strchr(target, '/');

	for (size_t i = 0; name && i < ARRAY_LEN(allowed); i++)
		if (strcmp(name + 1, allowed[i]) == 0)
			return text_format(ret, PATH_LEN, "sys/bus/pci/devices/%s",
					   target);
	return -EPERM;
}

/*
 * A state stands in a line of the ledger: tabs and newlines would break it, and no
 * attribute of the list has any.
 */
static int attr_get(struct host *h, const char *target, char ret[static STATE_LEN])
{
	char path[PATH_LEN], text[STATE_LEN] = "";
	int r = attr_path(target, path);

	if (r == 0)
		r = worker_read(h, path, text, sizeof(text));
	if (r < 0)
		return r;
	for (const char *p = text; *p; p++)
		if (iscntrl((unsigned char)*p))
			return -EBADMSG;
	return text_copy(ret, STATE_LEN, text);
}

static int attr_set(struct host *h, const char *target, const char *state)
{
	char path[PATH_LEN], now[STATE_LEN], line[STATE_LEN + 1];
	int r = attr_get(h, target, now);

	if (r < 0 || strcmp(now, state) == 0)
		return r;
	r = attr_path(target, path);
	if (r == 0)
		r = text_format(line, sizeof(line), "%s\n", state);
	if (r == 0)
		r = worker_write(h, path, line);
	if (r == 0)
		r = attr_get(h, target, now);
	if (r < 0)
		return r;
	return strcmp(now, state) == 0 ? 0 : -EIO;
}

static const char *attr_remedy(int r)
{
	switch (r) {
	case -ENOENT:
		return "this kernel or function has no such attribute; take the key out of the INI file";
	case -EINVAL:
		return "the function does not offer that value";
	default:
		return NULL;
	}
}

const struct kind kind_attr = {
	.name = "attr",
	.get = attr_get,
	.set = attr_set,
	.remedy = attr_remedy,
};

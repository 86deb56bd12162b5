// SPDX-License-Identifier: GPL-2.0-or-later
/* record-modules.c - for a fake kernel: what modules need, and what drivers take */

#include "record.h"

#include "file.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

#define IDS_LEN 4096

/* kernel/drivers/vfio/pci/vfio-pci.ko.xz: vfio_pci */
static void module_name(char *path)
{
	char *slash = strrchr(path, '/'), *end;

	if (slash)
		memmove(path, slash + 1, strlen(slash + 1) + 1);
	end = strstr(path, ".ko");
	if (end)
		*end = '\0';
	for (char *c = path; *c; c++)
		if (*c == '-')
			*c = '_';
}

static bool is_wanted(const struct recording *r, const char *module)
{
	char path[PATH_LEN];

	if (strncmp(module, "vfio", 4) == 0 || strcmp(module, "irqbypass") == 0 ||
	    strcmp(module, "mdev") == 0)
		return true;
	return text_format(path, sizeof(path), "sys/module/%s/drivers", module) == 0 &&
	       file_exists(r->h->root, path);
}

/* "module NAME deps=A,B", as tests/fake wants it */
static void record_deps(struct recording *r, char *line)
{
	char *deps = strchr(line, ':'), *word, list[1024] = "";

	if (!deps)
		return;
	*deps++ = '\0';
	module_name(line);
	if (!is_wanted(r, line))
		return;
	while ((word = strsep(&deps, " "))) {
		size_t len = strlen(list);

		if (!word[0])
			continue;
		module_name(word);
		snprintf(list + len, sizeof(list) - len, "%s%s",
			 len ? "," : " deps=", word);
	}
	record_line(r, "module %s%s", line, list);
}

static void record_needs(struct recording *r)
{
	CLEANUP(free_ptr) char *deps = NULL;
	char release[128], path[PATH_LEN], *cursor, *line;
	size_t len;

	if (file_read(r->h->root, "proc/sys/kernel/osrelease", release,
		      sizeof(release)) <= 0 ||
	    text_format(path, sizeof(path), "lib/modules/%s/modules.dep", release) < 0)
		return;
	deps = record_read(r, path, &len);
	cursor = deps;
	while (deps && (line = strsep(&cursor, "\n")))
		record_deps(r, line);
}

/* ---- for a fake kernel: what the drivers take, as far as what they have shows it ---- */

static void add_id(struct recording *r, const char *folder, const char *name, char *list)
{
	char path[PATH_LEN], vendor[16], device[16], id[32];
	size_t len = strlen(list);

	if (text_format(path, sizeof(path), "%s/%s/vendor", folder, name) < 0 ||
	    file_read(r->h->root, path, vendor, sizeof(vendor)) < 3 ||
	    text_format(path, sizeof(path), "%s/%s/device", folder, name) < 0 ||
	    file_read(r->h->root, path, device, sizeof(device)) < 3)
		return;
	snprintf(id, sizeof(id), "%s:%s:*", vendor + 2, device + 2);
	if (!strstr(list, id) && len + strlen(id) + 2 < IDS_LEN)
		sprintf(list + len, "%s%s", len ? "," : "", id);
}

struct ids {
	struct recording *r;
	const char *folder;
	char list[IDS_LEN];
};

static int visit_bound(const char *name, void *data)
{
	struct ids *x = data;

	if (strchr(name, ':') && strchr(name, '.'))
		add_id(x->r, x->folder, name, x->list);
	return 0;
}

static void record_ids(struct recording *r, const char *folder, const char *name)
{
	char path[PATH_LEN], module[64] = "";
	struct ids x = { .r = r, .folder = path };

	if (strstr(name, "vfio") ||
	    text_format(path, sizeof(path), "%s/%s/module", folder, name) < 0)
		return;
	if (file_link_name(r->h->root, path, module, sizeof(module)) < 0)
		module[0] = '\0';
	path[strlen(path) - strlen("/module")] = '\0';
	(void)!file_each(r->h->root, path, visit_bound, &x);
	if (x.list[0])
		record_line(r, "driver %s%s%s ids=%s", name, module[0] ? " module=" : "",
			    module, x.list);
}

void record_modules(struct recording *r)
{
	record_needs(r);
	record_each(r, "sys/bus/pci/drivers", record_ids);
	record_line(r, "driver vfio-pci module=vfio_pci adds=vfio-dev/vfio#@511:0");
}

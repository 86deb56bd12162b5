// SPDX-License-Identifier: GPL-2.0-or-later
/* lines.c - what a machine says about drivers, modules and types of vGPUs */
#include "cards.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The word after "KEY=" of a line, copied; NULL when it is not there */
char *line_word(const char *words, const char *key)
{
	size_t len = strlen(key);

	for (const char *p = words; p && *p; p = strchr(p, ' ')) {
		p += strspn(p, " ");
		if (strncmp(p, key, len) == 0 && p[len] == '=')
			return strndup(p + len + 1, strcspn(p + len + 1, " "));
	}
	return NULL;
}

struct driver *driver_new(struct kernel *k, struct bus *bus, const char *name)
{
	struct driver **tail = &k->drivers, *drv = calloc(1, sizeof(*drv));

	drv->name = name;
	drv->bus = bus;
	drv->dir = node_find(bus->drivers, name);
	if (!drv->dir)
		drv->dir = node_new(name, S_IFDIR | 0755);
	while (*tail)
		tail = &(*tail)->next;
	*tail = drv;
	return drv;
}

static void read_driver(struct kernel *k, const struct machine_entry *e)
{
	char *bus = line_word(e->value, "bus"), *sriov = line_word(e->value, "sriov");
	bool platform = bus && strcmp(bus, "platform") == 0;
	struct driver *drv = driver_new(k, &k->buses[platform], e->path);

	drv->module = line_word(e->value, "module");
	drv->ids = line_word(e->value, "ids");
	drv->adds = line_word(e->value, "adds");
	drv->sriov = sriov;
	free(sriov);
	free(bus);
}

static void read_module(struct kernel *k, const struct machine_entry *e)
{
	struct module *mod = calloc(1, sizeof(*mod));

	mod->name = e->path;
	mod->deps = line_word(e->value, "deps");
	if (!mod->deps)
		mod->deps = "";
	mod->next = k->modules;
	k->modules = mod;
}

static void read_types(struct kernel *k, const struct machine_entry *e)
{
	static const char *const hows[] = { "pf", "vf", "vendor" };
	struct set *set = calloc(1, sizeof(*set));
	char *how = line_word(e->value, "how"), *memory = line_word(e->value, "memory"),
	     *full = line_word(e->value, "full"), *sizes = line_word(e->value, "sizes"),
	     *mig = line_word(e->value, "mig");

	for (set->how = HOW_PF; set->how <= HOW_VENDOR; set->how++)
		if (how && strcmp(how, hows[set->how]) == 0)
			break;
	if (set->how > HOW_VENDOR)
		errx(1, "line %u: how= is pf, vf or vendor", e->line);
	set->name = e->path;
	set->driver = line_word(e->value, "driver");
	set->ids = line_word(e->value, "ids");
	set->at = line_word(e->value, "at");
	set->prefix = line_word(e->value, "prefix");
	if (!set->prefix)
		set->prefix = set->driver ? set->driver : set->name;
	set->memory = memory ? (unsigned int)atoi(memory) : 0;
	set->full = full ? errno_by_name(full)
			 : errno_by_name(set->how == HOW_VENDOR ? "EIO" : "ENOSPC");
	set->any_size = sizes && strcmp(sizes, "any") == 0;
	set->mig = mig != NULL;
	set->next = k->sets;
	k->sets = set;
	free(how);
	free(memory);
	free(full);
	free(sizes);
	free(mig);
}

/* ID SIZE MAX NAME, the name to the end of the line */
static void read_type(struct kernel *k, const struct machine_entry *e)
{
	struct type *t = calloc(1, sizeof(*t)), **tail;
	struct set *set = k->sets;
	int used = 0;

	while (set && strcmp(set->name, e->path) != 0)
		set = set->next;
	if (!set ||
	    sscanf(e->value, "%31s %u %u %n", t->id, &t->size, &t->max, &used) < 3 ||
	    !used)
		errx(1, "line %u: want type SET ID SIZE MAX NAME, after its types SET",
		     e->line);
	t->name = e->value + used;
	for (tail = &set->types; *tail; tail = &(*tail)->next)
		;
	*tail = t;
}

void lines_read(struct kernel *k, const struct machine *m)
{
	for (size_t i = 0; i < m->n; i++) {
		const struct machine_entry *e = &m->entries[i];

		if (e->kind == MACHINE_DRIVER)
			read_driver(k, e);
		else if (e->kind == MACHINE_MODULE)
			read_module(k, e);
		else if (e->kind == MACHINE_TYPES)
			read_types(k, e);
		else if (e->kind == MACHINE_TYPE)
			read_type(k, e);
	}
}

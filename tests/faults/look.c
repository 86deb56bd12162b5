// SPDX-License-Identifier: GPL-2.0-or-later
/* look.c - what of the host is not as the VMs that run want it */

#include "look.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* more than one look: who has which card, and who wants what away */
struct wanted {
	const struct vm *v;
	size_t n;
	struct text *ret;
};

static const struct vm *owner(const struct wanted *w, size_t card)
{
	for (size_t i = 0; i < w->n; i++)
		for (size_t k = 0; k < w->v[i].n_want && w->v[i].runs; k++)
			if (w->v[i].want[k] == card)
				return &w->v[i];
	return NULL;
}

static void compare(const struct wanted *w, const char *what, const char *is,
		    const char *should)
{
	if (strcmp(is, should) != 0)
		text_add(w->ret, "%s is '%s', should be '%s'\n", what, is, should);
}

static void look_function(const struct wanted *w, size_t card, int f)
{
	const struct card *c = &cards[card];
	const struct vm *o = owner(w, card);
	bool vfio = o || c->stays;
	char path[128], what[128], value[64];
	const char *name = yard_function(c, f);

	snprintf(what, sizeof(what), "%s's driver (of %s)", name, o ? o->name : "nobody");
	snprintf(path, sizeof(path), DEVICES "/%s/driver", name);
	link_name(path, value, sizeof(value));
	compare(w, what, value, vfio ? "vfio-pci" : c->home[f]);

	snprintf(what, sizeof(what), "%s's driver_override", name);
	snprintf(path, sizeof(path), DEVICES "/%s/driver_override", name);
	file_line(path, value, sizeof(value));
	compare(w, what, strcmp(value, "(null)") == 0 ? "" : value,
		vfio ? "vfio-pci" : "");

	snprintf(what, sizeof(what), "%s's d3cold_allowed", name);
	snprintf(path, sizeof(path), DEVICES "/%s/d3cold_allowed", name);
	file_line(path, value, sizeof(value));
	compare(w, what, value,
		!o || !o->d3cold      ? c->d3cold
		: c->d3cold[0] == '1' ? "0"
				      : "1");
}

static unsigned int wanted_away(const struct wanted *w, bool modules)
{
	unsigned int away = 0;

	for (size_t i = 0; i < w->n; i++)
		if (w->v[i].runs)
			away |= modules ? w->v[i].modules : w->v[i].units;
	return away;
}

static void look_shared(const struct wanted *w)
{
	struct text modules = { 0 }, units = { 0 }, should = { 0 };
	char line[64];

	text_add(&modules, "\n");
	text_read(&modules, "/proc/modules");
	run_quietly(&units, "/usr/bin/systemctl", "is-active", shared_units[0],
		    shared_units[1], NULL);
	for (unsigned int i = 0; i < SHARED; i++) {
		bool away = wanted_away(w, true) & (1u << i);

		snprintf(line, sizeof(line), "\n%s ", shared_modules[i]);
		compare(w, shared_modules[i],
			strstr(modules.s, line) ? "loaded" : "absent",
			away ? "absent" : "loaded");
		text_add(&should, "%s\n",
			 wanted_away(w, false) & (1u << i) ? "inactive" : "active");
	}
	compare(w, "the pair of units", units.s ?: "", should.s);
	text_free(&modules);
	text_free(&units);
	text_free(&should);
}

/*
 * Who should have something in a folder of /run/virt-handoff, and under which name. A VM
 * with an INI file has a list of forwards while it runs, be it empty.
 */
static bool is_expected(const struct wanted *w, const char *folder, const char *name)
{
	for (size_t i = 0; i < w->n; i++) {
		const struct vm *v = &w->v[i];

		if (!v->runs)
			continue;
		if (strcmp(name, strcmp(folder, "ledger") == 0 ? v->uuid : v->name) == 0)
			return true;
	}
	return false;
}

static size_t how_many(const struct wanted *w)
{
	size_t n = 0;

	for (size_t i = 0; i < w->n; i++)
		n += w->v[i].runs;
	return n;
}

static void look_folder(const struct wanted *w, const char *folder, bool empty)
{
	char path[128];
	size_t n = 0;
	struct dirent *e;
	DIR *d;

	snprintf(path, sizeof(path), STATE "/%s", folder);
	d = opendir(path);
	while (d && (e = readdir(d))) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		n++;
		if (empty || !is_expected(w, folder, e->d_name))
			text_add(w->ret, "%s/%s should not be there\n", path, e->d_name);
	}
	if (d)
		closedir(d);
	if (!empty && n < how_many(w))
		text_add(w->ret, "%s has %zu files, should have %zu\n", path, n,
			 how_many(w));
}

static void look_localnet(const struct wanted *w)
{
	bool local = false;
	char value[8];

	for (size_t i = 0; i < w->n; i++)
		local |= w->v[i].runs && w->v[i].port && w->v[i].local;
	file_line("/proc/sys/net/ipv4/conf/virbr0/route_localnet", value, sizeof(value));
	compare(w, "route_localnet of virbr0", value, local ? "1" : "0");
}

static void look_run(const struct wanted *w)
{
	struct dirent *e;
	DIR *d = opendir(STATE);

	while (d && (e = readdir(d))) {
		static const char known[] = " . .. ledger names forwards lock localnet ";
		char word[280];

		snprintf(word, sizeof(word), " %s ", e->d_name);
		if (!strstr(known, word))
			text_add(w->ret, STATE "/%s should not be there\n", e->d_name);
	}
	if (d)
		closedir(d);
	look_folder(w, "ledger", false);
	look_folder(w, "names", false);
	look_folder(w, "forwards", false);
	look_folder(w, "lock", true);
	look_localnet(w);
}

static size_t count(const char *text, const char *word)
{
	size_t n = 0;

	for (const char *p = text; p && (p = strstr(p, word)); p++)
		n++;
	return n;
}

static void look_forwards(const struct wanted *w)
{
	struct text map = { 0 };
	size_t n = 0;
	char word[64], guest[64];

	run_quietly(&map, "/usr/sbin/nft", "list", "map", "inet", "virt_handoff", "any4",
		    NULL);
	for (size_t i = 0; i < w->n; i++) {
		const struct vm *v = &w->v[i];

		if (!v->runs || !v->port)
			continue;
		n++;
		snprintf(word, sizeof(word), "tcp . %u ", v->port);
		snprintf(guest, sizeof(guest), " 192.168.122.%u ", v->address);
		if (count(map.s, word) != 1 || count(map.s, guest) != 1)
			text_add(w->ret,
				 "nft does not have '%s' and '%s' of %s once:\n%s\n",
				 word, guest, v->name, map.s ?: "");
	}
	if (count(map.s, "tcp . ") != n)
		text_add(w->ret, "nft has %zu forwards, should have %zu:\n%s\n",
			 count(map.s, "tcp . "), n, map.s);
	text_free(&map);
}

size_t look_children(void)
{
	struct text list = { 0 };
	char path[64];
	size_t n;

	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	text_read(&list, path);
	n = count(list.s, " ");
	text_free(&list);
	return n;
}

static void look_processes(const struct wanted *w, bool played)
{
	size_t n = look_children(), should = played ? how_many(w) : 0;

	if (n != should)
		text_add(w->ret, "%zu processes below this one, should be %zu\n", n,
			 should);
}

bool look_differs(const struct vm *v, size_t n, bool played, struct text *ret)
{
	struct wanted w = { v, n, ret };
	size_t before = ret->len;

	for (size_t c = 0; c < n_cards; c++)
		for (int f = 0; f < 2; f++)
			look_function(&w, c, f);
	look_shared(&w);
	look_run(&w);
	look_forwards(&w);
	look_processes(&w, played);
	return ret->len > before;
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* look-whole.c - the host's state as text, and what has changed in it */

#include "look.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCKS_MAX 512

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* append a text's lines, or its tables, in an order of their own; @s is cut */
static void add_sorted(struct text *ret, char *s, const char *begin)
{
	char *block[BLOCKS_MAX];
	size_t n = 0;

	while (s && *s && n < BLOCKS_MAX) {
		char *next = strstr(s, begin);

		block[n++] = s;
		if (next) {
			*next = '\0';
			/* the newline goes, and what a table begins with stays */
			next++;
		}
		s = next;
	}
	qsort(block, n, sizeof(block[0]), by_text);
	for (size_t i = 0; i < n; i++)
		text_add(ret, "%s\n", block[i]);
}

/*
 * An element of a set of interfaces is there once for all VMs that need it, with the name
 * of the one that came first, or of another one after a repair: that name is left out.
 */
static void add_elements(struct text *ret, char *list)
{
	char *element[BLOCKS_MAX];
	size_t n = 0;

	for (char *e = strtok(list, ","); e && n < BLOCKS_MAX; e = strtok(NULL, ",")) {
		char *name, *end;

		e += strspn(e, " \n\t");
		for (end = e + strlen(e); end > e && strchr(" \n\t", end[-1]); end--)
			end[-1] = '\0';
		name = e[0] == '"' ? strstr(e, " comment ") : NULL;
		if (name)
			*name = '\0';
		element[n++] = e;
	}
	qsort(element, n, sizeof(element[0]), by_text);
	for (size_t i = 0; i < n; i++)
		text_add(ret, "\n\t\telement %s", element[i]);
}

/* the kernel lists the elements of a set in the order of its hash; @s is cut */
static void sort_elements(struct text *ret, char *s)
{
	static const char begin[] = "elements = {";
	char *list, *end;

	while (s && (list = strstr(s, begin)) && (end = strchr(list, '}'))) {
		text_add(ret, "%.*selements:", (int)(list - s), s);
		*end = '\0';
		add_elements(ret, list + strlen(begin));
		s = end + 1;
	}
	text_add(ret, "%s", s ?: "");
}

static void add_function(struct text *ret, const char *name)
{
	static const char *const attributes[] = { "driver_override", "d3cold_allowed",
						  "power/control", "reset_method" };
	char path[512], value[128];

	snprintf(path, sizeof(path), DEVICES "/%s/driver", name);
	link_name(path, value, sizeof(value));
	text_add(ret, "%s %s", name, value);
	for (size_t i = 0; i < 4; i++) {
		snprintf(path, sizeof(path), DEVICES "/%s/%s", name, attributes[i]);
		file_line(path, value, sizeof(value));
		/* what it says when nothing was ever written, and afterwards */
		text_add(ret, " '%s'", strcmp(value, "(null)") == 0 ? "" : value);
	}
	text_add(ret, "\n");
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_entry(const struct dirent *e)
{
	return strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
}

static void each_name(struct text *ret, const char *folder,
		      void (*add)(struct text *ret, const char *name))
{
	struct dirent **list;
	int n = scandir(folder, &list, is_entry, by_name);

	for (int i = 0; i < n; i++) {
		add(ret, list[i]->d_name);
		free(list[i]);
	}
	if (n >= 0)
		free(list);
}

static void add_mdev(struct text *ret, const char *name)
{
	text_add(ret, "mdev %s\n", name);
}

static void add_tree(struct text *ret, const char *folder)
{
	struct dirent **list;
	int n = scandir(folder, &list, is_entry, by_name);

	for (int i = 0; i < n; i++) {
		char path[512], target[128];
		struct stat st;

		snprintf(path, sizeof(path), "%s/%s", folder, list[i]->d_name);
		free(list[i]);
		if (lstat(path, &st) < 0 || strcmp(path, STATE "/lock") == 0)
			continue;
		if (S_ISDIR(st.st_mode)) {
			add_tree(ret, path);
			continue;
		}
		text_add(ret, "%s %o\n", path, st.st_mode);
		if (S_ISLNK(st.st_mode)) {
			ssize_t len = readlink(path, target, sizeof(target));

			text_add(ret, "%.*s\n", (int)len, target);
		} else {
			text_read(ret, path);
		}
	}
	if (n >= 0)
		free(list);
}

static void add_modules(struct text *ret)
{
	struct text all = { 0 }, names = { 0 };

	text_read(&all, "/proc/modules");
	for (char *line = strtok(all.s, "\n"); line; line = strtok(NULL, "\n")) {
		line[strcspn(line, " ")] = '\0';
		/* what the kernel loads by itself for a rule or a device stays */
		if (strncmp(line, "nf", 2) != 0 && strncmp(line, "xt_", 3) != 0 &&
		    strcmp(line, "tun") != 0)
			text_add(&names, "%s\n", line);
	}
	add_sorted(ret, names.s, "\n");
	text_free(&all);
	text_free(&names);
}

static void add_sysctl(struct text *ret, const char *name)
{
	char path[512], value[16];

	snprintf(path, sizeof(path), "/proc/sys/net/ipv4/conf/%s/route_localnet", name);
	file_line(path, value, sizeof(value));
	if (strncmp(name, "vnet", 4) != 0)
		text_add(ret, "%s: %s\n", path, value);
}

void look_whole(struct text *ret)
{
	struct text said = { 0 }, rules = { 0 };

	each_name(ret, DEVICES, add_function);
	add_modules(ret);
	run_quietly(ret, "/usr/bin/systemctl", "is-active", shared_units[0],
		    shared_units[1], NULL);
	each_name(ret, "/sys/bus/mdev/devices", add_mdev);
	run_quietly(&said, "/usr/sbin/nft", "-s", "list", "ruleset", NULL);
	sort_elements(&rules, said.s);
	add_sorted(ret, rules.s, "\ntable ");
	each_name(ret, "/proc/sys/net/ipv4/conf", add_sysctl);
	add_tree(ret, STATE);
	text_free(&said);
	text_free(&rules);
}

/* lines of @a that @b has less often are said with @sign in front */
static bool only_in(const char *a, const char *b, char sign, struct text *ret)
{
	bool found = false;

	for (const char *line = a, *end; *line; line = end + 1) {
		struct text one = { 0 };
		bool there;

		end = strchrnul(line, '\n');
		text_add(&one, "\n%.*s\n", (int)(end - line), line);
		there = strstr(b, one.s) || strncmp(b, one.s + 1, one.len - 1) == 0;
		if (!there)
			text_add(ret, "%c %.*s\n", sign, (int)(end - line), line);
		found |= !there;
		text_free(&one);
		if (!*end)
			break;
	}
	return found;
}

bool look_changed(const char *before, const char *after, struct text *ret)
{
	bool gone, come;

	if (strcmp(before, after) == 0)
		return false;
	gone = only_in(before, after, '<', ret);
	come = only_in(after, before, '>', ret);
	if (!gone && !come)
		text_add(ret, "the same lines in another order\n");
	return true;
}

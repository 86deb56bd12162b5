// SPDX-License-Identifier: GPL-2.0-or-later
/* scenario.c - a VM on a recorded machine, what libvirt calls for it, and what is left */
#include "scenario.h"

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

const struct scenario scenarios[] = {
	{ "one-card", "one-card", { NULL }, true, BOOT_NONE, NULL },
	{ "workstation",
	  "workstation",
	  { "display-manager.service=active", "nvidia-persistenced.service=active",
	    "not-running.service=inactive", NULL },
	  false,
	  BOOT_NONE,
	  NULL },
	{ "two-cards",
	  "eight-4090",
	  { "nvidia-persistenced.service=active", NULL },
	  false,
	  BOOT_NONE,
	  NULL },
	{ "vgpus", "vgpus", { NULL }, false, BOOT_FIRST, NULL },
	{ "boot", "vgpus", { NULL }, false, BOOT_ONLY, NULL },
	{ "plug",
	  "eight-4090",
	  { "nvidia-persistenced.service=active", NULL },
	  false,
	  BOOT_NONE,
	  "0000:41:00.0" },
};

const size_t n_scenarios = sizeof(scenarios) / sizeof(scenarios[0]);

static bool is_held(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool held = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0;

	if (fd >= 0)
		close(fd);
	return held;
}

/*
 * Every name in a folder of the sandbox, with links' targets and units' states; not what
 * is in a folder @skip; with @skip, no folders by themselves. Of the locks only those that
 * somebody holds: the file of a lock stays when who held it was killed.
 */
static void list(const char *path, const char *shown, const char *skip, struct text *out)
{
	struct dirent **names;
	bool units = strcmp(shown, "/units") == 0;
	bool locks = strcmp(shown, "/run/virt-handoff/lock") == 0;
	int n = scandir(path, &names, NULL, alphasort);

	for (int i = 0; i < n; i++) {
		char full[SANDBOX_PATH_LEN], name[SANDBOX_PATH_LEN], value[128] = "";
		const char *base = names[i]->d_name;
		struct stat st;

		if (strcmp(base, ".") == 0 || strcmp(base, "..") == 0)
			continue;
		snprintf(full, sizeof(full), "%.380s/%.120s", path, base);
		snprintf(name, sizeof(name), "%.380s/%.120s", shown, base);
		if (lstat(full, &st) < 0 || (locks && !is_held(full)))
			continue;
		if (S_ISLNK(st.st_mode) && readlink(full, value, sizeof(value) - 1) < 0)
			continue;
		if (S_ISREG(st.st_mode) && units) {
			FILE *f = fopen(full, "re");

			if (f && fgets(value, sizeof(value), f))
				value[strcspn(value, " \n")] = '\0';
			if (f)
				fclose(f);
		}
		if (!S_ISDIR(st.st_mode) || !*skip)
			text_print(out, "%s %s\n", name, value);
		if (S_ISDIR(st.st_mode) && strcmp(base, skip) != 0)
			list(full, name, skip, out);
	}
	for (int i = 0; i < n; i++)
		free(names[i]);
	if (n >= 0)
		free(names);
}

/* VFIO's modules stay loaded, with the drivers they bring: not a trace of the VM */
static bool is_vfio(const char *line, size_t len)
{
	if (memmem(line, len, "/driver ", 8) ||
	    memmem(line, len, "/driver_override ", 17))
		return false;
	return memmem(line, len, "vfio", 4) || memmem(line, len, "irqbypass", 9);
}

char *stage_state(const struct stage *st, enum stage_detail detail)
{
	char path[SANDBOX_PATH_LEN + 16];
	char *kernel = sandbox_read(st->box, "fake/state");
	struct text out = { 0 };

	for (const char *line = kernel; *line;) {
		size_t len = strcspn(line, "\n") + 1;

		if (detail == STAGE_ALL || !is_vfio(line, len))
			text_add(&out, line, len);
		line += len;
	}
	free(kernel);
	snprintf(path, sizeof(path), "%s/units", st->box->root);
	list(path, "/units", "", &out);
	snprintf(path, sizeof(path), "%s/run", st->box->root);
	if (detail != STAGE_HOST)
		list(path, "/run", detail == STAGE_RUN ? "lock" : "", &out);
	return out.s;
}

static bool has_line(const char *text, const char *line, size_t len)
{
	for (const char *p = text; (p = memmem(p, strlen(p), line, len)); p++)
		if (p == text || p[-1] == '\n')
			return true;
	return false;
}

static void missing(const char *in, const char *from, const char *sign, struct text *out)
{
	unsigned int shown = 0;

	for (const char *line = from; *line;) {
		size_t len = strcspn(line, "\n") + 1;

		if (!has_line(in, line, len) && shown++ < 4)
			text_print(out, "    %s %.*s\n", sign, (int)len - 1, line);
		line += len;
	}
}

char *stage_difference(const char *want, const char *have)
{
	struct text out = { 0 };

	if (strcmp(want, have) == 0)
		return NULL;
	missing(have, want, "gone:", &out);
	missing(want, have, "new: ", &out);
	if (!out.len)
		text_print(&out, "    the same lines in another order\n");
	return out.s;
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-import-modprobe.c - virt-handoff import modprobe: ids= and blacklists, as [early]
 * with the addresses that they match today */

#include "ctl-import.h"

#include "alias.h"
#include "bdf.h"
#include "conf.h"
#include "file.h"
#include "habit.h"
#include "host.h"
#include "log.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONF_DIR    "etc/modprobe.d"
#define FILE_MAX    (1u << 20)
#define CMDLINE_MAX 8192
#define DEVICES     "sys/bus/pci/devices"
#define IDS_MAX     40 /* with ids, more do not go into a line of an INI file */

/**
 * struct match - A function that an ids= fits
 */
struct match {
	char name[BDF_LEN];
	struct alias_device dev;
	bool boot_vga;
};

/**
 * struct import - One run
 * @match:   @n of them, sorted by address
 * @left:    Matches for which there was no room
 */
struct import {
	const struct host *host;
	struct habits habits;
	struct match match[CONF_ALSO_MAX];
	size_t n, left;
};

static int read_conf(struct import *im, int dir, const char *path, const char *shown)
{
	CLEANUP(close_fd)
	int fd = openat(dir, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	CLEANUP(free_ptr) char *text = NULL;
	ssize_t n = fd < 0 ? -errno : file_read_all(fd, FILE_MAX, &text);
	int r;

	if (n < 0)
		return log_errno((int)n, "%s", shown);
	r = habits_read_conf(text, shown, &im->habits);
	return r < 0 ? log_errno(r, "%s: too many lines to look at", shown) : 0;
}

static int read_one(const char *name, void *data)
{
	const char *dot = strrchr(name, '.');
	char path[PATH_LEN], shown[PATH_LEN];
	struct import *im = data;

	if (!dot || strcmp(dot, ".conf") != 0 ||
	    text_format(path, sizeof(path), CONF_DIR "/%s", name) < 0 ||
	    text_format(shown, sizeof(shown), "/%s", path) < 0)
		return 0;
	return read_conf(im, im->host->root, path, shown);
}

static int read_cmdline(struct import *im)
{
	char text[CMDLINE_MAX];
	ssize_t n = file_read(im->host->root, "proc/cmdline", text, sizeof(text));

	if (n < 0)
		return log_errno((int)n, "/proc/cmdline");
	return habits_read_cmdline(text, &im->habits);
}

static uint32_t attribute(const struct import *im, const char *name, const char *attr)
{
	char path[PATH_LEN], text[32];
	uint64_t number;

	if (text_format(path, sizeof(path), DEVICES "/%s/%s", name, attr) < 0 ||
	    file_read(im->host->root, path, text, sizeof(text)) <= 0 ||
	    text_hex(text, UINT32_MAX, &number) < 0)
		return 0;
	return (uint32_t)number;
}

static bool is_meant(const struct import *im, const struct alias_device *dev)
{
	for (size_t i = 0; i < im->habits.n; i++)
		if (habit_matches(&im->habits.habit[i], dev))
			return true;
	return false;
}

static int look_at(const char *name, void *data)
{
	struct import *im = data;
	struct match m = { .boot_vga = attribute(im, name, "boot_vga") == 1 };

	m.dev.vendor = (uint16_t)attribute(im, name, "vendor");
	m.dev.device = (uint16_t)attribute(im, name, "device");
	m.dev.subvendor = (uint16_t)attribute(im, name, "subsystem_vendor");
	m.dev.subdevice = (uint16_t)attribute(im, name, "subsystem_device");
	m.dev.class = attribute(im, name, "class");
	if (text_copy(m.name, sizeof(m.name), name) < 0 || !is_meant(im, &m.dev))
		return 0;
	if (im->n == ARRAY_LEN(im->match))
		im->left++;
	else
		im->match[im->n++] = m;
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct match *)a)->name, ((const struct match *)b)->name);
}

static void print_section(const struct import *im, FILE *to)
{
	const char *between = "";

	if (im->n == 0) {
		fprintf(to, "; no function of this host has one of the ids\n");
		return;
	}
	fprintf(to, "; /etc/virt-handoff/host.ini\n"
		    "[early]\n"
		    "; leave out the addresses that the host shall keep\n"
		    "devices = ");
	for (size_t i = 0; i < im->n; i++) {
		const struct match *m = &im->match[i];

		fprintf(to, "%s%s", between, m->name);
		if (im->n <= IDS_MAX)
			fprintf(to, "=%04x:%04x", m->dev.vendor, m->dev.device);
		between = " ";
	}
	fprintf(to, "\n");
	for (size_t i = 0; i < im->n; i++)
		if (im->match[i].boot_vga)
			fprintf(to,
				"; %s shows this host's console and stays with the host, unless you write primary = yes\n",
				im->match[i].name);
	if (im->left)
		fprintf(to, "; %zu more would fit the ids: [early] takes at most %d\n",
			im->left, CONF_ALSO_MAX);
	fprintf(to, "\n");
}

static void print_advice(const struct import *im, FILE *to)
{
	char advice[WHY_LEN];

	for (size_t i = 0; i < im->habits.n; i++) {
		habit_advice(&im->habits.habit[i], advice);
		fprintf(to, "; %s\n", advice);
	}
	fprintf(to, "; then: virt-handoff early update\n");
}

static int read_all(struct import *im, int argc, char *argv[])
{
	int r = 0;

	for (int i = 1; i < argc && r == 0; i++)
		r = read_conf(im, AT_FDCWD, argv[i], argv[i]);
	if (argc > 1)
		return r;
	r = file_each(im->host->root, CONF_DIR, read_one, im);
	if (r == 0 || r == -ENOENT)
		r = read_cmdline(im);
	return r;
}

static int import(struct import *im, const struct ctl *c, int argc, char *argv[],
		  struct sink *s)
{
	bool look = false;
	int r = read_all(im, argc, argv);

	if (r < 0)
		return CTL_FAILED;
	r = file_each(im->host->root, DEVICES, look_at, im);
	if (r < 0) {
		log_errno(r, "/" DEVICES);
		return CTL_FAILED;
	}
	if (im->habits.n == 0) {
		fprintf(s->to,
			"; no ids=, softdep or blacklist of a graphics card found\n");
	} else {
		qsort(im->match, im->n, sizeof(im->match[0]), by_name);
		print_section(im, s->to);
		print_advice(im, s->to);
	}
	if (sink_finish(s, c, "modprobe", &look) < 0)
		return CTL_FAILED;
	return look ? CTL_LOOK : CTL_DONE;
}

int ctl_import_modprobe(struct ctl *c, int argc, char *argv[])
{
	struct import *im;
	CLEANUP(sink_close) struct sink s = { 0 };
	int r;

	if (sink_open(&s, &argc, argv) < 0)
		return CTL_FAILED;
	if (argc > 1 && *argv[1] == '-')
		return ctl_usage("import modprobe [--write] [FILE...]");
	im = calloc(1, sizeof(*im));
	if (!im) {
		log_errno(-ENOMEM, "import");
		return CTL_FAILED;
	}
	im->host = &c->host;
	r = import(im, c, argc, argv, &s);
	free(im);
	return r;
}

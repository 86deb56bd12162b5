// SPDX-License-Identifier: GPL-2.0-or-later
/* early-report.c - what became of each function, for the kernel's log and the record */

#include "early-run.h"

#include "file.h"
#include "kinds.h"
#include "log.h"
#include "pinned.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* what an earlier run has said of a function that it has taken, or NULL */
static const char *said_before(const struct run *run, const char *name)
{
	char begin[WHY_LEN];

	why(begin, "%s taken: ", name);
	return strstr(run->before, begin);
}

static bool was_pinned(const struct run *run, const char *name)
{
	char begin[WHY_LEN];

	why(begin, "%s pinned: ", name);
	return strstr(run->before, begin);
}

static void describe_taken(const struct run *run, size_t i, const char *name,
			   char text[static WHY_LEN])
{
	const struct early_entry *e = &run->list.entry[i];
	const char *before = said_before(run, name);
	bool was_there = strcmp(run->from[i], e->driver) == 0;

	if (was_there && before)
		why(text, "%.*s", (int)strcspn(before, "\n"), before);
	else if (run->from[i][0] && !was_there)
		why(text, "%s taken: on %s, was driven by %s", name, e->driver,
		    run->from[i]);
	else
		why(text, "%s taken: on %s%s", name, e->driver,
		    was_pinned(run, name)
			    ? ", which alone could have it since the initramfs"
		    : run->late ? " since the host is up"
				: " before the host could drive it");
}

static void describe_pinned(const struct run *run, size_t i, const char *name,
			    char text[static WHY_LEN])
{
	const struct early_entry *e = &run->list.entry[i];

	if (run->late)
		why(text,
		    "%s pinned: no driver but %s can have it, and that is not there",
		    name, e->driver);
	else
		why(text,
		    "%s pinned: no driver but %s can have it, which virt-handoff-early.service or the first VM loads",
		    name, e->driver);
}

/* what became of one function, as a sentence; returns the level of its line */
static enum log_level describe(const struct run *run, size_t i, char text[static WHY_LEN])
{
	const struct early_entry *e = &run->list.entry[i];
	const char *remedy;
	char name[BDF_LEN];

	bdf_format(&e->bdf, name);
	switch (run->outcome[i]) {
	case TAKEN:
		describe_taken(run, i, name, text);
		return LOG_LEVEL_INFO;
	case PINNED:
		describe_pinned(run, i, name, text);
		return run->late ? LOG_LEVEL_WARNING : LOG_LEVEL_INFO;
	case HELD:
		why(text, "%s taken: a virtual machine has it", name);
		return LOG_LEVEL_INFO;
	case ABSENT:
		why(text, "%s absent: there is no such function%s", name,
		    run->late ? "; look at lspci -D and correct the INI file"
			      : " yet, left to virt-handoff-early.service");
		return run->late ? LOG_LEVEL_WARNING : LOG_LEVEL_INFO;
	case OTHER:
		why(text,
		    "%s left: it is %04x:%04x, but %04x:%04x was there when the list was made; look at lspci -nn, correct the INI file and run virt-handoff early update",
		    name, run->id[i].vendor, run->id[i].device, e->id.vendor,
		    e->id.device);
		return LOG_LEVEL_WARNING;
	case CONSOLE:
		why(text,
		    "%s left: it shows this host's console and the INI file does not say primary = yes",
		    name);
		return LOG_LEVEL_WARNING;
	case NEEDED:
		why(text,
		    "%s left: %s; take it out of the INI file and run virt-handoff early update, or the next boot may take it",
		    name, run->need[i]);
		return LOG_LEVEL_WARNING;
	case SLOT:
		why(text, "%s left: another function of its slot is", name);
		return LOG_LEVEL_WARNING;
	default:
		remedy = kind_driver.remedy(run->error[i]);
		why(text, "%s failed: %s%s%s", name, strerror(-run->error[i]),
		    remedy ? "; " : "", remedy ?: "");
		return LOG_LEVEL_ERR;
	}
}

/* whole or not at all: half of a record passes for one of which nothing is left to do */
static int replace(const struct run *run, const char *path, const char *text)
{
	size_t len = strlen(text);
	int fd = openat(run->host.root, EARLY_NEW,
			O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	ssize_t n;
	int r;

	if (fd < 0)
		return -errno;
	n = write(fd, text, len);
	r = n == (ssize_t)len ? 0 : n < 0 ? -errno : -ENOSPC;
	close(fd);
	if (r == 0 && renameat(run->host.root, EARLY_NEW, run->host.root, path) < 0)
		r = -errno;
	if (r < 0)
		unlinkat(run->host.root, EARLY_NEW, 0);
	return r;
}

void early_record(struct run *run, const char *record)
{
	int r = host_make_run(&run->host);

	if (r == 0)
		r = replace(run, EARLY_RECORD, record);
	if (r < 0)
		log_warning("/" EARLY_RECORD " cannot be written: %s", strerror(-r));
}

/* the list of this boot, unless it is there; -EFBIG, or -errno */
static int keep_pinned(struct run *run)
{
	char text[EARLY_TEXT_MAX];
	int r;

	if (file_exists(run->host.root, PINNED_LIST))
		return 0;
	r = early_list_print(&run->list, text);
	if (r == 0)
		r = host_make_run(&run->host);
	return r < 0 ? r : replace(run, PINNED_LIST, text);
}

static int forget_pinned(const struct run *run)
{
	return unlinkat(run->host.root, PINNED_LIST, 0) < 0 && errno != ENOENT ? -errno
									       : 0;
}

void early_report(struct run *run)
{
	static char record[EARLY_RECORD_LEN];
	char text[WHY_LEN];
	bool pinned = false;
	size_t len = 0;
	int r;

	for (size_t i = 0; i < run->list.n; i++) {
		enum log_level level = describe(run, i, text);

		pinned |= run->outcome[i] == PINNED;
		if (!strstr(run->before, text))
			log_line(level, "%s", text);
		if (len + strlen(text) + 1 < sizeof(record))
			len += (size_t)sprintf(record + len, "%s\n", text);
	}
	record[len] = '\0';
	/* the record is the last: without it the next run does all of this again */
	r = pinned ? keep_pinned(run) : forget_pinned(run);
	if (r < 0)
		log_warning("/" PINNED_LIST " cannot be changed: %s", strerror(-r));
	early_record(run, record);
}

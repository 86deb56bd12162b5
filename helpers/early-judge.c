// SPDX-License-Identifier: GPL-2.0-or-later
/* early-judge.c - what early and late share: which functions are taken, and how one is */

#include "early-run.h"

#include "clock.h"
#include "file.h"
#include "kinds.h"
#include "log.h"
#include "pinned.h"
#include "text.h"
#include "worker.h"

#include <errno.h>
#include <string.h>

#define CMDLINE_LEN 8192 /* COMMAND_LINE_SIZE is 4096 at most */
#define DEVICES     "sys/bus/pci/devices/"

static bool switched_off(const struct run *run)
{
	char cmdline[CMDLINE_LEN];

	return file_read(run->host.root, "proc/cmdline", cmdline, sizeof(cmdline)) > 0 &&
	       text_has_word(cmdline, "virt_handoff=off");
}

/* the image may be older than the list: what it has pinned counts */
static int read_list(struct run *run)
{
	char text[EARLY_TEXT_MAX], sentence[WHY_LEN];
	ssize_t n = -ENOENT;
	int r;

	if (run->late)
		n = file_read_trusted(run->host.root, PINNED_LIST, text, sizeof(text));
	if (n == -ENOENT)
		n = file_read_trusted(run->host.root, EARLY_LIST, text, sizeof(text));
	if (n == -ENOENT)
		return 0;
	if (n < 0) {
		log_err("/" EARLY_LIST " or /" PINNED_LIST " cannot be read: %s",
			file_why((int)n));
		return (int)n;
	}
	r = early_list_parse(text, &run->list, sentence);
	if (r < 0)
		log_err("%s; nothing is taken", sentence);
	return r;
}

bool early_begin(struct run *run)
{
	if (host_open(&run->host, "/", NULL) < 0) {
		run->host = (struct host){ .root = -1, .run = -1 };
		return false;
	}
	if (read_list(run) < 0 || run->list.n == 0)
		return false;
	if (!switched_off(run))
		return true;
	log_warning(
		"virt_handoff=off on the kernel's command line: all devices stay with the host");
	early_record(run, "off: virt_handoff=off on the kernel's command line\n");
	return false;
}

void early_end(struct run *run)
{
	host_close(&run->host);
}

bool early_deadline(struct run *run)
{
	int left = clock_left(run->end);

	run->host.deadline_ms = (unsigned int)(left + 1) / 2;
	return left > 0;
}

static int read_hex(const struct run *run, const char *name, const char *attr,
		    uint16_t *ret)
{
	char path[PATH_LEN], text[32];
	uint64_t number;
	int r = text_format(path, sizeof(path), DEVICES "%s/%s", name, attr);
	ssize_t n;

	if (r < 0)
		return r;
	n = file_read(run->host.root, path, text, sizeof(text));
	if (n < 0)
		return (int)n;
	r = text_hex(text, UINT16_MAX, &number);
	if (r == 0)
		*ret = (uint16_t)number;
	return r;
}

static bool shows_console(const struct run *run, const char *name)
{
	char path[PATH_LEN], text[8];

	return text_format(path, sizeof(path), DEVICES "%s/boot_vga", name) == 0 &&
	       file_read(run->host.root, path, text, sizeof(text)) > 0 &&
	       strcmp(text, "1") == 0;
}

static void note_driver(struct run *run, size_t i, const char *name)
{
	char path[PATH_LEN];

	if (text_format(path, sizeof(path), DEVICES "%s/driver", name) < 0 ||
	    file_link_name(run->host.root, path, run->from[i], EARLY_DRIVER_LEN) < 0)
		run->from[i][0] = '\0';
}

static enum outcome judge_one(struct run *run, size_t i)
{
	const struct early_entry *e = &run->list.entry[i];
	char name[BDF_LEN];

	bdf_format(&e->bdf, name);
	if (read_hex(run, name, "vendor", &run->id[i].vendor) < 0 ||
	    read_hex(run, name, "device", &run->id[i].device) < 0)
		return ABSENT;
	if (run->id[i].vendor != e->id.vendor || run->id[i].device != e->id.device)
		return OTHER;
	note_driver(run, i, name);
	return shows_console(run, name) && !e->primary ? CONSOLE : OPEN;
}

static bool speaks_against(const struct run *run, size_t slot)
{
	for (size_t i = 0; i < run->list.n; i++)
		if ((run->outcome[i] == OTHER || run->outcome[i] == CONSOLE ||
		     run->outcome[i] == NEEDED) &&
		    bdf_same_slot(&run->list.entry[i].bdf, &run->list.entry[slot].bdf))
			return true;
	return false;
}

void early_judge(struct run *run)
{
	for (size_t i = 0; i < run->list.n; i++)
		run->outcome[i] = judge_one(run, i);
	early_judge_slots(run);
}

void early_judge_slots(struct run *run)
{
	for (size_t i = 0; i < run->list.n; i++)
		if (run->outcome[i] == OPEN && speaks_against(run, i))
			run->outcome[i] = SLOT;
}

static int write_override(struct run *run, const struct early_entry *e)
{
	char path[PATH_LEN], name[BDF_LEN];
	int r;

	bdf_format(&e->bdf, name);
	r = text_format(path, sizeof(path), DEVICES "%s/driver_override", name);
	if (r < 0)
		return r;
	return early_deadline(run) ? worker_write(&run->host, path, e->driver) : -ETIME;
}

void early_pin(struct run *run)
{
	for (size_t i = 0; i < run->list.n; i++)
		if (run->outcome[i] == OPEN && !run->from[i][0])
			run->error[i] = write_override(run, &run->list.entry[i]);
}

static bool has_driver(const struct run *run, const char *driver)
{
	char path[PATH_LEN];

	return text_format(path, sizeof(path), "sys/bus/pci/drivers/%s", driver) == 0 &&
	       file_exists(run->host.root, path);
}

void early_move(struct run *run, size_t i)
{
	const struct early_entry *e = &run->list.entry[i];
	bool there = has_driver(run, e->driver);
	char name[BDF_LEN], state[STATE_LEN];
	int r = run->error[i];

	bdf_format(&e->bdf, name);
	/* what is pinned and has no driver to go to is where it shall be */
	if (r == 0 && (there || run->from[i][0])) {
		r = text_format(state, sizeof(state), "%s override=%s",
				there ? e->driver : "none", e->driver);
		if (r == 0)
			r = early_deadline(run) ? kind_driver.set(&run->host, name, state)
						: -ETIME;
	}
	run->outcome[i] = r < 0 ? FAILED : there ? TAKEN : PINNED;
	run->error[i] = r;
}

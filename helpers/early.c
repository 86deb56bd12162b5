// SPDX-License-Identifier: GPL-2.0-or-later
/* early.c - at boot, put the functions of early.list on VFIO before others drive them */

/*
 * Theory of operation
 *
 * The initramfs runs `early` before udev loads the first driver;
 * virt-handoff-early.service runs `early late` when udev has settled, for what was not
 * there yet. Both do the same:
 *
 *   1. Judge. What is not there, is another card, or shows the console is left alone, and
 *      with it the rest of its slot: half a card is of no use to anybody.
 *   2. Write driver_override of all that is left: from now on nothing but its VFIO driver
 *      binds to it, whatever happens below. An address names one of two identical cards.
 *   3. Load the VFIO drivers, which take what has their name as override.
 *   4. Look whether they have it; a driver that is built into the kernel is unbound.
 *
 * A boot is never stopped: whatever may hang in the kernel is done by a child that can be
 * left behind (worker.h), there is one deadline for all, and the exit status is 0. The
 * outcome goes to the kernel's log and, a line a function, into run/virt-handoff/early,
 * which outlives the initramfs.
 */

#include "child.h"
#include "clock.h"
#include "early-list.h"
#include "early-run.h"
#include "file.h"
#include "host.h"
#include "kinds.h"
#include "log.h"
#include "text.h"
#include "worker.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define DEADLINE_MS 2000 /* of a whole run */
/* of udev, after the initramfs: virtual machines wait for it, the boot does not */
#define SETTLE_MS   30000
#define CMDLINE_LEN 8192 /* COMMAND_LINE_SIZE is 4096 at most */
#define DEVICES     "sys/bus/pci/devices/"

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
		if ((run->outcome[i] == OTHER || run->outcome[i] == CONSOLE) &&
		    bdf_same_slot(&run->list.entry[i].bdf, &run->list.entry[slot].bdf))
			return true;
	return false;
}

static void judge(struct run *run)
{
	for (size_t i = 0; i < run->list.n; i++)
		run->outcome[i] = judge_one(run, i);
	for (size_t i = 0; i < run->list.n; i++)
		if (run->outcome[i] == OPEN && speaks_against(run, i))
			run->outcome[i] = SLOT;
}

/*
 * Half of what is left for each thing that may hang: the ones behind it get their turn.
 * 0: there is no time left.
 */
static bool next_deadline(struct run *run)
{
	int left = clock_left(run->end);

	run->host.deadline_ms = (unsigned int)(left + 1) / 2;
	return left > 0;
}

static void write_overrides(struct run *run)
{
	char path[PATH_LEN], name[BDF_LEN];

	for (size_t i = 0; i < run->list.n; i++) {
		const struct early_entry *e = &run->list.entry[i];

		bdf_format(&e->bdf, name);
		if (run->outcome[i] != OPEN || run->from[i][0] || !next_deadline(run))
			continue;
		if (text_format(path, sizeof(path), DEVICES "%s/driver_override", name))
			continue;
		run->error[i] = worker_write(&run->host, path, e->driver);
	}
}

static bool loaded_before(const struct run *run, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (run->outcome[i] == OPEN &&
		    strcmp(run->list.entry[i].module, run->list.entry[n].module) == 0)
			return true;
	return false;
}

static void load_drivers(struct run *run)
{
	for (size_t i = 0; i < run->list.n; i++) {
		const char *module = run->list.entry[i].module;
		int r;

		if (run->outcome[i] != OPEN || loaded_before(run, i) ||
		    !next_deadline(run))
			continue;
		r = kind_module.set(&run->host, module, "loaded");
		if (r < 0)
			log_err("%s cannot be loaded: %s%s%s", module, strerror(-r),
				r == -ENOENT && !run->late ? "; is it in the initramfs?"
							   : "",
				r == -ETIME ? "; the kernel does not answer" : "");
	}
}

static void bind_all(struct run *run)
{
	char name[BDF_LEN], state[STATE_LEN];

	for (size_t i = 0; i < run->list.n; i++) {
		const struct early_entry *e = &run->list.entry[i];
		int r = text_format(state, sizeof(state), "%s override=%s", e->driver,
				    e->driver);

		if (run->outcome[i] != OPEN)
			continue;
		bdf_format(&e->bdf, name);
		if (r == 0)
			r = next_deadline(run) ? kind_driver.set(&run->host, name, state)
					       : -ETIME;
		run->outcome[i] = r < 0 ? FAILED : TAKEN;
		run->error[i] = r;
	}
}

static bool switched_off(const struct run *run)
{
	char cmdline[CMDLINE_LEN];

	return file_read(run->host.root, "proc/cmdline", cmdline, sizeof(cmdline)) > 0 &&
	       text_has_word(cmdline, "virt_handoff=off");
}

static int read_list(struct run *run)
{
	char text[EARLY_TEXT_MAX], sentence[WHY_LEN];
	ssize_t n = file_read(run->host.root, EARLY_LIST, text, sizeof(text));
	int r;

	if (n == -ENOENT)
		return 0;
	if (n < 0)
		return log_errno((int)n, "/" EARLY_LIST " cannot be read");
	r = early_list_parse(text, &run->list, sentence);
	if (r < 0)
		log_err("%s; nothing is taken", sentence);
	return r;
}

/*
 * What the initramfs has taken or left needs no second look. Without its record nothing
 * was done there: the image is older than the list.
 */
static bool is_over(struct run *run)
{
	if (file_read(run->host.root, EARLY_RECORD, run->before, sizeof(run->before)) <
	    0) {
		run->before[0] = '\0';
		return false;
	}
	return run->late && !strstr(run->before, " absent: ") &&
	       !strstr(run->before, " failed: ");
}

static void settle(void)
{
	static const char *const argv[] = { "/usr/bin/udevadm", "settle", NULL };

	(void)!child_run(argv, SETTLE_MS, NULL, 0);
}

static void take(struct run *run)
{
	if (is_over(run))
		return;
	if (run->late)
		settle();
	run->end = clock_ms() + DEADLINE_MS;
	judge(run);
	write_overrides(run);
	load_drivers(run);
	bind_all(run);
	early_report(run);
}

int main(int argc, char *argv[])
{
	static struct run run;

	log_open(LOG_SINK_KMSG, "virt-handoff", false);
	run.late = argc == 2 && strcmp(argv[1], "late") == 0;
	if (argc > 1 && !run.late) {
		fprintf(stderr, "usage: early [late]\n");
		return 2;
	}
	if (host_open(&run.host, "/", NULL) < 0 || read_list(&run) < 0 || run.list.n == 0)
		return 0;
	if (switched_off(&run)) {
		log_warning(
			"virt_handoff=off on the kernel's command line: all devices stay with the host");
		early_record(&run,
			     "off: virt_handoff=off on the kernel's command line\n");
	} else {
		take(&run);
	}
	host_close(&run.host);
	return 0;
}

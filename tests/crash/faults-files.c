// SPDX-License-Identifier: GPL-2.0-or-later
/* faults-files.c - ledgers that are damaged, an /etc that cannot be read, no systemd */
#include "expect.h"

#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#define LEDGER "run/virt-handoff/ledger/6f5b2a0e-52a1-4b55-9d0c-5c7f6f1b7a01"
#define VMS    "etc/virt-handoff/vms"
#define INI    VMS "/one-card.ini"

static const char *path_of(const struct stage *st, const char *file)
{
	static char path[SANDBOX_PATH_LEN + 128];

	snprintf(path, sizeof(path), "%s/%s", st->box->root, file);
	return path;
}

static void put(const struct stage *st, const char *file, const char *text, size_t len)
{
	int fd = open(path_of(st, file), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, text, len) != (ssize_t)len)
		err(1, "faults: %s", file);
	close(fd);
}

/* What is in the way is said, and is left for a person; then all goes back. */
static bool is_no_ledger(const struct stage *st, const char *text, size_t len)
{
	char *begin = stage_state(st, STAGE_HOST), *good, *taken;
	bool ok;

	if (!succeeds(st, "prepare"))
		return false;
	taken = stage_state(st, STAGE_HOST);
	good = sandbox_read(st->box, LEDGER);
	put(st, LEDGER, text, len);
	ok = answers(st, "stopped") && answers(st, "release") && is_as(st, taken) &&
	     (has_ledger(st) || complain("what was not read is gone")) &&
	     fails(st, "prepare", "is not a ledger of this program") && is_as(st, taken);
	put(st, LEDGER, good, strlen(good));
	return ok && succeeds(st, "release") && recovers(st, begin);
}

static bool ledger_empty(const struct stage *st)
{
	return is_no_ledger(st, "", 0);
}

static bool ledger_garbage(const struct stage *st)
{
	static const char garbage[] = "virt-handoff-ledger 1\nuuid\t\x01\xff\0\nmore\n";

	return is_no_ledger(st, garbage, sizeof(garbage) - 1);
}

static bool ledger_older(const struct stage *st)
{
	static const char older[] =
		"virt-handoff-ledger 0\nuuid\t6f5b2a0e-52a1-4b55-9d0c-5c7f6f1b7a01\n"
		"name\tone-card\ndeadline\t2000\n";

	return is_no_ledger(st, older, sizeof(older) - 1);
}

/*
 * Cut at any line of its head it must not pass for one that has less to give back. Where
 * its records begin it passes for that of a hand-over which was killed there.
 */
static bool ledger_cut(const struct stage *st)
{
	char *begin = stage_state(st, STAGE_HOST), *good, *records;
	bool ok = true;

	if (!succeeds(st, "prepare"))
		return false;
	good = sandbox_read(st->box, LEDGER);
	records = strstr(good, "\nwill ");
	if (!records)
		return complain("no record in the ledger:\n%s", good);
	for (char *end = good; ok && end < records; end = strchr(end + 1, '\n')) {
		size_t len = end == good ? 10 : (size_t)(end - good);

		put(st, LEDGER, good, len);
		ok = answers(st, "stopped") && answers(st, "release") &&
		     (has_ledger(st) ||
		      complain("given back after %.*s", (int)len, good)) &&
		     fails(st, "prepare", "is not a ledger of this program");
	}
	put(st, LEDGER, good, strlen(good));
	return ok && succeeds(st, "release") && recovers(st, begin);
}

/* Memory of a process, at address 0: it is opened, and reading it is EIO. */
static bool ini_unreadable(const struct stage *st)
{
	char *begin = stage_state(st, STAGE_HOST);

	if (mount("/proc/self/mem", path_of(st, INI), NULL, MS_BIND, NULL) < 0)
		err(1, "faults: %s", INI);
	if (!fails(st, "prepare", "vms/one-card.ini") || !untouched(st))
		return false;
	umount2(path_of(st, INI), MNT_DETACH);
	if (!succeeds(st, "prepare"))
		return false;
	if (mount("/proc/self/mem", path_of(st, INI), NULL, MS_BIND, NULL) < 0)
		err(1, "faults: %s", INI);
	if (!succeeds(st, "stopped") || !succeeds(st, "release") || !is_as(st, begin))
		return false;
	umount2(path_of(st, INI), MNT_DETACH);
	return recovers(st, begin);
}

/* A file system whose server has died: ENOTCONN for everything in it */
static void mount_dead(const char *path)
{
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	char options[96];

	snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=0,group_id=0",
		 fd);
	if (fd < 0 || mount("dead", path, "fuse", 0, options) < 0)
		err(1, "faults: %s", path);
	close(fd);
}

/* Nobody can say whether the VM has an INI file: it must not start as if it had none. */
static bool etc_dead(const struct stage *st)
{
	char *begin = stage_state(st, STAGE_HOST);

	mount_dead(path_of(st, VMS));
	if (!fails(st, "prepare", "virt-handoff/vms") || !untouched(st))
		return false;
	umount2(path_of(st, VMS), MNT_DETACH);
	if (!succeeds(st, "prepare"))
		return false;
	mount_dead(path_of(st, VMS));
	if (!answers(st, "reconnect") || !answers(st, "stopped") ||
	    !succeeds(st, "release") || !is_as(st, begin))
		return false;
	umount2(path_of(st, VMS), MNT_DETACH);
	return recovers(st, begin);
}

/* systemctl as a whole, before the start and on the way back */
static bool systemd_is(const struct stage *st, const char *flag)
{
	char *begin = stage_state(st, STAGE_HOST), file[32];
	bool ok;

	snprintf(file, sizeof(file), "units/.%s", flag);
	put(st, file, "", 0);
	ok = fails(st, "prepare", "tool.service") && untouched(st);
	unlink(path_of(st, file));
	if (!ok || !succeeds(st, "prepare"))
		return false;
	put(st, file, "", 0);
	ok = answers(st, "stopped") && answers(st, "release") &&
	     (has_ledger(st) || complain("the ledger is gone, the unit is not back"));
	unlink(path_of(st, file));
	return ok && succeeds(st, "release") && is_as(st, begin) && recovers(st, begin);
}

static bool systemd_hangs(const struct stage *st)
{
	return systemd_is(st, "silent");
}

static bool systemd_gone(const struct stage *st)
{
	return systemd_is(st, "gone");
}

const struct test file_faults[] = {
	{ "the ledger is empty", ledger_empty, "" },
	{ "the ledger is garbage", ledger_garbage, "" },
	{ "the ledger is of an older version", ledger_older, "" },
	{ "the ledger is cut", ledger_cut, "" },
	{ "the INI file cannot be read", ini_unreadable, "" },
	{ "the file system of /etc has died", etc_dead, "" },
	{ "systemd does not answer", systemd_hangs, "stop-units = tool.service\n" },
	{ "there is no bus to systemd", systemd_gone, "stop-units = tool.service\n" },
	{ NULL, NULL, NULL },
};

// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-check-daemon.c - checks: the running libvirtd knows that there are hooks */

#include "ctl-check.h"

#include "child.h"
#include "file.h"
#include "text.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HOOKS CHECK_HOOKS
#define STAT_LEN \
	65536 /* of /proc/stat; a line for each CPU comes before what is looked for */
#define DRIFT_S 2 /* boot time is counted back from a clock that is set meanwhile */
#define ASK_MS  2000

/**
 * struct daemon - A daemon of libvirt that runs hooks
 * @name:    "libvirtd"; also of its unit
 * @since:   When it began, or was told to read its files again, seconds since 1970
 */
struct daemon {
	const char *name;
	long long since;
};

static long long boot_time(const struct checkup *x)
{
	char text[STAT_LEN];
	const char *line =
		strstr(check_read(x, "proc/stat", text, sizeof(text)), "btime ");
	long long t = 0;

	return line && sscanf(line, "btime %lld", &t) == 1 ? t : 0;
}

/* Source: proc_pid_stat(5), field 22; the command in brackets may have blanks */
static long long start_time(const struct checkup *x, unsigned int pid)
{
	char path[64], text[1024];
	const char *rest;
	long long ticks;

	if (text_format(path, sizeof(path), "proc/%u/stat", pid) < 0)
		return 0;
	rest = strrchr(check_read(x, path, text, sizeof(text)), ')');
	if (!rest ||
	    sscanf(rest,
		   ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %lld",
		   &ticks) != 1)
		return 0;
	return boot_time(x) + ticks / sysconf(_SC_CLK_TCK);
}

/* systemd notes when a unit was reloaded as a change of its state; 0 when it does not say */
static long long state_time(const struct checkup *x, const char *name)
{
	char unit[64], text[64];
	const char *const argv[] = { "/usr/bin/systemctl",
				     "show",
				     "--timestamp=unix",
				     "--property=StateChangeTimestamp",
				     unit,
				     NULL };
	long long t;

	if (!ctl_is_here(x->ctl) ||
	    text_format(unit, sizeof(unit), "%s.service", name) < 0 ||
	    child_run(argv, ASK_MS, text, sizeof(text)) != 0 ||
	    sscanf(text, "StateChangeTimestamp=@%lld", &t) != 1)
		return 0;
	return t;
}

static bool find_daemon(const struct checkup *x, const char *modular, struct daemon *ret)
{
	const char *const names[] = { modular, "libvirtd" };
	char path[64], text[16];
	unsigned int pid;

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		long long reloaded;

		if (text_format(path, sizeof(path), "run/%s.pid", names[i]) < 0 ||
		    sscanf(check_read(x, path, text, sizeof(text)), "%u", &pid) != 1)
			continue;
		ret->name = names[i];
		ret->since = start_time(x, pid);
		if (ret->since == 0)
			continue;
		ret->since += DRIFT_S;
		reloaded = state_time(x, names[i]);
		if (reloaded > ret->since)
			ret->since = reloaded;
		return true;
	}
	return false;
}

/*
 * When libvirt could first have found a hook: the time of the file; of ours that of our folder
 * when that is older, because an update of the package makes the file anew.
 */
static long long arrival(int root, const char *path, bool ours)
{
	struct statx file, folder;
	long long t;

	if (!check_is_executable(root, path) ||
	    statx(root, path, 0, STATX_CTIME, &file) < 0)
		return 0;
	t = file.stx_ctime.tv_sec;
	if (ours && statx(root, HOOKS "virt-handoff", 0, STATX_BTIME, &folder) == 0 &&
	    (folder.stx_mask & STATX_BTIME) && folder.stx_btime.tv_sec < t)
		t = folder.stx_btime.tv_sec;
	return t;
}

/**
 * struct first - The hook of a kind that came first
 * @folder:  "etc/libvirt/hooks/qemu.d/"
 * @when:    0: none so far
 */
struct first {
	int root;
	const char *folder;
	long long when;
};

static int look_at_hook(const char *name, void *data)
{
	struct first *f = data;
	char path[PATH_LEN];
	long long t;

	if (text_format(path, sizeof(path), "%s%s", f->folder, name) < 0)
		return 0;
	t = arrival(f->root, path, strcmp(name, CHECK_HOOK_NAME) == 0);
	if (t && (!f->when || t < f->when))
		f->when = t;
	return 0;
}

/* Source: libvirt src/util/virhook.c: whether there are hooks of a kind is found out once */
static void judge_known(const struct check_at *at, const char *kind, const char *modular,
			bool network)
{
	char folder[64];
	struct first first = { .root = at->x->host->root, .folder = HOOKS };
	struct daemon d;
	struct check_finding *f;

	if (!find_daemon(at->x, modular, &d))
		return; /* it looks when it starts */
	look_at_hook(kind, &first);
	if (text_format(folder, sizeof(folder), HOOKS "%s.d/", kind) < 0)
		return;
	first.folder = folder;
	if (file_each(first.root, folder, look_at_hook, &first) < 0 || !first.when ||
	    first.when <= d.since)
		return;
	f = check_found(
		at,
		"%s has run since before its first %s hook was installed, and does not call it",
		d.name, kind);
	check_mend(f, "systemctl reload %s", d.name);
	if (network)
		f->severity = CHECK_WARNING;
}

static void hook_unknown(const struct check_at *at)
{
	judge_known(at, "qemu", "virtqemud", false);
	if (check_wants_forwards(at->x))
		judge_known(at, "network", "virtnetworkd", true);
}

/* clang-format off */
static const struct check checks[] = {
	{ "hook-unknown", CHECK_FAIL,
	  "libvirt looks for the first hook of a kind when it starts, and when it is reloaded",
	  CHECK_HOST, hook_unknown },
	{ 0 },
};
/* clang-format on */

const struct check_subject check_daemon = { "daemon", checks };

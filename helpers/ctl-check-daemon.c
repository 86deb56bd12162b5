// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-check-daemon.c - checks: libvirt runs our hooks, and nobody else's in their way */

#include "ctl-check.h"

#include "child.h"
#include "file.h"
#include "text.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HOOKS      "etc/libvirt/hooks/"
#define OURS       "50-virt-handoff"
#define SCRIPT_LEN 65536
#define ASK_MS     2000

/* a hook is two programs: a small one that libvirt runs for every VM, and the one that works */
static const struct part {
	const char *path;
	bool network;
} parts[] = {
	{ HOOKS "qemu.d/" OURS, false },
	{ HOOKS "virt-handoff/qemu", false },
	{ HOOKS "network.d/" OURS, true },
	{ HOOKS "virt-handoff/network", true },
};

static bool wants_forwards(const struct checkup *x)
{
	if (x->only)
		return x->only->vm.conf.n_forwards > 0;
	for (size_t i = 0; i < x->n_vms; i++)
		if (x->vm[i].vm.conf.n_forwards)
			return true;
	return false;
}

/* the network hook matters where there are forwards; they come without it too, but later */
static void each_part(const struct check_at *at,
		      void (*judge)(const struct check_at *at, const struct part *p))
{
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		if (!parts[i].network || wants_forwards(at->x))
			judge(at, &parts[i]);
}

static bool is_missing(int root, const char *path)
{
	struct stat st;

	return fstatat(root, path, &st, AT_SYMLINK_NOFOLLOW) < 0;
}

static void weigh(struct check_finding *f, const struct part *p)
{
	if (p->network)
		f->severity = CHECK_WARNING;
}

static void judge_missing(const struct check_at *at, const struct part *p)
{
	struct check_finding *f;

	if (!is_missing(at->x->host->root, p->path))
		return;
	f = check_found(at, "/%s is not there", p->path);
	check_mend(f, "install virt-handoff again: make install, or the package");
	weigh(f, p);
}

static void hook_missing(const struct check_at *at)
{
	each_part(at, judge_missing);
}

/* Source: libvirt src/util/virfile.c, virFileIsExecutable(): any x bit will do */
static bool is_executable(int root, const char *path)
{
	struct stat st;

	return fstatat(root, path, &st, 0) == 0 && S_ISREG(st.st_mode) &&
	       (st.st_mode & 0111);
}

static void judge_executable(const struct check_at *at, const struct part *p)
{
	int root = at->x->host->root;
	struct check_finding *f;

	if (is_missing(root, p->path) || is_executable(root, p->path))
		return;
	f = check_found(at, "/%s is not executable", p->path);
	check_mend(f, "chmod 755 /%s", p->path);
	weigh(f, p);
}

static void hook_not_executable(const struct check_at *at)
{
	each_part(at, judge_executable);
}

/* ---- whether the running daemon knows of it ---- */

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
	char text[SCRIPT_LEN];
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

	if (!is_executable(root, path) || statx(root, path, 0, STATX_CTIME, &file) < 0)
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
	t = arrival(f->root, path, strcmp(name, OURS) == 0);
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
	if (wants_forwards(at->x))
		judge_known(at, "network", "virtnetworkd", true);
}

/* ---- who else ---- */

/**
 * struct others - Hooks that are not ours
 */
struct others {
	const struct check_at *at;
	const char *folder;
};

static int judge_other(const char *name, void *data)
{
	static const char *const words[] = { "driver_override", "nodedev-detach",
					     "vfio-pci", "new_id", "modprobe -r nvidia" };
	const struct others *o = data;
	char path[PATH_LEN], text[SCRIPT_LEN];

	if (strcmp(name, OURS) == 0 ||
	    text_format(path, sizeof(path), "%s%s", o->folder, name) < 0 ||
	    !is_executable(o->at->x->host->root, path))
		return 0;
	check_read(o->at->x, path, text, sizeof(text));
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (!strstr(text, words[i]))
			continue;
		check_mend(
			check_found(o->at, "/%s also moves cards (%s)", path, words[i]),
			"chmod -x /%s, when virt-handoff has taken over what it does",
			path);
		break;
	}
	return 0;
}

static void hook_second(const struct check_at *at)
{
	int root = at->x->host->root;

	judge_other("qemu", &(struct others){ at, HOOKS });
	if (file_each(root, HOOKS "qemu.d", judge_other,
		      &(struct others){ at, HOOKS "qemu.d/" }) < 0)
		return;
}

static bool is_confined(const struct checkup *x)
{
	char text[SCRIPT_LEN];

	check_read(x, "sys/kernel/security/apparmor/profiles", text, sizeof(text));
	return strstr(text, "libvirtd (enforce)") || strstr(text, "virtqemud (enforce)");
}

/* AppArmor looks at what a link leads to, and libvirt's profile lets it run hooks, not libexec */
static void apparmor_link(const struct check_at *at)
{
	int root = at->x->host->root;
	char target[PATH_LEN];

	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		ssize_t n = readlinkat(root, parts[i].path, target, sizeof(target) - 1);

		if (n <= 0 || !is_confined(at->x))
			continue;
		target[n] = '\0';
		check_mend(
			check_found(
				at,
				"/%s is a link to %s, which AppArmor does not let libvirt run",
				parts[i].path, target),
			"cp --remove-destination %s /%s", target, parts[i].path);
	}
}

static int is_our_module(const char *name, void *data)
{
	const struct checkup *x = data;
	char path[PATH_LEN];

	return text_format(path, sizeof(path),
			   "var/lib/selinux/targeted/active/modules/%s/virt-handoff",
			   name) == 0 &&
	       file_exists(x->host->root, path);
}

static void selinux_hook(const struct check_at *at)
{
	char text[8];

	/* libvirtd may do everything; virtqemud, Fedora's and RHEL's, may not run a hook */
	if (check_read(at->x, "sys/fs/selinux/enforce", text, sizeof(text))[0] != '1' ||
	    !file_exists(at->x->host->root, "usr/sbin/virtqemud") ||
	    file_each(at->x->host->root, "var/lib/selinux/targeted/active/modules",
		      is_our_module, at->x) > 0)
		return;
	check_mend(
		check_found(
			at,
			"SELinux is enforcing, and its policy does not let virtqemud run a hook"),
		"semodule -i /usr/share/selinux/packages/virt-handoff.cil");
}

/* clang-format off */
static const struct check checks[] = {
	{ "hook-missing", CHECK_FAIL,
	  "libvirt starts VMs without asking virt-handoff: nothing is handed over",
	  CHECK_HOST, hook_missing },
	{ "hook-not-executable", CHECK_FAIL,
	  "libvirt passes over a hook that is not executable: nothing is handed over",
	  CHECK_HOST, hook_not_executable },
	{ "hook-unknown", CHECK_FAIL,
	  "libvirt looks for the first hook of a kind when it starts, and when it is reloaded",
	  CHECK_HOST, hook_unknown },
	{ "hook-second", CHECK_WARNING,
	  "two owners of one card undo each other's work, and a driver may hang for ever",
	  CHECK_HOST, hook_second },
	{ "apparmor-link", CHECK_FAIL,
	  "the hook fails with 'permission denied', and so does every start",
	  CHECK_HOST, apparmor_link },
	{ "selinux-hook", CHECK_FAIL,
	  "the hook fails with 'permission denied', and so does every start",
	  CHECK_HOST, selinux_hook },
	{ 0 },
};
/* clang-format on */

const struct check_subject check_daemon = { "daemon", checks };

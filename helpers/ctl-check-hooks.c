// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-check-hooks.c - checks: our hooks are there and may be run, and nobody else's is in their way */

#include "ctl-check.h"

#include "file.h"
#include "text.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HOOKS       CHECK_HOOKS
#define OURS        CHECK_HOOK_NAME
#define DISPATCHER  HOOKS "qemu"
#define SCRIPT_LEN  65536
#define ENTRIES_MAX 4096

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

/* the network hook matters where there are forwards; they come without it too, but later */
static void each_part(const struct check_at *at,
		      void (*judge)(const struct check_at *at, const struct part *p))
{
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		if (!parts[i].network || check_wants_forwards(at->x))
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
bool check_is_executable(int root, const char *path)
{
	struct stat st;

	return fstatat(root, path, &st, 0) == 0 && S_ISREG(st.st_mode) &&
	       (st.st_mode & 0111);
}

static void judge_executable(const struct check_at *at, const struct part *p)
{
	int root = at->x->host->root;
	struct check_finding *f;

	if (is_missing(root, p->path) || check_is_executable(root, p->path))
		return;
	f = check_found(at, "/%s is not executable", p->path);
	check_mend(f, "chmod 755 /%s", p->path);
	weigh(f, p);
}

static void hook_not_executable(const struct check_at *at)
{
	each_part(at, judge_executable);
}

/* ---- who else ---- */

/**
 * struct others - Hooks that are not ours
 * @levels:  Of folders below this one that are looked into
 * @left:    So many entries are looked at yet
 */
struct others {
	const struct check_at *at;
	const char *folder;
	unsigned int levels, *left;
};

static void judge_script(const struct check_at *at, const char *path)
{
	static const char *const words[] = { "driver_override", "nodedev-detach",
					     "vfio-pci", "new_id", "modprobe -r" };
	char text[SCRIPT_LEN];

	check_read(at->x, path, text, sizeof(text));
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (!strstr(text, words[i]))
			continue;
		check_mend(check_found(at, "/%s also moves cards (%s)", path, words[i]),
			   "chmod -x /%s, when virt-handoff has taken over what it does",
			   path);
		return;
	}
}

static int judge_other(const char *name, void *data)
{
	const struct others *o = data;
	struct others below = *o;
	char path[PATH_LEN];

	if (strcmp(name, OURS) == 0 || !text_is_name(name) ||
	    text_format(path, sizeof(path), "%s/%s", o->folder, name) < 0)
		return 0;
	if ((*o->left)-- == 1)
		return 1;
	if (check_is_executable(o->at->x->host->root, path))
		judge_script(o->at, path);
	below.folder = path;
	below.levels--;
	if (o->levels > 0 &&
	    file_each(o->at->x->host->root, path, judge_other, &below) > 0)
		return 1;
	return 0;
}

/*
 * libvirt runs what is in qemu.d itself, and nothing further down. The script that many
 * guides put into hooks/qemu runs all that is in qemu.d/VM/OPERATION/SUBOPERATION.
 */
static void hook_second(const struct check_at *at)
{
	unsigned int left = ENTRIES_MAX;
	struct others o = { at, HOOKS "qemu.d", 0, &left };
	int root = at->x->host->root;
	char head[4];

	if (check_is_executable(root, DISPATCHER)) {
		judge_script(at, DISPATCHER);
		check_read(at->x, DISPATCHER, head, sizeof(head));
		o.levels = strncmp(head, "#!", 2) == 0 ? 3 : 0;
	}
	/* a folder that is not there has no hooks */
	(void)!file_each(root, o.folder, judge_other, &o);
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

const struct check_subject check_hooks = { "hooks", checks };

// SPDX-License-Identifier: GPL-2.0-or-later
/* gate.c - what libvirt runs for every VM: leaves at once when none of our business */

/*
 * Theory of operation
 *
 * libvirt runs a hook five times for every VM that starts and stops, also for those that
 * nobody asked us to look after. So the hook proper, with its parsers and libraries,
 * stands in a file of its own, and this program, which is small and linked statically,
 * says whether it is needed: when the VM has an INI file, or has something to give back;
 * and for the start of any VM while a function is pinned for VFIO and not there yet.
 * It reads nothing, not even its standard input.
 *
 * Both files stand below /etc/libvirt/hooks, because libvirtd's AppArmor profile lets a
 * hook execute nothing else but what is in /bin and /sbin, and what is there would run
 * outside the profile. libvirt itself looks only at hooks/qemu and hooks/qemu.d.
 */

#include "small.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef HOOK
#define HOOK "/etc/libvirt/hooks/virt-handoff/qemu"
#endif
#define VMS "/etc/virt-handoff/vms"
/* a link for each VM that has a ledger, see common/ledger.h */
#define NAMES  "/run/virt-handoff/names"
#define PINNED "/run/virt-handoff/pinned"

static bool is_ours(const char *operation)
{
	static const char *const ours[] = { "prepare", "started", "stopped", "release",
					    "reconnect" };

	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (strcmp(operation, ours[i]) == 0)
			return true;
	return false;
}

/* common/pinned.h */
static bool is_early(const char *operation)
{
	struct stat st;

	return strcmp(operation, "prepare") == 0 && lstat(PINNED, &st) == 0;
}

/*
 * A link that leads nowhere is there too: the hook says what is wrong with it. So is what
 * cannot be looked at, as on a file system that has died: a VM whose file is there must not
 * start as if it had none.
 */
static bool is_there(const char *folder, const char *name, const char *suffix)
{
	char path[512];
	struct stat st;
	int n = snprintf(path, sizeof(path), "%s/%s%s", folder, name, suffix);

	if (n <= 0 || (size_t)n >= sizeof(path))
		return false;
	return lstat(path, &st) == 0 ||
	       (errno != ENOENT && errno != ENOTDIR && errno != ENAMETOOLONG);
}

/*
 * Which VM a UUID.ini belongs to stands in the XML, and reading that is the hook's work.
 */
static bool has_uuid_files(void)
{
	DIR *d = opendir(VMS);
	struct dirent *e;
	bool found = false;

	if (!d)
		return errno != ENOENT && errno != ENOTDIR; /* no descriptor left */
	errno = 0;
	while (!found && (e = readdir(d)))
		found = strlen(e->d_name) == 40 && e->d_name[8] == '-' &&
			e->d_name[13] == '-' && strcmp(e->d_name + 36, ".ini") == 0;
	found |= errno != 0;
	closedir(d);
	return found;
}

/* libvirt has VMs that are called "." or ".."; their file can be that of their UUID */
static bool is_file_name(const char *vm)
{
	return vm[0] && !strchr(vm, '/') && strcmp(vm, ".") != 0 && strcmp(vm, "..") != 0;
}

static bool is_needed(const char *vm)
{
	if (!is_file_name(vm))
		return has_uuid_files();
	return is_there(VMS, vm, ".ini") || is_there(NAMES, vm, "") ||
	       is_there(SMALL_FORWARDS, vm, "") || has_uuid_files();
}

int main(int argc, char *argv[])
{
	if (argc < 4) {
		fprintf(stderr,
			"usage: %s VM OPERATION SUB-OPERATION EXTRA, as libvirt calls a qemu hook\n",
			argv[0]);
		return 2;
	}
	/*
	 * an unprivileged libvirt daemon runs the same hooks; it owns no device of the
	 * host
	 */
	if (geteuid() != 0 || small_is_copy(argv[0]) || !is_ours(argv[2]) ||
	    (!is_needed(argv[1]) && !is_early(argv[2])))
		return 0;
	small_exec(HOOK, argv);
	fprintf(stderr, "%s cannot be started (%m): install virt-handoff again\n", HOOK);
	/* libvirt would kill a running VM for these two; of the others it logs the
	 * failure */
	return strcmp(argv[2], "reconnect") != 0 && strcmp(argv[2], "started") != 0;
}

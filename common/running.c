// SPDX-License-Identifier: GPL-2.0-or-later
/* running.c - whether libvirt's folder of running VMs still has one */

#include "running.h"

#include "file.h"
#include "text.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* of virtqemud too; an unprivileged daemon has its own, and no hook of ours */
#define RUNNING "run/libvirt/qemu"

bool running_process(const struct host *h, uint64_t pid)
{
	char path[PATH_LEN];

	return text_format(path, sizeof(path), "proc/%ju", (uintmax_t)pid) == 0 &&
	       faccessat(h->root, path, F_OK, 0) == 0;
}

bool running_daemon(const struct host *h)
{
	/* libvirt takes its file away when it ends; who was killed leaves his */
	static const char *const daemons[] = { "libvirtd", "virtqemud" };
	char path[PATH_LEN], text[32], name[32];
	uint64_t pid;

	for (size_t i = 0; i < ARRAY_LEN(daemons); i++)
		if (text_format(path, sizeof(path), "run/%s.pid", daemons[i]) == 0 &&
		    file_read(h->root, path, text, sizeof(text)) > 0 &&
		    text_number(text, INT32_MAX, &pid) == 0 &&
		    text_format(path, sizeof(path), "proc/%ju/comm", (uintmax_t)pid) ==
			    0 &&
		    file_read(h->root, path, name, sizeof(name)) > 0 &&
		    strcmp(name, daemons[i]) == 0)
			return true;
	return false;
}

/* 0: it is not said which process that is */
static uint64_t qemu_of(int folder, const char *vm)
{
	char path[PATH_LEN], text[32];
	uint64_t pid;

	return text_format(path, sizeof(path), "%s.pid", vm) == 0 &&
			       file_read(folder, path, text, sizeof(text)) > 0 &&
			       text_number(text, INT32_MAX, &pid) == 0
		       ? pid
		       : 0;
}

static bool has_xml(int folder, const char *vm)
{
	char path[PATH_LEN];

	/* a name that is too long for such a file is not judged */
	return text_format(path, sizeof(path), "%s.xml", vm) < 0 ||
	       faccessat(folder, path, F_OK, 0) == 0;
}

bool running_vm(const struct host *h, const char *vm)
{
	CLEANUP(close_fd)
	int folder = openat(h->root, RUNNING, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	uint64_t pid;

	if (folder < 0 || has_xml(folder, vm))
		return true;
	pid = qemu_of(folder, vm);
	return pid && running_process(h, pid);
}

bool running_vm_seen(const struct host *h, const char *vm)
{
	CLEANUP(close_fd)
	int folder = openat(h->root, RUNNING, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	uint64_t pid;

	if (folder < 0)
		return false;
	pid = qemu_of(folder, vm);
	return pid ? running_process(h, pid) : has_xml(folder, vm);
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* running.c - whether libvirt's folder of running VMs still has one */

#include "running.h"

#include "file.h"
#include "text.h"

#include <fcntl.h>
#include <unistd.h>

/* of virtqemud too; an unprivileged daemon has its own, and no hook of ours */
#define RUNNING "run/libvirt/qemu"

bool running_process(const struct host *h, uint64_t pid)
{
	char path[PATH_LEN];

	return text_format(path, sizeof(path), "proc/%ju", (uintmax_t)pid) == 0 &&
	       faccessat(h->root, path, F_OK, 0) == 0;
}

bool running_vm(const struct host *h, const char *vm)
{
	CLEANUP(close_fd)
	int folder = openat(h->root, RUNNING, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char xml[PATH_LEN], path[PATH_LEN], text[32];
	uint64_t pid;

	/* a name that is too long for these files is not judged */
	if (folder < 0 || text_format(xml, sizeof(xml), "%s.xml", vm) < 0 ||
	    text_format(path, sizeof(path), "%s.pid", vm) < 0 ||
	    faccessat(folder, xml, F_OK, 0) == 0)
		return true;
	return file_read(folder, path, text, sizeof(text)) > 0 &&
	       text_number(text, INT32_MAX, &pid) == 0 && running_process(h, pid);
}

bool running_vm_seen(const struct host *h, const char *vm)
{
	return file_exists(h->root, RUNNING) && running_vm(h, vm);
}

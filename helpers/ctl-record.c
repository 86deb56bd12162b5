// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-record.c - virt-handoff record: this machine in a text file, for a bug report */

#include "ctl.h"

#include "record.h"

#include "log.h"
#include "version.h"

#include "file.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#define MACHINE "host.machine"

static const char readme[] =
	"host.machine is a text that describes a host, for virt-handoff %s: look it over before\n"
	"you send it to anybody.\n"
	"\n"
	"In it: PCI functions with what sysfs says of them, IOMMU groups, drivers and modules,\n"
	"vGPU types and vGPUs, consoles, mounted block devices and swap, which interface has the\n"
	"default route, ports on which programs listen, processes that have a GPU open (their\n"
	"names and units), what modprobe.d and the kernel's command line say of drivers, which\n"
	"units and which libvirt are installed, the beginning of cpuinfo and interrupts; the VMs\n"
	"and networks of libvirt, but of their XML only what virt-handoff reads; its INI files\n"
	"without comments, its ledgers and forwards.\n"
	"\n"
	"Not in it: serial numbers, passwords, disks and paths of VMs, any other file of the host.\n"
	"\n"
	"Blanked, %zu in all: UUIDs, MAC and IP addresses and the host's name are others, the same\n"
	"one everywhere it stands. Names of VMs, of networks, of units and of mount points are\n"
	"the real ones.\n"
	"\n"
	"Unpack it with build/tests/command/unpack FOLDER host.machine in the source tree, then\n"
	"virt-handoff --root FOLDER plan VM, and list and status, say what they say on the host.\n"
	"check does so of cards, VMs and vGPUs; hooks, modes of files, daemons, firewalls and units\n"
	"are not in it, so what check says of those is not about the host.\n";

static FILE *create(int dir, const char *name)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
			0600);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");

	if (fd >= 0 && !f)
		close(fd);
	return f;
}

static int finish(FILE *f, int r)
{
	if (fclose(f) != 0 && r == 0)
		r = -EIO;
	return r;
}

static int write_all(int dir, struct recording *rec, const struct utsname *u)
{
	FILE *f = create(dir, MACHINE);
	int r;

	if (!f)
		return -errno;
	fprintf(f, "# SPDX-License-Identifier: GPL-2.0-or-later\n");
	fprintf(f, "# recorded by virt-handoff record %s on %s\n", VERSION, u->machine);
	for (size_t i = 0; i < rec->h->n_silent; i++) {
		fprintf(f, "# the driver of %s did not answer\n", rec->h->silent[i]);
		log_warning(
			"%s: its driver does not answer, and what it says of vGPUs is not in the record: look at dmesg",
			rec->h->silent[i]);
	}
	r = finish(f, record_print(rec, f));
	if (r < 0)
		return r;
	f = create(dir, "README");
	if (!f)
		return -errno;
	fprintf(f, readme, VERSION, blanks_count(rec->blanks));
	return finish(f, 0);
}

static int record(struct ctl *c, int dir)
{
	struct utsname u = { .machine = "" };
	struct recording rec = { .h = &c->host };
	int r;

	if (uname(&u) < 0)
		return -errno;
	rec.blanks = blanks_new(ctl_is_here(c) ? u.nodename : "");
	if (!rec.blanks)
		return -ENOMEM;
	record_pci(&rec);
	record_host(&rec);
	record_vms(&rec);
	record_system(&rec);
	record_modules(&rec);
	r = write_all(dir, &rec, &u);
	record_free(&rec);
	return r;
}

int ctl_record(struct ctl *c, int argc, char *argv[])
{
	CLEANUP(close_fd) int dir = -1;
	int r = 0;

	if (argc != 2 || argv[1][0] == '-')
		return ctl_usage("record DIR");
	if (mkdir(argv[1], 0700) < 0 && errno != EEXIST)
		r = -errno;
	if (r == 0)
		dir = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0 && r == 0)
		r = -errno;
	if (r == 0)
		r = record(c, dir);
	if (r < 0) {
		log_err("%s: %s%s", argv[1], strerror(-r),
			r == -EEXIST ? "; name another folder" : "");
		return CTL_FAILED;
	}
	printf("%s/" MACHINE
	       " was written; %s/README says what is in it and what was blanked: look it over before you send it\n",
	       argv[1], argv[1]);
	return CTL_DONE;
}

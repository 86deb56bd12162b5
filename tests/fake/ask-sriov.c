// SPDX-License-Identifier: GPL-2.0-or-later
/* ask-sriov.c - questions to a kernel, fake or real, about virtual functions */
#include "behaviour.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static long number(const char *path)
{
	char text[32] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		close(fd);
	return n > 0 ? strtol(text, NULL, 0) : -1;
}

/* Address of virtfnN, "" when there is none */
static const char *virtual_function(const struct run *r, int i, char ret[static 32])
{
	char name[32], link[256];
	ssize_t n;

	snprintf(name, sizeof(name), "virtfn%d", i);
	n = readlink(of_device(r, name), link, sizeof(link) - 1);
	link[n > 0 ? n : 0] = '\0';
	snprintf(ret, 32, "%.31s", n > 0 ? strrchr(link, '/') + 1 : "");
	return ret;
}

static void numbers(struct run *r)
{
	char above[32];

	snprintf(above, sizeof(above), "%ld", number(of_device(r, "sriov_totalvfs")) + 1);
	expect(r, EINVAL, of_device(r, "sriov_numvfs"), "two", "not a number");
	expect(r, EINVAL, of_device(r, "sriov_numvfs"), "65536", "more than 16 bits");
	expect(r, ERANGE, of_device(r, "sriov_numvfs"), above, "more than there can be");
	expect(r, 0, of_device(r, "sriov_numvfs"), "0\n", "none where there is none");
	expect(r, EACCES, of_device(r, "sriov_totalvfs"), "1", "the total is the card's");
	expect(r, EINVAL, of_device(r, "sriov_drivers_autoprobe"), "x",
	       "autoprobe is a yes or no");
	expect(r, 0, of_device(r, "sriov_drivers_autoprobe"), "y", "autoprobe y");
	check(r, reads(of_device(r, "sriov_drivers_autoprobe"), "1\n"),
	      "autoprobe reads 1");
	expect(r, 0, of_device(r, "sriov_drivers_autoprobe"), "0", "autoprobe 0");
	check(r, reads(of_device(r, "sriov_drivers_autoprobe"), "0\n"),
	      "autoprobe reads 0");
}

static void appear(struct run *r)
{
	char name[32];

	expect(r, 0, of_device(r, "sriov_numvfs"), "2", "two are made");
	check(r, reads(of_device(r, "sriov_numvfs"), "2\n"), "sriov_numvfs reads 2");
	check(r, *virtual_function(r, 1, name), "virtfn1 is there");
	check(r, !*virtual_function(r, 2, name), "virtfn2 is not");
	expect(r, EBUSY, of_device(r, "sriov_numvfs"), "1", "from two to one");
	expect(r, 0, of_device(r, "sriov_numvfs"), "2", "from two to two");
}

/* A virtual function, while the host's drivers shall not take it */
static void stays_free(struct run *r)
{
	struct run vf = { 0 };
	char name[32], link[256];
	ssize_t n;

	vf.bdf = virtual_function(r, 0, name);
	n = readlink(of_device(&vf, "physfn"), link, sizeof(link) - 1);
	link[n > 0 ? n : 0] = '\0';
	check(r, n > 0 && strcmp(strrchr(link, '/') + 1, r->bdf) == 0,
	      "physfn is the card");
	check(r, access(of_device(&vf, "iommu_group"), F_OK) == 0, "it has a group");
	check(r, driven_by(&vf, NULL), "no driver has it");
	expect(r, ENODEV, of_driver(r->driver, "bind"), vf.bdf,
	       "without autoprobe it cannot be bound");
	expect(r, 0, "/sys/bus/pci/drivers_probe", vf.bdf, "and a probe says nothing");
	check(r, driven_by(&vf, NULL), "still no driver has it");
	expect(r, 0, of_device(&vf, "driver_override"), "vfio-pci", "override");
	expect(r, 0, "/sys/bus/pci/drivers_probe", vf.bdf, "probe, by the override");
	check(r, driven_by(&vf, "vfio-pci"), "vfio-pci has it");
}

static void without_driver(struct run *r)
{
	char name[32];

	expect(r, 0, of_driver(r->driver, "unbind"), r->bdf, "the card loses its driver");
	check(r, *virtual_function(r, 1, name), "its virtual functions stay");
	expect(r, ENOENT, of_device(r, "sriov_numvfs"), "0", "without a driver");
	expect(r, 0, of_driver(r->driver, "bind"), r->bdf, "the card gets it back");
}

void ask_sriov(struct run *r)
{
	char name[32];

	numbers(r);
	appear(r);
	stays_free(r);
	without_driver(r);
	expect(r, 0, of_device(r, "sriov_numvfs"), "0", "all are removed");
	check(r, !*virtual_function(r, 0, name), "virtfn0 is gone");
	expect(r, 0, of_device(r, "sriov_drivers_autoprobe"), "1",
	       "autoprobe is put back");
}

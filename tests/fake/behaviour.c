// SPDX-License-Identifier: GPL-2.0-or-later
/* behaviour.c - check that a kernel, fake or real, answers as the fake one should */

/*
 * As root, in a sandbox or on a test machine. What it prints and its exit status must be
 * the same on the fake kernel and on a real one; vfio-pci must be loaded.
 *
 *	behaviour BDF			the function is taken from its driver, given to
 *					vfio-pci, and given back
 *	behaviour sriov BDF		it gets two virtual functions, for a while
 *	behaviour mdev PARENT TYPE	as many mediated devices are made as fit, and removed
 */
#include "behaviour.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUS "/sys/bus/pci"

const char *of_device(const struct run *r, const char *name)
{
	static char path[4][256];
	static unsigned int n;
	char *p = path[n++ % 4];

	snprintf(p, sizeof(path[0]), BUS "/devices/%s/%s", r->bdf, name);
	return p;
}

const char *of_driver(const char *driver, const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), BUS "/drivers/%s/%s", driver, name);
	return path;
}

bool driven_by(const struct run *r, const char *driver)
{
	char link[256] = "", *base;
	ssize_t n = readlink(of_device(r, "driver"), link, sizeof(link) - 1);

	if (n < 0)
		return errno == ENOENT && !driver;
	base = strrchr(link, '/');
	return driver && base && strcmp(base + 1, driver) == 0;
}

static void files(struct run *r)
{
	int fd;

	expect(r, EACCES, of_device(r, "vendor"), "1", "a read-only attribute");
	expect(r, ENOENT, of_device(r, "nothing"), "1", "an attribute that is not there");
	fd = open(of_device(r, "nothing"), O_WRONLY | O_CREAT, 0600);
	check(r, fd < 0 && errno == EACCES, "no files can be made");
	fd = open(BUS "/drivers_probe", O_RDONLY);
	check(r, fd < 0 && errno == EACCES, "a write-only attribute cannot be read");
	check(r, mkdir(of_device(r, "nothing"), 0755) < 0 && errno == EPERM,
	      "no folders");
	check(r, unlink(of_device(r, "vendor")) < 0 && errno == EPERM,
	      "nothing is removed");
	check(r, rename(of_device(r, "vendor"), of_device(r, "x")) < 0 && errno == EPERM,
	      "nothing is renamed");
}

static void attributes(struct run *r)
{
	char old[8] = "1\n";
	int fd = open(of_device(r, "d3cold_allowed"), O_RDONLY | O_CLOEXEC);

	check(r, fd >= 0 && read(fd, old, sizeof(old) - 1) > 0, "d3cold_allowed is read");
	if (fd >= 0)
		close(fd);
	expect(r, 0, of_device(r, "d3cold_allowed"), "7",
	       "d3cold_allowed takes a number");
	check(r, reads(of_device(r, "d3cold_allowed"), "1\n"),
	      "d3cold_allowed is 0 or 1");
	expect(r, EINVAL, of_device(r, "d3cold_allowed"), "on",
	       "d3cold_allowed is a number");
	expect(r, 0, of_device(r, "d3cold_allowed"), old, "d3cold_allowed is put back");
	expect(r, EINVAL, of_device(r, "power/control"), "off",
	       "power/control is on or auto");
}

static void override(struct run *r)
{
	const char *path = of_device(r, "driver_override");
	char big[4096];

	memset(big, 'x', sizeof(big));
	check(r, reads(path, "(null)\n"), "driver_override reads (null)");
	expect(r, 0, path, "no-such-driver\n", "driver_override takes any name");
	check(r, reads(path, "no-such-driver\n"),
	      "driver_override reads what was written");
	check(r, put(path, "", 0) == 0 && reads(path, "no-such-driver\n"),
	      "a write of no bytes does nothing");
	expect(r, 0, path, "\n", "a newline clears driver_override");
	check(r, reads(path, "(null)\n"), "driver_override is clear");
	check(r, put(path, big, sizeof(big)) == EINVAL, "a whole page is too long");
	check(r, driven_by(r, r->driver), "driver_override does not unbind");
}

static void names(struct run *r)
{
	expect(r, ENODEV, BUS "/drivers_probe", "ffff:ff:1f.7",
	       "probe of an unknown name");
	expect(r, ENODEV, of_driver(r->driver, "unbind"), "ffff:ff:1f.7",
	       "unbind of an unknown name");
	expect(r, ENODEV, of_driver("vfio-pci", "unbind"), r->bdf,
	       "unbind by another driver");
	expect(r, ENODEV, of_driver("vfio-pci", "bind"), r->bdf, "bind without a match");
	expect(r, EBUSY, of_driver(r->driver, "bind"), r->bdf,
	       "bind of a bound function");
	expect(r, 0, BUS "/drivers_probe", r->bdf, "probe of a bound function");
}

static void hand_over(struct run *r)
{
	const char *path = of_device(r, "driver_override");
	struct stat st;

	expect(r, 0, path, "vfio-pci", "override");
	expect(r, EBUSY, of_driver("vfio-pci", "bind"), r->bdf, "bind before unbind");
	expect(r, 0, of_driver(r->driver, "unbind"), r->bdf, "unbind");
	check(r, driven_by(r, NULL), "the driver link is gone");
	expect(r, ENODEV, of_driver(r->driver, "unbind"), r->bdf, "unbind twice");
	expect(r, ENODEV, of_driver(r->driver, "bind"), r->bdf,
	       "bind against the override");
	path = of_device(r, "driver_override");
	expect(r, 0, path, "no-such-driver", "override with a name that is not there");
	expect(r, 0, BUS "/drivers_probe", r->bdf,
	       "probe succeeds when nothing is bound");
	check(r, driven_by(r, NULL), "nothing was bound");
	expect(r, 0, path, "vfio-pci\n", "override with a newline");
	expect(r, 0, BUS "/drivers_probe", r->bdf, "probe, by the override");
	check(r, driven_by(r, "vfio-pci"), "vfio-pci has it");
	check(r, stat(of_device(r, "vfio-dev"), &st) == 0, "vfio-dev is there");
}

static void give_back(struct run *r)
{
	const char *path = of_device(r, "driver_override");
	struct stat st;

	expect(r, 0, path, r->driver, "override, aimed back");
	expect(r, 0, of_device(r, "driver/unbind"), r->bdf, "unbind through the link");
	check(r, stat(of_device(r, "vfio-dev"), &st) < 0, "vfio-dev is gone");
	expect(r, 0, BUS "/drivers_probe", r->bdf, "probe");
	check(r, driven_by(r, r->driver), "its own driver has it");
	path = of_device(r, "driver_override");
	expect(r, 0, path, "\n", "clear");
	check(r, reads(path, "(null)\n") && driven_by(r, r->driver), "all is as before");
}

int main(int argc, char **argv)
{
	bool sriov = argc == 3 && strcmp(argv[1], "sriov") == 0;
	bool mdev = argc == 4 && strcmp(argv[1], "mdev") == 0;
	struct run r = { .bdf = argc > 1 ? argv[1 + sriov] : "" };
	char link[256] = "";

	if (!mdev && ((argc != 2 && !sriov) ||
		      readlink(of_device(&r, "driver"), link, sizeof(link) - 1) < 0)) {
		fprintf(stderr,
			"usage: behaviour [sriov] BDF of a function with a driver\n"
			"       behaviour mdev PARENT TYPE\n");
		return 2;
	}
	if (!mdev)
		snprintf(r.driver, sizeof(r.driver), "%s", strrchr(link, '/') + 1);
	if (sriov) {
		ask_sriov(&r);
	} else if (mdev) {
		ask_mdev(&r, argv[2], argv[3]);
	} else {
		files(&r);
		attributes(&r);
		override(&r);
		names(&r);
		hand_over(&r);
		give_back(&r);
	}
	printf("%s behaviour: %u of %u as expected\n", r.good == r.all ? "ok" : "not ok",
	       r.good, r.all);
	return r.good != r.all;
}

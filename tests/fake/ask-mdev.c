// SPDX-License-Identifier: GPL-2.0-or-later
/* ask-mdev.c - questions to a kernel, fake or real, about mediated devices */
#include "behaviour.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define UUID "0a1b2c3d-4e5f-4000-8000-0000000000" /* and two digits */

static char type_dir[256];

static const char *of_type(const char *name)
{
	static char path[512];

	snprintf(path, sizeof(path), "%s/%s", type_dir, name);
	return path;
}

static const char *of_mdev(const char *uuid, const char *name)
{
	static char path[512];

	snprintf(path, sizeof(path), "/sys/bus/mdev/devices/%s/%s", uuid, name);
	return path;
}

static int available(void)
{
	char text[32] = "";
	int fd = open(of_type("available_instances"), O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		close(fd);
	return n > 0 ? atoi(text) : -1;
}

static void wrong_names(struct run *r)
{
	const char *create = of_type("create");

	expect(r, EINVAL, create, UUID "0", "a digit too few");
	expect(r, EINVAL, create, UUID "000\n", "a digit too many");
	expect(r, EINVAL, create, UUID "0g", "a letter that is no digit");
	expect(r, EINVAL, create, "0a1b2c3d04e5f0400008000000000000000", "no dashes");
	check(r, open(create, O_RDONLY) < 0 && errno == EACCES, "create is not read");
}

static void make_one(struct run *r, const char *type)
{
	char link[256], in_type[64];
	int before = available();
	ssize_t n;

	expect(r, 0, of_type("create"), "0A1B2C3D-4E5F-4000-8000-000000000001\n",
	       "capital digits and a newline");
	n = readlink(of_mdev(UUID "01", "mdev_type"), link, sizeof(link) - 1);
	link[n > 0 ? n : 0] = '\0';
	check(r, n > 0 && strcmp(strrchr(link, '/') + 1, type) == 0,
	      "mdev_type is the type");
	snprintf(in_type, sizeof(in_type), "devices/%s", UUID "01");
	check(r, access(of_type(in_type), F_OK) == 0, "the type lists it");
	check(r, access(of_mdev(UUID "01", "vfio-dev"), F_OK) == 0, "it is VFIO's");
	check(r, access(of_mdev(UUID "01", "iommu_group"), F_OK) == 0, "it has a group");
	check(r, available() < before, "there is less room");
	expect(r, EEXIST, of_type("create"), UUID "01", "the same again");
}

static void remove_one(struct run *r)
{
	const char *path = of_mdev(UUID "01", "remove");

	check(r, open(path, O_RDONLY) < 0 && errno == EACCES, "remove is not read");
	expect(r, EINVAL, path, "yes", "remove wants a number");
	expect(r, 0, path, "0", "remove with 0 does nothing");
	check(r, access(path, F_OK) == 0, "it is still there");
	expect(r, 0, path, "1", "remove");
	check(r, access(of_mdev(UUID "01", "."), F_OK) < 0, "it is gone");
}

/* What a driver answers when it is full is its own: ENOSPC, or EUSERS of the core */
static void fill(struct run *r)
{
	int room = available(), made = 0, e = 0;
	char uuid[64];

	while (made < 100) {
		snprintf(uuid, sizeof(uuid), "%s%02d", UUID, made);
		e = put(of_type("create"), uuid, strlen(uuid));
		if (e)
			break;
		made++;
	}
	check(r, made == room, "as many as available_instances says");
	check(r, e == ENOSPC || e == EUSERS || made == 100, "then it is full");
	check(r, made == 100 || access(of_mdev(uuid, "."), F_OK) < 0,
	      "nothing is left of one that did not fit");
	while (made-- > 0) {
		snprintf(uuid, sizeof(uuid), "%s%02d", UUID, made);
		e = put(of_mdev(uuid, "remove"), "1", 1);
		if (e)
			check(r, false, "all are removed");
	}
	check(r, available() == room, "there is as much room as before");
}

void ask_mdev(struct run *r, const char *parent, const char *type)
{
	snprintf(type_dir, sizeof(type_dir),
		 "/sys/class/mdev_bus/%.64s/mdev_supported_types/%.64s", parent, type);
	check(r, available() > 0, "there is room for the type");
	wrong_names(r);
	make_one(r, type);
	remove_one(r);
	fill(r);
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* import-driverctl.c - functions on VFIO out of driverctl's folder */

#include "import-boot.h"

#include "file.h"
#include "import-device.h"
#include "text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

/* "0000:01:00.0", and "pci-0000:01:00.0" as newer releases have it */
static int read_name(const char *name, struct bdf *ret)
{
	return bdf_parse(strncmp(name, "pci-", 4) == 0 ? name + 4 : name, ret);
}

static int take_file(struct import_boot *b, int dir, const char *name)
{
	char driver[64];
	struct bdf bdf;
	ssize_t n = file_read(dir, name, driver, sizeof(driver));
	int r;

	if (n < 0)
		return import_boot_say(b, IMPORT_LEFT, name, "cannot be read: %s",
				       strerror((int)-n));
	driver[strcspn(driver, " \t\n")] = '\0';
	if (read_name(name, &bdf) < 0)
		return import_boot_say(b, IMPORT_LEFT, name,
				       "this is no PCI function; leave it to driverctl");
	if (!strstr(driver, "vfio"))
		return import_boot_say(b, IMPORT_LEFT, name,
				       "%s is no VFIO driver; leave it to driverctl",
				       *driver ? driver : "nothing");
	r = import_device_add(b, name, &bdf, true);
	if (r == 0 && strcmp(driver, "vfio-pci") != 0)
		r = import_boot_say(b, IMPORT_LOOK, name,
				    "it has %s; driver = auto chooses by itself", driver);
	return r
		       ?: import_boot_say(
				  b, IMPORT_SAID, name,
				  "when the INI files are in place: driverctl unset-override %s, so that one alone has it",
				  strncmp(name, "pci-", 4) == 0 ? name + 4 : name);
}

static int is_entry(const struct dirent *d)
{
	return *d->d_name != '.';
}

int import_driverctl(struct import_boot *b, int dir)
{
	struct dirent **list;
	int r = 0, n = scandirat(dir, ".", &list, is_entry, alphasort);

	if (n < 0)
		return -errno;
	b->all_early = true;
	for (int i = 0; i < n; i++) {
		if (r == 0)
			r = take_file(b, dir, list[i]->d_name);
		free(list[i]);
	}
	free(list);
	return r;
}

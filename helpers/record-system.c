// SPDX-License-Identifier: GPL-2.0-or-later
/* record-system.c - what is installed and enabled, as far as check asks: names, no content */

#include "record.h"

#include "file.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

#define HEAD_MAX 4096

/* that it is there is all that is asked */
static void record_presence(struct recording *r, const char *path)
{
	char target[PATH_LEN];

	if (file_link_name(r->h->root, path, target, sizeof(target)) == 0)
		record_link(r, "%s", path);
	else if (file_exists(r->h->root, path))
		record_text(r, path, "", 0);
}

/* its version is in its name */
static void record_libvirt(struct recording *r, const char *folder, const char *name)
{
	char path[PATH_LEN];

	if (strncmp(name, "libvirt.so.0.", 13) == 0 &&
	    text_format(path, sizeof(path), "%s/%s", folder, name) == 0)
		record_text(r, path, "", 0);
}

static void record_driverctl(struct recording *r, const char *folder, const char *name)
{
	record_file(r, "%s/%s", folder, name);
}

static void record_units(struct recording *r)
{
	static const char *const folders[] = { "etc", "usr/lib", "lib" };
	static const char *const units[] = {
		"virt-handoff-boot.service",
		"multi-user.target.wants/virt-handoff-boot.service",
		"nvidia-vgpud.service",
		"nvidia-vgpu-mgr.service",
	};
	char path[PATH_LEN];

	for (size_t i = 0; i < ARRAY_LEN(folders); i++)
		for (size_t k = 0; k < ARRAY_LEN(units); k++)
			if (text_format(path, sizeof(path), "%s/systemd/system/%s",
					folders[i], units[k]) == 0)
				record_presence(r, path);
}

/* the beginning says all: the vendor of the processor, how interrupts are routed */
static void record_head(struct recording *r, const char *path)
{
	size_t len;
	CLEANUP(free_ptr) char *text = record_read(r, path, &len);

	if (!text)
		return;
	if (len > HEAD_MAX) {
		text[HEAD_MAX] = '\0';
		*(strrchr(text, '\n') ?: text) = '\0';
	}
	record_text(r, path, text, strlen(text));
}

void record_system(struct recording *r)
{
	static const char *const libraries[] = { "usr/lib/x86_64-linux-gnu",
						 "usr/lib/aarch64-linux-gnu", "usr/lib64",
						 "usr/lib" };

	for (size_t i = 0; i < ARRAY_LEN(libraries); i++)
		record_each(r, libraries[i], record_libvirt);
	record_units(r);
	record_each(r, "etc/driverctl.d", record_driverctl);
	record_presence(r, "usr/sbin/virtqemud");
	record_presence(r, "usr/lib/nvidia/sriov-manage");
	record_head(r, "proc/cpuinfo");
	record_head(r, "proc/interrupts");
}

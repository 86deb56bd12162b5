// SPDX-License-Identifier: GPL-2.0-or-later
/* boot-check.c - a host for the importers of what is set up at boot, and their text */

#include "boot-check.h"

#include "fuzz.h"

#include "import-boot.h"
#include "import-check.h"

#include <stdlib.h>
#include <string.h>

#define A40  "sys/bus/pci/devices/0000:e8:00.0/"
#define RTX  "sys/bus/pci/devices/0000:41:00.0/"
#define TYPE "mdev_supported_types/nvidia-558/"

static const char domain[] =
	"<domain type='kvm'><name>train01</name>"
	"<uuid>9a1f0c9e-6f6c-4d5a-a1a5-3d1d6b5b2f11</uuid><devices>"
	"<hostdev mode='subsystem' type='pci' managed='yes'><source>"
	"<address domain='0' bus='0x41' slot='0' function='0'/></source></hostdev>"
	"<hostdev mode='subsystem' type='mdev' model='vfio-pci'><source>"
	"<address uuid='2f82ee72-3ac5-4615-9c0b-327c12e8c83d'/></source></hostdev>"
	"</devices></domain>\n";

static void file(int dir, const char *path, const char *text)
{
	fuzz_file(dir, path, text, strlen(text));
}

int boot_root(void)
{
	static int dir = -1;

	if (dir >= 0)
		return dir;
	dir = fuzz_folder();
	file(dir, A40 "class", "0x030200\n");
	file(dir, A40 "vendor", "0x10de\n");
	file(dir, A40 "device", "0x2235\n");
	file(dir, A40 "sriov_totalvfs", "32\n");
	file(dir, A40 TYPE "name", "NVIDIA A40-24A\n");
	file(dir, RTX "class", "0x030000\n");
	file(dir, RTX "vendor", "0x10de\n");
	file(dir, RTX "device", "0x2684\n");
	file(dir, RTX "boot_vga", "1\n");
	file(dir, "etc/libvirt/qemu/train01.xml", domain);
	return dir;
}

static struct host host;

void boot_begin(struct import_boot *b)
{
	host = (struct host){ .root = boot_root(), .run = -1 };
	fuzz_must(import_boot_open(b, &host) == 0);
}

void boot_end(struct import_boot *b)
{
	char *text = NULL;
	size_t len;
	FILE *f = fuzz_stream(&text, &len);

	for (size_t i = 0; i < b->n_said; i++)
		fuzz_sentence(b->said[i].text);
	fuzz_must(import_boot_write(b, f) == 0);
	fclose(f);
	import_check(text);
	free(text);
	import_boot_free(b);
}

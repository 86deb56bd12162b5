// SPDX-License-Identifier: GPL-2.0-or-later
/* guest-device.c - what a domain XML says below <devices> */

#include "guest-reader.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* As libvirt reads it, by strtoul() of base 0: 0x is hexadecimal, 0 in front is octal. */
static uint64_t address_part(struct guest_reader *r, const char **attrs, const char *name,
			     uint64_t max)
{
	const char *s = guest_attr(attrs, name);
	unsigned long long n;
	char *end;

	if (!s)
		return 0;
	errno = 0;
	n = strtoull(s, &end, 0);
	if (isdigit((unsigned char)*s) && !*end && !errno && n <= max)
		return n;
	guest_refuse(r, -EINVAL,
		     "%s='%.64s' of a PCI address is not a number up to 0x%llx", name, s,
		     (unsigned long long)max);
	return 0;
}

static void pci_address(struct guest_reader *r, const char **attrs)
{
	r->hostdev.bdf = (struct bdf){
		.domain = address_part(r, attrs, "domain", 0xffffff),
		.bus = address_part(r, attrs, "bus", 0xff),
		.slot = address_part(r, attrs, "slot", 0x1f),
		.function = address_part(r, attrs, "function", 7),
	};
}

static void source_address(struct guest_reader *r, const char **attrs)
{
	bool other = guest_attr(attrs, "type") && !guest_attr_is(attrs, "type", "pci");

	/* a <hostdev> has said its type; an <interface> says it here: USB perhaps */
	if (r->hostdev.interface && other)
		r->type = GUEST_DEVICE_OTHER;
	if (r->type == GUEST_DEVICE_OTHER)
		return;
	if (r->addressed) {
		guest_refuse(r, -EINVAL,
			     "a host device has two addresses in its <source>");
		return;
	}
	r->addressed = true;
	if (r->type == GUEST_DEVICE_PCI)
		pci_address(r, attrs);
	else
		guest_keep_uuid(r, guest_attr(attrs, "uuid") ?: "", r->mdev.uuid);
}

static void hostdev_driver(struct guest_reader *r, const char **attrs)
{
	if (r->type != GUEST_DEVICE_PCI)
		return;
	guest_keep_attr(r, attrs, "name", r->hostdev.driver, sizeof(r->hostdev.driver));
	guest_keep_attr(r, attrs, "model", r->hostdev.model, sizeof(r->hostdev.model));
}

static void device_start(struct guest_reader *r, const char **attrs,
			 enum guest_device_type type, bool interface)
{
	r->type = type;
	r->addressed = false;
	r->mdev = (struct guest_mdev){ 0 };
	r->hostdev = (struct guest_hostdev){
		.interface = interface,
		.managed = guest_attr_is(attrs, "managed", "yes"),
	};
}

static void hostdev_start(struct guest_reader *r, const char **attrs)
{
	const char *mode = guest_attr(attrs, "mode");
	bool subsystem = !mode || !strcmp(mode, "subsystem");
	enum guest_device_type type = GUEST_DEVICE_OTHER;

	if (subsystem && guest_attr_is(attrs, "type", "pci"))
		type = GUEST_DEVICE_PCI;
	else if (subsystem && guest_attr_is(attrs, "type", "mdev"))
		type = GUEST_DEVICE_MDEV;
	device_start(r, attrs, type, false);
	if (type == GUEST_DEVICE_MDEV)
		guest_keep_attr(r, attrs, "model", r->mdev.model, sizeof(r->mdev.model));
}

static void add_pci(struct guest_reader *r)
{
	char bdf[BDF_LEN];

	for (size_t i = 0; i < r->g.n_hostdevs; i++) {
		if (!bdf_equal(&r->g.hostdevs[i].bdf, &r->hostdev.bdf))
			continue;
		bdf_format(&r->hostdev.bdf, bdf);
		guest_refuse(r, -EINVAL,
			     "%s is given to the domain twice; remove one of the two",
			     bdf);
		return;
	}
	GUEST_ADD(r, hostdevs, r->hostdev, GUEST_HOSTDEVS_MAX, "PCI host devices");
}

static void add_mdev(struct guest_reader *r)
{
	for (size_t i = 0; i < r->g.n_mdevs; i++) {
		if (strcmp(r->g.mdevs[i].uuid, r->mdev.uuid))
			continue;
		guest_refuse(r, -EINVAL, "mediated device %s is given to the domain twice; remove one of the two",
			     r->mdev.uuid);
		return;
	}
	GUEST_ADD(r, mdevs, r->mdev, GUEST_MDEVS_MAX, "mediated devices");
}

static void hostdev_end(struct guest_reader *r)
{
	if (r->type == GUEST_DEVICE_OTHER)
		return;
	if (!r->addressed)
		guest_refuse(r, -EINVAL,
			     "a host device has no <address> in its <source>");
	else if (r->type == GUEST_DEVICE_PCI)
		add_pci(r);
	else
		add_mdev(r);
}

/*
 * Only an NVMe disk has a source of this type. Its <disk> does not matter, and may be a
 * <backingStore>: libvirt binds those of the whole chain.
 * Source: libvirt src/hypervisor/virhostdev.c, virHostdevGetNVMeDeviceList()
 */
static void disk_source(struct guest_reader *r, const char **attrs)
{
	bool pci = guest_attr_is(attrs, "type", "pci");

	device_start(r, attrs, pci ? GUEST_DEVICE_PCI : GUEST_DEVICE_OTHER, false);
}

/* what follows may be the source that it stands in */
static void disk_source_end(struct guest_reader *r)
{
	r->type = GUEST_DEVICE_OTHER;
}

/* one controller may be several disks, by its namespaces */
static void disk_address(struct guest_reader *r, const char **attrs)
{
	struct guest_disk disk;

	if (r->type != GUEST_DEVICE_PCI)
		return;
	pci_address(r, attrs);
	disk = (struct guest_disk){ r->hostdev.bdf, r->hostdev.managed };
	for (size_t i = 0; i < r->g.n_disks; i++) {
		if (!bdf_equal(&r->g.disks[i].bdf, &disk.bdf))
			continue;
		r->g.disks[i].managed |= disk.managed;
		return;
	}
	GUEST_ADD(r, disks, disk, GUEST_DISKS_MAX, "NVMe disks");
}

static void interface_start(struct guest_reader *r, const char **attrs)
{
	bool pci = guest_attr_is(attrs, "type", "hostdev");

	device_start(r, attrs, pci ? GUEST_DEVICE_PCI : GUEST_DEVICE_OTHER, true);
	r->nic = (struct guest_nic){ 0 };
	guest_keep_attr(r, attrs, "type", r->nic.type, sizeof(r->nic.type));
}

static void interface_mac(struct guest_reader *r, const char **attrs)
{
	static const char form[] = "xx:xx:xx:xx:xx:xx";
	const char *s = guest_attr(attrs, "address") ?: "";
	bool good = strlen(s) == sizeof(form) - 1;

	for (size_t i = 0; good && form[i]; i++) {
		good = form[i] == ':' ? s[i] == ':' : isxdigit((unsigned char)s[i]);
		r->nic.mac[i] = (char)tolower((unsigned char)s[i]);
	}
	if (!good)
		guest_refuse(r, -EINVAL, "'%.64s' is not a MAC address", s);
}

static void interface_source(struct guest_reader *r, const char **attrs)
{
	guest_keep_attr(r, attrs, "network", r->nic.network, sizeof(r->nic.network));
	guest_keep_attr(r, attrs, "bridge", r->nic.bridge, sizeof(r->nic.bridge));
}

static void interface_end(struct guest_reader *r)
{
	GUEST_ADD(r, nics, r->nic, GUEST_NICS_MAX, "network interfaces");
	hostdev_end(r);
}

static void filesystem_start(struct guest_reader *r, const char **attrs)
{
	(void)attrs;
	r->fs = (struct guest_filesystem){ 0 };
}

static void filesystem_driver(struct guest_reader *r, const char **attrs)
{
	guest_keep_attr(r, attrs, "type", r->fs.driver, sizeof(r->fs.driver));
}

static void filesystem_source(struct guest_reader *r, const char **attrs)
{
	guest_keep_attr(r, attrs, "dir", r->fs.source, sizeof(r->fs.source));
}

static void filesystem_target(struct guest_reader *r, const char **attrs)
{
	guest_keep_attr(r, attrs, "dir", r->fs.target, sizeof(r->fs.target));
}

static void filesystem_end(struct guest_reader *r)
{
	GUEST_ADD(r, filesystems, r->fs, GUEST_FILESYSTEMS_MAX, "file systems");
}

/* clang-format off */
static const struct guest_element elements[] = {
	{ GUEST_DEVICES, "hostdev", GUEST_HOSTDEV, hostdev_start, hostdev_end, false },
	{ GUEST_HOSTDEV, "driver", GUEST_LEAF, hostdev_driver, NULL, false },
	{ GUEST_HOSTDEV, "source", GUEST_HOSTDEV_SOURCE, NULL, NULL, false },
	{ GUEST_HOSTDEV_SOURCE, "address", GUEST_LEAF, source_address, NULL, false },

	{ GUEST_DEVICES, "disk", GUEST_DISK, NULL, NULL, false },
	{ GUEST_DISK, "backingStore", GUEST_DISK, NULL, NULL, false },
	{ GUEST_DISK, "mirror", GUEST_DISK, NULL, NULL, false },
	{ GUEST_DISK, "source", GUEST_DISK_SOURCE, disk_source, disk_source_end, false },
	{ GUEST_DISK_SOURCE, "address", GUEST_LEAF, disk_address, NULL, false },
	{ GUEST_DISK_SOURCE, "dataStore", GUEST_DISK, NULL, NULL, false },

	{ GUEST_DEVICES, "interface", GUEST_INTERFACE, interface_start, interface_end,
	  false },
	{ GUEST_INTERFACE, "driver", GUEST_LEAF, hostdev_driver, NULL, false },
	{ GUEST_INTERFACE, "mac", GUEST_LEAF, interface_mac, NULL, false },
	{ GUEST_INTERFACE, "source", GUEST_INTERFACE_SOURCE, interface_source, NULL, false },
	{ GUEST_INTERFACE_SOURCE, "address", GUEST_LEAF, source_address, NULL, false },

	{ GUEST_DEVICES, "filesystem", GUEST_FILESYSTEM, filesystem_start,
	  filesystem_end, false },
	{ GUEST_FILESYSTEM, "driver", GUEST_LEAF, filesystem_driver, NULL, false },
	{ GUEST_FILESYSTEM, "source", GUEST_LEAF, filesystem_source, NULL, false },
	{ GUEST_FILESYSTEM, "target", GUEST_LEAF, filesystem_target, NULL, false },
};
/* clang-format on */

const struct guest_elements guest_device_elements = { elements, ARRAY_LEN(elements) };

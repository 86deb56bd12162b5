/* SPDX-License-Identifier: GPL-2.0-or-later */
/* guest.h - what a libvirt domain XML says about devices, networks and memory */
#pragma once

#include "base.h"
#include "bdf.h"
#include "text.h"

#include <stdbool.h>

/* Bounds: what is above them is refused, not cut. libvirt's largest test has 200 kB. */
#define GUEST_XML_MAX         (4u << 20)
#define GUEST_DEPTH_MAX       64
#define GUEST_HOSTDEVS_MAX    256
#define GUEST_DISKS_MAX       256
#define GUEST_MDEVS_MAX       64
#define GUEST_NICS_MAX        64
#define GUEST_PINS_MAX        4096
#define GUEST_FILESYSTEMS_MAX 64

#define GUEST_WORD_LEN   64
#define GUEST_CPUSET_LEN 1024 /* every second CPU of 512 has 969 */
#define GUEST_PATH_LEN   4096 /* PATH_MAX */

/**
 * struct guest_hostdev - A host PCI function that the domain is given
 * @bdf:       Which
 * @managed:   managed='yes': libvirt binds VFIO itself when it is not there
 * @interface: From <interface type='hostdev'>, a network port, not from <hostdev>
 * @driver:    <driver name=>, "" when absent ("vfio" says nothing since libvirt 1.1)
 * @model:     <driver model=>, name of the VFIO driver to use (libvirt >= 10.0), ""
 *             when absent
 */
struct guest_hostdev {
	struct bdf bdf;
	bool managed;
	bool interface;
	char driver[GUEST_WORD_LEN];
	char model[GUEST_WORD_LEN];
};

/**
 * struct guest_disk - A host PCI function that is a disk of the domain, <disk type='nvme'>
 * @bdf:       Which
 * @managed:   managed='yes': libvirt binds VFIO itself
 */
struct guest_disk {
	struct bdf bdf;
	bool managed;
};

/**
 * struct guest_mdev - A mediated device that the domain is given
 * @uuid:      Of the mediated device
 * @model:     "vfio-pci", "vfio-ccw", "vfio-ap"
 */
struct guest_mdev {
	char uuid[UUID_LEN];
	char model[GUEST_WORD_LEN];
};

/**
 * struct guest_nic - A network interface of the domain
 * @type:      "network", "bridge", "direct", "user", ...
 * @mac:       "52:54:00:..", lower case, "" when absent
 * @network:   <source network=>, "" when absent
 * @bridge:    <source bridge=>, "" when absent
 */
struct guest_nic {
	char type[GUEST_WORD_LEN];
	char mac[18];
	char network[NAME_LEN];
	char bridge[GUEST_WORD_LEN];
};

/**
 * struct guest_pin - <vcpupin>
 * @vcpu:      Which virtual CPU
 * @cpuset:    As written, "2-5,^3"
 */
struct guest_pin {
	unsigned int vcpu;
	char cpuset[GUEST_CPUSET_LEN];
};

/**
 * struct guest_filesystem - <filesystem>
 * @driver:    "virtiofs", "path", ...; "" when absent
 * @source:    <source dir=>, "" when absent
 * @target:    <target dir=>, "" when absent
 */
struct guest_filesystem {
	char driver[GUEST_WORD_LEN];
	char source[GUEST_PATH_LEN];
	char target[NAME_LEN];
};

/**
 * struct guest - One domain
 * @name:       <name>
 * @uuid:       <uuid>, lower case
 * @machine:    <os><type machine=>, "pc-q35-7.2", "" when absent
 * @vcpus:      <vcpu>, 0 when absent
 * @cpuset:     <vcpu cpuset=>, as written, for vCPUs without <vcpupin>; "" when absent
 * @memory_kib: <memory>, KiB, 0 when absent
 * @hostdevs:   Owned, @n_hostdevs of them; in the order of the XML, no address twice
 * @disks:      Owned, @n_disks; no address twice. Disks below others (<backingStore>) too
 * @mdevs:      Owned, @n_mdevs
 * @nics:       Owned, @n_nics
 * @pins:       Owned, @n_pins
 * @filesystems: Owned, @n_filesystems
 * @numatune_mode:    <numatune><memory mode=>, "" when absent
 * @numatune_nodeset: <numatune><memory nodeset=>, "" when absent
 * @hugepages:  <memoryBacking><hugepages>
 * @hugepage_kib: <page size=>, KiB, of the first one; 0: the host's default
 * @memory_source: <memoryBacking><source type=>, "memfd", ...; "" when absent
 * @shared_memory: <memoryBacking><access mode='shared'>, or a <cell> of <numa> says so
 * @kvm_hidden: <features><kvm><hidden state='on'>
 * @x_vga:      <qemu:commandline> or <qemu:override> makes a card the VM's primary one
 * @other_uuid: <qemu:commandline> gives QEMU a UUID, whichever it is
 */
struct guest {
	char name[NAME_LEN];
	char uuid[UUID_LEN];
	char machine[GUEST_WORD_LEN];
	unsigned int vcpus;
	char cpuset[GUEST_CPUSET_LEN];
	unsigned long long memory_kib;

	struct guest_hostdev *hostdevs;
	struct guest_disk *disks;
	struct guest_mdev *mdevs;
	struct guest_nic *nics;
	struct guest_pin *pins;
	struct guest_filesystem *filesystems;
	size_t n_hostdevs, n_disks, n_mdevs, n_nics, n_pins, n_filesystems;

	char numatune_mode[GUEST_WORD_LEN];
	char numatune_nodeset[GUEST_CPUSET_LEN];
	bool hugepages;
	unsigned long long hugepage_kib;
	char memory_source[GUEST_WORD_LEN];
	bool shared_memory;

	bool kvm_hidden;
	bool x_vga;
	bool other_uuid;
};

/**
 * guest_parse() - Read a domain XML
 * @xml:     Bytes
 * @len:     How many, at most GUEST_XML_MAX
 * @g:       Filled; owned by the caller, guest_free(). Untouched on failure
 * @ret_why: One sentence on failure
 *
 * A DTD, an entity, more than GUEST_DEPTH_MAX levels or a list above its bound is
 * refused. Unknown elements are passed over. <name> and <uuid> must be there.
 *
 * Return:   0, -EINVAL not a domain XML that we accept, -E2BIG a bound, -ENOMEM
 * Source:   libvirt docs/formatdomain.rst
 */
int guest_parse(const char *xml, size_t len, struct guest *g,
		char ret_why[static WHY_LEN]) MUST_CHECK;

/**
 * guest_parse_name() - Read no more of a domain XML than its <name> and <uuid>
 *
 * libvirt writes them first. What stands behind them is not looked at, and may be wrong.
 *
 * Return:   As guest_parse(); @g has name and UUID alone
 */
int guest_parse_name(const char *xml, size_t len, struct guest *g,
		     char ret_why[static WHY_LEN]) MUST_CHECK;

/**
 * guest_typed() - text_typed() of a domain
 */
const char *guest_typed(const struct guest *g);

void guest_free(struct guest *g);

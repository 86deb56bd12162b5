/* SPDX-License-Identifier: GPL-2.0-or-later */
/* import-boot.h - GPUs and vGPUs that somebody sets up at boot today, and what is said of the rest */
#pragma once

#include "base.h"
#include "bdf.h"
#include "conf.h"
#include "host.h"
#include "import.h"
#include "vgpu.h"

#include <stdbool.h>
#include <stdio.h>

#define IMPORT_VGPUS_MAX   1024
#define IMPORT_SAID_MAX    4096 /* each is compared with all others */
#define IMPORT_DEVICES_MAX CONF_ALSO_MAX

/**
 * struct import_gpu - A card that is cut at boot
 * @bdf:     Physical function
 * @vfs:     As in struct conf_gpu, and @n_vfs
 * @free_vfs: The host's drivers shall not take them
 * @mig_line: Line that switches MIG on, 0: none
 * @mig:     GPU instance profiles, blank-separated
 * @mixed:   Mixed sizes
 */
struct import_gpu {
	struct bdf bdf;
	enum conf_vfs vfs;
	unsigned int n_vfs;
	bool free_vfs;
	unsigned int mig_line;
	char mig[CONF_MIG_LEN];
	bool mixed;
};

/**
 * struct import_vgpu - A vGPU that is made at boot, or can be
 * @uuid:    Of the mediated device, "" for a virtual function that has the type itself
 * @parent:  Device on which it is made
 * @type:    Id of the type, as written
 * @at_boot: Otherwise when somebody wants it
 */
struct import_vgpu {
	char uuid[UUID_LEN];
	char parent[VGPU_DEVICE_LEN];
	char type[VGPU_ID_LEN];
	bool at_boot;
};

/**
 * struct import_device - A PCI function that is put on VFIO
 * @taken:   Otherwise it is only taken from its driver
 * @where:   Owned. The first line that says so
 */
struct import_device {
	struct bdf bdf;
	bool taken;
	char *where;
};

/**
 * struct import_word - A unit that is stopped for that, or a module that is unloaded
 * @where:   Owned
 */
struct import_word {
	bool module;
	char name[CONF_NAME_LEN];
	char *where;
};

/**
 * struct import_said - What is said of a line, or of a file
 * @text:    Owned
 */
struct import_said {
	enum import_kind kind;
	char *text;
};

/**
 * struct import_boot - What was found
 * @h:       Borrowed. Host that is looked at for names of types and for cards
 * @v:       Its cards; owned
 * @gpu:     @n_gpus, in the order of the text
 * @vgpu:    Owned, @n_vgpus
 * @device:  @n_devices
 * @word:    @n_words
 * @primary: The host's console is taken from its card; that is for a VM alone
 * @all_early: All of them are on VFIO from the boot on, also those of VMs
 * @said:    Owned, @n_said
 */
struct import_boot {
	const struct host *h;
	struct vgpus v;
	struct import_gpu gpu[GPUS_MAX];
	size_t n_gpus;
	struct import_vgpu *vgpu;
	size_t n_vgpus;
	struct import_device device[IMPORT_DEVICES_MAX];
	size_t n_devices;
	struct import_word word[32];
	size_t n_words;
	bool primary, all_early;
	struct import_said *said;
	size_t n_said;
};

/**
 * import_boot_open() - Begin: look at the cards of a host
 *
 * Return:   0 or -errno; @b is for import_boot_free() in both cases
 */
int import_boot_open(struct import_boot *b, struct host *h) MUST_CHECK;

void import_boot_free(struct import_boot *b);

/**
 * import_rc_local() - Read the commands of an rc.local, a script or notes
 * @text:    Bytes, @len of them. Nothing is run
 *
 * Taken are writes to sriov_numvfs, sriov_drivers_autoprobe, mdev_supported_types and
 * current_vgpu_type, and calls of sriov-manage, nvidia-smi and mdevctl; what puts PCI
 * functions on VFIO: driver_override, bind, driverctl, virsh nodedev-detach, and with it
 * units that are stopped and modules that are unloaded. Of every other command something
 * is said, with its line.
 *
 * Return:   0 or -ENOMEM
 */
int import_rc_local(struct import_boot *b, const char *text, size_t len) MUST_CHECK;

/**
 * import_mdevctl() - Read mdevctl's folder: PARENT/UUID, each a JSON file
 * @dir:     Descriptor of it
 *
 * Return:   0, -ENOMEM, or -errno
 */
int import_mdevctl(struct import_boot *b, int dir) MUST_CHECK;

/**
 * import_driverctl() - Read driverctl's folder: ADDRESS or pci-ADDRESS, each the name of a
 * driver
 * @dir:     Descriptor of it
 *
 * What is on VFIO there goes there at boot, as today.
 *
 * Return:   0, -ENOMEM, or -errno
 * Source:   driverctl(8), FILES
 */
int import_driverctl(struct import_boot *b, int dir) MUST_CHECK;

/**
 * import_devices_end() - Say what is not taken of the functions, now that all is known; for
 * who has called import_driverctl()
 *
 * Return:   0 or -ENOMEM
 */
int import_devices_end(struct import_boot *b) MUST_CHECK;

/**
 * import_boot_write() - Write host.ini, a block for each VM, then what is said
 *
 * To which VM a vGPU belongs, and what its type is called, is looked up on the host.
 *
 * Return:   0 or -ENOMEM; errors of @out are its own
 */
int import_boot_write(const struct import_boot *b, FILE *out) MUST_CHECK;

/**
 * import_boot_look() - Whether a person has to look: something was left out or taken in part
 */
bool import_boot_look(const struct import_boot *b);

/*
 * For those that read: what they find. 0, or -ENOMEM; what is too much is said, and of
 * IMPORT_SAID_MAX sentences the last one is that there are more.
 */
int import_boot_say(struct import_boot *b, enum import_kind kind, const char *where,
		    const char *format, ...) PRINTF(4, 5) MUST_CHECK;
int import_boot_vgpu(struct import_boot *b, const char *where,
		     const struct import_vgpu *v) MUST_CHECK;

/**
 * import_boot_gpu() - The card at an address; one that is not there yet is added
 *
 * Return:   Borrowed, NULL: there are too many
 */
struct import_gpu *import_boot_gpu(struct import_boot *b, const struct bdf *bdf);

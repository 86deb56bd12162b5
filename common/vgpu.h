/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vgpu.h - a read-only snapshot of what can be cut into vGPUs, and of the vGPUs there are */
#pragma once

#include "base.h"
#include "bdf.h"
#include "host.h"
#include "text.h"

#include <stdbool.h>

#define VGPU_DEVICE_LEN HOST_DEVICE_LEN
#define VGPU_ID_LEN     32 /* "nvidia-558", "i915-GVTg_V5_4", "558" */
#define VGPU_TYPE_LEN   64 /* "NVIDIA A40-24A" */
#define VGPU_DRIVER_LEN 64

/*
 * Theory of operation
 *
 * Three frameworks make vGPUs, and which one a card has depends on the driver and on the
 * kernel, so it is looked up at run time:
 *
 *	mdev	DEVICE/mdev_supported_types/ID/{create,name,...}; DEVICE is the card itself
 *		(NVIDIA up to Turing, Intel GVT-g, the kernel's samples) or each of its
 *		virtual functions (NVIDIA since Ampere, one mediated device each)
 *	vendor	VF/nvidia/{creatable_vgpu_types,current_vgpu_type}: NVIDIA since vGPU 17 on
 *		kernels since 6.8; the virtual function itself is the vGPU
 *	vf	a virtual function without types: Intel xe and i915, AMD gim
 *
 * A card is the physical function, or the device that is no PCI function; its parents are
 * the devices on which vGPUs are made: itself, or its virtual functions. They are named
 * by card and index, because addresses of virtual functions may change.
 *
 * Source: Linux Documentation/ABI/testing/sysfs-bus-vfio-mdev, sysfs-bus-pci
 */
enum vgpu_framework { VGPU_NONE, VGPU_MDEV, VGPU_VENDOR, VGPU_VF };

/**
 * struct vgpu_type - A type of vGPU that a card offers
 * @id:      As written to the kernel: name of the folder (mdev), number (vendor)
 * @name:    As the driver gives it, "" when it gives none
 * @size_mib: Framebuffer, MiB, 0 not known
 * @max:     How many of it one card has at most, 0 not known
 */
struct vgpu_type {
	char id[VGPU_ID_LEN];
	char name[VGPU_TYPE_LEN];
	unsigned int size_mib;
	unsigned int max;
};

/**
 * struct vgpu_card - A physical function, or another device that has types of mdev
 * @name:    Of the device in sysfs
 * @pci:     It is a PCI function
 * @bdf:     Its address, when @pci
 * @id:      vendor:device, when @pci
 * @driver:  Name, "" when none has it
 * @total_vfs: sriov_totalvfs, 0 when it cannot have any
 * @n_vfs:   Virtual functions there are now, counted by their links
 * @silent:  Its driver does not answer: what it offers is not known
 * @vm:      Set by wishes_place(): the VM whose ledger has the card whole, "" for none. It may
 *           still be on its driver: the VM is being started
 * @type:    Owned, @n_types. Types that it or one of its virtual functions offers now, or
 *           that a vGPU of it has
 */
struct vgpu_card {
	char name[VGPU_DEVICE_LEN];
	bool pci;
	struct bdf bdf;
	struct id_pair id;
	char driver[VGPU_DRIVER_LEN];
	unsigned int total_vfs, n_vfs;
	bool silent;
	char vm[NAME_LEN];
	struct vgpu_type *type;
	size_t n_types;
};

/**
 * struct vgpu_offer - How many of a type can be made on a parent now
 * @type:    Index in the card's types
 * @n:       available_instances; vendor: 1, when the type is creatable
 */
struct vgpu_offer {
	size_t type;
	unsigned int n;
};

/**
 * struct vgpu_parent - A device on which vGPUs are made
 * @name:    Of the device in sysfs
 * @card:    Index of its card
 * @index:   Number of the virtual function, as in virtfnN; -1: it is the card itself
 * @framework: How
 * @driver:  Of the function, "" when none has it
 * @current: vendor: id of the type that it has, "" when none
 * @offer:   Owned, @n_offers; only types that were asked about
 */
struct vgpu_parent {
	char name[VGPU_DEVICE_LEN];
	size_t card;
	int index;
	enum vgpu_framework framework;
	char driver[VGPU_DRIVER_LEN];
	char current[VGPU_ID_LEN];
	struct vgpu_offer *offer;
	size_t n_offers;
};

/**
 * struct vgpu_mdev - A mediated device that is there
 * @uuid:    Its name
 * @parent:  Index of its parent
 * @type:    Index in the card's types
 */
struct vgpu_mdev {
	char uuid[UUID_LEN];
	size_t parent;
	size_t type;
};

/**
 * struct vgpus - What is known of a host
 * @card:    Owned, @n_cards, sorted by name
 * @parent:  Owned, @n_parents, by card, then by index
 * @mdev:    Owned, @n_mdevs, sorted by UUID
 */
struct vgpus {
	struct vgpu_card *card;
	struct vgpu_parent *parent;
	struct vgpu_mdev *mdev;
	size_t n_cards, n_parents, n_mdevs;
};

/**
 * vgpus_read() - Look at all cards of a host
 * @h:       Host
 * @types:   Types to look for, as a person writes them, @n of them; NULL: all. What a
 *           driver answers about one type may take it milliseconds, and a card has forty
 *           types on each of 32 functions
 * @ret:     Filled; owned by the caller, vgpus_free()
 *
 * Nothing is written, and no attribute is read that takes a device lock. A function that
 * goes away meanwhile is left out. What drivers answer themselves is read by the host's
 * worker; one that takes longer than six seconds, or than the host's deadline, is not asked
 * any more, its card is @silent, and host_note_silent() tells the next.
 *
 * Return:   0, -ENOMEM, or -errno
 */
int vgpus_read(struct host *h, const char *const *types, size_t n,
	       struct vgpus *ret) MUST_CHECK;

/**
 * vgpus_read_card() - Look at one card, and not at its types
 * @name:    Of its device in sysfs
 * @ret:     Filled: the card and its parents, or nothing when it is none
 *
 * Return:   As vgpus_read()
 */
int vgpus_read_card(struct host *h, const char *name, struct vgpus *ret) MUST_CHECK;

void vgpus_free(struct vgpus *v);

/**
 * vgpus_card() - A card by the name of its device
 *
 * Return:   Borrowed, or NULL
 */
const struct vgpu_card *vgpus_card(const struct vgpus *v, const char *name);

/**
 * vgpus_parent() - A parent by the name of its device
 *
 * Return:   Borrowed, or NULL
 */
const struct vgpu_parent *vgpus_parent(const struct vgpus *v, const char *name);

/**
 * vgpus_mdev() - A mediated device by its UUID
 *
 * Return:   Borrowed, or NULL
 */
const struct vgpu_mdev *vgpus_mdev(const struct vgpus *v, const char *uuid);

/**
 * vgpu_type_fits() - Whether a person means this type
 * @asked:   "NVIDIA A40-24A", "A40-24A", "GRID P40-2B", "nvidia-558", "558",
 *           "i915-GVTg_V5_4"
 *
 * The name that the driver gives, with or without NVIDIA or GRID in front on either side;
 * or the id; or the number at the end of "nvidia-558" and "vfio-pci-558".
 */
bool vgpu_type_fits(const struct vgpu_type *t, const char *asked);

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cards.h - cards of the fake kernel that can be cut: SR-IOV, mdev, NVIDIA's vendor files */
#pragma once

#include "kernel.h"

/*
 * What is faked, and after what
 *
 *  - drivers/pci/iov.c of Linux 6.1: sriov_totalvfs, sriov_numvfs, sriov_drivers_autoprobe
 *    of a function that the machine gives a sriov_totalvfs. sriov_numvfs answers EINVAL to
 *    what is no number, ERANGE above the total, ENOENT when the driver has no
 *    sriov_configure() (NVIDIA's) or there is none, EBUSY from one number to another. The
 *    functions appear beside the card with virtfnN and physfn, a group of their own, and
 *    are probed at once; without autoprobe no driver gets one but by an override. They stay
 *    when the driver is unbound. Their addresses follow sriov_offset and sriov_stride, 4
 *    and 1 where the machine has none.
 *  - drivers/vfio/mdev of Linux 6.1: mdev_supported_types/PREFIX-ID on a card or on each of
 *    its virtual functions, sys/class/mdev_bus, sys/bus/mdev/devices. create answers EINVAL
 *    to what is no UUID, EEXIST to one that there is anywhere on the host, and what the
 *    driver says when it is full. The device is there from the beginning of a creation,
 *    its mdev_type when it is made. remove takes itself away at once, and then waits for as
 *    long as a VM has the device open.
 *  - NVIDIA's files below VF/nvidia, after descriptions and reports, not after its source:
 *    creatable_vgpu_types (a header line, then "ID : NAME"; it shrinks as the card fills),
 *    current_vgpu_type (0: none; EINVAL no such type; EBUSY over another one, or 0 as long
 *    as the driver has not let go; EIO when full), placement_id and gpu_instance_id (ENXIO
 *    without a type), vgpu_params. Its unbindLock below proc/driver/nvidia/gpus reads 1
 *    after 1 was written, unless a VM has a vGPU of the card.
 *  - All vGPUs of one card have the same framebuffer size, unless mixed sizes are on. They
 *    are made one after another; other cards do not wait.
 *  - When the card is taken from its driver, its types, vGPUs, MIG instances and mixed
 *    sizes go with it; its virtual functions, their driver and MIG mode stay.
 *
 * In MIG mode a type whose name ends in -N-MC has as much room as there are instances Ng.,
 * and others have none.
 *
 * What is not faked: how MIG instances lie in memory, compute instances, what a guest does.
 *
 * Lines of a machine, after kernel.h:
 *
 *	types SET how=pf|vf|vendor [driver=D] [ids=ID,...] [at=PATH] [prefix=P]
 *	          [full=ERRNO] [memory=MIB] [sizes=any] [mig=yes]
 *	type SET ID SIZE MAX NAME...
 *
 * SET is offered by functions that driver D has and one of the IDs matches: by the card
 * (pf) or by its virtual functions (vf, vendor), while D has the card too; or by the device
 * at PATH (sys/devices/virtual/mbochs/mbochs), which is no PCI function. A folder of a type
 * is PREFIX-ID, D-ID by default. SIZE is MiB of framebuffer, MAX how many a card has at
 * most; a card also has no more than MIB in all.
 *
 * Commands, written to ctl/control:
 *
 *	make CARD MS		each creation takes so long; 0: until release CARD
 *	register CARD MS	types appear so long after the driver was bound
 *	linger CARD MS		the driver lets go of a vGPU so long after the VM; 0: the same
 *	hold NAME, let-go NAME	a VM has it open; a UUID or a function
 *	mig CARD on|off, instances CARD NAME,...|none, mixed CARD on|off: for nvidia-smi
 */

enum how { HOW_PF, HOW_VF, HOW_VENDOR };

/**
 * struct type - a type of vGPU
 * @id:    Number or word
 * @size:  MiB of framebuffer, 0 not known
 * @max:   How many of it a card has at most
 * @name:  Borrowed
 */
struct type {
	struct type *next;
	char id[32];
	unsigned int size;
	unsigned int max;
	const char *name;
};

/**
 * struct set - the types that a sort of card offers, as in the machine
 * @any_size:  Sizes may always mix
 * @mig:       The card has MIG
 * @full:      Negative errno of a card without room
 */
struct set {
	struct set *next;
	const char *name;
	enum how how;
	const char *driver;
	const char *ids;
	const char *at;
	const char *prefix;
	unsigned int memory;
	bool any_size;
	bool mig;
	int full;
	struct type *types;
};

/**
 * struct card - a physical function, or another device that offers types
 * @pf:        NULL: no PCI function
 * @dir:       Its folder below sys/devices
 * @total:     sriov_totalvfs
 * @n_vfs:     sriov_numvfs
 * @autoprobe: sriov_drivers_autoprobe
 * @lock:      Held while a vGPU is made
 * @size:      Framebuffer of the vGPUs there are
 * @n:         How many
 * @used:      MiB of framebuffer in all
 * @mixed:     Sizes may mix
 * @mig:       MIG mode is on
 * @instances: MIG instances, "" without any
 * @unbind_lock: Its unbindLock, or NULL
 */
struct card {
	struct card *next;
	struct device *pf;
	struct node *dir;
	unsigned int total;
	unsigned int n_vfs;
	bool autoprobe;
	struct lock lock;
	unsigned int size;
	unsigned int n;
	unsigned int used;
	bool mixed;
	bool mig;
	char instances[256];
	struct node *unbind_lock;
};

/**
 * struct parent - a device on which vGPUs are made
 * @dir:      Its folder
 * @dev:      NULL: no PCI function
 * @n:        Mediated devices on it
 * @current:  vendor: type that it has, or NULL
 * @vfio:     vendor: its vfio-dev
 */
struct parent {
	struct node *dir;
	struct device *dev;
	struct card *card;
	const struct set *set;
	unsigned int n;
	const struct type *current;
	struct node *vfio;
};

/**
 * struct mdev - a mediated device
 * @pending:   It is being made
 * @removing:  It is being removed
 * @held:      A VM has it open
 * @until:     Until when its driver has not let go, ms of CLOCK_MONOTONIC
 */
struct mdev {
	struct mdev *next;
	struct parent *parent;
	const struct type *type;
	struct node *dir;
	bool pending;
	bool removing;
	bool held;
	uint64_t until;
};

/* cards.c */

/**
 * cards_make() - Find the cards of a machine, with what they have already
 *
 * Return:  0 or -EINVAL
 */
int cards_make(struct kernel *k, char why[static MACHINE_WHY_LEN]);

/**
 * card_bound(), card_unbound() - A driver has got a function, or is to be taken from it
 */
void card_bound(struct kernel *k, struct device *dev);
void card_unbound(struct kernel *k, struct device *dev);

/**
 * card_in_use() - Whether a VM has something open that goes with this function
 */
bool card_in_use(const struct kernel *k, const struct device *dev);

/**
 * card_room() - How many more of a type fit on a card
 */
unsigned int card_room(const struct kernel *k, const struct parent *p,
		       const struct type *t);
void card_take(struct card *c, const struct type *t);
void card_give(struct card *c, const struct type *t);

/**
 * card_sleep() - Wait for the turn of a creation, and as long as it takes
 *
 * Return:  0 or KERNEL_WAIT
 */
int card_sleep(struct kernel *k, struct card *c);

/**
 * card_let_go() - A VM has closed a vGPU
 *
 * Return:  until when its driver has not let go
 */
uint64_t card_let_go(struct kernel *k, const struct card *c);

/**
 * card_release() - End a creation or a lingering that ends when told
 */
void card_release(struct kernel *k, struct card *c);

/**
 * card_command() - hold, let-go, mig, instances, mixed
 *
 * Return:  0 or a negative errno
 */
int card_command(struct kernel *k, const char *verb, const char *name, const char *value);
void cards_show(const struct kernel *k, struct text *out);

/* sriov.c */
extern const struct attr sriov_attrs[];
void vf_adopt(struct kernel *k, struct card *c);
struct device *vf_of(struct kernel *k, const struct card *c, int index);

/* mdev.c */
void mdev_register(struct kernel *k, struct parent *p);
void mdev_unregister(struct kernel *k, struct parent *p);
struct mdev *mdev_find(struct kernel *k, const char *uuid);

/* vendor.c */
void vendor_register(struct kernel *k, struct parent *p);
void vendor_unregister(struct kernel *k, struct parent *p);
extern const struct attr lock_attrs[];

/* group.c: IOMMU groups and VFIO devices */

/**
 * group_join() - Put a device into a new IOMMU group, of its own
 */
void group_join(struct kernel *k, struct node *dev);
void group_leave(struct kernel *k, struct node *dev);

/**
 * vfio_add() - Make a device's VFIO device, and its group's
 *
 * Return:  its folder vfio-dev
 */
struct node *vfio_add(struct kernel *k, struct node *dev);
void vfio_remove(struct kernel *k, struct node *dev);

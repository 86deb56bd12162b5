/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nvidia.h - the parts of a driver that plays NVIDIA's vGPU driver, and what they share; README.md says what is real */
#pragma once

#include <linux/cdev.h>
#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/mdev.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/vfio.h>
#include <linux/workqueue.h>
#include "lab-gpus.h"

#define PROFILES 5 /* sizes of a MIG instance */

/* How vGPUs are made: as mdevs of the PF, as mdevs of each VF (one each), by a type written to the VF */
enum generation { GENERATION_PF, GENERATION_VF, GENERATION_VENDOR };

/**
 * struct vgpu_type - one line of what a card offers
 * @id:       Number that the driver gives it
 * @name:     Name that the driver gives it
 * @fb:       Framebuffer, MiB
 * @max:      vGPUs of this type on one card, of equal size
 * @profile:  MIG profile that it needs an instance of, or -1: time-sliced
 */
struct vgpu_type {
	unsigned int id;
	const char *name;
	unsigned int fb, max;
	int profile;
};

/**
 * struct profile - one size of a MIG instance
 * @id:       As in nvidia-smi mig -lgip
 * @compute:  Sevenths of the card that it takes
 * @memory:   Eighths of the card that it takes
 */
struct profile {
	int id;
	unsigned int compute, memory;
};

/**
 * struct card - one model of GPU
 * @device:    PCI device id
 * @name:      Of the model
 * @fb:        Framebuffer, MiB
 * @types:     Ends with a name of NULL
 * @profiles:  NULL where there is no MIG
 * @forgets:   MIG mode does not outlive the driver
 */
struct card {
	u16 device;
	const char *name;
	unsigned int fb;
	const struct vgpu_type *types;
	const struct profile *profiles;
	bool forgets;
};

/**
 * struct gpu - a PF that the driver has bound
 * @creating:   One vGPU of a GPU is made at a time; held while that takes its time
 * @lock:       What follows it
 * @vgpus:      Those that are there
 * @instances:  MIG instances of each profile of @card
 * @mixed:      vGPUs of different sizes may be there at a time
 * @pending:    MIG mode that comes with the next reset
 * @opens:      Users of the device node
 * @locked:     Nobody else may open it, so that it can be unbound
 */
struct gpu {
	struct pci_dev *pdev;
	const struct card *card;
	enum generation generation;
	int minor;
	struct mutex creating;
	struct mutex lock;
	struct list_head vgpus;
	unsigned int instances[PROFILES];
	bool mixed, mig, pending;
	unsigned int opens;
	bool locked;
	struct proc_dir_entry *proc;
};

/**
 * struct vgpu - one that was made
 * @place:  Function on which it was made
 */
struct vgpu {
	struct list_head list;
	const struct vgpu_type *type;
	struct place *place;
};

/* A type as the kernel's mdev core wants it: one per function */
struct offer {
	struct mdev_type type;
	const struct vgpu_type *vgpu;
	struct place *place;
};

/**
 * struct place - a function, PF or VF, that offers vGPUs
 * @late:     Makes the files
 * @made:     The files are there
 * @bound:    jiffies when it was bound: from then on late_ms and empty_ms count
 * @params:   Vendor VFIO: what was written to vgpu_params
 * @vgpu:     The one of this VF, or NULL; always NULL for a PF
 * @used:     Vendor VFIO: somebody had it open
 * @closed:   Vendor VFIO: jiffies when he closed it: from then on busy_ms counts
 */
struct place {
	struct pci_dev *pdev;
	struct gpu *gpu;
	struct delayed_work late;
	bool made;
	unsigned long bound;
	char params[128];
	struct mdev_parent parent;
	struct offer *offers;
	struct mdev_type **types;
	unsigned int types_len;
	struct vgpu *vgpu;
	bool used;
	unsigned long closed;
	struct lab_vfio *vfio;
};

/**
 * struct lab_vfio - a PCI device of nothing but a configuration space, for QEMU to open
 * @place:  Vendor VFIO: its VF; NULL for an mdev
 */
struct lab_vfio {
	struct vfio_device vdev;
	struct place *place;
	bool open;
	u8 config[PCI_CFG_SPACE_SIZE];
};

/* So much has passed since then. Asked again and again, so that who changes the parameter need not wait. */
static inline bool passed(unsigned long since, unsigned int ms)
{
	return time_after_eq(jiffies, since + msecs_to_jiffies(ms));
}

extern unsigned int late_ms, empty_ms, create_ms, busy_ms, lose;
extern char *spelling;

/* nvidia-cards.c; the caller holds the GPU's lock */
const struct card *card_find(u16 device);
const struct vgpu_type *card_type(const struct card *card, unsigned int id);
int card_profile(const struct card *card, int id);
unsigned int gpu_available(const struct gpu *gpu, const struct vgpu_type *type);
bool gpu_instance_fits(const struct gpu *gpu, int profile);

/* nvidia-main.c; the GPU's lock is taken there */
unsigned int place_available(struct place *place, const struct vgpu_type *type);
struct vgpu *place_create(struct place *place, const struct vgpu_type *type);
void vgpu_destroy(struct vgpu *vgpu);

/* nvidia-mdev.c */
int mdev_driver_add(void);
void mdev_driver_remove(void);
int mdev_add(struct place *place);
void mdev_remove(struct place *place);

/* nvidia-vendor.c */
int vendor_add(struct place *place);
void vendor_remove(struct place *place);

/* nvidia-vfio.c */
struct lab_vfio *lab_vfio_new(struct device *dev, struct place *place);

/* nvidia-node.c */
int nodes_init(void);
void nodes_exit(void);
int node_add(struct gpu *gpu);
void node_remove(struct gpu *gpu);

/* nvidia-play.c */
extern const struct attribute_group play_group;

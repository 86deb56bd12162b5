/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gpus.h - cards and vGPUs in a folder that plays sysfs, and what is found there */
#pragma once

#include "tree.h"
#include "vgpu.h"

/**
 * struct gpus - The folder, and what was found in it
 * @v:       Of the last gpus_look()
 */
struct gpus {
	struct tree tree;
	struct host host;
	struct vgpus v;
};

extern struct gpus gpus;

/**
 * gpus_setup() - For cmocka: an empty folder
 */
int gpus_setup(void **state);
int gpus_teardown(void **state);

/**
 * gpus_at() - Path of an attribute
 * @device:  A PCI address, or the name of a device that is no PCI function
 *
 * Return:   Overwritten by the next call
 */
const char *gpus_at(const char *device, const char *attr);

/**
 * gpus_function() - A PCI function
 * @id:      "10de:2235"
 * @class:   "030200"
 * @by:      Its driver, "" none
 */
void gpus_function(const char *bdf, const char *id, const char *class, const char *by);

/**
 * gpus_card() - A card with @n of @total virtual functions from @bdf + 4 on, as NVIDIA's have
 * them
 * @vf_by:   Their driver
 */
void gpus_card(const char *bdf, const char *id, const char *by, const char *vf_by,
	       unsigned int total, unsigned int n);

/**
 * gpus_type() - A type of mediated devices; of what is NULL there is no file
 */
void gpus_type(const char *device, const char *id, const char *name,
	       const char *description, const char *available);

/**
 * gpus_mdev() - A mediated device
 */
void gpus_mdev(const char *uuid, const char *device, const char *id);

/**
 * gpus_vendor() - What a function of NVIDIA's own framework shows
 */
void gpus_vendor(const char *vf, const char *creatable, const char *current);

/**
 * gpus_look() - vgpus_read() for these types
 */
void gpus_look(const char *const *types, size_t n);
void gpus_look_all(void);

/* What was found has to be this */
void gpus_check_type(const struct vgpu_card *c, size_t i, const char *id,
		     const char *name, unsigned int size, unsigned int max);
void gpus_check_parent(size_t i, const char *name, int index,
		       enum vgpu_framework framework, size_t n_offers);
void gpus_check_offer(size_t parent, size_t i, size_t of, unsigned int n);

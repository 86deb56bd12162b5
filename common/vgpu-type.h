/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vgpu-type.h - inside vgpu*.c: the types of a card */
#pragma once

#include "base.h"
#include "vgpu.h"

/**
 * vgpu_type_size() - Framebuffer that the name of one of NVIDIA's types says
 * @name:    "NVIDIA A40-24Q", "GRID P40-2B4", "NVIDIA A100-1-5CME", "GRID M60-0B"
 *
 * Units:    MiB; 0 the name does not say it
 * Source:   NVIDIA Virtual GPU Software User Guide, "Virtual GPU Types": the number after
 *           the last dash is gigabytes, 0 is half of one
 */
unsigned int vgpu_type_size(const char *name);

/**
 * struct vgpu_source - Where a card's types are described
 * @types:   Its folder mdev_supported_types, below the root
 */
struct vgpu_source {
	struct host *h;
	const char *types;
};

bool vgpu_is_nvidia(const struct vgpu_card *c);

/**
 * vgpu_type_add() - Add a type to a card that does not have it yet
 * @ret:     In: where it is looked for first, any number; out: its index
 *
 * Return:   0 or -ENOMEM
 */
int vgpu_type_add(struct vgpu_card *c, const struct vgpu_type *t, size_t *ret) MUST_CHECK;

/**
 * vgpu_type_add_id() - The same for one of which the id is known
 * @from:    Who says what it is; NULL: nobody
 *
 * Name and size are read once for all cards of a model.
 *
 * Return:   0, -ENOMEM, -ENAMETOOLONG; -ETIME the driver does not answer
 */
int vgpu_type_add_id(const struct vgpus *v, struct vgpu_card *c,
		     const struct vgpu_source *from, const char *id,
		     size_t *ret) MUST_CHECK;

/**
 * vgpu_types_name() - Name types of which a card says no more than their number
 *
 * NVIDIA's driver lists only what can be made now. Another card of the same model may still
 * list it.
 */
void vgpu_types_name(struct vgpus *v);

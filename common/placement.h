/* SPDX-License-Identifier: GPL-2.0-or-later */
/* placement.h - which vGPU is made on which card, or why it cannot be */
#pragma once

#include "base.h"
#include "bdf.h"
#include "conf.h"
#include "text.h"
#include "vgpu.h"

#include <stdbool.h>
#include <stddef.h>

/**
 * struct wish - A vGPU that a VM asks for
 * @file:    Borrowed. INI file as messages show it, "vms/train01.ini"
 * @vm:      Borrowed. Name of the VM, NULL not known: what is reserved for it is its own
 * @conf:    Borrowed. Its section
 * @uuid:    Of the mediated device: what the INI file says, else the domain XML; "" when
 *           neither does
 * @functions: PCI hostdevs of the domain XML, @n_functions, borrowed: where the framework
 *           is vendor or vf, the vGPU must be one of these, because the VM is given no
 *           other
 * @n_left_out: More of them stand behind, which allowed of the INI file leaves out
 */
struct wish {
	const char *file;
	const char *vm;
	const struct conf_vgpu *conf;
	char uuid[UUID_LEN];
	const struct bdf *functions;
	size_t n_functions;
	size_t n_left_out;
};

/**
 * struct reserved - A vGPU that is going to be made, and that sysfs does not show yet
 * @parent:  Device on which it is made
 * @type:    Id of its type
 * @uuid:    Of the mediated device, "" otherwise
 * @vm:      Borrowed. Who has asked for it
 * @later:   Borrowed. NULL, or a section whose vGPU is made when its VM starts, and nothing
 *           else is known: the virtual function that it names is the last that is given to a
 *           wish that names none
 */
struct reserved {
	char parent[VGPU_DEVICE_LEN];
	char type[VGPU_ID_LEN];
	char uuid[UUID_LEN];
	const char *vm;
	const struct conf_vgpu *later;
};

enum place_kind {
	PLACE_REFUSED, /* it cannot be had, @why */
	PLACE_THERE, /* it is there already, with the type that is asked for */
	PLACE_MAKE, /* it is to be made */
};

/**
 * struct place - What is done about a wish
 * @kind:    Which of the three
 * @parent:  Name of the device on which it is, or is to be made
 * @type:    Id of its type; "" for a virtual function without types
 * @framework: Of the parent
 * @uuid:    Of the mediated device; "" otherwise
 * @why:     One sentence when refused: file and line, what, why, what to do
 */
struct place {
	enum place_kind kind;
	char parent[VGPU_DEVICE_LEN];
	char type[VGPU_ID_LEN];
	enum vgpu_framework framework;
	char uuid[UUID_LEN];
	char why[WHY_LEN];
};

/**
 * placement_make() - Find a place for each wish; what is there already comes first
 * @v:       Snapshot, in which the types of all wishes were asked about
 * @c:       host.ini: names of GPUs, mixed sizes, fill or spread
 * @wish:    @n wishes
 * @reserved: @n_reserved, of others, or of a VM that runs and has a wish again
 * @ret:     @n places, filled
 *
 * Pure: the same snapshot gives the same places. Wishes for one virtual function are served
 * before those for one card, and these before any; the order of the wishes decides among
 * equals. One that is refused is no reason to refuse another.
 *
 * On NVIDIA's time-sliced cards all vGPUs of a card have the same framebuffer size, unless
 * mixed sizes are on. Fill: the card that has the least room left for the type and still
 * fits; spread: the one that has the most. With the same room the card that comes first.
 *
 * Return:   0 or -ENOMEM
 */
int placement_make(const struct vgpus *v, const struct conf_host *c,
		   const struct wish *wish, size_t n, const struct reserved *reserved,
		   size_t n_reserved, struct place *ret) MUST_CHECK;

/**
 * placement_rooms() - How many more of each type fit on each card
 * @v:       Snapshot, in which all types were asked about
 * @c:       host.ini
 * @ret:     Filled: a number for each type of each card of @v, in their order; owned by the
 *           caller
 *
 * By the same count that placement_make() goes by, wishes of nobody in between.
 *
 * Return:   0 or -ENOMEM
 */
int placement_rooms(const struct vgpus *v, const struct conf_host *c,
		    unsigned int **ret) MUST_CHECK;

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* policy-boot.h - what is done to a GPU at boot before vGPUs are made on it, in order */
#pragma once

#include "base.h"
#include "conf.h"
#include "placement.h"
#include "step.h"
#include "vgpu.h"

/**
 * policy_boot() - The plan of one GPU
 * @c:       Its section of host.ini
 * @card:    What is at its address, NULL: nothing
 * @plan:    Filled; @from of each step is empty
 * @ret_why: One sentence when the GPU cannot be used: file and line, what, why, what to do
 *
 * The order in which nothing is undone by what follows: the driver is there and ready; MIG
 * mode; virtual functions (NVIDIA's script takes the card from its driver, which forgets
 * instances and mixed sizes); MIG instances, or mixed sizes; ready again, with types.
 *
 * Return:   0, -ENODEV nothing there, -EPERM another card is there, -EBUSY a VM has it,
 *           -ERANGE it cannot have as many virtual functions, -ENOMEM, -E2BIG
 */
int policy_boot(const struct conf_gpu *c, const struct vgpu_card *card, struct plan *plan,
		char ret_why[static WHY_LEN]) MUST_CHECK;

/**
 * policy_vgpu() - The steps that make a vGPU
 * @p:       Where; nothing is added when it is there already, or has no types
 * @keep:    It stays after the VM
 * @plan:    Steps are added
 *
 * Return:   0, -ENOMEM, -E2BIG, -ENAMETOOLONG
 */
int policy_vgpu(const struct place *p, bool keep, struct plan *plan) MUST_CHECK;

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* plan-words.h - steps, vGPUs and forwards in words that a person reads */
#pragma once

#include "forward.h"
#include "placement.h"
#include "step.h"

#include <stdbool.h>

#define PLAN_WORDS_LEN 768

/**
 * plan_words_step() - "driver of 0000:41:00.0: nvidia -> vfio-pci"
 */
void plan_words_step(const struct step *s, char ret[static PLAN_WORDS_LEN]);

/**
 * plan_words_vgpu() - What becomes of a [vgpu NAME], where no step says it
 * @p:       Its place
 *
 * Return:   Whether there is something to say
 */
bool plan_words_vgpu(const struct wish *w, const struct place *p,
		     char ret[static PLAN_WORDS_LEN]);

/**
 * plan_words_forward() - "forward ssh: 12223/tcp of this host -> 192.168.122.167:22"
 */
void plan_words_forward(const struct forward *f, char ret[static PLAN_WORDS_LEN]);

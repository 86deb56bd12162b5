/* SPDX-License-Identifier: GPL-2.0-or-later */
/* chance.h - a host with vGPUs, and what is asked of it, made by chance */
#pragma once

#include "placement.h"
#include "unit.h"

#define CARDS     4
#define FUNCTIONS 8
#define TYPES     4
#define WISHES    40

/* What every card can have, in this order */
extern const struct vgpu_type chance_type[TYPES];

/**
 * struct chance - A host and what is asked of it
 * @named:   Of each wish: index of the card that it names, -1 any
 */
struct chance {
	struct vgpu_card card[CARDS];
	struct vgpu_parent parent[CARDS * FUNCTIONS];
	struct vgpu_mdev mdev[CARDS * FUNCTIONS];
	struct vgpu_offer offer[CARDS * FUNCTIONS][TYPES];
	struct vgpu_type type[CARDS][TYPES];
	struct vgpus v;
	struct conf_host conf;
	struct conf_vgpu section[WISHES];
	struct bdf function[WISHES][2];
	struct wish wish[WISHES];
	int named[WISHES];
	size_t n;
	struct reserved reserved[4];
	size_t n_reserved;
	struct place place[WISHES];
};

/**
 * chance_make() - Fill @w: cards with or without virtual functions, of either framework,
 * some with vGPUs on them already, one reserved, and up to WISHES wishes
 * @seed:    The same makes the same
 */
void chance_make(struct chance *w, uint64_t seed);

/**
 * chance_uuid() - The UUID with this number
 */
void chance_uuid(char uuid[static UUID_LEN], unsigned int n);

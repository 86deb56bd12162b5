/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wishes.h - the vGPUs that VMs ask for, collected, and a place for each */
#pragma once

#include "base.h"
#include "conf.h"
#include "guest.h"
#include "host.h"
#include "inventory.h"
#include "ledger.h"
#include "placement.h"
#include "step.h"
#include "vgpu.h"

#include <stdbool.h>

enum wish_when {
	WISH_ALL,
	WISH_BOOT, /* create = boot */
	WISH_START, /* create = start */
};

/**
 * struct wishes - What is asked for, by one VM or by all
 * @wish:    Owned, @n of them; the VMs' INI files are borrowed
 * @functions: Owned. Arrays that the wishes borrow, @n_functions
 * @later:   Borrowed, or NULL: what others will ask for when they start. Virtual functions
 *           that these name are left to them as long as there are others
 * @seen:    Owned. The host as wishes_place() has seen it
 * @place:   Owned, @n of them after wishes_place()
 */
struct wishes {
	struct wish *wish;
	size_t n;
	struct bdf **functions;
	size_t n_functions;
	const struct wishes *later;
	struct vgpus seen;
	struct place *place;
};

/**
 * wishes_add() - Add the [vgpu] sections of a VM
 * @c:       Its INI file, which must stay
 * @g:       Its domain XML, which must stay, or its name alone; NULL: not known
 * @when:    Which of them
 *
 * A section with a type and without a UUID means the mediated device of the XML that no other section
 * names: the first one for the first such section, and so on.
 *
 * Return:   0 or -ENOMEM
 */
int wishes_add(struct wishes *w, const struct conf_vm *c, const struct guest *g,
	       enum wish_when when) MUST_CHECK;

/**
 * wishes_uuid() - A wish for a mediated device
 *
 * Return:   Borrowed, or NULL; always NULL for ""
 */
const struct wish *wishes_uuid(const struct wishes *w, const char *uuid);

/**
 * wish_is_shared() - Whether another VM asks for the same mediated device
 * @others:  Wishes of other VMs
 * @ret_why: One sentence that names both
 */
bool wish_is_shared(const struct wish *w, const struct wishes *others,
		    char ret_why[static WHY_LEN]);

/**
 * wish_has_owner() - Whether mdevctl, or libvirt through it, is told to make it too
 * @p:       Its place
 * @ret_why: One sentence that names the file of mdevctl
 */
bool wish_has_owner(const struct host *h, const struct wish *w, const struct place *p,
		    char ret_why[static WHY_LEN]);

/**
 * wishes_place() - Look at the host, and find a place for each
 * @h:       Host; what is there must not change until the places are used: LOCK_VGPUS
 * @c:       host.ini
 * @ledgers: Of other VMs: what they are going to make counts as made
 * @ret_why: One sentence on failure
 *
 * Return:   0 or -errno; a wish that is refused is no failure
 */
int wishes_place(struct host *h, const struct conf_host *c, const struct ledgers *ledgers,
		 struct wishes *w, char ret_why[static WHY_LEN]) MUST_CHECK;

/**
 * wishes_name_made() - Find out whose the mediated devices are that functions have
 * @inv:     made_for of each is filled
 *
 * What is wrong with the files of a VM is its own affair: then its name is not known.
 */
void wishes_name_made(const struct host *h, struct inventory *inv);

void wishes_free(struct wishes *w);

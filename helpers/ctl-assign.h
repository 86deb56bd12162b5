/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ctl-assign.h - inside ctl-assign*.c: which cards a VM is given */
#pragma once

#include "base.h"
#include "bdf.h"
#include "cards.h"
#include "conf.h"
#include "ctl.h"
#include "domain.h"
#include "domain-text.h"

#include <stdbool.h>

#define NODES_ALL    64 /* NUMA nodes that are told apart */
#define CPUS_ALL     4096
#define BUNDLES_MAX  256
#define BUNDLE_CARDS 16

/**
 * struct cpus - A set of processors
 */
struct cpus {
	unsigned char bit[CPUS_ALL / 8];
};

bool cpus_has(const struct cpus *s, unsigned int cpu);

/**
 * struct taken_by - A function that another VM's XML has
 */
struct taken_by {
	struct bdf bdf;
	char vm[NAME_LEN];
};

/**
 * struct others - What the XML of all other VMs says
 * @function: Owned, @n, sorted by address
 * @pinned:   Processors that their virtual ones are pinned to
 * @why:      What is wrong with one that cannot be read
 */
struct others {
	struct taken_by *function;
	size_t n;
	struct cpus pinned;
	char why[WHY_LEN];
};

/**
 * struct kept - A card that is kept for vGPUs
 * @why:     "[vgpu one] of vms/desk01.ini asks for it"
 */
struct kept {
	struct bdf bdf;
	char why[WHY_LEN];
};

/**
 * struct bundle - GPUs that go together, because they are in one IOMMU group
 * @gpu:     @n functions
 * @node:    NUMA node, 0 where the host does not say
 * @free:    A VM can have it; otherwise @why
 */
struct bundle {
	struct bdf gpu[BUNDLE_CARDS];
	size_t n;
	int group, node;
	bool free;
	char why[WHY_LEN];
};

/**
 * struct given_vgpu - A vGPU that a VM is given
 * @name:     Of its section
 * @function: That the VM gets; "": a mediated device, wherever there is room
 * @uuid:     Of the mediated device, or ""
 */
struct given_vgpu {
	char name[CONF_NAME_LEN];
	char function[BDF_LEN];
	char uuid[UUID_LEN];
};

/**
 * struct choosing - What is asked for, what there is, and what was chosen
 * @want:    GPUs that the VM does not have yet
 * @strict:  Not on other nodes than @near
 * @node:    Processors of each NUMA node, of those that there are (@nodes)
 * @near:    Nodes that the VM's processors and memory are on; where it does not say, those
 *           of the GPUs that it has, which binds nobody; 0: none
 * @kept:    Owned, @n_kept
 * @chosen:  @n_chosen functions
 * @uuid:    Borrowed. For mediated devices, as many as a VM can have
 * @vgpu:    Borrowed. Room for as many, @n_vgpus are there
 */
struct choosing {
	struct ctl *ctl;
	const struct domain *domain;
	const struct conf_vm *conf;
	size_t want;
	bool strict;
	struct cards cards;
	struct others others;
	struct kept *kept;
	size_t n_kept;
	struct cpus *node;
	uint64_t nodes, near;
	struct bundle *bundle;
	size_t n_bundles;
	struct bdf *chosen;
	size_t n_chosen;
	const char (*uuid)[UUID_LEN];
	struct given_vgpu *vgpu;
	size_t n_vgpus;
};

/**
 * choose_look() - Look at the cards, at the other VMs and at the nodes
 * @ret_why: One sentence on failure
 */
int choose_look(struct choosing *x, char ret_why[static WHY_LEN]) MUST_CHECK;

/**
 * choose_others() - Look at the other VMs alone; a part of choose_look()
 */
int choose_others(struct choosing *x, char ret_why[static WHY_LEN]) MUST_CHECK;

/* The other VM whose XML has a function; borrowed, or NULL */
const char *choose_owner(const struct choosing *x, const struct bdf *b);

/**
 * choose_keep() - Find the cards that are kept for vGPUs: by an INI file of a VM or of the
 * host, or because there is one
 * @x:       Its cards were looked at
 * @ret_why: One sentence on failure
 */
int choose_keep(struct choosing *x, char ret_why[static WHY_LEN]) MUST_CHECK;

/* Why a card is kept for vGPUs; borrowed, or NULL */
const char *choose_kept(const struct choosing *x, const struct bdf *b);

/**
 * choose_cards() - Choose as many as are wanted
 * @ret_why: One sentence on failure: why there are not as many
 *
 * On the VM's own nodes; where it has none, on the one that has the most free cards, and on
 * several when none has as many.
 *
 * Return:   0, -ENOSPC there are not as many; -ENOMEM
 */
int choose_cards(struct choosing *x, char ret_why[static WHY_LEN]) MUST_CHECK;

void choose_free(struct choosing *x);

/* The other endpoints of a card, its audio and the like; returns the next after @after */
const struct card *choose_sibling(const struct cards *s, const struct bdf *of,
				  const struct card *after);

/**
 * assign_pin() - Pin the VM's processors and memory to the node of the chosen cards
 * @t:       The VM's XML
 * @e:       Edits are added, which come before those of devices
 * @ret_why: One sentence on failure
 *
 * A VM that is pinned already stays as it is. Processors that another VM is pinned to are
 * left to that one.
 *
 * Return:   0, -ENOSPC the node has not as many free processors; -EINVAL, -ENOMEM
 */
int assign_pin(const struct choosing *x, const struct domain_text *t,
	       struct domain_edits *e, char ret_why[static WHY_LEN]) MUST_CHECK;

/**
 * assign_hostdev() - A <hostdev> for a function, as lines
 * @managed: libvirt binds VFIO itself where we have not
 *
 * Return:   Owned by the caller, or NULL: no memory
 */
char *assign_hostdev(const struct bdf *b, bool managed);

#define ASSIGNED "assigned" /* NAME is this and a number */

/**
 * assign_vgpus() - Find places for vGPUs, and write what gives them to the VM
 * @x:       Its @want is how many
 * @type:    As a person writes it
 * @at:      Byte of the XML where hostdevs are put in
 * @e:       Edits are added
 * @ret_ini: Owned by the caller: the sections for the VM's INI file
 * @ret_why: One sentence on failure
 */
int assign_vgpus(struct choosing *x, const char *type, size_t at, struct domain_edits *e,
		 char **ret_ini, char ret_why[static WHY_LEN]) MUST_CHECK;

/**
 * assign_uuid() - Make a UUID
 */
int assign_uuid(char ret[static UUID_LEN]) MUST_CHECK;

/**
 * assign_is_own() - Whether a mediated device is of a section that assign has written
 */
bool assign_is_own(const struct conf_vm *c, const char *uuid);

/**
 * assign_ini_with() - The text of an INI file with more sections
 *
 * Return:   Owned by the caller, or NULL: no memory
 */
char *assign_ini_with(const char *text, const char *sections);

/**
 * assign_ini_without() - The text of an INI file without what assign has written
 * @ret_gone: Owned by the caller, also on failure: the lines that are not in it any more
 *
 * Comments stay, wherever they are.
 *
 * Return:   Owned by the caller, or NULL: no memory
 */
char *assign_ini_without(const char *text, char **ret_gone);

/**
 * struct assigning - What is asked for, and what would be written
 * @gpus:    How many it shall have; 0: none
 * @type:    Of vGPUs, or NULL: whole cards
 * @functions: The other functions of a card too
 * @xml:     Owned. What the VM would be started with; NULL: nothing is to be done
 * @chosen:  Owned. As in struct choosing
 * @ini:     Owned. What its INI file becomes, or NULL: it stays
 * @sections: Owned. What is put into it, or with @none taken out of it, or NULL
 * @former:  Owned. What it was, or NULL
 * @uuid:    Of mediated devices: the same when it is looked again
 * @vgpu:    @n_vgpus
 */
struct assigning {
	struct ctl *ctl;
	const char *vm;
	size_t gpus;
	const char *type;
	bool none, functions, any_node, pin, yes;
	struct domain domain;
	struct domain_edits edits;
	char *xml;
	struct bdf *chosen;
	size_t n_chosen;
	char *ini, *sections, *former;
	char uuid[VGPUS_MAX][UUID_LEN];
	struct given_vgpu vgpu[VGPUS_MAX];
	size_t n_vgpus;
	char why[WHY_LEN];
};

/**
 * assign_plan() - Look, choose, and make the new XML and INI file
 *
 * What it had planned before is forgotten.
 *
 * Return:   0 or -errno, with a sentence in @a->why
 */
int assign_plan(struct assigning *a) MUST_CHECK;

/**
 * assign_define() - Give libvirt the new XML, and write the new INI file
 */
int assign_define(struct assigning *a) MUST_CHECK;

void assign_forget(struct assigning *a);

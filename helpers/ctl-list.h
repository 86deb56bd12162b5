/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ctl-list.h - inside ctl-list*.c: who has what */
#pragma once

#include "ctl.h"

#include "base.h"
#include "ctl-status.h"
#include "vgpu.h"

#include <stdbool.h>

/**
 * struct owner - A VM and something that it has
 * @id:      Address of a function, or UUID of a mediated device
 * @vm:      Owned. Its name
 * @has:     By its ledger, or because it is one of its vGPUs; otherwise its XML alone names it
 */
struct owner {
	char id[UUID_LEN];
	char *vm;
	bool has;
};

/**
 * struct owners - All of them, sorted by @id, those that have it first
 * @owner:   Owned, @n
 */
struct owners {
	struct owner *owner;
	size_t n;
};

/**
 * owners_read() - Find out who has what, and whose XML names it
 * @ret_why: One sentence on failure
 *
 * Return:   0 or -errno
 */
int owners_read(struct ctl *c, struct owners *ret,
		char ret_why[static WHY_LEN]) MUST_CHECK;

/**
 * owners_find() - The first VM that has a thing, or is to have it
 *
 * Return:   Borrowed, or NULL
 */
const struct owner *owners_find(const struct owners *s, const char *id);

/**
 * owner_shown() - "train01", "(train02)" where the XML alone names it, "-"
 */
const char *owner_shown(const struct owner *o, char ret[static NAME_LEN]);

/**
 * owner_put() - As "vm" and "named_by" of an object of JSON, null where there is none
 */
void owner_put(const struct owner *o, struct out *out);

void owners_free(struct owners *s);

/**
 * list_warn_silent() - Say which cards' drivers have not answered: their vGPUs are not all listed
 */
void list_warn_silent(const struct vgpus *v);

/* What is listed: exit statuses */
int ctl_list_gpus(struct ctl *c, int argc, char *argv[]);
int ctl_list_vgpus(struct ctl *c, int argc, char *argv[]);
int ctl_list_types(struct ctl *c, int argc, char *argv[]);
int ctl_list_ports(struct ctl *c, int argc, char *argv[]);

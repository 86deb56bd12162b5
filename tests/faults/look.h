/* SPDX-License-Identifier: GPL-2.0-or-later */
/* look.h - the host as it is, read from the kernel, systemd and nft without any code of the suite */
#pragma once

#include "yard.h"

/**
 * look_differs() - Say what is not as the VMs that run want it
 * @v:       All VMs, @n of them; vm.runs and card.stays say what shall be
 * @played:  Their QEMUs are children of this process
 * @ret:     A line for each thing: what it is, and what it should be
 *
 * Return:   Whether there is such a thing
 */
bool look_differs(const struct vm *v, size_t n, bool played, struct text *ret);

/**
 * look_whole() - The host's state as text, the same for the same state
 *
 * Functions with driver, override and attributes; modules; active units; mediated devices;
 * the ruleset, table by table; route_localnet; all below /run/virt-handoff but lock/, with
 * contents.
 */
void look_whole(struct text *ret);

/**
 * look_changed() - Lines that only one of two texts has
 *
 * Return:   Whether there are any
 */
bool look_changed(const char *before, const char *after, struct text *ret);

/**
 * look_children() - Processes below this one that live; those that ended are reaped
 */
size_t look_children(void);

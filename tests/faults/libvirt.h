/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libvirt.h - libvirtd, played: the hook is called as it calls it, around a process that opens VFIO as QEMU does */
#pragma once

#include "yard.h"

/* libvirt's name of a hook's moment: "prepare begin" */
#define OP_PREPARE "prepare"
#define OP_STARTED "started"
#define OP_STOPPED "stopped"
#define OP_RELEASE "release"

/* what vm_start() says; exit(3) of who starts one says the same */
#define REFUSED 10
#define BROKEN  11

/**
 * hook_call() - Call libvirt's qemu hook for a VM, under libvirtd's AppArmor profile
 * @ms:      It is killed then; negative: never
 * @said:    What it has said is appended
 *
 * Return:   As run_end()
 */
int hook_call(const struct vm *v, const char *op, double ms, struct text *said);

/**
 * network_call() - Call libvirt's network hook: the network default has started
 */
int network_call(double ms, struct text *said);

/**
 * qemu_begin() - A process that has all functions of a VM open, and libvirt's files that say so
 * @ret_why: What VFIO refused
 *
 * It goes on when its parent ends.
 *
 * Return:   Whether it runs
 */
bool qemu_begin(const struct vm *v, struct text *ret_why);

/**
 * qemu_end() - It is killed, and has gone
 */
void qemu_end(const struct vm *v);

/**
 * qemu_forget() - libvirt's file of a running VM goes
 */
void qemu_forget(const struct vm *v);

/**
 * vm_start() - A whole start; when it fails, what libvirt does then
 * @fails:   QEMU does not come up
 * @said:    What the hook has said when it refused
 *
 * Return:   0; REFUSED by the hook; BROKEN, as @fails wants it
 */
int vm_start(const struct vm *v, bool fails, struct text *said);

/**
 * vm_stop() - A whole stop
 *
 * Return:   Whether the hook had success in each call
 */
bool vm_stop(const struct vm *v, struct text *said);

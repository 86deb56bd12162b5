/* SPDX-License-Identifier: GPL-2.0-or-later */
/* virt-load.h - libvirt's library, loaded when something is asked of it, and not before */
#pragma once

#include "base.h"

/*
 * Theory of operation
 *
 * libvirt brings thirty libraries along: linked, they cost every call of the command ten
 * milliseconds and as many megabytes, also those that ask libvirt nothing (status, list, check
 * of all VMs, early, import). So the program is not linked with it. virt-load.c has a function
 * of its own under each name of libvirt's that virt.c calls; it has the prototype of libvirt's
 * header, which the compiler compares, and hands the call on. A function that is missing there
 * is an error of the linker: add a line to its table.
 */

/**
 * virt_load() - Load libvirt's library, once
 * @ret_why: One sentence on failure
 *
 * Must have succeeded before any function of libvirt is called.
 *
 * Return:   0, -ENOENT there is none, or an older one that lacks a function
 */
int virt_load(char ret_why[static WHY_LEN]) MUST_CHECK;

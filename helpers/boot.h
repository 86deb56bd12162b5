/* SPDX-License-Identifier: GPL-2.0-or-later */
/* boot.h - inside boot*.c: the same for several GPUs side by side */
#pragma once

#include <stddef.h>

/**
 * in_parallel() - Call a function once for each of several things, each in a child
 * @n:       How many
 * @act:     Called with 0 to @n - 1; what it changes in memory is lost, what it logs is
 *           not. Returns 0 or -errno
 * @data:    Handed on
 *
 * Return:   For how many it failed
 */
unsigned int in_parallel(size_t n, int (*act)(size_t i, void *data), void *data);

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* consoles.h - what shows the host's text on a screen, to be taken off and put back */
#pragma once

#include "base.h"
#include "host.h"

#define CONSOLES_MAX 8
#define CONSOLE_LEN  64

/**
 * consoles_find() - Find what is bound now, as kind_console names it
 * @h:       Host
 * @ret:     "vtcon1", "efi-framebuffer/efi-framebuffer.0"
 * @ret_n:   How many
 *
 * A frame buffer console counts only where a driver marked (S) stands by. Without one
 * (a DRM driver displaced the VGA text console at boot) the kernel takes a write of 1 to
 * "bind" and does nothing, so that it could not be put back; it then moves the console
 * away with the card's driver, and back, by itself.
 *
 * Return:   0 or -errno
 * Source:   Linux drivers/tty/vt/vt.c, do_bind_con_driver(); seen on 6.1
 */
int consoles_find(const struct host *h, char ret[CONSOLES_MAX][CONSOLE_LEN],
		  size_t *ret_n) MUST_CHECK;

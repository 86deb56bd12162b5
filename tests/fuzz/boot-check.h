/* SPDX-License-Identifier: GPL-2.0-or-later */
/* boot-check.h - a host for the importers of what is set up at boot, and their text */
#pragma once

struct import_boot;

/**
 * boot_root() - Folder of a host with two cards, and a VM that has one of them
 *
 * Return:   Its descriptor, made with the first call
 */
int boot_root(void);

/* Begin as the command does, and look at what it would print */
void boot_begin(struct import_boot *b);
void boot_end(struct import_boot *b);

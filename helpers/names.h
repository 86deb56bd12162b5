/* SPDX-License-Identifier: GPL-2.0-or-later */
/* names.h - what people call a PCI device: "NVIDIA Corporation AD102 [GeForce RTX 4090]" */
#pragma once

#include "base.h"
#include "bdf.h"

#define NAMES_LEN 160

/**
 * names_of() - The name of a device in the list of PCI ids
 * @ret:     With the numbers, where the list does not have it or where there
 *           is no list
 *
 * The list is read when it is asked for the first time, which takes some milliseconds.
 *
 * Source:   pci.ids(5), by libpci
 */
void names_of(struct id_pair id, char ret[static NAMES_LEN]);

/**
 * names_forget() - Release the list
 */
void names_forget(void);

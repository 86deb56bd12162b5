/* SPDX-License-Identifier: GPL-2.0-or-later */
/* import-ini.h - forwards that were found, as the text of INI files */
#pragma once

#include "base.h"
#include "import-vm.h"
#include "import.h"

#include <stdio.h>

/**
 * import_write() - Write a block for each guest, then what is said of other lines
 * @i:       Forwards, import_sort() done
 * @vms:     To tell into which file a block belongs
 * @out:     Where to
 *
 * A block begins with a comment and is what the INI file of that VM needs. A second
 * address of a VM has 'to' with the address, so that both blocks fit into one file.
 *
 * Return:   0 or -ENOMEM; errors of @out are its own
 */
int import_write(const struct import *i, const struct import_vms *vms,
		 FILE *out) MUST_CHECK;

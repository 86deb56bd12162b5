/* SPDX-License-Identifier: GPL-2.0-or-later */
/* import-iptables.h - forwards from iptables-save output, or from iptables commands in
 * notes and scripts */
#pragma once

#include "base.h"
#include "import.h"

#include <stddef.h>

/**
 * import_iptables() - Find the forwards in a text
 * @text:    Bytes
 * @len:     How many, at most IMPORT_TEXT_MAX
 * @ret:     Filled; owned by the caller, import_free(); untouched on failure
 * @ret_why: One sentence on failure
 *
 * DNAT rules of PREROUTING, and of chains that it leads to, are forwards; those of OUTPUT
 * make them local. Accepts in FORWARD that name clients say who may connect. Rules that
 * remove or list are no rules. What cannot be taken is a note, with its line.
 *
 * Return:   0, -E2BIG more than IMPORT_TEXT_MAX, -ENOMEM
 */
int import_iptables(const char *text, size_t len, struct import *ret,
		    char ret_why[static WHY_LEN]) MUST_CHECK;

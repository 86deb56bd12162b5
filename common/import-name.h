/* SPDX-License-Identifier: GPL-2.0-or-later */
/* import-name.h - inside import-ini.c: names for [forward NAME], none twice in one VM */
#pragma once

#include "base.h"
#include "import.h"

#include <stddef.h>

/**
 * struct import_names - Names so far
 * @name:    Owned, @n of them; those of the VM that is being written are from @first on
 * @slot:    Owned. Table of them, by what they are: number from 1, 0: free. @mask is its
 *           size less one, a power of two
 */
struct import_names {
	char (*name)[FORWARD_NAME_LEN];
	size_t n, first;
	size_t *slot, mask;
};

/**
 * import_names_make() - Room for names
 * @x:       Owned by the caller, import_names_free(), on failure too
 * @max:     How many will be chosen
 *
 * Return:   0 or -ENOMEM
 */
int import_names_make(struct import_names *x, size_t max) MUST_CHECK;

/**
 * import_names_begin() - What comes is of another VM, whose names are its own
 */
void import_names_begin(struct import_names *x);

/**
 * import_names_choose() - A name that this VM does not have yet
 *
 * "ssh", "tcp-8080", "tcp-8000-8010"; then with the host's port; then with a number, which
 * after a few tries is one that only thousands of the same would have.
 *
 * Return:   Borrowed from @x
 */
const char *import_names_choose(struct import_names *x, const struct import_forward *f);

void import_names_free(struct import_names *x);

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* import-back.h - the way back of forwards: conf.c reads out of a text what is in it */
#pragma once

#include "forward.h"
#include "import-iptables.h"
#include "tree.h"

/**
 * struct lines - Forwards, one client of one forward a line
 * @line:    Owned, @n of them: "*:80-80/tcp > 10.0.0.2:80 from *"
 * @all:     Owned. Of all files that were read: no two may want the same packet
 */
struct lines {
	char (*line)[256];
	size_t n;
	struct forwards all;
};

void lines_free(struct lines *l);

void lines_of_import(const struct import *i, struct lines *l);

/**
 * lines_of_file() - What conf.c and the hook make of the INI file of one VM
 *
 * A file that is refused, and forwards that collide, fail the test.
 */
void lines_of_file(const struct tree *t, const char *text, struct lines *l);

/**
 * import_back_print() - What the command prints for an import
 *
 * Return:   Owned by the caller
 */
char *import_back_print(const struct tree *t, const struct import *i);

/**
 * import_back_check() - The files in what was printed have the same forwards as the import
 */
void import_back_check(const struct tree *t, const struct import *i, const char *out);

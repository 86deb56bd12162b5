/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ini-scan.h - inside ini*.c: the strict look at an INI file before iniparser */
#pragma once

#include "base.h"
#include "ini.h"

#include <stddef.h>

#define INI_NAME_MAX 100 /* both names and a colon must fit iniparser's 1024 */

/**
 * struct ini - A file that was read
 * @text:    Owned. The file, cut into the strings of @values
 * @shown:   Owned. Its name in messages
 * @values:  Owned. In the order of the file; a section header is one too, all but its
 *           name ""
 * @n:       How many
 */
struct ini {
	char *text;
	char *shown;
	struct ini_value *values;
	size_t n;
};

/**
 * ini_scan() - Find sections and keys in a text, refuse what iniparser would swallow
 * @i:       @text and @shown are there; @values are made, each value with its quotes
 *           and comment
 * @len:     Bytes of @text
 * @ret_why: One sentence on failure
 *
 * Return:   0, -EINVAL, -EFBIG more than INI_VALUES_MAX, -ENOMEM
 */
int ini_scan(struct ini *i, size_t len, char ret_why[static WHY_LEN]) MUST_CHECK;

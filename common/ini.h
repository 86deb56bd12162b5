/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ini.h - an INI file that root trusts, read strictly, every line known */
#pragma once

#include "base.h"

#include <stdbool.h>

#define INI_FILE_MAX   (256u << 10) /* bytes of a file */
#define INI_LINE_MAX   1000 /* iniparser 4.1 takes 1022 and the newline */
#define INI_VALUES_MAX 4096 /* sections and keys; a look-up is linear */

/**
 * struct ini_value - One key of one section
 * @section: "devices", "forward ssh": as iniparser has it, lower case
 * @key:     Lower case
 * @value:   As written, blanks and comment removed; "" when empty
 * @line:    Of the file, counted from 1
 */
struct ini_value {
	const char *section;
	const char *key;
	const char *value;
	unsigned int line;
};

struct ini;

/**
 * ini_read() - Read an INI file strictly
 * @dir:     Directory descriptor
 * @path:    File below it
 * @shown:   How the file is called in messages, "vms/train01.ini"
 * @ret:     Owned by the caller, ini_free()
 * @ret_why: One sentence on failure: file, line, what is wrong, what to write instead
 *
 * The file is opened once without following a link, must be a regular file of root that
 * nobody else may write, and what iniparser parses is the very bytes that were checked.
 * Refused besides syntax errors: what iniparser would swallow or change silently: a key
 * twice, a section twice, a key outside a section, a name with a colon, a line over
 * INI_LINE_MAX, NUL, byte-order mark, control characters, text after a section header or
 * after a closing quote, a line that goes on with a backslash, a
 * backslash between quotes, a name with other characters than [a-z0-9_. -], more than
 * INI_VALUES_MAX keys.
 *
 * "Of root" is: of root or of the effective user, so that tests and dry runs need no
 * root. The folder that the file is in must be root's and unwritable for others too.
 *
 * Return:   0, -ENOENT no such file (@ret_why is filled too), -EPERM owner, mode or no
 *           regular file, -EINVAL content, -EFBIG, -ENOMEM, or what open(2) and
 *           read(2) said
 */
int ini_read(int dir, const char *path, const char *shown, struct ini **ret,
	     char ret_why[static WHY_LEN]) MUST_CHECK;

/**
 * ini_parse() - The same for bytes in memory, as ini_read() does it after its checks
 */
int ini_parse(const char *text, size_t len, const char *shown, struct ini **ret,
	      char ret_why[static WHY_LEN]) MUST_CHECK;

void ini_free(struct ini *i);

/**
 * ini_next() - All values in the order of the file
 * @cursor:  In and out, 0 first
 *
 * A section without keys is given once with @key "" and @value "".
 *
 * Return:   Borrowed from @i, or NULL at the end
 */
const struct ini_value *ini_next(const struct ini *i, size_t *cursor);

/**
 * ini_shown() - The name for messages that the file was read under
 */
const char *ini_shown(const struct ini *i);

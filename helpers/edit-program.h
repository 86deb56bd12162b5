/* SPDX-License-Identifier: GPL-2.0-or-later */
/* edit-program.h - the editor that a person likes */
#pragma once

#include "base.h"

/**
 * edit_run() - Run the editor on a file, and wait until it has ended
 * @file:    Absolute path
 * @ret_why: One sentence on failure
 *
 * $VISUAL, $EDITOR, then sensible-editor, editor and vi. Words of a variable are cut at
 * blanks; no shell is involved. This is the one place where the environment is asked: a
 * person at a terminal has set it, and sudo has let it through or not.
 *
 * Return:   0, -ENOENT there is none, -ECANCELED it has failed, or -errno
 */
int edit_run(const char *file, char ret_why[static WHY_LEN]) MUST_CHECK;

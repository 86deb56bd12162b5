/* SPDX-License-Identifier: GPL-2.0-or-later */
/* edit-copy.h - the folder in which a file is while somebody edits it */
#pragma once

#include "base.h"

#define EDIT_FOLDER_LEN 32

/**
 * struct edit_copy - A file in a folder of its own that only root can look into
 * @dir:     Borrowed. Where the folder is
 * @folder:  Its name, which no reader of INI files takes for one
 * @fd:      Owned. The folder, -1 none
 */
struct edit_copy {
	int dir;
	char folder[EDIT_FOLDER_LEN];
	int fd;
};

/**
 * edit_copy_make() - Make the folder, and the file in it
 * @x:       @dir is set, @fd is -1; dropped by the caller, also on failure
 * @name:    Of the file
 *
 * Folders of processes that were killed are removed first.
 *
 * Return:   0 or -errno
 */
int edit_copy_make(struct edit_copy *x, const char *name, const char *text) MUST_CHECK;

/**
 * edit_copy_drop() - Remove the folder, and what an editor has left in it
 */
void edit_copy_drop(struct edit_copy *x);

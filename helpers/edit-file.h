/* SPDX-License-Identifier: GPL-2.0-or-later */
/* edit-file.h - the INI file that somebody edits: locked, read, and looked at again */
#pragma once

#include "save.h"

#include "base.h"

#include <stdbool.h>

/**
 * struct edit_file - One file
 * @vm:      As a person names the VM; NULL: host.ini, which need not be there
 * @path:    Below INI_FOLDER
 * @dir:     Owned. INI_FOLDER
 * @lock:    Owned. Of the file's name
 * @text:    Owned. What is in it
 */
struct edit_file {
	const char *vm;
	char path[SAVE_PATH_LEN];
	int dir;
	struct lock lock;
	char *text;
};

/**
 * edit_file_open() - Lock a file against others who edit it, and read it
 * @f:       @vm and @path are set, @dir is -1, @lock LOCK_NONE; closed by the caller, also on
 *           failure
 * @ret_why: One sentence on failure
 *
 * Folders are made.
 *
 * Return:   0, -EBUSY somebody else edits it, -ENOENT there is none, or -errno
 */
int edit_file_open(struct edit_file *f, struct host *h,
		   char ret_why[static WHY_LEN]) MUST_CHECK;

/**
 * edit_file_changed() - Whether somebody has written or removed it since it was read
 *
 * What is there now is in @text then: who was told is not told again.
 */
bool edit_file_changed(struct edit_file *f);

void edit_file_close(struct edit_file *f);

/**
 * edit_read() - Read a text, at most 1 MiB, of a file that is no link
 * @ret:     Owned by the caller
 *
 * Return:   0 or -errno
 */
int edit_read(int dir, const char *path, char **ret) MUST_CHECK;

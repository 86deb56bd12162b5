/* SPDX-License-Identifier: GPL-2.0-or-later */
/* save.h - an INI file is put in its place, whole or not at all */
#pragma once

#include "base.h"
#include "guest.h"
#include "host.h"
#include "lock.h"

#include <stdbool.h>

#define INI_FOLDER    "etc/virt-handoff"
#define SAVE_PATH_LEN (NAME_LEN + 16)

/**
 * save_path() - The INI file of a VM, below INI_FOLDER
 * @root:    Directory descriptor of "/"
 * @ret:     "vms/NAME.ini", or "vms/UUID.ini" when that is there or the name cannot be a
 *           file's
 *
 * Return:   0, also when there is none yet; -ENAMETOOLONG
 */
int save_path(int root, const struct guest *g, char ret[static SAVE_PATH_LEN]) MUST_CHECK;

/**
 * save_text() - Write a file below INI_FOLDER, mode 0644, or less when the former has less
 * @root:    Directory descriptor of "/"
 * @path:    As save_path() gives it
 * @text:    All of it
 * @replace: What is there is kept as PATH~; otherwise that is -EEXIST
 *
 * Folders are made. Who is killed in the middle leaves what was there, and perhaps a file
 * whose name begins with a dot, which nobody reads.
 *
 * Return:   0, -EEXIST, or -errno
 */
int save_text(int root, const char *path, const char *text, bool replace) MUST_CHECK;

/**
 * save_lock() - Be the only one who edits a file, until the lock is dropped
 * @path:    As save_path() gives it, or "host.ini"; it need not be there
 *
 * The file itself is not locked: everybody may read it, and could lock it for ever.
 *
 * Return:   0, -EBUSY somebody else edits it, or -errno
 */
int save_lock(struct host *h, const char *path, struct lock *l) MUST_CHECK;

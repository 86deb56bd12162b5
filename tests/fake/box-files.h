/* SPDX-License-Identifier: GPL-2.0-or-later */
/* box-files.h - make folders, files and mounts of a sandbox, or end the process */
#pragma once

#include "sandbox.h"

#include <stddef.h>
#include <sys/types.h>

/**
 * box_path() - Format a path
 *
 * Return:  @ret
 */
const char *box_path(char ret[static SANDBOX_PATH_LEN], const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * box_dir() - Make a folder and those above it
 */
void box_dir(const char *path);

/**
 * box_mount() - mount(2)
 */
void box_mount(const char *what, const char *where, const char *type, unsigned long flags,
	       const char *data);

/**
 * box_write() - Make a file, and the folders above it
 */
void box_write(const char *path, const void *text, size_t len, mode_t mode);

/**
 * box_read() - Read a whole file
 *
 * Return:  its bytes and a NUL, owned by the caller
 */
char *box_read(const char *path, size_t *ret_len);

/**
 * box_copy() - Copy a file
 */
void box_copy(const char *from, const char *to, mode_t mode);

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* file.h - small files below a directory: read whole, write once, list */
#pragma once

#include "base.h"

#include <stdbool.h>
#include <sys/types.h>

/* below a root descriptor; sysfs paths with eight bridges stay under 256 */
#define PATH_LEN 512

/**
 * file_read() - Read a small file whole
 * @dir:     Directory descriptor
 * @path:    Below it
 * @ret:     Text, NUL added, one trailing newline removed
 * @size:    Bytes at @ret
 *
 * Return:   Length, or -errno; -EFBIG when it does not fit
 */
ssize_t file_read(int dir, const char *path, char *ret, size_t size) MUST_CHECK;

/**
 * file_is_trusted() - Whether only root may have made this what it is
 * @fd:      Open
 * @type:    What it must be, S_IFREG or S_IFDIR
 *
 * "Root" is root or the effective user, so that tests need no root.
 */
bool file_is_trusted(int fd, mode_t type);

/**
 * file_read_trusted() - file_read(), of a regular file that only root may have written
 *
 * Return:   Length, or -errno; -EPERM it is a link, a pipe, of somebody else, or writable
 *           by others
 */
ssize_t file_read_trusted(int dir, const char *path, char *ret, size_t size) MUST_CHECK;

/**
 * file_why() - What is wrong with a file of ours, for a sentence
 * @r:       -errno; -EPERM as file_read_trusted() means it
 */
const char *file_why(int r);

/**
 * file_read_all() - Read a descriptor to its end into memory
 * @fd:      Open for reading
 * @max:     Most bytes taken
 * @ret:     Bytes, NUL added, owned by the caller
 *
 * Return:   Length, or -errno; -EFBIG when there is more than @max
 */
ssize_t file_read_all(int fd, size_t max, char **ret) MUST_CHECK;

/**
 * file_write() - Write a value to an existing file with one write(2)
 * @dir:     Directory descriptor
 * @path:    Below it
 * @value:   What to write, as it is
 *
 * A short write is -EIO: sysfs attributes are written whole or not at all.
 *
 * Return:   0 or -errno
 */
int file_write(int dir, const char *path, const char *value) MUST_CHECK;

/**
 * file_link_name() - Last component of what a symbolic link points to
 * @dir:     Directory descriptor
 * @path:    Link, below it
 * @ret:     Name
 * @size:    Bytes at @ret
 *
 * Return:   0 or -errno; -ENOENT no such link
 */
int file_link_name(int dir, const char *path, char *ret, size_t size) MUST_CHECK;

/**
 * file_exists() - Whether something is there; a dangling link is not
 */
bool file_exists(int dir, const char *path);

/**
 * file_each() - Call a function for each entry of a directory, "." and ".." left out
 * @dir:     Directory descriptor
 * @path:    Below it
 * @each:    Called with the entry's name and @data; a non-zero return ends the walk
 * @data:    Handed on
 *
 * Return:   0, what @each returned, or -errno
 */
int file_each(int dir, const char *path, int (*each)(const char *name, void *data),
	      void *data) MUST_CHECK;

/**
 * file_make_dirs() - Make a directory and those above it, mode 0700 for what is new
 *
 * Return:   0 or -errno
 */
int file_make_dirs(int dir, const char *path) MUST_CHECK;

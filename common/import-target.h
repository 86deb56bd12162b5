/* SPDX-License-Identifier: GPL-2.0-or-later */
/* import-target.h - inside import-*.c: an INI file to which an importer adds sections */
#pragma once

#include "base.h"
#include "text.h"

#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>

struct ini;

/**
 * struct target - One of them
 * @path:    Below etc/virt-handoff
 * @name, @uuid: Of the VM, "" for host.ini
 * @text:    Owned. What stands in it, "" when it is not there
 * @there:   It is
 * @ini:     Owned. The same, read
 * @st:      And whose it is
 * @added:   Owned. What is added, a memory stream @more
 */
struct target {
	char path[NAME_LEN + 16];
	char name[NAME_LEN], uuid[UUID_LEN];
	char *text;
	bool there;
	struct ini *ini;
	struct stat st;
	FILE *more;
	char *added;
	size_t len;
};

/**
 * target_open() - Find the file, and read it strictly when it is there
 * @root:    Directory descriptor of "/"
 * @conf:    And of etc/virt-handoff
 * @file:    "host.ini", "vms/NAME.ini"; the latter may be UUID.ini on the host
 * @t:       Filled, all zero before; target_free(), also on failure
 * @ret_why: One sentence, or ""
 *
 * Return:   0 or -errno
 */
int target_open(int root, int conf, const char *file, struct target *t,
		char ret_why[static WHY_LEN]) MUST_CHECK;

/**
 * target_replace() - Put the file with what is added into its place
 * @aside:   Descriptor of an empty folder on the same file system
 * @by:      For the first line of a file that is made
 * @ret_why: One sentence, or ""
 *
 * Return:   0 or -errno; then the file is as it was
 */
int target_replace(const struct target *t, int conf, int aside, const char *by,
		   char ret_why[static WHY_LEN]) MUST_CHECK;

/* Release; for CLEANUP() */
void target_free(struct target *t);

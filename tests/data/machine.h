/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine.h - read a recorded machine, and unpack it into a folder */
#pragma once

#include <stddef.h>

#define MACHINE_WHY_LEN 256

/*
 * The format, one text file a machine:
 *
 *	# comment
 *	dir PATH
 *	file PATH VALUE
 *	link PATH TARGET
 *	driver NAME KEY=WORD...
 *	module NAME KEY=WORD...
 *	types NAME KEY=WORD...
 *	type NAME WORD...
 *
 * PATH is relative to the root of the machine (sys/..., proc/..., lib/modules/...), and
 * has no ".." in it. VALUE and TARGET go to the end of the line. In all three, \n, \t, \\
 * and \xHH stand for a byte; a space in a PATH is written \x20. A missing folder above
 * a PATH is made. The lines from "driver" on say how the fake kernel reacts, see
 * tests/fake/kernel.h and tests/fake/cards.h; unpacking leaves them out.
 */
enum machine_kind {
	MACHINE_DIR,
	MACHINE_FILE,
	MACHINE_LINK,
	MACHINE_DRIVER,
	MACHINE_MODULE,
	MACHINE_TYPES,
	MACHINE_TYPE,
};

/**
 * struct machine_entry - one line of a recorded machine
 * @kind:   What it is
 * @path:   Path below the root, or the name of a driver, a module or a set of types;
 *          borrowed from the machine
 * @value:  Content of a file, target of a link, the words after such a name; borrowed, ends with NUL which @len does not count
 * @len:    Bytes in @value
 * @line:   Line number in the file, from 1
 */
struct machine_entry {
	enum machine_kind kind;
	char *path;
	char *value;
	size_t len;
	unsigned int line;
};

/**
 * struct machine - a recorded machine in memory
 * @entries:  Lines in the order of the file, owned
 * @n:        Number of entries
 * @text:     The file's bytes, which the entries borrow from, owned
 */
struct machine {
	struct machine_entry *entries;
	size_t n;
	char *text;
};

/**
 * machine_read() - Read a recorded machine
 * @file:  Path of the .machine file
 * @ret:   Set on success; free with machine_free()
 * @why:   Filled on failure: file, line and cause
 *
 * Units:   none
 * Return:  0, or a negative errno; -EINVAL for a line that is not of the format
 * Source:  the format above
 */
int machine_read(const char *file, struct machine *ret, char why[static MACHINE_WHY_LEN]);

/**
 * machine_free() - Free what machine_read() made
 * @m:  Machine, or NULL, or one that is all zero
 */
void machine_free(struct machine *m);

/**
 * machine_unpack() - Write the folders, files and links of a machine below a folder
 * @m:      Machine
 * @dirfd:  Open folder that becomes the root, best an empty one
 * @why:    Filled on failure: line and path
 *
 * Needs no root: every file is an ordinary one of mode 0644.
 *
 * Units:   none
 * Return:  0, or a negative errno of the call that failed
 * Source:  the format above
 */
int machine_unpack(const struct machine *m, int dirfd, char why[static MACHINE_WHY_LEN]);

/**
 * machine_escape() - Write bytes as the format has them
 * @in:   Bytes
 * @len:  How many
 * @out:  Room for 4 * @len + 1 bytes
 *
 * Return:  bytes written, without the NUL at the end
 */
size_t machine_escape(const char *in, size_t len, char *out);

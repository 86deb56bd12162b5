/* SPDX-License-Identifier: GPL-2.0-or-later */
/* record.h - inside record*.c: a machine is written down, in the form of tests/data/machine.h */
#pragma once

#include "base.h"
#include "host.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct blanks;

/**
 * struct recording - What was written down so far
 * @h:       Borrowed. The host that is looked at; its kinds are asked for units
 * @line:    Owned, @n. "file PATH VALUE", in the order in which they were found
 * @blanks:  Owned. What stands for addresses and UUIDs
 * @failed:  There was no memory for a line
 */
struct recording {
	struct host *h;
	char **line;
	size_t n;
	struct blanks *blanks;
	bool failed;
};

/**
 * record_text() - A file with this content
 * @path:    Below the root, no slash in front
 * @text:    @len bytes; addresses and UUIDs in it, and in @path, are blanked
 */
void record_text(struct recording *r, const char *path, const char *text, size_t len);

/* The same for a line that stands for itself, such as "driver nvme ids=..." */
void record_line(struct recording *r, const char *format, ...) PRINTF(2, 3);

/**
 * record_file() - A file as it is, when it can be read; one attribute of sysfs, or a text
 *
 * Return:   Whether there was one
 */
bool record_file(struct recording *r, const char *format, ...) PRINTF(2, 3);

/* A link as it is, and an empty folder; when they are there */
void record_link(struct recording *r, const char *format, ...) PRINTF(2, 3);
void record_dir(struct recording *r, const char *format, ...) PRINTF(2, 3);

/**
 * record_read() - Read a whole file, at most 1 MiB
 * @ret_len: Its length
 *
 * Return:   Owned by the caller, NUL behind it; NULL when it cannot be read
 */
char *record_read(const struct recording *r, const char *path, size_t *ret_len);

/**
 * record_lines() - Some lines of a file
 * @keep_line: Whether to keep one; counted from 0. It may change the line in place, its
 *           length too
 */
void record_lines(struct recording *r, const char *path,
		  bool (*keep_line)(struct recording *r, char *line,
				    unsigned int number));

/**
 * record_real() - Where a path leads, with all links followed
 * @ret:     PATH_LEN bytes, below the root, no slash in front
 *
 * Return:   Whether it leads anywhere below the root
 */
bool record_real(const struct recording *r, const char *path, char *ret);

/**
 * record_each() - Call a function for each entry of a folder; a folder that is not there
 * has none
 */
void record_each(struct recording *r, const char *folder,
		 void (*each)(struct recording *r, const char *folder, const char *name));

/**
 * record_print() - Write it all, sorted, each path once
 *
 * Return:   0, -ENOMEM, -EIO
 */
int record_print(struct recording *r, FILE *to) MUST_CHECK;

void record_free(struct recording *r);

/* What is written down, by subject: record-pci.c, record-host.c, record-vms.c,
 * record-system.c, record-modules.c, record-boot.c */
void record_pci(struct recording *r);
void record_host(struct recording *r);
void record_vms(struct recording *r);
void record_system(struct recording *r);
void record_modules(struct recording *r);
void record_cmdline(struct recording *r);
void record_modprobe(struct recording *r);

/* record-xml.c */

/**
 * record_xml() - An XML file of libvirt, with what the suite reads of it alone
 * @path:    Below the root
 *
 * Elements and attributes that are not in the table are left out: passwords, paths and
 * descriptions do not come along.
 */
void record_xml(struct recording *r, const char *path);

/* record-blank.c */

/**
 * blanks_new() - Nothing was blanked yet
 * @host_name: Borrowed for the call. Is blanked wherever it stands, "" none
 */
struct blanks *blanks_new(const char *host_name);
void blanks_free(struct blanks *b);

/**
 * blanks_text() - A text with other addresses
 * @text:    @len bytes
 * @ret_len: Length of what is returned
 *
 * UUIDs, MACs (those in an interface's name too, enxMAC), IPv4 and IPv6 addresses and the
 * host's name are each replaced by the same thing wherever they stand. Addresses of one IPv4 network of 24 bits, or of one IPv6
 * network of 64, stay in one. What says nothing about anybody stays: 0.0.0.0, 127.0.0.1,
 * netmasks, ::, ::1.
 *
 * Return:   Owned by the caller; NULL when there is no memory
 */
char *blanks_text(struct blanks *b, const char *text, size_t len, size_t *ret_len);

/**
 * blanks_count() - How many addresses and UUIDs were replaced so far
 */
size_t blanks_count(const struct blanks *b);

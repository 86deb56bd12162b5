/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ctl-import.h - inside ctl-import*.c: where the text of an importer goes */
#pragma once

#include "base.h"
#include "ctl.h"

#include <stdbool.h>
#include <stdio.h>

/**
 * struct sink - Where the text of an importer goes
 * @to:      What the importer prints into
 * @write:   --write: into the INI files, otherwise it is only printed
 * @text:    Owned. What it has printed, @len bytes
 */
struct sink {
	FILE *to;
	bool write;
	char *text;
	size_t len;
};

/**
 * sink_open() - Begin
 * @argc, @argv: --write is taken out
 *
 * Return:   0 or -errno, said on standard error; then sink_close() is for it too
 */
int sink_open(struct sink *s, int *argc, char *argv[]) MUST_CHECK;

/**
 * sink_finish() - Print what has come together, or write it into the INI files
 * @kind:    "iptables", for the first line of a file that is made
 * @ret_look: Set when a person has to look
 *
 * Return:   0 or -errno, said on standard error
 */
int sink_finish(struct sink *s, const struct ctl *c, const char *kind,
		bool *ret_look) MUST_CHECK;

/* Release; for CLEANUP() */
void sink_close(struct sink *s);

/* Verbs of import that have a file of their own */
int ctl_import_modprobe(struct ctl *c, int argc, char *argv[]);
int ctl_import_rc_local(struct ctl *c, int argc, char *argv[]);
int ctl_import_mdevctl(struct ctl *c, int argc, char *argv[]);
int ctl_import_driverctl(struct ctl *c, int argc, char *argv[]);

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ctl.h - inside the command virt-handoff: its verbs, each in a file ctl-VERB.c */
#pragma once

#include "host.h"

#include <stdbool.h>

#define CTL_DONE   0
#define CTL_FAILED 1 /* also: check found what would make a start fail */
#define CTL_USAGE  2
#define CTL_LOOK   3 /* a person has to look at something; it works */

/**
 * struct ctl - What holds for all verbs
 * @host:    Its root is "/", or the recorded machine of --root; has all kinds
 * @root:    Borrowed. Folder of that root, "/" unless --root says otherwise
 * @json:    --json: what is printed is for a program
 */
struct ctl {
	struct host host;
	const char *root;
	bool json;
};

/**
 * ctl_is_here() - Whether this is about the host itself, not about a recorded machine
 *
 * Only then libvirt is asked, and only then anything is changed outside of files.
 */
bool ctl_is_here(const struct ctl *c);

/**
 * struct ctl_verb - A word that the command understands
 * @name:    The word
 * @args:    What follows it, "iptables FILE"; "": nothing
 * @help:    What it does, one line
 * @run:     Called with the words from @name on, global options taken out; returns the
 *           exit status
 */
struct ctl_verb {
	const char *name;
	const char *args;
	const char *help;
	int (*run)(struct ctl *c, int argc, char *argv[]);
};

/**
 * ctl_run() - Find a word in a table of verbs and run it
 * @verbs:   Ends with an entry without name
 * @of:      What was said so far, "virt-handoff import", for the sentence and the help
 * @argv:    From the last word of @of on, @argc of them
 *
 * "--help" and no word at all print the table.
 *
 * Return:   The verb's exit status; CTL_USAGE for a word that is not in the table
 */
int ctl_run(struct ctl *c, const struct ctl_verb *verbs, const char *of, int argc,
	    char *argv[]);

/**
 * ctl_usage() - Say how a verb is called
 * @usage:   "status [VM]", without the name of the command
 *
 * Return:   CTL_USAGE
 */
int ctl_usage(const char *usage);

/* The verbs */
int ctl_list(struct ctl *c, int argc, char *argv[]);
int ctl_status(struct ctl *c, int argc, char *argv[]);
int ctl_check(struct ctl *c, int argc, char *argv[]);
int ctl_plan(struct ctl *c, int argc, char *argv[]);
int ctl_new(struct ctl *c, int argc, char *argv[]);
int ctl_edit(struct ctl *c, int argc, char *argv[]);
int ctl_assign(struct ctl *c, int argc, char *argv[]);
int ctl_attach(struct ctl *c, int argc, char *argv[]);
int ctl_detach(struct ctl *c, int argc, char *argv[]);
int ctl_reserve(struct ctl *c, int argc, char *argv[]);
int ctl_undo(struct ctl *c, int argc, char *argv[]);
int ctl_repair(struct ctl *c, int argc, char *argv[]);
int ctl_early(struct ctl *c, int argc, char *argv[]);
int ctl_import(struct ctl *c, int argc, char *argv[]);
int ctl_keys(struct ctl *c, int argc, char *argv[]);
int ctl_record(struct ctl *c, int argc, char *argv[]);

/* Verbs of import that have a file of their own */
int ctl_import_modprobe(struct ctl *c, int argc, char *argv[]);
int ctl_import_rc_local(struct ctl *c, int argc, char *argv[]);
int ctl_import_mdevctl(struct ctl *c, int argc, char *argv[]);
int ctl_keys(struct ctl *c, int argc, char *argv[]);

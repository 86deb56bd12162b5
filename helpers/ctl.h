/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ctl.h - inside the command virt-handoff: its verbs, each in a file ctl-VERB.c */
#pragma once

#define CTL_DONE   0
#define CTL_FAILED 1
#define CTL_USAGE  2
#define CTL_LOOK   3 /* import: a person has to look at what was not taken whole */

/**
 * struct ctl_verb - A word that the command understands
 * @name:    The word
 * @args:    What follows it, "iptables FILE"; "": nothing
 * @help:    What it does, one line
 * @run:     Called with the words from @name on; returns the exit status
 */
struct ctl_verb {
	const char *name;
	const char *args;
	const char *help;
	int (*run)(int argc, char *argv[]);
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
int ctl_run(const struct ctl_verb *verbs, const char *of, int argc, char *argv[]);

/* The verbs */
int ctl_early(int argc, char *argv[]);
int ctl_import(int argc, char *argv[]);
int ctl_keys(int argc, char *argv[]);

/* Verbs of import that have a file of their own */
int ctl_import_modprobe(int argc, char *argv[]);
int ctl_import_rc_local(int argc, char *argv[]);
int ctl_import_mdevctl(int argc, char *argv[]);

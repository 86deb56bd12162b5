/* SPDX-License-Identifier: GPL-2.0-or-later */
/* import-rc.h - inside import-rc*.c: one command of an rc.local */
#pragma once

#include "base.h"
#include "file.h"
#include "import-boot.h"
#include "shell-words.h"

#include <stdbool.h>

/**
 * struct rc - One run of import_rc_local()
 * @command: That is being read
 * @where:   "line 7: TEXT", for what is said of it
 * @line:    Its number
 * @folder:  Where cd has gone, "" not known
 * @prints:  An echo has printed @printed, perhaps into a pipe
 * @printed_unknown: That has a value that is not in the text
 * @echo_where: @where of that echo
 * @nested:  Line of the sh -c that we are in, 0: none
 * @inner:   Commands of all of them so far
 * @ended:   Line of an exit that stands under no condition, 0: none yet
 */
struct rc {
	struct import_boot *b;
	const struct shell_command *command;
	char where[SHELL_TEXT_LEN + 32];
	unsigned int line;
	char folder[PATH_LEN];
	bool prints, printed_unknown;
	char printed[PATH_LEN];
	char echo_where[SHELL_TEXT_LEN + 32];
	unsigned int nested, inner, ended;
};

#define RC_TAKEN 1

/**
 * struct rc_path - A path in parts
 * @part:    From the last one on, "" where there is none
 * @folder:  The path without its last part
 */
struct rc_path {
	char text[PATH_LEN], folder[PATH_LEN];
	const char *part[4];
};

/**
 * rc_left() - Say that the command is not taken
 *
 * Return:   0 or -ENOMEM
 */
int rc_left(struct rc *x, const char *format, ...) PRINTF(2, 3) MUST_CHECK;

/**
 * rc_write() - A text is written to a file
 * @path:    File
 *
 * Return:   RC_TAKEN, 0 something was said, or -ENOMEM
 */
int rc_write(struct rc *x, const char *text, const char *path) MUST_CHECK;

/**
 * rc_write_device() - The same, for files that give a PCI function another driver
 *
 * Return:   As rc_write(), -ENOENT it is none of these
 */
int rc_write_device(struct rc *x, const char *text, const struct rc_path *p) MUST_CHECK;

/**
 * rc_echo(), rc_tee(), rc_cd() - These are called; echo is printf too
 * @w:       Words, @n of them, from the program on
 *
 * Return:   As rc_write()
 */
int rc_echo(struct rc *x, const struct shell_word *w, size_t n) MUST_CHECK;
int rc_tee(struct rc *x, const struct shell_word *w, size_t n) MUST_CHECK;
int rc_cd(struct rc *x, const struct shell_word *w, size_t n) MUST_CHECK;

/**
 * rc_drop_printed() - Say of a line that was printed that no pipe has written it to a file
 *
 * Return:   0, also when there is none; or -ENOMEM
 */
int rc_drop_printed(struct rc *x) MUST_CHECK;

/**
 * rc_nvidia_smi(), rc_sriov_manage(), rc_mdevctl() - These programs are called
 * @w:       Words, @n of them, from the program on. None is unknown
 *
 * Return:   As rc_write()
 */
int rc_nvidia_smi(struct rc *x, const struct shell_word *w, size_t n) MUST_CHECK;
int rc_sriov_manage(struct rc *x, const struct shell_word *w, size_t n) MUST_CHECK;
int rc_mdevctl(struct rc *x, const struct shell_word *w, size_t n) MUST_CHECK;
int rc_systemctl(struct rc *x, const struct shell_word *w, size_t n) MUST_CHECK;
int rc_modprobe(struct rc *x, const struct shell_word *w, size_t n) MUST_CHECK;
int rc_driverctl(struct rc *x, const struct shell_word *w, size_t n) MUST_CHECK;
int rc_virsh_nodedev(struct rc *x, const struct shell_word *w, size_t n) MUST_CHECK;

/**
 * rc_address() - Read an address as people and tools write it: "0000:e8:00.0", "0:e8:0.0",
 * "00000000:E8:00.0", "e8:00.0"
 *
 * Return:   0 or -EINVAL
 */
int rc_address(const char *text, struct bdf *ret) MUST_CHECK;

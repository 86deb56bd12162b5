/* SPDX-License-Identifier: GPL-2.0-or-later */
/* log.h - one line to whoever reads: syslog, the journal, a terminal, the kernel log */
#pragma once

#include "base.h"

#include <stdbool.h>

/* syslog(3) levels, as far as the suite uses them */
enum log_level {
	LOG_LEVEL_ERR = 3, /* what was asked for did not happen */
	LOG_LEVEL_WARNING = 4, /* it happened, but look */
	LOG_LEVEL_INFO = 6, /* what changed, a line a step with old and new value */
	LOG_LEVEL_DEBUG = 7, /* what was looked at */
};

enum log_sink {
	/* a terminal, a pipe, or the journal (found out by JOURNAL_STREAM) */
	LOG_SINK_STDERR,
	/* libvirt's hooks: libvirt drops stderr unless the hook fails */
	LOG_SINK_SYSLOG,
	LOG_SINK_KMSG, /* the initramfs */
};

/**
 * log_open() - Choose where lines go; the only global state of the suite
 * @sink:    Where to
 * @ident:   Name in front of each line, "virt-handoff"
 * @debug:   Whether LOG_LEVEL_DEBUG lines are written
 */
void log_open(enum log_sink sink, const char *ident, bool debug);

/**
 * log_line() - Write one line
 * @level:   enum log_level
 * @format:  As for printf(3), no newline at the end
 */
void log_line(enum log_level level, const char *format, ...) PRINTF(2, 3);

/**
 * log_errno() - Write an error line and return its error, so that the two cannot drift
 * apart
 * @r:       Negative errno, said after the text
 * @format:  As for printf(3)
 *
 * Return:   @r
 */
int log_errno(int r, const char *format, ...) PRINTF(2, 3);

#define log_err(...)     log_line(LOG_LEVEL_ERR, __VA_ARGS__)
#define log_warning(...) log_line(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...)    log_line(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...)   log_line(LOG_LEVEL_DEBUG, __VA_ARGS__)

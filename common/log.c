// SPDX-License-Identifier: GPL-2.0-or-later
/* log.c - one line to whoever reads: syslog, the journal, a terminal, the kernel log */

#include "log.h"

#include "text.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#define LINE_LEN 1024 /* a sentence of WHY_LEN bytes and what is around it */

static struct {
	enum log_sink sink;
	const char *ident;
	bool debug;
	bool journal;
} sink = { .ident = "virt-handoff" };

/*
 * JOURNAL_STREAM is inherited by children whose stderr was redirected since: compare it
 * with fd 2
 */
static bool stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	char have[64];
	struct stat st;

	if (!stream || fstat(STDERR_FILENO, &st) < 0)
		return false;
	snprintf(have, sizeof(have), "%ju:%ju", (uintmax_t)st.st_dev,
		 (uintmax_t)st.st_ino);
	return strcmp(stream, have) == 0;
}

void log_open(enum log_sink where, const char *ident, bool debug)
{
	sink.sink = where;
	sink.ident = ident;
	sink.debug = debug;
	sink.journal = where == LOG_SINK_STDERR && stderr_is_journal();
	if (where == LOG_SINK_SYSLOG)
		openlog(ident, LOG_PID, LOG_DAEMON);
}

/* one write(2) is one record; stdio would seek first, which /dev/kmsg refuses */
static void write_kmsg(int level, const char *text)
{
	int fd = open("/dev/kmsg", O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY);
	char line[LINE_LEN + 64];
	int len = snprintf(line, sizeof(line), "<%d>%s: %s\n", level, sink.ident, text);

	if (fd < 0)
		return;
	if (len > 0)
		(void)!write(fd, line,
			     (size_t)len < sizeof(line) ? (size_t)len : sizeof(line) - 1);
	close(fd);
}

static void write_line(int level, const char *format, va_list ap)
{
	char text[LINE_LEN];

	if (level >= LOG_LEVEL_DEBUG && !sink.debug)
		return;
	vsnprintf(text, sizeof(text), format, ap);
	text_clean(text);
	if (sink.sink == LOG_SINK_SYSLOG)
		syslog(level, "%s", text);
	else if (sink.sink == LOG_SINK_KMSG)
		write_kmsg(level, text);
	else if (sink.journal)
		fprintf(stderr, "<%d>%s\n", level, text);
	else
		fprintf(stderr, "%s: %s\n", sink.ident, text);
}

void log_line(enum log_level level, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	write_line((int)level, format, ap);
	va_end(ap);
}

int log_errno(int r, const char *format, ...)
{
	char text[LINE_LEN];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	log_line(LOG_LEVEL_ERR, "%s: %s", text, strerror(-r));
	return r;
}

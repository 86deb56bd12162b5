// SPDX-License-Identifier: GPL-2.0-or-later
/* inherited.c - what a program has from whoever started it, made harmless */

#include "inherited.h"

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

/* the other way round, so that a use of it still fails */
static void open_standard(int fd)
{
	if (fcntl(fd, F_GETFD) < 0)
		(void)!open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

static bool is_kept(const char *entry, const char *const keep[])
{
	for (; *keep; keep++) {
		size_t len = strlen(*keep);

		if (strncmp(entry, *keep, len) == 0 &&
		    (entry[len] == '=' || (*keep)[len - 1] == '_'))
			return true;
	}
	return false;
}

static void forget_variables(const char *const keep[])
{
	char **to = environ;

	for (char **from = environ; from && *from; from++)
		if (is_kept(*from, keep))
			*to++ = *from;
	if (to)
		*to = NULL;
}

void inherited_mend(const char *const keep[])
{
	sigset_t none;

	forget_variables(keep);
	/* open(2) takes the lowest that is free */
	open_standard(STDIN_FILENO);
	open_standard(STDOUT_FILENO);
	open_standard(STDERR_FILENO);
	signal(SIGCHLD, SIG_DFL);
	signal(SIGXFSZ, SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * end.c - what was run of a program is written too when it ends by _exit(2) or by a signal that asks it to
 *
 * A part of every program that is built with COVERAGE=1; gcc itself writes at exit(3) and before exec(3) only.
 */

#include <gcov.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

_Noreturn void __real__exit(int status);
_Noreturn void __wrap__exit(int status);

_Noreturn void __wrap__exit(int status)
{
	__gcov_dump();
	__real__exit(status);
}

static void end(int sig)
{
	__gcov_dump();
	signal(sig, SIG_DFL);
	raise(sig);
}

/* who ignores a signal goes on doing so */
__attribute__((constructor)) static void begin(void)
{
	static const int sigs[] = { SIGTERM, SIGINT, SIGHUP };

	for (size_t i = 0; i < sizeof(sigs) / sizeof(sigs[0]); i++)
		if (signal(sigs[i], end) == SIG_IGN)
			signal(sigs[i], SIG_IGN);
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* asan-options.c - to preload: options for what was built with AddressSanitizer */

/*
 * The leak check stops all threads by ptrace(2), which cannot work in a program that is
 * traced already: it ends the program with a fatal error. An option in the environment
 * would not reach the hook, which is started with an environment of its own; but
 * /etc/ld.so.preload of the sandbox does. The library stands before the runtime of
 * AddressSanitizer then, which must not mind.
 */
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
	return "detect_leaks=0:verify_asan_link_order=0";
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* pairs.c - time two commands in turn, A B A B ..., and print medians and ratio */

/*
 * usage: pairs [-n PAIRS] [-i STDIN-FILE] A [ARG...] -- AFTER-A [ARG...] -- B [ARG...] --
 * AFTER-B [ARG...]
 *
 * Only A and B are timed, from before the fork to after the wait; the commands after them
 * put things back. An empty AFTER does nothing. Every command must end with 0.
 */

#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAIRS_MAX 10000
#define WARM_UP   3 /* pairs that are not counted: the page cache fills */

enum { A, AFTER_A, B, AFTER_B, COMMANDS };

static const char *input = "/dev/null";
static char *const environment[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C",
				     NULL };

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double run(char **argv)
{
	posix_spawn_file_actions_t actions;
	double begin = now_ms();
	int status = 0;
	pid_t pid;

	if (!argv[0])
		return 0;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	if (posix_spawn(&pid, argv[0], &actions, NULL, argv, environment) != 0 ||
	    waitpid(pid, &status, 0) != pid || status != 0) {
		fprintf(stderr, "pairs: %s failed (status %d)\n", argv[0], status);
		exit(1);
	}
	posix_spawn_file_actions_destroy(&actions);
	return now_ms() - begin;
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *v, size_t n)
{
	qsort(v, n, sizeof(*v), ascending);
	return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

static void split(char **argv, char **commands[COMMANDS])
{
	size_t n = 0;

	commands[n++] = argv;
	for (char **p = argv; *p; p++) {
		if (strcmp(*p, "--") != 0)
			continue;
		*p = NULL;
		if (n < COMMANDS)
			commands[n] = p + 1;
		n++;
	}
	if (n != COMMANDS || !commands[A][0] || !commands[B][0]) {
		fprintf(stderr,
			"usage: pairs [-n PAIRS] [-i STDIN-FILE] A.. -- AFTER-A.. -- B.. -- AFTER-B..\n");
		exit(2);
	}
}

int main(int argc, char *argv[])
{
	static double a[PAIRS_MAX], b[PAIRS_MAX], ratio[PAIRS_MAX];
	char **commands[COMMANDS];
	long pairs = 100;
	int c;

	while ((c = getopt(argc, argv, "+n:i:")) != -1) {
		if (c == 'n')
			pairs = strtol(optarg, NULL, 10);
		else if (c == 'i')
			input = optarg;
		else
			return 2;
	}
	if (pairs < 1 || pairs > PAIRS_MAX)
		return 2;
	split(argv + optind, commands);
	for (long i = -WARM_UP; i < pairs; i++) {
		size_t at = i < 0 ? 0 : (size_t)i;

		a[at] = run(commands[A]);
		run(commands[AFTER_A]);
		b[at] = run(commands[B]);
		run(commands[AFTER_B]);
		ratio[at] = a[at] / b[at];
	}
	printf("A %.3f ms, B %.3f ms, A/B %.3f (medians of %ld pairs)\n",
	       median(a, (size_t)pairs), median(b, (size_t)pairs),
	       median(ratio, (size_t)pairs), pairs);
	return 0;
}

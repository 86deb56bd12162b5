// SPDX-License-Identifier: GPL-2.0-or-later
/* measure.c - what every bench needs: a clock, commands that are timed, medians */

#include "measure.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

static char *const environment[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C",
				     NULL };

double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Between the two measurements that are next to this part of them */
static double at(const double *v, size_t n, double part)
{
	double place = part * (double)(n - 1);
	size_t i = (size_t)place;

	return i + 1 < n ? v[i] + (place - (double)i) * (v[i + 1] - v[i]) : v[n - 1];
}

struct spread spread_of(double *v, size_t n)
{
	qsort(v, n, sizeof(*v), ascending);
	return (struct spread){ at(v, n, .25), at(v, n, .5), at(v, n, .75), v[n - 1] };
}

struct cost run_command(char **argv, const char *input)
{
	posix_spawn_file_actions_t actions;
	struct rusage usage = { 0 };
	double begin = now_ms();
	int status = 0;
	pid_t pid;

	if (!argv || !argv[0])
		return (struct cost){ 0 };
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	if (posix_spawn(&pid, argv[0], &actions, NULL, argv, environment) != 0 ||
	    wait4(pid, &status, 0, &usage) != pid || status != 0) {
		fprintf(stderr, "%s failed (status %d)\n", argv[0], status);
		exit(1);
	}
	posix_spawn_file_actions_destroy(&actions);
	return (struct cost){ now_ms() - begin, usage.ru_maxrss };
}

size_t split_commands(char **argv, char **ret[], size_t n)
{
	size_t found = 0;

	if (found < n)
		ret[found++] = argv;
	for (char **p = argv; *p; p++) {
		if (strcmp(*p, "--") != 0)
			continue;
		*p = NULL;
		if (found < n)
			ret[found] = p + 1;
		found++;
	}
	return found;
}

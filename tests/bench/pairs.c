// SPDX-License-Identifier: GPL-2.0-or-later
/* pairs.c - time two commands in turn, A B A B ..., and print medians and ratio */

/*
 * usage: pairs [-n PAIRS] [-i STDIN-FILE] A [ARG...] -- AFTER-A [ARG...] -- B [ARG...] --
 * AFTER-B [ARG...]
 *
 * Only A and B are timed, from before the fork to after the wait; the commands after them
 * put things back. An empty AFTER does nothing. Every command must end with 0.
 *
 * Prints one line: milliseconds of A, of B (medians), A/B (first quartile, median,
 * third), how many pairs, kilobytes that A and B had resident at most.
 */

#include "measure.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define WARM_UP 3 /* pairs that are not counted: the page cache fills */

enum { A, AFTER_A, B, AFTER_B, COMMANDS };

struct pairs {
	double a[SAMPLES_MAX], b[SAMPLES_MAX], ratio[SAMPLES_MAX];
	long peak_a, peak_b;
};

static double run(char **argv, const char *input, long *peak)
{
	struct cost c = run_command(argv, input);

	if (c.peak > *peak)
		*peak = c.peak;
	return c.ms;
}

static void measure(struct pairs *p, char **commands[COMMANDS], const char *input, long n)
{
	/* what takes seconds is not warmed up */
	for (long i = n > WARM_UP ? -WARM_UP : 0; i < n; i++) {
		size_t at = i < 0 ? 0 : (size_t)i;

		p->a[at] = run(commands[A], input, &p->peak_a);
		run_command(commands[AFTER_A], input);
		p->b[at] = run(commands[B], input, &p->peak_b);
		run_command(commands[AFTER_B], input);
		p->ratio[at] = p->a[at] / p->b[at];
	}
}

static void print(struct pairs *p, size_t n)
{
	struct spread ratio = spread_of(p->ratio, n);

	printf("%.3f %.3f %.4f %.4f %.4f %zu %ld %ld\n", spread_of(p->a, n).mid,
	       spread_of(p->b, n).mid, ratio.low, ratio.mid, ratio.high, n, p->peak_a,
	       p->peak_b);
}

int main(int argc, char *argv[])
{
	static struct pairs p;
	const char *input = "/dev/null";
	char **commands[COMMANDS];
	long n = 100;
	int c;

	while ((c = getopt(argc, argv, "+n:i:")) != -1) {
		if (c == 'n')
			n = strtol(optarg, NULL, 10);
		else if (c == 'i')
			input = optarg;
		else
			return 2;
	}
	if (n < 1 || n > SAMPLES_MAX ||
	    split_commands(argv + optind, commands, COMMANDS) != COMMANDS ||
	    !commands[A][0] || !commands[B][0]) {
		fprintf(stderr,
			"usage: pairs [-n PAIRS] [-i STDIN-FILE] A.. -- AFTER-A.. -- B.. -- AFTER-B..\n");
		return 2;
	}
	measure(&p, commands, input, n);
	print(&p, (size_t)n);
	return 0;
}

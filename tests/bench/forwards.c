// SPDX-License-Identifier: GPL-2.0-or-later
/* forwards.c - change forwards in the kernel, inside one process or as a process */

/*
 * usage: forwards [-p PRESENT] [-g GUEST] fill|add N|remove N
 *        forwards [-p PRESENT] [-n PAIRS] inside N -- ADD.. -- REMOVE..
 *
 * The library's fw_apply() is called with lists that are made here: VMs of 1000 forwards
 * each that are there already (PRESENT in all, at least one), and one VM, "bench", that
 * changes. Which ports, and where they lead to, is the same in forwards.sh, which writes
 * the files for others.
 *
 * `inside` times the calls alone, in turn with the commands ADD and REMOVE of somebody
 * else (may be empty), and prints two lines, of adding and removing: milliseconds of ours
 * (first quartile, median, third, worst), of the command (median), command/ours (first
 * quartile, median, third), how many pairs.
 */

#include "fw.h"
#include "measure.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WARM_UP     3
#define PRESENT_MAX 50000
#define CHANGES_MAX 10000
#define PER_VM      1000
#define FIRST       50001 /* port of the VM that changes; those before it are PRESENT */

struct bench {
	struct forwards others[PRESENT_MAX / PER_VM];
	size_t n_others;
	struct forwards changes, none;
};

struct pairs {
	double ours[SAMPLES_MAX], theirs[SAMPLES_MAX], ratio[SAMPLES_MAX];
};

enum { OURS, ADD, REMOVE, COMMANDS };

static void die(const char *sentence)
{
	fprintf(stderr, "forwards: %s\n", sentence);
	exit(1);
}

/* Ports FIRST... of the host to the same ports of the guest */
static void make_list(struct forwards *f, const char *vm, unsigned int first,
		      unsigned int n, const struct ip *guest)
{
	struct forward one = {
		.name = "bench",
		.proto = IPPROTO_TCP,
		.guest = *guest,
		.net = { *guest, 24 },
		.bridge = "virbr0",
	};

	forwards_name(f, vm, "");
	for (unsigned int i = 0; i < n; i++) {
		one.lo = one.hi = one.to = (uint16_t)(first + i);
		if (forwards_add(f, &one) < 0)
			die("no memory");
	}
}

static void make_lists(struct bench *b, unsigned int present, unsigned int n,
		       const char *address)
{
	struct ip guest, other = { AF_INET, { 192, 168, 122, 100 } };
	char vm[16];

	if (ip_parse(address, &guest) < 0 || guest.family != AF_INET)
		die("no address");
	for (unsigned int first = 1; first <= present; first += PER_VM) {
		unsigned int left = present - first + 1;

		snprintf(vm, sizeof(vm), "vm%zu", b->n_others);
		make_list(&b->others[b->n_others], vm, first,
			  left < PER_VM ? left : PER_VM, &other);
		other.bytes[3]++;
		b->n_others++;
	}
	make_list(&b->changes, "bench", FIRST, n, &guest);
	make_list(&b->none, "bench", 0, 0, &guest);
}

static void apply(const struct bench *b, const char *vm, const struct forwards *old,
		  const struct forwards *now)
{
	struct fw_request q = { .vm = vm,
				.old = old,
				.now = now,
				.others = b->others,
				.n_others = b->n_others,
				.thorough = !vm };
	struct fw_result done;
	char sentence[WHY_LEN] = "";

	if (fw_apply(&q, &done, sentence) < 0)
		die(sentence);
}

static void note(struct pairs *p, size_t at, double ours, double theirs)
{
	p->ours[at] = ours;
	p->theirs[at] = theirs;
	p->ratio[at] = theirs / ours;
}

static void print(struct pairs *p, size_t n)
{
	struct spread ours = spread_of(p->ours, n), ratio = spread_of(p->ratio, n);

	printf("%.3f %.3f %.3f %.3f %.3f %.2f %.2f %.2f %zu\n", ours.low, ours.mid,
	       ours.high, ours.worst, spread_of(p->theirs, n).mid, ratio.low, ratio.mid,
	       ratio.high, n);
}

static double timed(const struct bench *b, const struct forwards *old,
		    const struct forwards *now)
{
	double begin = now_ms();

	apply(b, "bench", old, now);
	return now_ms() - begin;
}

static void inside(const struct bench *b, char **commands[COMMANDS], long n)
{
	static struct pairs added, removed;

	for (long i = -WARM_UP; i < n; i++) {
		size_t at = i < 0 ? 0 : (size_t)i;
		double ours = timed(b, &b->none, &b->changes);

		note(&added, at, ours, run_command(commands[ADD], "/dev/null").ms);
		ours = timed(b, &b->changes, &b->none);
		note(&removed, at, ours, run_command(commands[REMOVE], "/dev/null").ms);
	}
	print(&added, (size_t)n);
	print(&removed, (size_t)n);
}

static int usage(void)
{
	fprintf(stderr,
		"usage: forwards [-p PRESENT] [-g GUEST] [-n PAIRS] fill|add|remove|inside N"
		" [-- ADD.. -- REMOVE..]\n");
	return 2;
}

int main(int argc, char *argv[])
{
	static struct bench b;
	char **commands[COMMANDS] = { 0 };
	const char *guest = "192.168.122.2";
	long present = 1, pairs = 100, n;
	int c;

	while ((c = getopt(argc, argv, "+p:n:g:")) != -1) {
		if (c == 'p')
			present = strtol(optarg, NULL, 10);
		else if (c == 'n')
			pairs = strtol(optarg, NULL, 10);
		else if (c == 'g')
			guest = optarg;
		else
			return usage();
	}
	if (argc - optind < 1 || present < 0 || present > PRESENT_MAX || pairs < 1 ||
	    pairs > SAMPLES_MAX || split_commands(argv + optind, commands, COMMANDS) > 3)
		return usage();
	argv += optind;
	n = argv[1] ? strtol(argv[1], NULL, 10) : 0;
	if (n < 0 || n > CHANGES_MAX)
		return usage();
	make_lists(&b, (unsigned int)present, (unsigned int)n, guest);
	if (strcmp(argv[0], "fill") == 0)
		apply(&b, NULL, NULL, NULL);
	else if (strcmp(argv[0], "add") == 0)
		apply(&b, "bench", &b.none, &b.changes);
	else if (strcmp(argv[0], "remove") == 0)
		apply(&b, "bench", &b.changes, &b.none);
	else if (strcmp(argv[0], "inside") == 0)
		inside(&b, commands, pairs);
	else
		return usage();
	return 0;
}

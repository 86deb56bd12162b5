// SPDX-License-Identifier: GPL-2.0-or-later
/* reaction.c - how long until forwards are right again after something has happened */

/*
 * usage: reaction [-n TIMES] [-r MS] -t ADDRESS:PORT=LETTER [-t ...] WATCH HOOK --
 * PREPARE.. -- ACTION..
 *
 * WATCH is started with HOOK. Then, again and again: PREPARE is run, its argument N
 * replaced by a number; everything comes to rest, for MS or 300 milliseconds; ACTION is
 * run, which breaks the forwards or asks for others; and from the namespace "client" a new
 * connection is tried every millisecond until one is answered by the guest whose name
 * begins with LETTER. With several targets they take turns, so that the right answer is
 * never the one from before.
 *
 * The time begins before ACTION is started, so it has ACTION's own in it. Prints one
 * line, milliseconds: until the answer (first quartile, median, third, worst), ACTION
 * itself (median), how often, and how often the first connection had no right answer at
 * once.
 */

#include "measure.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define WARM_UP     1
#define TARGETS_MAX 4
#define TRIES_MAX   10000 /* a millisecond each */
#define REST_MS     300 /* if nobody says anything else */
/* the watch pauses after twelve repairs within a minute; what takes four commits may be
 * four */
#define REPAIRS_MAX 3

struct target {
	struct sockaddr_in address;
	char letter;
};

/**
 * struct bench - What is known
 * @target:  Right answers, in turn; @n_targets of them
 * @host, @client: Network namespaces
 * @watch:   Process
 * @left:    Repairs until a new one is started
 * @rest:    Milliseconds in which everything comes to rest
 */
struct bench {
	struct target target[TARGETS_MAX];
	size_t n_targets;
	int host, client;
	pid_t watch;
	unsigned int left;
	long rest;
};

enum { WATCH, PREPARE, ACTION, COMMANDS };

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void rest(const struct bench *b)
{
	/* not always at the same moment of somebody's timer */
	usleep((useconds_t)(b->rest * 1000 + rand() % 50000));
}

static void watch_anew(struct bench *b, char **argv)
{
	if (b->watch) {
		kill(b->watch, SIGTERM);
		waitpid(b->watch, NULL, 0);
	}
	b->watch = fork();
	if (b->watch == 0) {
		/* it must not outlive us when something fails */
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		execv(argv[0], argv);
		_exit(127);
	}
	b->left = REPAIRS_MAX;
	rest(b);
}

/* A new connection; a refusal is seen by poll */
static void try(const struct target *t, int epoll)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct epoll_event e = { .events = EPOLLIN, .data.fd = fd };
	const struct linger none = { .l_onoff = 1 };

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none)) < 0)
		die("socket");
	if (connect(fd, (const struct sockaddr *)&t->address, sizeof(t->address)) < 0 &&
	    errno != EINPROGRESS)
		close(fd);
	else if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e) < 0)
		die("epoll");
}

/* Waits a millisecond for a right answer to any that was tried */
static bool is_answered(const struct target *t, int epoll)
{
	struct epoll_event e;
	double end = now_ms() + 1;

	while (now_ms() < end) {
		char letter = 0;

		if (epoll_wait(epoll, &e, 1, 1) <= 0)
			return false;
		if (read(e.data.fd, &letter, 1) == 1 && letter == t->letter)
			return true;
		close(e.data.fd);
	}
	return false;
}

/* Returns after how many tries */
static int wait_for(const struct bench *b, const struct target *t)
{
	int epoll = epoll_create1(EPOLL_CLOEXEC), tries = 0;

	if (epoll < 0 || setns(b->client, CLONE_NEWNET) < 0)
		die("client");
	do {
		if (++tries > TRIES_MAX) {
			fprintf(stderr, "reaction: nothing is right after %d ms\n",
				tries);
			exit(1);
		}
		try(t, epoll);
	} while (!is_answered(t, epoll));
	if (setns(b->host, CLONE_NEWNET) < 0)
		die("host");
	/* what is not closed yet: connections without an answer, or with a later one */
	closefrom(epoll);
	return tries;
}

static double once(struct bench *b, char **commands[COMMANDS], size_t i, double *action,
		   bool *broken)
{
	const struct target *t = &b->target[i % b->n_targets];
	double begin;

	if (b->left-- == 0)
		watch_anew(b, commands[WATCH]);
	run_command(commands[PREPARE], "/dev/null");
	rest(b);
	begin = now_ms();
	*action = run_command(commands[ACTION], "/dev/null").ms;
	*broken = wait_for(b, t) > 1;
	return now_ms() - begin;
}

static void add_target(struct bench *b, const char *s)
{
	struct target *t = &b->target[b->n_targets];
	char ip[INET_ADDRSTRLEN];
	unsigned int port;

	if (b->n_targets == TARGETS_MAX ||
	    sscanf(s, "%15[0-9.]:%u=%c", ip, &port, &t->letter) != 3 ||
	    inet_pton(AF_INET, ip, &t->address.sin_addr) != 1) {
		fprintf(stderr, "reaction: what is %s?\n", s);
		exit(2);
	}
	t->address.sin_family = AF_INET;
	t->address.sin_port = htons((uint16_t)port);
	b->n_targets++;
}

/* Where the number of the repetition goes */
static void set_number(char **argv, char *number)
{
	for (; *argv; argv++)
		if (strcmp(*argv, "N") == 0)
			*argv = number;
}

int main(int argc, char *argv[])
{
	static double took[SAMPLES_MAX], action[SAMPLES_MAX];
	struct bench b = { .host = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC),
			   .client = open("/run/netns/client", O_RDONLY | O_CLOEXEC),
			   .rest = REST_MS };
	char **commands[COMMANDS], number[16];
	long n = 30, n_broken = 0;
	struct spread s;
	int c;

	while ((c = getopt(argc, argv, "+n:r:t:")) != -1) {
		if (c == 'n')
			n = strtol(optarg, NULL, 10);
		else if (c == 'r')
			b.rest = strtol(optarg, NULL, 10);
		else if (c == 't')
			add_target(&b, optarg);
		else
			return 2;
	}
	if (n < 1 || n > SAMPLES_MAX || b.n_targets == 0 ||
	    split_commands(argv + optind, commands, COMMANDS) != COMMANDS) {
		fprintf(stderr,
			"usage: reaction [-n TIMES] [-r MS] -t ADDRESS:PORT=LETTER WATCH HOOK -- PREPARE.. -- ACTION..\n");
		return 2;
	}
	if (b.host < 0 || b.client < 0)
		die("namespace");
	set_number(commands[PREPARE], number);
	for (long i = -WARM_UP; i < n; i++) {
		size_t at = i < 0 ? 0 : (size_t)i;
		bool broken;

		snprintf(number, sizeof(number), "%ld", i + WARM_UP);
		took[at] =
			once(&b, commands, (size_t)(i + WARM_UP), &action[at], &broken);
		n_broken += i >= 0 && broken;
	}
	kill(b.watch, SIGTERM);
	waitpid(b.watch, NULL, 0);
	s = spread_of(took, (size_t)n);
	printf("%.2f %.2f %.2f %.2f %.2f %ld %ld\n", s.low, s.mid, s.high, s.worst,
	       spread_of(action, (size_t)n).mid, n, n_broken);
	return 0;
}

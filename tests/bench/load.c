// SPDX-License-Identifier: GPL-2.0-or-later
/* load.c - both ends of a connection: `serve` in the guest, `connect` and `stream` in the
 * client */

/*
 * usage: load serve FIRST LAST
 *        load connect|stream SLICE-MS PAIRS ADDRESS FIRST LAST ADDRESS FIRST LAST
 *
 * `serve` listens on all these ports: a connection gets one byte, and what comes then is
 * thrown away. `connect` makes connections to random ports, gets the byte and closes,
 * with PROCESSES at once; `stream` sends on one connection to the port in the middle.
 * Both do it with the first address and with the second one in turn, and print one line:
 * what the first and the second reached in a second (medians; connections, megabits),
 * first/second (first quartile, median, third), how many pairs.
 */

#include "measure.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROCESSES 4
#define WARM_UP   2
#define EVENTS    64
#define BYTES     (256 << 10)

/**
 * struct target - Where to
 * @ip:           Address
 * @first, @last: Ports
 */
struct target {
	struct in_addr ip;
	unsigned int first, last;
};

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static struct sockaddr_in address_of(struct in_addr ip, unsigned int port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
				     .sin_addr = ip,
				     .sin_port = htons((uint16_t)port) };
}

/* ---- the guest ---- */

static int listen_on(int epoll, unsigned int port)
{
	struct sockaddr_in a = address_of((struct in_addr){ INADDR_ANY }, port);
	int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct epoll_event e = { .events = EPOLLIN, .data.fd = fd };

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0 ||
	    bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0 || listen(fd, 128) < 0 ||
	    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e) < 0)
		die("listen");
	return fd;
}

/* Connections have numbers above those of what listens. */
static void take(int epoll, int fd)
{
	struct epoll_event e = { .events = EPOLLIN };

	while ((e.data.fd = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		if (write(e.data.fd, "!", 1) != 1 ||
		    epoll_ctl(epoll, EPOLL_CTL_ADD, e.data.fd, &e) < 0)
			close(e.data.fd);
	}
}

/* MSG_TRUNC: bytes are thrown away without being copied */
static void throw_away(int fd)
{
	ssize_t n = recv(fd, NULL, BYTES, MSG_TRUNC | MSG_DONTWAIT);

	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		close(fd);
}

static int serve(unsigned int first, unsigned int last)
{
	struct rlimit files;
	struct epoll_event events[EVENTS];
	int epoll = epoll_create1(EPOLL_CLOEXEC), highest = -1, n;

	if (getrlimit(RLIMIT_NOFILE, &files) < 0)
		die("getrlimit");
	files.rlim_cur = files.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &files) < 0)
		die("setrlimit");
	for (unsigned int port = first; port <= last; port++)
		highest = listen_on(epoll, port);
	printf("ready\n");
	fflush(stdout);
	while ((n = epoll_wait(epoll, events, EVENTS, -1)) > 0) {
		for (int i = 0; i < n; i++) {
			if (events[i].data.fd <= highest)
				take(epoll, events[i].data.fd);
			else
				throw_away(events[i].data.fd);
		}
	}
	return 1;
}

/* ---- the client ---- */

/* Closing sends a reset: a connection that waits for its end would keep its port. */
static int connected(const struct target *t, unsigned int port)
{
	const struct linger none = { .l_onoff = 1 };
	struct sockaddr_in a = address_of(t->ip, port);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char byte;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none)) < 0 ||
	    connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0 || read(fd, &byte, 1) != 1)
		die(inet_ntoa(t->ip));
	return fd;
}

static void connect_all_the_time(const struct target *t, double end, unsigned long *count,
				 unsigned int seed)
{
	while (now_ms() < end) {
		unsigned int span = t->last - t->first + 1;

		close(connected(t, t->first + (unsigned int)rand_r(&seed) % span));
		++*count;
	}
}

/* Connections in a second */
static double connections(const struct target *t, double ms)
{
	static unsigned long *counts;
	static unsigned int seed;
	double begin = now_ms(), n = 0;
	int status, bad = 0;

	if (!counts)
		counts = mmap(NULL, PROCESSES * sizeof(*counts), PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	memset(counts, 0, PROCESSES * sizeof(*counts));
	for (int i = 0; i < PROCESSES; i++) {
		seed++;
		if (fork() == 0) {
			connect_all_the_time(t, begin + ms, &counts[i], seed);
			_exit(0);
		}
	}
	while (wait(&status) > 0)
		bad |= status;
	if (bad)
		exit(1);
	for (int i = 0; i < PROCESSES; i++)
		n += (double)counts[i];
	return n / (now_ms() - begin) * 1e3;
}

/* Megabits in a second */
static double stream(const struct target *t, double ms)
{
	static const char bytes[BYTES];
	int fd = connected(t, (t->first + t->last) / 2);
	double begin = now_ms(), sent = 0;

	while (now_ms() < begin + ms) {
		ssize_t n = write(fd, bytes, sizeof(bytes));

		if (n < 0)
			die("write");
		sent += (double)n;
	}
	ms = now_ms() - begin;
	close(fd);
	return sent * 8 / 1e3 / ms;
}

static void compare(double (*reach)(const struct target *t, double ms), double ms, long n,
		    const struct target target[2])
{
	static double a[SAMPLES_MAX], b[SAMPLES_MAX], ratio[SAMPLES_MAX];
	struct spread s;

	for (long i = -WARM_UP; i < n; i++) {
		size_t at = i < 0 ? 0 : (size_t)i;

		/* who is first has no advantage */
		if (i % 2)
			a[at] = reach(&target[0], ms);
		b[at] = reach(&target[1], ms);
		if (i % 2 == 0)
			a[at] = reach(&target[0], ms);
		ratio[at] = a[at] / b[at];
	}
	s = spread_of(ratio, (size_t)n);
	printf("%.1f %.1f %.4f %.4f %.4f %ld\n", spread_of(a, (size_t)n).mid,
	       spread_of(b, (size_t)n).mid, s.low, s.mid, s.high, n);
}

static unsigned int number(const char *s)
{
	return (unsigned int)strtoul(s, NULL, 10);
}

static struct target target_of(char **argv)
{
	struct target t = { .first = number(argv[1]), .last = number(argv[2]) };

	if (inet_pton(AF_INET, argv[0], &t.ip) != 1)
		die(argv[0]);
	return t;
}

int main(int argc, char *argv[])
{
	struct target t[2];
	long pairs;

	signal(SIGPIPE, SIG_IGN);
	if (argc == 4 && strcmp(argv[1], "serve") == 0)
		return serve(number(argv[2]), number(argv[3]));
	pairs = argc == 10 ? strtol(argv[3], NULL, 10) : 0;
	if (pairs < 1 || pairs > SAMPLES_MAX) {
		fprintf(stderr,
			"usage: load serve|connect|stream ..., see the top of load.c\n");
		return 2;
	}
	t[0] = target_of(argv + 4);
	t[1] = target_of(argv + 7);
	compare(strcmp(argv[1], "stream") == 0 ? stream : connections, number(argv[2]),
		pairs, t);
	return 0;
}

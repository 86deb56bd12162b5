// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * peer.c - the two ends of a test connection: `serve` answers with its name and who
 *asked, `ask` prints the answer
 *
 *	peer serve tcp|udp ADDRESS PORT[-PORT] NAME
 *	peer ask tcp|udp ADDRESS PORT [FROM-PORT]	exit 1: no answer within 1 s
 *	peer talk udp ADDRESS PORT FROM-PORT	asks again and again, prints the first
 *answer peer log SOCKET FILE			what is sent to syslog goes to a file peer
 *load ADDRESS PORT SECONDS		connections per second
 */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define WAIT_MS   1000 /* PEER_WAIT_MS says another */
#define PORTS_MAX 256

union address {
	struct sockaddr sa;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static union address address_of(const char *ip, int port)
{
	union address a = { 0 };

	a.sa.sa_family = strchr(ip, ':') ? AF_INET6 : AF_INET;
	if (a.sa.sa_family == AF_INET6) {
		a.v6.sin6_port = htons((uint16_t)port);
		if (inet_pton(AF_INET6, ip, &a.v6.sin6_addr) != 1)
			die(ip);
	} else {
		a.v4.sin_port = htons((uint16_t)port);
		if (inet_pton(AF_INET, ip, &a.v4.sin_addr) != 1)
			die(ip);
	}
	return a;
}

static socklen_t length(const union address *a)
{
	return a->sa.sa_family == AF_INET6 ? sizeof(a->v6) : sizeof(a->v4);
}

static const char *text_of(const union address *a)
{
	static char text[INET6_ADDRSTRLEN];
	const void *ip = a->sa.sa_family == AF_INET6 ? (const void *)&a->v6.sin6_addr
						     : (const void *)&a->v4.sin_addr;

	return inet_ntop(a->sa.sa_family, ip, text, sizeof(text)) ? text : "?";
}

static int open_socket(const union address *a, bool udp)
{
	int one = 1, fd = socket(a->sa.sa_family,
				 (udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, 0);

	if (fd < 0)
		die("socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (a->sa.sa_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
	return fd;
}

static void answer(int fd, bool udp, const char *name, int port)
{
	union address from = { 0 };
	socklen_t len = sizeof(from);
	char text[256], in[256];
	int c;

	if (udp) {
		if (recvfrom(fd, in, sizeof(in), 0, &from.sa, &len) < 0)
			return;
		snprintf(text, sizeof(text), "%s:%d %s\n", name, port, text_of(&from));
		(void)!sendto(fd, text, strlen(text), 0, &from.sa, len);
		return;
	}
	c = accept(fd, &from.sa, &len);
	if (c < 0)
		return;
	snprintf(text, sizeof(text), "%s:%d %s\n", name, port, text_of(&from));
	(void)!write(c, text, strlen(text));
	close(c);
}

static int serve(bool udp, const char *ip, const char *ports, const char *name)
{
	struct pollfd p[PORTS_MAX];
	int first = atoi(ports), n = 1;
	const char *dash = strchr(ports, '-');

	if (dash)
		n = atoi(dash + 1) - first + 1;
	if (n > PORTS_MAX)
		n = PORTS_MAX;
	for (int i = 0; i < n; i++) {
		union address a = address_of(ip, first + i);

		p[i] = (struct pollfd){ .fd = open_socket(&a, udp), .events = POLLIN };
		if (bind(p[i].fd, &a.sa, length(&a)) < 0)
			die("bind");
		if (!udp && listen(p[i].fd, 128) < 0)
			die("listen");
	}
	/* the caller waits for this line: from here on connections are answered */
	printf("ready\n");
	fflush(stdout);
	fclose(stdout);
	while (poll(p, (nfds_t)n, -1) > 0)
		for (int i = 0; i < n; i++)
			if (p[i].revents)
				answer(p[i].fd, udp, name, first + i);
	return 1;
}

static int wait_ms(void)
{
	const char *text = getenv("PEER_WAIT_MS");

	return text ? atoi(text) : WAIT_MS;
}

static int wait_for(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };

	return poll(&p, 1, wait_ms());
}

static int connected(bool udp, const char *ip, int port, int from_port)
{
	union address a = address_of(ip, port), from = { 0 };
	int fd = open_socket(&a, udp), error = 0;
	socklen_t len = sizeof(error);

	from.sa.sa_family = a.sa.sa_family;
	if (a.sa.sa_family == AF_INET6)
		from.v6.sin6_port = htons((uint16_t)from_port);
	else
		from.v4.sin_port = htons((uint16_t)from_port);
	if (from_port && bind(fd, &from.sa, length(&from)) < 0)
		die("bind");
	/* a deadline for connect(2) */
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO,
		   &(struct timeval){ .tv_sec = wait_ms() / 1000 },
		   sizeof(struct timeval));
	if (connect(fd, &a.sa, length(&a)) < 0)
		return -1;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0 || error)
		return -1;
	return fd;
}

static int ask(bool udp, const char *ip, int port, int from_port)
{
	int fd = connected(udp, ip, port, from_port);
	char text[256];
	ssize_t n;

	if (fd < 0)
		return 1;
	if (udp && write(fd, "?", 1) != 1)
		return 1;
	if (wait_for(fd, POLLIN) <= 0)
		return 1;
	n = read(fd, text, sizeof(text) - 1);
	if (n <= 0)
		return 1;
	text[n] = '\0';
	fputs(text, stdout);
	return 0;
}

/* A sender that never pauses: the kernel never forgets his connection by itself. */
static int talk(const char *ip, int port, int from_port)
{
	union address a = address_of(ip, port);
	int fd = connected(true, ip, port, from_port);
	char text[256];

	if (fd < 0)
		return 1;
	(void)a;
	for (int i = 0; i < 500; i++) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		ssize_t n;

		(void)!write(fd, "?", 1);
		if (poll(&p, 1, 20) <= 0)
			continue;
		n = read(fd, text, sizeof(text) - 1);
		if (n <= 0)
			continue; /* an ICMP error */
		text[n] = '\0';
		fputs(text, stdout);
		return 0;
	}
	return 1;
}

static int collect_log(const char *path, const char *file)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	FILE *f = fopen(file, "ae");
	char text[8192];
	ssize_t n;

	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", path);
	if (fd < 0 || !f || bind(fd, (struct sockaddr *)&sun, sizeof(sun)) < 0)
		die(path);
	printf("ready\n");
	fflush(stdout);
	fclose(stdout);
	while ((n = recv(fd, text, sizeof(text) - 1, 0)) > 0) {
		text[n] = '\0';
		fprintf(f, "%s\n", text);
		fflush(f);
	}
	return 1;
}

static int load(const char *ip, int port, int seconds)
{
	struct timespec begin, now;
	unsigned long n = 0;
	double took;

	clock_gettime(CLOCK_MONOTONIC, &begin);
	do {
		int fd = connected(false, ip, port, 0);
		struct linger none = { .l_onoff = 1 };
		char text[256];

		if (fd < 0)
			return 1;
		(void)!read(fd, text, sizeof(text));
		/* no TIME_WAIT: ports would run out */
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
		close(fd);
		n++;
		clock_gettime(CLOCK_MONOTONIC, &now);
		took = (double)(now.tv_sec - begin.tv_sec) +
		       (double)(now.tv_nsec - begin.tv_nsec) / 1e9;
	} while (took < seconds);
	printf("%.0f\n", (double)n / took);
	return 0;
}

int main(int argc, char *argv[])
{
	bool udp = argc > 2 && strcmp(argv[2], "udp") == 0;

	signal(SIGPIPE, SIG_IGN);
	if (argc == 6 && strcmp(argv[1], "serve") == 0)
		return serve(udp, argv[3], argv[4], argv[5]);
	if ((argc == 5 || argc == 6) && strcmp(argv[1], "ask") == 0)
		return ask(udp, argv[3], atoi(argv[4]), argc == 6 ? atoi(argv[5]) : 0);
	if (argc == 6 && strcmp(argv[1], "talk") == 0)
		return talk(argv[3], atoi(argv[4]), atoi(argv[5]));
	if (argc == 4 && strcmp(argv[1], "log") == 0)
		return collect_log(argv[2], argv[3]);
	if (argc == 5 && strcmp(argv[1], "load") == 0)
		return load(argv[2], atoi(argv[3]), atoi(argv[4]));
	fprintf(stderr, "usage: %s serve|ask|talk|log|load ..., see the top of peer.c\n",
		argv[0]);
	return 2;
}

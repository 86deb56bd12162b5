/* SPDX-License-Identifier: GPL-2.0-or-later */
/* client.c - the outer end of the lab: runs scripts through the agent, and sends lines to QEMU's monitor */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define STATUS_TIMEOUT	124	/* as timeout(1) */
#define STATUS_LOST	125	/* the machine went away */
#define GRACE_MS	20000	/* for the agent to report its own timeout, before we give up on it */

static const char usage[] =
	"usage: client run [-t SECONDS] SOCKET SCRIPT-FILE [STDIN-FILE]\n"
	"       client wait [-t SECONDS] SOCKET\n"
	"       client monitor [-t SECONDS] SOCKET COMMAND\n";

struct stream {
	int fd;
	size_t at, len;
	char buf[65536];
};

static long long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static uint64_t sum_fnv(uint64_t sum, const char *p, size_t len)
{
	while (len--)
		sum = (sum ^ (unsigned char)*p++) * 0x100000001b3ull;
	return sum;
}

/* The machine may be starting still: its socket is not there, or nobody listens yet. */
static int socket_connect(const char *path, long long end)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	const struct timespec pause = { .tv_nsec = 20 * 1000000 };

	if (strlen(path) >= sizeof(a.sun_path))
		return -ENAMETOOLONG;
	strcpy(a.sun_path, path);
	for (;;) {
		int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

		if (fd < 0)
			return -errno;
		if (connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0)
			return fd;
		close(fd);
		if (now_ms() > end)
			return -ETIME;
		nanosleep(&pause, NULL);
	}
}

static int write_all(int fd, const char *p, size_t len)
{
	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -EPIPE;
		p += n;
		len -= n;
	}
	return 0;
}

static int stream_fill(struct stream *s, long long end)
{
	struct pollfd p = { .fd = s->fd, .events = POLLIN };
	long long left = end - now_ms();
	ssize_t n;

	if (left <= 0 || poll(&p, 1, (int)left) == 0)
		return -ETIME;
	n = read(s->fd, s->buf, sizeof(s->buf));
	if (n <= 0)
		return -EPIPE;
	s->at = 0;
	s->len = n;
	return 0;
}

static int stream_byte(struct stream *s, char *ret_c, long long end)
{
	if (s->at == s->len) {
		int r = stream_fill(s, end);

		if (r < 0)
			return r;
	}
	*ret_c = s->buf[s->at++];
	return 0;
}

static int stream_line(struct stream *s, char *line, size_t size, long long end)
{
	size_t n = 0;

	for (;;) {
		char c;
		int r = stream_byte(s, &c, end);

		if (r < 0)
			return r;
		if (c == '\n')
			break;
		if (n < size - 1)
			line[n++] = c;
	}
	line[n] = '\0';
	return 0;
}

static int stream_copy(struct stream *s, size_t len, int to, long long end)
{
	while (len) {
		size_t part = s->len - s->at;
		int r;

		if (!part) {
			r = stream_fill(s, end);
			if (r < 0)
				return r;
			continue;
		}
		if (part > len)
			part = len;
		r = write_all(to, s->buf + s->at, part);
		if (r < 0)
			return r;
		s->at += part;
		len -= part;
	}
	return 0;
}

/**
 * agent_greet() - Find the point in the stream from which on everything is ours
 * @s:    Stream
 * @end:  Limit, milliseconds of CLOCK_MONOTONIC
 *
 * The port may have no reader yet: the greeting is repeated, and the last answer counts.
 *
 * Return: 0, or -ETIME, -EPIPE
 */
static int agent_greet(struct stream *s, long long end)
{
	char hello[80], line[80];
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	for (unsigned int try = 0;; try++) {
		long long again = now_ms() + 1000;
		int r;

		snprintf(hello, sizeof(hello), "HELLO %d.%lld.%ld.%u\n", (int)getpid(), (long long)t.tv_sec, t.tv_nsec, try);
		r = write_all(s->fd, hello, strlen(hello));
		hello[strlen(hello) - 1] = '\0';
		while (r == 0) {
			r = stream_line(s, line, sizeof(line), again < end ? again : end);
			if (r == 0 && strcmp(line, hello) == 0)
				return 0;
		}
		if (r != -ETIME || now_ms() >= end)
			return r;
	}
}

static int file_read(const char *path, char **ret_buf, size_t *ret_len)
{
	struct stat st;
	FILE *f = fopen(path, "re");
	char *buf;

	if (!f || fstat(fileno(f), &st) < 0 || !(buf = malloc(st.st_size + 1)))
		return -errno;
	*ret_len = fread(buf, 1, st.st_size, f);
	*ret_buf = buf;
	fclose(f);
	return 0;
}

static int agent_run(struct stream *s, long seconds, const char *script_path, const char *input_path)
{
	char *script, *input = NULL, line[128];
	size_t script_len, input_len = 0;
	long long end = now_ms() + seconds * 1000LL + GRACE_MS;
	uint64_t sum;
	int r;

	if (file_read(script_path, &script, &script_len) < 0 ||
	    (input_path && file_read(input_path, &input, &input_len) < 0)) {
		fprintf(stderr, "client: cannot read %s: %m\n", script_path);
		return 1;
	}
	sum = sum_fnv(sum_fnv(0xcbf29ce484222325ull, script, script_len), input, input_len);
	snprintf(line, sizeof(line), "RUN %zu %zu %ld %llx\n", script_len, input_len, seconds, (unsigned long long)sum);
	r = write_all(s->fd, line, strlen(line));
	if (r == 0)
		r = write_all(s->fd, script, script_len);
	if (r == 0)
		r = write_all(s->fd, input, input_len);
	free(script);
	free(input);
	while (r == 0) {
		unsigned long n;
		char kind;

		r = stream_line(s, line, sizeof(line), end);
		if (r < 0)
			break;
		if (sscanf(line, "%c %lu", &kind, &n) != 2)
			return STATUS_LOST;
		if (kind == 'X')
			return (int)n;
		r = stream_copy(s, n, kind == 'E' ? 2 : 1, end);
	}
	return r == -ETIME ? STATUS_TIMEOUT : STATUS_LOST;
}

/* Wait for the monitor's prompt; what came before it goes to standard output when it is an answer. */
static int monitor_prompt(struct stream *s, long long end, bool echo)
{
	static const char prompt[] = "(qemu) ";
	size_t hit = 0;
	char c;

	while (hit < sizeof(prompt) - 1) {
		int r = stream_byte(s, &c, end);

		if (r < 0)
			return r;
		hit = c == prompt[hit] ? hit + 1 : (c == prompt[0]);
		if (echo && !hit)
			putchar(c);
	}
	return 0;
}

static int monitor_command(struct stream *s, const char *command, long long end)
{
	char line[1024];
	int r = monitor_prompt(s, end, false);

	if (r == 0)
		r = write_all(s->fd, command, strlen(command));
	if (r == 0)
		r = write_all(s->fd, "\n", 1);
	if (r == 0)
		r = stream_line(s, line, sizeof(line), end);	/* the monitor echoes the command */
	if (r == 0 && strcmp(command, "quit") != 0)
		r = monitor_prompt(s, end, true);
	return r == 0 ? 0 : r == -ETIME ? STATUS_TIMEOUT : STATUS_LOST;
}

int main(int argc, char **argv)
{
	static struct stream s;
	const char *verb = argc > 1 ? argv[1] : "";
	long seconds = 300;
	long long end;
	int opt, r;

	optind = 2;
	while ((opt = getopt(argc, argv, "+t:")) != -1) {
		if (opt != 't')
			goto bad;
		seconds = atol(optarg);
	}
	argc -= optind;
	argv += optind;
	if (argc < 1)
		goto bad;
	end = now_ms() + seconds * 1000LL;
	s.fd = socket_connect(argv[0], end);
	if (s.fd < 0) {
		fprintf(stderr, "client: %s: %s\n", argv[0], strerror(-s.fd));
		return STATUS_TIMEOUT;
	}
	if (strcmp(verb, "monitor") == 0 && argc == 2)
		return monitor_command(&s, argv[1], end);
	if (strcmp(verb, "wait") != 0 && strcmp(verb, "run") != 0)
		goto bad;
	r = agent_greet(&s, end);
	if (r < 0) {
		fprintf(stderr, "client: no answer from the agent in the lab\n");
		return r == -ETIME ? STATUS_TIMEOUT : STATUS_LOST;
	}
	if (strcmp(verb, "wait") == 0)
		return 0;
	if (argc == 2 || argc == 3)
		return agent_run(&s, seconds, argv[1], argv[2]);
bad:
	fputs(usage, stderr);
	return 2;
}

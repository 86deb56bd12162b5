// SPDX-License-Identifier: GPL-2.0-or-later
/* bounds.c - no input, however large and awkward, takes much processor time or memory */

#include "bounds.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * Theory of operation
 *
 * Each form is read by a process of its own, with as many bytes as its reader takes at
 * all: there a time that grows with the square shows. The first form of each reader is
 * read once more with 16 MiB, which is refused. What has failed is more than LIMIT_S of processor time, which a slow machine
 * does not reach with what takes a second on an idle one, or more than 64 MiB of memory.
 *
 * usage: bounds [PARSER]
 */

#define LARGE     (16u << 20)
#define LIMIT_S   10
#define LIMIT_KIB (64 << 10)

/* '#' is a number that grows, '@' a byte of it, the lowest first, and '%' four digits */
static size_t put_piece(char *at, const char *piece, unsigned int n)
{
	unsigned int rest = n;
	size_t len = 0;

	for (; *piece; piece++) {
		if (*piece == '#') {
			len += (size_t)sprintf(at + len, "%u", n);
		} else if (*piece == '@') {
			len += (size_t)sprintf(at + len, "%u", rest % 256);
			rest /= 256;
		} else if (*piece == '%') {
			len += (size_t)sprintf(at + len, "%04u", n % 10000);
		} else {
			at[len++] = *piece;
		}
	}
	return len;
}

static int make_file(const struct bounds_form *f, size_t size)
{
	int fd = memfd_create("form", MFD_CLOEXEC);
	char *text = malloc(size + 4096);
	size_t len, end = strlen(f->after);
	ssize_t done;

	if (fd < 0 || !text)
		abort();
	len = (size_t)sprintf(text, "%s", f->before);
	for (unsigned int n = 1; len + end + 512 < size; n++)
		len += put_piece(text + len, f->piece, n);
	memcpy(text + len, f->after, end);
	done = write(fd, text, len + end);
	if (done != (ssize_t)(len + end) || lseek(fd, 0, SEEK_SET) != 0)
		abort();
	free(text);
	return fd;
}

static double seconds(const struct timeval *t)
{
	return (double)t->tv_sec + (double)t->tv_usec / 1e6;
}

static bool run(const struct bounds_parser *p, const struct bounds_form *f, size_t size)
{
	const struct rlimit cpu = { LIMIT_S, LIMIT_S + 1 };
	int fd = make_file(f, size), status;
	struct rusage used;
	pid_t pid;
	double s;
	bool good;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		setrlimit(RLIMIT_CPU, &cpu);
		p->read(fd);
		_exit(0);
	}
	close(fd);
	if (pid < 0 || wait4(pid, &status, 0, &used) != pid)
		abort();
	s = seconds(&used.ru_utime) + seconds(&used.ru_stime);
	good = status == 0 && used.ru_maxrss <= LIMIT_KIB;
	printf("%s bounds %s: %s, %zu KiB (%.2f s, %ld MiB%s%s)\n",
	       good ? "ok" : "not ok", p->name, f->name, size >> 10, s,
	       used.ru_maxrss >> 10, status ? "; " : "",
	       WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "");
	return good;
}

int main(int argc, char *argv[])
{
	bool good = true;

	for (size_t i = 0; i < bounds_n_forms; i++) {
		const struct bounds_form *f = &bounds_forms[i];

		if (argc > 1 && strcmp(argv[1], f->parser) != 0)
			continue;
		for (size_t k = 0; k < bounds_n_parsers; k++) {
			const struct bounds_parser *p = &bounds_parsers[k];

			if (strcmp(p->name, f->parser) != 0)
				continue;
			good &= run(p, f, p->most);
			if (p->most < LARGE &&
			    (i == 0 || strcmp(bounds_forms[i - 1].parser, p->name) != 0))
				good &= run(p, f, LARGE);
		}
	}
	return good ? 0 : 1;
}

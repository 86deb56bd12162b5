// SPDX-License-Identifier: GPL-2.0-or-later
/* machine.c - read a recorded machine, and unpack it into a folder */
#include "machine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const kinds[] = {
	[MACHINE_DIR] = "dir",       [MACHINE_FILE] = "file",     [MACHINE_LINK] = "link",
	[MACHINE_DRIVER] = "driver", [MACHINE_MODULE] = "module",
	[MACHINE_TYPES] = "types",   [MACHINE_TYPE] = "type",
};

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* In place: the bytes never get more. Returns the new length, -1 for a bad escape. */
static ssize_t unescape(char *s)
{
	char *in = s, *out = s;

	while (*in) {
		int high, low;

		if (*in != '\\') {
			*out++ = *in++;
			continue;
		}
		if (in[1] == 'n' || in[1] == 't' || in[1] == '\\') {
			*out++ = in[1] == 'n' ? '\n' : in[1] == 't' ? '\t' : '\\';
			in += 2;
			continue;
		}
		high = in[1] == 'x' ? hex_digit(in[2]) : -1;
		low = high < 0 ? -1 : hex_digit(in[3]);
		if (low < 0)
			return -1;
		*out++ = (char)(high << 4 | low);
		in += 4;
	}
	*out = '\0';
	return out - s;
}

size_t machine_escape(const char *in, size_t len, char *out)
{
	char *start = out;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)in[i];

		if (c == '\n')
			out = stpcpy(out, "\\n");
		else if (c == '\t')
			out = stpcpy(out, "\\t");
		else if (c == '\\')
			out = stpcpy(out, "\\\\");
		else if (c < 0x20 || c >= 0x7f)
			out += sprintf(out, "\\x%02x", c);
		else
			*out++ = in[i];
	}
	*out = '\0';
	return (size_t)(out - start);
}

static char *read_all(const char *file, size_t *ret_len)
{
	char *text = NULL;
	struct stat st;
	size_t len = 0;
	ssize_t r = 1;
	int fd;

	fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) == 0 && (text = malloc((size_t)st.st_size + 1))) {
		while (len < (size_t)st.st_size && r > 0) {
			r = read(fd, text + len, (size_t)st.st_size - len);
			if (r > 0)
				len += (size_t)r;
		}
		text[len] = '\0';
		*ret_len = len;
	}
	close(fd);
	return text;
}

/* A path that could leave the folder it is unpacked into is refused. */
static bool path_is_inside(const char *path)
{
	if (*path == '/' || *path == '\0')
		return false;
	for (const char *p = path; p; p = strchr(p, '/')) {
		if (*p == '/')
			p++;
		if (strncmp(p, "..", 2) == 0 && (p[2] == '/' || p[2] == '\0'))
			return false;
	}
	return true;
}

static const char *parse_line(char *line, struct machine_entry *e)
{
	char *path = strchr(line, ' ');
	char *value;
	ssize_t len;
	size_t k;

	if (!path)
		return "a line has a kind, a path and a value";
	*path++ = '\0';
	for (k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++)
		if (strcmp(line, kinds[k]) == 0)
			break;
	if (k == sizeof(kinds) / sizeof(kinds[0]))
		return "unknown kind of line";

	value = strchr(path, ' ');
	if (value)
		*value++ = '\0';
	else
		value = path + strlen(path);
	if (k == MACHINE_LINK && !*value)
		return "a link has a target";
	if (k == MACHINE_DIR && *value)
		return "a dir has no value";

	len = unescape(value);
	if (len < 0 || unescape(path) < 0)
		return "\\ is followed by n, t, \\ or xHH";
	if (k <= MACHINE_LINK && !path_is_inside(path))
		return "the path is empty, absolute or has .. in it";
	e->kind = (enum machine_kind)k;
	e->path = path;
	e->value = value;
	e->len = (size_t)len;
	return NULL;
}

int machine_read(const char *file, struct machine *ret, char why[static MACHINE_WHY_LEN])
{
	struct machine m = { 0 };
	size_t len = 0, room = 0;
	unsigned int n = 0;
	char *next;

	m.text = read_all(file, &len);
	if (!m.text) {
		snprintf(why, MACHINE_WHY_LEN, "%s: %s", file, strerror(errno));
		return errno ? -errno : -ENOMEM;
	}
	for (char *line = m.text; line && *line; line = next) {
		const char *bad;

		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		n++;
		if (*line == '#' || *line == '\0')
			continue;
		if (m.n == room) {
			void *p;

			room = room ? room * 2 : 1024;
			p = reallocarray(m.entries, room, sizeof(*m.entries));
			if (!p) {
				machine_free(&m);
				snprintf(why, MACHINE_WHY_LEN, "%s: out of memory", file);
				return -ENOMEM;
			}
			m.entries = p;
		}
		bad = parse_line(line, &m.entries[m.n]);
		if (bad) {
			machine_free(&m);
			snprintf(why, MACHINE_WHY_LEN, "%s:%u: %s", file, n, bad);
			return -EINVAL;
		}
		m.entries[m.n++].line = n;
	}
	*ret = m;
	return 0;
}

void machine_free(struct machine *m)
{
	if (!m)
		return;
	free(m->entries);
	free(m->text);
	*m = (struct machine){ 0 };
}

static int make_parents(int dirfd, char *path)
{
	for (char *p = strchr(path, '/'); p; p = strchr(p + 1, '/')) {
		int r;

		*p = '\0';
		r = mkdirat(dirfd, path, 0755);
		*p = '/';
		if (r < 0 && errno != EEXIST)
			return -errno;
	}
	return 0;
}

static int write_file(int dirfd, const struct machine_entry *e)
{
	ssize_t w;
	int fd;

	fd = openat(dirfd, e->path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
		    0644);
	if (fd < 0)
		return -errno;
	w = write(fd, e->value, e->len);
	if (close(fd) < 0 || w != (ssize_t)e->len)
		return -EIO;
	return 0;
}

static int unpack_entry(int dirfd, const struct machine_entry *e)
{
	switch (e->kind) {
	case MACHINE_DIR:
		if (mkdirat(dirfd, e->path, 0755) < 0 && errno != EEXIST)
			return -errno;
		return 0;
	case MACHINE_FILE:
		return write_file(dirfd, e);
	case MACHINE_LINK:
		return symlinkat(e->value, dirfd, e->path) < 0 ? -errno : 0;
	case MACHINE_DRIVER:
	case MACHINE_MODULE:
	case MACHINE_TYPES:
	case MACHINE_TYPE:
		break;
	}
	return 0;
}

int machine_unpack(const struct machine *m, int dirfd, char why[static MACHINE_WHY_LEN])
{
	for (size_t i = 0; i < m->n; i++) {
		const struct machine_entry *e = &m->entries[i];
		int r;

		if (e->kind > MACHINE_LINK)
			continue;
		r = unpack_entry(dirfd, e);
		if (r == -ENOENT) {
			r = make_parents(dirfd, e->path);
			if (r == 0)
				r = unpack_entry(dirfd, e);
		}
		if (r < 0) {
			snprintf(why, MACHINE_WHY_LEN, "line %u: %s: %s", e->line,
				 e->path, strerror(-r));
			return r;
		}
	}
	return 0;
}

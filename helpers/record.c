// SPDX-License-Identifier: GPL-2.0-or-later
/* record.c - a machine is written down, line by line */

#include "record.h"

#include "agree.h"
#include "file.h"
#include "text.h"
#include "worker.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEXT_MAX (1u << 20)

static bool path_of(char ret[static PATH_LEN], const char *format, va_list args)
{
	int n = vsnprintf(ret, PATH_LEN, format, args);

	return n > 0 && n < PATH_LEN;
}

/* \n, \t, \\ and \xHH stand for a byte; a blank in a path is written \x20 */
static void print_escaped(FILE *to, const char *text, size_t len, bool path)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c == '\n' || c == '\t' || c == '\\')
			fprintf(to, "\\%c", c == '\n' ? 'n' : c == '\t' ? 't' : '\\');
		else if (c < ' ' || c >= 0x7f || (path && c == ' '))
			fprintf(to, "\\x%02x", c);
		else
			fputc(c, to);
	}
}

static void keep(struct recording *r, char *line)
{
	char **more = NULL;

	if (line && (r->n & (r->n - 1)) == 0) {
		more = reallocarray(r->line, r->n ? 2 * r->n : 1, sizeof(*more));
		if (more)
			r->line = more;
	}
	if (!line || ((r->n & (r->n - 1)) == 0 && !more)) {
		r->failed = true;
		free(line);
		return;
	}
	r->line[r->n++] = line;
}

static void record(struct recording *r, const char *word, const char *path,
		   const char *value, size_t len)
{
	size_t path_len, value_len, size;
	CLEANUP(free_ptr)
	char *p = blanks_text(r->blanks, path, strlen(path), &path_len);
	CLEANUP(free_ptr) char *v = blanks_text(r->blanks, value, len, &value_len);
	char *line = NULL;
	FILE *f = p && v ? open_memstream(&line, &size) : NULL;

	if (!f) {
		r->failed = true;
		return;
	}
	fprintf(f, "%s ", word);
	print_escaped(f, p, path_len, true);
	if (value_len)
		fputc(' ', f);
	print_escaped(f, v, value_len, false);
	if (fclose(f) != 0) {
		free(line);
		line = NULL;
	}
	keep(r, line);
}

void record_text(struct recording *r, const char *path, const char *text, size_t len)
{
	record(r, "file", path, text, len);
}

void record_line(struct recording *r, const char *format, ...)
{
	char *line = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&line, format, args) < 0)
		line = NULL;
	va_end(args);
	keep(r, line);
}

char *record_read(const struct recording *r, const char *path, size_t *ret_len)
{
	CLEANUP(close_fd)
	int fd = openat(r->h->root, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	char *text = NULL;
	struct stat st;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return NULL;
	n = file_read_all(fd, TEXT_MAX, &text);
	*ret_len = n < 0 ? 0 : (size_t)n;
	return n < 0 ? NULL : text;
}

void record_lines(struct recording *r, const char *path,
		  bool (*keep_line)(struct recording *r, char *line, unsigned int number))
{
	size_t len, size;
	CLEANUP(free_ptr) char *text = record_read(r, path, &len);
	char *kept = NULL, *cursor = text, *line;
	FILE *to = text ? open_memstream(&kept, &size) : NULL;
	unsigned int n = 0;

	if (!to)
		return;
	while ((line = strsep(&cursor, "\n")))
		if ((line[0] || cursor) && keep_line(r, line, n++))
			fprintf(to, "%s\n", line);
	if (fclose(to) == 0)
		record_text(r, path, kept, size);
	free(kept);
}

/* what a driver of vGPUs answers itself: the name of its device, "" for all else */
static void driver_asked(const char *path, char ret[static HOST_DEVICE_LEN])
{
	const char *end, *name;
	size_t len;

	ret[0] = '\0';
	if (strncmp(path, "sys/devices/", 12) != 0)
		return;
	end = strstr(path, "/mdev_supported_types/");
	if (!end)
		end = strstr(path, "/nvidia/");
	name = end ? memrchr(path, '/', (size_t)(end - path)) : NULL;
	len = name ? (size_t)(end - ++name) : HOST_DEVICE_LEN;
	if (len < HOST_DEVICE_LEN)
		memcpy(mempcpy(ret, name, len), "", 1);
}

/* the kernel or a driver takes a lock for it: a child reads, which may be left behind */
static bool record_locked(struct recording *r, const char *path, const char *device)
{
	char text[4096 + 2];
	size_t size = sizeof(text) - 1;

	if (!file_exists(r->h->root, path) ||
	    (device[0] ? agree_ask(r->h, device, path, text, size)
		       : worker_read(r->h, path, text, size)) < 0)
		return false;
	if (text[0])
		strcat(text, "\n");
	record(r, "file", path, text, strlen(text));
	return true;
}

bool record_file(struct recording *r, const char *format, ...)
{
	CLEANUP(free_ptr) char *text = NULL;
	char path[PATH_LEN], device[HOST_DEVICE_LEN];
	const char *name;
	va_list args;
	size_t len;
	bool ok;

	va_start(args, format);
	ok = path_of(path, format, args);
	va_end(args);
	if (!ok)
		return false;
	name = strrchr(path, '/');
	driver_asked(path, device);
	if (device[0] || (name && strcmp(name, "/driver_override") == 0))
		return record_locked(r, path, device);
	text = record_read(r, path, &len);
	if (text)
		record(r, "file", path, text, len);
	return text;
}

void record_link(struct recording *r, const char *format, ...)
{
	char path[PATH_LEN], target[PATH_LEN];
	va_list args;
	ssize_t n;
	bool ok;

	va_start(args, format);
	ok = path_of(path, format, args);
	va_end(args);
	n = ok ? readlinkat(r->h->root, path, target, sizeof(target)) : -1;
	if (n > 0 && (size_t)n < sizeof(target))
		record(r, "link", path, target, (size_t)n);
}

void record_dir(struct recording *r, const char *format, ...)
{
	char path[PATH_LEN];
	struct stat st;
	va_list args;
	bool ok;

	va_start(args, format);
	ok = path_of(path, format, args);
	va_end(args);
	if (ok && fstatat(r->h->root, path, &st, 0) == 0 && S_ISDIR(st.st_mode))
		record(r, "dir", path, "", 0);
}

static ssize_t name_of_fd(int fd, char *ret)
{
	char link[32];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, ret, PATH_LEN - 1);
	ret[n > 0 ? n : 0] = '\0';
	return n;
}

bool record_real(const struct recording *r, const char *path, char *ret)
{
	CLEANUP(close_fd) int fd = openat(r->h->root, path, O_PATH | O_CLOEXEC);
	char root[PATH_LEN], real[PATH_LEN];
	ssize_t n = name_of_fd(r->h->root, root);

	if (fd < 0 || n < 0 || name_of_fd(fd, real) <= 0)
		return false;
	if (n == 1) /* "/" */
		n = 0;
	return strncmp(root, real, (size_t)n) == 0 && real[n] == '/' &&
	       text_copy(ret, PATH_LEN, real + n + 1) == 0;
}

struct walk {
	struct recording *r;
	const char *folder;
	void (*each)(struct recording *r, const char *folder, const char *name);
};

static int visit(const char *name, void *data)
{
	const struct walk *w = data;

	w->each(w->r, w->folder, name);
	return 0;
}

void record_each(struct recording *r, const char *folder,
		 void (*each)(struct recording *r, const char *folder, const char *name))
{
	/* what is not there, or goes away meanwhile, is not written down */
	(void)!file_each(r->h->root, folder, visit, &(struct walk){ r, folder, each });
}

/* "file PATH", "dir PATH", "link PATH": by path; the rest keeps its order behind them */
static const char *path_in(const char *line)
{
	if (strncmp(line, "file ", 5) == 0 || strncmp(line, "link ", 5) == 0)
		return line + 5;
	return strncmp(line, "dir ", 4) == 0 ? line + 4 : NULL;
}

static int by_path(const void *a, const void *b)
{
	const char *x = path_in(*(char *const *)a), *y = path_in(*(char *const *)b);
	size_t n, m;
	int d;

	if (!x || !y) /* "driver" before "module", as they came: by their text */
		return x ? -1 : y ? 1 : strcmp(*(char *const *)a, *(char *const *)b);
	n = strcspn(x, " ");
	m = strcspn(y, " ");
	d = memcmp(x, y, n < m ? n : m);
	return d ?: (n > m) - (n < m);
}

static bool same_path(const char *a, const char *b)
{
	return by_path(&a, &b) == 0;
}

int record_print(struct recording *r, FILE *to)
{
	if (r->failed)
		return -ENOMEM;
	if (r->n)
		qsort(r->line, r->n, sizeof(*r->line), by_path);
	for (size_t i = 0; i < r->n; i++)
		if (i == 0 || !same_path(r->line[i - 1], r->line[i]))
			fprintf(to, "%s\n", r->line[i]);
	return ferror(to) ? -EIO : 0;
}

void record_free(struct recording *r)
{
	for (size_t i = 0; i < r->n; i++)
		free(r->line[i]);
	free(r->line);
	blanks_free(r->blanks);
	*r = (struct recording){ .h = r->h };
}

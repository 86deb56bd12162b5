// SPDX-License-Identifier: GPL-2.0-or-later
/* fuzz.c - what the fuzzing harnesses share: copies of exact size, what must hold, a guard */

#include "fuzz.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool guarded;
static char folder[64];

void fuzz_fail(const char *file, int line, const char *holds, const char *what, ...)
{
	va_list args;

	guarded = false;
	fprintf(stderr, "fuzz: %s:%d: does not hold: %s", file, line, holds);
	va_start(args, what);
	vfprintf(stderr, what, args);
	va_end(args);
	fputc('\n', stderr);
	abort();
}

char *fuzz_bytes(const uint8_t *data, size_t size)
{
	char *ret = malloc(size ? size : 1);

	fuzz_must(ret);
	if (size)
		memcpy(ret, data, size);
	return ret;
}

char *fuzz_text(const uint8_t *data, size_t size)
{
	size_t len = size ? strnlen((const char *)data, size) : 0;
	char *ret = malloc(len + 1);

	fuzz_must(ret);
	if (len)
		memcpy(ret, data, len);
	ret[len] = '\0';
	return ret;
}

const uint8_t *fuzz_next(const uint8_t **data, size_t *size, size_t *ret_len)
{
	static const char end[] = "\n%%\n";
	const uint8_t *begin = *data;
	const uint8_t *found = *size ? memmem(begin, *size, end, sizeof(end) - 1) : NULL;

	*ret_len = found ? (size_t)(found - begin) + 1 : *size;
	*data = found ? found + sizeof(end) - 1 : begin + *size;
	*size -= (size_t)(*data - begin);
	return begin;
}

/* ---- what must hold of a text ---- */

/* C1 controls, in UTF-8 0xc2 0x80 to 0xc2 0x9f, are obeyed by some terminals too */
static bool is_control(const unsigned char *c)
{
	return *c < ' ' || *c == 0x7f || (c[0] == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0);
}

void fuzz_plain(const char *text)
{
	for (const char *c = text; *c; c++)
		fuzz_must(!is_control((const unsigned char *)c), "byte 0x%02x in '%s'",
			  (unsigned char)*c, text);
}

void fuzz_sentence(const char *why)
{
	fuzz_must(strlen(why) >= 8 && strlen(why) < WHY_LEN, "'%s'", why);
	fuzz_plain(why);
}

void fuzz_lines(const char *text)
{
	for (const char *c = text; *c; c++)
		fuzz_must(*c == '\n' || !is_control((const unsigned char *)c),
			  "byte 0x%02x in:\n%s", (unsigned char)*c, text);
}

/* ---- the guard ---- */

int __real_open(const char *path, int flags, ...);
int __real_openat(int dir, const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __wrap_openat(int dir, const char *path, int flags, ...);

static mode_t mode_of(int flags, va_list args)
{
	return flags & (O_CREAT | O_TMPFILE) ? va_arg(args, mode_t) : 0;
}

/* iniparser reads the copy of its text by this name */
static bool is_ours(const char *path)
{
	return strncmp(path, "/proc/self/fd/", 14) == 0 && !strstr(path, "..");
}

int __wrap_open(const char *path, int flags, ...)
{
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = mode_of(flags, args);
	va_end(args);
	fuzz_must(!guarded || is_ours(path), "opens %s", path);
	return __real_open(path, flags, mode);
}

int __wrap_openat(int dir, const char *path, int flags, ...)
{
	bool below = dir >= 0 && *path != '/' && strcmp(path, "..") != 0 &&
		     strncmp(path, "../", 3) != 0 && !strstr(path, "/../");
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = mode_of(flags, args);
	va_end(args);
	fuzz_must(!guarded || below || is_ours(path), "opens %s", path);
	return __real_openat(dir, path, flags, mode);
}

void fuzz_guard(bool on)
{
	guarded = on;
}

/* ---- files ---- */

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	remove(path);
	return 0;
}

static void remove_folder(void)
{
	nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

int fuzz_folder(void)
{
	const char *base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
	int fd;

	snprintf(folder, sizeof(folder), "%s/fuzz.XXXXXX", base);
	fuzz_must(mkdtemp(folder));
	atexit(remove_folder);
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	fuzz_must(fd >= 0);
	return fd;
}

static void make_dirs(int dir, const char *path)
{
	char part[256];

	snprintf(part, sizeof(part), "%s", path);
	for (char *p = part; (p = strchr(p, '/')); *p++ = '/') {
		*p = '\0';
		mkdirat(dir, part, 0755);
	}
}

void fuzz_file(int dir, const char *path, const void *bytes, size_t len)
{
	int fd = openat(dir, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0) {
		make_dirs(dir, path);
		fd = openat(dir, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	}
	fuzz_must(fd >= 0, "%s", path);
	fuzz_must(write(fd, bytes, len) == (ssize_t)len);
	close(fd);
}

void fuzz_link(int dir, const char *path, const char *target)
{
	make_dirs(dir, path);
	fuzz_must(symlinkat(target, dir, path) == 0, "%s", path);
}

FILE *fuzz_stream(char **ret, size_t *ret_len)
{
	FILE *f = open_memstream(ret, ret_len);

	fuzz_must(f);
	return f;
}

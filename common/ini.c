// SPDX-License-Identifier: GPL-2.0-or-later
/* ini.c - open an INI file that root trusts, and read it with iniparser */

#include "ini.h"

#include "file.h"
#include "ini-scan.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#if __has_include(<iniparser/iniparser.h>)
#include <iniparser/iniparser.h>
#else
#include <iniparser.h>
#endif

static void free_dictionary(dictionary **d)
{
	iniparser_freedict(*d);
}

static int silent(const char *format, ...)
{
	(void)format;
	return 0;
}

/* A descriptor with these bytes that nobody, not even we, can change any more. */
static int immutable_copy(const char *text, size_t len)
{
	CLEANUP(close_fd) int fd = memfd_create("ini", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		return -errno;
	while (len) {
		ssize_t n = write(fd, text, len);

		if (n < 0)
			return -errno;
		text += n;
		len -= (size_t)n;
	}
	if (fcntl(fd, F_ADD_SEALS,
		  F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL))
		return -errno;
	return TAKE_FD(fd);
}

/* iniparser 4.1 takes a path only, and prints its errors unless told otherwise. */
static dictionary *load(int fd)
{
	dictionary *d;
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	iniparser_set_error_callback(silent);
	d = iniparser_load(path);
	iniparser_set_error_callback(NULL);
	return d;
}

static int disagree(const struct ini *i, const struct ini_value *v,
		    char ret_why[static WHY_LEN])
{
	why(ret_why, "%s:%u: iniparser reads another %s; write it in a plainer way",
	    i->shown, v->line,
	    *v->key ? "value than stands there" : "section than stands there");
	return -EINVAL;
}

/* Where @name stands, which is mostly where it stands in the file: a look-up is linear. */
static bool is_at(const dictionary *d, size_t at, const char *name)
{
	return at < (size_t)d->size && d->key[at] && !strcmp(d->key[at], name);
}

/* The value goes where it stands with quotes and comment, which is never shorter. */
static int take_value(struct ini *i, size_t at, const dictionary *d,
		      char ret_why[static WHY_LEN])
{
	const struct ini_value *v = &i->values[at];
	char name[2 * INI_NAME_MAX + 2];
	const char *value;

	if (!*v->key)
		return is_at(d, at, v->section) || iniparser_find_entry(d, v->section)
			       ? 0
			       : disagree(i, v, ret_why);
	snprintf(name, sizeof(name), "%s:%s", v->section, v->key);
	value = is_at(d, at, name) ? d->val[at] : iniparser_getstring(d, name, NULL);
	if (!value || !strstr(v->value, value))
		return disagree(i, v, ret_why);
	memcpy(i->text + (v->value - i->text), value, strlen(value) + 1);
	return 0;
}

static int take_values(struct ini *i, const char *text, size_t len,
		       char ret_why[static WHY_LEN])
{
	CLEANUP(close_fd) int fd = immutable_copy(text, len);
	CLEANUP(free_dictionary) dictionary *d = NULL;
	int r;

	if (fd < 0) {
		why(ret_why, "%s: no copy in memory can be made: %s", i->shown,
		    strerror(-fd));
		return fd;
	}
	d = load(fd);
	if (!d) {
		why(ret_why,
		    "%s: iniparser cannot read the copy of the file; is /proc mounted?",
		    i->shown);
		return -EINVAL;
	}
	if ((size_t)d->n != i->n) {
		why(ret_why,
		    "%s: iniparser finds %zu sections and keys where there are %zu",
		    i->shown, (size_t)d->n, i->n);
		return -EINVAL;
	}
	for (size_t at = 0; at < i->n; at++) {
		r = take_value(i, at, d, ret_why);
		if (r)
			return r;
	}
	return 0;
}

static void free_ini(struct ini **i)
{
	ini_free(*i);
}

int ini_parse(const char *text, size_t len, const char *shown, struct ini **ret,
	      char ret_why[static WHY_LEN])
{
	CLEANUP(free_ini) struct ini *i = NULL;
	int r;

	if (len > INI_FILE_MAX) {
		why(ret_why, "%s: the file has more than %u bytes; split it", shown,
		    INI_FILE_MAX);
		return -EFBIG;
	}
	i = calloc(1, sizeof(*i));
	if (i) {
		i->shown = strdup(shown);
		i->text = malloc(len + 1);
	}
	if (!i || !i->shown || !i->text) {
		why(ret_why, "%s: no memory to read it", shown);
		return -ENOMEM;
	}
	memcpy(i->text, text, len);
	i->text[len] = '\0';
	r = ini_scan(i, len, ret_why);
	if (r)
		return r;
	r = take_values(i, text, len, ret_why);
	if (r)
		return r;
	*ret = TAKE_PTR(i);
	return 0;
}

/* Root, or whoever runs this: a test or a dry run of one's own files needs no root. */
static int check_owner(const struct stat *st, const char *shown, const char *what,
		       char ret_why[static WHY_LEN])
{
	if (st->st_uid != 0 && st->st_uid != geteuid()) {
		why(ret_why, "%s: %s belongs to user %u; chown it to root", shown, what,
		    (unsigned int)st->st_uid);
		return -EPERM;
	}
	if (st->st_mode & (S_IWGRP | S_IWOTH)) {
		why(ret_why, "%s: others may write to %s (mode %04o); chmod go-w it",
		    shown, what, (unsigned int)st->st_mode & 07777);
		return -EPERM;
	}
	return 0;
}

static int cannot(int error, const char *shown, char ret_why[static WHY_LEN])
{
	if (error == ENOENT)
		why(ret_why, "%s: there is no such file", shown);
	else if (error == ELOOP)
		why(ret_why, "%s: is a symbolic link; put the file itself there", shown);
	else if (error == ENXIO)
		why(ret_why, "%s: is not a regular file; put one there", shown);
	else
		why(ret_why, "%s: cannot be read: %s", shown, strerror(error));
	return error == ELOOP || error == ENXIO ? -EPERM : -error;
}

static int check_folder(int dir, const char *path, const char *shown,
			char ret_why[static WHY_LEN])
{
	CLEANUP(close_fd) int fd = -1;
	const char *slash = strrchr(path, '/');
	char folder[PATH_LEN] = ".";
	struct stat st;
	int r;

	if (slash) {
		r = text_format(folder, sizeof(folder), "%.*s", (int)(slash - path),
				path);
		if (r)
			return cannot(-r, shown, ret_why);
	}
	fd = openat(dir, folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st))
		return cannot(errno, shown, ret_why);
	return check_owner(&st, shown, "the folder it is in", ret_why);
}

static int open_trusted(int dir, const char *path, const char *shown,
			char ret_why[static WHY_LEN])
{
	CLEANUP(close_fd) int fd = -1;
	struct stat st;
	int r;

	r = check_folder(dir, path, shown, ret_why);
	if (r)
		return r;
	fd = openat(dir, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (fd < 0 || fstat(fd, &st))
		return cannot(errno, shown, ret_why);
	if (!S_ISREG(st.st_mode))
		return cannot(ENXIO, shown, ret_why);
	r = check_owner(&st, shown, "the file", ret_why);
	return r ?: TAKE_FD(fd);
}

int ini_read(int dir, const char *path, const char *shown, struct ini **ret,
	     char ret_why[static WHY_LEN])
{
	CLEANUP(close_fd) int fd = open_trusted(dir, path, shown, ret_why);
	CLEANUP(free_ptr) char *text = NULL;
	ssize_t len;

	if (fd < 0)
		return fd;
	len = file_read_all(fd, INI_FILE_MAX, &text);
	if (len == -EFBIG)
		return ini_parse("", (size_t)INI_FILE_MAX + 1, shown, ret, ret_why);
	if (len < 0)
		return cannot((int)-len, shown, ret_why);
	return ini_parse(text, (size_t)len, shown, ret, ret_why);
}

void ini_free(struct ini *i)
{
	if (!i)
		return;
	free(i->text);
	free(i->shown);
	free(i->values);
	free(i);
}

/* The row of a section is passed over when keys follow: they say the section too. */
const struct ini_value *ini_next(const struct ini *i, size_t *cursor)
{
	size_t at = *cursor;

	if (at + 1 < i->n && !*i->values[at].key && *i->values[at + 1].key)
		at++;
	if (at >= i->n)
		return NULL;
	*cursor = at + 1;
	return &i->values[at];
}

const char *ini_shown(const struct ini *i)
{
	return i->shown;
}

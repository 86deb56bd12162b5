// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-import-boot.c - virt-handoff import rc-local, mdevctl and driverctl: GPUs and vGPUs that
 * are set up by scripts and other tools today, as INI sections */

#include "ctl-import.h"

#include "file.h"
#include "host.h"
#include "import-boot.h"
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* "-" is standard input */
static int read_rc_local(struct import_boot *b, int at, const char *path)
{
	CLEANUP(close_fd)
	int fd = strcmp(path, "-") == 0
			 ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
			 : openat(at, path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	CLEANUP(free_ptr) char *text = NULL;
	ssize_t len = fd < 0 ? -errno : file_read_all(fd, IMPORT_TEXT_MAX, &text);

	return len < 0 ? (int)len : import_rc_local(b, text, (size_t)len);
}

static int open_folder(int at, const char *path)
{
	int dir = openat(at, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return dir < 0 ? -errno : dir;
}

static int read_mdevctl(struct import_boot *b, int at, const char *path)
{
	CLEANUP(close_fd) int dir = open_folder(at, path);

	return dir < 0 ? dir : import_mdevctl(b, dir);
}

static int read_driverctl(struct import_boot *b, int at, const char *path)
{
	CLEANUP(close_fd) int dir = open_folder(at, path);
	int r = dir < 0 ? dir : import_driverctl(b, dir);

	return r < 0 ? r : import_devices_end(b);
}

static void warn(const struct import_boot *b, const char *path)
{
	for (size_t i = 0; i < b->n_said; i++)
		if (b->said[i].kind != IMPORT_SAID)
			log_warning("%s: %s%s", path,
				    b->said[i].kind == IMPORT_LEFT ? "not taken: " : "",
				    b->said[i].text);
}

/**
 * struct kind - One verb
 * @path:    What is read when nothing is named, NULL: something has to be; below the root
 * @read:    Reads it; @at is where a path begins
 */
struct kind {
	const char *name, *usage, *path;
	int (*read)(struct import_boot *b, int at, const char *path);
};

static int import(struct ctl *c, const struct kind *k, int at, const char *path,
		  struct sink *s, struct import_boot *b)
{
	bool look = false;
	int r = import_boot_open(b, &c->host);

	if (r < 0) {
		log_errno(r, "the cards of this host cannot be looked at");
		return CTL_FAILED;
	}
	r = k->read(b, at, path);
	if (r < 0) {
		log_errno(r, "%s%s cannot be read", at == AT_FDCWD ? "" : "/", path);
		return CTL_FAILED;
	}
	r = import_boot_write(b, s->to);
	if (r < 0)
		log_errno(r, "import");
	if (r < 0 || sink_finish(s, c, k->name, &look) < 0)
		return CTL_FAILED;
	warn(b, path);
	return look || import_boot_look(b) ? CTL_LOOK : CTL_DONE;
}

static int run(struct ctl *c, const struct kind *k, int argc, char *argv[])
{
	struct import_boot *b = calloc(1, sizeof(*b));
	CLEANUP(sink_close) struct sink s = { 0 };
	int r = CTL_FAILED;

	if (!b)
		log_errno(-ENOMEM, "import");
	else if (sink_open(&s, &argc, argv) < 0)
		r = CTL_FAILED;
	else if (argc > 2 || (argc < 2 && !k->path))
		r = ctl_usage(k->usage);
	else
		/* what somebody has named begins in the folder where they are */
		r = import(c, k, argc == 2 ? AT_FDCWD : c->host.root,
			   argc == 2 ? argv[1] : k->path, &s, b);
	if (b)
		import_boot_free(b);
	free(b);
	return r;
}

int ctl_import_rc_local(struct ctl *c, int argc, char *argv[])
{
	static const struct kind k = {
		"rc-local", "import rc-local [--write] FILE (- is standard input)", NULL,
		read_rc_local
	};

	return run(c, &k, argc, argv);
}

int ctl_import_mdevctl(struct ctl *c, int argc, char *argv[])
{
	static const struct kind k = { "mdevctl", "import mdevctl [--write] [DIR]",
				       "etc/mdevctl.d", read_mdevctl };

	return run(c, &k, argc, argv);
}

int ctl_import_driverctl(struct ctl *c, int argc, char *argv[])
{
	static const struct kind k = { "driverctl", "import driverctl [--write] [DIR]",
				       "etc/driverctl.d", read_driverctl };

	return run(c, &k, argc, argv);
}

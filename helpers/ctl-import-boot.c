// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-import-boot.c - virt-handoff import rc-local and mdevctl: GPUs and vGPUs that are set
 * up at boot today, as INI sections */

#include "ctl.h"

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

#define MDEVCTL_DIR "/etc/mdevctl.d"

/* "-" is standard input */
static int read_rc_local(struct import_boot *b, const char *path)
{
	CLEANUP(close_fd)
	int fd = strcmp(path, "-") == 0 ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
					: open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	CLEANUP(free_ptr) char *text = NULL;
	ssize_t len = fd < 0 ? -errno : file_read_all(fd, IMPORT_TEXT_MAX, &text);

	return len < 0 ? (int)len : import_rc_local(b, text, (size_t)len);
}

static int read_mdevctl(struct import_boot *b, const char *path)
{
	CLEANUP(close_fd) int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return dir < 0 ? -errno : import_mdevctl(b, dir);
}

static int write_out(const struct import_boot *b, const char *path)
{
	int r = import_boot_write(b, stdout);

	if (r == 0 && (fflush(stdout) != 0 || ferror(stdout)))
		r = -EIO;
	if (r < 0) {
		log_errno(r, "the INI text cannot be written");
		return CTL_FAILED;
	}
	for (size_t i = 0; i < b->n_said; i++)
		if (b->said[i].kind != IMPORT_SAID)
			log_warning("%s: %s%s", path,
				    b->said[i].kind == IMPORT_LEFT ? "not taken: " : "",
				    b->said[i].text);
	return import_boot_look(b) ? CTL_LOOK : CTL_DONE;
}

static int import(const struct ctl *c, const char *path,
		  int (*read)(struct import_boot *b, const char *path))
{
	struct import_boot *b = calloc(1, sizeof(*b));
	int r;

	if (!b) {
		log_errno(-ENOMEM, "import");
		return CTL_FAILED;
	}
	r = import_boot_open(b, &c->host);
	if (r < 0)
		log_errno(r, "the cards of this host cannot be looked at");
	else
		r = read(b, path);
	if (r < 0)
		log_errno(r, "%s cannot be read", path);
	r = r < 0 ? CTL_FAILED : write_out(b, path);
	import_boot_free(b);
	free(b);
	return r;
}

int ctl_import_rc_local(struct ctl *c, int argc, char *argv[])
{
	if (argc == 2)
		return import(c, argv[1], read_rc_local);
	return ctl_usage("import rc-local FILE (- is standard input)");
}

int ctl_import_mdevctl(struct ctl *c, int argc, char *argv[])
{
	if (argc <= 2)
		return import(c, argc == 2 ? argv[1] : MDEVCTL_DIR, read_mdevctl);
	return ctl_usage("import mdevctl [DIR]");
}

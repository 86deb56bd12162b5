// SPDX-License-Identifier: GPL-2.0-or-later
/* host.c - the environment as a value: where the host is, how long to wait */

#include "host.h"

#include "file.h"
#include "text.h"
#include "worker.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RUN "run/virt-handoff"

static int open_run(struct host *h)
{
	int fd = openat(h->root, RUN, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0)
		return -errno;
	/* what is done to the host as root is read from there */
	if (!file_is_trusted(fd, S_IFDIR)) {
		close(fd);
		return -EPERM;
	}
	h->run = fd;
	return 0;
}

int host_open(struct host *h, const char *root, const struct kind *const *kinds)
{
	int fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	*h = (struct host){
		.root = fd, .run = -1, .deadline_ms = HOST_DEADLINE_MS, .kinds = kinds
	};
	(void)open_run(h); /* not there before the first hand-over */
	return 0;
}

int host_make_run(struct host *h)
{
	int r = file_make_dirs(h->root, RUN);

	/* first: nothing is made below what somebody else has put there */
	if (r == 0 && h->run < 0)
		r = open_run(h);
	if (r == 0)
		r = file_make_dirs(h->root, RUN "/ledger");
	if (r == 0)
		r = file_make_dirs(h->root, RUN "/names");
	return r < 0 ? r : file_make_dirs(h->root, RUN "/lock");
}

bool host_is_silent(const struct host *h, const char *card)
{
	for (size_t i = 0; i < h->n_silent; i++)
		if (strcmp(h->silent[i], card) == 0)
			return true;
	return false;
}

void host_note_silent(struct host *h, const char *card)
{
	if (h->n_silent < HOST_SILENT_MAX &&
	    text_copy(h->silent[h->n_silent], HOST_DEVICE_LEN, card) == 0)
		h->n_silent++;
}

void host_close(struct host *h)
{
	worker_stop(h);
	if (h->run >= 0)
		close(h->run);
	if (h->root >= 0)
		close(h->root);
	*h = (struct host){ .root = -1, .run = -1 };
}

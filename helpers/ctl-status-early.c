// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-status-early.c - what became of each function at this boot, and whether it still is so */

#include "ctl-status.h"

#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#define RECORD     "run/virt-handoff/early"
#define RECORD_MAX (256 * 256)

/* "0000:41:00.0 taken: on vfio-pci before the host could drive it" */
static bool read_line(char *line, struct status_early *e)
{
	char *outcome = strchr(line, ' '), *text = strstr(line, ": ");
	struct bdf b;

	if (!outcome || !text || text < outcome)
		return false;
	*outcome++ = '\0';
	*text = '\0';
	e->text = text + 2;
	if (bdf_parse(line, &b) < 0 ||
	    text_copy(e->outcome, sizeof(e->outcome), outcome) < 0)
		return false;
	bdf_format(&b, e->name);
	return true;
}

static void read_driver(const struct host *h, struct status_early *e)
{
	char path[PATH_LEN];

	if (text_format(path, sizeof(path), "sys/bus/pci/devices/%s/driver", e->name) <
		    0 ||
	    file_link_name(h->root, path, e->driver, sizeof(e->driver)) < 0)
		e->driver[0] = '\0';
}

/* "on vfio-pci since ..." or "on vfio-pci, was driven by ..." */
static bool is_on(const struct status_early *e)
{
	size_t len = strlen(e->driver);
	const char *on = e->text + strlen("on ");

	if (strncmp(e->text, "on ", strlen("on ")) != 0)
		return true;
	return len && strncmp(on, e->driver, len) == 0 && strchr(" ,", on[len]);
}

/* "no driver but vfio-pci can have it, which ... loads", or late: "..., and that is not there" */
static int judge_pinned(struct status *s, const struct status_early *e)
{
	if (!e->driver[0] && strstr(e->text, "is not there"))
		return status_trouble(s, NULL, "early", "boot: %s %s: %s", e->name,
				      e->outcome, e->text);
	if (!e->driver[0] || strstr(e->driver, "vfio"))
		return 0;
	return status_trouble(s, NULL, "early-changed",
			      "boot: %s is on %s now, and was kept for VFIO: %s", e->name,
			      e->driver, e->text);
}

static int judge(struct status *s, const struct status_early *e)
{
	if (strcmp(e->outcome, "pinned") == 0)
		return judge_pinned(s, e);
	if (strcmp(e->outcome, "taken") != 0)
		return status_trouble(s, NULL, "early", "boot: %s %s: %s", e->name,
				      e->outcome, e->text);
	if (is_on(e))
		return 0;
	return status_trouble(s, NULL, "early-changed",
			      "boot: %s is on %s now, and was taken: %s", e->name,
			      e->driver[0] ? e->driver : "no driver", e->text);
}

static int add_line(struct host *h, struct status *s, char *line)
{
	struct status_early new = { .text = "" };
	struct status_early *more;

	/* the whole boot was switched off: "off: virt_handoff=off on ..." */
	if (strncmp(line, "off: ", 5) == 0)
		return status_trouble(s, NULL, "early", "boot: nothing was taken: %s",
				      line + 5);
	if (!read_line(line, &new))
		return 0;
	more = reallocarray(s->early, s->n_early + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	s->early = more;
	read_driver(h, &new);
	more[s->n_early++] = new;
	return judge(s, &new);
}

int status_early_read(struct host *h, struct status *s)
{
	CLEANUP(close_fd)
	int fd = openat(h->root, RECORD, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	char *line, *rest;
	ssize_t n;
	int r = 0;

	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	n = file_read_all(fd, RECORD_MAX, &s->record);
	if (n < 0)
		return (int)n;
	rest = s->record;
	while (r == 0 && (line = strsep(&rest, "\n")))
		r = *line ? add_line(h, s, line) : 0;
	return r;
}

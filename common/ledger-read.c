// SPDX-License-Identifier: GPL-2.0-or-later
/* ledger-read.c - read the ledger of a VM, and those of all others */

#include "ledger.h"

#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIELDS_MAX 6

static int read_state(const char *word, enum ledger_state *ret)
{
	static const char *const names[] = { "", "will", "did", "back", "undid" };

	for (size_t i = 1; i < ARRAY_LEN(names); i++) {
		if (strcmp(word, names[i]) != 0)
			continue;
		*ret = (enum ledger_state)i;
		return 0;
	}
	return -EBADMSG;
}

/*
 * "back" stands for this record, and in the head for a step that is given back: they are
 * told apart by what begins the line
 */
static int read_record(struct ledger *l, char *line)
{
	char *cursor = line;
	const char *word = strsep(&cursor, " "), *step = strsep(&cursor, " ");
	enum ledger_state state;
	uint64_t n, ms;

	if (!step || !cursor || read_state(word, &state) < 0 ||
	    text_number(step, UINT32_MAX, &n) < 0 ||
	    text_number(cursor, UINT64_MAX, &ms) < 0 || n >= l->n_steps)
		return -EBADMSG;
	l->steps[n].state = state;
	l->steps[n].at_ms = ms;
	if (state == LEDGER_WILL || state == LEDGER_BACK)
		l->steps[n].began_ms = ms;
	return 0;
}

static int read_claim(struct ledger *l, char *const f[], size_t n)
{
	struct bdf b;
	void *more;

	if (n != 2 || bdf_parse(f[1], &b) < 0 || l->n_claims == CLAIMS_MAX)
		return -EBADMSG;
	more = reallocarray(l->claims, l->n_claims + 1, sizeof(*l->claims));
	if (!more)
		return -ENOMEM;
	l->claims = more;
	bdf_format(&b, l->claims[l->n_claims++]);
	return 0;
}

static int read_step(struct ledger *l, char *const f[], size_t n)
{
	struct step *s;
	void *more;

	if (n != 6 || l->n_steps == PLAN_MAX)
		return -EBADMSG;
	more = reallocarray(l->steps, l->n_steps + 1, sizeof(*l->steps));
	if (!more)
		return -ENOMEM;
	l->steps = more;
	l->steps[l->n_steps] = (struct ledger_step){ 0 };
	s = &l->steps[l->n_steps].step;
	if (text_copy(s->kind, sizeof(s->kind), f[1]) < 0 ||
	    text_copy(s->target, sizeof(s->target), f[2]) < 0 ||
	    text_copy(s->from, sizeof(s->from), f[3]) < 0 ||
	    text_copy(s->to, sizeof(s->to), f[4]) < 0)
		return -EBADMSG;
	if (!step_is_clean(s))
		return -EBADMSG;
	s->keep = strcmp(f[5], "keep") == 0;
	if (!s->keep && strcmp(f[5], "back") != 0)
		return -EBADMSG;
	l->n_steps++;
	return 0;
}

/* How many claims and steps the head has; a ledger of an older program does not say. */
struct whole {
	uint64_t claims, steps;
};

static int read_whole(struct whole *w, char *const f[], size_t n)
{
	if (n != 3 || text_number(f[1], CLAIMS_MAX, &w->claims) < 0 ||
	    text_number(f[2], PLAN_MAX, &w->steps) < 0)
		return -EBADMSG;
	return 0;
}

static int read_head(struct ledger *l, struct whole *w, char *line)
{
	char *f[FIELDS_MAX] = { line }, *cursor = line;
	uint64_t ms;
	size_t n = 0;

	while (cursor && n < FIELDS_MAX)
		f[n++] = strsep(&cursor, "\t");
	if (cursor)
		return -EBADMSG;
	if (strcmp(f[0], "claim") == 0)
		return read_claim(l, f, n);
	if (strcmp(f[0], "step") == 0)
		return read_step(l, f, n);
	if (strcmp(f[0], "whole") == 0)
		return read_whole(w, f, n);
	if (n != 2)
		return -EBADMSG;
	if (strcmp(f[0], "uuid") == 0)
		return text_is_uuid(f[1]) ? text_copy(l->uuid, sizeof(l->uuid), f[1])
					  : -EBADMSG;
	if (strcmp(f[0], "name") == 0)
		return text_is_name(f[1]) ? text_copy(l->name, sizeof(l->name), f[1])
					  : -EBADMSG;
	if (strcmp(f[0], "deadline") != 0 || text_number(f[1], 3600000, &ms) < 0)
		return -EBADMSG;
	l->deadline_ms = (unsigned int)ms;
	return 0;
}

int ledger_parse(char *text, size_t len, struct ledger *l, size_t *ret_len)
{
	struct ledger new = LEDGER_NONE;
	struct whole whole = { 0 };
	char *p = text, *newline;
	int r = 0;

	for (size_t line = 1;
	     r == 0 && (newline = memchr(p, '\n', len - (size_t)(p - text))); line++) {
		*newline = '\0';
		if (memchr(p, '\0', (size_t)(newline - p)))
			r = -EBADMSG;
		else if (line == 1)
			r = strcmp(p, "virt-handoff-ledger 1") == 0 ? 0 : -EBADMSG;
		else
			r = strchr(p, '\t') ? read_head(&new, &whole, p)
					    : read_record(&new, p);
		p = newline + 1;
	}
	if (r == 0 && (!new.uuid[0] || !new.name[0] || new.n_claims < whole.claims ||
		       new.n_steps < whole.steps))
		r = -EBADMSG;
	if (r < 0) {
		ledger_free(&new);
		return r;
	}
	*ret_len = (size_t)(p - text);
	*l = new;
	return 0;
}

static int read_fd(int fd, struct ledger *l, size_t *ret_len, bool *ret_torn)
{
	CLEANUP(free_ptr) char *text = NULL;
	ssize_t n = file_read_all(fd, LEDGER_MAX, &text);
	int r = n < 0 ? (int)n : ledger_parse(text, (size_t)n, l, ret_len);

	*ret_torn = r == 0 && *ret_len < (size_t)n;
	return r;
}

static int read_one(int dir, const char *uuid, int flags, struct ledger *l)
{
	struct ledger new = LEDGER_NONE;
	CLEANUP(close_fd)
	int fd =
		openat(dir, uuid, flags | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK);
	size_t len;
	bool torn;
	int r;

	if (fd < 0)
		return errno == ELOOP || errno == ENXIO ? -EPERM : -errno;
	r = file_is_trusted(fd, S_IFREG) ? read_fd(fd, &new, &len, &torn) : -EPERM;
	if (r == 0 && strcmp(new.uuid, uuid) != 0)
		r = -EBADMSG;
	/*
	 * A torn last line would swallow the next record. Otherwise nothing is cut: on
	 * tmpfs that gives up the room that is reserved behind the end.
	 * Source: Linux mm/shmem.c, shmem_setattr(), "newsize <= oldsize"
	 */
	if (r == 0 && torn && flags != O_RDONLY && ftruncate(fd, (off_t)len) < 0)
		r = -errno;
	if (r < 0) {
		ledger_free(&new);
		return r;
	}
	if (flags != O_RDONLY)
		new.fd = TAKE_FD(fd);
	*l = new;
	return 0;
}

static void explain(int r, const char *uuid, char ret_why[static WHY_LEN])
{
	if (r == -EBADMSG)
		why(ret_why,
		    "/run/virt-handoff/ledger/%s is not a ledger of this program: look whose VM this is and what it has, then remove the file",
		    uuid);
	else
		why(ret_why, "/run/virt-handoff/ledger/%s: %s", uuid, file_why(r));
}

static int read_named(const struct host *h, const char *uuid, int flags, struct ledger *l,
		      char ret_why[static WHY_LEN])
{
	CLEANUP(close_fd) int dir = -1;
	int r;

	if (h->run < 0)
		return -ENOENT;
	dir = openat(h->run, "ledger", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	r = dir < 0 ? -errno : read_one(dir, uuid, flags, l);
	if (r < 0 && r != -ENOENT)
		explain(r, uuid, ret_why);
	return r;
}

int ledger_open(const struct host *h, const char *uuid, struct ledger *l,
		char ret_why[static WHY_LEN])
{
	return read_named(h, uuid, O_RDWR | O_APPEND, l, ret_why);
}

int ledger_read(const struct host *h, const char *uuid, struct ledger *l,
		char ret_why[static WHY_LEN])
{
	return read_named(h, uuid, O_RDONLY, l, ret_why);
}

struct reading {
	int dir;
	const char *except;
	struct ledgers *ret;
	char *why;
};

static int read_other(const char *name, void *data)
{
	struct reading *x = data;
	struct ledger *more;
	int r;

	if (name[0] == '.' || strcmp(name, x->except) == 0)
		return 0; /* not published, or not another one */
	more = reallocarray(x->ret->ledger, x->ret->n + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	x->ret->ledger = more;
	r = read_one(x->dir, name, O_RDONLY, &more[x->ret->n]);
	if (r == 0)
		x->ret->n++;
	else if (r != -ENOENT)
		explain(r, name, x->why);
	return r == -ENOENT ? 0 : r; /* given back meanwhile */
}

int ledgers_read(const struct host *h, const char *except, struct ledgers *ret,
		 char ret_why[static WHY_LEN])
{
	CLEANUP(close_fd) int dir = -1;
	struct ledgers all = { 0 };
	struct reading x = { .except = except, .ret = &all, .why = ret_why };
	int r;

	if (h->run >= 0)
		dir = openat(h->run, "ledger", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	/* what runs at boot makes the one folder without the other */
	if (h->run < 0 || (dir < 0 && errno == ENOENT)) {
		*ret = all;
		return 0;
	}
	if (dir < 0) {
		r = -errno;
		explain(r, "", ret_why);
		return r;
	}
	x.dir = dir;
	r = file_each(dir, ".", read_other, &x);
	if (r < 0) {
		ledgers_free(&all);
		return r;
	}
	*ret = all;
	return 0;
}

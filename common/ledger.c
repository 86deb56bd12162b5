// SPDX-License-Identifier: GPL-2.0-or-later
/* ledger.c - write the ledger of a VM: head by rename, records by one write each */

#include "ledger.h"

#include "clock.h"
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RECORD_LEN 48 /* "undid 1023 18446744073709551615\n" is 32 */

static const char *const state_names[] = {
	[LEDGER_WILL] = "will",
	[LEDGER_DID] = "did",
	[LEDGER_BACK] = "back",
	[LEDGER_UNDID] = "undid",
};

static bool can_be_read(const struct ledger *l)
{
	for (size_t i = 0; i < l->n_steps; i++)
		if (!step_is_clean(&l->steps[i].step))
			return false;
	return text_is_uuid(l->uuid) && text_is_name(l->name);
}

static void write_head(FILE *f, const struct ledger *l)
{
	/* first how much there is, so that no head passes for whole that was cut */
	fprintf(f, "virt-handoff-ledger 1\nwhole\t%zu\t%zu\n", l->n_claims, l->n_steps);
	fprintf(f, "uuid\t%s\nname\t%s\ndeadline\t%u\n", l->uuid, l->name,
		l->deadline_ms);
	for (size_t i = 0; i < l->n_claims; i++)
		fprintf(f, "claim\t%s\n", l->claims[i]);
	for (size_t i = 0; i < l->n_steps; i++) {
		const struct step *s = &l->steps[i].step;

		fprintf(f, "step\t%s\t%s\t%s\t%s\t%s\n", s->kind, s->target, s->from,
			s->to, s->keep ? "keep" : "back");
	}
}

static void write_record(FILE *f, enum ledger_state state, size_t step, uint64_t at_ms)
{
	fprintf(f, "%s %zu %ju\n", state_names[state], step, (uintmax_t)at_ms);
}

/* how far each step has come, and since when: what led there is of no use any more */
static void write_records(FILE *f, const struct ledger *l)
{
	for (size_t i = 0; i < l->n_steps; i++) {
		const struct ledger_step *s = &l->steps[i];

		if (s->state == LEDGER_DID || s->state == LEDGER_UNDID)
			write_record(f, s->state - 1, i, s->began_ms);
		if (s->state != LEDGER_PLANNED)
			write_record(f, s->state, i, s->at_ms);
	}
}

/* in memory first: it goes to the file with one write */
static int format_whole(const struct ledger *l, char **ret, size_t *ret_len)
{
	FILE *f = open_memstream(ret, ret_len);
	int r;

	if (!f)
		return -ENOMEM;
	write_head(f, l);
	write_records(f, l);
	r = fflush(f) == 0 && !ferror(f) ? 0 : -ENOSPC;
	fclose(f);
	return r;
}

static int write_new(int dir, const char *name, const char *text, size_t len,
		     size_t records)
{
	int fd = openat(dir, name,
			O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOFOLLOW,
			0600);
	int r = 0;

	if (fd < 0)
		return -errno;
	/*
	 * once something was changed, a full /run must not keep us from writing down that
	 * it was given back
	 */
	if (fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, (off_t)(len + records * RECORD_LEN)) <
		    0 &&
	    errno != EOPNOTSUPP)
		r = -errno;
	if (r == 0 && write(fd, text, len) != (ssize_t)len)
		r = -ENOSPC;
	if (r < 0) {
		close(fd);
		unlinkat(dir, name, 0);
		return r;
	}
	return fd;
}

static int link_name(const struct host *h, const struct ledger *l)
{
	char link[PATH_LEN];
	int r = text_format(link, sizeof(link), "names/%s", l->name);

	if (r < 0)
		return r;
	if (unlinkat(h->run, link, 0) < 0 && errno != ENOENT)
		return -errno;
	return symlinkat(l->uuid, h->run, link) < 0 ? -errno : 0;
}

bool ledger_exists(const struct host *h, const char *uuid)
{
	char path[PATH_LEN];

	return h->run >= 0 && text_format(path, sizeof(path), "ledger/%s", uuid) == 0 &&
	       file_exists(h->run, path);
}

int ledger_uuid_of(const struct host *h, const char *name, char ret[static UUID_LEN])
{
	char path[PATH_LEN], uuid[UUID_LEN];
	int r = text_is_name(name) ? text_format(path, sizeof(path), "names/%s", name)
				   : -ENOENT;

	if (r == 0)
		r = file_link_name(h->run, path, uuid, sizeof(uuid));
	if (r == 0 && (!text_is_uuid(uuid) || !ledger_exists(h, uuid)))
		r = -ENOENT;
	return r < 0 ? r : text_copy(ret, UUID_LEN, uuid);
}

/* there whole or not at all; @l->fd is replaced */
static int publish(int dir, struct ledger *l)
{
	CLEANUP(free_ptr) char *text = NULL;
	char temp[UUID_LEN + 8];
	size_t len = 0;
	int r = text_format(temp, sizeof(temp), ".%s.new", l->uuid), fd;

	if (r == 0)
		r = format_whole(l, &text, &len);
	if (r < 0)
		return r;
	fd = write_new(dir, temp, text, len, l->n_steps * 4);
	if (fd < 0)
		return fd;
	if (renameat(dir, temp, dir, l->uuid) < 0) {
		r = -errno;
		close(fd);
		unlinkat(dir, temp, 0);
		return r;
	}
	close_fd(&l->fd);
	l->fd = fd;
	return 0;
}

int ledger_create(const struct host *h, struct ledger *l)
{
	CLEANUP(close_fd)
	int dir = openat(h->run, "ledger", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r;

	if (dir < 0)
		return -errno;
	if (!can_be_read(l))
		return -EINVAL;
	if (file_exists(dir, l->uuid))
		return -EEXIST;
	r = link_name(h, l);
	return r < 0 ? r : publish(dir, l);
}

int ledger_replace(const struct host *h, struct ledger *l)
{
	CLEANUP(close_fd)
	int dir = openat(h->run, "ledger", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir < 0)
		return -errno;
	if (l->n_steps > PLAN_MAX || l->n_claims > CLAIMS_MAX)
		return -E2BIG;
	return can_be_read(l) ? publish(dir, l) : -EINVAL;
}

int ledger_mark(struct ledger *l, size_t step, enum ledger_state state)
{
	struct ledger_step *s = &l->steps[step];
	char record[RECORD_LEN];
	ssize_t done;
	int n;

	s->state = state;
	s->at_ms = clock_ms();
	if (state == LEDGER_WILL || state == LEDGER_BACK)
		s->began_ms = s->at_ms;
	n = snprintf(record, sizeof(record), "%s %zu %ju\n", state_names[state], step,
		     (uintmax_t)s->at_ms);
	done = write(l->fd, record, (size_t)n);
	if (done == n)
		return 0;
	/* half a record would swallow the next one */
	if (done > 0 && ftruncate(l->fd, lseek(l->fd, 0, SEEK_END) - done) < 0)
		return -errno;
	return -EIO;
}

int ledger_remove(const struct host *h, const struct ledger *l)
{
	char path[PATH_LEN], linked[UUID_LEN];
	int r = ledger_forget_new(h, l->uuid);

	if (r == 0)
		r = text_format(path, sizeof(path), "ledger/%s", l->uuid);
	if (r == 0 && unlinkat(h->run, path, 0) < 0 && errno != ENOENT)
		r = -errno;
	if (r == 0)
		r = text_format(path, sizeof(path), "names/%s", l->name);
	/* the name may meanwhile be another VM's */
	if (r == 0 && file_link_name(h->run, path, linked, sizeof(linked)) == 0 &&
	    strcmp(linked, l->uuid) == 0 && unlinkat(h->run, path, 0) < 0)
		r = -errno;
	return r;
}

void ledger_free(struct ledger *l)
{
	free(l->claims);
	free(l->steps);
	if (l->fd >= 0)
		close(l->fd);
	*l = LEDGER_NONE;
}

void ledgers_free(struct ledgers *s)
{
	for (size_t i = 0; i < s->n; i++)
		ledger_free(&s->ledger[i]);
	free(s->ledger);
	*s = (struct ledgers){ 0 };
}

const struct ledger *ledgers_claimant(const struct ledgers *s, const char *bdf)
{
	for (size_t i = 0; i < s->n; i++)
		for (size_t k = 0; k < s->ledger[i].n_claims; k++)
			if (strcmp(s->ledger[i].claims[k], bdf) == 0)
				return &s->ledger[i];
	return NULL;
}

/* the state of an mdev is "PARENT TYPE", as kind-mdev.c has it */
static bool makes_vgpu_on(const struct step *s, const char *bdf)
{
	size_t len = strlen(bdf);

	if (strcmp(s->kind, "vgpu") == 0)
		return strcmp(s->target, bdf) == 0;
	return strcmp(s->kind, "mdev") == 0 && strncmp(s->to, bdf, len) == 0 &&
	       s->to[len] == ' ';
}

const struct ledger *ledgers_vgpu_maker(const struct ledgers *s, const char *bdf)
{
	for (size_t i = 0; i < s->n; i++)
		for (size_t k = 0; k < s->ledger[i].n_steps; k++)
			if (s->ledger[i].steps[k].state != LEDGER_UNDID &&
			    makes_vgpu_on(&s->ledger[i].steps[k].step, bdf))
				return &s->ledger[i];
	return NULL;
}

const struct step *ledgers_sharer(const struct ledgers *s, const struct step *step)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct ledger *l = &s->ledger[i];

		for (size_t k = 0; k < l->n_steps; k++) {
			const struct step *x = &l->steps[k].step;

			if (l->steps[k].state != LEDGER_UNDID && !x->keep &&
			    strcmp(x->kind, step->kind) == 0 &&
			    strcmp(x->target, step->target) == 0 &&
			    strcmp(x->to, step->to) == 0)
				return x;
		}
	}
	return NULL;
}

bool ledger_unloads(const struct ledger *l)
{
	for (size_t i = 0; i < l->n_steps; i++) {
		const struct step *x = &l->steps[i].step;

		if (l->steps[i].state != LEDGER_UNDID && strcmp(x->kind, "module") == 0 &&
		    strcmp(x->to, "absent") == 0)
			return true;
	}
	return false;
}

bool ledgers_unload(const struct ledgers *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (ledger_unloads(&s->ledger[i]))
			return true;
	return false;
}

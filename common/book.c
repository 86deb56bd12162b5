// SPDX-License-Identifier: GPL-2.0-or-later
/* book.c - what was written down of the forwards of a running VM */

#include "book.h"

#include "file.h"
#include "running.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NEW "forwards.new" /* one for all: it is written under the lock */
/* five words and what is between them */
#define PLACE_LEN (2 * IP_LEN + 2 * IP_NET_LEN + IF_NAMESIZE + 8)

static bool same_place(const struct forward *a, const struct forward *b)
{
	return ip_equal(&a->listen, &b->listen) && ip_equal(&a->guest, &b->guest) &&
	       memcmp(&a->from, &b->from, sizeof(a->from)) == 0 &&
	       memcmp(&a->net, &b->net, sizeof(a->net)) == 0 &&
	       strcmp(a->bridge, b->bridge) == 0;
}

static void format_place(const struct forward *x, char ret[static PLACE_LEN])
{
	char listen[IP_LEN], guest[IP_LEN], from[IP_NET_LEN], net[IP_NET_LEN];

	ip_format(&x->listen, listen);
	ip_format(&x->guest, guest);
	ip_net_format(&x->from, from);
	ip_net_format(&x->net, net);
	snprintf(ret, PLACE_LEN, "%s\t%s\t%s\t%s\t%s", listen, from, guest, net,
		 x->bridge[0] ? x->bridge : "-");
}

/* Addresses take the longest to print, and are mostly those of the forward before. */
static void write_forwards(FILE *f, const char *word, const struct forwards *list)
{
	char place[PLACE_LEN] = "";

	for (size_t i = 0; i < list->n; i++) {
		const struct forward *x = &list->list[i];

		if (i == 0 || !same_place(x, x - 1))
			format_place(x, place);
		fprintf(f, "%s\t%s\t%s\t%u\t%u\t%u\t%s\t%s\n", word, x->name,
			proto_name(x->proto), x->lo, x->hi, x->to,
			x->local ? "local" : "-", place);
	}
}

static void write_book(FILE *f, const struct book *b)
{
	fprintf(f, BOOK_HEAD "\nuuid\t%s\nvm\t%s\n", b->uuid, b->forwards.vm);
	if (b->doubt)
		fprintf(f, "doubt\n");
	if (b->daemon)
		fprintf(f, "daemon\t%d\n", (int)b->daemon);
	for (size_t i = 0; i < b->n_nics; i++)
		fprintf(f, "nic\t%s\t%s\t%s\t%s\n", b->nics[i].type, b->nics[i].mac,
			b->nics[i].network, b->nics[i].bridge);
	write_forwards(f, "forward", &b->forwards);
	write_forwards(f, "next", &b->next);
}

int book_write(const struct host *h, const struct book *b)
{
	char path[PATH_LEN];
	int fd, r = text_format(path, sizeof(path), BOOK_FOLDER "/%s", b->forwards.vm);
	FILE *f;

	if (r == 0)
		r = file_make_dirs(h->run, BOOK_FOLDER);
	if (r < 0)
		return r;
	fd = openat(h->run, NEW, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
		    0600);
	f = fd < 0 ? NULL : fdopen(fd, "w");
	if (!f) {
		r = -errno;
		if (fd >= 0)
			close(fd);
		return r;
	}
	write_book(f, b);
	if (fflush(f) != 0 || ferror(f))
		r = -ENOSPC;
	fclose(f);
	if (r == 0 && renameat(h->run, NEW, h->run, path) < 0)
		r = -errno;
	if (r < 0)
		unlinkat(h->run, NEW, 0);
	return r;
}

bool book_is_half(const struct host *h)
{
	return h->run >= 0 && file_exists(h->run, NEW);
}

void book_sweep(const struct host *h)
{
	if (h->run >= 0)
		unlinkat(h->run, NEW, 0);
}

int book_remove(const struct host *h, const char *vm)
{
	char path[PATH_LEN];
	int r = text_format(path, sizeof(path), BOOK_FOLDER "/%s", vm);

	if (r < 0 || h->run < 0)
		return r;
	return unlinkat(h->run, path, 0) < 0 && errno != ENOENT ? -errno : 0;
}

bool book_is_orphan(const struct host *h, const struct book *b)
{
	if (running_vm(h, b->forwards.vm))
		return false;
	return !b->daemon || !running_process(h, (uint64_t)b->daemon);
}

void book_free(struct book *b)
{
	free(b->nics);
	forwards_free(&b->forwards);
	forwards_free(&b->next);
	*b = (struct book){ 0 };
}

void books_free(struct books *b)
{
	for (size_t i = 0; i < b->n; i++)
		book_free(&b->book[i]);
	free(b->book);
	*b = (struct books){ 0 };
}

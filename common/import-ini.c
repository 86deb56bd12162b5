// SPDX-License-Identifier: GPL-2.0-or-later
/* import-ini.c - forwards that were found, as the text of INI files */

#include "import-ini.h"

#include "forward.h"
#include "import-name.h"
#include "ini.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define VALUE_MAX (INI_LINE_MAX - 100) /* the key, and room for a person */
#define NONE      SIZE_MAX
/* networks that a line takes at least, each with a comma and a blank */
#define CLIENTS_MIN ((VALUE_MAX - IP_NET_LEN) / (IP_NET_LEN + 2))

/**
 * struct way - What of a forward says at once that two do not lead the same way: sums
 * @guest:   Of the guest's address
 * @clients: Of who may connect, in any order
 */
struct way {
	uint32_t guest, clients;
};

/**
 * struct section - Forwards that one [forward NAME] can be
 * @item:    Borrowed, @n of them
 * @len:     Of 'listen' so far
 */
struct section {
	const struct import_forward *item[CONF_LISTEN_MAX];
	size_t n, len;
};

/**
 * struct writer - One run of import_write()
 * @done:    Owned. Which forwards are written
 * @told:    Owned. Which notes are
 * @way:     Owned. One for each forward
 * @next:    Owned. For each forward the next one whose guest has the same sum, or NONE
 * @names:   Borrowed. Of sections so far
 * @vm:      Its name, NULL not known
 * @pinned:  'to' has the address: the file has a [network] of another one
 */
struct writer {
	const struct import *i;
	const struct import_vms *vms;
	FILE *out;
	bool *done, *told;
	struct way *way;
	size_t *next;
	struct import_names *names;
	const char *vm;
	bool pinned;
};

/* ---- ways ---- */

static uint32_t sum_of(const struct ip *ip, uint32_t sum)
{
	for (size_t i = 0; i < sizeof(ip->bytes); i++)
		sum = sum * 31 + ip->bytes[i];
	return sum;
}

static struct way way_of(const struct import_forward *f)
{
	struct way w = { .guest = sum_of(&f->guest, f->guest.family) };

	for (size_t i = 0; i < f->n_from; i++)
		w.clients += sum_of(&f->from[i].ip, f->from[i].prefix + 1u);
	return w;
}

static const struct way *way_at(const struct writer *w, const struct import_forward *f)
{
	return &w->way[f - w->i->forward];
}

static int by_guest(const void *a, const void *b, void *ways)
{
	const struct way *way = ways;
	size_t x = *(const size_t *)a, y = *(const size_t *)b;

	if (way[x].guest != way[y].guest)
		return way[x].guest < way[y].guest ? -1 : 1;
	return x < y ? -1 : x > y;
}

static int chain_guests(struct writer *w)
{
	size_t n = w->i->n;
	CLEANUP(free_ptr) size_t *order = calloc(n + 1, sizeof(*order));

	if (!order)
		return -ENOMEM;
	for (size_t k = 0; k < n; k++) {
		w->way[k] = way_of(&w->i->forward[k]);
		order[k] = k;
	}
	qsort_r(order, n, sizeof(*order), by_guest, w->way);
	for (size_t k = 0; k < n; k++)
		w->next[order[k]] =
			k + 1 < n && w->way[order[k]].guest == w->way[order[k + 1]].guest
				? order[k + 1]
				: NONE;
	return 0;
}

/* ---- sections ---- */

static bool is_same(const struct import_forward *f)
{
	return f->to == f->lo;
}

static size_t listen_text(const struct import_forward *f,
			  char ret[static FORWARD_PORTS_LEN])
{
	const struct forward plain = {
		.proto = f->proto, .lo = f->lo, .hi = f->hi, .listen = f->listen
	};

	forward_ports(&plain, ret);
	return strlen(ret);
}

/* One 'to' for all, or none at all where the ports of one rule stay what they are */
static bool fits(const struct writer *w, const struct section *s,
		 const struct import_forward *f)
{
	bool one = true, same = is_same(f) && !w->pinned;
	char text[FORWARD_PORTS_LEN];

	/* asked for all pairs: what costs little first */
	if (s->n == CONF_LISTEN_MAX ||
	    memcmp(way_at(w, s->item[0]), way_at(w, f), sizeof(*w->way)) != 0)
		return false;
	for (size_t i = 0; i < s->n && (one || same); i++) {
		one = one && s->item[i]->to == f->to;
		same = same && is_same(s->item[i]) && s->item[i]->line == f->line;
	}
	return (one || same) && import_same_way(s->item[0], f) &&
	       s->len + listen_text(f, text) + 2 <= VALUE_MAX;
}

static void put(struct writer *w, struct section *s, size_t at)
{
	char text[FORWARD_PORTS_LEN];

	w->done[at] = true;
	s->item[s->n++] = &w->i->forward[at];
	s->len += listen_text(&w->i->forward[at], text) + 2;
}

/* ---- text ---- */

/* It ends with a reason, so never with a backslash, which no line of an INI file may. */
static void write_comment(struct writer *w, const char *before, const char *text)
{
	fprintf(w->out, "; %s%s\n", before, text);
}

static void write_notes(struct writer *w, const struct section *s)
{
	for (size_t k = 0; k < w->i->n_notes; k++) {
		const struct import_note *note = &w->i->note[k];
		bool here = false;

		for (size_t i = 0; i < s->n; i++)
			here = here || s->item[i]->line == note->line;
		if (!here || note->kind == IMPORT_LEFT)
			continue;
		w->told[k] = true;
		write_comment(w, "", note->text);
	}
}

static void write_to(struct writer *w, const struct section *s)
{
	char ip[IP_LEN];
	bool same = true;

	for (size_t i = 0; i < s->n; i++)
		same = same && is_same(s->item[i]);
	ip_format(&s->item[0]->guest, ip);
	if (w->pinned)
		fprintf(w->out,
			s->item[0]->guest.family == AF_INET6 ? "to     = [%s]:%u\n"
							     : "to     = %s:%u\n",
			ip, s->item[0]->to);
	else if (!same)
		fprintf(w->out, "to     = %u\n", s->item[0]->to);
}

/* Writes as many clients as a line takes; returns where to go on */
static size_t write_clients(struct writer *w, const struct import_forward *f, size_t at)
{
	size_t len = 0;

	fprintf(w->out, "from   = ");
	for (; at < f->n_from && len < VALUE_MAX - IP_NET_LEN; at++) {
		const struct ip_net *net = &f->from[at];
		char text[IP_NET_LEN];

		if (net->prefix == 8 * ip_size(&net->ip))
			ip_format(&net->ip, text);
		else
			ip_net_format(net, text);
		len += (size_t)fprintf(w->out, "%s%s", len ? ", " : "", text);
	}
	fprintf(w->out, "\n");
	return at;
}

/*
 * Clients that one line does not take are in a further section. The host itself, which is
 * none of them, is a client of the first alone: of two sections both would want it.
 */
static void write_section(struct writer *w, const struct section *s)
{
	const struct import_forward *first = s->item[0];
	char text[FORWARD_PORTS_LEN];
	size_t client = 0;

	do {
		bool further = client > 0;

		fprintf(w->out, "\n[forward %s]\n", import_names_choose(w->names, first));
		if (!further)
			write_notes(w, s);
		fprintf(w->out, "listen = ");
		for (size_t i = 0; i < s->n; i++) {
			listen_text(s->item[i], text);
			fprintf(w->out, "%s%s", i ? ", " : "", text);
		}
		fprintf(w->out, "\n");
		write_to(w, s);
		if (first->n_from)
			client = write_clients(w, first, client);
		if (first->local && !further)
			fprintf(w->out, "local  = yes\n");
	} while (client < first->n_from);
}

static void write_head(struct writer *w, const struct ip *guest)
{
	char ip[IP_LEN];

	ip_format(guest, ip);
	if (!w->vm)
		fprintf(w->out,
			"; address %s: which VM is it? Its INI file is /etc/virt-handoff/vms/NAME.ini\n",
			ip);
	else if (w->pinned)
		fprintf(w->out, "; /etc/virt-handoff/vms/%s.ini too: its other address\n",
			w->vm);
	else
		fprintf(w->out, "; /etc/virt-handoff/vms/%s.ini\n", w->vm);
	if (!w->pinned)
		fprintf(w->out, "[network]\naddress = %s\n", ip);
}

static void write_guest(struct writer *w, size_t first)
{
	const struct ip *guest = &w->i->forward[first].guest;

	write_head(w, guest);
	for (size_t k = first; k != NONE; k = w->next[k]) {
		struct section s = { .n = 0 };

		if (w->done[k] || !ip_equal(&w->i->forward[k].guest, guest))
			continue;
		put(w, &s, k);
		for (size_t o = w->next[k]; o != NONE; o = w->next[o])
			if (!w->done[o] && fits(w, &s, &w->i->forward[o]))
				put(w, &s, o);
		write_section(w, &s);
	}
	fprintf(w->out, "\n");
}

/* All addresses of one VM, one after the other: names of sections may not come twice */
static void write_vm(struct writer *w, size_t first)
{
	w->vm = import_vms_find(w->vms, &w->i->forward[first].guest);
	w->pinned = false;
	import_names_begin(w->names);
	write_guest(w, first);
	w->pinned = true;
	for (size_t k = first; k < w->i->n && w->vm; k++) {
		const struct ip *guest = &w->i->forward[k].guest;
		const char *vm = w->done[k] ? NULL : import_vms_find(w->vms, guest);

		if (vm && strcmp(vm, w->vm) == 0)
			write_guest(w, k);
	}
}

static void write_rest(struct writer *w)
{
	for (size_t k = 0; k < w->i->n_notes; k++) {
		const struct import_note *note = &w->i->note[k];

		if (!w->told[k])
			write_comment(w, note->kind == IMPORT_LEFT ? "not taken: " : "",
				      note->text);
	}
	if (w->i->passed)
		fprintf(w->out, "; %zu %s other things and %s passed over\n",
			w->i->passed,
			w->i->passed == 1 ? "rule concerns" : "rules concern",
			w->i->passed == 1 ? "was" : "were");
	if (w->i->n == 0)
		fprintf(w->out, "; no forward to a VM was found\n");
}

/* Each line of clients is a section, and each section has a name. */
static size_t count_names(const struct import *i)
{
	size_t n = 1;

	for (size_t k = 0; k < i->n; k++)
		n += i->forward[k].n_from / CLIENTS_MIN + 1;
	return n;
}

int import_write(const struct import *i, const struct import_vms *vms, FILE *out)
{
	CLEANUP(free_ptr) bool *done = calloc(i->n + 1, sizeof(*done));
	CLEANUP(free_ptr) bool *told = calloc(i->n_notes + 1, sizeof(*told));
	CLEANUP(free_ptr) struct way *way = calloc(i->n + 1, sizeof(*way));
	CLEANUP(free_ptr) size_t *next = calloc(i->n + 1, sizeof(*next));
	CLEANUP(import_names_free) struct import_names names;
	int r = import_names_make(&names, count_names(i));
	struct writer w = {
		.i = i,
		.vms = vms,
		.out = out,
		.done = done,
		.told = told,
		.way = way,
		.next = next,
		.names = &names,
	};

	if (r < 0 || !done || !told || !way || !next || chain_guests(&w) < 0)
		return -ENOMEM;
	for (size_t k = 0; k < i->n; k++)
		if (!done[k])
			write_vm(&w, k);
	write_rest(&w);
	return 0;
}

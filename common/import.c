// SPDX-License-Identifier: GPL-2.0-or-later
/* import.c - forwards found in what people have today, and what is said of them */

#include "import.h"

#include "service.h"
#include "text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void import_free(struct import *i)
{
	for (size_t k = 0; k < i->n_notes; k++)
		free(i->note[k].text);
	free(i->note);
	free(i->forward);
	free(i->key);
	*i = (struct import){ 0 };
}

/* Room for one more; grows by doubling: a power of two is full */
static void *grow(void *list, size_t n, size_t size)
{
	return n & (n - 1) ? list : reallocarray(list, n ? 2 * n : 1, size);
}

int import_note(struct import *i, enum import_kind kind, unsigned int line,
		const char *text, const char *format, ...)
{
	struct import_note note = { .kind = kind, .line = line }, *more;
	char what[WHY_LEN], whole[WHY_LEN];
	va_list args;

	if (i->n_notes == IMPORT_NOTES_MAX)
		return 0;
	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	/* makes it printable too */
	why(whole, "line %u: %s%s%s", line, text ? text : "", text ? ": " : "", what);
	for (size_t k = i->n_notes; k > 0 && i->note[k - 1].line == line; k--)
		if (strcmp(i->note[k - 1].text, whole) == 0)
			return 0;
	if (i->n_notes == IMPORT_NOTES_MAX - 1) {
		note.kind = IMPORT_LEFT;
		why(whole,
		    "line %u: here and there more is not said; give the text in parts",
		    line);
	}
	more = grow(i->note, i->n_notes, sizeof(*more));
	if (!more)
		return -ENOMEM;
	i->note = more;
	note.text = strdup(whole);
	if (!note.text)
		return -ENOMEM;
	i->note[i->n_notes++] = note;
	return 0;
}

/* ---- what two forwards have in common ---- */

static bool same_target(const struct import_forward *a, const struct import_forward *b)
{
	return a->proto == b->proto && ip_equal(&a->guest, &b->guest) &&
	       a->to - a->lo == b->to - b->lo;
}

static bool same_ports(const struct import_forward *a, const struct import_forward *b)
{
	return same_target(a, b) && a->lo == b->lo && a->hi == b->hi &&
	       a->local == b->local && ip_equal(&a->listen, &b->listen);
}

static bool nets_have(const struct import_forward *f, const struct ip_net *net)
{
	bool has = f->n_from == 0;

	for (size_t i = 0; i < f->n_from && !has; i++)
		has = f->from[i].prefix <= net->prefix &&
		      ip_net_has(&f->from[i], &net->ip);
	return has;
}

static bool nets_meet(const struct import_forward *a, const struct import_forward *b)
{
	bool meet = a->n_from == 0 || b->n_from == 0;

	for (size_t i = 0; i < a->n_from && !meet; i++)
		for (size_t k = 0; k < b->n_from && !meet; k++)
			meet = ip_net_overlap(&a->from[i], &b->from[k]);
	return meet;
}

/* One packet could be meant by both. An address of the host is never 127.x by itself. */
static bool collide(const struct import_forward *a, const struct import_forward *b)
{
	if (a->guest.family != b->guest.family || a->proto != b->proto || a->lo > b->hi ||
	    b->lo > a->hi || !nets_meet(a, b))
		return false;
	if (a->listen.family && b->listen.family)
		return ip_equal(&a->listen, &b->listen);
	return (!ip_is_loopback(&a->listen) || b->local) &&
	       (!ip_is_loopback(&b->listen) || a->local);
}

/* Whatever @b does, @a does too. */
static bool covers(const struct import_forward *a, const struct import_forward *b)
{
	bool all = same_target(a, b) && a->lo <= b->lo && a->hi >= b->hi &&
		   (!b->local || a->local) &&
		   (!a->listen.family || ip_equal(&a->listen, &b->listen));

	if (b->n_from == 0)
		return all && a->n_from == 0;
	for (size_t i = 0; i < b->n_from && all; i++)
		all = nets_have(a, &b->from[i]);
	return all;
}

/* ---- adding ---- */

/* Each is compared with thousands: most have another port, or another address. */
static struct import_key key_of(const struct import_forward *f)
{
	struct import_key key = { .proto = f->proto, .lo = f->lo, .hi = f->hi };

	if (f->listen.family)
		key.listen = 1;
	for (size_t i = 0; f->listen.family && i < sizeof(f->listen.bytes); i++)
		key.listen = key.listen * 31 + f->listen.bytes[i];
	return key;
}

/* Where not, none of the comparisons above says yes. */
static bool keys_meet(const struct import_key *a, const struct import_key *b)
{
	return a->lo <= b->hi && b->lo <= a->hi && a->proto == b->proto &&
	       (a->listen == b->listen || !a->listen || !b->listen);
}

int import_join_clients(struct import_forward *a, const struct import_forward *b)
{
	struct import_forward both = *a;

	if (a->n_from == 0 || b->n_from == 0) {
		a->n_from = 0;
		return 0;
	}
	for (size_t i = 0; i < b->n_from; i++) {
		if (nets_have(a, &b->from[i]))
			continue;
		if (both.n_from == CONF_FROM_MAX)
			return -E2BIG;
		both.from[both.n_from++] = b->from[i];
	}
	/* what is in a network of the other one has to go */
	a->n_from = 0;
	for (size_t i = 0; i < both.n_from; i++) {
		bool inside = false;

		for (size_t k = 0; k < both.n_from && !inside; k++)
			inside = both.from[k].prefix < both.from[i].prefix &&
				 ip_net_has(&both.from[k], &both.from[i].ip);
		if (!inside)
			a->from[a->n_from++] = both.from[i];
	}
	return 0;
}

int import_meet_clients(struct import_forward *a, const struct import_forward *b)
{
	struct import_forward both = { 0 };

	if (a->n_from == 0) {
		memcpy(a->from, b->from, sizeof(a->from));
		a->n_from = b->n_from;
		return 0;
	}
	for (size_t i = 0; i < a->n_from; i++) {
		for (size_t k = 0; k < b->n_from; k++) {
			if (!ip_net_overlap(&a->from[i], &b->from[k]))
				continue;
			if (both.n_from == CONF_FROM_MAX)
				return -E2BIG;
			/* of two networks that overlap the one is inside the other */
			both.from[both.n_from++] = a->from[i].prefix > b->from[k].prefix
							   ? a->from[i]
							   : b->from[k];
		}
	}
	memcpy(a->from, both.from, sizeof(a->from));
	a->n_from = both.n_from;
	return 0;
}

static void drop_covered(struct import *i, const struct import_forward *by,
			 const struct import_key *key)
{
	size_t n = 0;

	for (size_t k = 0; k < i->n; k++) {
		if (keys_meet(key, &i->key[k]) && covers(by, &i->forward[k]))
			continue;
		if (n != k) {
			i->forward[n] = i->forward[k];
			i->key[n] = i->key[k];
		}
		n++;
	}
	i->n = n;
}

static int append(struct import *i, const struct import_forward *f,
		  const struct import_key *key)
{
	struct import_forward *more = grow(i->forward, i->n, sizeof(*more));
	struct import_key *keys = grow(i->key, i->n, sizeof(*keys));

	if (more)
		i->forward = more;
	if (keys)
		i->key = keys;
	if (!more || !keys)
		return -ENOMEM;
	i->forward[i->n] = *f;
	i->key[i->n++] = *key;
	return 0;
}

int import_add(struct import *i, const struct import_forward *f, const char *text)
{
	const struct import_key key = key_of(f);
	char guest[IP_LEN];

	if (i->n == IMPORT_FORWARDS_MAX)
		return import_note(i, IMPORT_LEFT, f->line, text,
				   "more than %d forwards are not taken; write ranges",
				   IMPORT_FORWARDS_MAX);
	for (size_t k = 0; k < i->n; k++) {
		struct import_forward *o = &i->forward[k];

		if (!keys_meet(&key, &i->key[k]))
			continue;
		if (covers(o, f))
			return 0;
		if (same_ports(o, f) && import_join_clients(o, f) == 0)
			return 0;
		if (same_ports(o, f))
			return import_note(
				i, IMPORT_LEFT, f->line, text,
				"more than %d networks may use this port; write larger ones",
				CONF_FROM_MAX);
	}
	for (size_t k = 0; k < i->n; k++) {
		const struct import_forward *o = &i->forward[k];

		if (!keys_meet(&key, &i->key[k]) || !collide(o, f) || covers(f, o))
			continue;
		ip_format(&o->guest, guest);
		return import_note(
			i, IMPORT_LEFT, f->line, text,
			"port %u/%s leads to %s already, by line %u, which comes first; give it another port",
			f->lo > o->lo ? f->lo : o->lo, proto_name(f->proto), guest,
			o->line);
	}
	drop_covered(i, f, &key);
	return append(i, f, &key);
}

/* ---- order ---- */

static int by_line(const void *a, const void *b)
{
	const struct import_forward *x = a, *y = b;

	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	if (x->proto != y->proto)
		return x->proto < y->proto ? -1 : 1;
	return x->lo < y->lo ? -1 : x->lo > y->lo;
}

static int notes_by_line(const void *a, const void *b)
{
	const struct import_note *x = a, *y = b;

	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return x->kind < y->kind ? -1 : x->kind > y->kind;
}

static bool same_clients(const struct import_forward *a, const struct import_forward *b)
{
	bool same = a->n_from == b->n_from;

	/* what is narrowed by the same rules has the same list in the same order */
	if (same && memcmp(a->from, b->from, a->n_from * sizeof(a->from[0])) == 0)
		return true;
	for (size_t i = 0; i < a->n_from && same; i++)
		same = nets_have(a, &b->from[i]) && nets_have(b, &a->from[i]);
	return same;
}

bool import_same_way(const struct import_forward *a, const struct import_forward *b)
{
	return ip_equal(&a->guest, &b->guest) && a->local == b->local &&
	       same_clients(a, b);
}

/* Ports that have a name of their own keep a section of their own. */
static bool follows(const struct import_forward *a, const struct import_forward *b)
{
	return b->lo == a->hi + 1 && same_target(a, b) && import_same_way(a, b) &&
	       ip_equal(&a->listen, &b->listen) && !service_name(a->to) &&
	       !service_name(b->to);
}

static void join_ranges(struct import *i)
{
	size_t n = 0;

	for (size_t k = 0; k < i->n; k++) {
		bool joined = false;

		for (size_t o = 0; o < n && !joined; o++) {
			joined = follows(&i->forward[o], &i->forward[k]);
			if (joined)
				i->forward[o].hi = i->forward[k].hi;
		}
		if (!joined)
			i->forward[n++] = i->forward[k];
	}
	i->n = n;
}

void import_sort(struct import *i)
{
	if (i->n)
		qsort(i->forward, i->n, sizeof(*i->forward), by_line);
	if (i->n_notes)
		qsort(i->note, i->n_notes, sizeof(*i->note), notes_by_line);
	join_ranges(i);
}

bool import_look(const struct import *i)
{
	for (size_t k = 0; k < i->n_notes; k++)
		if (i->note[k].kind != IMPORT_SAID)
			return true;
	return false;
}

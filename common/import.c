// SPDX-License-Identifier: GPL-2.0-or-later
/* import.c - forwards found in what people have today, and what is said of them */

#include "import.h"

#include "forward.h"
#include "import-clients.h"
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

static bool ports_meet(const struct import_forward *a, const struct import_forward *b)
{
	return a->guest.family == b->guest.family && a->proto == b->proto &&
	       a->lo <= b->hi && b->lo <= a->hi;
}

/* as the INI file will say it, for every client */
static struct forward forward_of(const struct import_forward *f)
{
	return (struct forward){
		.proto = f->proto,
		.lo = f->lo,
		.hi = f->hi,
		.to = f->to,
		.local = f->local,
		.listen = f->listen,
		.guest = f->guest,
	};
}

/* One packet could be meant by both; @a comes first. */
static bool collide(const struct import_forward *a, const struct import_forward *b)
{
	struct forward x = forward_of(a), y = forward_of(b);

	if (a->everywhere && a->local && b->local && ports_meet(a, b))
		return true;
	return forward_collides(&x, &y) &&
	       (import_share_clients(a, b) || forward_same_localhost(&x, &y));
}

/* Whatever @b does, @a does too. */
static bool covers(const struct import_forward *a, const struct import_forward *b)
{
	struct forward x = forward_of(a), y = forward_of(b);
	bool all = forward_covers(&x, &y);

	if (b->n_from == 0)
		return all && a->n_from == 0;
	for (size_t i = 0; i < b->n_from && all; i++)
		all = import_has_clients(a, &b->from[i]);
	return all;
}

/* ---- adding ---- */

/* Each is compared with thousands: most have another port, or another address. */
static struct import_key key_of(const struct import_forward *f)
{
	struct import_key key = { .proto = f->proto, .lo = f->lo, .hi = f->hi };

	if (!f->listen.family || f->everywhere)
		return key;
	key.listen = 1;
	for (size_t i = 0; i < sizeof(f->listen.bytes); i++)
		key.listen = key.listen * 31 + f->listen.bytes[i];
	return key;
}

/* Where not, none of the comparisons above says yes. */
static bool keys_meet(const struct import_key *a, const struct import_key *b)
{
	return a->lo <= b->hi && b->lo <= a->hi && a->proto == b->proto &&
	       (a->listen == b->listen || !a->listen || !b->listen);
}

/* but for the one that has got the clients of @by */
static void drop_covered(struct import *i, const struct import_forward *by,
			 const struct import_key *key)
{
	size_t n = 0;

	for (size_t k = 0; k < i->n; k++) {
		if (keys_meet(key, &i->key[k]) && covers(by, &i->forward[k]) &&
		    !same_ports(by, &i->forward[k]))
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

/* A rule of @line wants ports of @f that lead elsewhere by @o */
static int leave(struct import *i, const struct import_forward *f, unsigned int line,
		 const char *text, const struct import_forward *o)
{
	char guest[IP_LEN];

	ip_format(&o->guest, guest);
	return import_note(
		i, IMPORT_LEFT, line, text,
		"port %u/%s leads to %s already, by line %u, which comes first; give it another port",
		f->lo > o->lo ? f->lo : o->lo, proto_name(f->proto), guest, o->line);
}

/* 0, also when it was left out; or -ENOMEM. @same has the same ports; from @i->n on: none */
static int add_apart(struct import *i, const struct import_forward *f, const char *text,
		     size_t same)
{
	const struct import_key key = key_of(f);
	bool joins = same < i->n;

	for (size_t k = 0; k < i->n; k++) {
		const struct import_forward *o = &i->forward[k];

		if (k != same && keys_meet(&key, &i->key[k]) && collide(o, f) &&
		    !covers(f, o))
			return leave(i, f, f->line, text, o);
	}
	if (joins && import_join_clients(&i->forward[same], f) < 0)
		return import_note(
			i, IMPORT_LEFT, f->line, text,
			"more than %d networks may use this port; write larger ones",
			CONF_FROM_MAX);
	drop_covered(i, f, &key);
	return joins ? 0 : append(i, f, &key);
}

int import_add(struct import *i, const struct import_forward *f, const char *text)
{
	const struct import_key key = key_of(f);
	size_t same = SIZE_MAX;
	bool meets = false;

	if (i->n == IMPORT_FORWARDS_MAX)
		return import_note(i, IMPORT_LEFT, f->line, text,
				   "more than %d forwards are not taken; write ranges",
				   IMPORT_FORWARDS_MAX);
	for (size_t k = 0; k < i->n; k++) {
		const struct import_forward *o = &i->forward[k];

		if (!keys_meet(&key, &i->key[k]))
			continue;
		meets = true;
		if (covers(o, f))
			return 0;
		if (same_ports(o, f))
			same = k;
	}
	return meets ? add_apart(i, f, text, same) : append(i, f, &key);
}

/* @o is for 127.0.0.1 alone, of which @f does all once it is local */
static bool is_part(const struct import_forward *o, const struct import_forward *f)
{
	static const struct ip localhost = { AF_INET, { 127, 0, 0, 1 } };

	return ip_equal(&o->listen, &localhost) && same_target(o, f) && o->lo >= f->lo &&
	       o->hi <= f->hi;
}

static void drop_parts(struct import *i, const struct import_forward *f)
{
	const struct import_forward whole = *f; /* it moves too */
	size_t n = 0;

	for (size_t k = 0; k < i->n; k++) {
		if (is_part(&i->forward[k], &whole))
			continue;
		i->forward[n] = i->forward[k];
		i->key[n++] = i->key[k];
	}
	i->n = n;
}

int import_make_local(struct import *i, struct import_forward *f, bool everywhere,
		      unsigned int line, const char *text)
{
	struct forward y = forward_of(f);

	y.local = true;
	for (size_t k = 0; k < i->n && !f->local; k++) {
		const struct import_forward *o = &i->forward[k];
		struct forward x = forward_of(o);

		if (o == f || !ports_meet(o, f) || !forward_same_localhost(&x, &y))
			continue;
		/* 127.0.0.1 leads there already, by another one */
		if (same_target(o, f) && o->lo <= f->lo && o->hi >= f->hi)
			return 0;
		if (!is_part(o, f))
			return leave(i, f, line, text, o);
	}
	f->local = true;
	f->everywhere |= everywhere;
	drop_parts(i, f);
	return 0;
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

bool import_same_way(const struct import_forward *a, const struct import_forward *b)
{
	return ip_equal(&a->guest, &b->guest) && a->local == b->local &&
	       import_same_clients(a, b);
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

// SPDX-License-Identifier: GPL-2.0-or-later
/* conntrack.c - which connections a change must not leave */

#include "conntrack.h"

#include "conntrack-io.h"
#include "iface.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

/**
 * struct search - What is looked for
 * @ports:   A bit for each port that any forward has: most connections have none of them
 * @gone, @come: One of them, the other is NULL
 * @now:     What keeps connections of @gone, or NULL
 * @found:   Owned, @n of them, each with a copy of what it borrowed
 */
struct search {
	uint8_t ports[(UINT16_MAX + 1) / 8];
	const struct forwards *gone, *come, *now;
	const struct ifaddrs *host;
	struct conntrack_entry *found;
	size_t n;
	int error;
};

/* What the forward takes; from the host itself everybody may come */
static bool takes(const struct forward *f, const struct conntrack_tuple *orig)
{
	bool local = ip_is_loopback(&orig->target);

	return !forward_waits(f) && f->proto == orig->proto &&
	       orig->target_port >= f->lo && orig->target_port <= f->hi &&
	       f->guest.family == orig->target.family &&
	       forward_has_address(f, &orig->target) &&
	       (local || ip_net_has(&f->from, &orig->source));
}

/* A connection that this forward has made, or would make */
static bool is_of(const struct forward *f, const struct conntrack_tuple *orig,
		  const struct conntrack_tuple *reply)
{
	return takes(f, orig) && ip_equal(&reply->source, &f->guest) &&
	       reply->source_port == f->to + (orig->target_port - f->lo);
}

/* An edit costs only what it takes away: another sender, an address, a port */
static bool goes_on(const struct forwards *now, const struct conntrack_tuple *orig,
		    const struct conntrack_tuple *reply)
{
	for (size_t i = 0; now && i < now->n; i++)
		if (is_of(&now->list[i], orig, reply) &&
		    (now->list[i].local || !ip_is_loopback(&orig->target)))
			return true;
	return false;
}

/* A sender who talked to the host itself before there was this forward */
static bool is_before(const struct search *x, const struct forward *f,
		      const struct conntrack_tuple *orig,
		      const struct conntrack_tuple *reply)
{
	return orig->proto != IPPROTO_TCP && takes(f, orig) &&
	       ip_equal(&reply->source, &orig->target) &&
	       (ip_is_loopback(&orig->target) || iface_has(x->host, &orig->target));
}

static bool is_concerned(const struct search *x, const struct conntrack_tuple *orig,
			 const struct conntrack_tuple *reply)
{
	if (!(x->ports[orig->target_port / 8] & (1 << orig->target_port % 8)))
		return false;
	for (size_t i = 0; x->gone && i < x->gone->n; i++)
		if (is_of(&x->gone->list[i], orig, reply))
			return !goes_on(x->now, orig, reply);
	for (size_t i = 0; x->come && i < x->come->n; i++)
		if (is_before(x, &x->come->list[i], orig, reply))
			return true;
	return false;
}

static int keep(struct search *x, const struct conntrack_entry *e)
{
	struct conntrack_entry *more = reallocarray(x->found, x->n + 1, sizeof(*more));
	void *raw = malloc(e->len);

	if (more)
		x->found = more;
	if (!more || !raw) {
		free(raw);
		return -ENOMEM;
	}
	memcpy(raw, e->raw, e->len);
	more[x->n] = *e;
	more[x->n].raw = raw;
	x->n++;
	return 0;
}

static void on_entry(const struct conntrack_entry *e, void *data)
{
	struct search *x = data;

	if (x->error == 0 && is_concerned(x, &e->orig, &e->reply))
		x->error = keep(x, e);
}

static void note_ports(struct search *x, const struct forward *f)
{
	for (unsigned int port = f->lo; port <= f->hi; port++)
		x->ports[port / 8] |= (uint8_t)(1 << port % 8);
}

/* What a guest answers may have been made by a forward. Each is asked for once. */
static int find_gone(struct fw_link *l, struct search *x, const struct forwards *gone)
{
	int r = 0;

	x->gone = gone;
	for (size_t i = 0; i < gone->n; i++)
		note_ports(x, &gone->list[i]);
	for (size_t i = 0; i < gone->n && r == 0; i++) {
		const struct ip *guest = &gone->list[i].guest;
		size_t k = 0;

		while (k < i && !ip_equal(&gone->list[k].guest, guest))
			k++;
		if (k == i && !forward_waits(&gone->list[i]))
			r = conntrack_answered(l, guest, on_entry, x) ?: x->error;
	}
	x->gone = NULL;
	return r;
}

/* A TCP client that talked to the host itself has been refused, or has its connection. */
static bool has_sender(const struct forward *f)
{
	return f->proto != IPPROTO_TCP && !forward_waits(f);
}

/* Each family and protocol is asked for once. */
static int find_come(struct fw_link *l, struct search *x, const struct forwards *come)
{
	int r = 0;

	x->come = come;
	for (size_t i = 0; i < come->n; i++)
		note_ports(x, &come->list[i]);
	for (size_t i = 0; i < come->n && r == 0; i++) {
		const struct forward *f = &come->list[i];
		size_t k = 0;

		while (k < i && (come->list[k].proto != f->proto ||
				 come->list[k].guest.family != f->guest.family ||
				 !has_sender(&come->list[k])))
			k++;
		if (k == i && has_sender(f))
			r = conntrack_of_proto(l, f->guest.family, f->proto, on_entry, x)
				    ?: x->error;
	}
	x->come = NULL;
	return r;
}

/* The kernel walks its whole table for each question: it is asked only what is needed. */
static bool is_needed(const struct forwards *gone, const struct forwards *come)
{
	if (forwards_any(gone))
		return true;
	for (size_t i = 0; come && i < come->n; i++)
		if (has_sender(&come->list[i]))
			return true;
	return false;
}

int conntrack_flush(const struct forwards *gone, const struct forwards *now,
		    const struct forwards *come, unsigned int *ret_n)
{
	struct search x = { .now = forwards_share_guest(gone, now) ? now : NULL };
	struct fw_link l = { 0 };
	struct ifaddrs *host = NULL;
	int r;

	*ret_n = 0;
	if (!is_needed(gone, come))
		return 0;
	r = fw_link_open(&l);
	if (r == 0)
		r = iface_read(&host);
	x.host = host;
	if (r == 0 && gone)
		r = find_gone(&l, &x, gone);
	if (r == 0 && come)
		r = find_come(&l, &x, come);
	for (size_t i = 0; i < x.n; i++) {
		r = r ?: conntrack_delete(&l, &x.found[i]);
		free((void *)x.found[i].raw);
	}
	*ret_n = (unsigned int)x.n;
	free(x.found);
	iface_free(&host);
	fw_link_close(&l);
	return r == -EINVAL ? -EOPNOTSUPP : r;
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* plan-words.c - steps, vGPUs and forwards in words that a person reads */

#include "plan-words.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

/* the override that goes with a VFIO driver says nothing new */
static void driver_words(const char *state, char *ret, size_t size)
{
	int len = (int)strcspn(state, " ");
	const char *override = strchr(state, '=');

	if (!override || (strncmp(override + 1, state, (size_t)len) == 0 &&
			  strlen(override + 1) == (size_t)len))
		snprintf(ret, size, "%.*s", len, state);
	else
		snprintf(ret, size, "%.*s (override %s)", len, state, override + 1);
}

static void driver_step(const struct step *s, char *ret, size_t size)
{
	char from[STATE_LEN + 16], to[STATE_LEN + 16];

	driver_words(s->from, from, sizeof(from));
	driver_words(s->to, to, sizeof(to));
	snprintf(ret, size, "driver of %s: %s -> %s", s->target, from, to);
}

static void attr_step(const struct step *s, char *ret, size_t size)
{
	const char *attr = strchr(s->target, '/');

	snprintf(ret, size, "%s of %.*s: %s -> %s", attr ? attr + 1 : "attribute",
		 (int)strcspn(s->target, "/"), s->target, s->from[0] ? s->from : "empty",
		 s->to);
}

/* "0000:e8:00.4 nvidia-558" */
static void mdev_step(const struct step *s, char *ret, size_t size)
{
	int device = (int)strcspn(s->to, " ");

	snprintf(ret, size, "vGPU %s: %s -> %s on %.*s", s->target, s->from,
		 s->to + device + (s->to[device] == ' '), device, s->to);
}

static void vgpu_step(const struct step *s, char *ret, size_t size)
{
	snprintf(ret, size, "vGPU type of %s: %s -> %s", s->target, s->from, s->to);
}

static void plain_step(const struct step *s, char *ret, size_t size)
{
	snprintf(ret, size, "%s %s: %s -> %s", s->kind, s->target, s->from, s->to);
}

void plan_words_step(const struct step *s, char ret[static PLAN_WORDS_LEN])
{
	static const struct {
		const char *kind;
		void (*words)(const struct step *s, char *ret, size_t size);
	} table[] = {
		{ "driver", driver_step },
		{ "attr", attr_step },
		{ "mdev", mdev_step },
		{ "vgpu", vgpu_step },
	};
	void (*words)(const struct step *, char *, size_t) = plain_step;
	size_t len;

	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		if (strcmp(table[i].kind, s->kind) == 0)
			words = table[i].words;
	words(s, ret, PLAN_WORDS_LEN);
	len = strlen(ret);
	if (s->keep)
		snprintf(ret + len, PLAN_WORDS_LEN - len, ", and stays");
}

bool plan_words_vgpu(const struct wish *w, const struct place *p,
		     char ret[static PLAN_WORDS_LEN])
{
	const char *type = w->conf->type[0] ? w->conf->type : "a virtual function";

	if (p->kind == PLACE_THERE)
		snprintf(ret, PLAN_WORDS_LEN, "vGPU %s (%s) is there, on %s",
			 w->conf->name, type, p->parent);
	else if (p->kind == PLACE_MAKE && !p->type[0])
		snprintf(ret, PLAN_WORDS_LEN, "vGPU %s (%s) is %s", w->conf->name, type,
			 p->parent);
	else
		return false;
	return true;
}

void plan_words_forward(const struct forward *f, char ret[static PLAN_WORDS_LEN])
{
	char ports[FORWARD_PORTS_LEN], guest[IP_LEN], from[IP_NET_LEN];
	bool v6 = f->guest.family == AF_INET6;
	size_t len;

	forward_ports(f, ports);
	ip_format(&f->guest, guest);
	ip_net_format(&f->from, from);
	if (forward_waits(f))
		snprintf(
			ret, PLAN_WORDS_LEN,
			"forward %s: %s of this host -> port %u, as soon as the VM has an address",
			f->name, ports, f->to);
	else
		snprintf(ret, PLAN_WORDS_LEN, "forward %s: %s of this host -> %s%s%s:%u",
			 f->name, ports, v6 ? "[" : "", guest, v6 ? "]" : "", f->to);
	len = strlen(ret);
	if (f->from.ip.family)
		snprintf(ret + len, PLAN_WORDS_LEN - len, ", for %s", from);
}

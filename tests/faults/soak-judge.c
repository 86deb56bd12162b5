// SPDX-License-Identifier: GPL-2.0-or-later
/* soak-judge.c - what the VMs of soak want, and whether what came out of a round can be right */

#include "soak.h"

#include <stdio.h>
#include <string.h>

/* ---- who wants what ---- */

void draw_vm(struct vm *v, unsigned int i)
{
	/* half of them one, the others up to three */
	*v = (struct vm){ .n_want = chance(2) ? 1 : 1 + chance(WANTS_MAX),
			  .address = 50 + i };
	snprintf(v->name, sizeof(v->name), "soak%02u", i);
	snprintf(v->uuid, sizeof(v->uuid), "50a40000-0000-4000-8000-0000000000%02u", i);
	for (size_t k = 0; k < v->n_want; k++) {
		bool again;

		do {
			v->want[k] = chance(CARDS);
			again = false;
			for (size_t j = 0; j < k; j++)
				again |= v->want[j] == v->want[k];
		} while (again);
	}
	v->whole = chance(2);
	v->gives_back = chance(5) != 0;
	v->waits = chance(2);
	v->d3cold = chance(3) == 0;
	v->units = chance(3) ? 0 : 1 + chance(3);
	v->modules = chance(3) ? 0 : 1 + chance(3);
	/* two thirds have a port; the last four want those of the first ones */
	if (i % 3)
		v->port = 12300 + i % 12;
	v->local = chance(2);
}

bool wants_card(const struct vm *v, size_t card)
{
	for (size_t k = 0; k < v->n_want; k++)
		if (v->want[k] == card)
			return true;
	return false;
}

bool is_free(size_t card)
{
	for (size_t i = 0; i < VMS_MAX; i++)
		if (vms[i].runs && wants_card(&vms[i], card))
			return false;
	return true;
}

bool collide(const struct vm *a, const struct vm *b)
{
	for (size_t k = 0; k < a->n_want; k++)
		if (wants_card(b, a->want[k]))
			return true;
	return a->port && a->port == b->port;
}

/* ---- was that right? ---- */

static bool stops(const struct vm *v, const struct action *a, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (a[i].v == v)
			return a[i].act == STOP;
	return false;
}

static bool is_starting(const struct vm *v, const struct action *a, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (a[i].v == v)
			return a[i].act != STOP;
	return false;
}

/* somebody had it, or wanted it too, and the refusal says who */
static void judge_refusal(const struct action *x, const struct action *a, size_t n)
{
	bool any = false, named = false;

	for (size_t i = 0; i < VMS_MAX; i++) {
		const struct vm *v = &vms[i];

		if (v == x->v || !collide(v, x->v) || (!v->runs && !is_starting(v, a, n)))
			continue;
		any = true;
		named |= x->said.s && strstr(x->said.s, v->name);
	}
	if (!any)
		fail("%s was refused, and nobody has what it wants: %s", x->v->name,
		     x->said.s ?: "");
	if (!named)
		fail("%s was refused without the name of who has it: %s", x->v->name,
		     x->said.s ?: "");
}

/* nobody else can have it now */
static void judge_start(const struct action *x, const struct action *a, size_t n)
{
	for (size_t i = 0; i < VMS_MAX; i++)
		if (&vms[i] != x->v && vms[i].runs && collide(&vms[i], x->v) &&
		    !stops(&vms[i], a, n))
			fail("%s was started, and %s has the same", x->v->name,
			     vms[i].name);
	for (size_t i = 0; i < n; i++)
		if (&a[i] != x && x->status == 0 && a[i].act == START &&
		    a[i].status == 0 && collide(a[i].v, x->v))
			fail("%s and %s were started, and want the same", x->v->name,
			     a[i].v->name);
}

void judge(const struct action *x, const struct action *a, size_t n)
{
	if (x->status != 0 && x->status != REFUSED && x->status != BROKEN)
		fail("%s of %s ends with %d: %s", x->act == STOP ? "stop" : "start",
		     x->v->name, x->status, x->said.s ?: "");
	if (x->status == REFUSED)
		judge_refusal(x, a, n);
	else if (x->act != STOP)
		judge_start(x, a, n);
	sum.stops += x->act == STOP;
	sum.refused += x->status == REFUSED;
	sum.broken += x->status == BROKEN;
	sum.starts += x->act != STOP && x->status == 0;
}

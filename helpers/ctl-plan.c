// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-plan.c - virt-handoff plan: what a start of a VM would do, or why it would be refused */

#include "foresight.h"

#include "log.h"
#include "names.h"
#include "out.h"
#include "plan-words.h"
#include "print.h"
#include "text.h"

#include <stdio.h>
#include <string.h>

/* ---- for a person ---- */

static void print_sentences(const struct foresight *f, bool refuse)
{
	for (size_t i = 0; i < f->found.n; i++) {
		const struct finding *x = &f->found.finding[i];

		if (x->refuse != refuse)
			continue;
		printf("  %s- ", tone_begin(refuse ? TONE_BAD : TONE_WARNING));
		print_wrapped(stdout, 4, x->text);
		fputs(tone_end(), stdout);
	}
}

static void print_numbered(size_t number, const char *words)
{
	char text[PLAN_WORDS_LEN];

	snprintf(text, sizeof(text), "%s", words);
	text_clean(text);
	printf("%4zu. ", number);
	print_wrapped(stdout, 6, text);
}

static void print_taken(const struct foresight *f)
{
	const struct handover *p = &f->handover;
	char name[NAMES_LEN], text[BDF_LEN + NAMES_LEN + 4];

	for (size_t i = 0; i < p->taken.n; i++) {
		const struct function *x = inventory_find(&p->inv, &p->taken.bdf[i]);

		if (!x)
			continue;
		names_of(x->id, name);
		snprintf(text, sizeof(text), "%s  %s", x->name, name);
		text_clean(text);
		printf("%s", i == 0 ? "takes " : "      ");
		print_wrapped(stdout, 20, text);
	}
}

static void print_there(const struct foresight *f)
{
	const struct wishes *w = &f->handover.wishes;
	char words[PLAN_WORDS_LEN];

	for (size_t i = 0; i < w->n; i++) {
		if (!plan_words_vgpu(&w->wish[i], &w->place[i], words))
			continue;
		text_clean(words);
		print_wrapped(stdout, 2, words);
	}
}

static void print_steps(const struct foresight *f)
{
	const struct plan *p = &f->handover.plan;
	char words[PLAN_WORDS_LEN];
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++) {
		plan_words_step(&p->steps[i], words);
		print_numbered(++n, words);
	}
	for (size_t i = 0; i < f->forwards.n; i++) {
		plan_words_forward(&f->forwards.list[i], words);
		print_numbered(++n, words);
	}
	if (n == 0)
		printf("  there is nothing to do\n");
}

static void print_running(const struct foresight *f)
{
	char words[PLAN_WORDS_LEN];

	printf("%s runs already; this was done for it:\n", f->domain.guest.name);
	for (size_t i = 0; i < f->left.n_steps; i++) {
		plan_words_step(&f->left.steps[i].step, words);
		print_numbered(i + 1, words);
	}
	if (f->left.n_steps == 0)
		printf("  nothing to its devices\n");
}

static void print_text(const struct foresight *f)
{
	char name[NAME_LEN];

	snprintf(name, sizeof(name), "%s", f->domain.guest.name);
	text_clean(name);
	if (f->domain.running) {
		print_running(f);
		print_sentences(f, true);
	} else if (f->is == FORESIGHT_REFUSED) {
		printf("%s%s would not be started:%s\n", tone_begin(TONE_BAD), name,
		       tone_end());
		print_sentences(f, true);
	} else if (f->is == FORESIGHT_NOT_OURS) {
		printf("%s would be started, and nothing else be done\n", name);
	} else {
		printf("%s would be started\n", name);
		print_taken(f);
		print_there(f);
		print_steps(f);
	}
	print_sentences(f, false);
	names_forget();
}

/* ---- for a program ---- */

static void out_step(struct out *o, const struct step *s)
{
	char words[PLAN_WORDS_LEN];

	plan_words_step(s, words);
	out_object(o, NULL);
	out_text(o, "kind", s->kind);
	out_text(o, "target", s->target);
	out_text(o, "from", s->from);
	out_text(o, "to", s->to);
	out_bool(o, "stays", s->keep);
	out_text(o, "text", words);
	out_end(o);
}

static void out_forward(struct out *o, const struct forward *f)
{
	char ports[FORWARD_PORTS_LEN], guest[IP_LEN], from[IP_NET_LEN];

	forward_ports(f, ports);
	ip_format(&f->guest, guest);
	ip_net_format(&f->from, from);
	out_object(o, NULL);
	out_text(o, "name", f->name);
	out_text(o, "listen", ports);
	out_text(o, "address", forward_waits(f) ? NULL : guest);
	out_number(o, "port", f->to);
	out_text(o, "from", f->from.ip.family ? from : NULL);
	out_end(o);
}

static void out_vgpu(struct out *o, const struct wish *w, const struct place *p)
{
	out_object(o, NULL);
	out_text(o, "name", w->conf->name);
	out_text(o, "uuid", p->uuid[0] ? p->uuid : NULL);
	out_text(o, "type", w->conf->type);
	out_text(o, "on", p->kind == PLACE_REFUSED ? NULL : p->parent);
	out_bool(o, "there", p->kind == PLACE_THERE);
	out_end(o);
}

static void out_found(struct out *o, const struct foresight *f, bool refuse,
		      const char *key)
{
	out_array(o, key);
	for (size_t i = 0; i < f->found.n; i++)
		if (f->found.finding[i].refuse == refuse)
			out_text(o, NULL, f->found.finding[i].text);
	out_end(o);
}

static void out_steps(struct out *o, const struct foresight *f)
{
	out_array(o, "steps");
	for (size_t i = 0; i < f->handover.plan.n; i++)
		out_step(o, &f->handover.plan.steps[i]);
	for (size_t i = 0; f->domain.running && i < f->left.n_steps; i++)
		out_step(o, &f->left.steps[i].step);
	out_end(o);
}

static int print_json(const struct foresight *f)
{
	const struct handover *p = &f->handover;
	CLEANUP(out_free) struct out *o = out_new();
	char name[BDF_LEN];

	out_text(o, "vm", f->domain.guest.name);
	out_text(o, "uuid", f->domain.guest.uuid);
	out_bool(o, "running", f->domain.running);
	out_bool(o, "ours", f->is != FORESIGHT_NOT_OURS);
	out_bool(o, "refused", f->is == FORESIGHT_REFUSED);
	out_found(o, f, true, "reasons");
	out_found(o, f, false, "remarks");
	out_array(o, "takes");
	for (size_t i = 0; i < p->taken.n; i++) {
		bdf_format(&p->taken.bdf[i], name);
		out_text(o, NULL, name);
	}
	out_end(o);
	out_array(o, "vgpus");
	for (size_t i = 0; p->wishes.place && i < p->wishes.n; i++)
		out_vgpu(o, &p->wishes.wish[i], &p->wishes.place[i]);
	out_end(o);
	out_steps(o, f);
	out_array(o, "forwards");
	for (size_t i = 0; i < f->forwards.n; i++)
		out_forward(o, &f->forwards.list[i]);
	out_end(o);
	return out_print(o, stdout);
}

int ctl_plan(struct ctl *c, int argc, char *argv[])
{
	CLEANUP(foresight_free) struct foresight f;
	char sentence[WHY_LEN];
	int r = 0;

	f = (struct foresight){ .left = LEDGER_NONE };
	if (argc != 2)
		return ctl_usage("plan VM");
	if (foresight_read(c, argv[1], &f, sentence) < 0) {
		log_err("%s", sentence);
		return CTL_FAILED;
	}
	if (c->json)
		r = print_json(&f);
	else
		print_text(&f);
	if (r < 0)
		return log_errno(r, "standard output"), CTL_FAILED;
	if (f.is == FORESIGHT_REFUSED)
		return CTL_FAILED;
	return f.found.n > 0 ? CTL_LOOK : CTL_DONE;
}

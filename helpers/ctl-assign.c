// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-assign.c - virt-handoff assign: free cards are written into the XML of a VM */

/*
 * From the look at all cards and VMs until libvirt has the new XML the lock ASSIGN is held,
 * so that two at once cannot choose the same card. It is not held while a person thinks:
 * then it is looked again, and when the answer is another one, asked again.
 */

#include "ctl-assign.h"

#include "ctl-act.h"
#include "domain-text.h"
#include "lock.h"
#include "log.h"
#include "out.h"
#include "text.h"
#include "virt.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ASSIGN    "assign"
#define GPUS_MOST 64

/**
 * struct assigning - What is asked for, and what would be written
 * @gpus:    How many it shall have; 0: none
 * @functions: The other functions of a card too
 * @xml:     Owned. What the VM would be started with; NULL: nothing is to be done
 * @chosen:  Owned. As in struct choosing
 */
struct assigning {
	struct ctl *ctl;
	const char *vm;
	size_t gpus;
	bool none, functions, any_node, pin, yes;
	struct domain domain;
	struct domain_edits edits;
	char *xml;
	struct bdf *chosen;
	size_t n_chosen;
	char why[WHY_LEN];
};

static void forget(struct assigning *a)
{
	domain_free(&a->domain);
	domain_edits_free(&a->edits);
	free(a->xml);
	free(a->chosen);
	a->xml = NULL;
	a->chosen = NULL;
	a->n_chosen = 0;
}

static char *hostdev_text(const struct bdf *b)
{
	char *text;

	return asprintf(
		       &text,
		       "    <hostdev mode='subsystem' type='pci' managed='yes'>\n"
		       "      <source>\n"
		       "        <address domain='0x%04x' bus='0x%02x' slot='0x%02x' function='0x%x'/>\n"
		       "      </source>\n"
		       "    </hostdev>\n",
		       b->domain, b->bus, b->slot, b->function) < 0
		       ? NULL
		       : text;
}

static int put_in(struct assigning *a, size_t at, const struct bdf *b)
{
	char *text = hostdev_text(b);

	return text ? domain_edits_add(&a->edits, at, at, text) : -ENOMEM;
}

static int put_card(struct assigning *a, const struct choosing *x, size_t at,
		    const struct bdf *b)
{
	const struct card *c = NULL;
	int r = put_in(a, at, b);

	while (r == 0 && a->functions && (c = choose_sibling(&x->cards, b, c)))
		r = put_in(a, at, &c->bdf);
	return r;
}

static size_t count_gpus(const struct assigning *a)
{
	const struct guest *g = &a->domain.guest;
	size_t n = 0;

	for (size_t i = 0; i < g->n_hostdevs; i++) {
		char name[BDF_LEN];
		struct card c;

		bdf_format(&g->hostdevs[i].bdf, name);
		n += card_read(&a->ctl->host, name, &c) == 0 && card_is_gpu(&c);
	}
	return n;
}

static int read_conf(struct assigning *a, struct conf_vm *ret)
{
	int r = domain_conf(a->ctl, &a->domain.guest, ret, a->why);

	return r == -ENOENT ? conf_vm_standard(a->domain.guest.name, ret) : r;
}

/* why not those */
static void say_busy(const struct choosing *x)
{
	for (size_t i = 0; i < x->n_bundles; i++)
		if (!x->bundle[i].free)
			log_info("%s", x->bundle[i].why);
}

static int plan_gpus(struct assigning *a, const struct domain_text *t)
{
	CLEANUP(conf_vm_free) struct conf_vm conf = { 0 };
	CLEANUP(choose_free)
	struct choosing x = { .ctl = a->ctl, .domain = &a->domain, .conf = &conf };
	size_t have = count_gpus(a);
	int r = read_conf(a, &conf);

	if (r == 0 && have > a->gpus) {
		why(a->why,
		    "%s has %zu GPUs, more than %zu: virt-handoff assign %s --none takes them out",
		    a->domain.guest.name, have, a->gpus, a->domain.guest.name);
		return -EINVAL;
	}
	if (r < 0 || have == a->gpus)
		return r;
	x.want = a->gpus - have;
	x.strict = !a->any_node;
	r = choose_look(&x, a->why);
	if (r == 0)
		r = choose_cards(&x, a->why);
	if (r == -ENOSPC)
		say_busy(&x);
	if (r == 0 && a->pin)
		r = assign_pin(&x, t, &a->edits, a->why);
	for (size_t i = 0; i < x.n_chosen && r == 0; i++)
		r = put_card(a, &x, t->devices_end, &x.chosen[i]);
	a->chosen = TAKE_PTR(x.chosen);
	a->n_chosen = x.n_chosen;
	return r;
}

static bool is_of_gpu(struct assigning *a, const struct bdf *b)
{
	struct bdf of = *b;
	char name[BDF_LEN];
	struct card c;

	for (of.function = 0; of.function < 8; of.function++) {
		bdf_format(&of, name);
		/* a virtual function stands alone: its slot is another one's */
		if (card_read(&a->ctl->host, name, &c) == 0 && card_is_gpu(&c) &&
		    (!c.vf || bdf_equal(&of, b)))
			return true;
	}
	return false;
}

static int plan_none(struct assigning *a, const struct domain_text *t)
{
	int r = 0;

	for (size_t i = 0; i < t->n && r == 0; i++)
		if (is_of_gpu(a, &t->hostdev[i].bdf))
			r = domain_edits_add(&a->edits, t->hostdev[i].from,
					     t->hostdev[i].to, NULL);
	return r;
}

/* looks, chooses, and makes the new XML */
static int plan(struct assigning *a)
{
	CLEANUP(domain_text_free) struct domain_text t = { 0 };
	int r;

	forget(a);
	why(a->why, "the XML of %s cannot be edited", a->vm);
	r = domain_read(a->ctl, a->vm, &a->domain, a->why);
	if (r == 0)
		r = domain_text_look(a->domain.xml, &t);
	if (r == 0)
		r = a->none ? plan_none(a, &t) : plan_gpus(a, &t);
	if (r == 0 && a->edits.n > 0) {
		a->xml = domain_edits_apply(&a->edits, a->domain.xml);
		r = a->xml ? 0 : -ENOMEM;
	}
	return r;
}

static int define(struct assigning *a)
{
	CLEANUP(virt_close) struct virt *v = NULL;
	int r = virt_open(&v, a->why);

	return r < 0 ? r : virt_domain_define(v, a->xml, a->why);
}

static bool agrees(void)
{
	char answer[16];

	printf("Write it? [y/N] ");
	fflush(stdout);
	return fgets(answer, sizeof(answer), stdin) &&
	       (answer[0] == 'y' || answer[0] == 'Y');
}

static int show(struct assigning *a)
{
	if (a->ctl->json)
		return 0;
	return domain_edits_print(&a->edits, a->domain.xml, a->domain.guest.name, stdout);
}

static int take_lock(struct assigning *a, struct lock *l)
{
	return ctl_is_here(a->ctl) ? lock_take(&a->ctl->host, ASSIGN, act_report.who,
					       LOCK_WAIT_MS, l, a->why)
				   : 0;
}

/* 1: written; 0: not; @shown is what a person said yes to, or NULL */
static int decide(struct assigning *a, char **shown)
{
	CLEANUP(lock_drop) struct lock lock = LOCK_NONE;
	int r = take_lock(a, &lock);

	if (r == 0)
		r = plan(a);
	if (r < 0 || !a->xml)
		return r;
	if (!*shown || strcmp(*shown, a->xml) != 0) {
		if (*shown)
			printf("meanwhile something has changed; now it is this:\n");
		r = show(a);
		free(*shown);
		*shown = a->yes ? NULL : strdup(a->xml);
		if (r < 0 || !ctl_is_here(a->ctl) || !a->yes)
			return r < 0 ? r : 0;
	}
	r = define(a);
	return r < 0 ? r : 1;
}

static int run(struct assigning *a)
{
	CLEANUP(free_ptr) char *shown = NULL;
	int r;

	while ((r = decide(a, &shown)) == 0 && a->xml && ctl_is_here(a->ctl))
		if (!agrees())
			return -ECANCELED;
	return r;
}

static int print_json(const struct assigning *a, bool written)
{
	CLEANUP(out_free) struct out *o = out_new();
	char name[BDF_LEN];

	out_text(o, "vm", a->domain.guest.name);
	out_bool(o, "written", written);
	out_array(o, "functions");
	for (size_t i = 0; i < a->n_chosen; i++) {
		bdf_format(&a->chosen[i], name);
		out_text(o, NULL, name);
	}
	out_end(o);
	return out_print(o, stdout) < 0 ? CTL_FAILED : CTL_DONE;
}

/* what is still missing for a start */
static void say_next(struct assigning *a)
{
	CLEANUP(conf_vm_free) struct conf_vm conf = { 0 };
	const char *vm = a->domain.guest.name;
	int r = domain_conf(a->ctl, &a->domain.guest, &conf, a->why);

	if (r == -ENOENT)
		printf("next: virt-handoff new %s\n", vm);
	else if (r == 0 && !conf.devices.present)
		printf("next: write [devices] into %s: virt-handoff edit %s\n",
		       conf.shown, vm);
	else
		printf("next: virt-handoff check %s\n", vm);
}

static int report(struct assigning *a, int r)
{
	const char *vm = a->domain.guest.name;

	if (r == -ECANCELED) {
		printf("nothing was written\n");
		return CTL_FAILED;
	}
	if (r < 0) {
		log_err("%s", a->why);
		return CTL_FAILED;
	}
	if (a->ctl->json)
		return print_json(a, r > 0);
	if (!a->xml)
		printf(a->none ? "%s has no GPU\n" : "%s has as many GPUs already\n", vm);
	else if (r == 0)
		printf("a recorded machine: nothing was written\n");
	else
		printf("%s has it from its next start on\n", vm);
	if (r > 0 && !a->none)
		say_next(a);
	return CTL_DONE;
}

static bool read_number(const char *text, size_t *ret)
{
	uint64_t n;

	if (text_number(text, GPUS_MOST, &n) < 0 || n == 0)
		return false;
	*ret = (size_t)n;
	return true;
}

static bool read_options(struct assigning *a, int argc, char *argv[])
{
	static const struct option options[] = {
		{ "gpus", required_argument, NULL, 'g' },
		{ "none", no_argument, NULL, 'n' },
		{ "all-functions", no_argument, NULL, 'f' },
		{ "any-node", no_argument, NULL, 'a' },
		{ "pin", no_argument, NULL, 'p' },
		{ "yes", no_argument, NULL, 'y' },
		{ 0 },
	};
	int o;

	while ((o = getopt_long(argc, argv, "y", options, NULL)) != -1) {
		if (o == '?' || (o == 'g' && !read_number(optarg, &a->gpus)))
			return false;
		a->none |= o == 'n';
		a->functions |= o == 'f';
		a->any_node |= o == 'a';
		a->pin |= o == 'p';
		a->yes |= o == 'y';
	}
	if (optind != argc - 1 || a->none == (a->gpus > 0))
		return false;
	a->vm = argv[optind];
	return true;
}

int ctl_assign(struct ctl *c, int argc, char *argv[])
{
	CLEANUP(forget) struct assigning a = { .ctl = c };

	if (!read_options(&a, argc, argv))
		return ctl_usage(
			"assign VM --gpus N|--none [--all-functions] [--any-node] [--pin] [--yes]");
	if (ctl_is_here(c) && act_begin(c, argv[0]) < 0)
		return CTL_FAILED;
	if (ctl_is_here(c) && !a.yes && (c->json || !isatty(STDIN_FILENO))) {
		log_err("assign asks before it writes, and nobody is there to answer: --yes");
		return CTL_USAGE;
	}
	return report(&a, run(&a));
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-assign.c - virt-handoff assign: free cards are written into the XML of a VM */

/*
 * From the look at all cards and VMs until libvirt has the new XML the lock ASSIGN is held,
 * so that two at once cannot choose the same card. It is not held while a person thinks:
 * then it is looked again, and when the answer is another one, asked again.
 */

#include "ctl-assign.h"

#include "ctl-act.h"
#include "lock.h"
#include "log.h"
#include "out.h"
#include "text.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ASSIGN    "assign"
#define GPUS_MOST 64

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
	if (a->ini)
		printf("INI file of %s, %s:\n%s\n", a->domain.guest.name,
		       a->none ? "taken out" : "added", a->sections);
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
		r = assign_plan(a);
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
	r = assign_define(a);
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
	out_array(o, "vgpus");
	for (size_t i = 0; i < a->n_vgpus; i++) {
		out_object(o, NULL);
		out_text(o, "name", a->vgpu[i].name);
		out_text(o, "function", a->vgpu[i].function);
		out_text(o, "uuid", a->vgpu[i].uuid);
		out_end(o);
	}
	out_end(o);
	return out_print(o, stdout) < 0 ? CTL_FAILED : CTL_DONE;
}

/* what is still missing for a start */
static void say_next(struct assigning *a)
{
	CLEANUP(conf_vm_free) struct conf_vm conf = { 0 };
	const char *vm = guest_typed(&a->domain.guest);
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
		printf(a->none ? "%s has no GPU from its next start on\n"
			       : "%s has it from its next start on\n",
		       vm);
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

/* it is written into a file of lines */
static bool is_plain(const char *type)
{
	for (const char *p = type; *p; p++)
		if ((unsigned char)*p < ' ' || strchr(";#\"[]=", *p))
			return false;
	return *type && strlen(type) < CONF_NAME_LEN;
}

static bool read_options(struct assigning *a, int argc, char *argv[])
{
	static const struct option options[] = {
		{ "gpus", required_argument, NULL, 'g' },
		{ "type", required_argument, NULL, 't' },
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
		if (o == 't')
			a->type = optarg;
		a->none |= o == 'n';
		a->functions |= o == 'f';
		a->any_node |= o == 'a';
		a->pin |= o == 'p';
		a->yes |= o == 'y';
	}
	if (optind != argc - 1 || a->none == (a->gpus > 0))
		return false;
	if (a->type && (!is_plain(a->type) || a->none || a->functions || a->pin))
		return false;
	a->vm = argv[optind];
	return true;
}

int ctl_assign(struct ctl *c, int argc, char *argv[])
{
	CLEANUP(assign_forget) struct assigning a = { .ctl = c };

	if (!read_options(&a, argc, argv))
		return ctl_usage(
			"assign VM --gpus N [--type NAME] [--all-functions] [--any-node] [--pin] [--yes], or assign VM --none [--yes]");
	for (size_t i = 0; i < VGPUS_MAX; i++)
		if (assign_uuid(a.uuid[i]) < 0)
			return CTL_FAILED;
	if (ctl_is_here(c) && act_begin(c, argv[0]) < 0)
		return CTL_FAILED;
	if (ctl_is_here(c) && !a.yes && (c->json || !isatty(STDIN_FILENO))) {
		log_err("assign asks before it writes, and nobody is there to answer: --yes");
		return CTL_USAGE;
	}
	return report(&a, run(&a));
}

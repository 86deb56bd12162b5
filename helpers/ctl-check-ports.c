// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-check-ports.c - checks: ports of the host that two VMs want, that are in use, or not allowed */

#include "ctl-check.h"

#include "forward-index.h"
#include "forwarding.h"
#include "listeners.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/*
 * Theory of operation
 *
 * Which ports a VM wants stands in its INI file, whatever address it has: so the lists here
 * have no address yet, as those of a VM that waits for one, of both families where a family
 * is not said.
 */

static bool wants_v6(const struct conf_forward *c)
{
	for (size_t i = 0; i < c->n_listen; i++)
		if (c->listen[i].ip.family == AF_INET6)
			return true;
	return false;
}

static int add_forward(struct forwards *list, const struct conf_forward *c)
{
	static const struct ip v4 = { .family = AF_INET }, v6 = { .family = AF_INET6 };
	int r = forwards_add_conf(list, c, &v4);

	return r == 0 && wants_v6(c) ? forwards_add_conf(list, c, &v6) : r;
}

static int list_forwards(const struct check_vm *v, struct forwards *ret)
{
	const struct conf_vm *c = &v->vm.conf;
	int r = 0;

	*ret = (struct forwards){ 0 };
	forwards_name(ret, v->vm.guest.name, v->vm.guest.uuid);
	for (size_t i = 0; i < c->n_forwards && r == 0; i++)
		r = add_forward(ret, &c->forwards[i]);
	return r;
}

static const struct conf_forward *section(const struct check_vm *v, const char *name)
{
	for (size_t i = 0; i < v->vm.conf.n_forwards; i++)
		if (strcmp(v->vm.conf.forwards[i].name, name) == 0)
			return &v->vm.conf.forwards[i];
	return NULL;
}

/* a forward that cannot be had is said when the VM starts; one that is required ends it */
static void weigh(struct check_finding *f, const struct conf_forward *c)
{
	if (c && c->required)
		f->severity = CHECK_FAIL;
}

static void say_collision(const struct check_at *at, const struct check_vm *v,
			  const struct forward *f, const struct forward *other,
			  const struct forwards *theirs)
{
	struct check_at here = *at;
	struct check_finding *found;
	char ports[FORWARD_PORTS_LEN];

	here.v = v;
	forward_ports(f, ports);
	found = check_found(
		&here, "%s: [forward %s] wants %s, and so does [forward %s] of VM '%s'",
		v->vm.conf.shown, f->name, ports, other->name, theirs->vm);
	check_mend(found, "give one of them another port in listen =");
	weigh(found, section(v, f->name));
}

static int compare(const struct check_at *at, const struct check_vm *v,
		   const struct forwards *mine, struct forward_index *taken)
{
	const struct forwards *theirs;

	for (size_t i = 0; i < mine->n; i++) {
		const struct forward *f = &mine->list[i];
		const struct forward *other =
			forward_index_find(taken, f, forward_collides, &theirs);

		if (other)
			say_collision(at, v, f, other, theirs);
	}
	return forward_index_add_all(taken, mine);
}

/* of all VMs the one that comes later says it; when one was asked for, it is the last */
static void collides(const struct check_at *at)
{
	struct forwards *lists = calloc(at->x->n_vms + 1, sizeof(*lists));
	struct forward_index *taken = calloc(1, sizeof(*taken));
	const struct checkup *x = at->x;
	size_t n = 0;
	int r = lists && taken ? 0 : -ENOMEM;

	for (size_t i = 0; i < x->n_vms && r == 0; i++) {
		r = list_forwards(&x->vm[i], &lists[n++]);
		if (r == 0 && !x->only)
			r = compare(at, &x->vm[i], &lists[i], taken);
		else if (r == 0 && x->only != &x->vm[i])
			r = forward_index_add_all(taken, &lists[i]);
	}
	if (r == 0 && x->only)
		r = compare(at, x->only, &lists[x->only - x->vm], taken);
	at->x->failed |= r < 0;
	if (taken)
		forward_index_free(taken);
	while (n > 0)
		forwards_free(&lists[--n]);
	free(taken);
	free(lists);
}

static void say_listener(const struct check_at *at, const struct check_vm *v,
			 const struct forward *f, const char *listener)
{
	struct check_at here = *at;
	struct check_finding *found;
	char ports[FORWARD_PORTS_LEN];

	here.v = v;
	forward_ports(f, ports);
	found = check_found(
		&here,
		"%s: [forward %s] wants %s, which a program of this host uses (%s)",
		v->vm.conf.shown, f->name, ports, listener);
	check_mend(
		found,
		"ss -lntup says which program; stop it, or write another port into listen =");
	weigh(found, section(v, f->name));
}

static int ask_listeners(const struct check_at *at, const struct check_vm *v,
			 struct listeners *all)
{
	char listener[FORWARD_PORTS_LEN];
	struct forwards list;
	int r = list_forwards(v, &list);

	for (size_t i = 0; i < list.n && r >= 0; i++) {
		r = listeners_find(all, at->x->host->root, &list.list[i], listener);
		if (r > 0)
			say_listener(at, v, &list.list[i], listener);
	}
	forwards_free(&list);
	return r < 0 ? r : 0;
}

static void in_use(const struct check_at *at)
{
	struct listeners all = { 0 };
	struct checkup *x = at->x;

	for (size_t i = 0; i < x->n_vms && !x->failed; i++)
		if (!x->only || x->only == &x->vm[i])
			x->failed |= ask_listeners(at, &x->vm[i], &all) < 0;
	listeners_free(&all);
}

static bool is_allowed(const struct conf_firewall *c, const struct conf_listen *l)
{
	for (size_t i = 0; i < c->n_allowed; i++)
		if (l->lo >= c->allowed[i].lo && l->hi <= c->allowed[i].hi)
			return true;
	return c->n_allowed == 0;
}

static void not_allowed(const struct check_at *at)
{
	const struct conf_vm *c = &at->v->vm.conf;

	for (size_t i = 0; i < c->n_forwards; i++)
		for (size_t k = 0; k < c->forwards[i].n_listen; k++) {
			const struct conf_listen *l = &c->forwards[i].listen[k];
			struct check_finding *f;

			if (is_allowed(&at->x->conf.firewall, l))
				continue;
			f = check_found(
				at,
				"%s: [forward %s] wants port %u, which is not within allowed-ports of host.ini",
				c->shown, c->forwards[i].name, l->lo);
			check_mend(
				f,
				"choose another port, or allow it in [firewall] of host.ini");
			weigh(f, &c->forwards[i]);
		}
}

static bool was_said(const struct check_at *at)
{
	for (size_t i = 0; i < at->x->n_found; i++)
		if (at->x->found[i].subject == at->subject)
			return true;
	return false;
}

/*
 * What a start would say. It mostly is what was found above, with less: INI files say what
 * VMs want that do not run, and a start looks at those that do.
 */
static void refused(const struct check_at *at)
{
	const struct vm *vm = &at->v->vm;
	struct forwards list = { 0 };
	struct findings found = { 0 };

	if (!at->x->only || at->v->running || !vm->defined || was_said(at))
		return;
	forwarding_foresee(at->x->host, &vm->guest, &vm->conf, ctl_is_here(at->x->ctl),
			   &list, &found);
	for (size_t i = 0; i < found.n; i++) {
		struct check_finding *f = check_found(at, "%s", found.finding[i].text);

		if (found.finding[i].refuse)
			f->severity = CHECK_FAIL;
	}
	forwards_free(&list);
}

/* clang-format off */
static const struct check checks[] = {
	{ "forward-collides", CHECK_WARNING,
	  "one port of the host leads to one VM: who starts second does not get it",
	  CHECK_HOST, collides },
	{ "forward-in-use", CHECK_WARNING,
	  "the program would lose its connections to the VM, so the VM does not get the port",
	  CHECK_HOST, in_use },
	{ "forward-not-allowed", CHECK_WARNING,
	  "the VM does not get that port",
	  CHECK_VM, not_allowed },
	{ "forward-refused", CHECK_WARNING,
	  "virsh start would say this, and the VM does not get that port",
	  CHECK_VM, refused },
	{ 0 },
};
/* clang-format on */

const struct check_subject check_ports = { "ports", checks };

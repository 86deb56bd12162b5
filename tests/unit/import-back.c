// SPDX-License-Identifier: GPL-2.0-or-later
/* import-back.c - the way back of forwards: conf.c reads out of a text what is in it */

#include "import-back.h"

#include "conf.h"
#include "import-ini.h"
#include "import-vm.h"

char *import_back_print(const struct tree *t, const struct import *i)
{
	struct import_vms vms;
	char *out = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&out, &size);

	assert_non_null(f);
	assert_int_equal(import_vms_read(t->fd, &vms), 0);
	assert_int_equal(import_write(i, &vms, f), 0);
	fclose(f);
	import_vms_free(&vms);
	return out;
}

/* One client of one forward, as a line */
static void put_line(char *to, size_t size, const struct import_forward *f,
		     const struct ip_net *from)
{
	char listen[IP_LEN], guest[IP_LEN], net[IP_NET_LEN];

	ip_format(&f->listen, listen);
	ip_format(&f->guest, guest);
	ip_net_format(from, net);
	snprintf(to, size, "%s:%u-%u/%s > %s:%u from %s%s", listen, f->lo, f->hi,
		 proto_name(f->proto), guest, f->to, net, f->local ? " local" : "");
}

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

static char *next_line(struct lines *l)
{
	l->line = realloc(l->line, (l->n + 1) * sizeof(*l->line));
	assert_non_null(l->line);
	return l->line[l->n++];
}

void lines_free(struct lines *l)
{
	free(l->line);
	forwards_free(&l->all);
}

void lines_of_import(const struct import *i, struct lines *l)
{
	for (size_t k = 0; k < i->n; k++) {
		const struct import_forward *f = &i->forward[k];
		struct ip_net any = { 0 };

		for (size_t c = 0; c < f->n_from; c++)
			put_line(next_line(l), sizeof(*l->line), f, &f->from[c]);
		if (f->n_from == 0)
			put_line(next_line(l), sizeof(*l->line), f, &any);
	}
}

/* One file, as the hook would take it */
void lines_of_file(const struct tree *t, const char *text, struct lines *l)
{
	char sentence[WHY_LEN] = "";
	struct forwards *all = &l->all;
	size_t before = all->n;
	struct conf_vm c;

	tree_file(t, "x.ini", text);
	if (conf_vm_read(t->fd, "x", NULL, &c, sentence) != 0)
		fail_msg("%s\n%s", sentence, text);
	for (size_t i = 0; i < c.n_forwards; i++) {
		const struct conf_forward *f = &c.forwards[i];

		for (size_t k = 0; k < c.network.n_address && !f->to.family; k++)
			assert_int_equal(forwards_add_conf(all, f, &c.network.address[k]),
					 0);
		if (f->to.family)
			assert_int_equal(forwards_add_conf(all, f, &f->to), 0);
	}
	for (size_t i = before; i < all->n; i++) {
		const struct forward *f = &all->list[i];
		struct import_forward same = {
			.guest = f->guest,
			.proto = f->proto,
			.lo = f->lo,
			.hi = f->hi,
			.to = f->to,
			.listen = f->listen,
			.local = f->local,
		};

		for (size_t k = 0; k < i; k++) {
			const struct forward *o = &all->list[k];
			/* the clients of one port are so many forwards */
			bool one = k >= before && strcmp(o->name, f->name) == 0 &&
				   o->lo == f->lo && ip_equal(&o->listen, &f->listen);

			if (!one && forward_collides(f, o))
				fail_msg("[forward %s] and [forward %s] collide", o->name,
					 f->name);
		}
		put_line(next_line(l), sizeof(*l->line), &same, &f->from);
	}
	conf_vm_free(&c);
}

/* Every [network] begins a file; what stands before the first is comments. */
void import_back_check(const struct tree *t, const struct import *i, const char *out)
{
	struct lines want = { 0 }, have = { 0 };
	const char *at = strstr(out, "[network]\n");

	lines_of_import(i, &want);
	while (at) {
		const char *next = strstr(at + 1, "\n[network]\n");
		char *file = next ? strndup(at, (size_t)(next + 1 - at)) : strdup(at);

		lines_of_file(t, file, &have);
		free(file);
		at = next ? next + 1 : NULL;
	}
	if (want.n)
		qsort(want.line, want.n, sizeof(*want.line), compare);
	if (have.n)
		qsort(have.line, have.n, sizeof(*have.line), compare);
	for (size_t k = 0; k < want.n && k < have.n; k++)
		assert_string_equal(have.line[k], want.line[k]);
	assert_int_equal(have.n, want.n);
	lines_free(&want);
	lines_free(&have);
}

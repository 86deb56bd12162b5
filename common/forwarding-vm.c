// SPDX-License-Identifier: GPL-2.0-or-later
/* forwarding-vm.c - one VM's forwards: as its INI file says, none, what was left behind */

#include "forwarding-parts.h"

#include "routing.h"

#include <errno.h>
#include <string.h>

static void check_routing(const struct forwarding *x, const struct forwards *f)
{
	char sentence[WHY_LEN];
	int r = routing_check(x->h, x->ifaces, f, x->conf.firewall.manage, sentence);

	if (r != 0)
		x->rep->say(r > 0 ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING, sentence);
}

/* After a change that was begun, and nobody says what should be: back to what there was */
static int stay(struct forwarding *x, struct book *b, char ret_why[static WHY_LEN])
{
	struct forwards old = { 0 };
	int r = b->doubt ? forwards_copy(&b->forwards, &old) : 0;

	x->stays = true;
	return r < 0 || !b->doubt ? r : forwarding_change(x, b, &old, false, ret_why);
}

int forwarding_update(struct forwarding *x, struct book *b, char ret_why[static WHY_LEN])
{
	struct conf_vm c = { 0 };
	struct forwards now = { 0 };
	char sentence[WHY_LEN];
	int r;

	x->stays = false;
	if (x->blind) /* has been said */
		return stay(x, b, ret_why);
	r = conf_vm_find(x->h->root, b->forwards.vm, b->uuid, &c, ret_why);
	if (r < 0 && r != -ENOENT) {
		why(sentence, "%s; the forwards of %s stay as they are", ret_why,
		    b->forwards.vm);
		x->rep->say(LOG_LEVEL_ERR, sentence);
		return stay(x, b, ret_why);
	}
	r = forwarding_plan(x, &c, b, false, &now, ret_why);
	if (r == 0 && (b->doubt || b->moved || !forwards_equal(&now, &b->forwards)))
		r = forwarding_change(x, b, &now, false, ret_why);
	if (r == 0)
		check_routing(x, &b->forwards);
	forwards_free(&now);
	conf_vm_free(&c);
	return r;
}

int forwarding_drop(struct forwarding *x, struct book *b, char ret_why[static WHY_LEN])
{
	struct forwards none = { 0 };
	int r;

	forwards_name(&none, b->forwards.vm, b->uuid);
	r = forwarding_change(x, b, &none, true, ret_why);
	forwards_free(&none);
	return r;
}

/* ---- what somebody who was killed has left ---- */

static int drop_orphan(struct forwarding *x, struct book *b, char ret_why[static WHY_LEN])
{
	char sentence[WHY_LEN];
	size_t rest = (size_t)(x->books.book + x->books.n - (b + 1));
	int r;

	why(sentence, "%s runs no more, and nobody said so: its forwards go",
	    b->forwards.vm);
	x->rep->say(LOG_LEVEL_WARNING, sentence);
	r = forwarding_drop(x, b, ret_why);
	if (r < 0)
		return r;
	book_free(b);
	memmove(b, b + 1, rest * sizeof(*b));
	x->books.n--;
	return 0;
}

void forwarding_clear(struct forwarding *x, const char *except)
{
	char sentence[WHY_LEN] = "out of memory";

	for (size_t i = x->books.n; i-- > 0;) {
		struct book *b = &x->books.book[i];
		int r = 0;

		if (strcmp(b->forwards.vm, except) == 0)
			continue;
		if (book_is_orphan(x->h, b))
			r = drop_orphan(x, b, sentence);
		else if (b->doubt)
			r = forwarding_update(x, b, sentence);
		if (r < 0)
			x->rep->say(LOG_LEVEL_ERR, sentence);
	}
}

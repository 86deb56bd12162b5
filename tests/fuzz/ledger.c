// SPDX-License-Identifier: GPL-2.0-or-later
/* ledger.c - the ledger of a VM: read, written anew, read again */

#include "fuzz.h"

#include "ledger.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct host host = { .root = -1, .run = -1 };

static void open_host(void)
{
	if (host.run >= 0)
		return;
	host.run = fuzz_folder();
	fuzz_must(mkdirat(host.run, "ledger", 0700) == 0);
	fuzz_must(mkdirat(host.run, "names", 0700) == 0);
}

static void same(const struct ledger *a, const struct ledger *b)
{
	fuzz_must(strcmp(a->uuid, b->uuid) == 0 && strcmp(a->name, b->name) == 0);
	fuzz_must(a->deadline_ms == b->deadline_ms);
	fuzz_must(a->n_claims == b->n_claims && a->n_steps == b->n_steps);
	for (size_t i = 0; i < a->n_claims; i++)
		fuzz_must(strcmp(a->claims[i], b->claims[i]) == 0);
	for (size_t i = 0; i < a->n_steps; i++) {
		const struct ledger_step *x = &a->steps[i], *y = &b->steps[i];

		fuzz_must(strcmp(x->step.kind, y->step.kind) == 0 &&
			  strcmp(x->step.target, y->step.target) == 0 &&
			  strcmp(x->step.from, y->step.from) == 0 &&
			  strcmp(x->step.to, y->step.to) == 0 &&
			  x->step.keep == y->step.keep);
		fuzz_must(x->state == y->state && (!x->state || x->at_ms == y->at_ms));
	}
}

/* What is read can be given back, so it must be possible to write it down too */
static void write_again(struct ledger *l)
{
	struct ledger again = LEDGER_NONE;
	char why[WHY_LEN] = "";

	fuzz_must(ledger_replace(&host, l) == 0);
	fuzz_must(ledger_open(&host, l->uuid, &again, why) == 0, "%s", why);
	same(l, &again);
	for (size_t i = 0; i < again.n_steps && i < 4; i++)
		fuzz_must(ledger_mark(&again, i, LEDGER_BACK) == 0);
	ledger_free(&again);
	fuzz_must(ledger_read(&host, l->uuid, &again, why) == 0, "%s", why);
	ledger_free(&again);
	fuzz_must(ledger_remove(&host, l) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_bytes(data, size);
	struct ledger l = LEDGER_NONE;
	size_t len = size + 1;

	open_host();
	fuzz_guard(true);
	if (ledger_parse(text, size, &l, &len) == 0) {
		fuzz_must(len <= size && l.n_steps <= PLAN_MAX &&
			  l.n_claims <= CLAIMS_MAX);
		fuzz_must(text_is_uuid(l.uuid) && text_is_name(l.name));
		for (size_t i = 0; i < l.n_steps; i++) {
			fuzz_plain(l.steps[i].step.kind);
			fuzz_plain(l.steps[i].step.target);
			fuzz_plain(l.steps[i].step.from);
			fuzz_plain(l.steps[i].step.to);
		}
		write_again(&l);
		ledger_free(&l);
	}
	fuzz_guard(false);
	free(text);
	return 0;
}

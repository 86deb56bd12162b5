// SPDX-License-Identifier: GPL-2.0-or-later
/* book.c - what is noted of the forwards of a VM: read, written anew, read again */

#include "fuzz.h"

#include "book.h"

#include <stdlib.h>
#include <string.h>

static struct host host = { .root = -1, .run = -1 };

static void check(const struct forwards *f)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct forward *x = &f->list[i];

		fuzz_must(x->lo <= x->hi);
		fuzz_plain(x->name);
	}
	fuzz_plain(f->vm);
	fuzz_plain(f->tag);
}

static void write_again(const struct book *b)
{
	char why[WHY_LEN] = "";
	struct book again;

	fuzz_must(book_write(&host, b) == 0);
	fuzz_must(book_read(&host, b->forwards.vm, &again, why) == 0, "%s", why);
	fuzz_must(strcmp(b->uuid, again.uuid) == 0 && b->doubt == again.doubt &&
		  b->daemon == again.daemon && b->n_nics == again.n_nics);
	fuzz_must(forwards_equal(&b->forwards, &again.forwards));
	fuzz_must(forwards_equal(&b->next, &again.next));
	for (size_t i = 0; i < b->n_nics; i++)
		fuzz_must(memcmp(&b->nics[i], &again.nics[i], sizeof(*b->nics)) == 0);
	book_free(&again);
	fuzz_must(book_remove(&host, b->forwards.vm) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	struct book b;

	if (host.run < 0)
		host.run = fuzz_folder();
	fuzz_guard(true);
	if (book_parse(text, &b) == 0) {
		fuzz_must(text_is_uuid(b.uuid) && text_is_name(b.forwards.vm));
		check(&b.forwards);
		check(&b.next);
		write_again(&b);
		book_free(&b);
	}
	fuzz_guard(false);
	free(text);
	return 0;
}

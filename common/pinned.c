// SPDX-License-Identifier: GPL-2.0-or-later
/* pinned.c - functions that wait for their VFIO driver since the initramfs */

#include "pinned.h"

#include "file.h"
#include "kinds.h"
#include "text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int bind_one(struct host *h, const struct early_entry *e,
		    char ret_why[static WHY_LEN])
{
	char name[BDF_LEN], pinned[STATE_LEN], bound[STATE_LEN], now[STATE_LEN];
	int r = text_format(pinned, sizeof(pinned), "none override=%s", e->driver);

	bdf_format(&e->bdf, name);
	if (r == 0)
		r = text_format(bound, sizeof(bound), "%s override=%s", e->driver,
				e->driver);
	if (r < 0) {
		why(ret_why, "%s for %s: %s", e->driver, name, strerror(-r));
		return r;
	}
	if (kind_driver.get(h, name, now) < 0 || strcmp(now, pinned) != 0)
		return 0;
	r = kind_module.set(h, e->module, "loaded");
	if (r < 0) {
		why(ret_why, "%s cannot be loaded for %s: %s", e->module, name,
		    strerror(-r));
		return r;
	}
	r = kind_driver.set(h, name, bound);
	if (r < 0)
		why(ret_why, "%s does not take %s: %s", e->driver, name, strerror(-r));
	return r;
}

static int read_list(const struct host *h, struct early_list *list,
		     char ret_why[static WHY_LEN])
{
	CLEANUP(free_ptr) char *text = malloc(EARLY_TEXT_MAX);
	ssize_t n;

	if (!text) {
		why(ret_why, "/" PINNED_LIST " cannot be read: no memory");
		return -ENOMEM;
	}
	n = file_read_trusted(h->root, PINNED_LIST, text, EARLY_TEXT_MAX);
	if (n < 0) {
		why(ret_why, "/" PINNED_LIST " cannot be read: %s", file_why((int)n));
		return (int)n;
	}
	return early_list_parse(text, list, ret_why);
}

int pinned_bind(struct host *h, const struct guest *g, char ret_why[static WHY_LEN])
{
	struct early_list list = { .n = 0 };
	char sentence[WHY_LEN];
	int first;

	if (g->n_hostdevs == 0 || !file_exists(h->root, PINNED_LIST))
		return 0;
	first = read_list(h, &list, ret_why);
	for (size_t i = 0; i < g->n_hostdevs; i++) {
		const struct early_entry *e = early_list_find(&list, &g->hostdevs[i].bdf);
		int r = e ? bind_one(h, e, sentence) : 0;

		if (r < 0 && first == 0) {
			memcpy(ret_why, sentence, sizeof(sentence));
			first = r;
		}
	}
	return first;
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* domain-text.c - a domain XML that is edited as a text: assign and attach find its parts */

#include "fuzz.h"

#include "../../helpers/domain-text.h"
#include "guest.h"

#include <stdlib.h>
#include <string.h>

static bool begins_line(const char *xml, size_t at)
{
	return at == 0 || xml[at - 1] == '\n';
}

static bool is_listed(const struct guest *g, const struct domain_hostdev *h)
{
	for (size_t i = 0; i < g->n_mdevs; i++)
		if (*h->uuid && strcmp(g->mdevs[i].uuid, h->uuid) == 0)
			return true;
	for (size_t i = 0; i < g->n_hostdevs; i++)
		if (!*h->uuid && bdf_equal(&g->hostdevs[i].bdf, &h->bdf))
			return true;
	return false;
}

/* taken out and put in again, it is the same; taken out alone, it is another device less */
static void edit(const char *xml, const struct domain_text *t)
{
	struct domain_edits e = { .n = 0 };
	char *copy, *shown = NULL;
	size_t len, end = 0;
	FILE *out;

	for (size_t i = 0; i < t->n && i < DOMAIN_EDITS_MAX - 1; i++) {
		const struct domain_hostdev *h = &t->hostdev[i];

		if (h->from < end) /* two in one line */
			continue;
		fuzz_must(domain_edits_add(&e, h->from, h->to,
					   strndup(xml + h->from, h->to - h->from)) == 0);
		end = h->to;
	}
	copy = domain_edits_apply(&e, xml);
	fuzz_must(copy && strcmp(copy, xml) == 0);
	free(copy);
	out = fuzz_stream(&shown, &len);
	fuzz_must(domain_edits_print(&e, xml, "vm", out) == 0);
	fclose(out);
	free(shown);
	domain_edits_free(&e);
}

static void check(const char *xml, const struct domain_text *t, const struct guest *g)
{
	size_t len = strlen(xml);

	fuzz_must(t->devices_end <= len && begins_line(xml, t->devices_end));
	fuzz_must(t->vcpu_end <= len && t->cputune <= len);
	fuzz_must(strstr(xml + t->devices_end, "</devices"));
	for (size_t i = 0; i < t->n; i++) {
		const struct domain_hostdev *h = &t->hostdev[i];

		fuzz_must(h->from <= h->to && h->to <= len && begins_line(xml, h->from));
		fuzz_must(memmem(xml + h->from, h->to - h->from, "<hostdev", 8));
		/* it is one that the hook takes for a device too */
		fuzz_must(is_listed(g, h), "bus %u", h->bdf.bus);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *xml = fuzz_text(data, size), why[WHY_LEN] = "";
	struct domain_text t = { .n = 0 };
	struct guest g = { .name = "" };

	fuzz_guard(true);
	if (guest_parse(xml, strlen(xml), &g, why) == 0) {
		if (domain_text_look(xml, &t) == 0) {
			check(xml, &t, &g);
			edit(xml, &t);
			domain_text_free(&t);
		}
		guest_free(&g);
	}
	fuzz_guard(false);
	free(xml);
	return 0;
}

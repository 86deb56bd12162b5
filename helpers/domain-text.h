/* SPDX-License-Identifier: GPL-2.0-or-later */
/* domain-text.h - the text of a domain XML: where its parts stand, and how it is edited */
#pragma once

#include "base.h"
#include "bdf.h"
#include "text.h"

#include <stdbool.h>
#include <stdio.h>

/*
 * Theory of operation
 *
 * A domain XML is changed as a text: lines are taken out and put in, at places that the
 * parser has found, and every other byte stays as libvirt gave it. What libvirt knows and
 * we do not is so never lost.
 */

#define DOMAIN_EDITS_MAX 512

/**
 * struct domain_hostdev - A <hostdev> of PCI, or of a mediated device
 * @uuid:    Of the mediated device; "": it is PCI
 * @from, @to: Its lines
 */
struct domain_hostdev {
	struct bdf bdf;
	char uuid[UUID_LEN];
	size_t from, to;
};

/**
 * struct domain_text - Where the parts of a domain XML stand, in bytes from its begin
 * @hostdev:  Owned, @n in the order of the text
 * @devices_end: Line of </devices>
 * @vcpu_end: Behind the line of </vcpu>
 * @pinned:   There is a <vcpupin> or a <numatune>
 * @tuned:    There is a <cputune>; then the line behind it is @cputune
 */
struct domain_text {
	struct domain_hostdev *hostdev;
	size_t n;
	size_t devices_end;
	size_t vcpu_end;
	size_t cputune;
	bool pinned, tuned;
};

/**
 * domain_text_look() - Find the parts
 * @xml:     Was read by guest_parse() before, which bounds it
 * @ret:     Filled; owned by the caller, domain_text_free()
 *
 * Return:   0, -EINVAL not as libvirt writes it, a line an element; -ENOMEM
 */
int domain_text_look(const char *xml, struct domain_text *ret) MUST_CHECK;

void domain_text_free(struct domain_text *t);

/**
 * struct domain_edit - Lines that are taken out, and what is put in their place
 * @from, @to: Bytes of the text, both at the begin of a line; the same: nothing is taken out
 * @text:    Owned. Lines, or NULL
 */
struct domain_edit {
	size_t from, to;
	char *text;
};

/**
 * struct domain_edits - In the order of the text, none over another
 */
struct domain_edits {
	struct domain_edit edit[DOMAIN_EDITS_MAX];
	size_t n;
};

/**
 * domain_edits_add() - Add an edit
 * @text:    Taken, also on failure; NULL: nothing is put in
 *
 * Return:   0 or -E2BIG
 */
int domain_edits_add(struct domain_edits *e, size_t from, size_t to,
		     char *text) MUST_CHECK;

/**
 * domain_edits_apply() - The text as it becomes
 *
 * Return:   Owned by the caller, or NULL: no memory
 */
char *domain_edits_apply(const struct domain_edits *e, const char *xml);

/**
 * domain_edits_print() - The difference, as diff -u prints it
 *
 * Return:   0 or -ENOMEM
 */
int domain_edits_print(const struct domain_edits *e, const char *xml, const char *name,
		       FILE *to) MUST_CHECK;

void domain_edits_free(struct domain_edits *e);

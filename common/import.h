/* SPDX-License-Identifier: GPL-2.0-or-later */
/* import.h - forwards found in what people have today, and what is said of them */
#pragma once

#include "base.h"
#include "conf.h"
#include "ip.h"

#include <stdbool.h>
#include <stdint.h>

#define IMPORT_TEXT_MAX     (1u << 20) /* bytes that are read */
#define IMPORT_FORWARDS_MAX 8192 /* each is compared with all others */
#define IMPORT_NOTES_MAX    8192 /* the last one is that there are more */

/**
 * struct import_forward - Ports of the host that lead to a guest
 * @line:    Of the text
 * @guest:   Where to
 * @proto:   IANA number
 * @lo, @hi: First and last port of the host
 * @to:      First port of the guest
 * @listen:  Address of the host, family 0: every one
 * @from:    Who may connect, @n_from; none: anyone. No two overlap
 * @local:   Also from 127.0.0.1
 * @everywhere: And the rule meant all of 127.0.0.0/8, which no forward can
 */
struct import_forward {
	unsigned int line;
	struct ip guest;
	uint8_t proto;
	uint16_t lo, hi, to;
	struct ip listen;
	struct ip_net from[CONF_FROM_MAX];
	size_t n_from;
	bool local;
	bool everywhere;
};

/**
 * struct import_key - What of a forward says at once that two have nothing in common
 * @listen:  Sum of @listen's bytes, 0: every address
 */
struct import_key {
	uint8_t proto;
	uint16_t lo, hi;
	uint32_t listen;
};

enum import_kind {
	IMPORT_LEFT, /* the line was not taken */
	IMPORT_LOOK, /* it was, but not all that it says */
	IMPORT_SAID, /* nothing to be done */
};

/**
 * struct import_note - What is said of a line
 * @text:    Owned
 */
struct import_note {
	enum import_kind kind;
	unsigned int line;
	char *text;
};

/**
 * struct import - What was found
 * @forward: Owned, @n of them, in the order of the text
 * @key:     Owned. Theirs, for import_add()
 * @note:    Owned, @n_notes, in the order of the text
 * @passed:  Rules that concern other things
 */
struct import {
	struct import_forward *forward;
	struct import_key *key;
	size_t n;
	struct import_note *note;
	size_t n_notes;
	size_t passed;
};

void import_free(struct import *i);

/**
 * import_note() - Say something of a line
 * @text:    The line, NULL: not repeated
 *
 * Return:   0 or -ENOMEM
 */
int import_note(struct import *i, enum import_kind kind, unsigned int line,
		const char *text, const char *format, ...) PRINTF(5, 6) MUST_CHECK;

/**
 * import_add() - Add a forward to those that come before it and win
 * @f:       Its @from have no two that overlap
 * @text:    Its line, for a note
 *
 * One that says the same as another adds its clients to it. One that wants a port that
 * leads elsewhere is left out, and a note says so.
 *
 * Return:   0 or -ENOMEM
 */
int import_add(struct import *i, const struct import_forward *f,
	       const char *text) MUST_CHECK;

/**
 * import_make_local() - A forward is for 127.0.0.1 too
 * @f:       One of @i that listens on every address
 * @everywhere: The rule means all of 127.0.0.0/8
 * @line:    Of the rule that says so, @text for a note
 *
 * Where 127.0.0.1 leads elsewhere already the rule is left out, and a note says so.
 *
 * Return:   0 or -ENOMEM
 */
int import_make_local(struct import *i, struct import_forward *f, bool everywhere,
		      unsigned int line, const char *text) MUST_CHECK;

/**
 * import_same_way() - Whether two lead the same clients to the same guest
 */
bool import_same_way(const struct import_forward *a, const struct import_forward *b);

/**
 * import_sort() - Put forwards and notes into the order of the text, and join single
 * ports that follow each other to ranges
 */
void import_sort(struct import *i);

/**
 * import_look() - Whether a person has to look: something was left out or taken in part
 */
bool import_look(const struct import *i);

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* draft.h - an INI file for one VM while it is thought out, and written down */
#pragma once

#include "base.h"
#include "ctl.h"
#include "domain.h"

#include <stdbool.h>
#include <stdio.h>

#define DRAFT_SECTIONS_MAX 24
#define DRAFT_VALUES_MAX   8
#define DRAFT_NOTE_LEN     1024

/**
 * struct draft_value - What a key is set to
 * @key:     Borrowed. Of the table of keys
 * @value:   As it is written
 * @off:     It stands there as a comment: a proposal
 */
struct draft_value {
	const char *key;
	char value[CONF_LIST_LEN];
	bool off;
};

/**
 * struct draft_section - A section of the file
 * @kind:    Borrowed. "devices"
 * @name:    Of [vgpu NAME], else ""
 * @off:     All of it is a comment: the VM asks for nothing of the sort
 * @note:    Lines that stand above it as comments
 * @value:   What is set, @n_values; every other key stands there as a comment
 */
struct draft_section {
	const char *kind;
	char name[CONF_NAME_LEN];
	bool off;
	char note[DRAFT_NOTE_LEN];
	struct draft_value value[DRAFT_VALUES_MAX];
	size_t n_values;
};

/**
 * struct draft - The whole file, and what somebody has to be told about it
 * @ctl:     Borrowed
 * @domain:  Borrowed
 * @section: @n of them
 * @chosen:  Owned by whoever made it: a line for each choice, for the terminal
 * @look:    Something needs a person's decision
 */
struct draft {
	struct ctl *ctl;
	const struct domain *domain;
	struct draft_section section[DRAFT_SECTIONS_MAX];
	size_t n;
	FILE *chosen;
	bool look;
};

/* A further section, or NULL when there are too many */
struct draft_section *draft_open(struct draft *d, const char *kind, const char *name);

/* A line above a section; control characters become '?' */
void draft_note(struct draft_section *s, const char *format, ...) PRINTF(2, 3);

/* Set a key, or propose a value for it */
void draft_set(struct draft_section *s, const char *key, const char *value);
void draft_propose(struct draft_section *s, const char *key, const char *value);

/* Say what was chosen; draft_ask() says what a person has to decide */
void draft_say(struct draft *d, const char *format, ...) PRINTF(2, 3);
void draft_ask(struct draft *d, const char *format, ...) PRINTF(2, 3);

/*
 * draft_devices(), draft_vgpus(), draft_ports() - Think out the sections of one subject
 *
 * Return:   0 or -errno
 */
int draft_devices(struct draft *d) MUST_CHECK;
int draft_vgpus(struct draft *d) MUST_CHECK;
int draft_ports(struct draft *d) MUST_CHECK;

/**
 * draft_print() - The file: every key of the table, with its line of help
 */
void draft_print(const struct draft *d, FILE *to);

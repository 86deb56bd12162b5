/* SPDX-License-Identifier: GPL-2.0-or-later */
/* spoil.h - what a look at the host must notice: each thing is done on purpose, and taken back */
#pragma once

#include "yard.h"

/**
 * struct spoil - Something that is wrong with the host
 * @what:    For the report
 * @make:    Do it
 * @mend:    Take it back
 */
struct spoil {
	const char *what;
	void (*make)(void);
	void (*mend)(void);
};

extern const struct spoil spoils[];
extern const size_t n_spoils;

/* a card that no VM has, with the host's driver; chosen before the first is made */
extern const struct card *spoil_card;

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bounds.h - inputs that are as large and as awkward as can be, and who reads them */
#pragma once

#include "base.h"

#include <stddef.h>

/**
 * struct bounds_form - A text that is made of one piece, very often
 * @parser:  Who reads it
 * @name:    What is awkward about it
 * @before:  Stands in front
 * @piece:   Again and again, with a number that grows; see put_piece()
 * @after:   Stands behind, when there is room
 */
struct bounds_form {
	const char *parser, *name, *before, *piece, *after;
};

extern const struct bounds_form bounds_forms[];
extern const size_t bounds_n_forms;

/**
 * struct bounds_parser - Who reads a file
 * @most:    Bytes that it takes; what is more is refused without being looked at
 * @read:    Reads the whole of a descriptor as the programs do
 */
struct bounds_parser {
	const char *name;
	size_t most;
	void (*read)(int fd);
};

extern const struct bounds_parser bounds_parsers[];
extern const size_t bounds_n_parsers;

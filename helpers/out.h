/* SPDX-License-Identifier: GPL-2.0-or-later */
/* out.h - what a program reads: a JSON text, written in the order in which it is said */
#pragma once

#include "base.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define OUT_DEPTH_MAX 16

struct out;

/**
 * out_new() - An object to fill
 *
 * Errors are kept until out_print(): nothing between needs to be checked.
 *
 * Return:   NULL when there is no memory; then all others do nothing
 */
struct out *out_new(void);

/*
 * out_object(), out_array() - Open one, in an object under @key, in an array with NULL;
 * out_end() closes the one that was opened last
 */
void out_object(struct out *o, const char *key);
void out_array(struct out *o, const char *key);
void out_end(struct out *o);

/* A value; @text NULL is null. Bytes that are no UTF-8 are replaced by '?' */
void out_text(struct out *o, const char *key, const char *text);
void out_number(struct out *o, const char *key, int64_t number);
void out_bool(struct out *o, const char *key, bool value);

/**
 * out_character() - Length of the character of UTF-8 that a text begins with
 *
 * Return:   Bytes, 0 when it is none
 * Source:   RFC 3629
 */
size_t out_character(const char *text);

/**
 * out_print() - Print the whole, and a newline
 *
 * Return:   0, -ENOMEM or -EIO
 */
int out_print(const struct out *o, FILE *to) MUST_CHECK;

/* Release; for CLEANUP() */
void out_free(struct out **o);

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* text.h - bounded strings: copy, format, numbers, words, nearest name */
#pragma once

#include "base.h"

#include <stdbool.h>
#include <stdint.h>

/* The longest name that libvirt lets a domain have is bounded by NAME_MAX less ".xml". */
#define NAME_LEN 256
#define UUID_LEN 37 /* 36 characters and NUL, RFC 4122 text form */

/**
 * text_copy() - Copy a string, whole or not at all
 * @dst:     Where to; untouched when it does not fit
 * @size:    Bytes at @dst, NUL included
 * @src:     What to copy
 *
 * Return:   0, or -ENAMETOOLONG
 */
int text_copy(char *dst, size_t size, const char *src) MUST_CHECK;

/**
 * text_format() - snprintf() that is whole or an error
 * @dst:     Where to; "" when it does not fit
 * @size:    Bytes at @dst, NUL included
 * @format:  As for printf(3)
 *
 * Return:   0, or -ENAMETOOLONG
 */
int text_format(char *dst, size_t size, const char *format, ...) PRINTF(3, 4) MUST_CHECK;

/**
 * why() - Fill a sentence for a person; too long a one is cut
 * @ret_why: Where to, WHY_LEN bytes
 * @format:  As for printf(3)
 */
void why(char ret_why[static WHY_LEN], const char *format, ...) PRINTF(2, 3);

/**
 * text_number() - Read a whole decimal number, no sign, no blanks, nothing after it
 * @s:       Text
 * @max:     Largest value allowed
 * @ret:     The number
 *
 * Return:   0, -EINVAL not a number, -ERANGE larger than @max
 */
int text_number(const char *s, uint64_t max, uint64_t *ret) MUST_CHECK;

/**
 * text_hex() - Read a whole hexadecimal number, with or without 0x
 * @s:       Text
 * @max:     Largest value allowed
 * @ret:     The number
 *
 * Return:   0, -EINVAL not a number, -ERANGE larger than @max
 */
int text_hex(const char *s, uint64_t max, uint64_t *ret) MUST_CHECK;

/**
 * text_duration() - Read "30s", "500ms", "2min" or "30" (seconds)
 * @s:       Text
 * @ret_ms:  Milliseconds, at most 3600000
 *
 * Return:   0, -EINVAL, -ERANGE
 */
int text_duration(const char *s, unsigned int *ret_ms) MUST_CHECK;

/**
 * text_next_word() - Cut the next blank-separated word out of a text
 * @cursor:  In and out: where to go on; starts at the text
 * @word:    The word
 * @size:    Bytes at @word
 *
 * Return:   1 a word, 0 no more, -ENAMETOOLONG the next word does not fit
 */
int text_next_word(const char **cursor, char *word, size_t size) MUST_CHECK;

/**
 * text_has_word() - Whether a blank-separated list holds a word
 */
bool text_has_word(const char *list, const char *word);

/**
 * text_nearest() - Find the name that was most likely meant
 * @word:    What was written
 * @names:   Candidates
 * @n:       How many
 *
 * Return:   One of @names at an edit distance of at most a third of its length, or NULL
 */
const char *text_nearest(const char *word, const char *const *names, size_t n);

/**
 * text_is_name() - Whether a domain name may be used as one component of a path
 * @name:    As libvirt gives it: any bytes but '/' and control characters, 1..251 long,
 *           not "." or ".."
 */
bool text_is_name(const char *name);

/**
 * text_is_uuid() - Whether this is a UUID in the lower-case text form that libvirt prints
 */
bool text_is_uuid(const char *s);

/**
 * text_typed() - What a person can type for a VM in a command that we propose
 * @name:    Of the VM
 * @uuid:    Of the VM; "" when it is not known
 *
 * The name may be a tenant's, and the command is typed by root: what a shell, virsh or we
 * ourselves would take for something else (a blank, ';', an option, a domain's number) is
 * not proposed.
 *
 * Return:   @name, or @uuid where the name would not be taken for itself
 */
const char *text_typed(const char *name, const char *uuid);

/**
 * text_is_clean() - Whether a text has no control character, C1 controls in UTF-8 included
 */
bool text_is_clean(const char *text);

/**
 * text_clean() - Make every control character of a text a '?'
 *
 * Names and paths come from others, and a terminal obeys what they have in them.
 */
void text_clean(char *text);

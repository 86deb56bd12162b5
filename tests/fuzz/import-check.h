/* SPDX-License-Identifier: GPL-2.0-or-later */
/* import-check.h - what must hold of the text that an importer prints */
#pragma once

/**
 * import_check() - Look at what an importer has printed
 * @text:    All of it
 *
 * It has no control characters, and what it would write into a file of a host is taken by
 * those who read that file: each section alone, as import_place() puts it there.
 */
void import_check(const char *text);

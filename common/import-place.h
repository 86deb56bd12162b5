/* SPDX-License-Identifier: GPL-2.0-or-later */
/* import-place.h - what an importer has printed, put into the INI files of a host */
#pragma once

#include "base.h"

#include <stdbool.h>
#include <stdio.h>

/**
 * struct import_piece - One section of a text, or what stands outside of sections
 * @file:    Below etc/virt-handoff, "vms/train01.ini"; "" it is not known which
 * @text:    Lines of the section, comments above its header included
 * @section: Whether it is one; otherwise @text is something that is said
 */
struct import_piece {
	char *file;
	char *text;
	bool section;
};

/**
 * struct import_pieces - A text, cut
 * @piece:   Owned, @n of them, in the order of the text
 */
struct import_pieces {
	struct import_piece *piece;
	size_t n;
};

/**
 * import_cut() - Cut the text that an importer prints
 * @text:    A block begins with "; /etc/virt-handoff/FILE"; in it are sections, an empty line
 *           behind each; comments that are not in or above a section are said
 * @ret:     Filled; import_pieces_free(), also on failure
 *
 * Return:   0 or -ENOMEM
 */
int import_cut(const char *text, struct import_pieces *ret) MUST_CHECK;

void import_pieces_free(struct import_pieces *p);

/**
 * import_place() - Put the sections of such a text into their files
 * @root:    Directory descriptor of "/"
 * @text:    As import_cut() takes it
 * @by:      "import iptables", for the first line of a file that is made
 * @out:     What became of each section; with those that were not written in full
 * @ret_look: Set when a person has to look: something was not written
 *
 * A file that is not there is made. To one that is there, the sections are added that it
 * does not have; what stands in it stays as it is, byte by byte. Each file is written
 * aside, read by the parser, and only then takes its place, whole.
 *
 * Return:   0, or -errno when nothing more could be written
 */
int import_place(int root, const char *text, const char *by, FILE *out,
		 bool *ret_look) MUST_CHECK;

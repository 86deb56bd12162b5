// SPDX-License-Identifier: GPL-2.0-or-later
/* import-cut.c - the text that an importer prints, cut into sections and what is said */

#include "import-place.h"

#include "text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FOLDER "; /etc/virt-handoff/"
#define SECOND " too: its other address"

/**
 * struct cutter - One run of import_cut()
 * @file:    Of the block that we are in, "" not known
 * @lines:   Owned. What belongs together so far, a memory stream; NULL nothing
 * @section: @lines have the header of a section
 */
struct cutter {
	struct import_pieces *all;
	char file[NAME_LEN + 64];
	FILE *lines;
	char *text;
	size_t size;
	bool section;
};

static int add(struct import_pieces *all, const char *file, const char *text,
	       bool section)
{
	struct import_piece *more =
		reallocarray(all->piece, all->n + 1, sizeof(*all->piece));
	struct import_piece p = { .section = section };

	if (!more)
		return -ENOMEM;
	all->piece = more;
	p.file = strdup(file);
	p.text = strdup(text);
	more[all->n++] = p;
	return p.file && p.text ? 0 : -ENOMEM;
}

/* What has come together is one piece, if it is anything at all */
static int end_piece(struct cutter *c)
{
	int r = 0;

	if (c->lines) {
		r = fclose(c->lines) == 0
			    ? add(c->all, c->section ? c->file : "", c->text, c->section)
			    : -ENOMEM;
		free(c->text);
		c->lines = NULL;
	}
	c->section = false;
	return r;
}

static int add_line(struct cutter *c, const char *line, size_t len)
{
	if (!c->lines)
		c->lines = open_memstream(&c->text, &c->size);
	return c->lines && fprintf(c->lines, "%.*s\n", (int)len, line) > 0 ? 0 : -ENOMEM;
}

/* "; /etc/virt-handoff/vms/train01.ini": which file. Names of VMs may have blanks. */
static bool names_file(const char *line, size_t len, char *ret, size_t size)
{
	size_t skip = strlen(FOLDER), second = strlen(SECOND);

	if (strncmp(line, FOLDER, skip) != 0)
		return false;
	if (len > second && strncmp(line + len - second, SECOND, second) == 0)
		len -= second;
	return len > skip + 4 && strncmp(line + len - 4, ".ini", 4) == 0 &&
	       text_format(ret, size, "%.*s", (int)(len - skip), line + skip) == 0;
}

static bool asks_which_vm(const char *line)
{
	return strncmp(line, "; which VM is it?", 17) == 0 ||
	       strncmp(line, "; address ", 10) == 0;
}

static int take_line(struct cutter *c, const char *line, size_t len)
{
	char file[sizeof(c->file)];
	int r = 0;

	if (names_file(line, len, file, sizeof(file))) {
		r = end_piece(c);
		memcpy(c->file, file, sizeof(file));
		return r;
	}
	if (len == 0)
		return end_piece(c);
	if (asks_which_vm(line)) {
		r = end_piece(c);
		c->file[0] = '\0';
	} else if (*line == '[') {
		/* comments above it are of this section */
		r = c->section ? end_piece(c) : 0;
		c->section = true;
	}
	return r ?: add_line(c, line, len);
}

int import_cut(const char *text, struct import_pieces *ret)
{
	struct cutter c = { .all = ret };
	int r = 0, last;

	*ret = (struct import_pieces){ 0 };
	while (*text && r == 0) {
		size_t len = strcspn(text, "\n");

		r = take_line(&c, text, len);
		text += len + (text[len] == '\n');
	}
	last = end_piece(&c);
	return r ?: last;
}

void import_pieces_free(struct import_pieces *p)
{
	for (size_t i = 0; i < p->n; i++) {
		free(p->piece[i].file);
		free(p->piece[i].text);
	}
	free(p->piece);
	*p = (struct import_pieces){ 0 };
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* import-place.c - what an importer has printed, put into the INI files of a host */

#include "import-place.h"

#include "import-target.h"
#include "ini.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CONF_DIR "etc/virt-handoff"

/**
 * struct place - One run of import_place()
 * @conf:    Descriptor of CONF_DIR
 * @aside:   And of the folder in it where files are written first, @aside_name
 * @pieces:  What is to be placed
 * @done:    Owned. Which of them are dealt with
 */
struct place {
	int root, conf, aside;
	char aside_name[32];
	const char *by;
	FILE *out;
	bool *look;
	struct import_pieces pieces;
	bool *done;
};

static void free_ini(struct ini **i)
{
	ini_free(*i);
}

/* ---- what is there already ---- */

static bool has_section(const struct ini *i, const char *section)
{
	const struct ini_value *v;
	size_t at = 0;

	while (i && (v = ini_next(i, &at)))
		if (strcmp(v->section, section) == 0)
			return true;
	return false;
}

static bool has_value(const struct ini *i, const struct ini_value *want)
{
	const struct ini_value *v;
	size_t at = 0;

	while ((v = ini_next(i, &at)))
		if (strcmp(v->section, want->section) == 0 &&
		    strcmp(v->key, want->key) == 0)
			return strcmp(v->value, want->value) == 0;
	return !*want->key;
}

static bool has_all(const struct ini *i, const struct ini *want)
{
	const struct ini_value *v;
	size_t at = 0;

	while ((v = ini_next(want, &at)))
		if (!has_value(i, v))
			return false;
	return true;
}

static void print_lines(FILE *out, const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\n");

		fprintf(out, "    %.*s\n", (int)len, text);
		text += len + (text[len] == '\n');
	}
}

/* ---- one file ---- */

static int add_section(const struct place *p, struct target *t, const char *text,
		       char ret_why[static WHY_LEN])
{
	CLEANUP(free_ini) struct ini *want = NULL;
	const struct ini_value *v;
	size_t at = 0;
	int r = ini_parse(text, strlen(text), t->path, &want, ret_why);

	if (r < 0)
		return r;
	v = ini_next(want, &at);
	if (!has_section(t->ini, v->section)) {
		fprintf(p->out, "%s: %s [%s]\n", t->path, t->there ? "adding" : "writing",
			v->section);
		fprintf(t->more, "\n%s", text);
	} else if (has_all(t->ini, want)) {
		fprintf(p->out, "%s: [%s] is there already\n", t->path, v->section);
	} else {
		*p->look = true;
		fprintf(p->out,
			"%s: [%s] is there and says something else; what it would have been:\n",
			t->path, v->section);
		print_lines(p->out, text);
	}
	return 0;
}

static bool is_same_file(const struct import_piece *a, const struct import_piece *b)
{
	return a->section && b->section && strcmp(a->file, b->file) == 0;
}

static int collect(struct place *p, struct target *t, size_t first,
		   char ret_why[static WHY_LEN])
{
	const struct import_piece *all = p->pieces.piece;
	int r = 0;

	for (size_t i = first; i < p->pieces.n && r == 0; i++)
		if (is_same_file(&all[i], &all[first]))
			r = add_section(p, t, all[i].text, ret_why);
	if (r == 0 && fflush(t->more) != 0)
		r = -ENOMEM;
	return r;
}

static int place_file(struct place *p, size_t first)
{
	CLEANUP(target_free) struct target t = { .path = "" };
	const struct import_piece *all = p->pieces.piece;
	char sentence[WHY_LEN] = "";
	int r;

	for (size_t i = first; i < p->pieces.n; i++)
		p->done[i] = p->done[i] || is_same_file(&all[i], &all[first]);
	r = target_open(p->root, p->conf, all[first].file, &t, sentence);
	if (r == 0)
		r = collect(p, &t, first, sentence);
	if (r == 0 && t.len)
		r = target_replace(&t, p->conf, p->aside, p->by, sentence);
	if (r == 0)
		return 0;
	*p->look = true;
	fprintf(p->out, "%s: not written: %s\n", *t.path ? t.path : all[first].file,
		*sentence ? sentence : strerror(-r));
	return r == -ENOMEM || r == -ENOSPC || r == -EROFS || r == -EACCES ? r : 0;
}

static int place_all(struct place *p)
{
	int r = 0;

	for (size_t i = 0; i < p->pieces.n && r == 0; i++)
		if (p->pieces.piece[i].section && *p->pieces.piece[i].file && !p->done[i])
			r = place_file(p, i);
	for (size_t i = 0; i < p->pieces.n; i++) {
		const struct import_piece *one = &p->pieces.piece[i];

		if (one->section && *one->file)
			continue;
		*p->look = *p->look || one->section;
		fprintf(p->out, "%s%s", one->section ? "not written:\n" : "", one->text);
	}
	return r;
}

/* ---- folders ---- */

static int make_folder(int dir, const char *path)
{
	return mkdirat(dir, path, 0755) == 0 || errno == EEXIST ? 0 : -errno;
}

static int open_folders(struct place *p)
{
	int r = make_folder(p->root, "etc") ?: make_folder(p->root, CONF_DIR)
		?: make_folder(p->root, CONF_DIR "/vms");

	if (r < 0)
		return r;
	p->conf = openat(p->root, CONF_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (p->conf < 0)
		return -errno;
	snprintf(p->aside_name, sizeof(p->aside_name), ".import-%d", (int)getpid());
	if (mkdirat(p->conf, p->aside_name, 0700) < 0)
		return -errno;
	p->aside = openat(p->conf, p->aside_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return p->aside < 0 ? -errno : 0;
}

int import_place(int root, const char *text, const char *by, FILE *out, bool *ret_look)
{
	struct place p = { .root = root, .conf = -1, .aside = -1, .by = by, .out = out };
	int r = import_cut(text, &p.pieces);

	p.look = ret_look;
	p.done = calloc(p.pieces.n + 1, sizeof(*p.done));
	if (r == 0 && !p.done)
		r = -ENOMEM;
	if (r == 0)
		r = open_folders(&p);
	if (r == 0)
		r = place_all(&p);
	if (p.conf >= 0 && *p.aside_name)
		unlinkat(p.conf, p.aside_name, AT_REMOVEDIR);
	if (p.aside >= 0)
		close(p.aside);
	if (p.conf >= 0)
		close(p.conf);
	free(p.done);
	import_pieces_free(&p.pieces);
	return r;
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-assign-ini.c - the sections that assign writes into a VM's INI file, and takes out again */

#include "ctl-assign.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define BLANKS "\t\v\f\r "

/* how many bytes of it are a name that assign gives: "assigned12"; 0: it is another */
static size_t assigned_length(const char *name)
{
	size_t word = strlen(ASSIGNED), digits;

	if (strncasecmp(name, ASSIGNED, word) != 0)
		return 0;
	digits = strspn(name + word, "0123456789");
	return digits ? word + digits : 0;
}

bool assign_is_own(const struct conf_vm *c, const char *uuid)
{
	for (size_t i = 0; i < c->n_vgpus; i++) {
		const char *name = c->vgpu[i].name;
		size_t n = assigned_length(name);

		if (strcmp(c->vgpu[i].uuid, uuid) == 0 && n && !name[n])
			return true;
	}
	return false;
}

/* @line begins with "[", as the parser takes it: small letters and capitals are the same */
static bool is_own_header(const char *line)
{
	static const char vgpu[] = "[vgpu ";
	const char *name = line + strlen(vgpu);

	return strncasecmp(line, vgpu, strlen(vgpu)) == 0 && assigned_length(name) &&
	       name[assigned_length(name)] == ']';
}

char *assign_ini_with(const char *text, const char *sections)
{
	char *ret;

	return asprintf(&ret, "%s%s", text, sections) < 0 ? NULL : ret;
}

static bool is_blank(const char *line, size_t n)
{
	return strspn(line, BLANKS "\n") >= n;
}

/*
 * Of a section of ours its header and its keys go, and the blank line above it. A comment is
 * not ours: it may as well be about the section below.
 */
static void sort_lines(const char *text, FILE *stays, FILE *goes)
{
	const char *blank = NULL;
	size_t n, n_blank = 0;
	bool ours = false;

	for (; *text; text += n) {
		const char *word = text + strspn(text, BLANKS);
		bool own_header = *word == '[' && is_own_header(word);

		n = strcspn(text, "\n");
		n += text[n] == '\n';
		if (*word == '[')
			ours = own_header;
		if (blank)
			fwrite(blank, 1, n_blank, own_header ? goes : stays);
		blank = is_blank(text, n) ? text : NULL;
		n_blank = n;
		if (!blank)
			fwrite(text, 1, n, ours && !strchr("#;", *word) ? goes : stays);
	}
	if (blank)
		fwrite(blank, 1, n_blank, stays);
}

char *assign_ini_without(const char *text, char **ret_gone)
{
	char *ret = NULL;
	size_t len, len_gone;
	FILE *stays = open_memstream(&ret, &len);
	FILE *goes = open_memstream(ret_gone, &len_gone);

	if (stays && goes)
		sort_lines(text, stays, goes);
	if (goes)
		fclose(goes);
	if (stays)
		fclose(stays);
	if (!goes) {
		free(ret);
		return NULL;
	}
	return ret;
}

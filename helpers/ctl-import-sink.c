// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-import-sink.c - what an importer prints: shown, or written into the INI files */

#include "ctl-import.h"

#include "import-place.h"
#include "log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool take_write(int *argc, char *argv[])
{
	bool found = false;
	int n = 0;

	for (int i = 0; i < *argc; i++)
		if (strcmp(argv[i], "--write") == 0)
			found = true;
		else
			argv[n++] = argv[i];
	argv[n] = NULL;
	*argc = n;
	return found;
}

int sink_open(struct sink *s, int *argc, char *argv[])
{
	*s = (struct sink){ .write = take_write(argc, argv) };
	s->to = open_memstream(&s->text, &s->len);
	return s->to ? 0 : log_errno(-ENOMEM, "import");
}

int sink_finish(struct sink *s, const struct ctl *c, const char *kind, bool *ret_look)
{
	char by[64];
	int r = fflush(s->to) == 0 && !ferror(s->to) ? 0 : -ENOMEM;

	snprintf(by, sizeof(by), "import %s", kind);
	if (r < 0)
		return log_errno(r, "import");
	if (s->write)
		r = import_place(c->host.root, s->text, by, stdout, ret_look);
	else
		fputs(s->text, stdout);
	if (r == 0 && (fflush(stdout) != 0 || ferror(stdout)))
		r = -EIO;
	if (r < 0)
		log_errno(r, s->write ? "the INI files cannot be written"
				      : "the INI text cannot be written");
	return r;
}

void sink_close(struct sink *s)
{
	if (s->to)
		fclose(s->to);
	free(s->text);
	*s = (struct sink){ 0 };
}

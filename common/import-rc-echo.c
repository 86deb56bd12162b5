// SPDX-License-Identifier: GPL-2.0-or-later
/* import-rc-echo.c - which text an rc.local writes into which file: echo, printf, tee and cd */

#include "import-rc.h"

#include "text.h"

#include <errno.h>
#include <string.h>

static int join_words(const struct shell_word *w, size_t n, char ret[static PATH_LEN])
{
	size_t len = 0;

	ret[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		if (text_format(ret + len, PATH_LEN - len, "%s%s", i ? " " : "",
				w[i].text) < 0)
			return -ENAMETOOLONG;
		len += strlen(ret + len);
	}
	return 0;
}

int rc_drop_printed(struct rc *x)
{
	if (!x->prints)
		return 0;
	x->prints = false;
	return import_boot_say(x->b, IMPORT_SAID, x->echo_where, "%s",
			       "prints something; keep it where it is wanted");
}

static int write_to(struct rc *x, const char *text, bool unknown,
		    const struct shell_word *file)
{
	char path[PATH_LEN];

	if (unknown || file->unknown)
		return rc_left(x, "it has a value that is not in this text");
	if (*file->text != '/' && !*x->folder)
		return rc_left(x, "in which folder is this file? write its whole path");
	if (text_format(path, sizeof(path), "%s%s%s", *file->text == '/' ? "" : x->folder,
			*file->text == '/' ? "" : "/", file->text) < 0)
		return rc_left(x, "the path is too long");
	return rc_write(x, text, path);
}

int rc_echo(struct rc *x, const struct shell_word *w, size_t n)
{
	bool unknown = false;
	size_t first = 1;

	while (first < n && text_has_word("-n -e -ne -en -E --", w[first].text))
		first++;
	/* printf '%s\n' TEXT */
	if (strcmp(w[0].text, "printf") == 0 && n - first > 1 &&
	    strncmp(w[first].text, "%s", 2) == 0)
		first++;
	for (size_t i = first; i < n; i++)
		unknown = unknown || w[i].unknown;
	if (join_words(w + first, n - first, x->printed) < 0)
		return rc_left(x, "the text is too long");
	x->printed[strcspn(x->printed, "\\")] = '\0'; /* "TEXT\n" of printf */
	if (x->command->out)
		return write_to(x, x->printed, unknown, x->command->out);
	x->prints = true;
	x->printed_unknown = unknown;
	memcpy(x->echo_where, x->where, sizeof(x->where));
	return RC_TAKEN;
}

int rc_tee(struct rc *x, const struct shell_word *w, size_t n)
{
	bool known = x->prints && x->command->piped;
	size_t file = 1;

	while (file < n && *w[file].text == '-')
		file++;
	if (!known || file + 1 != n)
		return rc_left(x, "what is written here is not in this text");
	x->prints = false;
	return write_to(x, x->printed, x->printed_unknown, &w[file]);
}

int rc_cd(struct rc *x, const struct shell_word *w, size_t n)
{
	x->folder[0] = '\0';
	if (n == 2 && *w[1].text == '/' && !w[1].unknown &&
	    text_copy(x->folder, sizeof(x->folder), w[1].text) < 0)
		return rc_left(x, "the path is too long");
	return RC_TAKEN;
}

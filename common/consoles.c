// SPDX-License-Identifier: GPL-2.0-or-later
/* consoles.c - what shows the host's text on a screen, to be taken off and put back */

#include "consoles.h"

#include "file.h"
#include "text.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

struct search {
	const struct host *h;
	char (*ret)[CONSOLE_LEN];
	size_t n;
	bool stand_in;
};

static bool attr_has(const struct host *h, const char *vtcon, const char *attr,
		     const char *word)
{
	char path[PATH_LEN], text[64];

	return text_format(path, sizeof(path), "sys/class/vtconsole/%s/%s", vtcon,
			   attr) == 0 &&
	       file_read(h->root, path, text, sizeof(text)) > 0 && strstr(text, word);
}

static int add_vtcon(const char *name, void *data)
{
	struct search *s = data;

	s->stand_in |= attr_has(s->h, name, "name", "(S)");
	if (s->n < CONSOLES_MAX && attr_has(s->h, name, "name", "frame buffer") &&
	    attr_has(s->h, name, "bind", "1") &&
	    text_copy(s->ret[s->n], CONSOLE_LEN, name) == 0)
		s->n++;
	return 0;
}

/* what the firmware left on the screen; vfio-pci itself removes it on newer kernels */
static void add_platform(struct search *s)
{
	static const char *const names[] = { "efi-framebuffer", "simple-framebuffer",
					     "vesa-framebuffer" };
	char path[PATH_LEN];

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (s->n < CONSOLES_MAX &&
		    text_format(path, sizeof(path), "sys/bus/platform/drivers/%s/%s.0",
				names[i], names[i]) == 0 &&
		    file_exists(s->h->root, path) &&
		    text_format(s->ret[s->n], CONSOLE_LEN, "%s/%s.0", names[i],
				names[i]) == 0)
			s->n++;
}

int consoles_find(const struct host *h, char ret[CONSOLES_MAX][CONSOLE_LEN],
		  size_t *ret_n)
{
	struct search s = { .h = h, .ret = ret };
	int r = file_each(h->root, "sys/class/vtconsole", add_vtcon, &s);

	if (r < 0 && r != -ENOENT)
		return r;
	if (!s.stand_in)
		s.n = 0;
	add_platform(&s);
	*ret_n = s.n;
	return 0;
}

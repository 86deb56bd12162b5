// SPDX-License-Identifier: GPL-2.0-or-later
/* record.c - a machine that is recorded: an XML of libvirt cut down, texts with addresses blanked */

#include "fuzz.h"

#include "../../helpers/record.h"

#include <stdlib.h>
#include <string.h>

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

/* What stands for a byte is known: \n, \t, \\, \xHH */
static void check_line(const char *line, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		fuzz_must((unsigned char)line[i] >= ' ' && (unsigned char)line[i] < 0x7f);
		if (line[i] != '\\')
			continue;
		i++;
		fuzz_must(i < len && strchr("nt\\x", line[i]));
		if (line[i] == 'x')
			fuzz_must(i + 2 < len && is_hex(line[i + 1]) &&
				  is_hex(line[i + 2]));
	}
}

static void check(const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\n");

		fuzz_must(text[len] == '\n');
		check_line(text, len);
		text += len + 1;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct host host = { .root = -1, .run = -1 };
	struct recording r = { .h = &host, .blanks = blanks_new("gpu-server") };
	char *text = NULL;
	size_t len;
	FILE *f;
	int e;

	fuzz_must(r.blanks);
	if (host.root < 0)
		host.root = fuzz_folder();
	fuzz_file(host.root, "vm.xml", data, size);
	fuzz_guard(true);
	record_xml(&r, "vm.xml");
	record_file(&r, "%s", "vm.xml");
	record_text(&r, "etc/hosts", (const char *)data, size);
	f = fuzz_stream(&text, &len);
	e = record_print(&r, f);
	fclose(f);
	fuzz_guard(false);
	fuzz_must(e == 0);
	check(text);
	free(text);
	record_free(&r);
	return 0;
}

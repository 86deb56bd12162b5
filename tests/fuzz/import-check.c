// SPDX-License-Identifier: GPL-2.0-or-later
/* import-check.c - what must hold of the text that an importer prints */

#include "import-check.h"

#include "fuzz.h"

#include "../../common/conf-schema.h"
#include "conf.h"
#include "import-place.h"
#include "ini.h"

#include <stdlib.h>
#include <string.h>

#define LOOKED_AT 6

/* The keys of one section are right; whether it suits the others is another question */
static void check_section(const struct import_piece *p)
{
	struct conf_host *host = calloc(1, sizeof(*host));
	struct conf_vm vm = { .shown = "vms/x.ini" };
	char why[WHY_LEN] = "";
	struct ini *i = NULL;

	fuzz_must(host);
	fuzz_must(ini_parse(p->text, strlen(p->text), "x.ini", &i, why) == 0, "%s in\n%s",
		  why, p->text);
	if (strcmp(p->file, "host.ini") == 0)
		fuzz_must(conf_take(&conf_host_schema, i, host, why) == 0, "%s in\n%s",
			  why, p->text);
	else
		fuzz_must(conf_take(&conf_vm_schema, i, &vm, why) == 0, "%s in\n%s", why,
			  p->text);
	conf_vm_free(&vm);
	ini_free(i);
	free(host);
}

void import_check(const char *text)
{
	struct import_pieces all;

	fuzz_lines(text);
	fuzz_must(import_cut(text, &all) == 0);
	/* of very many, which take their time, the first and the last */
	for (size_t i = 0; i < all.n; i++)
		if (all.piece[i].section && (i < LOOKED_AT || all.n - i <= LOOKED_AT))
			check_section(&all.piece[i]);
	import_pieces_free(&all);
}

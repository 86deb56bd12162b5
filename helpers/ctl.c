// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl.c - the command virt-handoff: what a person types */

#include "ctl.h"

#include "base.h"
#include "log.h"

#include <stdio.h>
#include <string.h>

static const struct ctl_verb verbs[] = {
	{ "early", "update|show", "what is on VFIO before the host can drive it",
	  ctl_early },
	{ "import", "WHAT FILE", "turn what you have today into INI sections",
	  ctl_import },
	{ "keys", "[SECTION]", "every key of the INI files, its default and what it does",
	  ctl_keys },
	{ 0 },
};

static void print_verbs(FILE *to, const struct ctl_verb *v, const char *of)
{
	fprintf(to, "usage: %s VERB ...\n\n", of);
	for (; v->name; v++)
		fprintf(to, "  %s %-*s  %s\n", v->name, (int)(24 - strlen(v->name)),
			v->args, v->help);
}

int ctl_run(const struct ctl_verb *v, const char *of, int argc, char *argv[])
{
	const struct ctl_verb *all = v;

	if (argc < 2) {
		print_verbs(stderr, all, of);
		return CTL_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		print_verbs(stdout, all, of);
		return CTL_DONE;
	}
	while (v->name && strcmp(v->name, argv[1]) != 0)
		v++;
	if (v->name)
		return v->run(argc - 1, argv + 1);
	fprintf(stderr, "%s: '%s' is not a verb; '%s --help' lists them\n", of, argv[1],
		of);
	return CTL_USAGE;
}

int main(int argc, char *argv[])
{
	log_open(LOG_SINK_STDERR, "virt-handoff", false);
	return ctl_run(verbs, "virt-handoff", argc, argv);
}

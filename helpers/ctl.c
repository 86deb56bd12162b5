// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl.c - the command virt-handoff: what a person types */

#include "ctl.h"

#include "base.h"
#include "inherited.h"
#include "kinds.h"
#include "log.h"
#include "recorded.h"
#include "version.h"

#include <stdio.h>
#include <string.h>

static const struct ctl_verb verbs[] = {
	{ "list", "gpus|vgpus|types|ports", "what this host has, and who has it",
	  ctl_list },
	{ "status", "[VM]", "who has which card, vGPU and port", ctl_status },
	{ "check", "[VM]", "what would go wrong, and how to mend it", ctl_check },
	{ "plan", "VM", "what a start would do, or why it is refused", ctl_plan },
	{ "new", "VM", "write its INI file, from its XML and this host", ctl_new },
	{ "edit", "VM|--host", "change an INI file, checked before it is saved",
	  ctl_edit },
	{ "assign", "VM --gpus N|--none", "write free cards into the XML of a VM",
	  ctl_assign },
	{ "attach", "VM ADDRESS", "a running VM gets a card", ctl_attach },
	{ "detach", "VM ADDRESS", "a running VM gives a card back", ctl_detach },
	{ "reserve", "VM [ADDRESS]", "a VM keeps its address, by its libvirt network",
	  ctl_reserve },
	{ "undo", "VM", "give back what a VM had that has ended", ctl_undo },
	{ "repair", "", "bring this host in line with the INI files", ctl_repair },
	{ "early", "update|show", "cards that the host shall never drive", ctl_early },
	{ "import", "WHAT [--write]", "turn what you have today into INI sections",
	  ctl_import },
	{ "keys", "[SECTION]", "every key of the INI files, and what it does", ctl_keys },
	{ "record", "DIR", "write this machine down, for a bug report", ctl_record },
	{ 0 },
};

static void print_verbs(FILE *to, const struct ctl_verb *v, const char *of)
{
	fprintf(to, "usage: %s VERB ...\n\n", of);
	for (; v->name; v++)
		fprintf(to, "  %s %-*s  %s\n", v->name, (int)(26 - strlen(v->name)),
			v->args, v->help);
}

static void print_options(FILE *to)
{
	fprintf(to,
		"\n"
		"  --json      for a program, where the verb has something to print\n"
		"  --root DIR  look at a recorded machine in this folder, not at this host\n"
		"  --version   which virt-handoff this is\n"
		"\n"
		"exit status: 0 done, 1 failed, 2 not understood, 3 look at what was said\n");
}

int ctl_run(struct ctl *c, const struct ctl_verb *v, const char *of, int argc,
	    char *argv[])
{
	const struct ctl_verb *all = v;
	bool help = argc >= 2 &&
		    (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0);
	FILE *to = help ? stdout : stderr;

	if (argc < 2 || help) {
		print_verbs(to, all, of);
		if (all == verbs)
			print_options(to);
		return help ? CTL_DONE : CTL_USAGE;
	}
	while (v->name && strcmp(v->name, argv[1]) != 0)
		v++;
	if (v->name)
		return v->run(c, argc - 1, argv + 1);
	fprintf(stderr, "%s: '%s' is not a verb; '%s --help' lists them\n", of, argv[1],
		of);
	return CTL_USAGE;
}

int ctl_usage(const char *usage)
{
	fprintf(stderr, "usage: virt-handoff %s\n", usage);
	return CTL_USAGE;
}

bool ctl_is_here(const struct ctl *c)
{
	return strcmp(c->root, "/") == 0;
}

/* global options may stand anywhere before "--"; what is left is for the verb */
static int take_options(struct ctl *c, int argc, char *argv[])
{
	int n = 0;

	for (int i = 0; i < argc; i++) {
		if (strcmp(argv[i], "--") == 0) {
			while (i < argc)
				argv[n++] = argv[i++];
		} else if (strcmp(argv[i], "--json") == 0) {
			c->json = true;
		} else if (strncmp(argv[i], "--root=", 7) == 0) {
			c->root = argv[i] + 7;
		} else if (strcmp(argv[i], "--root") == 0 && i + 1 < argc) {
			c->root = argv[++i];
		} else {
			argv[n++] = argv[i];
		}
	}
	argv[n] = NULL;
	return n;
}

int main(int argc, char *argv[])
{
	/* the editor, the terminal, the language; scripts of dpkg that `early update` starts */
	static const char *const keep[] = { "EDITOR",
					    "VISUAL",
					    "PATH",
					    "HOME",
					    "TERM",
					    "COLUMNS",
					    "LINES",
					    "NO_COLOR",
					    "LANG",
					    "LC_",
					    "JOURNAL_STREAM",
					    "DISPLAY",
					    "WAYLAND_DISPLAY",
					    "XAUTHORITY",
					    "DPKG_",
					    "DEBIAN_",
					    NULL };
	struct ctl c = { .root = "/" };
	int r;

	inherited_mend(keep);
	log_open(LOG_SINK_STDERR, "virt-handoff", false);
	argc = take_options(&c, argc, argv);
	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		printf("virt-handoff %s\n", VERSION);
		return CTL_DONE;
	}
	r = host_open(&c.host, c.root, ctl_is_here(&c) ? kinds_all : kinds_recorded);
	if (r < 0) {
		log_errno(r, "%s", c.root);
		return CTL_FAILED;
	}
	r = ctl_run(&c, verbs, "virt-handoff", argc, argv);
	host_close(&c.host);
	return r;
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-new.c - virt-handoff new: an INI file for a VM, from its XML and from this host */

#include "draft.h"

#include "save.h"
#include "log.h"
#include "names.h"
#include "print.h"
#include "text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/**
 * struct options - What was asked for
 */
struct options {
	const char *vm;
	bool force, print;
};

static int think(struct draft *d)
{
	int r = draft_devices(d);

	if (r == 0)
		r = draft_vgpus(d);
	if (r == 0)
		r = draft_ports(d);
	names_forget();
	return r;
}

static char *draft_text(const struct draft *d)
{
	size_t size;
	char *text = NULL;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return NULL;
	draft_print(d, f);
	if (fclose(f) == 0)
		return text;
	free(text);
	return NULL;
}

static int place(const struct draft *d, const struct options *o, const char *text,
		 char path[static SAVE_PATH_LEN])
{
	CLEANUP(lock_drop) struct lock lock = LOCK_NONE;
	int root = d->ctl->host.root;
	int r = save_path(root, &d->domain->guest, path);

	/* who edits it would not see what is written here */
	if (r == 0 && o->force)
		r = save_lock(&d->ctl->host, path, &lock);
	if (r == 0)
		r = save_text(root, path, text, o->force);
	if (r == -EBUSY)
		log_err("somebody is editing /" INI_FOLDER
			"/%s: nothing was written, try it again when that is over",
			path);
	else if (r == -EEXIST)
		log_err("/" INI_FOLDER
			"/%s is there already: virt-handoff edit %s changes it; --force writes a new one, and keeps this one as %s~",
			path, o->vm, path);
	else if (r < 0)
		log_err("/" INI_FOLDER "/%s cannot be written: %s", path, strerror(-r));
	return r;
}

/* in a line that begins with '!' the operator is asked something */
static void print_chosen(FILE *to, const char *chosen, bool asked_alone)
{
	const char *end;

	for (; *chosen; chosen = end + (*end == '\n')) {
		char text[1024];
		bool ask = *chosen == '!';

		end = chosen + strcspn(chosen, "\n");
		snprintf(text, sizeof(text), "%.*s", (int)(end - chosen - ask),
			 chosen + ask);
		if (asked_alone && !ask)
			continue;
		fprintf(to, "  %s- ", ask ? tone_begin(TONE_WARNING) : "");
		print_wrapped(to, 4, text);
		fputs(ask ? tone_end() : "", to);
	}
}

static int finish(const struct draft *d, const struct options *o, const char *chosen)
{
	CLEANUP(free_ptr) char *text = draft_text(d);
	char path[SAVE_PATH_LEN];

	if (!text) {
		log_errno(-ENOMEM, "%s", o->vm);
		return CTL_FAILED;
	}
	if (o->print) {
		fputs(text, stdout);
		print_chosen(stderr, chosen, true);
		return d->look ? CTL_LOOK : CTL_DONE;
	}
	if (place(d, o, text, path) < 0)
		return CTL_FAILED;
	printf("/" INI_FOLDER "/%s was written\n", path);
	print_chosen(stdout, chosen, false);
	printf("next: virt-handoff check %s\n", o->vm);
	return d->look ? CTL_LOOK : CTL_DONE;
}

static int run(struct ctl *c, const struct options *o)
{
	CLEANUP(domain_free) struct domain domain = { 0 };
	CLEANUP(free_ptr) char *chosen = NULL;
	struct draft d = { .ctl = c, .domain = &domain };
	char sentence[WHY_LEN];
	size_t size;
	int r;

	if (domain_read(c, o->vm, &domain, sentence) < 0) {
		log_err("%s", sentence);
		return CTL_FAILED;
	}
	d.chosen = open_memstream(&chosen, &size);
	r = d.chosen ? think(&d) : -ENOMEM;
	if (d.chosen && fclose(d.chosen) != 0 && r == 0)
		r = -ENOMEM;
	if (r < 0) {
		log_errno(r, "this host cannot be looked at");
		return CTL_FAILED;
	}
	return finish(&d, o, chosen);
}

int ctl_new(struct ctl *c, int argc, char *argv[])
{
	struct options o = { .vm = NULL };

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--force") == 0)
			o.force = true;
		else if (strcmp(argv[i], "--print") == 0)
			o.print = true;
		else if (argv[i][0] == '-' || o.vm)
			return ctl_usage("new VM [--force|--print]");
		else
			o.vm = argv[i];
	}
	return o.vm ? run(c, &o) : ctl_usage("new VM [--force|--print]");
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-status.c - virt-handoff status: who has which card, vGPU and port, and whether it is so */

#include "ctl-status.h"

#include "clock.h"
#include "file.h"
#include "log.h"
#include "text.h"
#include "worker.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define USAGE    "status [VM] [--watch | --prometheus]"
#define PAUSE_MS 1000
/* cursor to the upper left, and all from there on cleared; Source: console_codes(4) */
#define REDRAW "\033[H\033[J"

/**
 * struct asked - How status was called
 * @vm:      Borrowed. NULL: all
 */
struct asked {
	const char *vm;
	bool watch, prometheus;
};

static bool read_args(int argc, char *argv[], struct asked *a)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--watch") == 0)
			a->watch = true;
		else if (strcmp(argv[i], "--prometheus") == 0)
			a->prometheus = true;
		else if (argv[i][0] == '-' || a->vm)
			return false;
		else
			a->vm = argv[i];
	}
	/* metrics are of all, and asked for again by whoever collects them */
	return !a->prometheus || (!a->watch && !a->vm);
}

static int print(struct ctl *c, const struct asked *a, const struct status *s)
{
	const struct status_vm *vm = a->vm ? status_vm(s, a->vm) : NULL;
	bool trouble = vm ? vm->n_troubles > 0 : s->n_troubles > 0;
	int r;

	if (a->vm && !vm) {
		log_err("'%s' has no INI file, no ledger and no forwards: nothing of the host is handed to it; virt-handoff new %s writes a file",
			a->vm, a->vm);
		return CTL_FAILED;
	}
	if (a->prometheus)
		r = status_prometheus(s);
	else if (c->json)
		r = status_json(s, vm);
	else
		r = vm ? status_print_vm(&c->host, s, vm) : status_print(s);
	if (r < 0) {
		log_errno(r, "status");
		return CTL_FAILED;
	}
	/* a collector of metrics reads them in the text: for him it is done */
	return trouble && !a->prometheus ? CTL_LOOK : CTL_DONE;
}

static int reopen(struct host *h, const char *root)
{
	const struct kind *const *kinds = h->kinds;
	int r;

	host_close(h);
	r = host_open(h, root, kinds);
	return r < 0 ? log_errno(r, "%s", root) : 0;
}

static int look(struct ctl *c, const struct asked *a)
{
	char sentence[WHY_LEN];
	struct status s;
	int r;

	/* the run folder comes with the first VM, perhaps while this is watching */
	if (c->host.run < 0 && file_exists(c->host.root, "run/virt-handoff") &&
	    reopen(&c->host, c->root) < 0)
		return CTL_FAILED;
	worker_retry(&c->host);
	r = status_read(c, &s, sentence);
	if (r < 0) {
		log_err("%s", sentence);
		return CTL_FAILED;
	}
	r = print(c, a, &s);
	status_free(&s);
	return r;
}

/* until it is interrupted, or cannot be written any more */
static int watch(struct ctl *c, const struct asked *a)
{
	bool screen = isatty(STDOUT_FILENO);

	for (bool first = true;; first = false) {
		int r;

		if (screen)
			printf(REDRAW);
		else if (!first)
			putchar('\n');
		r = look(c, a);
		if (fflush(stdout) != 0 || r == CTL_FAILED)
			return CTL_FAILED;
		clock_sleep(PAUSE_MS);
	}
}

int ctl_status(struct ctl *c, int argc, char *argv[])
{
	struct asked a = { .vm = NULL };

	if (!read_args(argc, argv, &a))
		return ctl_usage(USAGE);
	return a.watch ? watch(c, &a) : look(c, &a);
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* import-rc.c - GPUs and vGPUs out of the commands of an rc.local */

#include "import-rc.h"

#include "import-device.h"
#include "text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Theory of operation
 *
 * Each command is either taken, or something is said of it, with its line: who moves from
 * an rc.local has to see what still has to stay there. Only words of the shell itself, and
 * programs that only look, are passed over: they do nothing to the host.
 */

#define INNER_MAX 16384 /* each script may have loops of its own */
#define ENOUGH    2 /* no more of a script is read */

typedef int rc_command(struct rc *x, const struct shell_word *w, size_t n);

int rc_left(struct rc *x, const char *format, ...)
{
	char what[WHY_LEN];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	return import_boot_say(x->b, IMPORT_LEFT, x->where, "%s", what);
}

static int said(struct rc *x, const char *what)
{
	return import_boot_say(x->b, IMPORT_SAID, x->where, "%s", what);
}

/* ---- programs ---- */

static int each_command(void *data, const struct shell_command *c);

/* sh -c 'echo 1 > FILE' */
static int take_shell(struct rc *x, const struct shell_word *w, size_t n)
{
	int r;

	if (n < 3 || strcmp(w[1].text, "-c") != 0 || w[2].unknown || x->nested)
		return rc_left(x, "it runs a script; look into that");
	x->nested = x->line;
	r = shell_each(w[2].text, strlen(w[2].text), each_command, x);
	x->nested = 0;
	if (r == ENOUGH)
		return rc_left(x,
			       "it runs a script with too many commands; look into that");
	return r ?: rc_drop_printed(x);
}

static int take_sleep(struct rc *x, const struct shell_word *w, size_t n)
{
	(void)w;
	(void)n;
	return said(
		x,
		"no longer needed for cards and vGPUs: what has to be there is waited for");
}

static int take_break(struct rc *x, const struct shell_word *w, size_t n)
{
	(void)w;
	(void)n;
	return import_boot_say(x->b, IMPORT_LOOK, x->where,
			       "all turns of the loop are taken, also those behind this");
}

static int take_virsh(struct rc *x, const struct shell_word *w, size_t n)
{
	if (n > 1 && strncmp(w[1].text, "nodedev-", 8) == 0)
		return rc_virsh_nodedev(x, w, n);
	return rc_left(x, "it is about something else; keep it");
}

static int take_iptables(struct rc *x, const struct shell_word *w, size_t n)
{
	(void)w;
	(void)n;
	return rc_left(x, "virt-handoff import iptables reads forwards");
}

/* where the parser sees no condition there may still be one: a function, a subshell */
static int take_exit(struct rc *x, const struct shell_word *w, size_t n)
{
	(void)w;
	(void)n;
	if (!x->command->maybe && !x->nested && !x->ended)
		x->ended = x->line;
	return RC_TAKEN;
}

/* Words of the shell that change nothing on the host */
static int take_nothing(struct rc *x, const struct shell_word *w, size_t n)
{
	(void)x;
	(void)w;
	(void)n;
	return RC_TAKEN;
}

/* What only looks; its output may go to a file all the same */
static int take_look(struct rc *x, const struct shell_word *w, size_t n)
{
	(void)w;
	(void)n;
	return x->command->out && strcmp(x->command->out->text, "/dev/null") != 0
		       ? rc_left(x, "it is about something else; keep it")
		       : RC_TAKEN;
}

static const struct {
	const char *names; /* blank-separated */
	rc_command *take;
	bool unknown; /* it looks after words that are not known */
} commands[] = {
	{ "echo printf", rc_echo, true },
	{ "tee", rc_tee, true },
	{ "cd", rc_cd, true },
	{ "sh bash dash", take_shell, true },
	{ "sriov-manage", rc_sriov_manage, false },
	{ "nvidia-smi", rc_nvidia_smi, false },
	{ "mdevctl", rc_mdevctl, false },
	{ "sleep", take_sleep, true },
	{ "break continue", take_break, true },
	{ "modprobe rmmod", rc_modprobe, false },
	{ "systemctl", rc_systemctl, false },
	{ "driverctl", rc_driverctl, false },
	{ "virsh", take_virsh, false },
	{ "iptables ip6tables", take_iptables, true },
	{ "exit", take_exit, true },
	{ "lspci lsmod ls cat dmesg uuidgen lsblk journalctl grep head tail wc",
	  take_look, true },
	{ "set true false : [ [[ test for case select return shift esac ! "
	  "unset local function",
	  take_nothing, true },
};

/* ---- commands ---- */

static int take_program(struct rc *x, const struct shell_word *w, size_t n)
{
	const char *slash = strrchr(w[0].text, '/');
	const char *name = slash ? slash + 1 : w[0].text;

	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		if (!text_has_word(commands[i].names, name))
			continue;
		for (size_t k = 0; k < n && !commands[i].unknown; k++)
			if (w[k].unknown)
				return rc_left(x,
					       "it has a value that is not in this text");
		return commands[i].take(x, w, n);
	}
	return rc_left(x, "it is about something else; keep it");
}

/* NAME=VALUE, and words that stand before a command */
static bool is_before(const struct shell_word *w)
{
	static const char words[] =
		"if then else elif fi while until do done { } sudo nohup exec export readonly time";
	const char *equals = strchr(w->text, '=');

	return text_has_word(words, w->text) ||
	       (equals && equals != w->text &&
		strspn(w->text,
		       "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") ==
			(size_t)(equals - w->text));
}

static int behind_exit(struct rc *x)
{
	return import_boot_say(
		x->b, IMPORT_LOOK, x->where,
		"it stands behind the exit of line %u, is taken all the same, and may never have been run",
		x->ended);
}

static int each_command(void *data, const struct shell_command *c)
{
	const struct shell_word *w = c->word;
	struct rc *x = data;
	size_t n = c->n;
	int r = 0;

	if (x->nested && ++x->inner > INNER_MAX)
		return ENOUGH;
	x->command = c;
	x->line = x->nested ?: c->line;
	snprintf(x->where, sizeof(x->where), "line %u: %s", x->line, c->text);
	if (c->problem)
		return rc_left(x, "%s", c->problem);
	while (n && is_before(w)) {
		w++;
		n--;
	}
	if (x->prints && !c->piped)
		r = rc_drop_printed(x);
	if (r || n == 0)
		return r;
	r = take_program(x, w, n);
	if (r == RC_TAKEN && c->maybe && !text_has_word("exit true", w[0].text))
		r = import_boot_say(x->b, IMPORT_LOOK, x->where,
				    "it stands under a condition, and is taken without");
	else if (r == RC_TAKEN && x->ended && x->ended != x->line)
		r = behind_exit(x);
	return r < 0 ? r : 0;
}

/* MIG mode alone is nothing that an INI file says: instances switch it on. */
static int check_mig(struct import_boot *b)
{
	char where[32];
	int r = 0;

	for (size_t i = 0; i < b->n_gpus && r == 0; i++) {
		snprintf(where, sizeof(where), "line %u", b->gpu[i].mig_line);
		if (b->gpu[i].mig_line && !*b->gpu[i].mig)
			r = import_boot_say(
				b, IMPORT_LOOK, where,
				"MIG is switched on, but no instances are made in this text; list them in mig");
	}
	return r;
}

int import_rc_local(struct import_boot *b, const char *text, size_t len)
{
	CLEANUP(free_ptr) struct rc *x = calloc(1, sizeof(*x));
	int r;

	if (!x)
		return -ENOMEM;
	x->b = b;
	r = shell_each(text, len, each_command, x);
	if (r == 0)
		r = rc_drop_printed(x);
	r = r ?: check_mig(b);
	return r ?: import_devices_end(b);
}

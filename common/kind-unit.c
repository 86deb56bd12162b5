// SPDX-License-Identifier: GPL-2.0-or-later
/* kind-unit.c - stop and start systemd units, by systemctl */

#include "kinds.h"

#include "child.h"
#include "text.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

/* libvirtd's AppArmor profile lets a hook execute what is in /usr/bin */
#define SYSTEMCTL "/usr/bin/systemctl"

static int systemctl(const struct host *h, const char *verb, const char *option,
		     const char *unit)
{
	const char *const argv[] = {
		SYSTEMCTL, "--no-ask-password", "--no-pager", option, verb, "--", unit,
		NULL,
	};

	return child_run(argv, h->deadline_ms, NULL, 0);
}

/* the value of a line "KEY=value" of what systemctl shows, or "" */
static const char *value_of(const char *shown, const char *key)
{
	const char *at = strstr(shown, key);

	return at ? at + strlen(key) : "";
}

static bool is_word(const char *value, const char *word)
{
	return strcspn(value, "\n") == strlen(word) &&
	       strncmp(value, word, strlen(word)) == 0;
}

/* @ret_runs: also when it is about to; @ret_job: something is to be done to it yet */
static int ask(const struct host *h, const char *unit, bool *ret_runs, bool *ret_job)
{
	const char *const argv[] = {
		SYSTEMCTL,
		"--no-ask-password",
		"--no-pager",
		"show",
		"--property=ActiveState",
		"--property=Job",
		"--",
		unit,
		NULL,
	};
	char shown[96];
	const char *state;
	int r = child_run(argv, h->deadline_ms, shown, sizeof(shown));

	if (r != 0)
		return r < 0 ? r : -EIO;
	state = value_of(shown, "ActiveState=");
	/* "deactivating" and "failed" do not run */
	*ret_runs = is_word(state, "active") || is_word(state, "activating") ||
		    is_word(state, "reloading");
	*ret_job = is_word(state, "active") &&
		   strtoul(value_of(shown, "Job="), NULL, 10) != 0;
	return 0;
}

static int unit_get(struct host *h, const char *target, char ret[static STATE_LEN])
{
	bool runs, job;
	int r = ask(h, target, &runs, &job);

	return r < 0 ? r : text_copy(ret, STATE_LEN, runs ? "active" : "inactive");
}

static int unit_set(struct host *h, const char *target, const char *state)
{
	bool start = strcmp(state, "active") == 0, runs, job;
	int r = ask(h, target, &runs, &job);

	/*
	 * A stop that was given up at its deadline, or whose caller was killed, still waits in
	 * systemd for others to stop first: a start takes its place, and waits as long
	 */
	if (r == 0 && start && job) {
		r = systemctl(h, "start", "--no-block", target);
		return r > 0 ? -EIO : r;
	}
	if (r < 0 || runs == start)
		return r;
	if (start)
		/* fails when there is nothing to reset */
		(void)systemctl(h, "reset-failed", "--quiet", target);
	r = systemctl(h, start ? "start" : "stop", "--quiet", target);
	if (r != 0)
		return r < 0 ? r : -EIO;
	r = ask(h, target, &runs, &job);
	if (r < 0)
		return r;
	/* a unit that does its work and ends is inactive after a successful start */
	return start || !runs ? 0 : -EIO;
}

static const char *unit_remedy(int r)
{
	switch (r) {
	case -EIO:
		return "systemctl status says why";
	case -ETIME:
		return "it did not answer in time; look at its TimeoutStopSec=, or set a longer deadline";
	case -ENOENT:
		return "there is no " SYSTEMCTL;
	default:
		return NULL;
	}
}

const struct kind kind_unit = {
	.name = "unit",
	.shared = true,
	.apart = true,
	.get = unit_get,
	.set = unit_set,
	.remedy = unit_remedy,
};

// SPDX-License-Identifier: GPL-2.0-or-later
/* kind-unit.c - stop and start systemd units, by systemctl */

#include "kinds.h"

#include "child.h"
#include "text.h"

#include <errno.h>
#include <string.h>
#include <sys/types.h>

/* libvirtd's AppArmor profile lets a hook execute what is in /usr/bin */
#define SYSTEMCTL "/usr/bin/systemctl"

static int systemctl(const struct host *h, const char *verb, const char *unit)
{
	const char *const argv[] = { SYSTEMCTL,    "--no-ask-password",
				     "--no-pager", "--quiet",
				     verb,         "--",
				     unit,         NULL };

	return child_run(argv, h->deadline_ms, NULL, 0);
}

static int unit_get(struct host *h, const char *target, char ret[static STATE_LEN])
{
	const char *const argv[] = {
		SYSTEMCTL,
		"--no-ask-password",
		"--no-pager",
		"show",
		"--property=ActiveState",
		"--value",
		"--",
		target,
		NULL,
	};
	char state[32];
	int r = child_run(argv, h->deadline_ms, state, sizeof(state));

	if (r != 0)
		return r < 0 ? r : -EIO;
	/*
	 * "activating" and "reloading" run already, or are about to; "deactivating" and
	 * "failed" do not
	 */
	if (strcmp(state, "active") == 0 || strcmp(state, "activating") == 0 ||
	    strcmp(state, "reloading") == 0)
		return text_copy(ret, STATE_LEN, "active");
	return text_copy(ret, STATE_LEN, "inactive");
}

static int unit_set(struct host *h, const char *target, const char *state)
{
	bool start = strcmp(state, "active") == 0;
	char now[STATE_LEN];
	int r = unit_get(h, target, now);

	if (r < 0 || strcmp(now, state) == 0)
		return r;
	if (start)
		/* fails when there is nothing to reset */
		(void)systemctl(h, "reset-failed", target);
	r = systemctl(h, start ? "start" : "stop", target);
	if (r != 0)
		return r < 0 ? r : -EIO;
	r = unit_get(h, target, now);
	if (r < 0)
		return r;
	/* a unit that does its work and ends is inactive after a successful start */
	return start || strcmp(now, state) == 0 ? 0 : -EIO;
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
	.get = unit_get,
	.set = unit_set,
	.remedy = unit_remedy,
};

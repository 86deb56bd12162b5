// SPDX-License-Identifier: GPL-2.0-or-later
/* network.c - libvirt's network hook: looks whether the forwards of running VMs still
 * stand */

/*
 * A network that starts puts its rules above ours, its bridge is a new one, and an update
 * may give a VM another address. The watch service runs this program too, when somebody
 * else has changed the firewall (`- watch firewall -`), or a lease, a reservation or an
 * INI file (`- watch files -`); it wants to know by the exit status whether anything was
 * done. When it gives up for a minute, it asks for what is safe without our rules
 * (`- watch quiet -`). What failed is run again with `again` as the last word.
 */

#include "base.h"
#include "book.h"
#include "file.h"
#include "forwarding.h"
#include "host.h"
#include "inherited.h"
#include "localnet.h"
#include "lock.h"
#include "log.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define EXIT_CHANGED 10
/* as for every change of forwards */
#define WAIT_MS 10000

static void log_sentence(enum log_level level, const char *sentence)
{
	log_line(level, "%s", sentence);
}

/*
 * The rule that keeps guests from what listens on 127.0.0.1 may go at any time, and nobody
 * puts it back: connections from 127.0.0.1 end, until the next repair.
 */
static int make_safe(struct host *h, const char *who, bool *ret_changed,
		     char ret_why[static WHY_LEN])
{
	CLEANUP(lock_drop) struct lock l = LOCK_NONE;
	int r = host_make_run(h);

	if (r < 0)
		snprintf(ret_why, WHY_LEN, "/run/virt-handoff cannot be made: %s",
			 file_why(r));
	else
		r = lock_take(h, BOOK_LOCK, who, WAIT_MS, &l, ret_why);
	if (r < 0)
		return r;
	r = localnet_set(h, NULL, 0, false);
	if (r < 0) {
		snprintf(ret_why, WHY_LEN, "route_localnet cannot be switched off: %s",
			 strerror(-r));
		return r;
	}
	*ret_changed = true;
	log_warning(
		"%s: forwards are not reached from 127.0.0.1 of the host until they are put right again: route_localnet is off",
		who);
	return 0;
}

static int repair(struct host *h, const char *who, bool reread, bool *ret_changed,
		  char ret_why[static WHY_LEN])
{
	const struct forwarding_report report = { log_sentence, who };
	int r = forwarding_repair(h, reread, &report, ret_changed, ret_why);

	if (r == 0 && *ret_changed)
		log_info("%s: forwards put right", who);
	return r;
}

/* @said: what is wrong is in the log already */
static int run(const char *who, const char *task, bool said, bool *ret_changed)
{
	char sentence[WHY_LEN] = "/ or /run/virt-handoff cannot be opened";
	struct host h;
	int r = host_open(&h, "/", NULL);

	if (r == 0 && strcmp(task, "quiet") == 0)
		r = make_safe(&h, who, ret_changed, sentence);
	else if (r == 0)
		r = repair(&h, who, strcmp(task, "firewall") != 0, ret_changed, sentence);
	if (r < 0 && !said)
		log_err("%s: forwards could not be put right: %s", who, sentence);
	host_close(&h);
	return r;
}

int main(int argc, char *argv[])
{
	char who[NAME_MAX + 64];
	bool changed = false, watch;
	int r;

	inherited_mend((const char *const[]){ NULL });
	if (argc < 4) {
		fprintf(stderr,
			"usage: %s NETWORK OPERATION SUB-OPERATION EXTRA, as libvirt calls a network hook\n",
			argv[0]);
		return 2;
	}
	umask(077);
	signal(SIGPIPE, SIG_IGN);
	log_open(LOG_SINK_SYSLOG, "virt-handoff", false);
	watch = strcmp(argv[2], "watch") == 0;
	if (watch)
		snprintf(who, sizeof(who), "watch for %s", argv[3]);
	else
		snprintf(who, sizeof(who), "%s of network %s", argv[2], argv[1]);
	r = run(who, watch ? argv[3] : "", argc > 4 && strcmp(argv[4], "again") == 0,
		&changed);
	/* libvirt would stop the network, or the VM that is given a port of it */
	return !watch ? 0 : r < 0 ? 1 : changed ? EXIT_CHANGED : 0;
}

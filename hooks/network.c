// SPDX-License-Identifier: GPL-2.0-or-later
/* network.c - libvirt's network hook: looks whether the forwards of running VMs still
 * stand */

/*
 * A network that starts puts its rules above ours, its bridge is a new one, and an update
 * may give a VM another address. The watch service runs this program too, when somebody
 * else has changed the firewall (`- watch firewall -`), or a lease, a reservation or an
 * INI file (`- watch files -`); it wants to know by the exit status whether anything was
 * done.
 */

#include "base.h"
#include "forwarding.h"
#include "host.h"
#include "log.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define EXIT_CHANGED 10

static void log_sentence(enum log_level level, const char *sentence)
{
	log_line(level, "%s", sentence);
}

static int repair(const char *who, bool reread, bool *ret_changed)
{
	const struct forwarding_report report = { log_sentence, who };
	char sentence[WHY_LEN] = "/ cannot be opened";
	struct host h;
	int r = host_open(&h, "/", NULL);

	if (r == 0)
		r = forwarding_repair(&h, reread, &report, ret_changed, sentence);
	if (r < 0)
		log_err("%s: forwards could not be put right: %s", who, sentence);
	else if (*ret_changed)
		log_info("%s: forwards put right", who);
	host_close(&h);
	return r;
}

int main(int argc, char *argv[])
{
	char who[NAME_MAX + 64];
	bool changed = false, watch;
	int r;

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
	r = repair(who, !watch || strcmp(argv[3], "files") == 0, &changed);
	/* libvirt would stop the network, or the VM that is given a port of it */
	return !watch ? 0 : r < 0 ? 1 : changed ? EXIT_CHANGED : 0;
}

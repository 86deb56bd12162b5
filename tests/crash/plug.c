// SPDX-License-Identifier: GPL-2.0-or-later
/* plug.c - what virt-handoff attach and detach do to the host, without libvirt */

/*
 * plug attach|detach ADDRESS; the VM's XML is on standard input. Between the two libvirt
 * would plug the function in, or have it let go; nothing of the host is changed there.
 */

#include "conf.h"
#include "file.h"
#include "guest.h"
#include "hotplug.h"
#include "kinds.h"
#include "lock.h"
#include "log.h"
#include "report.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int wait_for(const char *what, unsigned int ms)
{
	(void)what;
	(void)ms;
	return 0;
}

static int plug(struct host *h, const struct guest *g, bool attach, const struct bdf *b,
		char why_not[static WHY_LEN])
{
	const struct report rep = { report_log, wait_for, "plug" };
	CLEANUP(conf_vm_free) struct conf_vm conf = { 0 };
	CLEANUP(lock_drop) struct lock lock = LOCK_NONE;
	struct findings found;
	char kept[BDF_LEN];
	int r = conf_vm_find(h->root, g->name, g->uuid, &conf, why_not);

	if (r == 0)
		r = lock_take(h, g->uuid, rep.who, LOCK_WAIT_MS, &lock, why_not);
	if (r < 0)
		return r;
	return attach ? hotplug_take(h, g, &conf, b, &rep, &found, why_not)
		      : hotplug_give_back(h, g, b, &rep, kept, why_not);
}

int main(int argc, char *argv[])
{
	CLEANUP(free_ptr) char *xml = NULL;
	char why_not[WHY_LEN] = "";
	struct host h;
	struct guest g;
	struct bdf b;
	ssize_t n = file_read_all(STDIN_FILENO, GUEST_XML_MAX, &xml);
	int r;

	log_open(LOG_SINK_SYSLOG, "plug", false);
	if (argc != 3 || bdf_parse(argv[2], &b) < 0 || n < 0 ||
	    guest_parse(xml, (size_t)n, &g, why_not) < 0 ||
	    host_open(&h, "/", kinds_all) < 0)
		return 2;
	r = host_make_run(&h);
	if (r == 0)
		r = plug(&h, &g, strcmp(argv[1], "attach") == 0, &b, why_not);
	if (r < 0)
		dprintf(STDERR_FILENO, "%s\n", why_not);
	host_close(&h);
	guest_free(&g);
	return r < 0;
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-detach.c - virt-handoff detach: a running VM gives a card back */

#include "ctl.h"

#include "clock.h"
#include "ctl-plug.h"
#include "log.h"
#include "text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define POLL_MS 300
/* a guest that boots does not hear the first time; QEMU takes no second one for 5 s */
#define ASK_AGAIN_MS 10000
#define REFUSED_MS   7000
#define LET_GO_S     60
/* of a function that QEMU has open and libvirt does not know yet; it takes a second */
#define PLUGS_IN_S 20

/* Asks until it is gone; what libvirt says at first may be about an earlier request. */
static int ask_guest(struct plugging *p, unsigned int seconds)
{
	uint64_t begin_ms = clock_ms(), end_ms = begin_ms + seconds * 1000ull, next = 0;
	unsigned int id = p->id;
	char xml[WHY_LEN], refused[WHY_LEN];
	int r = plug_xml(p, xml), asked = 0;

	while (r == 0) {
		if (clock_ms() >= next) {
			asked = virt_domain_plug(p->virt, p->guest.uuid, xml, false,
						 refused);
			next = clock_ms() + (asked < 0 ? REFUSED_MS : ASK_AGAIN_MS);
			if (asked == -ENOTCONN) /* nobody has refused */
				next = asked = 0;
		}
		r = plug_read(p, p->guest.uuid);
		if (r < 0 || !plug_has(p) || p->id != id)
			return r;
		if (asked < 0 && clock_ms() > begin_ms + REFUSED_MS) {
			why(p->why, "%s", refused);
			return asked;
		}
		if (clock_left(end_ms) == 0)
			break;
		clock_pause(POLL_MS, end_ms);
	}
	why(p->why,
	    "the guest of %s has not let go of %s within %u s: it must run, and have a driver for PCI hot-plug; nothing was changed, ask again with --wait, or shut it down",
	    p->guest.name, p->name, seconds);
	return r < 0 ? r : -ETIME;
}

/* libvirt is about to plug in what an attach that was killed has asked for */
static bool comes(struct plugging *p)
{
	uint64_t end_ms = clock_ms() + PLUGS_IN_S * 1000ull;

	while (!plug_has_come(p)) {
		if (clock_left(end_ms) == 0)
			return false;
		clock_pause(POLL_MS, end_ms);
	}
	return true;
}

static int take_out(struct plugging *p, unsigned int seconds, bool *ret_had)
{
	bool had = plug_has(p);
	int r = had ? ask_guest(p, seconds) : 0;

	*ret_had = had;
	if (r < 0)
		return r;
	return plug_has(p) ? -EAGAIN : plug_give_back(p);
}

static int detach(struct plugging *p, unsigned int seconds)
{
	bool had;
	int r = take_out(p, seconds, &had);

	if (r == -EBUSY && !had && p->id && comes(p))
		r = take_out(p, seconds, &had);
	if (r == -EAGAIN && !p->id)
		why(p->why,
		    "%s has stopped; its XML has %s, so it is there again at the next start",
		    p->guest.name, p->name);
	else if (r == -EAGAIN)
		why(p->why, "%s was started again meanwhile, with %s", p->guest.name,
		    p->name);
	if (r < 0)
		log_err("%s", p->why);
	if (plug_settle(p) < 0 || r < 0)
		return CTL_FAILED;
	printf("%s does not have %s%s\n", p->guest.name, p->name, had ? " any more" : "");
	return CTL_DONE;
}

int ctl_detach(struct ctl *c, int argc, char *argv[])
{
	CLEANUP(plug_end) struct plugging p = { .c = c, .lock = LOCK_NONE };
	unsigned int ms = LET_GO_S * 1000;

	if (argc != 3 && (argc != 5 || strcmp(argv[3], "--wait") != 0 ||
			  text_duration(argv[4], &ms) < 0))
		return ctl_usage("detach VM ADDRESS [--wait TIME]");
	return plug_begin(&p, argv[0], argv[1], argv[2]) < 0
		       ? CTL_FAILED
		       : detach(&p, (ms + 999) / 1000);
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* qemu.c - libvirt's qemu hook: devices go to a VM before it starts, ports when it runs */

#include "base.h"
#include "clock.h"
#include "conf.h"
#include "file.h"
#include "forwarding.h"
#include "guest.h"
#include "handover.h"
#include "host.h"
#include "inherited.h"
#include "kinds.h"
#include "ledger.h"
#include "lock.h"
#include "log.h"
#include "pinned.h"
#include "report.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* what libvirt tells of: one VM at one moment */
struct event {
	struct host host;
	struct guest guest;
	struct lock lock;
	struct report report;
	const char *vm;
	pid_t daemon; /* who called us, before it may have been killed */
	char who[NAME_LEN + 32]; /* for those who wait for us */
	char why[WHY_LEN];
};

/*
 * libvirtd reads our standard error until we end. When it was killed there is no reader
 * any more, and the VM will not be started: what was taken must not stay taken until
 * somebody starts it again.
 */
static int wait_for(const char *what, unsigned int ms)
{
	static bool said;
	struct pollfd p = { .fd = STDERR_FILENO };

	if (ms > 0 && !said)
		log_info("waiting: %s", what);
	said |= ms > 0;
	return poll(&p, 1, (int)ms) > 0 && (p.revents & POLLERR) ? -ECANCELED : 0;
}

static void log_changed(const struct step *s, const char *now)
{
	log_warning(
		"%s %s: is %s, but was set to %s for the running VM; it will be left alone",
		s->kind, s->target, now, s->to);
}

static void log_findings(const struct findings *f)
{
	for (size_t i = 0; i < f->n; i++)
		log_line(f->finding[i].refuse ? LOG_LEVEL_ERR : LOG_LEVEL_WARNING, "%s",
			 f->finding[i].text);
}

static int lock_vm(struct event *e)
{
	int r = host_make_run(&e->host);

	if (r < 0) {
		why(e->why, "/run/virt-handoff cannot be made (%s): nothing was touched",
		    file_why(r));
		return r;
	}
	return lock_take(&e->host, e->guest.uuid, e->who, LOCK_WAIT_MS, &e->lock, e->why);
}

static void log_sentence(enum log_level level, const char *sentence)
{
	log_line(level, "%s", sentence);
}

static int claim_ports(struct event *e, const struct conf_vm *conf)
{
	const struct forwarding_report report = { log_sentence, e->who };

	if (wait_for("", 0) < 0) {
		why(e->why, "libvirt has gone away meanwhile: nothing was taken");
		return -ECANCELED;
	}
	return forwarding_claim(&e->host, &e->guest, conf, e->daemon, &report, e->why);
}

static int drop_forwards(struct event *e)
{
	const struct forwarding_report report = { log_sentence, e->who };

	return forwarding_stop(&e->host, e->vm, &report, e->why);
}

static int take(struct event *e, const struct conf_vm *conf)
{
	struct findings found = { 0 };
	uint64_t begin = clock_ms();
	int r = handover_take(&e->host, &e->guest, conf, &e->report, &found, e->why);

	log_findings(&found);
	if (r == 0)
		log_info("%s: handed over in %ju ms", e->vm,
			 (uintmax_t)(clock_ms() - begin));
	return r;
}

static int give_back(struct event *e)
{
	bool had = ledger_exists(&e->host, e->guest.uuid);
	uint64_t begin = clock_ms();
	int r = handover_give_back(&e->host, e->guest.uuid, &e->report, e->why);

	if (r == 0 && had)
		log_info("%s: given back in %ju ms", e->vm,
			 (uintmax_t)(clock_ms() - begin));
	return r;
}

static int prepare(struct event *e)
{
	CLEANUP(conf_vm_free) struct conf_vm conf = { 0 };
	char sentence[WHY_LEN];
	int asked =
		conf_vm_find(e->host.root, e->guest.name, e->guest.uuid, &conf, e->why);
	int r;

	if (asked == -ENOENT && e->host.run < 0)
		return 0;
	r = lock_vm(e);
	if (r == 0) /* what a killed daemon or an earlier failure left behind */
		r = give_back(e);
	if (r == 0)
		r = drop_forwards(e);
	if (r < 0)
		return r;
	/* the VM does not depend on it: what it needs besides is checked below, or by libvirt */
	if (pinned_bind(&e->host, &e->guest, sentence) < 0)
		log_warning("%s", sentence);
	if (asked < 0)
		return asked == -ENOENT ? 0 : asked;
	r = claim_ports(e, &conf);
	return r < 0 ? r : take(e, &conf);
}

static int started(struct event *e)
{
	const struct forwarding_report report = { log_sentence, e->who };

	return forwarding_start(&e->host, &e->guest, &report, e->why);
}

static int release(struct event *e)
{
	int r;

	if (e->host.run < 0 && !file_exists(e->host.root, "run/virt-handoff"))
		return 0;
	r = lock_vm(e);
	return r < 0 ? r : give_back(e);
}

static int reconnect(struct event *e)
{
	if (started(e) < 0)
		log_err("%s", e->why);
	return handover_verify(&e->host, e->guest.uuid, log_changed, e->why);
}

static const struct operation {
	const char *name, *sub;
	/* first, with nothing known but the VM's name: no XML can be in its way */
	int (*by_name)(struct event *e);
	int (*run)(struct event *e);
	/* a failure stops the VM; libvirt kills a running one when reconnect fails */
	bool refuses;
} operations[] = {
	{ "prepare", "begin", NULL, prepare, true },
	{ "started", "begin", NULL, started, false },
	{ "stopped", "end", drop_forwards, NULL, false },
	/* when `stopped` could not; devices are given back in any case */
	{ "release", "end", drop_forwards, release, false },
	{ "reconnect", "begin", NULL, reconnect, false },
};

static int read_guest(struct event *e)
{
	CLEANUP(free_ptr) char *xml = NULL;
	ssize_t n = file_read_all(STDIN_FILENO, GUEST_XML_MAX, &xml);
	int r;

	if (n < 0) {
		why(e->why, "the domain XML of %s cannot be read from libvirt: %s", e->vm,
		    strerror((int)-n));
		return (int)n;
	}
	r = guest_parse(xml, (size_t)n, &e->guest, e->why);
	if (r == 0 && strcmp(e->guest.name, e->vm) != 0) {
		why(e->why, "libvirt calls this VM %s, but its XML says %s", e->vm,
		    e->guest.name);
		r = -EINVAL;
	}
	return r;
}

/*
 * What was taken comes back also when the XML has grown past our bounds since, by devices
 * that were plugged in: the ledger is all that is needed for it.
 */
static int identify(struct event *e, const struct operation *op)
{
	int r = read_guest(e);

	if (r == 0 || op->refuses)
		return r;
	log_warning("%s", e->why);
	return ledger_uuid_of(&e->host, e->vm, e->guest.uuid);
}

/* what only lack of memory or descriptors can bring has no sentence of its own */
static int explained(struct event *e, int r)
{
	if (r < 0 && !e->why[0])
		why(e->why, "%s: %s", e->who, strerror(-r));
	return r;
}

static int run(struct event *e, const struct operation *op)
{
	int r = host_open(&e->host, "/", kinds_all);

	e->report =
		(struct report){ .step = report_log, .wait = wait_for, .who = e->who };
	if (r < 0)
		why(e->why, "/ cannot be opened: %s", strerror(-r));
	if (r == 0 &&
	    text_format(e->who, sizeof(e->who), "%s of %s", op->name, e->vm) < 0)
		r = -ENAMETOOLONG;
	if (r == 0 && op->by_name && explained(e, op->by_name(e)) < 0)
		log_err("%s of %s failed: %s", op->name, e->vm, e->why);
	if (r == 0 && op->run) {
		r = identify(e, op);
		if (r == 0)
			r = op->run(e);
	}
	(void)explained(e, r);
	lock_drop(&e->lock);
	host_close(&e->host);
	guest_free(&e->guest);
	return r;
}

static const struct operation *find_operation(const char *name, const char *sub)
{
	for (size_t i = 0; i < ARRAY_LEN(operations); i++)
		if (strcmp(operations[i].name, name) == 0 &&
		    strcmp(operations[i].sub, sub) == 0)
			return &operations[i];
	return NULL;
}

int main(int argc, char *argv[])
{
	struct event e = { .host = { .root = -1, .run = -1 }, .lock = LOCK_NONE };
	const struct operation *op;

	inherited_mend((const char *const[]){ NULL });
	if (argc < 4) {
		fprintf(stderr,
			"usage: %s VM OPERATION SUB-OPERATION EXTRA, as libvirt calls a qemu hook\n",
			argv[0]);
		return 2;
	}
	op = find_operation(argv[2], argv[3]);
	if (!op)
		return 0;
	umask(077);
	/* a daemon that was killed no longer reads what we say */
	signal(SIGPIPE, SIG_IGN);
	log_open(LOG_SINK_SYSLOG, "virt-handoff", false);
	e.vm = argv[1];
	e.daemon = getppid();
	if (run(&e, op) == 0)
		return 0;
	log_err("%s of %s failed: %s", op->name, e.vm, e.why);
	if (!op->refuses)
		return 0;
	fprintf(stderr, "%s\n", e.why);
	return 1;
}

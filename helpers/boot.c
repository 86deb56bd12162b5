// SPDX-License-Identifier: GPL-2.0-or-later
/* boot.c - at boot: virtual functions, MIG instances and the vGPUs of all VMs */

#include "boot.h"

#include "conf.h"
#include "file.h"
#include "handover.h"
#include "inherited.h"
#include "kinds.h"
#include "lock.h"
#include "log.h"
#include "policy-boot.h"
#include "report.h"
#include "running.h"
#include "vms.h"
#include "wishes.h"
#include "worker.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define CONF_DIR "etc/virt-handoff"
#define AGAIN_MS 2000 /* for a vGPU on a card that had no room for the one before */

/**
 * struct boot - One run
 * @host:    This machine
 * @lock:    LOCK_VGPUS
 * @conf:    host.ini
 * @vm:      Owned, @n_vms that have [vgpu] sections
 * @made:    What they ask for at boot, and where it is made
 * @later:   What they ask for when they start
 * @awaited: Cards that a VM names and no section of host.ini, @n_awaited
 * @failed:  How many things are not as they were asked for; each was said in a line
 */
struct boot {
	struct host host;
	struct lock lock;
	struct conf_host conf;
	struct vm *vm;
	size_t n_vms;
	struct wishes made, later;
	struct bdf awaited[GPUS_MAX];
	size_t n_awaited;
	unsigned int failed;
};

static int wait_ms(const char *what, unsigned int ms)
{
	(void)what;
	(void)ms;
	return 0;
}

static const struct report report = { report_log, wait_ms, "virt-handoff-boot" };

static void fail(struct boot *b, const char *sentence)
{
	log_err("%s", sentence);
	b->failed++;
}

static int begin(struct boot *b)
{
	CLEANUP(close_fd) int dir = -1;
	char sentence[WHY_LEN];
	int r = host_open(&b->host, "/", kinds_boot);

	if (r == 0)
		r = host_make_run(&b->host);
	if (r < 0) {
		log_err("/run/virt-handoff cannot be made (%s): nothing was touched",
			file_why(r));
		return r;
	}
	dir = openat(b->host.root, CONF_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return log_errno(-errno, "/" CONF_DIR " cannot be opened");
	r = conf_host_read(dir, &b->conf, sentence);
	if (r == 0)
		r = lock_take(&b->host, LOCK_VGPUS, report.who, LOCK_VGPUS_WAIT_MS,
			      &b->lock, sentence);
	if (r < 0)
		log_err("%s", sentence);
	b->host.deadline_ms = b->conf.vgpus.deadline_ms;
	if (b->conf.vgpus.sriov_manage[0])
		b->host.sriov_manage = b->conf.vgpus.sriov_manage;
	if (b->conf.vgpus.nvidia_smi[0])
		b->host.nvidia_smi = b->conf.vgpus.nvidia_smi;
	return r;
}

/*
 * Whoever is being started or stopped holds the lock of his VM, or has a daemon that goes on
 * with it. What is left behind under a daemon goes back at the VM's next start, or by
 * virt-handoff repair, which asks the daemon.
 */
static void give_back(struct boot *b, const struct ledger *l)
{
	CLEANUP(lock_drop) struct lock lock = LOCK_NONE;
	char sentence[WHY_LEN];

	if (lock_take(&b->host, l->uuid, report.who, 0, &lock, sentence) < 0 ||
	    running_vm(&b->host, l->name) || running_daemon(&b->host))
		return;
	log_info("%s runs no more, and was not given back", l->name);
	if (handover_give_back(&b->host, l->uuid, &report, sentence) < 0)
		fail(b, sentence);
}

/* What a VM left behind whose libvirtd was killed, and is not there again. */
static void give_back_leftovers(struct boot *b)
{
	CLEANUP(ledgers_free) struct ledgers all = { 0 };
	unsigned int deadline_ms = b->host.deadline_ms;
	char sentence[WHY_LEN];

	if (ledgers_read(&b->host, "", &all, sentence) < 0)
		fail(b, sentence);
	for (size_t i = 0; i < all.n; i++)
		give_back(b, &all.ledger[i]);
	if (ledgers_sweep(&b->host, report.who) < 0)
		fail(b, "/run/virt-handoff cannot be put in order");
	b->host.deadline_ms = deadline_ms;
}

static int add_vm(struct vm *vm, const char *sentence, void *data)
{
	struct boot *b = data;
	struct vm *more;

	if (!vm) {
		fail(b, sentence);
		return 0;
	}
	if (vm->conf.n_vgpus == 0)
		return 0;
	more = reallocarray(b->vm, b->n_vms + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	b->vm = more;
	b->vm[b->n_vms++] = *vm;
	*vm = (struct vm){ 0 };
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct vm *)a)->conf.shown,
		      ((const struct vm *)b)->conf.shown);
}

static int add_wishes(struct boot *b, const struct vm *vm)
{
	int r = wishes_add(&b->made, &vm->conf, &vm->guest, WISH_BOOT);

	return r < 0 ? r : wishes_add(&b->later, &vm->conf, &vm->guest, WISH_START);
}

static int read_vms(struct boot *b)
{
	int r = vms_each(&b->host, add_vm, b);

	if (b->n_vms > 0) /* the same order at every boot, whatever the folder says */
		qsort(b->vm, b->n_vms, sizeof(*b->vm), by_name);
	for (size_t i = 0; i < b->n_vms && r == 0; i++)
		r = add_wishes(b, &b->vm[i]);
	return r < 0 ? log_errno(r, "/" CONF_DIR "/vms cannot be read") : 0;
}

static int prepare_gpu(struct boot *b, const struct conf_gpu *gpu)
{
	CLEANUP(vgpus_free) struct vgpus seen = { 0 };
	CLEANUP(plan_free) struct plan plan = { 0 };
	char name[BDF_LEN], sentence[WHY_LEN];
	int r;

	bdf_format(&gpu->bdf, name);
	/* the driver may not be ready to answer for its types yet */
	r = vgpus_read_card(&b->host, name, &seen);
	if (r < 0)
		return log_errno(r, "GPU %s cannot be looked at", gpu->name);
	r = policy_boot(gpu, vgpus_card(&seen, name), &plan, sentence);
	if (r < 0) {
		log_err("%s", sentence);
		return r;
	}
	r = apply_plain(&b->host, &plan, &report, sentence);
	if (r < 0)
		log_err("host.ini:%u: [gpu %s]: %s", gpu->line, gpu->name, sentence);
	return r;
}

static bool is_awaited(const struct boot *b, const struct bdf *card)
{
	for (size_t i = 0; i < b->conf.n_gpus; i++)
		if (bdf_equal(&b->conf.gpu[i].bdf, card))
			return true;
	for (size_t i = 0; i < b->n_awaited; i++)
		if (bdf_equal(&b->awaited[i], card))
			return true;
	return false;
}

/* the card, also of a virtual function */
static bool find_card(const struct host *h, const char *gpu, struct bdf *ret)
{
	char path[PATH_LEN], name[BDF_LEN];

	if (bdf_parse(gpu, ret) < 0)
		return false;
	bdf_format(ret, name);
	if (text_format(path, sizeof(path), "sys/bus/pci/devices/%s/physfn", name) == 0 &&
	    file_link_name(h->root, path, name, sizeof(name)) == 0)
		return bdf_parse(name, ret) == 0;
	return true;
}

/* A card that need not be cut first needs no section, and its types come with its driver. */
static void find_awaited(struct boot *b)
{
	struct bdf card;

	for (size_t i = 0; i < b->made.n && b->n_awaited < GPUS_MAX; i++)
		if (find_card(&b->host, b->made.wish[i].conf->gpu, &card) &&
		    !is_awaited(b, &card))
			b->awaited[b->n_awaited++] = card;
}

/* Why it is not ready, its VMs are told when there is no place for their vGPUs. */
static void await(struct boot *b, const struct bdf *card)
{
	CLEANUP(vgpus_free) struct vgpus seen = { 0 };
	CLEANUP(plan_free) struct plan plan = { 0 };
	char name[BDF_LEN], unused[WHY_LEN];
	int r;

	bdf_format(card, name);
	r = vgpus_read_card(&b->host, name, &seen);
	if (r == 0 && vgpus_card(&seen, name))
		r = plan_add(&plan, "offer", name, "", "ready", true);
	if (r == 0)
		(void)!apply_plain(&b->host, &plan, &report, unused);
}

/* One card, in a child of its own: those of host.ini, then those that are only waited for. */
static int prepare(size_t i, void *data)
{
	struct boot *b = data;

	if (i < b->conf.n_gpus)
		return prepare_gpu(b, &b->conf.gpu[i]);
	await(b, &b->awaited[i - b->conf.n_gpus]);
	return 0;
}

static int make_one(struct boot *b, size_t i, bool dead)
{
	CLEANUP(plan_free) struct plan plan = { 0 };
	const struct place *p = &b->made.place[i];
	const struct wish *w = &b->made.wish[i];
	char sentence[WHY_LEN] = "out of memory";
	int r = dead ? -EHOSTDOWN : policy_vgpu(p, true, &plan);

	if (dead)
		why(sentence,
		    "not tried on %s, whose driver has failed with the one before: look there first; the start of the VM tries again",
		    p->parent);
	else if (r == 0)
		r = apply_plain(&b->host, &plan, &report, sentence);
	if (r < 0)
		log_err("%s:%u: [vgpu %s]: %s", w->file, w->conf->line, w->conf->name,
			sentence);
	return r;
}

/*
 * Those of one card, one after the other; cards side by side. A driver that refuses may be
 * asked for twelve seconds, and a card has up to 32 vGPUs: when it does not work at all, the
 * host must not wait for each of them, and when it has no room, not long.
 */
static int make_on_card(size_t card, void *data)
{
	struct boot *b = data;
	bool dead = false;
	int first = 0;

	for (size_t i = 0; i < b->made.n; i++) {
		const struct place *p = &b->made.place[i];
		int r;

		if (p->kind != PLACE_MAKE ||
		    vgpus_parent(&b->made.seen, p->parent)->card != card)
			continue;
		r = make_one(b, i, dead);
		dead |= r == -EIO || r == -ETIME;
		if ((r == -ENOSPC || r == -EBUSY) && b->host.deadline_ms > AGAIN_MS)
			b->host.deadline_ms = AGAIN_MS;
		first = first ?: r;
	}
	return first;
}

static void judge_places(struct boot *b)
{
	char sentence[WHY_LEN];

	for (size_t i = 0; i < b->later.n; i++)
		if (wish_is_shared(&b->later.wish[i], &b->made, sentence))
			fail(b, sentence);
	for (size_t i = 0; i < b->made.n; i++) {
		const struct place *p = &b->made.place[i];

		if (p->kind == PLACE_REFUSED)
			fail(b, p->why);
		else if (wish_has_owner(&b->host, &b->made.wish[i], p, sentence))
			log_warning("%s", sentence);
	}
}

static int make_vgpus(struct boot *b)
{
	CLEANUP(ledgers_free) struct ledgers ledgers = { 0 };
	char sentence[WHY_LEN];
	int r = ledgers_read(&b->host, "", &ledgers, sentence);

	b->made.later = &b->later;
	if (r == 0)
		r = wishes_place(&b->host, &b->conf, &ledgers, &b->made, sentence);
	if (r < 0) {
		fail(b, sentence);
		return r;
	}
	judge_places(b);
	worker_stop(&b->host); /* each child has one of its own */
	b->failed += in_parallel(b->made.seen.n_cards, make_on_card, b);
	return 0;
}

static void end(struct boot *b)
{
	lock_drop(&b->lock);
	host_close(&b->host);
	wishes_free(&b->made);
	wishes_free(&b->later);
	for (size_t i = 0; i < b->n_vms; i++)
		vm_free(&b->vm[i]);
	free(b->vm);
}

int main(void)
{
	struct boot b = { .host = { .root = -1, .run = -1 }, .lock = LOCK_NONE };

	inherited_mend((const char *const[]){ "JOURNAL_STREAM", NULL });
	umask(077);
	signal(SIGPIPE, SIG_IGN);
	log_open(LOG_SINK_STDERR, "virt-handoff-boot", false);
	if (begin(&b) == 0) {
		int r;

		give_back_leftovers(&b);
		r = read_vms(&b);
		find_awaited(&b);
		worker_stop(&b.host); /* each child has one of its own */
		b.failed += in_parallel(b.conf.n_gpus + b.n_awaited, prepare, &b);
		if (r < 0 || make_vgpus(&b) < 0)
			b.failed++;
	} else {
		b.failed++;
	}
	end(&b);
	return b.failed ? 1 : 0;
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* soak.c - 16 VMs start and stop at random on 8 cards, several at once; after each round the host is as they need it */

/*
 * Theory of operation
 *
 * Each VM wants one to three of the cards, so that they collide, and some of what several
 * want: a unit that has to be stopped, a module that has to be unloaded, a port. In a round
 * two to four VMs that were drawn are started (when they are off) or stopped (when they
 * run), side by side, each by a process of its own that calls the hook as libvirtd does
 * (libvirt.c), or by virsh (--real).
 *
 * What comes out of a round depends on who came first. So it is not foretold but judged: a
 * start may fail only when somebody else had, or wanted in this round, what it wants, and
 * must name one of those; two that run never have the same. Then the model is what came
 * out, and the host must agree with it, looked at without any code of the suite (look.c).
 */
#include "look.h"
#include "soak.h"

#include <dirent.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define SIDE_MAX 4
/* udev brings a card's driver back, the watch looks after the firewall: both by themselves */
#define SETTLE_MS 60000

struct vm vms[VMS_MAX];
static bool real;

struct sum sum;

/* ---- one action, in a process of its own ---- */

static int virsh(const char *verb, const struct vm *v, struct text *said)
{
	return run_quietly(said, "/usr/bin/virsh", "-q", verb, v->name, NULL);
}

static bool is_off(const struct vm *v)
{
	struct text state = { 0 };
	bool off;

	virsh("domstate", v, &state);
	off = state.s && strstr(state.s, "shut off");
	text_free(&state);
	return off;
}

/* the firmware may not listen yet: it is asked until it has heard */
static int shut_down(const struct vm *v, struct text *said)
{
	double end = now_ms() + SETTLE_MS;

	while (!is_off(v) && now_ms() < end) {
		virsh("shutdown", v, said);
		sleep_ms(1000);
	}
	return is_off(v) ? 0 : virsh("destroy", v, said);
}

static int act_real(const struct action *a, struct text *said)
{
	if (a->act == STOP)
		return a->softly ? shut_down(a->v, said) : virsh("destroy", a->v, said);
	return virsh("start", a->v, said) == 0 ? 0 : REFUSED;
}

static int act_played(const struct action *a, struct text *said)
{
	if (a->act == STOP)
		return vm_stop(a->v, said) ? 0 : 1;
	return vm_start(a->v, a->act == START_BROKEN, said);
}

static void action_begin(struct action *a)
{
	struct text said = { 0 };
	int up[2], status;

	if (pipe(up) < 0)
		fail("no pipe");
	a->begun = now_ms();
	a->pid = fork();
	if (a->pid != 0) {
		close(up[1]);
		a->from = up[0];
		return;
	}
	status = real ? act_real(a, &said) : act_played(a, &said);
	if (said.s && write(up[1], said.s, said.len) < 0)
		status = 1;
	_exit(status);
}

static void action_end(struct action *a)
{
	char buf[4096];
	ssize_t n;
	int status;

	while ((n = read(a->from, buf, sizeof(buf))) > 0)
		text_add(&a->said, "%.*s", (int)n, buf);
	close(a->from);
	waitpid(a->pid, &status, 0);
	a->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	if (a->act == STOP)
		sum.stop_ms += now_ms() - a->begun;
	else if (a->status == 0)
		sum.start_ms += now_ms() - a->begun;
}

/* ---- rounds ---- */

static void accept(const struct action *x)
{
	x->v->runs = x->act != STOP && x->status == 0;
	for (size_t k = 0; k < x->v->n_want; k++)
		if (x->act != STOP && x->status != REFUSED && !x->v->gives_back)
			cards[x->v->want[k]].stays = true;
}

static void check(const char *when)
{
	double end = now_ms() + SETTLE_MS;
	struct text wrong = { 0 };
	unsigned int looks = 0;

	while (look_differs(vms, VMS_MAX, !real, &wrong) && now_ms() < end) {
		looks++;
		text_free(&wrong);
		sleep_ms(300);
	}
	sum.second_looks += looks > 0;
	if (wrong.s)
		fail("after %s: %s", when, wrong.s);
}

static void run_side_by_side(struct action *a, size_t n)
{
	for (size_t i = 0; i < n; i++)
		action_begin(&a[i]);
	for (size_t i = 0; i < n; i++)
		action_end(&a[i]);
	for (size_t i = 0; i < n; i++)
		judge(&a[i], a, n);
	for (size_t i = 0; i < n; i++) {
		accept(&a[i]);
		text_free(&a[i].said);
	}
}

static bool is_drawn(const struct vm *v, const struct action *a, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (a[i].v == v)
			return true;
	return false;
}

static void one_round(void)
{
	struct action a[SIDE_MAX] = { 0 };
	size_t n = 2 + chance(SIDE_MAX - 1);

	for (size_t i = 0; i < n; i++) {
		do
			a[i].v = &vms[chance(VMS_MAX)];
		while (is_drawn(a[i].v, a, i));
		a[i].softly = chance(2);
		a[i].act = a[i].v->runs               ? STOP
			   : !real && chance(12) == 0 ? START_BROKEN
						      : START;
	}
	run_side_by_side(a, n);
}

static void give_to_host(bool all)
{
	for (size_t c = 0; c < CARDS; c++)
		if (cards[c].stays && is_free(c) && (all || chance(4) == 0)) {
			yard_give_to_host(&cards[c]);
			sum.by_hand++;
		}
}

static void stop_all(void)
{
	for (;;) {
		struct action a[SIDE_MAX] = { 0 };
		size_t n = 0;

		for (size_t i = 0; i < VMS_MAX && n < SIDE_MAX; i++)
			if (vms[i].runs)
				a[n++] = (struct action){ .v = &vms[i], .act = STOP };
		if (n == 0)
			break;
		run_side_by_side(a, n);
	}
	give_to_host(true);
}

static size_t open_files(const char *pid)
{
	char path[64];
	size_t n = 0;
	DIR *d;

	snprintf(path, sizeof(path), "/proc/%.16s/fd", pid);
	d = opendir(path);
	while (d && readdir(d))
		n++;
	if (d)
		closedir(d);
	return n;
}

/* the one program of the suite that goes on: what it has open, and its memory */
static void look_at_watch(void)
{
	struct text pid = { 0 }, status = { 0 };
	char path[64];
	const char *rss;
	long fds;

	run_quietly(&pid, "/usr/bin/systemctl", "show", "-P", "MainPID",
		    "virt-handoff-watch.service", NULL);
	pid.s[strcspn(pid.s, "\n")] = '\0';
	snprintf(path, sizeof(path), "/proc/%.16s/status", pid.s);
	fds = (long)open_files(pid.s);
	sum.watch_fds = fds > sum.watch_fds ? fds : sum.watch_fds;
	if (text_read(&status, path) && (rss = strstr(status.s, "VmRSS:"))) {
		long kb = atol(rss + 6);

		sum.watch_kb = kb > sum.watch_kb ? kb : sum.watch_kb;
	}
	text_free(&pid);
	text_free(&status);
}

static void soak(unsigned int rounds)
{
	size_t files = open_files("self");
	bool proved = false;
	char when[32];

	for (unsigned int i = 1; i <= rounds; i++) {
		give_to_host(false);
		one_round();
		snprintf(when, sizeof(when), "round %u", i);
		check(when);
		if (!proved && prove(!real)) {
			proved = true;
			check("what was done on purpose");
		}
		if (open_files("self") != files)
			fail("after %s: %zu files are open here, %zu at first", when,
			     open_files("self"), files);
		if (i % 10 == 0) {
			look_at_watch();
			printf("%u rounds: %u starts, %u refused, %u stops\n", i,
			       sum.starts, sum.refused, sum.stops);
		}
	}
	stop_all();
	check("the last stop");
	if (!proved)
		printf("not proved that look and judge notice anything: in no round there was a port and a free card\n");
}

int main(int argc, char *argv[])
{
	static const struct option longs[] = {
		{ "rounds", required_argument, NULL, 'n' },
		{ "seed", required_argument, NULL, 's' },
		{ "real", no_argument, NULL, 'r' },
		{ NULL, 0, NULL, 0 },
	};
	unsigned int rounds = 10;
	uint64_t seed = 1;
	int opt;

	setvbuf(stdout, NULL, _IONBF, 0);
	while ((opt = getopt_long(argc, argv, "", longs, NULL)) != -1)
		if (opt == 'n')
			rounds = (unsigned int)atoi(optarg);
		else if (opt == 's')
			seed = strtoull(optarg, NULL, 0);
		else if (opt == 'r')
			real = true;
		else
			return 2;
	chance_seed(seed);
	/* what a program leaves behind becomes a child of this one, and is seen */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	yard_disk = real ? "/var/lib/libvirt/images/soak.img" : NULL;
	yard_find_cards(CARDS);
	n_cards = CARDS;
	for (unsigned int i = 0; i < VMS_MAX; i++)
		draw_vm(&vms[i], i);
	yard_open();
	yard_define(vms, VMS_MAX);
	check("the beginning");
	soak(rounds);
	yard_forget(vms, VMS_MAX);
	yard_close();
	printf("%s: seed %ju, %u rounds: %u starts (%.0f ms), %u refused, %u whose QEMU failed, %u stops (%.0f ms), %u times a card by hand\n",
	       real ? "virsh" : "libvirtd played", (uintmax_t)seed, rounds, sum.starts,
	       sum.starts ? sum.start_ms / sum.starts : 0, sum.refused, sum.broken,
	       sum.stops, sum.stops ? sum.stop_ms / sum.stops : 0, sum.by_hand);
	printf("looked twice after %u rounds; the watch: at most %ld files, %ld kB\n",
	       sum.second_looks, sum.watch_fds, sum.watch_kb);
	return 0;
}

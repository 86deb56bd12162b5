// SPDX-License-Identifier: GPL-2.0-or-later
/* kills.c - programs of the suite are killed at random moments; the way out puts all back, and nobody else notices */

/*
 * Theory of operation
 *
 * A VM, the bystander, has a card, a port, a unit and a module all the time. The scenes
 * (kills-cases.c) are events of another VM, the victim, which wants the same unit and module,
 * and more. In each the program is killed (SIGKILL, alone, not what it has started) after a
 * time that is drawn evenly over how long the event takes; then one of the ways out is
 * gone, and the host must be as it was, to the last file in /run/virt-handoff but those in
 * lock/, which nobody may hold.
 *
 * Where a kill has hit is told in two ways: which tenth of the event, and what was written
 * down by then.
 */
#include "kills-events.h"
#include "look.h"
#include "spoil.h"

#include <dirent.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <unistd.h>

#define SCENES_MAX 32
#define TENTHS     10
#define SETTLE_MS  60000

enum left { NOTHING, PORTS, BETWEEN, IN_STEP, N_LEFT };

/**
 * struct tally - What came of one scene
 * @ms:      How long it takes; follows what the machine is busy with besides
 * @killed, @ended: How often it was killed, or had ended before
 * @tenth:   Of those killed, in which tenth
 * @left:    What was written down by then
 */
struct tally {
	double ms;
	unsigned int killed, ended, tenth[TENTHS], left[N_LEFT];
};

static struct tally tallies[SCENES_MAX];
static struct text first;

static size_t count_lines(const struct text *t, const char *begin)
{
	char word[32];
	size_t n = 0;

	snprintf(word, sizeof(word), "\n%s ", begin);
	for (const char *p = t->s; p && (p = strstr(p, word)); p++)
		n++;
	return n;
}

static enum left what_is_left(void)
{
	struct text ledger = { 0 };
	enum left left = PORTS;
	char path[128];

	snprintf(path, sizeof(path), STATE "/ledger/%s", victim.uuid);
	if (text_read(&ledger, path)) {
		left = count_lines(&ledger, "will") != count_lines(&ledger, "did") ||
				       count_lines(&ledger, "back") >
					       count_lines(&ledger, "undid")
			       ? IN_STEP
			       : BETWEEN;
	} else {
		snprintf(path, sizeof(path), STATE "/forwards/%s", victim.name);
		if (access(path, F_OK) != 0)
			left = NOTHING;
	}
	text_free(&ledger);
	return left;
}

/* a lock is a file that somebody holds; the file itself stays when who held it was killed */
static bool is_held(struct text *ret)
{
	DIR *d = opendir(STATE "/lock");
	struct dirent *e;
	bool held = false;

	while (d && (e = readdir(d))) {
		int fd = openat(dirfd(d), e->d_name, O_RDONLY | O_CLOEXEC);

		if (e->d_name[0] != '.' && fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0) {
			text_add(ret, "somebody holds the lock %s\n", e->d_name);
			held = true;
		}
		if (fd >= 0)
			close(fd);
	}
	if (d)
		closedir(d);
	return held;
}

/* @one: VMs that shall run, played */
static bool differs(const char *before, size_t vms, struct text *ret)
{
	struct text now = { 0 };
	bool bad;

	look_whole(&now);
	bad = look_changed(before, now.s, ret);
	text_free(&now);
	if (look_children() != vms) {
		text_add(ret, "%zu processes below this one, should be %zu\n",
			 look_children(), vms);
		bad = true;
	}
	return is_held(ret) || bad;
}

/* what a killed program has begun, and systemd or the kernel ends, may take its time */
static void compare(const char *before, size_t vms, const char *what)
{
	double end = now_ms() + SETTLE_MS;
	struct text wrong = { 0 };

	while (differs(before, vms, &wrong) && now_ms() < end) {
		text_free(&wrong);
		sleep_ms(300);
	}
	if (wrong.s)
		fail("%s: the host is not as before\n%s", what, wrong.s);
}

/* what is done on purpose must be noticed, or nothing that is not noticed says anything */
static void prove(void)
{
	spoil_card = &cards[3];
	for (size_t i = 0; i < n_spoils; i++) {
		struct text wrong = { 0 };

		spoils[i].make();
		if (!differs(first.s, 1, &wrong))
			fail("%s is not noticed", spoils[i].what);
		spoils[i].mend();
		text_free(&wrong);
	}
	compare(first.s, 1, "what was done on purpose");
}

/* files of locks, and what else the next event was to remove or to use again */
static void leave_nothing(void)
{
	struct text said = { 0 };
	struct dirent *e;
	DIR *d;

	if (!is_started(&said) || !vm_stop(&victim, &said))
		fail("in the end, a start and a stop: %s", said.s ?: "");
	compare(first.s, 1, "a start and a stop in the end");
	d = opendir(STATE "/lock");
	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.')
			fail("the file " STATE "/lock/%s is left", e->d_name);
	if (d)
		closedir(d);
	text_free(&said);
}

static const struct way *draw_way(const struct scene *s)
{
	unsigned int n = 0;

	while (n < WAYS_MAX && s->way[n].go)
		n++;
	return &s->way[chance(n)];
}

/* @ms: when it is killed; negative: never. Returns how long the event took */
static double play(size_t at, double ms)
{
	const struct scene *s = &scenes[at];
	const struct way *way = draw_way(s);
	struct text mid = { 0 }, said = { 0 };
	char what[128];
	double begin;
	int r;

	snprintf(what, sizeof(what), "%s, %s %.0f ms, then %s", s->name,
		 ms < 0 ? "not killed," : "killed after", ms, way->name);
	if (s->begin && !s->begin(&said))
		fail("what comes before %s: %s", s->name, said.s ?: "");
	if (s->mid)
		look_whole(&mid);
	begin = now_ms();
	r = s->event(ms, &said);
	begin = now_ms() - begin;
	if (r != 0 && r != -9)
		fail("%s ends with %d: %s", what, r, said.s ?: "");
	if (r == -9) {
		unsigned int tenth = (unsigned int)(ms * TENTHS / tallies[at].ms);

		tallies[at].killed++;
		tallies[at].tenth[tenth < TENTHS ? tenth : TENTHS - 1]++;
		tallies[at].left[what_is_left()]++;
		tallies[at].ms *= 1.01;
	} else if (ms >= 0) {
		tallies[at].ended++;
		tallies[at].ms -= (tallies[at].ms - begin) / 2;
	}
	text_free(&said);
	if (!way->go(&said))
		fail("%s: that fails: %s", what, said.s ?: "");
	if (s->mid)
		compare(mid.s, 2, what);
	if (s->end && !s->end(&said))
		fail("%s, in the end: %s", what, said.s ?: "");
	compare(first.s, 1, what);
	text_free(&mid);
	text_free(&said);
	return begin;
}

static unsigned int report(void)
{
	unsigned int all = 0;

	printf("killed in: kills (ended before), of ms; in each tenth; nothing written yet, ports, between steps, in a step\n");
	for (size_t i = 0; i < n_scenes; i++) {
		const struct tally *t = &tallies[i];

		if (!t->killed && !t->ended)
			continue;
		all += t->killed;
		printf("%s: %u (%u), %.0f;", scenes[i].name, t->killed, t->ended, t->ms);
		for (size_t k = 0; k < TENTHS; k++)
			printf(" %u", t->tenth[k]);
		printf("; %u, %u, %u, %u\n", t->left[NOTHING], t->left[PORTS],
		       t->left[BETWEEN], t->left[IN_STEP]);
	}
	return all;
}

static void kill_all(unsigned int kills, bool measure)
{
	for (size_t i = 0; i < n_scenes; i++) {
		tallies[i].ms = scenes[i].ms;
		if (measure)
			tallies[i].ms = play(i, -1);
	}
	for (unsigned int n = 0, turn = chance((unsigned int)n_scenes); n < kills;
	     turn++) {
		size_t i = turn % n_scenes;
		unsigned int before = tallies[i].killed;

		play(i, tallies[i].ms * chance(10000) / 10000);
		n += tallies[i].killed > before;
		if (turn % n_scenes == 0)
			printf("%u kills\n", n);
	}
}

int main(int argc, char *argv[])
{
	static const struct option longs[] = {
		{ "kills", required_argument, NULL, 'n' },
		{ "seed", required_argument, NULL, 's' },
		{ "measure", no_argument, NULL, 'm' },
		{ NULL, 0, NULL, 0 },
	};
	unsigned int kills = 6;
	bool measure = false;
	uint64_t seed = 1;
	int opt;

	setvbuf(stdout, NULL, _IONBF, 0);
	while ((opt = getopt_long(argc, argv, "", longs, NULL)) != -1)
		if (opt == 'n')
			kills = (unsigned int)atoi(optarg);
		else if (opt == 's')
			seed = strtoull(optarg, NULL, 0);
		else if (opt == 'm')
			measure = true;
		else
			return 2;
	chance_seed(seed);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	yard_find_cards(6);
	scenes_begin();
	look_whole(&first);
	prove();
	kill_all(kills, measure);
	leave_nothing();
	printf("seed %ju: %u kills\n", (uintmax_t)seed, report());
	scenes_end();
	return 0;
}

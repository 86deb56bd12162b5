// SPDX-License-Identifier: GPL-2.0-or-later
/* soak-prove.c - look and judge notice what they are for: it is done on purpose, in each run */

#include "look.h"
#include "soak.h"
#include "spoil.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- the look at the host ---- */

static bool find_scene(void)
{
	bool port = false;

	spoil_card = NULL;
	for (size_t i = 0; i < VMS_MAX; i++)
		port |= vms[i].runs && vms[i].port;
	for (size_t c = 0; c < CARDS; c++)
		if (is_free(c) && !cards[c].stays)
			spoil_card = &cards[c];
	return port && spoil_card;
}

/* it would put the forwards right */
static void watch(const char *verb)
{
	if (run_quietly(NULL, "/usr/bin/systemctl", "-q", verb, "virt-handoff-watch.path",
			NULL) != 0)
		fail("systemctl %s virt-handoff-watch.path", verb);
	if (verb[2] == 'o')
		run_quietly(NULL, "/usr/bin/systemctl", "-q", verb,
			    "virt-handoff-watch.service", NULL);
}

static void must_notice(const char *what, bool played)
{
	struct text wrong = { 0 };

	if (!look_differs(vms, VMS_MAX, played, &wrong))
		fail("%s is not noticed", what);
	text_free(&wrong);
}

/* the host is right, and what is said of it is wrong: somebody has what he should not have */
static void prove_owner(bool played)
{
	for (size_t i = 0; i < VMS_MAX; i++) {
		if (!vms[i].runs)
			continue;
		vms[i].runs = false;
		must_notice("a VM that has what it should not have", played);
		vms[i].runs = true;
		return;
	}
}

/* ---- the judge ---- */

/* it says FAIL and ends the program: so another one asks it */
static void must_object(const char *what, const struct action *a, size_t n)
{
	pid_t pid = fork();
	int status = 0;

	if (pid == 0) {
		dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), 1);
		judge(&a[0], a, n);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0 || status == 0)
		fail("%s is not objected to", what);
}

static void prove_judge(struct vm *one, struct vm *other)
{
	struct action a[2] = { { .v = one, .act = START }, { .v = other, .act = START } };
	bool was = other->runs;

	must_object("two that want the same and were both started", a, 2);
	a[0].status = REFUSED;
	must_object("a refusal without reason", a, 1);
	a[0].act = STOP;
	a[0].status = 1;
	must_object("a stop that failed", a, 1);
	other->runs = true;
	a[0] = (struct action){ .v = one, .act = START };
	must_object("a start of one that wants what another one has", a, 1);
	a[0].status = REFUSED;
	text_add(&a[0].said, "somebody has it");
	must_object("a refusal without the name of who has it", a, 1);
	text_free(&a[0].said);
	other->runs = was;
}

static void with_two_that_collide(void)
{
	bool runs[VMS_MAX];

	for (size_t i = 0; i < VMS_MAX; i++) {
		runs[i] = vms[i].runs;
		vms[i].runs = false;
	}
	for (size_t i = 1; i < VMS_MAX; i++)
		if (collide(&vms[0], &vms[i])) {
			prove_judge(&vms[0], &vms[i]);
			break;
		}
	for (size_t i = 0; i < VMS_MAX; i++)
		vms[i].runs = runs[i];
}

bool prove(bool played)
{
	if (!find_scene())
		return false;
	watch("stop");
	for (size_t i = 0; i < n_spoils; i++) {
		spoils[i].make();
		must_notice(spoils[i].what, played);
		spoils[i].mend();
	}
	prove_owner(played);
	with_two_that_collide();
	watch("start");
	return true;
}

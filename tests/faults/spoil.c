// SPDX-License-Identifier: GPL-2.0-or-later
/* spoil.c - what a look at the host must notice: each thing is done on purpose, and taken back */

#include "spoil.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#define LEDGER  STATE "/ledger/50a40000-0000-4000-8000-000000000099"
#define HALF    STATE "/forwards.new"
#define LOCK    STATE "/lock/host"
#define FORWARD "{ tcp . 12399 : 192.168.122.99 . 22 }"

const struct card *spoil_card;
static pid_t child;
static int lock = -1;

static void put(const char *path, const char *value)
{
	int r = file_put(path, value);

	if (r < 0)
		fail("%s: %s", path, strerror(-r));
}

static void attribute(int function, const char *name, const char *value)
{
	char path[128];

	snprintf(path, sizeof(path), DEVICES "/%s/%s",
		 yard_function(spoil_card, function), name);
	put(path, value);
}

static void run(const char *program, const char *a, const char *b)
{
	struct text said = { 0 };

	if (run_quietly(&said, program, a, b, NULL) != 0)
		fail("%s %s %s: %s", program, a, b, said.s ?: "");
	text_free(&said);
}

static void set_override(void)
{
	attribute(1, "driver_override", "vfio-pci\n");
}

static void clear_override(void)
{
	attribute(1, "driver_override", "\n");
}

static void unbind(void)
{
	attribute(0, "driver/unbind", yard_function(spoil_card, 0));
}

static void bind(void)
{
	put("/sys/bus/pci/drivers_probe", yard_function(spoil_card, 0));
}

static void turn_d3cold(void)
{
	attribute(0, "d3cold_allowed", spoil_card->d3cold[0] == '1' ? "0" : "1");
}

static void turn_d3cold_back(void)
{
	attribute(0, "d3cold_allowed", spoil_card->d3cold);
}

/* whatever it should be now, it is the other way round then */
static void turn_unit(void)
{
	bool active = run_quietly(NULL, "/usr/bin/systemctl", "-q", "is-active",
				  shared_units[1], NULL) == 0;

	run("/usr/bin/systemctl", active ? "stop" : "start", shared_units[1]);
}

static void turn_module(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/module/%s", shared_modules[1]);
	run(access(path, F_OK) == 0 ? "/sbin/rmmod" : "/sbin/modprobe", "-s",
	    shared_modules[1]);
}

static void add_forward(void)
{
	run("/usr/sbin/nft", "add element inet virt_handoff any4", FORWARD);
}

static void delete_forward(void)
{
	run("/usr/sbin/nft", "delete element inet virt_handoff any4", FORWARD);
}

static void leave_ledger(void)
{
	put(LEDGER, "");
}

static void remove_ledger(void)
{
	unlink(LEDGER);
}

static void leave_half(void)
{
	put(HALF, "");
}

static void remove_half(void)
{
	unlink(HALF);
}

static void hold_lock(void)
{
	lock = open(LOCK, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (lock < 0 || flock(lock, LOCK_EX | LOCK_NB) < 0)
		fail(LOCK " cannot be had");
}

static void drop_lock(void)
{
	unlink(LOCK);
	close(lock);
}

static void leave_process(void)
{
	child = fork();
	while (child == 0)
		pause();
}

static void end_process(void)
{
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

const struct spoil spoils[] = {
	{ "an override that nobody wants", set_override, clear_override },
	{ "a function without driver", unbind, bind },
	{ "another d3cold_allowed", turn_d3cold, turn_d3cold_back },
	{ "a unit that was not started again", turn_unit, turn_unit },
	{ "a module that was not loaded again", turn_module, turn_module },
	{ "a forward of nobody", add_forward, delete_forward },
	{ "a ledger of nobody", leave_ledger, remove_ledger },
	{ "half a list of forwards", leave_half, remove_half },
	{ "a lock that is held", hold_lock, drop_lock },
	{ "a process", leave_process, end_process },
};
const size_t n_spoils = sizeof(spoils) / sizeof(spoils[0]);

// SPDX-License-Identifier: GPL-2.0-or-later
/* kills-events.c - the events that are killed: hooks, boot, late, watch, the command; what comes before and after */

#include "kills-events.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define COMMAND   "/usr/sbin/virt-handoff"
#define BOOT      "/usr/libexec/virt-handoff/boot"
#define LATE      "/usr/libexec/virt-handoff/late"
#define NFT       "/usr/sbin/nft"
#define LIST      "/var/lib/virt-handoff/early.list"
#define RECORD    STATE "/early"
#define DESK_INI  "/etc/virt-handoff/vms/desk.ini"
#define DESK      "50a40000-0000-4000-8000-000000000077"
#define PLUG_VM   "plug" /* a real one, which the test has started */
#define PLUGGED   5 /* the card that it gets */
#define LATE_CARD 4
#define WATCH     "virt-handoff-watch.service"
#define LIMIT_MS  120000

struct vm victim = { .name = "victim",
		     .uuid = "50a40000-0000-4000-8000-000000000001",
		     .want = { 0 },
		     .n_want = 1,
		     .whole = true,
		     .gives_back = true,
		     .d3cold = true,
		     .local = true,
		     .units = 3,
		     .modules = 3,
		     .port = 12301,
		     .address = 51 };
struct vm bystander = { .name = "bystander",
			.uuid = "50a40000-0000-4000-8000-000000000002",
			.want = { 2 },
			.n_want = 1,
			.gives_back = true,
			.local = true,
			.units = 1,
			.modules = 1,
			.port = 12302,
			.address = 52 };

/* ---- libvirtd is a process of its own, which may end with what it has begun ---- */

static int as_daemon(int (*act)(double ms, struct text *said), double ms,
		     struct text *said)
{
	struct text heard = { 0 };
	char buf[4096];
	int up[2], status;
	ssize_t n;
	pid_t pid;

	if (pipe(up) < 0 || (pid = fork()) < 0)
		fail("no process");
	if (pid == 0) {
		status = act(ms, &heard);
		if (heard.s && write(up[1], heard.s, heard.len) < 0)
			_exit(126);
		_exit(status == -9 ? 99 : status);
	}
	close(up[1]);
	while ((n = read(up[0], buf, sizeof(buf))) > 0)
		text_add(said, "%.*s", (int)n, buf);
	close(up[0]);
	waitpid(pid, &status, 0);
	status = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
	return status == 99 ? -9 : status;
}

static int start_whole(double ms, struct text *said)
{
	(void)ms;
	return vm_start(&victim, false, said);
}

static int prepare(double ms, struct text *said)
{
	return hook_call(&victim, OP_PREPARE, ms, said);
}

bool is_started(struct text *said)
{
	return as_daemon(start_whole, -1, said) == 0;
}

bool is_prepared(struct text *said)
{
	return as_daemon(prepare, -1, said) == 0;
}

/* ---- events ---- */

int on_prepare(double ms, struct text *said)
{
	return as_daemon(prepare, ms, said);
}

bool before_started(struct text *said)
{
	return is_prepared(said) && qemu_begin(&victim, said);
}

int on_started(double ms, struct text *said)
{
	return hook_call(&victim, OP_STARTED, ms, said);
}

bool before_stopped(struct text *said)
{
	bool good = is_started(said);

	qemu_end(&victim);
	return good;
}

int on_stopped(double ms, struct text *said)
{
	return hook_call(&victim, OP_STOPPED, ms, said);
}

bool before_release(struct text *said)
{
	bool good = before_stopped(said) && hook_call(&victim, OP_STOPPED, -1, said) == 0;

	qemu_forget(&victim);
	return good;
}

int on_release(double ms, struct text *said)
{
	return hook_call(&victim, OP_RELEASE, ms, said);
}

static bool no_table(struct text *said)
{
	return run_quietly(said, NFT, "delete", "table", "inet", "virt_handoff", NULL) ==
	       0;
}

int on_network(double ms, struct text *said)
{
	return no_table(said) ? network_call(ms, said) : 1;
}

int on_reconnect(double ms, struct text *said)
{
	return no_table(said) ? hook_call(&victim, "reconnect", ms, said) : 1;
}

static int program(double ms, struct text *said, const char *path, const char *verb,
		   const char *vm, const char *more)
{
	char *const argv[] = { (char *)path, (char *)verb, (char *)vm, (char *)more,
			       NULL };
	struct run r = { 0 };

	return run_at(&r, argv, NULL, ms, said);
}

/* the daemon's own file: the helper gives back only what is left when there is no daemon */
static void hide_daemon(bool hidden)
{
	static const char *const files[] = { "/run/libvirtd.pid", "/run/virtqemud.pid" };
	char away[64];

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(away, sizeof(away), "%s.away", files[i]);
		(void)rename(hidden ? files[i] : away, hidden ? away : files[i]);
	}
}

int on_boot(double ms, struct text *said)
{
	int r;

	hide_daemon(true);
	r = program(ms, said, BOOT, NULL, NULL, NULL);
	hide_daemon(false);
	return r;
}

int on_undo(double ms, struct text *said)
{
	return program(ms, said, COMMAND, "undo", victim.name, NULL);
}

int on_repair(double ms, struct text *said)
{
	return program(ms, said, COMMAND, "repair", NULL, NULL);
}

int on_attach(double ms, struct text *said)
{
	return program(ms, said, COMMAND, "attach", PLUG_VM,
		       yard_function(&cards[PLUGGED], 0));
}

int on_detach(double ms, struct text *said)
{
	return program(ms, said, COMMAND, "detach", PLUG_VM,
		       yard_function(&cards[PLUGGED], 0));
}

bool is_attached(struct text *said)
{
	return on_attach(-1, said) == 0;
}

bool before_desk(struct text *said)
{
	(void)said;
	return file_put(DESK_INI, "[vgpu a]\nuuid = " DESK
				  "\ntype = mbochs-small\ngpu = mbochs\n") == 0;
}

bool after_desk(struct text *said)
{
	int r = file_put("/sys/bus/mdev/devices/" DESK "/remove", "1");

	if (r < 0)
		text_add(said, "the mediated device is not there: %s", strerror(-r));
	unlink(DESK_INI);
	return r == 0;
}

bool before_late(struct text *said)
{
	struct text list = { 0 };
	bool good;

	(void)said;
	for (int f = 0; f < 2; f++) {
		char path[128], vendor[16], device[16];
		const char *name = yard_function(&cards[LATE_CARD], f);

		snprintf(path, sizeof(path), DEVICES "/%s/vendor", name);
		file_line(path, vendor, sizeof(vendor));
		snprintf(path, sizeof(path), DEVICES "/%s/device", name);
		file_line(path, device, sizeof(device));
		text_add(&list, "%s %s:%s vfio-pci vfio_pci\n", name, vendor + 2,
			 device + 2);
	}
	run_quietly(NULL, "/bin/mkdir", "-p", "/var/lib/virt-handoff", NULL);
	good = file_put(LIST, list.s) == 0;
	text_free(&list);
	return good;
}

int on_late(double ms, struct text *said)
{
	return program(ms, said, LATE, NULL, NULL, NULL);
}

bool after_late(struct text *said)
{
	bool good = true;

	for (int f = 0; f < 2; f++) {
		char path[128], driver[32];

		snprintf(path, sizeof(path), DEVICES "/%s/driver",
			 yard_function(&cards[LATE_CARD], f));
		link_name(path, driver, sizeof(driver));
		good &= strcmp(driver, "vfio-pci") == 0;
		if (strcmp(driver, "vfio-pci") != 0)
			text_add(said, "late has left %s on %s",
				 yard_function(&cards[LATE_CARD], f), driver);
	}
	yard_give_to_host(&cards[LATE_CARD]);
	unlink(LIST);
	unlink(RECORD);
	return good;
}

/* ---- the watch, which systemd starts again ---- */

static pid_t watch_pid(void)
{
	struct text pid = { 0 };
	pid_t ret;

	run_quietly(&pid, "/usr/bin/systemctl", "show", "-P", "MainPID", WATCH, NULL);
	ret = atoi(pid.s ?: "0");
	text_free(&pid);
	return ret;
}

static bool has_forwards(void)
{
	struct text map = { 0 };
	bool has;

	run_quietly(&map, NFT, "list", "map", "inet", "virt_handoff", "any4", NULL);
	has = map.s && strstr(map.s, "tcp . 12301 ") && strstr(map.s, "tcp . 12302 ");
	text_free(&map);
	return has;
}

bool until_forwards(struct text *said)
{
	double end = now_ms() + LIMIT_MS;

	while (!has_forwards() && now_ms() < end)
		sleep_ms(200);
	if (!has_forwards())
		text_add(said, "the watch does not bring the forwards back");
	return has_forwards();
}

bool before_watch(struct text *said)
{
	double end = now_ms() + LIMIT_MS;

	if (!is_started(said) ||
	    run_quietly(said, "/usr/bin/systemctl", "start", WATCH, NULL) != 0)
		return false;
	while (watch_pid() == 0 && now_ms() < end)
		sleep_ms(100);
	return watch_pid() != 0;
}

/* its own children are in its control group, and go with it */
int on_watch(double ms, struct text *said)
{
	pid_t pid = watch_pid();
	char word[16];
	double begin = now_ms();

	if (!no_table(said))
		return 1;
	if (ms < 0)
		return until_forwards(said) ? 0 : 1;
	sleep_ms(now_ms() - begin < ms ? ms - (now_ms() - begin) : 0);
	snprintf(word, sizeof(word), "%d", (int)pid);
	run_quietly(NULL, "/bin/kill", "-KILL", word, NULL);
	return -9;
}

bool after_running(struct text *said)
{
	return vm_stop(&victim, said);
}

bool after_watch(struct text *said)
{
	return run_quietly(said, "/usr/bin/systemctl", "stop", WATCH, NULL) == 0 &&
	       after_running(said);
}

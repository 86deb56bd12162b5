// SPDX-License-Identifier: GPL-2.0-or-later
/* faults-host.c - /run without room, devices that are held, units that do not stop */
#include "expect.h"

#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static void remount_run(const struct stage *st, unsigned long flags, const char *options)
{
	char path[SANDBOX_PATH_LEN + 8];

	snprintf(path, sizeof(path), "%s/run", st->box->root);
	if (mount(NULL, path, NULL, MS_REMOUNT | flags, options) < 0)
		err(1, "faults: remount /run");
}

static bool run_read_only(const struct stage *st)
{
	remount_run(st, MS_RDONLY, "mode=755");
	if (!fails(st, "prepare", "/run") || !untouched(st))
		return false;
	remount_run(st, 0, "mode=755");
	return recovers(st, stage_state(st, STAGE_HOST));
}

/* /run has room for ever more files; each time it must be all or nothing */
static bool run_full(const struct stage *st, const char *limit, int from, int to)
{
	char *begin = stage_state(st, STAGE_HOST);

	for (int n = from; n <= to; n++) {
		char options[64];
		struct answer a;

		snprintf(options, sizeof(options), "mode=755,%s=%d", limit, n);
		remount_run(st, 0, options);
		a = libvirt_calls(st, "prepare", PROMPT_MS);
		if (a.late || (a.status && !a.err[0]))
			return complain("%s: no answer", options);
		if (a.status && !is_as(st, begin))
			return complain("this was with %s: %s", options, a.err);
		if (!answers(st, "release") || !is_as(st, begin))
			return complain("this was with %s", options);
	}
	remount_run(st, 0, "mode=755,nr_blocks=0,nr_inodes=0");
	return recovers(st, begin);
}

static bool run_no_inodes(const struct stage *st)
{
	return run_full(st, "nr_inodes", 2, 16);
}

/* A file takes what is left; once the hook has begun it must be able to go back. */
static bool run_no_blocks(const struct stage *st)
{
	return run_full(st, "nr_blocks", 1, 6);
}

static bool run_fills_up(const struct stage *st)
{
	char *begin = stage_state(st, STAGE_HOST), path[SANDBOX_PATH_LEN + 16],
	     page[4096] = "";
	int fd;

	remount_run(st, 0, "mode=755,nr_blocks=16");
	if (!succeeds(st, "prepare"))
		return false;
	snprintf(path, sizeof(path), "%s/run/filler", st->box->root);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	while (write(fd, page, sizeof(page)) > 0)
		;
	close(fd);
	if (!succeeds(st, "release") || !is_as(st, begin))
		return false;
	unlink(path);
	return recovers(st, begin);
}

/* A process that has a device node open, as /proc shows it; ended by kill(2) */
static pid_t hold(const struct stage *st, const char *name, unsigned int major,
		  unsigned int minor)
{
	char path[SANDBOX_PATH_LEN + 64];
	pid_t pid;
	int ready[2];
	char byte;

	if (pipe(ready) < 0)
		err(1, "faults: pipe");
	pid = fork();
	if (pid == 0) {
		snprintf(path, sizeof(path), "%s/dev/%s", st->box->root, name);
		unlink(path);
		if (mknod(path, S_IFCHR | 0600, makedev(major, minor)) < 0)
			err(1, "faults: %s", path);
		if (chroot(st->box->root) < 0 || chdir("/dev") < 0)
			err(1, "faults: chroot");
		snprintf(path, sizeof(path), "/dev/%s", name);
		prctl(PR_SET_NAME, "renderer");
		/* no driver is behind it: O_PATH does not ask for one */
		if (open(path, O_PATH) < 0 || write(ready[1], "", 1) != 1)
			err(1, "faults: %s", path);
		for (;;)
			pause();
	}
	close(ready[1]);
	if (pid < 0 || read(ready[0], &byte, 1) != 1)
		errx(1, "faults: no holder");
	close(ready[0]);
	return pid;
}

static void let_go(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static bool held(const struct stage *st, const char *name, unsigned int major,
		 unsigned int minor)
{
	char *begin = stage_state(st, STAGE_HOST), number[32];
	pid_t pid = hold(st, name, major, minor);

	snprintf(number, sizeof(number), "%d", pid);
	if (!fails(st, "prepare", number) || !untouched(st))
		return false;
	let_go(pid);
	return recovers(st, begin);
}

static bool held_drm(const struct stage *st)
{
	return held(st, "card1", 226, 1);
}

static bool held_nvidia(const struct stage *st)
{
	return held(st, "nvidia0", 195, 0);
}

static bool held_sound(const struct stage *st)
{
	return held(st, "pcmC0D3p", 116, 3);
}

static bool waits_for_holder(const struct stage *st)
{
	char *begin = stage_state(st, STAGE_HOST);
	pid_t pid = hold(st, "card1", 226, 1), killer = fork();

	if (killer == 0) {
		usleep(500 * 1000);
		_exit(kill(pid, SIGKILL) < 0);
	}
	if (!succeeds(st, "prepare"))
		return false;
	waitpid(killer, NULL, 0);
	waitpid(pid, NULL, 0);
	return succeeds(st, "release") && recovers(st, begin);
}

static bool unit_flag(const struct stage *st, const char *flag)
{
	char path[SANDBOX_PATH_LEN + 64];
	bool ok;

	snprintf(path, sizeof(path), "%s/units/tool.service.%s", st->box->root, flag);
	close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	ok = fails(st, "prepare", "tool.service");
	unlink(path);
	return ok && answers(st, "stopped") && answers(st, "release");
}

static bool unit_fails(const struct stage *st)
{
	char *begin = stage_state(st, STAGE_HOST);

	return unit_flag(st, "fail") && recovers(st, begin);
}

static bool unit_hangs(const struct stage *st)
{
	char *begin = stage_state(st, STAGE_HOST);

	return unit_flag(st, "hang") && recovers(st, begin);
}

/* What the hook says without failing goes to the host's log: a socket in its place */
static int log_socket(const struct stage *st)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	snprintf(at.sun_path, sizeof(at.sun_path), "%.80s/dev/log", st->box->root);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0)
		err(1, "faults: %s", at.sun_path);
	return fd;
}

static void start_unit(const struct stage *st)
{
	char path[SANDBOX_PATH_LEN + 32];
	FILE *f;

	snprintf(path, sizeof(path), "%s/units/tool.service", st->box->root);
	f = fopen(path, "we");
	if (!f || fputs("active", f) == EOF || fclose(f) != 0)
		err(1, "faults: %s", path);
}

/* libvirtd is restarted while the VM runs: what somebody has changed is said */
static bool unit_started_again(const struct stage *st)
{
	char *begin = stage_state(st, STAGE_HOST), said[1024] = "";
	int log;

	if (!succeeds(st, "prepare"))
		return false;
	log = log_socket(st);
	if (!succeeds(st, "reconnect"))
		return false;
	if (recv(log, said, sizeof(said) - 1, 0) >= 0)
		return complain("before anything was changed: %s", said);
	start_unit(st);
	if (!succeeds(st, "reconnect"))
		return false;
	if (recv(log, said, sizeof(said) - 1, 0) < 0 ||
	    !strstr(said, "tool.service: is active, but was set to inactive"))
		return complain("reconnect says: %s", said);
	close(log);
	return succeeds(st, "stopped") && answers(st, "release") && is_as(st, begin) &&
	       recovers(st, begin);
}

const struct test host_faults[] = {
	{ "/run is read-only", run_read_only, "" },
	{ "/run has few inodes", run_no_inodes, "" },
	{ "/run has few blocks", run_no_blocks, "" },
	{ "/run fills up while the VM runs", run_fills_up, "" },
	{ "/dev/dri is open", held_drm, "" },
	{ "/dev/nvidia0 is open", held_nvidia, "" },
	{ "/dev/snd is open", held_sound, "" },
	{ "the holder leaves in time", waits_for_holder, "in-use = wait 5s\n" },
	{ "a unit cannot be stopped", unit_fails, "stop-units = tool.service\n" },
	{ "a unit never stops", unit_hangs, "stop-units = tool.service\n" },
	{ "a unit is started again", unit_started_again, "stop-units = tool.service\n" },
	{ NULL, NULL, NULL },
};

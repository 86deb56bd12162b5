// SPDX-License-Identifier: GPL-2.0-or-later
/* faults.c - a kernel, systemd or /run that refuses, is slow, or never answers */

/*
 * Real: the installed programs, unmodified. Faked: the kernel's /sys and modules,
 * systemctl, and libvirt, whose calls are made here (tests/fake/sandbox.h). The NVIDIA
 * driver's unbind that never returns is a write that the fake kernel does not answer: the
 * writer cannot be killed, and all who want the device's lock wait too.
 */
#include "libvirt.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#define GPU   "0000:01:00.0"
#define AUDIO "0000:01:00.1"

/* Two seconds of deadline for one step; a call makes several, but stops at the first */
#define DEADLINE_S 2
#define PROMPT_MS  8000
#define CASE_S     60

static const struct scenario one_card = {
	.name = "one-card",
	.machine = "one-card",
	.units = { "tool.service=active", NULL },
};

struct test {
	const char *name;
	bool (*run)(const struct stage *st);
	const char *ini; /* more lines of [devices] */
};

static const char *running; /* name of the test, for messages */

static bool complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

static bool complain(const char *format, ...)
{
	va_list ap;

	printf("FAIL: faults: %s: ", running);
	va_start(ap, format);
	vprintf(format, ap);
	va_end(ap);
	printf("\n");
	fflush(stdout);
	return false;
}

static bool control(const struct stage *st, const char *command)
{
	int r = sandbox_control(st->box, "%s", command);

	return r == 0 || complain("the fake kernel answers %s to: %s", strerror(-r), command);
}

/* A call that succeeds, in time and in silence */
static bool succeeds(const struct stage *st, const char *op)
{
	struct answer a = libvirt_calls(st, op, PROMPT_MS);

	if (a.late)
		return complain("%s does not answer within %d ms", op, PROMPT_MS);
	if (a.status || a.err[0] || a.out)
		return complain("%s answers %d, %zu bytes of output: %s", op, a.status, a.out,
				a.err);
	return true;
}

/* A call that fails in time, with one sentence that has @word in it */
static bool fails(const struct stage *st, const char *op, const char *word)
{
	struct answer a = libvirt_calls(st, op, PROMPT_MS);

	if (a.late)
		return complain("%s does not answer within %d ms", op, PROMPT_MS);
	if (a.status <= 0 || a.out)
		return complain("%s answers %d, %zu bytes of output: %s", op, a.status, a.out,
				a.err);
	if (!strstr(a.err, word) || strchr(a.err, '\n'))
		return complain("%s does not say one sentence about %s: %s", op, word, a.err);
	return true;
}

/* A call that may fail, but answers in time */
static bool answers(const struct stage *st, const char *op)
{
	struct answer a = libvirt_calls(st, op, PROMPT_MS);

	if (a.late)
		return complain("%s does not answer within %d ms", op, PROMPT_MS);
	return true;
}

static bool is_as(const struct stage *st, const char *want)
{
	char *have = stage_state(st, STAGE_HOST), *d = stage_difference(want, have);

	free(have);
	return !d || complain("not all is as before:\n%s", d);
}

static bool has_ledger(const struct stage *st)
{
	char path[SANDBOX_PATH_LEN + 64], *run = stage_state(st, STAGE_RUN);
	bool has = strstr(run, "/run/virt-handoff/ledger/6f5b2a0e");

	snprintf(path, sizeof(path), "%s/run", st->box->root);
	free(run);
	return has;
}

/* When the fault is gone: the next start and stop leave all as it was in the beginning. */
static bool recovers(const struct stage *st, const char *begin)
{
	if (!control(st, "clear") || !succeeds(st, "prepare") || !succeeds(st, "started") ||
	    !succeeds(st, "stopped") || !succeeds(st, "release") || !is_as(st, begin))
		return false;
	return !has_ledger(st) || complain("a ledger is left");
}

/* A start that is refused, with @word, and undone at once */
static bool refused(const struct stage *st, const char *word)
{
	char *begin = stage_state(st, STAGE_HOST);

	return fails(st, "prepare", word) && control(st, "clear") && is_as(st, begin) &&
	       (!has_ledger(st) || complain("a ledger is left")) &&
	       answers(st, "stopped") && answers(st, "release") && recovers(st, begin);
}

static bool no_fault(const struct stage *st)
{
	return recovers(st, stage_state(st, STAGE_HOST));
}

static bool refuse_there(const struct stage *st)
{
	return control(st, "refuse vfio-pci " AUDIO " EIO") && refused(st, AUDIO);
}

static bool refuse_back(const struct stage *st)
{
	char *begin = stage_state(st, STAGE_HOST);

	return succeeds(st, "prepare") && control(st, "refuse snd_hda_intel * ENODEV") &&
	       answers(st, "stopped") && answers(st, "release") &&
	       (has_ledger(st) || complain("the ledger is gone, the audio function is not back")) &&
	       recovers(st, begin);
}

/* Nobody else may be blocked: whoever reads without the device's lock */
static bool nothing_else_blocks(const struct stage *st)
{
	char path[SANDBOX_PATH_LEN + 64], value[256];

	snprintf(path, sizeof(path), "%s/sys/bus/pci/devices/%s/driver", st->box->root, GPU);
	return readlink(path, value, sizeof(value)) > 0 ||
	       complain("the driver link cannot be read");
}

static bool hang_there(const struct stage *st)
{
	char *begin = stage_state(st, STAGE_HOST);

	return control(st, "hang nvidia " GPU) && fails(st, "prepare", GPU) &&
	       nothing_else_blocks(st) && answers(st, "stopped") && answers(st, "release") &&
	       answers(st, "prepare") && answers(st, "release") &&
	       control(st, "release " GPU) && recovers(st, begin);
}

/* The driver gives up while the hook still waits: late, but all right */
static bool slow_driver(const struct stage *st)
{
	char *begin = stage_state(st, STAGE_HOST);

	return control(st, "slow * * 300") && succeeds(st, "prepare") &&
	       succeeds(st, "release") && recovers(st, begin);
}

static bool hang_back(const struct stage *st)
{
	char *begin = stage_state(st, STAGE_HOST);

	return succeeds(st, "prepare") && control(st, "hang vfio-pci " GPU) &&
	       answers(st, "stopped") && answers(st, "release") &&
	       (has_ledger(st) || complain("the ledger is gone, the GPU is not back")) &&
	       answers(st, "prepare") && answers(st, "release") &&
	       control(st, "release " GPU) && recovers(st, begin);
}

static bool no_vfio(const struct stage *st)
{
	return control(st, "module vfio_pci EKEYREJECTED") && refused(st, "vfio_pci");
}

static bool override_error(const struct stage *st)
{
	return control(st, "error sys/devices/*/" GPU "/driver_override 1 EIO") &&
	       refused(st, GPU);
}

/*
 * Every write to /sys fails once, in prepare or in what libvirt calls after it. A prepare
 * that fails has put back what it did, unless just that could not be written.
 */
static bool each_write(const struct stage *st, const char *error)
{
	char *begin = stage_state(st, STAGE_HOST);

	for (int n = 1; n <= 20; n++) {
		char command[64];
		struct answer a;

		snprintf(command, sizeof(command), "error sys/* %d %s", n, error);
		if (!control(st, command))
			return false;
		a = libvirt_calls(st, "prepare", PROMPT_MS);
		if (a.late)
			return complain("write %d: no answer", n);
		if (a.status && !a.err[0])
			return complain("write %d: it fails without a word", n);
		if (!answers(st, "stopped") || !answers(st, "release") || !recovers(st, begin))
			return complain("this was after write %d had failed with %s", n, error);
	}
	return true;
}

static bool each_write_eio(const struct stage *st)
{
	return each_write(st, "EIO");
}

static bool each_write_ebusy(const struct stage *st)
{
	return each_write(st, "EBUSY");
}

static void remount_run(const struct stage *st, unsigned long flags, const char *options)
{
	char path[SANDBOX_PATH_LEN + 8];

	snprintf(path, sizeof(path), "%s/run", st->box->root);
	if (mount(NULL, path, NULL, MS_REMOUNT | flags, options) < 0)
		err(1, "faults: remount /run");
}

static bool untouched(const struct stage *st)
{
	char *log = sandbox_read(st->box, "fake/log");

	return !log[0] || complain("the host was touched:\n%s", log);
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
	char *begin = stage_state(st, STAGE_HOST), path[SANDBOX_PATH_LEN + 16], page[4096] = "";
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

/*
 * A holder that came after the check is seen by nobody but the driver, whose unbind hangs
 * until it leaves.
 */
static bool late_holder(const struct stage *st)
{
	char *begin = stage_state(st, STAGE_HOST);
	pid_t leaver;

	if (!control(st, "hang nvidia " GPU))
		return false;
	leaver = fork();
	if (leaver == 0) {
		usleep(700 * 1000);
		_exit(sandbox_control(st->box, "release " GPU) < 0);
	}
	if (!succeeds(st, "prepare"))
		return false;
	waitpid(leaver, NULL, 0);
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

static const struct test tests[] = {
	{ "no fault", no_fault, "" },
	{ "VFIO refuses the audio function", refuse_there, "" },
	{ "the sound driver refuses on the way back", refuse_back, "" },
	{ "unbind hangs for ever", hang_there, "" },
	{ "unbind hangs on the way back", hang_back, "" },
	{ "drivers are slow", slow_driver, "" },
	{ "the VFIO module is rejected", no_vfio, "" },
	{ "override answers EIO", override_error, "" },
	{ "each write answers EIO once", each_write_eio, "" },
	{ "each write answers EBUSY once", each_write_ebusy, "" },
	{ "/run is read-only", run_read_only, "" },
	{ "/run has few inodes", run_no_inodes, "" },
	{ "/run has few blocks", run_no_blocks, "" },
	{ "/run fills up while the VM runs", run_fills_up, "" },
	{ "/dev/dri is open", held_drm, "" },
	{ "/dev/nvidia0 is open", held_nvidia, "" },
	{ "/dev/snd is open", held_sound, "" },
	{ "the holder leaves in time", waits_for_holder, "in-use = wait 5s\n" },
	{ "a holder comes after the check, and leaves in time", late_holder, "" },
	{ "a unit cannot be stopped", unit_fails, "stop-units = tool.service\n" },
	{ "a unit never stops", unit_hangs, "stop-units = tool.service\n" },
};

static void write_ini(const struct sandbox *box, const char *more)
{
	char path[SANDBOX_PATH_LEN + 64];
	FILE *f;

	snprintf(path, sizeof(path), "%s/etc/virt-handoff/vms/one-card.ini", box->root);
	f = fopen(path, "we");
	if (!f || fprintf(f, "[devices]\ndeadline = %ds\n%s", DEADLINE_S, more) < 0 ||
	    fclose(f) != 0)
		err(1, "faults: %s", path);
}

static bool run_test(struct stage *st, const struct test *t)
{
	uint64_t begin = now_ms();
	int status;
	pid_t pid;

	running = t->name;
	write_ini(st->box, t->ini);
	pid = sandbox_fork(CLONE_NEWPID | CLONE_NEWNS);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		alarm(CASE_S);
		sandbox_start(st->box);
		_exit(!t->run(st));
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		err(1, "faults: fork");
	if (WIFSIGNALED(status))
		complain("did not end within %d s", CASE_S);
	printf("faults: %s: %s (%u ms)\n", t->name, status ? "FAILED" : "ok",
	       (unsigned int)(now_ms() - begin));
	fflush(stdout);
	return status == 0;
}

static int run_all(struct sandbox *box, const char *install, const char *machines,
		   const char *scenario_dir, const char *only)
{
	char machine[SANDBOX_PATH_LEN], xml[SANDBOX_PATH_LEN];
	struct sandbox_conf conf = { .machine = machine, .install = install };
	struct stage st = { &one_card, box, NULL, HOOK };
	unsigned int bad = 0, n = 0;

	snprintf(machine, sizeof(machine), "%s/one-card.machine", machines);
	snprintf(xml, sizeof(xml), "%s/one-card.xml:/root/xml", scenario_dir);
	conf.files[0] = xml;
	conf.units[0] = one_card.units[0];
	sandbox_build(box, &conf);
	st.xml = sandbox_read(box, "root/xml");
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		if (only && !strstr(tests[i].name, only))
			continue;
		n++;
		bad += !run_test(&st, &tests[i]);
	}
	printf("faults: %u of %u passed\n", n - bad, n);
	fflush(stdout);
	return bad > 0;
}

int main(int argc, char **argv)
{
	const char *cannot = sandbox_cannot(), *must = getenv("MUST_RUN");
	const char *machines = "tests/data", *scenario_dir = "tests/crash/scenarios";
	struct sandbox box;
	int status;
	pid_t pid;

	if (argc < 2) {
		fprintf(stderr, "usage: faults DESTDIR [PART-OF-A-TEST'S-NAME]\n");
		return 2;
	}
	if (cannot) {
		printf("skip: faults: %s\n", cannot);
		return must && strcmp(must, "1") == 0;
	}
	sandbox_dir(&box);
	pid = sandbox_fork(CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		_exit(run_all(&box, argv[1], machines, scenario_dir, argv[2]));
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		err(1, "faults: fork");
	rmdir(box.dir);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

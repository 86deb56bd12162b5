// SPDX-License-Identifier: GPL-2.0-or-later
/* trace.c - run a program under ptrace; kill it and its children at one system call */
#include "trace.h"

#include "../fake/filter.h"

#include <elf.h>
#include <err.h>
#include <errno.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * Theory of operation
 *
 * A seccomp filter stops the program at the calls of calls.c alone, so that it runs at
 * nearly its own speed in between. At such a stop the call has not begun: a SIGKILL then
 * means that it never does. To kill after it, the program goes on to the end of the call,
 * where it is stopped again. A process that is stopped in either place does nothing more
 * once SIGKILL is sent. All others are killed at the same moment; a write that one of
 * them is in the middle of ends first, as it does on a real host.
 */

#define TRACEES_MAX 64
#define OPTIONS                                                              \
	(PTRACE_O_EXITKILL | PTRACE_O_TRACESECCOMP | PTRACE_O_TRACESYSGOOD | \
	 PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |    \
	 PTRACE_O_TRACEEXEC)

struct tracee {
	pid_t pid;
	bool started; /* its first SIGSTOP was seen */
	bool known; /* its parent's fork was seen */
	bool last; /* killed when the call it is in ends */
	bool answer; /* the call it is in was not made: @result is its answer */
	long result;
};

struct tracees {
	struct trace *t;
	struct tracee all[TRACEES_MAX];
	size_t n;
	pid_t early[TRACEES_MAX]; /* the last that ended before they were known */
	size_t n_early;
	pid_t first;
	bool executed;
};

static struct tracee *find(struct tracees *ts, pid_t pid)
{
	for (size_t i = 0; i < ts->n; i++)
		if (ts->all[i].pid == pid)
			return &ts->all[i];
	return NULL;
}

static struct tracee *add(struct tracees *ts, pid_t pid)
{
	struct tracee *e = find(ts, pid);

	if (e)
		return e;
	if (ts->n == TRACEES_MAX)
		errx(1, "trace: too many processes");
	e = &ts->all[ts->n++];
	*e = (struct tracee){ .pid = pid };
	return e;
}

static void drop(struct tracees *ts, pid_t pid)
{
	struct tracee *e = find(ts, pid);

	if (!e || !e->known)
		ts->early[ts->n_early++ % TRACEES_MAX] = pid;
	if (e)
		*e = ts->all[--ts->n];
}

/*
 * The kernel tells of a child and of its parent's fork in any order: a child may have
 * ended by then, and who waits for it would wait for ever.
 */
static void know(struct tracees *ts, pid_t pid)
{
	for (size_t i = 0; i < TRACEES_MAX; i++) {
		if (ts->early[i] == pid) {
			ts->early[i] = 0;
			return;
		}
	}
	add(ts, pid)->known = true;
}

#if defined(__x86_64__)
/* On entry: make no call. At the end: give this answer. */
static void skip_call(pid_t pid)
{
	if (ptrace(PTRACE_POKEUSER, pid, offsetof(struct user_regs_struct, orig_rax),
		   -1L) < 0)
		err(1, "trace: registers");
}

static void set_result(pid_t pid, long result)
{
	if (ptrace(PTRACE_POKEUSER, pid, offsetof(struct user_regs_struct, rax), result) <
	    0)
		err(1, "trace: registers");
}
#elif defined(__aarch64__)
static void skip_call(pid_t pid)
{
	int none = -1;
	struct iovec v = { &none, sizeof(none) };

	if (ptrace(PTRACE_SETREGSET, pid, NT_ARM_SYSTEM_CALL, &v) < 0)
		err(1, "trace: registers");
}

static void set_result(pid_t pid, long result)
{
	struct user_regs_struct r;
	struct iovec v = { &r, sizeof(r) };

	if (ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &v) < 0)
		err(1, "trace: registers");
	r.regs[0] = (unsigned long long)result;
	if (ptrace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &v) < 0)
		err(1, "trace: registers");
}
#else
#error "tests/crash: say how this architecture skips a system call"
#endif

static void go_on(pid_t pid, enum __ptrace_request how, int signal)
{
	/* it may have been killed meanwhile */
	if (ptrace(how, pid, 0, signal) < 0 && errno != ESRCH)
		err(1, "trace: continue");
}

static void kill_all(struct tracees *ts)
{
	ts->t->killed = true;
	if (ts->t->alone) {
		kill(ts->first, SIGKILL);
		return;
	}
	for (size_t i = 0; i < ts->n; i++)
		kill(ts->all[i].pid, SIGKILL);
}

/* The program is stopped before a call: count it, answer it, or kill. */
static void before_call(struct tracees *ts, struct tracee *e)
{
	struct __ptrace_syscall_info info;
	struct trace *t = ts->t;
	char what[TRACE_WHAT_LEN];
	uint64_t args[6];
	bool wanted;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, e->pid, sizeof(info), &info) < 0)
		return; /* killed meanwhile */
	memcpy(args, info.seccomp.args, sizeof(args));
	if (!calls_describe(t->box, e->pid, (long)info.seccomp.nr, args, what) ||
	    !ts->executed || t->killed) {
		ts->executed = true;
		go_on(e->pid, PTRACE_CONT, 0);
		return;
	}
	if (t->on_call)
		t->on_call(t, what);
	wanted = ++t->points == t->point && t->side != TRACE_NO_KILL;
	memcpy(t->what, what, sizeof(what));
	if (wanted && t->side == TRACE_BEFORE) {
		kill_all(ts);
		if (t->alone && e->pid != ts->first)
			go_on(e->pid, PTRACE_CONT, 0);
		return;
	}
	e->last = wanted;
	if (calls_is_module((long)info.seccomp.nr)) {
		e->answer = true;
		e->result = module_call(t->box, e->pid, (long)info.seccomp.nr, args);
		skip_call(e->pid);
	}
	go_on(e->pid, e->last || e->answer ? PTRACE_SYSCALL : PTRACE_CONT, 0);
}

static void after_call(struct tracees *ts, struct tracee *e)
{
	pid_t pid = e->pid;

	if (e->answer)
		set_result(pid, e->result);
	e->answer = false;
	if (!e->last) {
		go_on(pid, PTRACE_CONT, 0);
		return;
	}
	e->last = false;
	kill_all(ts);
	if (ts->t->alone && pid != ts->first)
		go_on(pid, PTRACE_CONT, 0);
}

static void stopped(struct tracees *ts, struct tracee *e, int status)
{
	unsigned long message = 0;
	pid_t pid = e->pid;

	switch (status >> 16) {
	case PTRACE_EVENT_SECCOMP:
		before_call(ts, e);
		return;
	case PTRACE_EVENT_FORK:
	case PTRACE_EVENT_VFORK:
	case PTRACE_EVENT_CLONE:
		if (ptrace(PTRACE_GETEVENTMSG, pid, 0, &message) == 0)
			know(ts, (pid_t)message);
		go_on(pid, PTRACE_CONT, 0);
		return;
	case PTRACE_EVENT_EXEC:
		/* a killing after execve(2) waits for its end */
		go_on(pid, e->last ? PTRACE_SYSCALL : PTRACE_CONT, 0);
		return;
	}
	if (WSTOPSIG(status) == (SIGTRAP | 0x80)) {
		after_call(ts, e);
	} else if (WSTOPSIG(status) == SIGSTOP && !e->started) {
		e->started = true;
		go_on(pid, PTRACE_CONT, 0);
	} else {
		go_on(pid, PTRACE_CONT, WSTOPSIG(status));
	}
}

/*
 * A child that was being made while all were killed: its parent's fork is never told, and
 * it is this process's child now, beside the fake kernel.
 */
static bool is_one_left(const struct tracees *ts)
{
	char line[64] = "";
	FILE *f;

	if (!ts->t->killed || ts->t->alone)
		return false;
	f = fopen("/proc/thread-self/children", "re");
	if (f && !fgets(line, sizeof(line), f))
		line[0] = '\0';
	if (f)
		fclose(f);
	line[strcspn(line, " ")] = '\0';
	return line[strlen(line) + 1] != '\0';
}

static void follow(struct tracees *ts)
{
	while (ts->n > 0 || is_one_left(ts)) {
		int status;
		pid_t pid = waitpid(-1, &status, __WALL);

		if (pid < 0)
			err(1, "trace: wait");
		if (WIFSTOPPED(status)) {
			/* made while the others were killed: nobody knew of it then */
			if (!find(ts, pid) && ts->t->killed && !ts->t->alone)
				kill(pid, SIGKILL);
			stopped(ts, add(ts, pid), status);
			continue;
		}
		if (pid == ts->first)
			ts->t->status = WIFEXITED(status) ? WEXITSTATUS(status)
							  : -WTERMSIG(status);
		else if (pid == ts->t->box->server)
			errx(1, "trace: the fake kernel has ended");
		drop(ts, pid);
	}
}

static pid_t start(const struct trace *t, int in, int out, int err_fd)
{
	size_t n;
	const struct filter_call *calls = calls_filter(&n);
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	sandbox_enter(t->box);
	if (dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(err_fd, 2) < 0 ||
	    close_range(3, ~0U, 0) < 0 || ptrace(PTRACE_TRACEME, 0, 0, 0) < 0)
		_exit(126);
	filter_install(calls, n, SECCOMP_RET_TRACE);
	raise(SIGSTOP);
	execv(t->argv[0], (char *const *)t->argv);
	_exit(127);
}

/* What it wrote is small: it fits the pipe, and is read when it has ended */
static size_t drain(int fd, char *ret, size_t size)
{
	size_t len = 0;
	ssize_t n;

	while (len + 1 < size && (n = read(fd, ret + len, size - len - 1)) > 0)
		len += (size_t)n;
	ret[len] = '\0';
	close(fd);
	return len;
}

void trace_run(struct trace *t)
{
	struct tracees ts = { .t = t };
	int in[2], out[2], err_pipe[2], status;
	char output[TRACE_ERR_LEN];

	t->points = 0;
	t->killed = false;
	t->what[0] = '\0';
	if (pipe(in) < 0 || pipe(out) < 0 || pipe(err_pipe) < 0)
		err(1, "trace: pipe");
	if (t->input &&
	    write(in[1], t->input, strlen(t->input)) != (ssize_t)strlen(t->input))
		errx(1, "trace: the input does not fit into a pipe");
	ts.first = start(t, in[0], out[1], err_pipe[1]);
	close(in[0]);
	close(in[1]);
	close(out[1]);
	close(err_pipe[1]);
	if (ts.first < 0 || waitpid(ts.first, &status, __WALL) != ts.first ||
	    !WIFSTOPPED(status) || ptrace(PTRACE_SETOPTIONS, ts.first, 0, OPTIONS) < 0)
		err(1, "trace: start");
	know(&ts, ts.first);
	find(&ts, ts.first)->started = true;
	go_on(ts.first, PTRACE_CONT, 0);
	follow(&ts);
	t->out_len = drain(out[0], output, sizeof(output));
	drain(err_pipe[0], t->err, sizeof(t->err));
}

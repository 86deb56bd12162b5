// SPDX-License-Identifier: GPL-2.0-or-later
/* libvirt.c - libvirtd, played: the hook is called as it calls it, around a process that opens VFIO as QEMU does */

/*
 * The order is the one of libvirt 9, from traces of real starts and stops: a start that is
 * refused, or whose QEMU does not come up, gets stopped and release too; the file that says
 * that a VM runs is there before `started`, and goes between `stopped` and `release`.
 */
#include "libvirt.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/vfio.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define HOOKS   "/etc/libvirt/hooks"
#define RUNNING "/run/libvirt/qemu"
#define PROFILE "libvirtd"

int hook_call(const struct vm *v, const char *op, double ms, struct text *said)
{
	bool end = strcmp(op, OP_STOPPED) == 0 || strcmp(op, OP_RELEASE) == 0;
	char *const argv[] = { HOOKS "/qemu.d/50-virt-handoff",
			       (char *)v->name,
			       (char *)op,
			       end ? "end" : "begin",
			       "-",
			       NULL };
	struct run r = { .profile = PROFILE };
	struct text xml = { 0 };
	int ret;

	yard_xml(v, &xml);
	ret = run_at(&r, argv, xml.s, ms, said);
	text_free(&xml);
	return ret;
}

int network_call(double ms, struct text *said)
{
	char *const argv[] = { HOOKS "/network.d/50-virt-handoff",
			       "default",
			       "started",
			       "begin",
			       "-",
			       NULL };
	struct run r = { .profile = PROFILE };

	return run_at(&r, argv,
		      "<hookData><network><name>default</name></network></hookData>", ms,
		      said);
}

static void pid_path(const struct vm *v, char *ret, size_t size)
{
	snprintf(ret, size, RUNNING "/%s.pid", v->name);
}

static pid_t qemu_pid(const struct vm *v)
{
	char path[128], line[32];

	pid_path(v, path, sizeof(path));
	file_line(path, line, sizeof(line));
	return atoi(line);
}

static int group_of(const char *function)
{
	char path[128], name[32];

	snprintf(path, sizeof(path), DEVICES "/%s/iommu_group", function);
	link_name(path, name, sizeof(name));
	return atoi(name);
}

/* which call was refused, and of what: ENODEV alone has a dozen reasons in VFIO; -1 */
static int refused(struct text *why, const char *call, const char *of)
{
	text_add(why, "%s of %s: %s", call, of, strerror(errno));
	return -1;
}

/* groups that are open, each once: the functions of a card are in one, or in two */
struct groups {
	int container, number[2 * WANTS_MAX], fd[2 * WANTS_MAX];
	size_t n;
};

/* as QEMU: the group, is it viable, its container, the IOMMU; its descriptor, or -1 */
static int open_group(struct groups *g, const char *function, struct text *why)
{
	struct vfio_group_status status = { .argsz = sizeof(status) };
	int number = group_of(function), fd;
	char path[64];

	for (size_t i = 0; i < g->n; i++)
		if (g->number[i] == number)
			return g->fd[i];
	snprintf(path, sizeof(path), "/dev/vfio/%d", number);
	fd = open(path, O_RDWR);
	if (fd < 0)
		return refused(why, "open", path);
	if (ioctl(fd, VFIO_GROUP_GET_STATUS, &status) < 0)
		return refused(why, "VFIO_GROUP_GET_STATUS", path);
	if (!(status.flags & VFIO_GROUP_FLAGS_VIABLE)) {
		text_add(why, "%s of %s is not viable", path, function);
		return -1;
	}
	if (ioctl(fd, VFIO_GROUP_SET_CONTAINER, &g->container) < 0)
		return refused(why, "VFIO_GROUP_SET_CONTAINER", path);
	if (g->n == 0 && ioctl(g->container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU) < 0)
		return refused(why, "VFIO_SET_IOMMU", path);
	g->number[g->n] = number;
	g->fd[g->n++] = fd;
	return fd;
}

static bool open_card(struct groups *g, const struct card *c, bool whole,
		      struct text *why)
{
	for (int f = 0; f < (whole ? 2 : 1); f++) {
		const char *name = yard_function(c, f);
		int fd = open_group(g, name, why);

		if (fd < 0)
			return false;
		if (ioctl(fd, VFIO_GROUP_GET_DEVICE_FD, name) < 0)
			return !refused(why, "VFIO_GROUP_GET_DEVICE_FD", name);
	}
	return true;
}

/* nothing of its parent's stays open */
static void qemu(const struct vm *v, int up)
{
	struct text why = { 0 };
	int null = open("/dev/null", O_RDWR);
	struct groups groups = { 0 };
	bool good;

	for (int i = 0; i < 3; i++)
		dup2(null, i);
	dup2(up, 3);
	syscall(SYS_close_range, 4, ~0U, 0);
	prctl(PR_SET_NAME, "qemu-played");
	groups.container = open("/dev/vfio/vfio", O_RDWR);
	good = groups.container >= 0;
	if (!good)
		text_add(&why, "/dev/vfio/vfio: %s", strerror(errno));
	for (size_t i = 0; i < v->n_want && good; i++)
		good = open_card(&groups, &cards[v->want[i]], v->whole, &why);
	if (!good && write(3, why.s, why.len) < 0)
		_exit(2);
	if (!good)
		_exit(1);
	close(3);
	for (;;)
		pause();
}

bool qemu_begin(const struct vm *v, struct text *why)
{
	char path[128], said[256], line[32];
	struct text xml = { 0 };
	ssize_t n;
	pid_t pid;
	int up[2];

	if (pipe(up) < 0)
		fail("no pipe");
	pid = fork();
	if (pid == 0) {
		close(up[0]);
		qemu(v, up[1]);
	}
	close(up[1]);
	n = pid < 0 ? 0 : read(up[0], said, sizeof(said));
	close(up[0]);
	if (pid < 0 || n > 0) {
		text_add(why, "%.*s", (int)n, said);
		return false;
	}
	pid_path(v, path, sizeof(path));
	snprintf(line, sizeof(line), "%d", (int)pid);
	file_put(path, line);
	snprintf(path, sizeof(path), RUNNING "/%s.xml", v->name);
	yard_xml(v, &xml);
	file_put(path, xml.s);
	text_free(&xml);
	return true;
}

/* all that it had open is closed, whether it was waited for or not */
static bool has_ended(pid_t pid)
{
	char path[64], line[256];

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file_line(path, line, sizeof(line));
	return !line[0] || strstr(line, ") Z ");
}

void qemu_end(const struct vm *v)
{
	pid_t pid = qemu_pid(v);
	char path[128];

	if (pid > 0 && kill(pid, SIGKILL) == 0)
		while (!has_ended(pid))
			sleep_ms(1);
	pid_path(v, path, sizeof(path));
	unlink(path);
}

void qemu_forget(const struct vm *v)
{
	char path[128];

	snprintf(path, sizeof(path), RUNNING "/%s.xml", v->name);
	unlink(path);
}

/* what libvirt does with a VM that did not come up, or has gone */
static bool clean_up(const struct vm *v, struct text *said)
{
	bool good = hook_call(v, OP_STOPPED, -1, said) == 0;

	qemu_forget(v);
	return hook_call(v, OP_RELEASE, -1, said) == 0 && good;
}

int vm_start(const struct vm *v, bool fails, struct text *said)
{
	int r = hook_call(v, OP_PREPARE, -1, said) == 0 ? 0 : REFUSED;

	if (r == 0)
		r = hook_call(v, "start", -1, said) != 0 || fails ? BROKEN : 0;
	if (r == 0 && !qemu_begin(v, said))
		fail("QEMU of %s does not get what was prepared: %s", v->name, said->s);
	if (r == 0 && hook_call(v, OP_STARTED, -1, said) != 0)
		fail("started of %s: %s", v->name, said->s);
	if (r != 0 && !clean_up(v, said))
		fail("stopped or release of %s: %s", v->name, said->s);
	return r;
}

bool vm_stop(const struct vm *v, struct text *said)
{
	qemu_end(v);
	return clean_up(v, said);
}

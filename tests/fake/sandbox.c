// SPDX-License-Identifier: GPL-2.0-or-later
/* sandbox.c - a private host below a folder: started, entered, and spoken to */
#include "box-files.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

const char *sandbox_cannot(void)
{
	if (geteuid() != 0)
		return "needs root";
	if (access("/dev/fuse", R_OK | W_OK) < 0)
		return "no /dev/fuse";
	return NULL;
}

void sandbox_dir(struct sandbox *s)
{
	*s = (struct sandbox){ .dir = "/tmp/virt-handoff-fake.XXXXXX" };
	if (!mkdtemp(s->dir))
		err(1, "sandbox: %s", s->dir);
	box_path(s->root, "%s/root", s->dir);
}

pid_t sandbox_fork(int flags)
{
	fflush(NULL);
	return (pid_t)syscall(SYS_clone, (unsigned long)flags | SIGCHLD, 0, 0, 0, 0);
}

static pid_t start_kernel(struct sandbox *s)
{
	char path[SANDBOX_PATH_LEN];
	int ready[2];
	char byte;
	pid_t pid;

	for (const char *const *m = s->conf->modules; *m; m++)
		if (module_load(&s->kernel, *m) < 0)
			errx(1, "sandbox: the machine cannot load %s", *m);
	if (pipe2(ready, O_CLOEXEC) < 0)
		err(1, "sandbox: pipe");
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		int r;

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		prctl(PR_SET_NAME, "fake-kernel");
		close(ready[0]);
		r = kernel_serve(&s->kernel, box_path(path, "%s/fuse", s->dir), ready[1]);
		if (r < 0)
			warnx("fake kernel: %s", strerror(-r));
		_exit(r < 0);
	}
	close(ready[1]);
	if (pid < 0 || read(ready[0], &byte, 1) != 1)
		errx(1, "sandbox: the fake kernel did not start");
	close(ready[0]);
	return pid;
}

/* Files of the machine's proc/ that the real /proc has too; a process's are real */
static void mount_proc(const struct sandbox *s)
{
	static const char *const files[] = { "modules", "cmdline", "swaps", "driver",
					     "sys/kernel/osrelease" };
	char from[SANDBOX_PATH_LEN], to[SANDBOX_PATH_LEN];

	box_mount("proc", box_path(to, "%s/proc", s->root), "proc", 0, NULL);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		box_path(from, "%s/fuse/proc/%s", s->dir, files[i]);
		box_path(to, "%s/proc/%s", s->root, files[i]);
		if (access(from, F_OK) == 0 && access(to, F_OK) == 0)
			box_mount(from, to, NULL, MS_BIND, NULL);
	}
}

void sandbox_start(struct sandbox *s)
{
	char from[SANDBOX_PATH_LEN], to[SANDBOX_PATH_LEN];

	s->server = start_kernel(s);
	box_mount(box_path(from, "%s/fuse/sys", s->dir), box_path(to, "%s/sys", s->root),
		  NULL, MS_BIND, NULL);
	box_mount(box_path(from, "%s/fuse/ctl", s->dir), box_path(to, "%s/fake", s->root),
		  NULL, MS_BIND, NULL);
	mount_proc(s);
	box_mount("tmpfs", box_path(to, "%s/run", s->root), "tmpfs", 0, "mode=755");
	box_mount("tmpfs", box_path(to, "%s/tmp", s->root), "tmpfs", 0, NULL);
	box_mount("tmpfs", box_path(to, "%s/units", s->root), "tmpfs", 0, "mode=755");
	for (const char *const *u = s->conf->units; *u; u++) {
		const char *state = strchr(*u, '=');
		char text[16];

		if (!state)
			errx(2, "%s: want UNIT=STATE", *u);
		snprintf(text, sizeof(text), "%-12s\n", state + 1);
		box_write(box_path(to, "%s/units/%.*s", s->root, (int)(state - *u), *u),
			  text, strlen(text), 0644);
	}
}

void sandbox_enter(const struct sandbox *s)
{
	if (chroot(s->root) < 0 || chdir("/") < 0)
		err(1, "sandbox: chroot");
	clearenv();
	/* src/util/vircommand.c, virCommandAddEnvPassCommon() */
	setenv("LC_ALL", "C", 1);
	setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1);
	umask(022);
}

int sandbox_control(const struct sandbox *s, const char *format, ...)
{
	char path[SANDBOX_PATH_LEN], command[SANDBOX_PATH_LEN];
	va_list ap;
	int fd, r = 0;

	va_start(ap, format);
	vsnprintf(command, sizeof(command), format, ap);
	va_end(ap);
	fd = open(box_path(path, "%s/fuse/ctl/control", s->dir), O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		err(1, "sandbox: %s", path);
	if (write(fd, command, strlen(command)) < 0)
		r = -errno;
	close(fd);
	return r;
}

char *sandbox_read(const struct sandbox *s, const char *path)
{
	char full[SANDBOX_PATH_LEN];
	size_t len;

	return box_read(box_path(full, "%s/%s", s->root, path), &len);
}

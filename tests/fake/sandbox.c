// SPDX-License-Identifier: GPL-2.0-or-later
/* sandbox.c - a private host below a folder: fake kernel, own /proc, /run, /dev and units */
#include "sandbox.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
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
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <unistd.h>

const char *sandbox_cannot(void)
{
	if (geteuid() != 0)
		return "needs root";
	if (access("/dev/fuse", R_OK | W_OK) < 0)
		return "no /dev/fuse";
	return NULL;
}

__attribute__((format(printf, 2, 3))) static const char *
path_of(char ret[static SANDBOX_PATH_LEN], const char *format, ...)
{
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(ret, SANDBOX_PATH_LEN, format, ap);
	va_end(ap);
	if (n < 0 || n >= SANDBOX_PATH_LEN)
		errx(1, "sandbox: path too long");
	return ret;
}

static void make_dir(const char *path)
{
	char copy[SANDBOX_PATH_LEN];

	path_of(copy, "%s", path);
	for (char *p = copy + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (mkdir(copy, 0755) < 0 && errno != EEXIST)
			err(1, "sandbox: %s", copy);
		*p = '/';
	}
	if (mkdir(copy, 0755) < 0 && errno != EEXIST)
		err(1, "sandbox: %s", copy);
}

static void do_mount(const char *what, const char *where, const char *type,
		     unsigned long flags, const char *data)
{
	if (mount(what, where, type, flags, data) < 0)
		err(1, "sandbox: mount %s on %s", type ? type : what, where);
}

static void write_file(const char *path, const void *text, size_t len, mode_t mode)
{
	char dir[SANDBOX_PATH_LEN];
	int fd;

	make_dir(dirname(strcpy(dir, path)));
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	if (fd < 0 || write(fd, text, len) != (ssize_t)len || close(fd) < 0)
		err(1, "sandbox: %s", path);
}

static char *read_file(const char *path, size_t *ret_len)
{
	size_t len = 0, room = 1 << 16;
	char *text = malloc(room);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = -1;

	if (!text || fd < 0)
		err(1, "sandbox: %s", path);
	while ((n = read(fd, text + len, room - len - 1)) > 0) {
		len += (size_t)n;
		if (room - len < 1 << 15 && !(text = realloc(text, room *= 2)))
			err(1, "sandbox: %s", path);
	}
	if (n < 0)
		err(1, "sandbox: %s", path);
	close(fd);
	text[len] = '\0';
	*ret_len = len;
	return text;
}

static void copy_file(const char *from, const char *to, mode_t mode)
{
	size_t len;
	char *text = read_file(from, &len);

	write_file(to, text, len, mode);
	free(text);
}

/* A program of this suite's tests, which stands beside the one that runs */
static const char *beside(char ret[static SANDBOX_PATH_LEN], const char *name)
{
	char self[SANDBOX_PATH_LEN];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (n < 0)
		err(1, "sandbox: /proc/self/exe");
	self[n] = '\0';
	return path_of(ret, "%s/%s", dirname(self), name);
}

void sandbox_dir(struct sandbox *s)
{
	*s = (struct sandbox){ .dir = "/tmp/virt-handoff-fake.XXXXXX" };
	if (!mkdtemp(s->dir))
		err(1, "sandbox: %s", s->dir);
	path_of(s->root, "%s/root", s->dir);
}

pid_t sandbox_fork(int flags)
{
	fflush(NULL);
	return (pid_t)syscall(SYS_clone, (unsigned long)flags | SIGCHLD, 0, 0, 0, 0);
}

/* /bin, /lib and so on: a link as on the host, or the host's folder */
static void make_tops(const struct sandbox *s)
{
	static const char *const tops[] = { "bin",   "sbin",  "lib",
					    "lib32", "lib64", "libx32" };
	char from[SANDBOX_PATH_LEN], to[SANDBOX_PATH_LEN], target[SANDBOX_PATH_LEN];

	for (size_t i = 0; i < sizeof(tops) / sizeof(tops[0]); i++) {
		struct stat st;
		ssize_t n;

		path_of(from, "/%s", tops[i]);
		path_of(to, "%s/%s", s->root, tops[i]);
		if (lstat(from, &st) < 0)
			continue;
		if (!S_ISLNK(st.st_mode)) {
			make_dir(to);
			do_mount(from, to, NULL, MS_BIND | MS_REC, NULL);
			continue;
		}
		n = readlink(from, target, sizeof(target) - 1);
		if (n < 0)
			err(1, "sandbox: %s", from);
		target[n] = '\0';
		if (symlink(target, to) < 0)
			err(1, "sandbox: %s", to);
	}
}

/* The host's /usr, with our systemctl before it, and without its modules */
static void make_usr(const struct sandbox *s)
{
	char extra[SANDBOX_PATH_LEN], path[SANDBOX_PATH_LEN], from[SANDBOX_PATH_LEN];
	char layers[2 * SANDBOX_PATH_LEN + 64];

	path_of(extra, "%s/usr", s->dir);
	make_dir(path_of(path, "%s/lib/modules", extra));
	make_dir(path_of(path, "%s/lib/modprobe.d", extra));
	copy_file(beside(from, "fake-systemctl"), path_of(path, "%s/bin/systemctl", extra),
		  0755);
	if (s->conf->install &&
	    access(path_of(path, "%s/usr", s->conf->install), X_OK) == 0)
		snprintf(layers, sizeof(layers), "lowerdir=%s:%s:/usr", extra, path);
	else
		snprintf(layers, sizeof(layers), "lowerdir=%s:/usr", extra);
	make_dir(path_of(path, "%s/usr", s->root));
	do_mount("overlay", path, "overlay", MS_RDONLY, layers);
	do_mount("tmpfs", path_of(path, "%s/usr/lib/modprobe.d", s->root), "tmpfs", 0, NULL);
}

static const struct machine_entry *entry(const struct machine *m, const char *path)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->entries[i].kind <= MACHINE_LINK &&
		    strcmp(m->entries[i].path, path) == 0)
			return &m->entries[i];
	return NULL;
}

static void make_modules(const struct sandbox *s)
{
	const struct machine_entry *e = entry(&s->machine, "proc/sys/kernel/osrelease");
	char path[SANDBOX_PATH_LEN], recorded[128] = "none", alias[192];
	char *dir;
	struct utsname u;

	uname(&u);
	if (e)
		snprintf(recorded, sizeof(recorded), "%.*s", (int)strcspn(e->value, "\n"),
			 e->value);
	do_mount("tmpfs", path_of(path, "%s/usr/lib/modules", s->root), "tmpfs", 0, NULL);
	dir = strdup(path_of(path, "%s/usr/lib/modules/%s", s->root, u.release));
	make_dir(dir);
	index_write(dir, &s->machine);
	snprintf(alias, sizeof(alias), "lib/modules/%s/modules.alias", recorded);
	e = entry(&s->machine, alias);
	if (e)
		write_file(path_of(path, "%s/modules.alias", dir), e->value, e->len, 0644);
	path_of(path, "%s/usr/lib/modules/%s", s->root, recorded);
	if (strcmp(recorded, u.release) != 0 && symlink(u.release, path) < 0)
		err(1, "sandbox: %s", path);
	free(dir);
}

static void make_dev(const struct sandbox *s)
{
	static const struct {
		const char *name;
		unsigned int minor;
	} nodes[] = { { "null", 3 }, { "zero", 5 }, { "full", 7 }, { "random", 8 },
		      { "urandom", 9 } };
	char path[SANDBOX_PATH_LEN];
	mode_t mask = umask(0);

	make_dir(path_of(path, "%s/dev/shm", s->root));
	for (size_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++)
		if (mknod(path_of(path, "%s/dev/%s", s->root, nodes[i].name),
			  S_IFCHR | 0666, makedev(1, nodes[i].minor)) < 0)
			err(1, "sandbox: %s", path);
	umask(mask);
	if (symlink("/proc/self/fd", path_of(path, "%s/dev/fd", s->root)) < 0)
		err(1, "sandbox: %s", path);
}

/* The leak check of what was built with AddressSanitizer cannot work here */
static bool uses_asan(const struct sandbox *s)
{
	char path[SANDBOX_PATH_LEN];
	size_t len;
	char *text;
	bool uses;

	if (!s->conf->install ||
	    access(path_of(path, "%s/etc/libvirt/hooks/virt-handoff/qemu", s->conf->install),
		   R_OK) < 0)
		return false;
	text = read_file(path, &len);
	uses = memmem(text, len, "libasan.so", 10) != NULL;
	free(text);
	return uses;
}

static void make_etc(const struct sandbox *s)
{
	static const char users[] = "root:x:0:0:root:/root:/bin/sh\n"
				    "nobody:x:65534:65534:nobody:/:/bin/false\n";
	static const char groups[] = "root:x:0:\nnogroup:x:65534:\n";
	char path[SANDBOX_PATH_LEN], from[SANDBOX_PATH_LEN];

	write_file(path_of(path, "%s/etc/passwd", s->root), users, sizeof(users) - 1, 0644);
	write_file(path_of(path, "%s/etc/group", s->root), groups, sizeof(groups) - 1, 0644);
	if (access("/etc/ld.so.cache", R_OK) == 0)
		copy_file("/etc/ld.so.cache", path_of(path, "%s/etc/ld.so.cache", s->root),
			  0644);
	if (access("/etc/alternatives", X_OK) == 0) {
		make_dir(path_of(path, "%s/etc/alternatives", s->root));
		do_mount("/etc/alternatives", path, NULL, MS_BIND, NULL);
	}
	make_dir(path_of(path, "%s/etc/virt-handoff/vms", s->root));
	if (s->conf->install &&
	    access(path_of(from, "%s/etc/libvirt", s->conf->install), X_OK) == 0) {
		make_dir(path_of(path, "%s/etc/libvirt", s->root));
		do_mount(from, path, NULL, MS_BIND, NULL);
	}
	if (uses_asan(s)) {
		static const char preload[] = "/etc/asan-options.so\n";

		copy_file(beside(from, "asan-options.so"),
			  path_of(path, "%s/etc/asan-options.so", s->root), 0755);
		write_file(path_of(path, "%s/etc/ld.so.preload", s->root), preload,
			   sizeof(preload) - 1, 0644);
	}
}

static const char *split(const char *word, char from[static SANDBOX_PATH_LEN])
{
	const char *colon = strrchr(word, ':');

	if (!colon || colon[1] != '/')
		errx(2, "%s: want HOST-PATH:/PATH", word);
	path_of(from, "%.*s", (int)(colon - word), word);
	return colon + 1;
}

static void make_asked(const struct sandbox *s)
{
	char from[SANDBOX_PATH_LEN], path[SANDBOX_PATH_LEN];

	for (const char *const *f = s->conf->files; *f; f++) {
		const char *to = split(*f, from);

		copy_file(from, path_of(path, "%s%s", s->root, to), 0644);
	}
	for (const char *const *b = s->conf->binds; *b; b++) {
		const char *to = split(*b, from);

		make_dir(path_of(path, "%s%s", s->root, to));
		do_mount(from, path, NULL, MS_BIND, NULL);
	}
}

void sandbox_build(struct sandbox *s, const struct sandbox_conf *conf)
{
	static const char *const dirs[] = { "sys", "proc",  "run",   "tmp",
					    "var", "units", "root", "fake" };
	char path[SANDBOX_PATH_LEN], why[MACHINE_WHY_LEN];

	s->conf = conf;
	if (machine_read(conf->machine, &s->machine, why) < 0 ||
	    kernel_load(&s->kernel, &s->machine, why) < 0)
		errx(1, "%s", why);
	do_mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
	do_mount("tmpfs", s->dir, "tmpfs", 0, "mode=755");
	make_dir(path_of(path, "%s/fuse", s->dir));
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		make_dir(path_of(path, "%s/%s", s->root, dirs[i]));
	if (symlink("/run", path_of(path, "%s/var/run", s->root)) < 0)
		err(1, "sandbox: %s", path);
	make_usr(s);
	make_tops(s);
	make_modules(s);
	make_dev(s);
	make_etc(s);
	make_asked(s);
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
		r = kernel_serve(&s->kernel, path_of(path, "%s/fuse", s->dir), ready[1]);
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

/* Files of the machine's proc/ that the real /proc has too; those of a process are real */
static void mount_proc(const struct sandbox *s)
{
	static const char *const files[] = { "modules", "cmdline", "swaps", "driver",
					     "sys/kernel/osrelease" };
	char from[SANDBOX_PATH_LEN], to[SANDBOX_PATH_LEN];

	do_mount("proc", path_of(to, "%s/proc", s->root), "proc", 0, NULL);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		path_of(from, "%s/fuse/proc/%s", s->dir, files[i]);
		path_of(to, "%s/proc/%s", s->root, files[i]);
		if (access(from, F_OK) == 0 && access(to, F_OK) == 0)
			do_mount(from, to, NULL, MS_BIND, NULL);
	}
}

void sandbox_start(struct sandbox *s)
{
	char from[SANDBOX_PATH_LEN], to[SANDBOX_PATH_LEN];

	s->server = start_kernel(s);
	do_mount(path_of(from, "%s/fuse/sys", s->dir), path_of(to, "%s/sys", s->root), NULL,
		 MS_BIND, NULL);
	do_mount(path_of(from, "%s/fuse/ctl", s->dir), path_of(to, "%s/fake", s->root), NULL,
		 MS_BIND, NULL);
	mount_proc(s);
	do_mount("tmpfs", path_of(to, "%s/run", s->root), "tmpfs", 0, "mode=755");
	do_mount("tmpfs", path_of(to, "%s/tmp", s->root), "tmpfs", 0, NULL);
	do_mount("tmpfs", path_of(to, "%s/units", s->root), "tmpfs", 0, "mode=755");
	for (const char *const *u = s->conf->units; *u; u++) {
		const char *state = strchr(*u, '=');
		char text[16];

		if (!state)
			errx(2, "%s: want UNIT=STATE", *u);
		snprintf(text, sizeof(text), "%-12s\n", state + 1);
		write_file(path_of(to, "%s/units/%.*s", s->root, (int)(state - *u), *u),
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
	fd = open(path_of(path, "%s/fuse/ctl/control", s->dir), O_WRONLY | O_CLOEXEC);
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

	return read_file(path_of(full, "%s/%s", s->root, path), &len);
}

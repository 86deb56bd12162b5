// SPDX-License-Identifier: GPL-2.0-or-later
/* box-build.c - what every start of a sandbox has alike: /usr, /dev, /etc, modules */
#include "box-files.h"

#include <err.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <unistd.h>

/* A program of this suite's tests, which stands beside the one that runs */
static const char *beside(char ret[static SANDBOX_PATH_LEN], const char *name)
{
	char self[SANDBOX_PATH_LEN];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (n < 0)
		err(1, "sandbox: /proc/self/exe");
	self[n] = '\0';
	return box_path(ret, "%s/%s", dirname(self), name);
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

		box_path(from, "/%s", tops[i]);
		box_path(to, "%s/%s", s->root, tops[i]);
		if (lstat(from, &st) < 0)
			continue;
		if (!S_ISLNK(st.st_mode)) {
			box_dir(to);
			box_mount(from, to, NULL, MS_BIND | MS_REC, NULL);
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

/* A host with vGPUs has NVIDIA's tools */
static bool has_types(const struct machine *m)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->entries[i].kind == MACHINE_TYPES)
			return true;
	return false;
}

/* The host's /usr, with our systemctl before it, and without its modules */
static void make_usr(const struct sandbox *s)
{
	char extra[SANDBOX_PATH_LEN], path[SANDBOX_PATH_LEN], from[SANDBOX_PATH_LEN];
	char layers[2 * SANDBOX_PATH_LEN + 64];

	box_path(extra, "%s/usr", s->dir);
	box_dir(box_path(path, "%s/lib/modules", extra));
	box_dir(box_path(path, "%s/lib/modprobe.d", extra));
	box_copy(beside(from, "fake-systemctl"),
		 box_path(path, "%s/bin/systemctl", extra), 0755);
	if (has_types(&s->machine)) {
		box_dir(box_path(path, "%s/lib/nvidia", extra));
		box_copy(beside(from, "fake-sriov-manage"),
			 box_path(path, "%s/lib/nvidia/sriov-manage", extra), 0755);
		box_copy(beside(from, "fake-nvidia-smi"),
			 box_path(path, "%s/bin/nvidia-smi", extra), 0755);
	}
	if (s->conf->install &&
	    access(box_path(path, "%s/usr", s->conf->install), X_OK) == 0)
		snprintf(layers, sizeof(layers), "lowerdir=%s:%s:/usr", extra, path);
	else
		snprintf(layers, sizeof(layers), "lowerdir=%s:/usr", extra);
	box_dir(box_path(path, "%s/usr", s->root));
	box_mount("overlay", path, "overlay", MS_RDONLY, layers);
	box_mount("tmpfs", box_path(path, "%s/usr/lib/modprobe.d", s->root), "tmpfs", 0,
		  NULL);
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
	box_mount("tmpfs", box_path(path, "%s/usr/lib/modules", s->root), "tmpfs", 0,
		  NULL);
	dir = strdup(box_path(path, "%s/usr/lib/modules/%s", s->root, u.release));
	box_dir(dir);
	index_write(dir, &s->machine);
	snprintf(alias, sizeof(alias), "lib/modules/%s/modules.alias", recorded);
	e = entry(&s->machine, alias);
	if (e)
		box_write(box_path(path, "%s/modules.alias", dir), e->value, e->len,
			  0644);
	box_path(path, "%s/usr/lib/modules/%s", s->root, recorded);
	if (strcmp(recorded, u.release) != 0 && symlink(u.release, path) < 0)
		err(1, "sandbox: %s", path);
	free(dir);
}

static void make_dev(const struct sandbox *s)
{
	static const struct {
		const char *name;
		unsigned int minor;
	} nodes[] = { { "null", 3 },
		      { "zero", 5 },
		      { "full", 7 },
		      { "random", 8 },
		      { "urandom", 9 } };
	char path[SANDBOX_PATH_LEN];
	mode_t mask = umask(0);

	box_dir(box_path(path, "%s/dev/shm", s->root));
	for (size_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++)
		if (mknod(box_path(path, "%s/dev/%s", s->root, nodes[i].name),
			  S_IFCHR | 0666, makedev(1, nodes[i].minor)) < 0)
			err(1, "sandbox: %s", path);
	umask(mask);
	if (symlink("/proc/self/fd", box_path(path, "%s/dev/fd", s->root)) < 0)
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
	    access(box_path(path, "%s/etc/libvirt/hooks/virt-handoff/qemu",
			    s->conf->install),
		   R_OK) < 0)
		return false;
	text = box_read(path, &len);
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

	box_write(box_path(path, "%s/etc/passwd", s->root), users, sizeof(users) - 1,
		  0644);
	box_write(box_path(path, "%s/etc/group", s->root), groups, sizeof(groups) - 1,
		  0644);
	if (access("/etc/ld.so.cache", R_OK) == 0)
		box_copy("/etc/ld.so.cache",
			 box_path(path, "%s/etc/ld.so.cache", s->root), 0644);
	if (access("/etc/alternatives", X_OK) == 0) {
		box_dir(box_path(path, "%s/etc/alternatives", s->root));
		box_mount("/etc/alternatives", path, NULL, MS_BIND, NULL);
	}
	box_dir(box_path(path, "%s/etc/virt-handoff/vms", s->root));
	if (s->conf->install &&
	    access(box_path(from, "%s/etc/libvirt/hooks", s->conf->install), X_OK) == 0) {
		box_dir(box_path(path, "%s/etc/libvirt/hooks", s->root));
		box_mount(from, path, NULL, MS_BIND, NULL);
	}
	if (uses_asan(s)) {
		static const char preload[] = "/etc/asan-options.so\n";

		box_copy(beside(from, "asan-options.so"),
			 box_path(path, "%s/etc/asan-options.so", s->root), 0755);
		box_write(box_path(path, "%s/etc/ld.so.preload", s->root), preload,
			  sizeof(preload) - 1, 0644);
	}
}

static const char *split(const char *word, char from[static SANDBOX_PATH_LEN])
{
	const char *colon = strrchr(word, ':');

	if (!colon || colon[1] != '/')
		errx(2, "%s: want HOST-PATH:/PATH", word);
	box_path(from, "%.*s", (int)(colon - word), word);
	return colon + 1;
}

static void make_asked(const struct sandbox *s)
{
	char from[SANDBOX_PATH_LEN], path[SANDBOX_PATH_LEN];

	for (const char *const *f = s->conf->files; *f; f++) {
		const char *to = split(*f, from);

		box_copy(from, box_path(path, "%s%s", s->root, to), 0644);
	}
	for (const char *const *b = s->conf->binds; *b; b++) {
		const char *to = split(*b, from);

		box_dir(box_path(path, "%s%s", s->root, to));
		box_mount(from, path, NULL, MS_BIND, NULL);
	}
}

/* where programs of tests/coverage write what was run of them */
static void make_coverage(const struct sandbox *s)
{
	const char *folder = getenv("COVERAGE_BUILD");
	char path[SANDBOX_PATH_LEN];

	if (!folder)
		return;
	box_dir(box_path(path, "%s%s", s->root, folder));
	box_mount(folder, path, NULL, MS_BIND, NULL);
}

void sandbox_build(struct sandbox *s, const struct sandbox_conf *conf)
{
	static const char *const dirs[] = { "sys", "proc",  "run",  "tmp",
					    "var", "units", "root", "fake" };
	char path[SANDBOX_PATH_LEN], why[MACHINE_WHY_LEN];

	s->conf = conf;
	if (machine_read(conf->machine, &s->machine, why) < 0 ||
	    kernel_load(&s->kernel, &s->machine, why) < 0)
		errx(1, "%s", why);
	box_mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
	box_mount("tmpfs", s->dir, "tmpfs", 0, "mode=755");
	box_dir(box_path(path, "%s/fuse", s->dir));
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		box_dir(box_path(path, "%s/%s", s->root, dirs[i]));
	if (symlink("/run", box_path(path, "%s/var/run", s->root)) < 0)
		err(1, "sandbox: %s", path);
	make_usr(s);
	make_tops(s);
	make_modules(s);
	make_dev(s);
	make_etc(s);
	make_asked(s);
	make_coverage(s);
}

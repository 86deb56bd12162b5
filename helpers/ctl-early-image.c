// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-early-image.c - initramfs images: find, read and rebuild them, with the
 * distribution's own tools */

#include "ctl-early.h"

#include "child.h"
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define BOOT      "boot"
#define UNPACK_MS 600000 /* all of an image, also on a slow or emulated host */

/**
 * struct finding_images - One run of images_find()
 */
struct finding_images {
	const struct host *host;
	struct image *image;
	int n;
};

/* initrd.img-VERSION (Debian), initrd-VERSION (SUSE) or initramfs-VERSION.img (dracut elsewhere) */
static int version_of(const char *name, char ret[static NAME_LEN])
{
	size_t len = strlen(name);

	if (strncmp(name, "initrd.img-", 11) == 0)
		return text_copy(ret, NAME_LEN, name + 11);
	if (strncmp(name, "initrd-", 7) == 0)
		return text_copy(ret, NAME_LEN, name + 7);
	if (strncmp(name, "initramfs-", 10) != 0 || len < 15 ||
	    strcmp(name + len - 4, ".img") != 0)
		return -EINVAL;
	return text_format(ret, NAME_LEN, "%.*s", (int)(len - 14), name + 10);
}

static int add_image(const char *name, void *data)
{
	char version[NAME_LEN], modules[PATH_LEN];
	struct finding_images *f = data;
	struct image *i = &f->image[f->n];

	if (f->n == IMAGES_MAX || version_of(name, version) < 0 ||
	    text_format(modules, sizeof(modules), "lib/modules/%s", version) < 0 ||
	    !file_exists(f->host->root, modules) ||
	    text_format(i->path, sizeof(i->path), "/" BOOT "/%s", name) < 0)
		return 0;
	i->text[0] = '\0';
	f->n++;
	return 0;
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct image *)a)->path, ((const struct image *)b)->path);
}

int images_find(const struct host *h, struct image ret[IMAGES_MAX])
{
	struct finding_images f = { h, ret, 0 };
	int r = file_each(h->root, BOOT, add_image, &f);

	if (r < 0 && r != -ENOENT)
		return r;
	qsort(ret, (size_t)f.n, sizeof(*ret), by_path);
	return f.n;
}

static void print_elsewhere(const char *folder)
{
	printf("/%s: the images in it are out of reach: if the host boots from them, make them again after each virt-handoff early update\n",
	       folder);
}

static int is_unified(const char *name, void *data)
{
	size_t len = strlen(name);

	(void)data;
	return len > 4 && strcmp(name + len - 4, ".efi") == 0;
}

void images_print_elsewhere(const struct host *h)
{
	static const char *const bases[] = { "boot", "efi", "boot/efi" };
	char id[64] = "", folder[PATH_LEN];

	(void)!file_read(h->root, "etc/machine-id", id, sizeof(id));
	for (size_t i = 0; i < ARRAY_LEN(bases); i++) {
		if (id[0] && text_format(folder, PATH_LEN, "%s/%s", bases[i], id) == 0 &&
		    file_exists(h->root, folder))
			print_elsewhere(folder);
		if (text_format(folder, PATH_LEN, "%s/EFI/Linux", bases[i]) == 0 &&
		    file_each(h->root, folder, is_unified, NULL) > 0)
			print_elsewhere(folder);
	}
}

static bool is_tool(const char *path)
{
	return access(path, X_OK) == 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

/* an image with microcode in front is unpacked into several folders */
static int read_unpacked(const char *dir, char *ret, size_t size)
{
	static const char *const folders[] = { "", "main/" };
	char path[PATH_LEN];

	for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
		ssize_t n;

		if (text_format(path, sizeof(path), "%s/%s" EARLY_LIST, dir, folders[i]) <
		    0)
			return -ENAMETOOLONG;
		n = file_read(AT_FDCWD, path, ret, size);
		if (n != -ENOENT)
			return n < 0 ? (int)n : 0;
	}
	ret[0] = '\0';
	return 0;
}

/* initramfs-tools has no tool that prints one file: all is unpacked */
static int unpack(const char *image, char *ret, size_t size)
{
	char dir[] = "/var/tmp/virt-handoff-XXXXXX";
	const char *const argv[] = { "/usr/bin/unmkinitramfs", image, dir, NULL };
	int r;

	if (!mkdtemp(dir))
		return -errno;
	r = child_run(argv, UNPACK_MS, NULL, 0);
	if (r == 0)
		r = read_unpacked(dir, ret, size);
	else if (r > 0)
		r = -EIO;
	nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	return r;
}

/* without such a file it prints nothing */
static int print(const char *image, char *ret, size_t size)
{
	const char *const argv[] = { "/usr/bin/lsinitrd", "-f", EARLY_LIST, image, NULL };
	int r = child_run(argv, UNPACK_MS, ret, size);

	return r > 0 ? -EIO : r;
}

int image_read(struct image *i)
{
	int r;

	if (is_tool("/usr/bin/unmkinitramfs"))
		r = unpack(i->path, i->text, sizeof(i->text));
	else if (is_tool("/usr/bin/lsinitrd"))
		r = print(i->path, i->text, sizeof(i->text));
	else
		return -ENOPKG;
	if (r < 0)
		i->text[0] = '\0';
	return r;
}

static int run_shown(const char *const argv[])
{
	int r, status;
	pid_t pid;

	printf("running %s\n", argv[0]);
	fflush(stdout);
	r = posix_spawn(&pid, argv[0], NULL, NULL, (char *const *)argv, environ);
	if (r != 0)
		return -r;
	do
		r = waitpid(pid, &status, 0);
	while (r < 0 && errno == EINTR);
	if (r < 0)
		return -errno;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EIO;
}

int images_rebuild(void)
{
	static const char *const tools[][5] = {
		{ "/usr/sbin/update-initramfs", "-u", "-k", "all", NULL },
		{ "/usr/bin/dracut", "--regenerate-all", "--force", NULL, NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(tools); i++)
		if (is_tool(tools[i][0]))
			return run_shown(tools[i]);
	return -ENOPKG;
}

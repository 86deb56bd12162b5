// SPDX-License-Identifier: GPL-2.0-or-later
/* place.c - print what is done to GPUs at boot, and which vGPU is made where, or why not */

/*
 * usage: place CASE
 *
 * CASE is a folder with a file "case": lines as in cards.h say which cards there are, and
 * each line "--- PATH" begins an INI file below etc/virt-handoff:
 *
 *	card 0000:e8:00.0 10de:2235 nvidia 32 4
 *	vendor 558 NVIDIA A40-24A
 *	--- host.ini
 *	[gpu a40]
 *	...
 *	--- vms/a.ini
 *	[vgpu desk]
 *	...
 *
 * Real: everything from the INI files, domain XML and sysfs to the places and the steps.
 * Faked: the host is files and links in a temporary folder, and does not react; it needs no
 * root.
 */

#include "cards.h"
#include "file.h"
#include "policy-boot.h"
#include "text.h"
#include "vms.h"
#include "wishes.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX (1u << 20)
#define CONF_DIR "etc/virt-handoff"
#define PART     "\n--- "

/**
 * struct place_case - A case that is being played
 * @vm:      Owned, @n_vms
 */
struct place_case {
	char root[32], why[WHY_LEN];
	struct host host;
	struct conf_host conf;
	struct vm *vm;
	size_t n_vms;
	struct wishes wishes;
};

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

/* "--- vms/a.ini\n..." up to the next one */
static int write_part(struct place_case *c, const char *part)
{
	char path[PATH_LEN];
	size_t name = strcspn(part, "\n");
	int r = text_format(path, sizeof(path), CONF_DIR "/%.*s", (int)name, part);

	return r < 0 ? r : cards_write(c->host.root, path, part + name + !!part[name]);
}

static int unpack(struct place_case *c, const char *dir)
{
	CLEANUP(free_ptr) char *text = NULL;
	CLEANUP(close_fd) int fd = -1;
	char path[PATH_LEN], *next;
	ssize_t n;
	int r = text_format(path, sizeof(path), "%s/case", dir);

	fd = r < 0 ? -1 : open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -errno : file_read_all(fd, FILE_MAX, &text);
	if (n < 0) {
		why(c->why, "%s: %s", path, strerror((int)-n));
		return (int)n;
	}
	next = strstr(text, PART);
	while (r == 0 && next) {
		char *part = next + strlen(PART);

		next[1] = '\0'; /* the newline is that of the file before */
		next = strstr(part, PART);
		if (next)
			next[1] = '\0';
		r = write_part(c, part);
	}
	return r < 0 ? r : cards_make(c->host.root, text, c->why);
}

static int add_vm(struct vm *vm, const char *sentence, void *data)
{
	struct place_case *c = data;
	struct vm *more;

	if (!vm) {
		printf("%s\n", sentence);
		return 0;
	}
	more = reallocarray(c->vm, c->n_vms + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	c->vm = more;
	c->vm[c->n_vms++] = *vm;
	*vm = (struct vm){ 0 };
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct vm *)a)->conf.shown,
		      ((const struct vm *)b)->conf.shown);
}

static int read_vms(struct place_case *c)
{
	int r = vms_each(&c->host, add_vm, c);

	if (c->n_vms > 0)
		qsort(c->vm, c->n_vms, sizeof(*c->vm), by_name);
	for (size_t i = 0; i < c->n_vms && r == 0; i++)
		r = wishes_add(&c->wishes, &c->vm[i].conf, &c->vm[i].guest, WISH_ALL);
	return r;
}

static void print_plan(const struct plan *plan)
{
	for (size_t i = 0; i < plan->n; i++)
		printf("  %zu. %s %s: %s%s\n", i + 1, plan->steps[i].kind,
		       plan->steps[i].target, plan->steps[i].to,
		       plan->steps[i].keep ? " [kept]" : "");
}

static int print_gpus(struct place_case *c)
{
	CLEANUP(vgpus_free) struct vgpus seen = { 0 };
	int r = vgpus_read(&c->host, NULL, 0, &seen);

	for (size_t i = 0; i < c->conf.n_gpus && r == 0; i++) {
		CLEANUP(plan_free) struct plan plan = { 0 };
		const struct conf_gpu *gpu = &c->conf.gpu[i];
		char name[BDF_LEN], sentence[WHY_LEN];

		bdf_format(&gpu->bdf, name);
		printf("[gpu %s]\n", gpu->name);
		if (policy_boot(gpu, vgpus_card(&seen, name), &plan, sentence) < 0)
			printf("  refused: %s\n", sentence);
		print_plan(&plan);
	}
	return r;
}

static int print_place(const struct wish *w, const struct place *p)
{
	CLEANUP(plan_free) struct plan plan = { 0 };
	int r = policy_vgpu(p, w->conf->at_boot, &plan);

	if (p->kind == PLACE_REFUSED) {
		printf("refused: %s\n", p->why);
		return 0;
	}
	printf("%s [vgpu %s]: %s %s%s%s\n", w->file, w->conf->name,
	       p->kind == PLACE_MAKE ? "made on" : "is there on", p->parent,
	       p->type[0] ? " as " : "", p->type);
	print_plan(&plan);
	return r;
}

static int play(struct place_case *c)
{
	CLEANUP(ledgers_free) struct ledgers ledgers = { 0 };
	CLEANUP(close_fd) int dir = -1;
	int r;

	/* opened again, now with a run folder when the machine has one */
	host_close(&c->host);
	r = host_open(&c->host, c->root, NULL);
	if (r < 0)
		return r;
	dir = openat(c->host.root, CONF_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	r = conf_host_read(dir, &c->conf, c->why);
	if (r == 0)
		r = print_gpus(c);
	if (r == 0)
		r = read_vms(c);
	if (r == 0)
		r = ledgers_read(&c->host, "", &ledgers, c->why);
	if (r == 0)
		r = wishes_place(&c->host, &c->conf, &ledgers, &c->wishes, c->why);
	for (size_t i = 0; i < c->wishes.n && r == 0; i++)
		r = print_place(&c->wishes.wish[i], &c->wishes.place[i]);
	return r;
}

static void clean(struct place_case *c)
{
	wishes_free(&c->wishes);
	for (size_t i = 0; i < c->n_vms; i++)
		vm_free(&c->vm[i]);
	free(c->vm);
	host_close(&c->host);
	nftw(c->root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

int main(int argc, char *argv[])
{
	struct place_case c = { .root = "/tmp/handoff-place-XXXXXX",
				.host = { .root = -1, .run = -1 } };
	int r;

	if (argc < 2) {
		fprintf(stderr, "usage: %s CASE\n", argv[0]);
		return 2;
	}
	umask(077);
	if (!mkdtemp(c.root) || host_open(&c.host, c.root, NULL) < 0) {
		perror(c.root);
		return 1;
	}
	r = unpack(&c, argv[1]);
	if (r == 0)
		r = play(&c);
	if (r < 0)
		fprintf(stderr, "%s\n", c.why[0] ? c.why : strerror(-r));
	clean(&c);
	return r < 0;
}

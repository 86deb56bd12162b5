// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-assign-kept.c - cards that no VM gets whole, because vGPUs are, or are to be, on them */

#include "ctl-assign.h"

#include "file.h"
#include "text.h"
#include "vms.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define MDEVS "sys/bus/mdev/devices"

/**
 * struct looking - Where they are looked for
 * @x:       Its @kept is added to
 * @host:    host.ini
 */
struct looking {
	struct choosing *x;
	struct conf_host host;
};

/* the card itself, when @b is a virtual function of it */
static int keep(struct choosing *x, const struct bdf *b, const char *for_what)
{
	const struct card *c = cards_find(&x->cards, b);
	struct kept *more = reallocarray(x->kept, x->n_kept + 1, sizeof(*more));

	if (!more)
		return -ENOMEM;
	x->kept = more;
	more[x->n_kept].bdf = *b;
	if (c && c->vf && bdf_parse(c->pf, &more[x->n_kept].bdf) < 0)
		return -EINVAL;
	snprintf(more[x->n_kept].why, sizeof(more->why), "%s", for_what);
	x->n_kept++;
	return 0;
}

const char *choose_kept(const struct choosing *x, const struct bdf *b)
{
	for (size_t i = 0; i < x->n_kept; i++)
		if (bdf_equal(&x->kept[i].bdf, b))
			return x->kept[i].why;
	return NULL;
}

/* "any" is no card, and what is no PCI function nobody gets whole */
static bool find_card(const struct conf_host *host, const char *gpu, struct bdf *ret)
{
	for (size_t i = 0; i < host->n_gpus; i++)
		if (strcasecmp(host->gpu[i].name, gpu) == 0) {
			*ret = host->gpu[i].bdf;
			return true;
		}
	return bdf_parse(gpu, ret) == 0;
}

static int add_vm(struct vm *vm, const char *sentence, void *data)
{
	struct looking *l = data;
	int r = 0;

	(void)sentence; /* what is wrong with another VM's files is its own affair */
	for (size_t i = 0; vm && i < vm->conf.n_vgpus && r == 0; i++) {
		const struct conf_vgpu *v = &vm->conf.vgpu[i];
		char text[WHY_LEN];
		struct bdf b;

		why(text, "[vgpu %s] of %s asks for it", v->name, vm->conf.shown);
		if (find_card(&l->host, v->gpu, &b))
			r = keep(l->x, &b, text);
	}
	return r;
}

static int add_host(struct looking *l)
{
	int r = 0;

	for (size_t i = 0; i < l->host.n_gpus && r == 0; i++) {
		const struct conf_gpu *g = &l->host.gpu[i];
		char text[WHY_LEN];

		why(text, "[gpu %s] of host.ini divides it", g->name);
		if (g->vfs != CONF_VFS_LEAVE || g->mig[0])
			r = keep(l->x, &g->bdf, text);
	}
	return r;
}

/* the link ends with PARENT/UUID; a parent that is no PCI function is no card either */
static int add_mdev(const char *uuid, void *data)
{
	char path[PATH_LEN], target[PATH_LEN], text[WHY_LEN], *end;
	struct looking *l = data;
	struct bdf b;
	ssize_t n;

	if (text_format(path, sizeof(path), MDEVS "/%s", uuid) < 0)
		return 0;
	n = readlinkat(l->x->ctl->host.root, path, target, sizeof(target) - 1);
	target[n > 0 ? n : 0] = '\0';
	end = strrchr(target, '/');
	if (!end)
		return 0;
	*end = '\0';
	end = strrchr(target, '/');
	if (!end || bdf_parse(end + 1, &b) < 0)
		return 0;
	why(text, "the mediated device %s is on it", uuid);
	return keep(l->x, &b, text);
}

static int read_host(struct looking *l, char ret_why[static WHY_LEN])
{
	CLEANUP(close_fd)
	int dir = openat(l->x->ctl->host.root, "etc/virt-handoff",
			 O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir >= 0)
		return conf_host_read(dir, &l->host, ret_why);
	if (errno == ENOENT)
		return 0;
	why(ret_why, "/etc/virt-handoff cannot be opened: %s", strerror(errno));
	return -errno;
}

int choose_keep(struct choosing *x, char ret_why[static WHY_LEN])
{
	struct looking l = { .x = x };
	int r = read_host(&l, ret_why);

	if (r < 0)
		return r;
	r = add_host(&l);
	if (r == 0)
		r = vms_each(&x->ctl->host, add_vm, &l);
	if (r == 0)
		r = file_each(x->ctl->host.root, MDEVS, add_mdev, &l);
	if (r == -ENOENT) /* a kernel without mediated devices */
		r = 0;
	if (r < 0)
		why(ret_why, "what is kept for vGPUs cannot be looked at: %s",
		    strerror(-r));
	return r;
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* serve.c - the fake kernel as a file system: answers to FUSE, one at a time */
#define FUSE_USE_VERSION 35
#include "kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <fuse_lowlevel.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* sysfs has no more than this in one attribute, and takes no more in one write */
#define ATTRIBUTE_MAX 4096

/* A name or a file's looks that never change may be kept by the client; ten minutes */
#define KEEP_SECONDS 600.0

/* A request that waits until something has happened */
struct waiting {
	struct waiting *next;
	fuse_req_t req;
	struct node *node;
	char *data; /* NULL: a read */
	size_t size;
	off_t off;
};

struct server {
	struct kernel *k;
	struct waiting *waiting;
};

static struct server *server_of(fuse_req_t req)
{
	return fuse_req_userdata(req);
}

/* Inode numbers of this file system are addresses of nodes, which are never freed. */
static struct node *node_of(fuse_req_t req, fuse_ino_t ino)
{
	/* NOLINTNEXTLINE(performance-no-int-to-ptr) */
	return ino == FUSE_ROOT_ID ? server_of(req)->k->root : (struct node *)ino;
}

static void stat_node(const struct node *n, struct stat *st)
{
	*st = (struct stat){
		.st_ino = n->ino,
		.st_mode = n->mode,
		.st_nlink = 1,
		.st_size = S_ISREG(n->mode) ? ATTRIBUTE_MAX : (off_t)n->len,
	};
}

static void do_lookup(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	struct node *n = node_find(node_of(req, parent), name);
	struct fuse_entry_param e = { 0 };

	if (!n) {
		fuse_reply_err(req, ENOENT);
		return;
	}
	e.ino = (fuse_ino_t)n;
	e.attr_timeout = KEEP_SECONDS;
	e.entry_timeout = n->fixed ? KEEP_SECONDS : 0;
	stat_node(n, &e.attr);
	fuse_reply_entry(req, &e);
}

static void do_getattr(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct stat st;

	(void)fi;
	stat_node(node_of(req, ino), &st);
	fuse_reply_attr(req, &st, KEEP_SECONDS);
}

/* kernfs takes a truncation and does nothing; changing modes is not faked */
static void do_setattr(fuse_req_t req, fuse_ino_t ino, struct stat *want, int which,
		       struct fuse_file_info *fi)
{
	(void)want;
	if (which & ~(FUSE_SET_ATTR_SIZE | FUSE_SET_ATTR_MTIME | FUSE_SET_ATTR_CTIME))
		fuse_reply_err(req, EPERM);
	else
		do_getattr(req, ino, fi);
}

static void do_readlink(fuse_req_t req, fuse_ino_t ino)
{
	fuse_reply_readlink(req, node_of(req, ino)->value);
}

/* fs/kernfs/file.c, kernfs_fop_open(): KERNFS_ROOT_EXTRA_OPEN_PERM_CHECK */
static void do_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	const struct node *n = node_of(req, ino);
	int how = fi->flags & O_ACCMODE;

	if ((how != O_RDONLY && !(n->mode & 0222)) ||
	    (how != O_WRONLY && !(n->mode & 0444))) {
		fuse_reply_err(req, EACCES);
		return;
	}
	fi->direct_io = 1;
	fuse_reply_open(req, fi);
}

static bool put_aside(struct server *s, struct waiting w)
{
	struct waiting **tail = &s->waiting, *copy = malloc(sizeof(*copy));
	char *data = NULL;

	if (w.data && (data = malloc(w.size + 1))) {
		memcpy(data, w.data, w.size);
		data[w.size] = '\0';
	}
	if (!copy || (w.data && !data)) {
		free(copy);
		free(data);
		return false;
	}
	*copy = w;
	copy->data = data;
	while (*tail)
		tail = &(*tail)->next;
	*tail = copy;
	return true;
}

static void do_read(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off,
		    struct fuse_file_info *fi)
{
	struct server *s = server_of(req);
	struct node *n = node_of(req, ino);
	struct text out = { 0 };
	int r = attr_read(s->k, n, &out);

	(void)fi;
	if (r == KERNEL_WAIT) {
		struct waiting w = { .req = req, .node = n, .size = size, .off = off };

		if (!put_aside(s, w))
			fuse_reply_err(req, ENOMEM);
	} else if (r < 0) {
		fuse_reply_err(req, -r);
	} else {
		size_t at = (size_t)off < out.len ? (size_t)off : out.len;

		fuse_reply_buf(req, out.s + at,
			       size < out.len - at ? size : out.len - at);
	}
	free(out.s);
}

static void do_write(fuse_req_t req, fuse_ino_t ino, const char *buf, size_t size,
		     off_t off, struct fuse_file_info *fi)
{
	struct server *s = server_of(req);
	struct node *n = node_of(req, ino);
	char value[ATTRIBUTE_MAX + 1];
	int r;

	(void)fi;
	if (size > ATTRIBUTE_MAX)
		size = ATTRIBUTE_MAX;
	memcpy(value, buf, size);
	value[size] = '\0';
	r = attr_write(s->k, n, value, size);
	if (r == KERNEL_WAIT) {
		struct waiting w = {
			.req = req, .node = n, .data = value, .size = size, .off = off
		};

		if (!put_aside(s, w))
			fuse_reply_err(req, ENOMEM);
	} else if (r < 0) {
		fuse_reply_err(req, -r);
	} else {
		fuse_reply_write(req, size);
	}
}

/* Whoever waits is asked again, in order. */
static void ask_again(struct server *s)
{
	while (s->k->woken) {
		struct waiting *w = s->waiting, *next;

		s->k->woken = false;
		s->waiting = NULL;
		s->k->again = true;
		for (; w; w = next) {
			fuse_ino_t ino = (fuse_ino_t)w->node;

			next = w->next;
			if (w->data)
				do_write(w->req, ino, w->data, w->size, w->off, NULL);
			else
				do_read(w->req, ino, w->size, w->off, NULL);
			free(w->data);
			free(w);
		}
		s->k->again = false;
	}
}

static void do_readdir(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off,
		       struct fuse_file_info *fi)
{
	const struct node *dir = node_of(req, ino), *n = dir->child;
	char *buf = malloc(size);
	size_t used = 0;
	off_t at = 0;

	(void)fi;
	for (; buf && (at < 2 || n); at++) {
		const char *name = at == 0 ? "." : at == 1 ? ".." : n->name;
		struct stat st;
		size_t need;

		stat_node(at < 2 ? dir : n, &st);
		if (at >= off) {
			need = fuse_add_direntry(req, buf + used, size - used, name, &st,
						 at + 1);
			if (need > size - used)
				break;
			used += need;
		}
		if (at >= 2)
			n = n->next;
	}
	if (buf)
		fuse_reply_buf(req, buf, used);
	else
		fuse_reply_err(req, ENOMEM);
	free(buf);
}

/* fs/kernfs has no such operations; what fs/namei.c then answers */
static void no_create(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode,
		      struct fuse_file_info *fi)
{
	(void)parent;
	(void)name;
	(void)mode;
	(void)fi;
	fuse_reply_err(req, EACCES);
}

static void no_mknod(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode,
		     dev_t rdev)
{
	(void)rdev;
	no_create(req, parent, name, mode, NULL);
}

static void no_mkdir(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode)
{
	(void)parent;
	(void)name;
	(void)mode;
	fuse_reply_err(req, EPERM);
}

static void no_unlink(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	no_mkdir(req, parent, name, 0);
}

static void no_symlink(fuse_req_t req, const char *link, fuse_ino_t parent,
		       const char *name)
{
	(void)link;
	no_mkdir(req, parent, name, 0);
}

static void no_rename(fuse_req_t req, fuse_ino_t parent, const char *name, fuse_ino_t to,
		      const char *new_name, unsigned int flags)
{
	(void)to;
	(void)new_name;
	(void)flags;
	no_mkdir(req, parent, name, 0);
}

static void no_link(fuse_req_t req, fuse_ino_t ino, fuse_ino_t to, const char *name)
{
	(void)to;
	no_mkdir(req, ino, name, 0);
}

static void do_init(void *userdata, struct fuse_conn_info *conn)
{
	(void)userdata;
	conn->want |= conn->capable & (FUSE_CAP_CACHE_SYMLINKS | FUSE_CAP_ATOMIC_O_TRUNC);
}

static const struct fuse_lowlevel_ops ops = {
	.init = do_init,
	.lookup = do_lookup,
	.getattr = do_getattr,
	.setattr = do_setattr,
	.readlink = do_readlink,
	.open = do_open,
	.read = do_read,
	.write = do_write,
	.readdir = do_readdir,
	.create = no_create,
	.mknod = no_mknod,
	.mkdir = no_mkdir,
	.unlink = no_unlink,
	.rmdir = no_unlink,
	.symlink = no_symlink,
	.rename = no_rename,
	.link = no_link,
};

/*
 * The descriptor does not block: a request that poll(2) has seen is gone again when who
 * made it was killed, and what is due later must not wait for the one after it.
 */
static void serve(struct server *s, struct fuse_session *se)
{
	struct pollfd p = { .fd = fuse_session_fd(se), .events = POLLIN };
	struct fuse_buf buf = { 0 };

	while (!fuse_session_exited(se)) {
		int timeout = timer_next(s->k), r;

		ask_again(s);
		if (poll(&p, 1, timeout) <= 0)
			continue;
		r = fuse_session_receive_buf(se, &buf);
		if (r == -EINTR || r == -EAGAIN)
			continue;
		if (r <= 0)
			break;
		fuse_session_process_buf(se, &buf);
	}
	free(buf.mem);
}

int kernel_serve(struct kernel *k, const char *dir, int ready)
{
	char *argv[] = { "fake-kernel", "-o",
			 "fsname=fake-kernel,subtype=sysfs,allow_other" };
	struct fuse_args args = FUSE_ARGS_INIT(3, argv);
	struct server s = { .k = k };
	struct fuse_session *se;

	k->root->ino = FUSE_ROOT_ID;
	se = fuse_session_new(&args, &ops, sizeof(ops), &s);
	fuse_opt_free_args(&args);
	if (!se)
		return -ENOMEM;
	if (fuse_session_mount(se, dir) != 0) {
		fuse_session_destroy(se);
		return -EIO;
	}
	if (write(ready, "", 1) != 1)
		return -EPIPE;
	close(ready);
	if (fcntl(fuse_session_fd(se), F_SETFL, O_NONBLOCK) < 0)
		return -errno;
	serve(&s, se);
	return 0;
}

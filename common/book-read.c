// SPDX-License-Identifier: GPL-2.0-or-later
/* book-read.c - the files of VMs that have forwards are read, and checked line by line */

#include "book.h"

#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIELDS_MAX 12

/* 0: too many fields */
static size_t split(char *line, char *fields[static FIELDS_MAX])
{
	size_t n = 0;

	while (line && n < FIELDS_MAX)
		fields[n++] = strsep(&line, "\t");
	return line ? 0 : n;
}

/* What is shown; but the kernel lets an interface have any name */
static int take_shown(char *ret, size_t size, const char *field)
{
	return text_is_clean(field) ? text_copy(ret, size, field) : -EBADMSG;
}

static int take_ip(const char *s, struct ip *ret)
{
	return strcmp(s, "*") == 0 ? 0 : ip_parse(s, ret);
}

static int take_net(const char *s, struct ip_net *ret)
{
	return strcmp(s, "*") == 0 ? 0 : ip_net_parse(s, ret);
}

static int take_port(const char *s, uint16_t *ret)
{
	uint64_t n;
	int r = text_number(s, UINT16_MAX, &n);

	*ret = (uint16_t)n;
	return r;
}

static int take_forward(struct forwards *list, char *field[static FIELDS_MAX])
{
	struct forward f = { .local = strcmp(field[6], "local") == 0 };
	int proto = proto_number(field[2]);
	int r = take_shown(f.name, sizeof(f.name), field[1]);

	f.proto = (uint8_t)proto;
	if (r < 0 || proto < 0 || take_port(field[3], &f.lo) ||
	    take_port(field[4], &f.hi) || take_port(field[5], &f.to) || f.hi < f.lo ||
	    take_ip(field[7], &f.listen) || take_net(field[8], &f.from) ||
	    ip_parse(field[9], &f.guest) || take_net(field[10], &f.net) ||
	    text_copy(f.bridge, sizeof(f.bridge),
		      strcmp(field[11], "-") ? field[11] : "") ||
	    list->n == 2 * FORWARD_ITEMS_MAX) /* for addresses of two families */
		return -EBADMSG;
	return forwards_add(list, &f);
}

static int take_nic(struct book *b, char *field[static FIELDS_MAX])
{
	struct guest_nic nic = { 0 }, *more;

	if (take_shown(nic.type, sizeof(nic.type), field[1]) ||
	    take_shown(nic.mac, sizeof(nic.mac), field[2]) ||
	    take_shown(nic.network, sizeof(nic.network), field[3]) ||
	    take_shown(nic.bridge, sizeof(nic.bridge), field[4]) ||
	    b->n_nics == GUEST_NICS_MAX)
		return -EBADMSG;
	more = reallocarray(b->nics, b->n_nics + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	b->nics = more;
	more[b->n_nics++] = nic;
	return 0;
}

static int take_daemon(struct book *b, const char *s)
{
	uint64_t pid;
	int r = text_number(s, INT32_MAX, &pid);

	if (r == 0)
		b->daemon = (pid_t)pid;
	return r < 0 ? -EBADMSG : 0;
}

static int take_line(struct book *b, char *line)
{
	char *field[FIELDS_MAX];
	size_t n = split(line, field);

	if (n == 12 && strcmp(field[0], "forward") == 0)
		return take_forward(&b->forwards, field);
	if (n == 12 && strcmp(field[0], "next") == 0)
		return take_forward(&b->next, field);
	if (n == 5 && strcmp(field[0], "nic") == 0)
		return take_nic(b, field);
	if (n == 2 && strcmp(field[0], "uuid") == 0 && text_is_uuid(field[1]))
		return text_copy(b->uuid, sizeof(b->uuid), field[1]);
	if (n == 2 && strcmp(field[0], "vm") == 0 && text_is_name(field[1]))
		return text_copy(b->forwards.vm, sizeof(b->forwards.vm), field[1]);
	if (n == 2 && strcmp(field[0], "daemon") == 0)
		return take_daemon(b, field[1]);
	if (n == 1 && strcmp(field[0], "doubt") == 0) {
		b->doubt = true;
		return 0;
	}
	return -EBADMSG;
}

int book_parse(char *text, struct book *ret)
{
	struct book b = { 0 };
	char *line = strsep(&text, "\n");
	int r = strcmp(line, BOOK_HEAD) == 0 ? 0 : -EBADMSG;

	while (r == 0 && (line = strsep(&text, "\n")) && text)
		r = take_line(&b, line);
	/* the file is renamed into place whole: a last line without end is not ours */
	if (r == 0 && (!line || *line || !b.uuid[0] || !b.forwards.vm[0]))
		r = -EBADMSG;
	if (r < 0) {
		book_free(&b);
		return r;
	}
	forwards_name(&b.forwards, b.forwards.vm, b.uuid);
	forwards_name(&b.next, b.forwards.vm, b.uuid);
	*ret = b;
	return 0;
}

static int read_at(int dir, const char *name, struct book *ret)
{
	CLEANUP(close_fd)
	int fd = openat(dir, name,
			O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK);
	CLEANUP(free_ptr) char *text = NULL;
	struct book b;
	ssize_t len;
	int r;

	if (fd < 0)
		return errno == ELOOP || errno == ENXIO ? -EPERM : -errno;
	if (!file_is_trusted(fd, S_IFREG))
		return -EPERM;
	len = file_read_all(fd, BOOK_MAX, &text);
	if (len < 0)
		return (int)len;
	r = strlen(text) == (size_t)len ? book_parse(text, &b) : -EBADMSG;
	if (r == 0 && strcmp(b.forwards.vm, name) != 0) {
		book_free(&b);
		r = -EBADMSG;
	}
	if (r == 0)
		*ret = b;
	return r;
}

static void explain(int r, const char *vm, char ret_why[static WHY_LEN])
{
	if (r == -EBADMSG)
		why(ret_why,
		    "/run/virt-handoff/" BOOK_FOLDER
		    "/%s is not a file of this program: look what it has, then remove it",
		    vm);
	else
		why(ret_why, "/run/virt-handoff/" BOOK_FOLDER "/%s: %s", vm, file_why(r));
}

int book_read(const struct host *h, const char *vm, struct book *ret,
	      char ret_why[static WHY_LEN])
{
	char path[PATH_LEN];
	CLEANUP(close_fd) int dir = -1;
	int r;

	if (h->run < 0 || !text_is_name(vm))
		return -ENOENT;
	r = text_copy(path, sizeof(path), BOOK_FOLDER);
	if (r == 0)
		dir = openat(h->run, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		r = -errno;
	if (r == 0)
		r = read_at(dir, vm, ret);
	if (r < 0 && r != -ENOENT)
		explain(r, vm, ret_why);
	return r;
}

struct reading {
	int dir;
	struct books *ret;
	char *ret_why;
};

/* It is this process that lacks something: the VM must not pass for one without forwards */
static bool is_ours(int r)
{
	return r == -ENOMEM || r == -EMFILE || r == -ENFILE;
}

static int read_one(const char *name, void *data)
{
	struct reading *x = data;
	struct book *more = reallocarray(x->ret->book, x->ret->n + 1, sizeof(*more));
	int r;

	if (!more)
		return -ENOMEM;
	x->ret->book = more;
	r = read_at(x->dir, name, &more[x->ret->n]);
	if (r == 0)
		x->ret->n++;
	else if (r != -ENOENT)
		explain(r, name, x->ret_why);
	return is_ours(r) ? r : 0;
}

int books_read(const struct host *h, struct books *ret, char ret_why[static WHY_LEN])
{
	CLEANUP(close_fd) int dir = -1;
	struct books all = { 0 };
	struct reading x = { .ret = &all, .ret_why = ret_why };
	int r;

	*ret = all;
	ret_why[0] = '\0';
	if (h->run < 0)
		return 0;
	dir = openat(h->run, BOOK_FOLDER, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0 && errno == ENOENT)
		return 0;
	r = -errno;
	x.dir = dir;
	if (dir >= 0)
		r = file_each(dir, ".", read_one, &x);
	if (r == 0) {
		*ret = all;
		return 0;
	}
	explain(r, "", ret_why);
	books_free(&all);
	return r;
}

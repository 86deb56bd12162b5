// SPDX-License-Identifier: GPL-2.0-or-later
/* watch-listen.c - what the watch hears: commits to nf_tables, files, and the clock */

#include "watch-listen.h"

#include "small.h"

#include <errno.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

/* not IN_CREATE: a file that is being written has nothing in it yet */
#define EDITS (IN_MOVED_TO | IN_MOVED_FROM | IN_CLOSE_WRITE | IN_DELETE | IN_ATTRIB)

/**
 * struct folder - A folder that is listened to
 * @path:    Where it is
 * @events:  What is heard of it, beside its own end
 * @suffix:  Of files that matter, "": all
 * @means:   What a change is to the watch
 */
static const struct folder {
	const char *path;
	uint32_t events;
	const char *suffix;
	unsigned int means;
} folders[LISTENER_FOLDERS] = {
	{ SMALL_FORWARDS, IN_MOVED_TO | IN_DELETE, "", HEARD_BOOKS },
	{ "/var/lib/libvirt/dnsmasq", IN_MOVED_TO, ".status", HEARD_FILES },
	{ "/etc/virt-handoff/vms", EDITS, ".ini", HEARD_FILES },
	/* IN_CREATE: the folder above may be made anew */
	{ "/etc/virt-handoff", EDITS | IN_CREATE, ".ini", HEARD_FILES },
};

/* ---- nf_tables ---- */

static int open_netlink(void)
{
	struct sockaddr_nl a = { .nl_family = AF_NETLINK,
				 .nl_groups = 1 << (NFNLGRP_NFTABLES - 1) };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
			NETLINK_NETFILTER);

	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0)
		return fd;
	close(fd);
	return -1;
}

/* In every message stands the port of the socket that asked for the change. */
static bool is_childs(const struct listener *l, const struct nlmsghdr *msg)
{
	/*
	 * The kernel gives the first socket of a process its process id, and the hook has
	 * one socket at a time. Should the id be taken, the hook's commit passes for
	 * somebody else's, and there is one look more, that finds nothing and commits
	 * nothing.
	 */
	return l->child > 0 && msg->nlmsg_pid == (uint32_t)l->child;
}

static uint32_t be32(const uint8_t *b)
{
	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

/* A process may have any name, and a terminal may read the journal. */
static void keep_name(struct listener *l, const char *name, int len)
{
	snprintf(l->who, sizeof(l->who), "%.*s", len, name);
	for (char *c = l->who; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
}

/* A commit ends with this message: who made it */
static void hear_generation(struct listener *l, const struct nlmsghdr *msg)
{
	size_t at = NLMSG_HDRLEN + NLMSG_ALIGN(sizeof(struct nfgenmsg));

	while (at + NLA_HDRLEN <= msg->nlmsg_len) {
		const struct nlattr *a = (const void *)((const char *)msg + at);
		const void *value = (const char *)a + NLA_HDRLEN;
		unsigned int type = a->nla_type & NLA_TYPE_MASK;

		if (a->nla_len < NLA_HDRLEN || at + a->nla_len > msg->nlmsg_len)
			break;
		if (type == NFTA_GEN_PROC_PID && a->nla_len == NLA_HDRLEN + 4)
			l->pid = be32(value);
		else if (type == NFTA_GEN_PROC_NAME)
			keep_name(l, value, a->nla_len - NLA_HDRLEN);
		at += NLA_ALIGN(a->nla_len);
	}
}

static unsigned int hear_datagram(struct listener *l, const char *buf, size_t left)
{
	const struct nlmsghdr *msg = (const void *)buf;
	unsigned int heard = 0;

	while (left >= NLMSG_HDRLEN && msg->nlmsg_len >= NLMSG_HDRLEN) {
		size_t step = NLMSG_ALIGN(msg->nlmsg_len);
		bool whole = msg->nlmsg_len <= left;

		if (!is_childs(l, msg))
			heard = HEARD_FIREWALL;
		if (heard && whole && (msg->nlmsg_type & 0xff) == NFT_MSG_NEWGEN)
			hear_generation(l, msg);
		if (step >= left)
			break;
		left -= step;
		msg = (const void *)((const char *)msg + step);
	}
	return heard;
}

unsigned int listener_firewall(struct listener *l)
{
	/* what is longer is cut: of a list of elements the beginning is enough */
	static char buf[32768] __attribute__((aligned(8)));
	unsigned int heard = 0;

	for (;;) {
		ssize_t n = recv(l->nl, buf, sizeof(buf), MSG_DONTWAIT);

		if (n >= 0)
			heard |= hear_datagram(l, buf, (size_t)n);
		else if (errno == ENOBUFS)
			heard |= HEARD_FIREWALL;
		else if (errno != EINTR)
			return heard;
	}
}

/* ---- files ---- */

/*
 * A host may have no network of libvirt's yet, or no INI file any more. What is in a
 * folder that has come was not heard when it came.
 */
static unsigned int watch_folders(struct listener *l)
{
	unsigned int heard = 0;

	for (size_t i = 0; i < LISTENER_FOLDERS; i++) {
		if (l->folder[i] >= 0)
			continue;
		l->folder[i] = inotify_add_watch(l->ino, folders[i].path,
						 folders[i].events | IN_MOVE_SELF);
		if (l->folder[i] >= 0)
			heard |= folders[i].means;
	}
	return heard;
}

static bool ends_with(const char *s, const char *suffix)
{
	size_t len = strlen(s), end = strlen(suffix);

	return len >= end && strcmp(s + len - end, suffix) == 0;
}

/* One that is removed takes its watch with it: IN_IGNORED. One that is moved does not. */
static unsigned int hear_folder(struct listener *l, size_t i,
				const struct inotify_event *e)
{
	if (e->mask & IN_MOVE_SELF)
		inotify_rm_watch(l->ino, e->wd);
	if (e->mask & IN_IGNORED)
		l->folder[i] = -1;
	if (e->mask & (IN_IGNORED | IN_MOVE_SELF))
		return folders[i].means;
	if (e->mask & IN_CREATE || (e->len && !ends_with(e->name, folders[i].suffix)))
		return 0;
	return folders[i].means;
}

static unsigned int hear_file(struct listener *l, const struct inotify_event *e)
{
	if (e->mask & IN_Q_OVERFLOW)
		return HEARD_FILES | HEARD_BOOKS;
	for (size_t i = 0; i < LISTENER_FOLDERS; i++)
		if (e->wd == l->folder[i])
			return hear_folder(l, i, e);
	return 0;
}

unsigned int listener_files(struct listener *l)
{
	static char buf[8192] __attribute__((aligned(8)));
	unsigned int heard = 0;
	ssize_t n;

	while ((n = read(l->ino, buf, sizeof(buf))) > 0) {
		for (ssize_t at = 0; at < n;) {
			const struct inotify_event *e = (const void *)(buf + at);

			at += (ssize_t)(sizeof(*e) + e->len);
			heard |= hear_file(l, e);
		}
	}
	return heard | watch_folders(l);
}

/* ---- the clock ---- */

/*
 * A timer that does not end within a human life is cancelled when the clock is set, and
 * after the host has slept.
 */
static int open_clock(void)
{
	static const struct itimerspec never = { .it_value.tv_sec = INT32_MAX * 256LL };
	int fd = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);

	if (fd < 0 || timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET,
				      &never, NULL) == 0)
		return fd;
	close(fd);
	return -1;
}

unsigned int listener_clock(struct listener *l)
{
	uint64_t unused;

	return l->clock >= 0 && read(l->clock, &unused, sizeof(unused)) < 0 &&
			       errno == ECANCELED
		       ? HEARD_FILES
		       : 0;
}

int listener_open(struct listener *l)
{
	*l = (struct listener){ .nl = open_netlink(), .ino = -1, .clock = open_clock() };
	if (l->nl >= 0)
		l->ino = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (l->ino < 0)
		return -1;
	for (size_t i = 0; i < LISTENER_FOLDERS; i++)
		l->folder[i] = -1;
	/* without the first we would not know when to end */
	return watch_folders(l) & HEARD_BOOKS ? 0 : -1;
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* watch.c - while a running VM has forwards: notice what may undo or change them, and act
 */

/*
 * Theory of operation
 *
 * This program sleeps in poll(2) until one of these happens:
 *
 *	somebody commits a change to nf_tables	   -> network - watch firewall -
 *	a lease file is renamed into its place,
 *	an INI file is written, renamed or deleted -> network - watch files -
 *	the folder of those who have forwards is empty -> exit 0; the .path unit starts it
 *again
 *
 * It only notices. What is to be done is the network hook's work, which is started as a
 * child, so this program has no parser and no library, is linked statically, and stays
 * under a megabyte. It knows nothing that would be lost when it is killed: what should be
 * there stands in /run/virt-handoff/forwards.
 *
 * It never fights. A child says by its exit status whether there was something to put
 * right; when that has happened too often within a minute, it is said who changes the
 * firewall, and the next look is when the minute is over.
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/syslog.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef HOOK
#define HOOK "/etc/libvirt/hooks/virt-handoff/network"
#endif
#define FORWARDS "/run/virt-handoff/forwards"
#define VMS      "/etc/virt-handoff/vms"
#define LEASES   "/var/lib/libvirt/dnsmasq"

#define EXIT_CHANGED 10
/* changes come in bursts: a reload of firewalld is some ten commits */
#define SETTLE_MS 20
/*
 * A reload of firewalld with libvirt flushes two chains, and libvirt inserts three jumps
 * into each: eight repairs at most. Seven reloads a minute are more than anybody makes.
 */
#define REPAIRS_MAX 60
#define MINUTE_MS   60000

enum { FIREWALL = 1, FILES = 2, BOOKS = 4 };

/**
 * struct watch - What is known
 * @hook:    What is run
 * @nl:      Socket that hears of changes to nf_tables
 * @ino:     inotify(7)
 * @books:   Watch on FORWARDS
 * @leases:  Watch on LEASES, -1 while there is no such folder
 * @todo:    What has happened and is not yet looked at
 * @begin:   When the minute began that @repairs are counted in, milliseconds
 * @repairs: How often something had to be put right
 * @quiet:   Nothing is put right until the minute is over
 * @who, @pid: Who changed the firewall last, not counting our own children
 * @child:   Of ours, the last
 */
struct watch {
	const char *hook;
	int nl, ino, books, leases;
	unsigned int todo;
	int64_t begin;
	unsigned int repairs;
	bool quiet;
	char who[64];
	uint32_t pid;
	pid_t child;
};

static volatile sig_atomic_t told_to_end;

static void on_signal(int signal)
{
	(void)signal;
	told_to_end = 1;
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- what can be heard ---- */

static int open_netlink(void)
{
	struct sockaddr_nl a = { .nl_family = AF_NETLINK,
				 .nl_groups = 1 << (NFNLGRP_NFTABLES - 1) };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
			NETLINK_NETFILTER);
	int one = 1;

	if (fd < 0)
		return -1;
	/* a message that is lost does not matter: that there was one is enough */
	(void)setsockopt(fd, SOL_NETLINK, NETLINK_NO_ENOBUFS, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0)
		return fd;
	close(fd);
	return -1;
}

static int open_files(struct watch *w)
{
	const uint32_t mask = IN_MOVED_TO | IN_MOVED_FROM | IN_CLOSE_WRITE | IN_DELETE;

	w->ino = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (w->ino < 0)
		return -1;
	w->books = inotify_add_watch(w->ino, FORWARDS, IN_MOVED_TO | IN_DELETE);
	/* a host may have no network of libvirt's, or no INI file any more */
	w->leases = inotify_add_watch(w->ino, LEASES, IN_MOVED_TO);
	(void)inotify_add_watch(w->ino, VMS, mask);
	return w->books < 0 ? -1 : 0;
}

static bool has_books(void)
{
	DIR *d = opendir(FORWARDS);
	struct dirent *e;
	bool found = false;

	if (!d)
		return false;
	while (!found && (e = readdir(d)))
		found = strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
	closedir(d);
	return found;
}

static void hear_attribute(struct watch *w, const struct nlattr *a, uint32_t *pid)
{
	const char *value = (const char *)a + NLA_HDRLEN;
	size_t len = a->nla_len - (size_t)NLA_HDRLEN;

	if ((a->nla_type & NLA_TYPE_MASK) == NFTA_GEN_PROC_PID && len == 4) {
		const uint8_t *b = (const uint8_t *)value;

		*pid = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 |
		       b[3];
	} else if ((a->nla_type & NLA_TYPE_MASK) == NFTA_GEN_PROC_NAME && *pid &&
		   *pid != (uint32_t)w->child) {
		snprintf(w->who, sizeof(w->who), "%.*s", (int)len, value);
		w->pid = *pid;
	}
}

/* A commit ends with this message: a generation, and the process that made it */
static void hear_generation(struct watch *w, const struct nlmsghdr *msg)
{
	size_t at = NLMSG_HDRLEN + NLMSG_ALIGN(sizeof(struct nfgenmsg));
	uint32_t pid = 0;

	while (at + NLA_HDRLEN <= msg->nlmsg_len) {
		const struct nlattr *a = (const void *)((const char *)msg + at);

		if (a->nla_len < NLA_HDRLEN || at + a->nla_len > msg->nlmsg_len)
			break;
		hear_attribute(w, a, &pid);
		at += NLA_ALIGN(a->nla_len);
	}
	if (!pid || pid != (uint32_t)w->child)
		w->todo |= FIREWALL;
}

static void hear_netlink(struct watch *w)
{
	/* a list of elements is longer and is cut: it is not what we read */
	static char buf[32768] __attribute__((aligned(8)));
	ssize_t n;

	while ((n = recv(w->nl, buf, sizeof(buf), MSG_DONTWAIT)) > 0) {
		const struct nlmsghdr *msg = (const void *)buf;
		size_t left = (size_t)n;

		while (left >= NLMSG_HDRLEN && msg->nlmsg_len >= NLMSG_HDRLEN &&
		       msg->nlmsg_len <= left) {
			size_t step = NLMSG_ALIGN(msg->nlmsg_len);

			if ((msg->nlmsg_type & 0xff) == NFT_MSG_NEWGEN)
				hear_generation(w, msg);
			if (step >= left)
				break;
			left -= step;
			msg = (const void *)((const char *)msg + step);
		}
	}
}

static bool ends_with(const char *s, const char *suffix)
{
	size_t len = strlen(s), end = strlen(suffix);

	return len >= end && strcmp(s + len - end, suffix) == 0;
}

static void hear_files(struct watch *w)
{
	static char buf[8192] __attribute__((aligned(8)));
	ssize_t n;

	while ((n = read(w->ino, buf, sizeof(buf))) > 0) {
		for (ssize_t at = 0; at < n;) {
			const struct inotify_event *e = (const void *)(buf + at);

			at += (ssize_t)(sizeof(*e) + e->len);
			if (e->mask & IN_Q_OVERFLOW)
				w->todo |= FILES | BOOKS;
			else if (e->wd == w->books)
				w->todo |= BOOKS;
			else if (e->len && e->wd == w->leases)
				w->todo |= ends_with(e->name, ".status") ? FILES : 0;
			else if (e->len && ends_with(e->name, ".ini"))
				w->todo |= FILES;
		}
	}
}

/* ---- what is done ---- */

static int run_hook(struct watch *w, const char *what)
{
	static char *const environment[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
					     "LC_ALL=C", NULL };
	int status;

	w->child = fork();
	if (w->child == 0) {
		char *argv[] = { "network", "-", "watch", (char *)what, "-", NULL };

		execve(w->hook, argv, environment);
		_exit(127);
	}
	while (w->child > 0 && waitpid(w->child, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	if (w->child < 0 || !WIFEXITED(status) || WEXITSTATUS(status) == 127) {
		syslog(LOG_ERR, "%s cannot be started: install virt-handoff again",
		       w->hook);
		return -1;
	}
	return WEXITSTATUS(status);
}

static void count_repair(struct watch *w)
{
	if (++w->repairs < REPAIRS_MAX)
		return;
	w->quiet = true;
	syslog(LOG_ERR,
	       "forwards were put right %u times within a minute; %s (pid %u) changes the firewall again and again: the next look is when the minute is over",
	       w->repairs, w->who[0] ? w->who : "somebody", (unsigned int)w->pid);
}

static void act(struct watch *w)
{
	unsigned int todo = w->todo;

	/* whether anybody still has forwards is looked at afterwards */
	w->todo &= BOOKS;
	if (!(todo & (FIREWALL | FILES)))
		return;
	if (run_hook(w, todo & FILES ? "files" : "firewall") == EXIT_CHANGED &&
	    !(todo & FILES))
		count_repair(w);
}

/* How long to sleep: for ever, until a burst has settled, or until the minute is over */
static int how_long(struct watch *w)
{
	int64_t passed = now_ms() - w->begin;

	if (passed >= MINUTE_MS) {
		w->begin += passed;
		w->repairs = 0;
		w->quiet = false;
	}
	if (w->quiet && !(w->todo & FILES))
		return w->todo ? (int)(MINUTE_MS - passed) : -1;
	return w->todo & (FIREWALL | FILES) ? SETTLE_MS : -1;
}

static int loop(struct watch *w)
{
	struct pollfd p[] = { { .fd = w->nl, .events = POLLIN },
			      { .fd = w->ino, .events = POLLIN } };

	while (!told_to_end) {
		int ms = how_long(w), n = poll(p, 2, ms);

		if (n < 0 && errno != EINTR)
			return 1;
		if (n > 0 && p[0].revents)
			hear_netlink(w);
		if (n > 0 && p[1].revents)
			hear_files(w);
		/* a burst that never ends is looked at too */
		if (ms >= 0 && (n == 0 || !w->quiet))
			act(w);
		if ((w->todo & BOOKS) && !has_books())
			return 0;
		w->todo &= ~(unsigned int)BOOKS;
	}
	return 0;
}

int main(int argc, char *argv[])
{
	const struct sigaction end = { .sa_handler = on_signal };
	struct watch w = { .hook = argc > 1 ? argv[1] : HOOK, .begin = now_ms() };

	openlog("virt-handoff", LOG_PID, LOG_DAEMON);
	sigaction(SIGTERM, &end, NULL);
	sigaction(SIGINT, &end, NULL);
	if (!has_books())
		return 0;
	w.nl = open_netlink();
	if (w.nl < 0 || open_files(&w) < 0) {
		syslog(LOG_ERR, "nothing can be watched: %m");
		fprintf(stderr, "nothing can be watched: %m\n");
		return 1;
	}
	/* what happened before we listened */
	w.todo = FILES | BOOKS;
	return loop(&w);
}

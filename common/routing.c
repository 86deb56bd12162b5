// SPDX-License-Identifier: GPL-2.0-or-later
/* routing.c - whether the host passes packets on between its interfaces */

#include "routing.h"

#include "file.h"
#include "iface.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/ipv6_route.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define CONF4 "proc/sys/net/ipv4/conf/%s/forwarding"
#define CONF6 "proc/sys/net/ipv6/conf/%s/accept_ra"
#define ALL6  "proc/sys/net/ipv6/conf/all/forwarding"

/* more than a host has uplinks */
#define IFACES_MAX  32
#define ROUTES_SIZE (1u << 20)

/**
 * struct interfaces - Interfaces by which packets of forwards come in
 */
struct interfaces {
	char name[IFACES_MAX][IF_NAMESIZE];
	size_t n;
};

static void add(struct interfaces *in, const char *name)
{
	for (size_t i = 0; i < in->n; i++)
		if (strcmp(in->name[i], name) == 0)
			return;
	if (name[0] && in->n < IFACES_MAX &&
	    text_copy(in->name[in->n], IF_NAMESIZE, name) == 0)
		in->n++;
}

/* "eno1 00000000 0101A8C0 0003 0 0 100 00000000 ...": destination and mask are 0 */
static bool is_default(const char *line, char name[static IF_NAMESIZE])
{
	unsigned int to, mask;

	return sscanf(line, "%15s %x %*x %*x %*d %*d %*d %x", name, &to, &mask) == 3 &&
	       to == 0 && mask == 0;
}

/* Destination, length, source, length, router, metric, two counts, flags, name */
static bool is_advertised(const char *line, char name[static IF_NAMESIZE])
{
	unsigned int length, flags;

	return sscanf(line, "%*x %x %*x %*x %*x %*x %*x %*x %x %15s", &length, &flags,
		      name) == 3 &&
	       length == 0 && (flags & RTF_ADDRCONF);
}

static void each_route(const struct host *h, const char *path,
		       bool (*takes)(const char *line, char name[static IF_NAMESIZE]),
		       struct interfaces *in)
{
	CLEANUP(free_ptr) char *text = NULL;
	CLEANUP(close_fd) int fd = openat(h->root, path, O_RDONLY | O_CLOEXEC);
	char *rest, *line, name[IF_NAMESIZE];

	if (fd < 0 || file_read_all(fd, ROUTES_SIZE, &text) < 0)
		return;
	rest = text;
	while ((line = strsep(&rest, "\n")))
		if (takes(line, name))
			add(in, name);
}

static void find_interfaces(const struct host *h, const struct ifaddrs *ifaces,
			    const struct forwards *f, struct interfaces *in)
{
	char name[IF_NAMESIZE];
	bool every = false;

	for (size_t i = 0; i < f->n; i++) {
		const struct forward *one = &f->list[i];

		if (forward_waits(one) || one->guest.family != AF_INET)
			continue;
		add(in, one->bridge);
		if (!one->listen.family)
			every = true;
		else if (!ip_is_loopback(&one->listen) &&
			 iface_of(ifaces, &one->listen, name) == 0)
			add(in, name);
	}
	if (every)
		each_route(h, "proc/net/route", is_default, in);
}

static bool is_set(const struct host *h, const char *path, const char *want)
{
	char value[16];

	return file_read(h->root, path, value, sizeof(value)) > 0 &&
	       strcmp(value, want) == 0;
}

static void name_one(char list[static WHY_LEN / 2], const char *name)
{
	size_t len = strlen(list);

	snprintf(list + len, WHY_LEN / 2 - len, "%s%s", len ? ", " : "", name);
}

static int check4(const struct host *h, const struct interfaces *in, const char *vm,
		  bool manage, char ret_why[static WHY_LEN])
{
	char off[WHY_LEN / 2] = "", path[PATH_LEN];
	int r = 0;

	for (size_t i = 0; i < in->n && r == 0; i++) {
		r = text_format(path, sizeof(path), CONF4, in->name[i]);
		if (r < 0 || !is_set(h, path, "0"))
			continue;
		name_one(off, in->name[i]);
		r = manage ? file_write(h->root, path, "1") : 0;
	}
	if (!off[0])
		return r;
	if (r < 0)
		why(ret_why, "IPv4 forwarding of %s cannot be switched on: %s", off,
		    strerror(-r));
	else if (manage)
		why(ret_why, "IPv4 forwarding of %s: 0 -> 1, as host.ini says", off);
	else
		why(ret_why,
		    "IPv4 forwarding is off on %s: forwards of %s do not work there; set net.ipv4.ip_forward to 1, or write forwarding = manage in host.ini",
		    off, vm);
	return r < 0 ? r : manage ? 1 : -ENETDOWN;
}

/*
 * With forwarding on, accept_ra = 1 means no more router advertisements, and 2 means
 * still: where the host has a default route from one, it must stay.
 */
static int keep_advertisements(const struct host *h, char ret_list[static WHY_LEN / 2])
{
	struct interfaces in = { 0 };
	char path[PATH_LEN];
	int r = 0;

	each_route(h, "proc/net/ipv6_route", is_advertised, &in);
	for (size_t i = 0; i < in.n && r == 0; i++) {
		r = text_format(path, sizeof(path), CONF6, in.name[i]);
		if (r < 0 || !is_set(h, path, "1"))
			continue;
		r = file_write(h->root, path, "2");
		name_one(ret_list, in.name[i]);
	}
	return r;
}

static int check6(const struct host *h, const char *vm, bool manage,
		  char ret_why[static WHY_LEN])
{
	char changed[WHY_LEN / 2] = "";
	int r;

	if (!is_set(h, ALL6, "0"))
		return 0;
	if (!manage) {
		why(ret_why,
		    "net.ipv6.conf.all.forwarding is 0: no IPv6 forward of %s works; set it to 1 (and accept_ra to 2 where the host lives on router advertisements), or write forwarding = manage in host.ini",
		    vm);
		return -ENETDOWN;
	}
	r = keep_advertisements(h, changed);
	if (r == 0)
		r = file_write(h->root, ALL6, "1");
	if (r < 0)
		why(ret_why, "IPv6 forwarding cannot be switched on: %s", strerror(-r));
	else
		why(ret_why, "net.ipv6.conf.all.forwarding: 0 -> 1%s%s, as host.ini says",
		    changed[0] ? ", accept_ra: 1 -> 2 on " : "", changed);
	return r < 0 ? r : 1;
}

static bool has_ipv6(const struct forwards *f)
{
	for (size_t i = 0; i < f->n; i++)
		if (!forward_waits(&f->list[i]) && f->list[i].guest.family == AF_INET6)
			return true;
	return false;
}

int routing_check(const struct host *h, const struct ifaddrs *ifaces,
		  const struct forwards *f, bool manage, char ret_why[static WHY_LEN])
{
	struct interfaces in = { 0 };
	char more[WHY_LEN] = "";
	int r, r6;

	ret_why[0] = '\0';
	find_interfaces(h, ifaces, f, &in);
	r = check4(h, &in, f->vm, manage, ret_why);
	if (!has_ipv6(f))
		return r;
	r6 = check6(h, f->vm, manage, r ? more : ret_why);
	if (more[0]) {
		size_t len = strlen(ret_why);

		snprintf(ret_why + len, WHY_LEN - len, "; %s", more);
	}
	return r < 0 || r6 == 0 ? r : r6;
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* listeners.c - which programs of the host itself listen, as /proc/net says */

#include "listeners.h"

#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define STATE_LISTEN 10 /* TCP_LISTEN, and SCTP_SS_LISTENING */

static int add(struct listeners *l, uint8_t proto, const struct ip *ip, unsigned int port)
{
	/* grows by doubling: a power of two is full */
	if (!(l->n & (l->n - 1))) {
		size_t room = l->n ? 2 * l->n : 1;
		struct listener *more = reallocarray(l->list, room, sizeof(*more));

		if (!more)
			return -ENOMEM;
		l->list = more;
	}
	l->list[l->n++] =
		(struct listener){ .ip = *ip, .port = (uint16_t)port, .proto = proto };
	return 0;
}

/* The kernel prints each 32-bit word of an address in the host's order. */
static int parse_words(const char *hex, struct ip *ret)
{
	size_t words = strlen(hex) / 8;
	unsigned int word;

	*ret = (struct ip){ .family = words == 4 ? AF_INET6 : AF_INET };
	for (size_t i = 0; i < words && i < 4; i++) {
		if (sscanf(hex + 8 * i, "%8x", &word) != 1)
			return -EINVAL;
		memcpy(ret->bytes + 4 * i, &word, 4);
	}
	return words == 1 || words == 4 ? 0 : -EINVAL;
}

/* "  0: 0100007F:0016 00000000:0000 0A ..." */
static int take_socket(struct listeners *l, uint8_t proto, const char *line)
{
	char local[33], remote[33];
	unsigned int port, remote_port, state;
	struct ip ip;

	if (sscanf(line, " %*u: %32[0-9A-F]:%x %32[0-9A-F]:%x %x", local, &port, remote,
		   &remote_port, &state) != 5)
		return 0;
	/* UDP does not listen: a socket that is not connected to somebody is as good */
	if (proto == IPPROTO_TCP ? state != STATE_LISTEN : remote_port != 0)
		return 0;
	return parse_words(local, &ip) == 0 ? add(l, proto, &ip, port) : 0;
}

/* ENDPT SOCK STY SST HBKT LPORT UID INODE LADDRS: as many addresses as it is bound to */
static int take_endpoint(struct listeners *l, const char *line)
{
	char address[INET6_ADDRSTRLEN + 1];
	unsigned int state, port;
	struct ip ip;
	int n = 0, r = 0;

	if (sscanf(line, " %*s %*s %*s %u %*s %u %*s %*s%n", &state, &port, &n) != 2 ||
	    n == 0 || state != STATE_LISTEN)
		return 0;
	for (line += n; r == 0 && sscanf(line, " %46s%n", address, &n) == 1; line += n)
		if (ip_parse(address, &ip) == 0)
			r = add(l, IPPROTO_SCTP, &ip, port);
	return r;
}

static int take_file(struct listeners *l, int root, const char *path, uint8_t proto)
{
	int fd = openat(root, path, O_RDONLY | O_CLOEXEC), r = 0;
	FILE *file = fd < 0 ? NULL : fdopen(fd, "re");
	char *line = NULL;
	size_t room = 0;

	while (file && r == 0 && getline(&line, &room, file) > 0)
		r = proto == IPPROTO_SCTP ? take_endpoint(l, line)
					  : take_socket(l, proto, line);
	free(line);
	if (file)
		fclose(file);
	return r;
}

static void read_random(struct listeners *l, int root)
{
	char text[64];
	unsigned int lo, hi;

	/* the kernel's own numbers */
	l->random_lo = 32768;
	l->random_hi = 60999;
	if (file_read(root, "proc/sys/net/ipv4/ip_local_port_range", text, sizeof(text)) >
		    0 &&
	    sscanf(text, "%u %u", &lo, &hi) == 2 && hi <= UINT16_MAX) {
		l->random_lo = (uint16_t)lo;
		l->random_hi = (uint16_t)hi;
	}
}

static int read_all(struct listeners *l, int root)
{
	static const struct {
		uint8_t proto;
		const char *path;
	} files[] = {
		{ IPPROTO_TCP, "proc/net/tcp" },       { IPPROTO_TCP, "proc/net/tcp6" },
		{ IPPROTO_UDP, "proc/net/udp" },       { IPPROTO_UDP, "proc/net/udp6" },
		{ IPPROTO_SCTP, "proc/net/sctp/eps" },
	};
	int r = 0;

	read_random(l, root);
	for (size_t i = 0; i < ARRAY_LEN(files) && r == 0; i++)
		r = take_file(l, root, files[i].path, files[i].proto);
	if (r < 0)
		listeners_free(l);
	l->known = r == 0;
	return r;
}

/*
 * A UDP socket does not say whether it serves or asks. A resolver asks from a random port,
 * and has another one for each question: in a range of ports one is met by chance, and
 * would refuse the forward. So in a range those ports do not count; where the user has
 * named the one port, somebody sits on just that, and he is told.
 */
static bool is_chance(const struct listeners *l, const struct listener *one,
		      const struct forward *f)
{
	return one->proto == IPPROTO_UDP && f->hi > f->lo && one->port >= l->random_lo &&
	       one->port <= l->random_hi;
}

/* An IPv6 socket on all addresses takes IPv4 too, unless told otherwise. */
static bool takes_from(const struct ip *bound, const struct forward *f)
{
	static const uint8_t zero[16], mapped[12] = { [10] = 0xff, [11] = 0xff };
	struct ip ip = *bound;

	if (memcmp(ip.bytes, zero, sizeof(zero)) == 0)
		return ip.family == AF_INET6 || f->guest.family == AF_INET;
	if (ip.family == AF_INET6 && memcmp(ip.bytes, mapped, sizeof(mapped)) == 0) {
		ip = (struct ip){ .family = AF_INET };
		memcpy(ip.bytes, bound->bytes + 12, 4);
	}
	if (ip.family != f->guest.family)
		return false;
	return forward_has_address(f, &ip);
}

int listeners_find(struct listeners *l, int root, const struct forward *f,
		   char ret[static FORWARD_PORTS_LEN])
{
	if (!l->known && read_all(l, root) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < l->n; i++) {
		const struct listener *one = &l->list[i];
		char text[IP_LEN];

		if (one->proto != f->proto || one->port < f->lo || one->port > f->hi ||
		    is_chance(l, one, f) || !takes_from(&one->ip, f))
			continue;
		ip_format(&one->ip, text);
		snprintf(ret, FORWARD_PORTS_LEN,
			 one->ip.family == AF_INET6 ? "[%s]:%u/%s" : "%s:%u/%s", text,
			 (unsigned int)one->port, proto_name(f->proto));
		return 1;
	}
	return 0;
}

void listeners_free(struct listeners *l)
{
	free(l->list);
	*l = (struct listeners){ 0 };
}

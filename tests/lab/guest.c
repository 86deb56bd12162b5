// SPDX-License-Identifier: GPL-2.0-or-later
/* guest.c - init of a guest in the lab: gets an address, tells who connects who he is */

/*
 * Run by the guest's kernel as init, with the drivers of the network card in /m, in
 * order. It takes the place of a shell, udhcpc and a server, because each program that is
 * started costs a second here: the processor of the machine that emulates this one is
 * emulated too.
 */

#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <net/route.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CARD "eth0"
#define PORT 22

enum { DISCOVER = 1, OFFER = 2, REQUEST = 3, ACK = 5 };
enum {
	OPT_MASK = 1,
	OPT_ROUTER = 3,
	OPT_ADDRESS = 50,
	OPT_TYPE = 53,
	OPT_SERVER = 54,
	OPT_END = 255
};

/* RFC 2131, figure 1 */
struct dhcp {
	uint8_t op, htype, hlen, hops;
	uint32_t xid;
	uint16_t secs, flags;
	struct in_addr ciaddr, yiaddr, siaddr, giaddr;
	uint8_t chaddr[16];
	char unused[192];
	uint32_t magic;
	uint8_t options[312];
};

struct lease {
	struct in_addr address, mask, router, server;
};

/* Names are numbers of two digits, and none is missing. */
static void load_drivers(void)
{
	char path[32];
	int fd;

	for (int i = 10;; i++) {
		snprintf(path, sizeof(path), "/m/%d.ko", i);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			return;
		if (syscall(SYS_finit_module, fd, "", 0) < 0)
			perror(path);
		close(fd);
	}
}

static struct ifreq card(void)
{
	struct ifreq r = { 0 };

	strcpy(r.ifr_name, CARD);
	return r;
}

static uint8_t *option_put(uint8_t *p, uint8_t code, const void *value, uint8_t len)
{
	*p++ = code;
	*p++ = len;
	memcpy(p, value, len);
	return p + len;
}

/* A flag asks for broadcasts: we have no address to which the answer could go. */
static void dhcp_send(int fd, uint8_t type, const struct lease *l)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons(67),
				  .sin_addr.s_addr = INADDR_BROADCAST };
	struct dhcp m = { .op = 1,
			  .htype = 1,
			  .hlen = 6,
			  .xid = htonl(0x1ab),
			  .flags = htons(0x8000),
			  .magic = htonl(0x63825363) };
	struct ifreq r = card();
	uint8_t *p = m.options;

	ioctl(fd, SIOCGIFHWADDR, &r);
	memcpy(m.chaddr, r.ifr_hwaddr.sa_data, 6);
	p = option_put(p, OPT_TYPE, &type, 1);
	if (type == REQUEST) {
		p = option_put(p, OPT_ADDRESS, &l->address, 4);
		p = option_put(p, OPT_SERVER, &l->server, 4);
	}
	*p = OPT_END;
	if (sendto(fd, &m, sizeof(m), 0, (struct sockaddr *)&to, sizeof(to)) < 0)
		perror("sendto");
}

/* What kind of answer it is; 0: none */
static uint8_t dhcp_read(const struct dhcp *m, size_t len, struct lease *ret)
{
	const uint8_t *p = m->options, *end = (const uint8_t *)m + len;
	uint8_t type = 0;

	ret->address = m->yiaddr;
	while (p + 2 <= end && *p != OPT_END && p + 2 + p[1] <= end) {
		if (p[0] == OPT_TYPE)
			type = p[2];
		else if (p[0] == OPT_MASK)
			memcpy(&ret->mask, p + 2, 4);
		else if (p[0] == OPT_ROUTER)
			memcpy(&ret->router, p + 2, 4);
		else if (p[0] == OPT_SERVER)
			memcpy(&ret->server, p + 2, 4);
		p += p[0] ? 2 + p[1] : 1;
	}
	return type;
}

/* Asks until somebody answers: dnsmasq may first look for a while if it is free. */
static void dhcp_ask(int fd, uint8_t type, uint8_t answer, struct lease *l)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct dhcp m;
	ssize_t n;

	for (;;) {
		dhcp_send(fd, type, l);
		while (poll(&p, 1, 5000) > 0) {
			n = recv(fd, &m, sizeof(m), 0);
			if (n > 0 && m.op == 2 && dhcp_read(&m, (size_t)n, l) == answer)
				return;
		}
	}
}

/* What is sent before the link is up is lost. */
static void link_up(int fd)
{
	struct ifreq r = card();

	r.ifr_flags = IFF_UP;
	if (ioctl(fd, SIOCSIFFLAGS, &r) < 0)
		perror(CARD);
	while (ioctl(fd, SIOCGIFFLAGS, &r) == 0 && !(r.ifr_flags & IFF_RUNNING))
		poll(NULL, 0, 100);
}

static void set_address(int fd, unsigned long what, struct in_addr address)
{
	struct ifreq r = card();
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr = address };

	memcpy(&r.ifr_addr, &a, sizeof(a));
	if (ioctl(fd, what, &r) < 0)
		perror(CARD);
}

static void use_lease(int fd, const struct lease *l)
{
	struct rtentry rt = { .rt_flags = RTF_UP | RTF_GATEWAY };
	struct sockaddr_in any = { .sin_family = AF_INET }, router = any;

	router.sin_addr = l->router;
	set_address(fd, SIOCSIFADDR, l->address);
	set_address(fd, SIOCSIFNETMASK, l->mask);
	memcpy(&rt.rt_dst, &any, sizeof(any));
	memcpy(&rt.rt_genmask, &any, sizeof(any));
	memcpy(&rt.rt_gateway, &router, sizeof(router));
	if (ioctl(fd, SIOCADDRT, &rt) < 0)
		perror("route");
}

static struct lease get_lease(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(68) };
	struct lease l = { 0 };
	int one = 1, fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	link_up(fd);
	setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &one, sizeof(one));
	setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, CARD, sizeof(CARD));
	if (bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0)
		perror("bind");
	dhcp_ask(fd, DISCOVER, OFFER, &l);
	dhcp_ask(fd, REQUEST, ACK, &l);
	use_lease(fd, &l);
	close(fd);
	return l;
}

/* "I am ADDRESS, you are ADDRESS" */
static void serve(const struct lease *l)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(PORT) }, from;
	char me[INET_ADDRSTRLEN], you[INET_ADDRSTRLEN];
	socklen_t len;
	int c, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	inet_ntop(AF_INET, &l->address, me, sizeof(me));
	if (bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0 || listen(fd, 16) < 0)
		perror("listen");
	printf("guest: I am %s\n", me);
	for (;;) {
		len = sizeof(from);
		c = accept(fd, (struct sockaddr *)&from, &len);
		if (c < 0)
			continue;
		inet_ntop(AF_INET, &from.sin_addr, you, sizeof(you));
		dprintf(c, "I am %s, you are %s\n", me, you);
		close(c);
	}
}

int main(void)
{
	struct lease l;

	setlinebuf(stdout);
	load_drivers();
	l = get_lease();
	serve(&l);
}

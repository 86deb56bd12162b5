// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sctp.c - one SCTP packet, an INIT, is sent, or those that arrive are written down:
 * raw, because few kernels have SCTP sockets
 *
 *	sctp send ADDRESS PORT NUMBER	NUMBER is its source port and its tag
 *	sctp see ADDRESS FILE		a line for each: NUMBER FROM PORT, and "bad" when
 *					its checksum is wrong
 */

#include <arpa/inet.h>
#include <endian.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CHUNK_INIT 1

/* RFC 9260: the common header and the first chunk; everything in network order */
struct init {
	uint16_t from, to;
	uint32_t verification_tag; /* 0 in an INIT */
	uint32_t checksum; /* the one number in little endian */
	uint8_t type, flags;
	uint16_t length;
	uint32_t tag, window;
	uint16_t streams_out, streams_in;
	uint32_t first_tsn;
} __attribute__((packed));

union address {
	struct sockaddr sa;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* CRC-32C (Castagnoli), bit by bit: it is for 32 bytes */
static uint32_t crc32c(const void *data, size_t len)
{
	const uint8_t *byte = data;
	uint32_t crc = ~0U;

	while (len--) {
		crc ^= *byte++;
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
	}
	return ~crc;
}

static uint32_t checksum_of(struct init packet)
{
	packet.checksum = 0;
	return htole32(crc32c(&packet, sizeof(packet)));
}

/* A raw socket has no port */
static union address address_of(const char *ip)
{
	union address a = { 0 };

	a.sa.sa_family = strchr(ip, ':') ? AF_INET6 : AF_INET;
	if (inet_pton(a.sa.sa_family, ip,
		      a.sa.sa_family == AF_INET6 ? (void *)&a.v6.sin6_addr
						 : (void *)&a.v4.sin_addr) != 1)
		die(ip);
	return a;
}

static socklen_t length(const union address *a)
{
	return a->sa.sa_family == AF_INET6 ? sizeof(a->v6) : sizeof(a->v4);
}

static int open_raw(const union address *a)
{
	int fd = socket(a->sa.sa_family, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_SCTP);

	if (fd < 0)
		die("raw socket");
	return fd;
}

static int send_init(const char *ip, int port, int number)
{
	union address a = address_of(ip);
	struct init packet = {
		.from = htons((uint16_t)number),
		.to = htons((uint16_t)port),
		.type = CHUNK_INIT,
		.length = htons(sizeof(packet) - offsetof(struct init, type)),
		.tag = htonl((uint32_t)number),
		.window = htonl(65536),
		.streams_out = htons(1),
		.streams_in = htons(1),
		.first_tsn = htonl(1),
	};

	packet.checksum = checksum_of(packet);
	if (sendto(open_raw(&a), &packet, sizeof(packet), 0, &a.sa, length(&a)) < 0)
		die("sendto");
	return 0;
}

/* An IPv4 raw socket gets the IP header too, an IPv6 one does not. */
static void see_packet(FILE *f, const uint8_t *packet, size_t len,
		       const union address *from)
{
	size_t skip = from->sa.sa_family == AF_INET ? (size_t)(packet[0] & 15) * 4 : 0;
	char text[INET6_ADDRSTRLEN];
	struct init init;

	if (len < skip + sizeof(init))
		return;
	memcpy(&init, packet + skip, sizeof(init));
	if (init.type != CHUNK_INIT)
		return;
	inet_ntop(from->sa.sa_family,
		  from->sa.sa_family == AF_INET6 ? (const void *)&from->v6.sin6_addr
						 : (const void *)&from->v4.sin_addr,
		  text, sizeof(text));
	fprintf(f, "%u %s %u%s\n", ntohl(init.tag), text, ntohs(init.to),
		init.checksum == checksum_of(init) ? "" : " bad");
	fflush(f);
}

static int see(const char *ip, const char *file)
{
	union address a = address_of(ip), from;
	int fd = open_raw(&a);
	FILE *f = fopen(file, "we");
	uint8_t packet[2048];
	ssize_t n;

	if (!f || bind(fd, &a.sa, length(&a)) < 0)
		die(file);
	/* the caller waits for this line */
	printf("ready\n");
	fclose(stdout);
	do {
		socklen_t len = sizeof(from);

		n = recvfrom(fd, packet, sizeof(packet), 0, &from.sa, &len);
		if (n > 0)
			see_packet(f, packet, (size_t)n, &from);
	} while (n >= 0);
	return 1;
}

int main(int argc, char *argv[])
{
	if (argc == 5 && strcmp(argv[1], "send") == 0)
		return send_init(argv[2], atoi(argv[3]), atoi(argv[4]));
	if (argc == 4 && strcmp(argv[1], "see") == 0)
		return see(argv[2], argv[3]);
	fprintf(stderr, "usage: %s send|see ..., see the top of sctp.c\n", argv[0]);
	return 2;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* listeners.h - which programs of the host itself listen, and whether a forward takes a port from one */
#pragma once

#include "base.h"
#include "forward.h"
#include "ip.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct listener - A socket that waits for whoever comes
 * @ip:      Bound to it; all bytes 0: to every address
 */
struct listener {
	struct ip ip;
	uint16_t port;
	uint8_t proto;
};

/**
 * struct listeners - All of the host
 * @known:   They have been read; false at first
 * @list:    Owned, @n of them
 * @random_lo, @random_hi: Ports that the kernel gives to whoever asks for any
 */
struct listeners {
	bool known;
	struct listener *list;
	size_t n;
	uint16_t random_lo, random_hi;
};

/**
 * listeners_find() - Who listens on one of the ports of a forward
 * @l:       All zero at first; the first call reads who listens, of all protocols
 * @root:    Directory descriptor of "/"
 * @ret:     "0.0.0.0:22/tcp"
 *
 * A protocol that the kernel does not have, has no listeners.
 *
 * Return:   1 there is one, 0 none, -ENOMEM
 * Source:   Linux Documentation/networking/proc_net_tcp.rst, net/sctp/proc.c
 */
int listeners_find(struct listeners *l, int root, const struct forward *f,
		   char ret[static FORWARD_PORTS_LEN]) MUST_CHECK;

void listeners_free(struct listeners *l);

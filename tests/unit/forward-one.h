/* SPDX-License-Identifier: GPL-2.0-or-later */
/* forward-one.h - one forward, made of ports and addresses as a person writes them */
#pragma once

#include "forward.h"
#include "unit.h"

#include <netinet/in.h>

#define UUID "2f82ee72-3ac5-4615-9c0b-327c12e8c83d"
#define MAC  "52:54:00:00:00:01"

static inline struct ip ip(const char *s)
{
	struct ip ret;

	assert_int_equal(ip_parse(s, &ret), 0);
	return ret;
}

/**
 * one() - A forward of TCP to the same ports of 192.168.122.9
 * @listen: NULL: every address
 * @from:   NULL: from everywhere
 */
static inline struct forward one(unsigned int lo, unsigned int hi, const char *listen,
				 const char *from)
{
	struct forward f = { .name = "a",
			     .proto = IPPROTO_TCP,
			     .lo = (uint16_t)lo,
			     .hi = (uint16_t)hi,
			     .to = (uint16_t)lo,
			     .guest = ip("192.168.122.9") };

	if (listen)
		f.listen = ip(listen);
	if (from)
		assert_int_equal(ip_net_parse(from, &f.from), 0);
	return f;
}

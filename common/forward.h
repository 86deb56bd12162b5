/* SPDX-License-Identifier: GPL-2.0-or-later */
/* forward.h - forwards with all addresses known, as lists of VMs, and what collides */
#pragma once

#include "base.h"
#include "conf.h"
#include "ip.h"
#include "text.h"

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

/* the kernel keeps 255 bytes with an element; people read these in a list */
#define FORWARD_TAG_LEN 64

/**
 * struct forward - One range of ports of the host that leads to one guest address
 * @name:    Of the section [forward NAME]
 * @proto:   IANA number
 * @lo, @hi: First and last port of the host
 * @to:      First port of the guest
 * @local:   Also on 127.0.0.1 of the host, whatever @listen is
 * @listen:  Address of the host; family 0: every address of the guest's family but
 * loopback
 * @from:    Who may connect; family 0: anyone
 * @guest:   Where it leads to; all bytes 0: not known yet, the port is kept for it
 * @net:     Network that the host has in common with the guest; family 0: none
 * @bridge:  Interface of the host in that network, "" when there is none
 */
struct forward {
	char name[FORWARD_NAME_LEN];
	uint8_t proto;
	uint16_t lo, hi, to;
	bool local;
	struct ip listen;
	struct ip_net from;
	struct ip guest;
	struct ip_net net;
	char bridge[IF_NAMESIZE];
};

/**
 * struct forwards - Those of one VM
 * @vm:      Its name
 * @tag:     What the kernel's elements carry: the name when it is plain, else the UUID;
 *           no two VMs have the same
 * @list:    Owned, @n of them
 */
struct forwards {
	char vm[NAME_LEN];
	char tag[FORWARD_TAG_LEN];
	struct forward *list;
	size_t n;
};

/**
 * forwards_name() - Say whose forwards these are
 */
void forwards_name(struct forwards *f, const char *vm, const char *uuid);

/**
 * forwards_add() - Append one
 *
 * Return:   0 or -ENOMEM
 */
int forwards_add(struct forwards *f, const struct forward *one) MUST_CHECK;

/**
 * forwards_add_conf() - Append what one [forward NAME] is with a guest's address
 * @c:       Section
 * @guest:   Address, of a family
 *
 * Listening and source addresses of the other family are left out.
 *
 * Return:   0 or -ENOMEM
 */
int forwards_add_conf(struct forwards *f, const struct conf_forward *c,
		      const struct ip *guest) MUST_CHECK;

/**
 * forwards_copy() - Make a list that has the same
 * @ret:     Owned by the caller
 *
 * Return:   0 or -ENOMEM
 */
int forwards_copy(const struct forwards *f, struct forwards *ret) MUST_CHECK;

void forwards_free(struct forwards *f);

/**
 * forwards_equal() - Whether two lists are the same, in the same order
 */
bool forwards_equal(const struct forwards *a, const struct forwards *b);

/**
 * forwards_share_guest() - Whether some of both lead to the same address
 *
 * A lease that has changed leads every forward to another one: then no two of them have
 * anything to do with each other. NULL is a list without any.
 */
bool forwards_share_guest(const struct forwards *a, const struct forwards *b);

/**
 * forward_waits() - Whether the guest's address is not known yet: nothing is in the kernel
 */
bool forward_waits(const struct forward *f);

/**
 * forward_set_waiting() - Forget the guest's address, and what follows from it
 */
void forward_set_waiting(struct forward *f);

/**
 * forwards_any() - Whether one of a list does not wait; NULL: there is none
 */
bool forwards_any(const struct forwards *f);

/**
 * forward_localhost() - The address that programs of the host ask
 *
 * Return:  listen, when that is one of 127.0.0.0/8, or else 127.0.0.1; NULL when the
 * forward is not for the host itself
 */
const struct ip *forward_localhost(const struct forward *f);

/**
 * forward_same_localhost() - Whether programs of the host would ask both by one address
 */
bool forward_same_localhost(const struct forward *a, const struct forward *b);

/**
 * forward_has_address() - Whether a packet to this address of the host is meant
 */
bool forward_has_address(const struct forward *f, const struct ip *ip);

/**
 * forward_covers() - Whether every connection that @other makes is also made by @f
 */
bool forward_covers(const struct forward *f, const struct forward *other);

/**
 * forward_collides() - Whether one packet could be meant by both
 */
bool forward_collides(const struct forward *a, const struct forward *b);

/**
 * forward_ports() - "203.0.113.7:8000-8010/udp", "12223/tcp"
 */
#define FORWARD_PORTS_LEN (IP_LEN + 24)
void forward_ports(const struct forward *f, char ret[static FORWARD_PORTS_LEN]);

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fw.h - forwards in the kernel: one nftables table, one batch per change */
#pragma once

#include "base.h"
#include "forward.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Theory of operation
 *
 * The table inet virt_handoff has for each family maps from protocol and port (any), from
 * address, protocol and port (addr), and from protocol, port, source and address with
 * ranges of all of them (one, many) to the guest's address and port; and pairs of a network
 * and a guest in it (hair). Rules are static, so the cost of a packet does not depend on
 * the number of forwards. Every element has the VM's tag as its comment.
 *
 * A packet that libvirt, Docker or ufw would reject cannot be saved by an accept in a
 * table of ours. So our table labels our connections when it gives them their DNAT, and
 * marks their packets, both directions and ICMP errors about them, just before forward
 * priority 0, and takes the mark off later; and a rule `meta mark & m == m accept` stands
 * at the head of the base chains of others (fw-foreign.c).
 *
 * A change reads the generation, looks at what is there, and sends one batch with that
 * generation: when somebody else has changed anything meanwhile, the kernel refuses it as
 * a whole and we begin again. See look() in fw.c for those who never stop.
 *
 * What should be there is always said by lists (of /run/virt-handoff/forwards), never by
 * what is there. When the two do not fit together, the table is built anew from the
 * lists, in one batch too.
 */

#define FW_TABLE "virt_handoff"
#define FW_MARK  0x04000000 /* where neither host.ini nor the table says another one */

/**
 * struct fw_request - What should be in the kernel
 * @mark:     One bit of the packet mark; 0: the one that is in use
 * @vm:       Tag of the VM that changes, or NULL: nothing changes, repair only
 * @old:      What it had, as written; NULL: not known, found by tag
 * @now:      What it shall have; NULL: nothing
 * @others:   Borrowed. Lists of all other VMs, @n_others
 * @thorough: Also compare elements; without it, static rules and foreign chains are looked
 *            at
 */
struct fw_request {
	uint32_t mark;
	const char *vm;
	const struct forwards *old;
	const struct forwards *now;
	const struct forwards *others;
	size_t n_others;
	bool thorough;
};

/**
 * struct fw_result - What was done
 * @tries:    Batches sent
 * @blocked:  A chain of others stops our packets above DOCKER-USER, whose rules we do not
 *            pass by
 */
struct fw_result {
	unsigned int tries;
	bool blocked;
};

/**
 * fw_apply() - Make the kernel have what the lists say
 * @q:       What
 * @ret:     What was done
 * @ret_why: One sentence on failure
 *
 * All or nothing. With nothing left in any list, the table and every rule of ours go.
 *
 * Return:   0, -EPERM not root, -EOPNOTSUPP the kernel lacks something, -EAGAIN somebody
 *           else changes the ruleset all the time, or what the kernel said
 */
int fw_apply(const struct fw_request *q, struct fw_result *ret,
	     char ret_why[static WHY_LEN]) MUST_CHECK;

/**
 * fw_check() - Whether the kernel has what the lists say
 * @q:        What; nothing of a VM that changes
 * @ret_same: fw_apply() would find nothing to do
 * @ret_why:  One sentence on failure
 *
 * Nothing is changed.
 *
 * Return:   0 or -errno
 */
int fw_check(const struct fw_request *q, bool *ret_same,
	     char ret_why[static WHY_LEN]) MUST_CHECK;

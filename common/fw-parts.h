/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fw-parts.h - inside fw*.c: the table, its elements, the rules in chains of others */
#pragma once

#include "base.h"
#include "forward.h"
#include "fw-batch.h"
#include "fw.h"

#include <linux/netfilter/nf_tables.h>
#include <stdbool.h>
#include <stdint.h>

#define FW_KEY_MAX  40 /* protocol, port and two IPv6 addresses, each a multiple of 4 */
#define FW_DATA_MAX 20 /* an IPv6 address and a port */

/* Maps and sets; each of the first five once for IPv4 and once for IPv6 */
enum fw_set {
	FW_ANY, /* protocol, port -> guest, port */
	FW_ADDR, /* listening address, protocol, port -> guest, port */
	FW_ONE, /* protocol, port, source, listening address -> guest, port */
	FW_MANY, /* protocol, ports, source, listening address -> guest, same port */
	FW_HAIR, /* network, guest in it */
	FW_PER_FAMILY,
	FW_GUARD = 2 * FW_PER_FAMILY, /* interface whose guests might reach loopback */
	FW_INSIDE, /* interface with guests */
	FW_SETS,
};

/**
 * struct fw_set_form - How a set is made
 * @name:     In the kernel
 * @key_len:  Bytes of a key
 * @data_len: Bytes of what it leads to, 0: a set
 * @ranges:   Each field of the key is a range
 */
struct fw_set_form {
	const char *name;
	uint32_t key_len;
	uint32_t data_len;
	bool ranges;
};

/**
 * struct fw_element - One element
 * @set:     Which set: enum fw_set, plus FW_PER_FAMILY for IPv6
 * @key:     Lowest key
 * @end:     Highest key, the same as @key where the set has no ranges
 * @data:    What it leads to
 */
struct fw_element {
	uint8_t set;
	uint8_t key[FW_KEY_MAX];
	uint8_t end[FW_KEY_MAX];
	uint8_t data[FW_DATA_MAX];
};

/**
 * struct fw_elements - A list of elements
 * @list:    Owned, @n of them, room for @size
 */
struct fw_elements {
	struct fw_element *list;
	size_t n, size;
};

/* fw-set.c */

const struct fw_set_form *fw_set_form(unsigned int set);
void fw_set_make(struct fw_batch *b, unsigned int set);

/* fw-table-rules.c */

/* how many there are: guards; jumps and DNAT; way back; mark set; mark cleared */
#define FW_TABLE_RULES (4 + 2 * 2 + 2 * 8 + (1 + 3) + 1 + 1)
void fw_table_make_rules(struct fw_batch *b, uint32_t mark);

/* fw-table.c */

/**
 * struct fw_table - The table as it is
 * @exists:  It is there
 * @whole:   All its rules, chains and sets are there, in the form of this program
 * @mark:    The mark that it was made with, 0: not known
 */
struct fw_table {
	bool exists;
	bool whole;
	uint32_t mark;
};

int fw_table_read(struct fw_link *l, struct fw_table *ret) MUST_CHECK;
void fw_table_make(struct fw_batch *b, uint32_t mark);
void fw_table_delete(struct fw_batch *b);

/* comment of our rule in chains of others; what has another one is not ours */
#define FW_COMMENT "virt-handoff"

/* fw-rule-read.c */

struct nlmsghdr;

/**
 * struct fw_seen - What a rule in a chain of others is for us
 * @mark:    It is ours, with this mark; 0: it is not
 * @verdict: NF_* or NFT_*; NFT_CONTINUE: none
 * @jump:    Where it jumps or goes to, "": nowhere
 */
struct fw_seen {
	uint64_t handle;
	uint32_t mark;
	int verdict;
	char jump[NFT_CHAIN_MAXNAMELEN];
};

/**
 * fw_notes_fit() - Whether notes are whole: libnftnl reads a cut one past its end
 */
bool fw_notes_fit(const void *notes, uint32_t len);

void fw_rule_see(const struct nlmsghdr *msg, struct fw_seen *ret);

/* fw-element-list.c */

/**
 * fw_elements_add() - Append an element
 *
 * Return:   0 or -ENOMEM
 */
int fw_elements_add(struct fw_elements *list, const struct fw_element *e) MUST_CHECK;

/**
 * fw_element_compare() - Order by set, key and what it leads to; as for qsort(3)
 */
int fw_element_compare(const struct fw_element *x, const struct fw_element *y);

/**
 * fw_elements_sort() - Sort a list, and take out what is in it twice
 */
void fw_elements_sort(struct fw_elements *list);

/**
 * fw_elements_equal() - Whether two sorted lists are the same, keys and where they lead to
 */
bool fw_elements_equal(const struct fw_elements *a, const struct fw_elements *b);

/**
 * fw_elements_part() - Take out of two lists what is in both; both are sorted, none twice
 */
void fw_elements_part(struct fw_elements *a, struct fw_elements *b);

void fw_elements_free(struct fw_elements *list);

/* fw-element.c */

/**
 * fw_elements_of() - What the forwards of a VM are as elements, sorted, none twice
 *
 * Return:   0 or -ENOMEM
 */
int fw_elements_of(const struct forwards *f, struct fw_elements *ret) MUST_CHECK;

/**
 * fw_elements_shared() - Take out of a list what other VMs have too
 *
 * Two VMs that forward to one guest share its element of FW_HAIR, and two on one bridge
 * those of FW_GUARD and FW_INSIDE.
 *
 * Return:   0 or -ENOMEM
 */
int fw_elements_shared(struct fw_elements *list, const struct forwards *others,
		       size_t n) MUST_CHECK;

/* fw-element-io.c */

/**
 * fw_elements_put() - Put messages that add or delete elements into a batch
 * @type:    NFT_MSG_NEWSETELEM or NFT_MSG_DELSETELEM
 * @tag:     Comment of new ones
 */
void fw_elements_put(struct fw_batch *b, uint16_t type, const struct fw_elements *list,
		     const char *tag);

/**
 * fw_elements_find() - Read from the kernel the elements with a tag
 * @tag:     NULL: all of them
 * @ret:     Sorted, none twice
 *
 * Return:   0, -ENOENT there is no such table, or -errno
 */
int fw_elements_find(struct fw_link *l, const char *tag,
		     struct fw_elements *ret) MUST_CHECK;

/* fw-foreign.c */

#define FW_HEADS 4
/* who restores what he has saved, without a flush, doubles our rule each time */
#define FW_OURS_MAX 32

/**
 * struct fw_head - A base chain of others that may stop our packets
 * @exists:  It is there, hooked to forward
 * @ours:    Handles of our rules in it, @n_ours of them
 * @good:    Handle of the one among them that is where it should be, 0: none
 * @after:   Handle of the rule it should follow, 0: first
 * @blocked: Packets are stopped before DOCKER-USER, whose rules we do not pass by
 */
struct fw_head {
	bool exists;
	uint64_t ours[FW_OURS_MAX];
	unsigned int n_ours;
	uint64_t good;
	uint64_t after;
	bool blocked;
};

/**
 * fw_heads_read() - Look at the chains of others
 * @mark:    That our rule should have
 */
int fw_heads_read(struct fw_link *l, uint32_t mark,
		  struct fw_head ret[static FW_HEADS]) MUST_CHECK;

bool fw_head_equal(const struct fw_head *a, const struct fw_head *b);

/**
 * fw_heads_put() - Put what has to change into a batch
 * @wanted:  Our rule shall be there; false: it goes
 */
void fw_heads_put(struct fw_batch *b, uint32_t mark, bool wanted,
		  const struct fw_head head[static FW_HEADS]);

/* fw-change.c */

/**
 * fw_is_wanted() - Whether any VM shall have a forward
 */
bool fw_is_wanted(const struct fw_request *q);

/**
 * fw_build() - Put the table, with all that the lists say, into a batch
 * @exists:  One is there, and goes first
 *
 * Return:   0 or -ENOMEM
 */
int fw_build(struct fw_batch *b, const struct fw_request *q, uint32_t mark,
	     bool exists) MUST_CHECK;

/**
 * fw_change() - Put what the VM has and shall not have, and the reverse, into a batch
 * @by_tag:  What it has is read from the kernel there; NULL: it is @q->old
 *
 * Return:   0, also when no VM changes; or -errno
 */
int fw_change(struct fw_batch *b, const struct fw_request *q,
	      struct fw_link *by_tag) MUST_CHECK;

/**
 * fw_compare() - Whether the sets have other elements than the lists say
 *
 * Return:   0 or -errno
 */
int fw_compare(struct fw_link *l, const struct fw_request *q,
	       bool *ret_differs) MUST_CHECK;

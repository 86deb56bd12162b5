/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fw-parts.h - inside fw*.c: the table, its elements, the rules in chains of others */
#pragma once

#include "base.h"
#include "forward.h"
#include "fw-batch.h"

#include <stdbool.h>
#include <stdint.h>

#define FW_KEY_MAX  40 /* protocol, port and two IPv6 addresses, each a multiple of 4 */
#define FW_DATA_MAX 20 /* an IPv6 address and a port */

/* Maps and sets; each of the first seven once for IPv4 and once for IPv6 */
enum fw_set {
	FW_ANY, /* protocol, port -> guest, port */
	FW_ADDR, /* listening address, protocol, port -> guest, port */
	FW_ONE, /* protocol, port, source, listening address -> guest, port */
	FW_MANY, /* protocol, ports, source, listening address -> guest, same port */
	FW_TO, /* guest, protocol, port */
	FW_TO_MANY, /* guest, protocol, ports */
	FW_HAIR, /* network, guest in it */
	FW_PER_FAMILY,
	FW_GUARD = 2 * FW_PER_FAMILY, /* interface of the host */
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

/* how many there are: guard; jumps and DNAT; source; mark */
#define FW_TABLE_RULES (1 + 2 * 2 + 2 * 7 + 2 + 2 * 3 + 1 + 2 * 4 + 1)
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

int fw_table_read(struct mnl_socket *nl, struct fw_table *ret) MUST_CHECK;
void fw_table_make(struct fw_batch *b, uint32_t mark);
void fw_table_delete(struct fw_batch *b);

/* fw-rule.c */

struct nftnl_rule;

/**
 * fw_rule_accept_mark() - Put the one rule for chains of others into a batch
 * @after:   Handle of the rule that it shall follow, 0: first
 */
void fw_rule_accept_mark(struct fw_batch *b, uint16_t family, const char *table,
			 const char *chain, uint32_t mark, uint64_t after);

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

void fw_elements_sort(struct fw_elements *list);

/**
 * fw_elements_less() - Take out of a list what is in another one too; both are sorted
 */
void fw_elements_less(struct fw_elements *list, const struct fw_elements *other);

void fw_elements_free(struct fw_elements *list);

/* fw-element.c */

/**
 * fw_elements_of() - What the forwards of a VM are as elements, sorted, none twice
 *
 * Return:   0 or -ENOMEM
 */
int fw_elements_of(const struct forwards *f, struct fw_elements *ret) MUST_CHECK;

/**
 * fw_elements_shared() - Take out of a list where packets of other VMs go too
 *
 * Two VMs that forward to one guest share elements of FW_TO, FW_TO_MANY and FW_HAIR.
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
 *
 * Return:   0, -ENOENT there is no such table, -EINTR it changed meanwhile, or -errno
 */
int fw_elements_find(struct mnl_socket *nl, const char *tag,
		     struct fw_elements *ret) MUST_CHECK;

/* fw-foreign.c */

#define FW_HEADS 4

/**
 * struct fw_head - A base chain of others that may stop our packets
 * @exists:  It is there, hooked to forward
 * @ours:    Handle of our rule in it, 0: none
 * @good:    Our rule is where it should be
 * @after:   Handle of the rule it should follow, 0: first
 * @blocked: Packets are stopped before DOCKER-USER, whose rules we do not pass by
 */
struct fw_head {
	bool exists;
	uint64_t ours;
	bool good;
	uint64_t after;
	bool blocked;
};

/**
 * fw_heads_read() - Look at the chains of others
 * @mark:    Of our rule
 * @before:  Mark that our rule may still have, 0: none
 */
int fw_heads_read(struct mnl_socket *nl, uint32_t mark, uint32_t before,
		  struct fw_head ret[static FW_HEADS]) MUST_CHECK;

/**
 * fw_heads_put() - Put what has to change into a batch
 * @wanted:  Our rule shall be there; false: it goes
 *
 * Return:   How many rules are added or deleted
 */
unsigned int fw_heads_put(struct fw_batch *b, uint32_t mark, bool wanted,
			  const struct fw_head head[static FW_HEADS]);

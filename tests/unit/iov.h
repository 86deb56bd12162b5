/* SPDX-License-Identifier: GPL-2.0-or-later */
/* iov.h - the card of card.h, where a kernel makes virtual functions of it */
#pragma once

#include "card.h"

/**
 * struct iov - What the kernel does, and was told
 * @most:    As many virtual functions appear at most
 * @written: Attributes that were written, in order: "sriov_numvfs=8 "
 */
struct iov {
	unsigned int most;
	char written[2048];
};

extern struct iov iov;

/**
 * iov_setup() - For cmocka: card_setup(), a driver, room for 32 virtual functions
 *
 * Writes are answered as Linux drivers/pci/iov.c and drivers/base/bus.c do; as long as there
 * are card.refusals, the driver fails with card.refusal.
 */
int iov_setup(void **state);

/**
 * iov_vf_name() - The address of a virtual function
 *
 * Return:   Overwritten by the next call
 */
const char *iov_vf_name(unsigned int i);

/**
 * iov_appear() - The first @n appear, without driver; iov_go(): all go
 */
void iov_appear(unsigned int n);
void iov_go(void);
unsigned int iov_count(void);

/* The state of the kind numvfs for this card */
void iov_check_get(const char *want);
int iov_set(const char *state);

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cards.h - the PCI functions of a host, as far as a person asks for them */
#pragma once

#include "base.h"
#include "bdf.h"
#include "host.h"

#include <stdbool.h>
#include <stdint.h>

#define CARD_DRIVER_LEN 64

/**
 * struct card - One PCI function
 * @bdf:     Address
 * @name:    The same as sysfs spells it
 * @id:      vendor:device
 * @class:   24 bits
 * @driver:  Name, "" when none has it
 * @group:   IOMMU group, -1 when the IOMMU is off
 * @node:    NUMA node, -1 when the host has one only, or does not say
 * @boot_vga: The firmware showed its picture on it
 * @vf:      A virtual function; then @pf is the address of its card
 */
struct card {
	struct bdf bdf;
	char name[BDF_LEN];
	struct id_pair id;
	uint32_t class;
	char driver[CARD_DRIVER_LEN];
	int group;
	int node;
	bool boot_vga;
	bool vf;
	char pf[BDF_LEN];
};

/**
 * struct cards - All functions, sorted by address
 * @card:    Owned, @n
 */
struct cards {
	struct card *card;
	size_t n;
};

/**
 * card_read() - Look at one function
 * @name:    As sysfs spells it
 *
 * Nothing is written, and no attribute is read that takes a device lock.
 *
 * Return:   0, -ENODEV there is no such function, or -errno
 */
int card_read(const struct host *h, const char *name, struct card *ret) MUST_CHECK;

/**
 * cards_read() - Look at all functions
 *
 * Return:   0, also when there is no PCI bus; -ENOMEM, or -errno
 */
int cards_read(const struct host *h, struct cards *ret) MUST_CHECK;

/**
 * cards_find() - A function by address
 *
 * Return:   Borrowed, or NULL
 */
const struct card *cards_find(const struct cards *s, const struct bdf *b);

/* card_is_gpu(), card_is_bridge() - As function_is_gpu() and function_is_bridge() */
bool card_is_gpu(const struct card *c);
bool card_is_bridge(const struct card *c);

/**
 * card_attribute() - Read an attribute of a function, such as "current_link_speed"
 * @ret:     Text without the newline, "" when it cannot be read
 *
 * Return:   Whether there is something
 */
bool card_attribute(const struct host *h, const char *name, const char *attribute,
		    char *ret, size_t size);

void cards_free(struct cards *s);

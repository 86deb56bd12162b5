/* SPDX-License-Identifier: GPL-2.0-or-later */
/* yard.h - the lab's identical cards, and VMs that want some of them */
#pragma once

#include "tool.h"

#include <stdbool.h>
#include <stddef.h>

#define CARDS_MAX 16
#define WANTS_MAX 3
#define VMS_MAX   16
#define SHARED    2 /* units, and modules, that several VMs want away */

#define DEVICES "/sys/bus/pci/devices"
#define STATE   "/run/virt-handoff"

/**
 * struct card - A card of two functions, display and audio
 * @slot:    "0000:02:00"
 * @home:    The host's drivers of both
 * @d3cold:  What d3cold_allowed of both is
 * @stays:   It was given to a VM with give-back = no: it is on VFIO also when nobody has it
 */
struct card {
	char slot[16];
	char home[2][32];
	char d3cold[4];
	bool stays;
};

extern struct card cards[CARDS_MAX];
extern size_t n_cards;

/**
 * struct vm - A VM and what its INI file asks for
 * @want:    Cards, @n_want of them
 * @whole:   Both functions of each are in its XML; else the display alone
 * @gives_back: give-back
 * @waits:   in-use = wait 60s
 * @units, @modules: Bit n: the n-th shared unit has to be stopped, the n-th module unloaded
 * @d3cold:  d3cold is the other way round
 * @port:    Forwarded, required; 0: no forward
 * @local:   From 127.0.0.1 too
 * @address: Last byte of its IPv4 address
 * @runs:    It has what it wants
 */
struct vm {
	char name[16], uuid[40];
	size_t want[WANTS_MAX], n_want;
	bool whole, gives_back, waits, d3cold, local;
	unsigned int units, modules, port, address;
	bool runs;
};

/* what VMs boot, in QEMU; NULL: nothing */
extern const char *yard_disk;

extern const char *const shared_units[SHARED];
extern const char *const shared_modules[SHARED];

/**
 * yard_find_cards() - Find all identical cards with audio
 *
 * Waits until the host's drivers have them, or ends the program.
 */
void yard_find_cards(size_t at_least);

/**
 * yard_function() - The address of a function of a card
 */
const char *yard_function(const struct card *c, int function);

/**
 * yard_give_to_host() - By hand, as the README says, for a card that stays on VFIO
 */
void yard_give_to_host(struct card *c);

/**
 * yard_xml() - The domain XML of a VM
 * @ret:     Appended
 */
void yard_xml(const struct vm *v, struct text *ret);

/**
 * yard_define() - libvirt gets to know VMs, and each its INI file
 */
void yard_define(const struct vm *v, size_t n);

/**
 * yard_forget() - Both are gone again
 */
void yard_forget(const struct vm *v, size_t n);

/**
 * yard_open() - Units and modules that VMs want away, all there
 */
void yard_open(void);

/**
 * yard_close() - As before yard_open()
 */
void yard_close(void);

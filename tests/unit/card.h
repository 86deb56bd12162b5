/* SPDX-License-Identifier: GPL-2.0-or-later */
/* card.h - a card in a folder that plays sysfs, for the kinds that cut it into vGPUs */
#pragma once

#include "kinds.h"
#include "tree.h"

#define CARD        "0000:e8:00.0"
#define CARD_VF     "0000:e8:00.4" /* its first virtual function */
#define CARD_VF2    "0000:e8:00.5"
#define CARD_UUID   "2f82ee72-3ac5-4615-9c0b-327c12e8c83d"
#define CARD_VENDOR TREE_BRIDGE CARD_VF "/nvidia/"
#define CARD_LIST   "ID    : vGPU Name\n1152  : NVIDIA L40S-8Q\n1153  : NVIDIA L40S-12Q\n"

/**
 * struct card - The folder, and what a test keeps
 * @host:     Has the kinds of the boot, and a deadline of 50 ms
 * @have:     Of card_check_get(); "untouched" at first
 * @refusals: How often the driver still says no, by @refusal
 */
struct card {
	struct tree tree;
	struct host host;
	char have[STATE_LEN];
	unsigned int refusals;
	int refusal;
};

extern struct card card;

/**
 * card_setup() - For cmocka: a card without driver and without virtual functions
 */
int card_setup(void **state);
int card_teardown(void **state);

/**
 * card_vf() - A virtual function, on nvidia
 */
void card_vf(unsigned int index, const char *bdf);

/**
 * card_type() - A type of mediated devices, of which one can be made
 * @parent:  Path of the device
 */
void card_type(const char *parent, const char *id);

/**
 * card_vendor() - The first virtual function has the vendor's framework
 * @current: Its current_vgpu_type
 * @list:    Its creatable_vgpu_types
 */
void card_vendor(const char *current, const char *list);

/**
 * card_check_get() - The state of a target has to be this
 */
void card_check_get(const struct kind *k, const char *target, const char *want);

/**
 * card_refuse() - What the driver says this time: @refusal, or 0
 */
int card_refuse(void);

/**
 * card_hangs() - For played_kernel: a write that does not come back
 */
int card_hangs(const char *path, const char *value);

/**
 * card_hold() - Process 4242 has a device open, as a VM has its VFIO group
 * @folder:  Path of the device
 */
void card_hold(const char *folder);

/**
 * card_let_go_later() - A child that lets it go after @ms; card_reap() waits for it
 */
pid_t card_let_go_later(unsigned int ms);
void card_reap(pid_t pid);

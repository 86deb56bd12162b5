/* SPDX-License-Identifier: GPL-2.0-or-later */
/* world.h - a guest, an INI file and a host, built in memory for the tests of policy */
#pragma once

#include "policy.h"
#include "unit.h"

#define WORLD_GPU   0x030000
#define WORLD_AUDIO 0x040300
#define WORLD_NIC   0x020000
#define WORLD_PORT  0x060400

/**
 * struct world - All that policy looks at, and what it says
 * @guest:   "vm"; its hostdevs have room for 64
 * @conf:    As "[devices]" alone makes it
 * @inv:     Functions have room for INVENTORY_MAX, so that pointers to them stay
 * @others:  Ledgers of other VMs, with room for 8
 */
struct world {
	struct guest guest;
	struct conf_vm conf;
	struct inventory inv;
	struct ledgers others;
	struct taken taken;
	struct findings found;
};

/**
 * world_make() - An empty world: Linux 6, no function, a VM that asks for its gpus
 */
void world_make(struct world *w);
void world_free(struct world *w);

/**
 * world_setup() - For cmocka, with a struct world as the state before: world_make()
 */
int world_setup(void **state);
int world_teardown(void **state);

#define WORLD_TEST(f, w) \
	cmocka_unit_test_prestate_setup_teardown(f, world_setup, world_teardown, w)

/**
 * world_function() - Put a function into the host, in order of addresses
 * @id:      "10de:2684"
 * @driver:  Its module has the same name, with underscores; "" none
 */
struct function *world_function(struct world *w, const char *bdf, const char *id,
				uint32_t class, const char *driver, int group);

/**
 * world_card() - A GPU at "BUS:00.0" and its audio at .1, as nvidia and snd_hda_intel
 * have them
 * @bus:     "0000:01"
 *
 * Return:   The GPU; the audio is behind it
 */
struct function *world_card(struct world *w, const char *bus, int group);

/**
 * world_one_card() - The card at 0000:01, in group 10, and the VM has its GPU
 */
void world_one_card(struct world *w);

struct guest_hostdev *world_hostdev(struct world *w, const char *bdf);

/**
 * world_also() - Put a function into `also` of [devices]
 * @id:      "10de:22ba", or NULL for none
 */
void world_also(struct conf_devices *c, const char *bdf, const char *id);

/**
 * world_expect() - Put an ID into `expect` of [devices]
 */
void world_expect(struct conf_devices *c, const char *id);

/**
 * world_claim() - Another VM has a function
 */
void world_claim(struct world *w, const char *name, const char *bdf);

void world_hold(struct function *f, int pid, const char *command, const char *unit);

/**
 * world_look() - policy_choose() and policy_check()
 */
void world_look(struct world *w);

/**
 * world_check_taken() - The functions that are taken, blank-separated
 */
void world_check_taken(struct world *w, const char *want);

/**
 * world_check_found() - world_look(), and compare all findings with @n sentences
 * @want:    Each with a first letter: '!' refuses, '~' refuses as long as somebody holds
 * it, '.' is only said
 */
void world_check_found(struct world *w, const char *const *want, size_t n);

#define WORLD_FOUND(w, ...)                                        \
	world_check_found(w, (const char *const[]){ __VA_ARGS__ }, \
			  ARRAY_LEN(((const char *const[]){ __VA_ARGS__ })))

/**
 * world_check_plan() - world_look(), then policy_plan(), a line each: "driver
 * 0000:01:00.0 vfio-pci [keep]\n"
 */
void world_check_plan(struct world *w, const char *want);

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lock.h - bounded advisory locks with the name of who holds one */
#pragma once

#include "base.h"
#include "host.h"
#include "text.h"

#include <stdbool.h>

/* inventory, policy, claims */
#define LOCK_HOST "host"
/*
 * From the look for room until what is made, or going to be, is there for all to see. The boot
 * helper waits under it for cards, and each start for drivers that do not answer: a minute and more
 */
#define LOCK_VGPUS         "vgpus"
#define LOCK_VGPUS_WAIT_MS 180000
/* longer than one step, shorter than a person's patience */
#define LOCK_WAIT_MS 60000

/**
 * struct lock - A lock that is held
 * @fd:      Owned, -1 when not held
 * @name:    File below run/virt-handoff/lock
 */
struct lock {
	int fd;
	int dir;
	char name[NAME_LEN];
};

#define LOCK_NONE ((struct lock){ .fd = -1, .dir = -1 })

/**
 * lock_take() - Take a lock, waiting for whoever has it
 * @h:       Host with a run folder
 * @name:    LOCK_HOST, the UUID of a VM, the name of its INI file, or a thing that VMs share
 * @who:     What is written into it for others: "prepare of train01"
 * @wait_ms: How long to wait
 * @l:       Filled
 * @ret_why: One sentence on failure, naming the holder
 *
 * The kernel drops it when the process ends. The file is removed when the lock is dropped
 * in order.
 *
 * Return:   0, -EBUSY somebody holds it, or -errno
 */
int lock_take(const struct host *h, const char *name, const char *who,
	      unsigned int wait_ms, struct lock *l,
	      char ret_why[static WHY_LEN]) MUST_CHECK;

/**
 * lock_drop() - Give a lock back; one that is not held is passed over
 */
void lock_drop(struct lock *l);

/**
 * lock_holder() - Who holds a lock now
 * @name:    As for lock_take()
 * @ret:     "pid 4711, prepare of train01", or "another process"
 *
 * Nothing is waited for, and nobody is kept from it longer than he would sleep anyway.
 *
 * Return:   Whether somebody holds it
 */
bool lock_holder(const struct host *h, const char *name, char *ret, size_t size);

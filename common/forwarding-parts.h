/* SPDX-License-Identifier: GPL-2.0-or-later */
/* forwarding-parts.h - inside forwarding*.c: what a VM may have now, and having it */
#pragma once

#include "base.h"
#include "book.h"
#include "conf.h"
#include "findings.h"
#include "forwarding.h"

#include <stdbool.h>

struct ifaddrs;

/**
 * struct forwarding - What is known of the host while its forwards are changed
 * @h:       Borrowed. Host
 * @rep:     Borrowed. Who is told; NULL with @found
 * @conf:    host.ini
 * @blind:   That cannot be read: nothing new is given, what there is stays
 * @books:   Owned. What all VMs have
 * @ifaces:  Owned. Addresses of the host
 * @begins:  The VM has had no more than a claim until now
 * @stays:   What forwarding_update() came to last stays as it was: its file cannot be read
 * @found:   NULL, or where it is noted what is in the way of a VM, instead of saying it
 * @changed: Something was done
 */
struct forwarding {
	struct host *h;
	const struct forwarding_report *rep;
	struct conf_host conf;
	bool blind, begins, stays;
	struct books books;
	struct ifaddrs *ifaces;
	struct findings *found;
	bool changed;
};

/* forwarding.c */

/**
 * forwarding_look() - Read host.ini, what all VMs have, and the host's addresses
 * @wanted:  host.ini must be readable; else its fault is said, and @blind is set
 * @here:    It is this host; the addresses of a recorded machine are not known
 *
 * Return:   0 or -errno
 */
int forwarding_look(struct forwarding *x, bool wanted, bool here,
		    char ret_why[static WHY_LEN]) MUST_CHECK;

/**
 * forwarding_say() - Tell what was refused or has changed
 */
void forwarding_say(const struct forwarding *x, enum log_level level,
		    const char *sentence);

/**
 * forwarding_open_book() - Find the book of a VM, or begin it, with its interfaces
 * @ret:     Borrowed from @x
 *
 * Return:   0 or -ENOMEM
 */
int forwarding_open_book(struct forwarding *x, const struct guest *g,
			 struct book **ret) MUST_CHECK;

/**
 * forwarding_forget() - Release what forwarding_look() read
 */
void forwarding_forget(struct forwarding *x);

/* forwarding-address.c */

/**
 * struct address_memo - What address_find() has answered for a VM
 * @known:     It has, for @interface
 * @interface: Borrowed. Of the section
 * @n:         What it returned, with @ip
 * @other:     Borrowed. Another VM that has a MAC of this one, and forwards; or NULL
 * @said:      Of that somebody was told
 *
 * All leases of a network are read to find those of one MAC, and a VM has many sections.
 */
struct address_memo {
	bool known;
	const char *interface;
	int n;
	struct ip ip[2];
	const struct book *other;
	bool said;
};

/**
 * forwarding_find_guest() - The addresses that a section leads to
 * @c:       INI file of the VM
 * @f:       Its section
 * @b:       What it has, and its interfaces
 * @memo:    Of this VM and this event
 * @ret:     At most one of each family. Where none is known yet, they have a family alone,
 *           so that the ports are kept: see forward_waits()
 *
 * Return:   1 or 2
 */
size_t forwarding_find_guest(const struct forwarding *x, const struct conf_vm *c,
			     const struct conf_forward *f, const struct book *b,
			     struct address_memo *memo, struct ip ret[static 2]);

/**
 * forwarding_find_network() - Look up in which network of the host the guest is
 *
 * A forward whose guest is in none stays as it is.
 *
 * Return:   Whether it was another one before
 */
bool forwarding_find_network(const struct forwarding *x, struct forward *f);

/* forwarding-plan.c */

/**
 * forwarding_plan() - Find out what a VM's forwards are
 * @c:       Its INI file
 * @b:       What it has, and its interfaces
 * @strict:  A required one that cannot be had is an error, and nobody is told of others;
 *           else everybody is told, and there is no error
 * @ret:     Owned by the caller; named. Those without an address yet wait
 * @ret_why: One sentence on failure
 *
 * Return:   0, -EPERM, -ENOMEM
 */
int forwarding_plan(const struct forwarding *x, const struct conf_vm *c,
		    const struct book *b, bool strict, struct forwards *ret,
		    char ret_why[static WHY_LEN]) MUST_CHECK;

/* forwarding-vm.c */

/**
 * forwarding_update() - Make a VM's forwards be as its INI file says now
 *
 * When that cannot be read, they stay as they are, and that is said.
 *
 * Return:   0 or -errno
 */
int forwarding_update(struct forwarding *x, struct book *b,
		      char ret_why[static WHY_LEN]) MUST_CHECK;

/**
 * forwarding_drop() - Take away what a VM has, and its file
 *
 * Return:   0 or -errno
 */
int forwarding_drop(struct forwarding *x, struct book *b,
		    char ret_why[static WHY_LEN]) MUST_CHECK;

/**
 * forwarding_clear() - Clear up what somebody who was killed has left
 * @except:  The VM whose event this is: its own file is not looked at
 *
 * VMs that have gone without an event, and files with old and new forwards in them, which
 * may collide. No other VM's trouble stops this event: it is only said.
 */
void forwarding_clear(struct forwarding *x, const char *except);

/* forwarding-change.c */

/**
 * forwarding_write() - Write down what a VM has
 *
 * Return:   0 or -errno
 */
int forwarding_write(const struct forwarding *x, const struct book *b,
		     char ret_why[static WHY_LEN]) MUST_CHECK;

/**
 * forwarding_change() - Give a VM other forwards than it has
 * @now:     Taken over, and empty then
 * @last:    The VM has ended, and so does its file
 *
 * Written ahead with old and new, changed in the kernel, written again. When the kernel
 * refuses, it has refused all, and the file says again what it said before.
 *
 * Return:   0 or -errno
 */
int forwarding_change(struct forwarding *x, struct book *b, struct forwards *now,
		      bool last, char ret_why[static WHY_LEN]) MUST_CHECK;

/**
 * forwarding_say_waits() - Say which of a VM's forwards wait, as it has claimed them
 */
void forwarding_say_waits(const struct forwarding *x, const struct forwards *claimed,
			  const struct forwards *now);

/**
 * forwarding_put_right() - Undo what others may have done to the rules
 *
 * Nothing changes for any VM.
 *
 * Return:   0 or -errno
 */
int forwarding_put_right(struct forwarding *x, char ret_why[static WHY_LEN]) MUST_CHECK;

/**
 * forwarding_compare() - Whether the kernel has what the books say
 *
 * Return:   0 or -errno
 */
int forwarding_compare(struct forwarding *x, bool *ret_same,
		       char ret_why[static WHY_LEN]) MUST_CHECK;

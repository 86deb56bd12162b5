/* SPDX-License-Identifier: GPL-2.0-or-later */
/* watch-listen.h - what the watch hears: commits to nf_tables, and files that change */
#pragma once

#include <stdint.h>
#include <sys/types.h>

enum heard {
	HEARD_FIREWALL = 1, /* somebody has changed nf_tables */
	HEARD_FILES = 2, /* a lease or an INI file has come, changed or gone */
	HEARD_BOOKS = 4, /* a VM's forwards have gone */
};

#define LISTENER_FOLDERS 4

/**
 * struct listener - What is listened to
 * @nl:      Netlink socket that gets what is said of nf_tables
 * @ino:     inotify(7)
 * @clock:   Can be read when somebody has set the clock; -1: that is not noticed
 * @folder:  A watch for each folder, -1 while there is no such folder
 * @child:   Process whose commits are not heard, 0: none
 * @who:     Program that changed nf_tables last, "" while nobody has
 * @pid:     Its process id, as the first PID namespace counts
 */
struct listener {
	int nl, ino, clock;
	int folder[LISTENER_FOLDERS];
	pid_t child;
	char who[32];
	uint32_t pid;
};

/**
 * listener_open() - Begin to listen
 * @l:       Filled; it lives as long as the process
 *
 * Return:   0 or -1 with errno
 */
int listener_open(struct listener *l) __attribute__((warn_unused_result));

/**
 * listener_firewall() - Take all that has been said on @nl
 *
 * A commit of @child is passed over. When some of it was lost for want of room, somebody
 * else's may have been among it: that is a change too.
 *
 * Return:   HEARD_FIREWALL or 0
 */
unsigned int listener_firewall(struct listener *l);

/**
 * listener_files() - Take all that has been said on @ino
 *
 * Return:   HEARD_FILES, HEARD_BOOKS, both or 0
 */
unsigned int listener_files(struct listener *l);

/**
 * listener_clock() - Take what has been said on @clock
 *
 * By another clock another lease has ended.
 *
 * Return:   HEARD_FILES or 0
 */
unsigned int listener_clock(struct listener *l);

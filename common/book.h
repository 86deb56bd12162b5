/* SPDX-License-Identifier: GPL-2.0-or-later */
/* book.h - what was written down of the forwards of a running VM */
#pragma once

#include "base.h"
#include "forward.h"
#include "guest.h"
#include "host.h"

#include <stdbool.h>
#include <sys/types.h>

/*
 * Theory of operation
 *
 * run/virt-handoff/forwards/NAME is text and has all that is needed to take the forwards
 * of a VM away, to put them back after somebody flushed the ruleset, and to find the VM's
 * address when it changes: neither the INI file nor the domain XML is asked for that.
 *
 * It is first written when libvirt prepares the VM, so that nobody else gets the ports
 * while the VM starts or waits for an address.
 *
 * It is replaced by rename(2) before a change, with the new forwards in it too and the
 * line "doubt", and after the change with what there is now. Whoever finds "doubt" reads
 * from the kernel which of the two it has. All of it happens under the lock BOOK_LOCK.
 *
 * The file is in /run because it must die with the kernel state that it describes.
 */

#define BOOK_HEAD   "virt-handoff-forwards 1"
#define BOOK_LOCK   "firewall"
#define BOOK_FOLDER "forwards"
#define BOOK_MAX    (16u << 20) /* a line is some 120 bytes */

/**
 * struct book - The file of one VM
 * @uuid:     Of the VM
 * @doubt:    A change was begun: the kernel has @forwards or @next
 * @moved:    Not written: the guest's network is another one than in the file
 * @daemon:   The VM is being prepared by this process; 0: it was started
 * @nics:     Owned. Its interfaces, @n_nics
 * @forwards: Owned. Name of the VM and what was forwarded
 * @next:     Owned. What shall be, while there is @doubt
 */
struct book {
	char uuid[UUID_LEN];
	bool doubt, moved;
	pid_t daemon;
	struct guest_nic *nics;
	size_t n_nics;
	struct forwards forwards, next;
};

/**
 * struct books - Those of all VMs
 * @book:    Owned, @n of them
 */
struct books {
	struct book *book;
	size_t n;
};

/**
 * book_read() - Read the file of a VM
 * @ret_why: One sentence on failure other than -ENOENT
 *
 * Return:   0, -ENOENT it has none, -EBADMSG, or -errno
 */
int book_read(const struct host *h, const char *vm, struct book *ret,
	      char ret_why[static WHY_LEN]) MUST_CHECK;

/**
 * book_parse() - Read the text of such a file
 * @text:    Ends with NUL; cut
 *
 * Return:   0, -EBADMSG, -ENOMEM
 */
int book_parse(char *text, struct book *ret) MUST_CHECK;

/**
 * book_write() - Replace the file of a VM
 *
 * Return:   0 or -errno
 */
int book_write(const struct host *h, const struct book *b) MUST_CHECK;

/**
 * book_is_half() - Whether a process writes a list at this moment, or was killed in it
 */
bool book_is_half(const struct host *h);

/**
 * book_sweep() - Delete what a process that was killed in book_write() has left
 *
 * Under the lock BOOK_LOCK: nobody else writes meanwhile.
 */
void book_sweep(const struct host *h);

/**
 * book_remove() - Delete the file of a VM
 *
 * Return:   0, also when there is none; or -errno
 */
int book_remove(const struct host *h, const char *vm) MUST_CHECK;

/**
 * book_is_orphan() - Whether the VM runs no more, and nobody has said so
 *
 * That is so when the daemon, or the hook, was killed: libvirt's folder of running VMs
 * does not have it, or the daemon that prepared it is gone.
 */
bool book_is_orphan(const struct host *h, const struct book *b);

void book_free(struct book *b);

/**
 * books_read() - Read the files of all VMs
 * @ret_why: One sentence of a file that cannot be read, and is left out; else ""
 *
 * Return:   0 or -errno
 */
int books_read(const struct host *h, struct books *ret,
	       char ret_why[static WHY_LEN]) MUST_CHECK;

void books_free(struct books *b);

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* worker.h - sysfs accesses that may hang, done by a child that can be left behind */
#pragma once

#include "base.h"
#include "host.h"

/*
 * Theory of operation
 *
 * Unbinding a busy NVIDIA card, or a vfio-pci card that a VM holds, never returns: the
 * writer sleeps uninterruptibly and holds the device lock, and whoever then reads or
 * writes driver_override of that function sleeps too. So all accesses that take a device
 * lock are made by one child of this process. It has no standard streams and no locks
 * (libvirt waits until both pipes of a hook are closed, by whoever holds them), and the
 * parent waits no longer than the deadline. A child that hangs is killed, which takes
 * effect when the kernel lets it go, and is left behind; the next access gets a new
 * child.
 */

/**
 * worker_write() - Write a value to an existing file with one write(2)
 * @h:       Host; root, deadline and worker are taken from it
 * @path:    Below the root
 * @value:   At most 255 bytes
 *
 * Return:   0 or -errno; -ETIME the deadline passed and the kernel has not answered
 */
int worker_write(struct host *h, const char *path, const char *value) MUST_CHECK;

/**
 * worker_read() - Read an attribute
 * @h:       Host
 * @path:    Below the root
 * @ret:     Text without its newline
 * @size:    Bytes at @ret
 *
 * Return:   0 or -errno; -ETIME as above; -EFBIG longer than 4096 bytes or @size; -EAGAIN
 *           and -ENOMEM there is no worker, and never the attribute's
 */
int worker_read(struct host *h, const char *path, char *ret, size_t size) MUST_CHECK;

/**
 * worker_run() - Call a function in a child of its own that can be left behind
 * @h:       Host; the deadline is taken from it
 * @act:     What may hang; must not count on any descriptor. Returns 0 or -errno
 * @data:    Handed on
 *
 * Return:   What @act returned; -ETIME as above
 */
int worker_run(const struct host *h, int (*act)(void *data), void *data) MUST_CHECK;

/**
 * worker_retry() - Forget who was silent, when the kernel has let all children go that asked
 *
 * For who looks again and again, and has no other children. A driver that is dead would get
 * a child more each time, and one that was only slow answers again.
 */
void worker_retry(struct host *h);

/**
 * worker_stop() - End the child; called by host_close()
 */
void worker_stop(struct host *h);

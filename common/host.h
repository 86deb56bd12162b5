/* SPDX-License-Identifier: GPL-2.0-or-later */
/* host.h - the environment as a value: where the host is, how long to wait */
#pragma once

#include "base.h"

#include <stdbool.h>
#include <stdint.h>

struct kind;
struct worker;

#define HOST_DEVICE_LEN 32 /* name of a device in sysfs: a PCI address, "mbochs" */
#define HOST_SILENT_MAX 32 /* cards that can be noted as silent */

/* for one step, unless the INI file says otherwise */
#define HOST_DEADLINE_MS 30000

/**
 * struct host - The machine that is looked at and changed
 * @root:        Owned. Directory descriptor of "/", or of a recorded machine
 * @run:         Owned. Directory descriptor of run/virt-handoff, or -1 (nothing is
 *           kept)
 * @deadline_ms: How long one step may take, milliseconds of CLOCK_MONOTONIC
 * @kinds:       Borrowed. NULL-terminated list of the kinds that this program has
 * @sriov_manage: Borrowed. Path of NVIDIA's script, NULL: the usual places
 * @nvidia_smi:  Borrowed. The same
 * @silent:      Cards whose driver has not answered, @n_silent: nobody asks it again
 * @worker:      Owned. Child that does what may hang in the kernel, NULL until first
 *           used
 *
 * Passed first everywhere. Nothing takes the root from the process environment.
 */
struct host {
	int root;
	int run;
	unsigned int deadline_ms;
	const struct kind *const *kinds;
	const char *sriov_manage, *nvidia_smi;
	char silent[HOST_SILENT_MAX][HOST_DEVICE_LEN];
	size_t n_silent;
	struct worker *worker;
};

/**
 * host_open() - Open a host
 * @h:       Filled
 * @root:    Folder, "/" for the real one
 * @kinds:   Kinds, or NULL when nothing is going to be changed
 *
 * The run folder is opened when it is there and nobody but root may write to it, and made
 * by host_make_run().
 *
 * Return:   0 or -errno
 */
int host_open(struct host *h, const char *root,
	      const struct kind *const *kinds) MUST_CHECK;

/**
 * host_make_run() - Make run/virt-handoff and its folders (mode 0700) and open it
 *
 * Return:   0 or -errno; -EPERM it is there, and others may write to it (file_why())
 */
int host_make_run(struct host *h) MUST_CHECK;

/**
 * host_is_silent() - Whether the driver of a card has not answered before
 * @card:    Name of its device
 */
bool host_is_silent(const struct host *h, const char *card);

/**
 * host_note_silent() - Note it
 */
void host_note_silent(struct host *h, const char *card);

/**
 * host_close() - Release what host_open() took; takes a half-opened host too
 */
void host_close(struct host *h);

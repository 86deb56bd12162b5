/* SPDX-License-Identifier: GPL-2.0-or-later */
/* smi.h - ask nvidia-smi about a card, and read its answers */
#pragma once

#include "base.h"
#include "host.h"

#include <stdbool.h>

#define SMI_INSTANCES_LEN 160 /* as long as the state of a step */
#define SMI_PROFILE_LEN   24 /* "1g.12gb+me.all" */

/**
 * smi_is_there() - Whether the host has it: where host.ini says, or in a usual place
 */
bool smi_is_there(const struct host *h);

/**
 * smi_run() - Run nvidia-smi
 * @h:       Host; its path and the deadline are taken from it
 * @args:    NULL-terminated, at most 7
 * @ret:     What it printed, or NULL when nobody wants it
 * @size:    Bytes at @ret
 *
 * Return:   Exit status, or -errno; -ENOENT no nvidia-smi, -ETIME
 */
int smi_run(const struct host *h, const char *const args[], char *ret,
	    size_t size) MUST_CHECK;

/**
 * smi_error() - What an exit status means
 * @status:  Of smi_run(); a negative one is an error already
 *
 * Return:   -errno, -EIO when there is nothing better
 * Source:   nvidia-smi(1), RETURN VALUE; NVML API Reference Guide, nvmlReturn_t
 */
int smi_error(int status);

/*
 * Answers, each with its command. They are read strictly; what they say counts, whatever
 * the exit status is. Return 1 on, 0 off, -EOPNOTSUPP the card or the driver has no such
 * thing, -EBADMSG not understood.
 */

/**
 * smi_read_mig_mode() - nvidia-smi -i CARD
 * --query-gpu=mig.mode.current,mig.mode.pending --format=csv,noheader
 * @ret_pending: What it is going to be after a reset of the card
 */
int smi_read_mig_mode(const char *text, int *ret_pending) MUST_CHECK;

/**
 * smi_read_mixed() - nvidia-smi -i CARD -q
 */
int smi_read_mixed(const char *text) MUST_CHECK;

/**
 * smi_read_instances() - nvidia-smi mig -i CARD -lgi
 * @ret:     GPU instance profiles, sorted, blank-separated; "none"
 *
 * Return:   0, -EBADMSG, -E2BIG more than @ret has room for
 */
int smi_read_instances(const char *text, char ret[static SMI_INSTANCES_LEN]) MUST_CHECK;

/**
 * smi_mig_mode(), smi_mixed(), smi_instances() - Ask and read
 * @card:    Function, "dddd:bb:dd.f"
 *
 * Return:   As above, or of smi_error()
 */
int smi_mig_mode(const struct host *h, const char *card, int *ret_pending) MUST_CHECK;
int smi_mixed(const struct host *h, const char *card) MUST_CHECK;
int smi_instances(const struct host *h, const char *card,
		  char ret[static SMI_INSTANCES_LEN]) MUST_CHECK;

/**
 * smi_lacks_instances() - Whether a card is in MIG mode and has no instance yet
 *
 * Return:   1; 0, also when nvidia-smi cannot be asked; -ETIME it does not answer
 */
int smi_lacks_instances(const struct host *h, const char *card) MUST_CHECK;

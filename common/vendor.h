/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vendor.h - the files of NVIDIA's vendor-specific VFIO framework on a virtual function */
#pragma once

#include "base.h"
#include "host.h"

#define VENDOR_ID_LEN 16 /* a number of 32 bits */

/* below the function's folder */
#define VENDOR_CURRENT "nvidia/current_vgpu_type"

/**
 * vendor_current() - The vGPU type that a virtual function has
 * @h:       Host
 * @vf:      Function, "dddd:bb:dd.f"
 * @ret:     Its number; "" when it has none
 *
 * Return:   0, -ENOENT not such a function, -EBADMSG no number is there, -ETIME, or -errno
 */
int vendor_current(struct host *h, const char *vf,
		   char ret[static VENDOR_ID_LEN]) MUST_CHECK;

/**
 * vendor_offers() - Whether a type can be made on a virtual function now
 * @h:       Host
 * @vf:      Function
 * @id:      Number of the type; NULL: any
 *
 * The list gets shorter as the card gets full; on a full card there is nothing in it, or a
 * header alone.
 *
 * Return:   1 yes, 0 no, -ENOENT not such a function, -ETIME, or -errno
 */
int vendor_offers(struct host *h, const char *vf, const char *id) MUST_CHECK;

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lab-gpus.h - what the lab's GPUs and their driver agree on: device ids, and the one register that is not PCI's */
#pragma once

/* Their generations: time-sliced without SR-IOV; time-sliced with it; with MIG, kept by the card; with MIG, lost with the driver */
#define LAB_GPUS_P40  0x1b38
#define LAB_GPUS_A40  0x2235
#define LAB_GPUS_A100 0x20f1
#define LAB_GPUS_H100 0x2331

/* 16 bits in the PF's configuration space that the driver may write: MIG mode, which outlives the driver. */
#define LAB_GPUS_MIG 0xe0

/* GPU n is function 0 of a bus of its own, none of the lab's machine */
#define LAB_GPUS_BUS(n)      (0x41 + 0x10 * (n))
#define LAB_GPUS_NUMBER(bus) (((bus)-0x41) >> 4)
#define LAB_GPUS_MAX         8

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ledger-text.h - the ledger of a VM as text, for the tests that read ledgers */
#pragma once

#define UUID_A "00000000-0000-4000-8000-00000000000a"
#define UUID_B "00000000-0000-4000-8000-00000000000b"
#define UUID_C "00000000-0000-4000-8000-00000000000c"
#define LEDGER "run/virt-handoff/ledger/"

#define HEAD                                        \
	"virt-handoff-ledger 1\nuuid\t" UUID_A      \
	"\nname\tmy b\xc3\xbcro\ndeadline\t30000\n" \
	"claim\t0000:01:00.0\nclaim\t0000:01:00.1\n"
#define STEPS                                                                    \
	"step\tunit\ta.service\tactive\tinactive\tback\n"                        \
	"step\tdriver\t0000:01:00.0\tnvidia\tvfio-pci override=vfio-pci\tkeep\n" \
	"step\tattr\t0000:01:00.0/reset_method\t\tflr bus\tback\n"
#define RECORDS \
	"will 0 1000\ndid 0 1001\nwill 1 1002\ndid 1 1003\nback 0 18446744073709551615\n"

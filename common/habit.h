/* SPDX-License-Identifier: GPL-2.0-or-later */
/* habit.h - what people write into /etc/modprobe.d and on the kernel's command line to
 * keep a card from its drivers */
#pragma once

#include "base.h"
#include "alias.h"

#include <stdbool.h>
#include <stdint.h>

#define HABITS_MAX    128
#define HABIT_IDS_MAX 64 /* of one line; vfio-pci takes 1024 characters */

enum habit_kind {
	HABIT_IDS, /* options vfio-pci ids=, vfio-pci.ids= */
	HABIT_STUB, /* the same for pci-stub */
	HABIT_SOFTDEP, /* softdep nouveau pre: vfio-pci; rd.driver.pre=vfio-pci */
	HABIT_BLACKLIST, /* blacklist nouveau; install nouveau /bin/false */
};

/**
 * struct habit_id - One of ids=
 * @value:   vendor, device, subvendor, subdevice, class, mask of class
 * @n:       How many were written; what was not fits everything
 */
struct habit_id {
	uint32_t value[6];
	unsigned int n;
};

/**
 * struct habit - One line, or one word of the command line
 * @kind:    Which
 * @where:   "/etc/modprobe.d/vfio.conf:2", "the kernel's command line"
 * @text:    What stands there, for a person; a long one is cut
 * @module:  Whose module is blacklisted or waits, with underscores; else ""
 * @id:      Of HABIT_IDS and HABIT_STUB, @n_ids
 */
struct habit {
	enum habit_kind kind;
	char where[128];
	char text[96];
	char module[MODULE_LEN];
	struct habit_id id[HABIT_IDS_MAX];
	size_t n_ids;
};

/**
 * struct habits - All that was found
 */
struct habits {
	struct habit habit[HABITS_MAX];
	size_t n;
};

/**
 * habits_read_conf() - Find habits in a file of modprobe.d
 * @text:    Whole text
 * @shown:   Name for @where
 *
 * Lines of other modules, and what is not understood, are passed over: the file is
 * somebody else's.
 *
 * Return:   0, -E2BIG more than HABITS_MAX
 * Source:   modprobe.d(5)
 */
int habits_read_conf(const char *text, const char *shown, struct habits *h) MUST_CHECK;

/**
 * habits_read_cmdline() - Find habits on the kernel's command line
 *
 * Return:   0, -E2BIG
 * Source:   Linux Documentation/admin-guide/kernel-parameters.txt; dracut.cmdline(7)
 */
int habits_read_cmdline(const char *text, struct habits *h) MUST_CHECK;

/**
 * habit_matches() - Whether one of its ids fits a device
 *
 * Source:   Linux drivers/vfio/pci/vfio_pci.c, vfio_pci_fill_ids()
 */
bool habit_matches(const struct habit *h, const struct alias_device *dev);

/**
 * habit_advice() - What becomes of it once the functions are held by address
 * @ret:     One sentence
 */
void habit_advice(const struct habit *h, char ret[static WHY_LEN]);

// SPDX-License-Identifier: GPL-2.0-or-later
/* names.c - what people call a PCI device, by libpci; the only file that includes it */

#include "names.h"

#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <pci/pci.h>

static struct pci_access *access_to_list;
static jmp_buf on_error;

/* libpci ends the process by itself otherwise */
__attribute__((noreturn)) static void jump_out(char *format, ...)
{
	(void)format;
	longjmp(on_error, 1);
}

static void say_nothing(char *format, ...)
{
	(void)format;
}

static bool have_list(void)
{
	if (access_to_list)
		return true;
	access_to_list = pci_alloc();
	if (!access_to_list)
		return false;
	access_to_list->error = jump_out;
	access_to_list->warning = say_nothing;
	access_to_list->debug = say_nothing;
	return true;
}

void names_of(struct id_pair id, char ret[static NAMES_LEN])
{
	const char *found;

	snprintf(ret, NAMES_LEN, "%04x:%04x", id.vendor, id.device);
	if (setjmp(on_error) || !have_list())
		return;
	found = pci_lookup_name(access_to_list, ret, NAMES_LEN,
				PCI_LOOKUP_VENDOR | PCI_LOOKUP_DEVICE, id.vendor,
				id.device);
	if (!found)
		snprintf(ret, NAMES_LEN, "%04x:%04x", id.vendor, id.device);
}

void names_forget(void)
{
	if (access_to_list)
		pci_cleanup(access_to_list);
	access_to_list = NULL;
}

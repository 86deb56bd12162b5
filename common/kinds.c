// SPDX-License-Identifier: GPL-2.0-or-later
/* kinds.c - the list of all kinds that a hook has */

#include "kinds.h"

const struct kind *const kinds_all[] = {
	&kind_unit, &kind_module, &kind_console, &kind_attr, &kind_driver, NULL,
};

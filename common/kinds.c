// SPDX-License-Identifier: GPL-2.0-or-later
/* kinds.c - the lists of the kinds that a hook has, and that the boot helper has */

#include "kinds.h"

const struct kind *const kinds_all[] = {
	&kind_unit,   &kind_module, &kind_console, &kind_attr,
	&kind_driver, &kind_mdev,   &kind_vgpu,    NULL,
};

const struct kind *const kinds_boot[] = {
	&kind_unit, &kind_module, &kind_console, &kind_attr,   &kind_driver,
	&kind_mdev, &kind_vgpu,   &kind_offer,   &kind_numvfs, &kind_mig_mode,
	&kind_mig,  &kind_mixed,  NULL,
};

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* early-choose.h - what is taken at boot: the functions that a start would take */
#pragma once

#include "base.h"
#include "conf.h"
#include "early-list.h"
#include "findings.h"
#include "guest.h"
#include "inventory.h"

/**
 * early_choose() - Add what one INI file has for the boot
 * @g:       The VM; for [early] of host.ini one without hostdevs
 * @c:       Its INI file, or @early of host.ini as such a one; give-back = yes adds
 *           nothing
 * @inv:     Has the candidates (policy_candidates()) and their slots, looked at closely
 * @list:    Added to
 * @found:   What is wrong (then the list must not be used), and what should be looked at
 *
 * The same functions, on the same drivers, as a start of the VM would take. What is not
 * on the host now is taken as it is written when it is written with its identity.
 *
 * Return:   0, -E2BIG, -ENAMETOOLONG
 */
int early_choose(const struct guest *g, const struct conf_vm *c,
		 const struct inventory *inv, struct early_list *list,
		 struct findings *found) MUST_CHECK;

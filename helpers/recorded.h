/* SPDX-License-Identifier: GPL-2.0-or-later */
/* recorded.h - the kinds of a recorded machine: nothing of the real host is asked */
#pragma once

struct kind;

/**
 * kinds_recorded - Those of kinds_all, but that the state of a unit is read from files
 *
 * A unit is active when it has a control group in system.slice, as systemd gives one to
 * everything that runs; virt-handoff record makes one for units that are active without
 * processes. Nothing can be set.
 */
extern const struct kind *const kinds_recorded[];

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scenario.h - a VM on a recorded machine, what libvirt calls for it, and what is left */
#pragma once

#include "../fake/sandbox.h"

#include <stdbool.h>

#define HOOK "/etc/libvirt/hooks/qemu.d/50-virt-handoff"
#define BOOT "/usr/libexec/virt-handoff/boot"
#define PLUG "/bench/plug"

/* What the boot helper has to do with a scenario; then there is a NAME.host.ini too */
enum stage_boot {
	BOOT_NONE,
	BOOT_FIRST, /* it has run before libvirt calls */
	BOOT_ONLY, /* it is what is tested, and libvirt calls nothing */
};

/**
 * struct scenario - A VM that takes devices of a machine
 * @name:     Of the VM, of NAME.ini and of NAME.xml
 * @machine:  NAME.machine
 * @units:    UNIT=STATE words, NULL at the end
 * @pairs:    Small enough to be killed twice at every pair of points
 * @boot:     What the boot helper does in it
 * @plug:     A function that the running VM is given and gives back, or NULL
 */
struct scenario {
	const char *name;
	const char *machine;
	const char *units[6];
	bool pairs;
	enum stage_boot boot;
	const char *plug;
};

extern const struct scenario scenarios[];
extern const size_t n_scenarios;

/**
 * struct stage - A scenario in its sandbox
 * @sc:     Borrowed
 * @box:    Borrowed
 * @xml:    Text of NAME.xml, owned
 * @hook:   Program that is called; a path of the sandbox
 * @wrap:   Words in front of it, NULL at the end, or NULL: what it is started by, and
 *          with what limits
 */
struct stage {
	const struct scenario *sc;
	struct sandbox *box;
	char *xml;
	const char *hook;
	const char *const *wrap;
};

/* How much of the host is compared */
enum stage_detail {
	STAGE_HOST, /* devices, their attributes, consoles, units; modules but VFIO's */
	STAGE_RUN, /* and the names in /run but locks, which are no state */
	STAGE_ALL, /* and locks that are held, and what the kernel has loaded for VFIO */
};

/**
 * stage_state() - All that a hand-over may change, as text: one line a thing
 * @detail:  How much
 *
 * Left out: device nodes' numbers that the kernel gives anew at each bind.
 *
 * Return:  owned by the caller
 */
char *stage_state(const struct stage *st, enum stage_detail detail);

/**
 * stage_difference() - The first lines in which two states differ
 *
 * Return:  owned by the caller, or NULL when they are the same
 */
char *stage_difference(const char *want, const char *have);

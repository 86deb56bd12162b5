// SPDX-License-Identifier: GPL-2.0-or-later
/* kills-cases.c - which event, and the ways out that the README promises for it */

#include "kills-events.h"

#include <stddef.h>

/* ---- ways out ---- */

static bool by_libvirt(struct text *said)
{
	qemu_end(&victim);
	return vm_stop(&victim, said);
}

static bool by_release(struct text *said)
{
	qemu_forget(&victim);
	return on_release(-1, said) == 0;
}

static bool by_next(struct text *said)
{
	qemu_forget(&victim);
	return is_started(said) && vm_stop(&victim, said);
}

static bool by_undo(struct text *said)
{
	qemu_forget(&victim);
	return on_undo(-1, said) == 0;
}

static bool by_repair(struct text *said)
{
	qemu_forget(&victim);
	return on_repair(-1, said) == 0;
}

/* the ports go with the next event of any network */
static bool by_boot(struct text *said)
{
	qemu_forget(&victim);
	return on_boot(-1, said) == 0 && network_call(-1, said) == 0;
}

static bool by_network(struct text *said)
{
	return network_call(-1, said) == 0;
}

static bool by_reconnect(struct text *said)
{
	return hook_call(&victim, "reconnect", -1, said) == 0;
}

static bool by_late(struct text *said)
{
	return on_late(-1, said) == 0;
}

static bool by_detach(struct text *said)
{
	return on_detach(-1, said) == 0;
}

static bool by_attach(struct text *said)
{
	return on_attach(-1, said) == 0 && on_detach(-1, said) == 0;
}

static bool by_boot_alone(struct text *said)
{
	return on_boot(-1, said) == 0;
}

#define LEFTOVER                                                                 \
	{ "next start", by_next }, { "undo", by_undo }, { "repair", by_repair }, \
	{                                                                        \
		"boot and a network", by_boot                                    \
	}

const struct scene scenes[] = {
	{ "prepare",
	  1000,
	  NULL,
	  on_prepare,
	  { { "stopped, release", by_libvirt }, LEFTOVER },
	  false,
	  NULL },
	{ "started",
	  60,
	  before_started,
	  on_started,
	  { { "stop", by_libvirt } },
	  false,
	  NULL },
	{ "stopped",
	  65,
	  before_stopped,
	  on_stopped,
	  { { "release", by_release }, LEFTOVER },
	  false,
	  NULL },
	{ "release", 1150, before_release, on_release, { LEFTOVER }, false, NULL },
	{ "reconnect",
	  400,
	  is_started,
	  on_reconnect,
	  { { "reconnect", by_reconnect } },
	  true,
	  after_running },
	{ "network",
	  60,
	  is_started,
	  on_network,
	  { { "network", by_network } },
	  true,
	  after_running },
	{ "watch",
	  530,
	  before_watch,
	  on_watch,
	  { { "systemd", until_forwards } },
	  true,
	  after_watch },
	{ "undo", 1450, is_prepared, on_undo, { LEFTOVER }, false, NULL },
	{ "repair", 1300, is_prepared, on_repair, { LEFTOVER }, false, NULL },
	{ "boot, leftovers", 1200, is_prepared, on_boot, { LEFTOVER }, false, NULL },
	{ "boot, a vGPU",
	  120,
	  before_desk,
	  on_boot,
	  { { "boot", by_boot_alone } },
	  false,
	  after_desk },
	{ "late", 430, before_late, on_late, { { "late", by_late } }, false, after_late },
	{ "attach",
	  1450,
	  NULL,
	  on_attach,
	  { { "detach", by_detach }, { "attach, detach", by_attach } },
	  false,
	  NULL },
	{ "detach",
	  870,
	  is_attached,
	  on_detach,
	  { { "detach", by_detach } },
	  false,
	  NULL },
};
const size_t n_scenes = sizeof(scenes) / sizeof(scenes[0]);

void scenes_begin(void)
{
	struct text said = { 0 };

	yard_open();
	if (run_quietly(NULL, "/sbin/modprobe", "mbochs", NULL) != 0)
		fail("modprobe mbochs");
	yard_define(&victim, 1);
	yard_define(&bystander, 1);
	if (vm_start(&bystander, false, &said) != 0)
		fail("the bystander does not start: %s", said.s);
	bystander.runs = true;
}

void scenes_end(void)
{
	struct text said = { 0 };

	if (!vm_stop(&bystander, &said))
		fail("the bystander does not stop: %s", said.s);
	yard_forget(&victim, 1);
	yard_forget(&bystander, 1);
	yard_close();
	run_quietly(NULL, "/sbin/modprobe", "-r", "mbochs", NULL);
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-check-cards.c - checks: groups, reset, power, PCIe link and BARs of each card */

#include "ctl-check.h"

#include "file.h"
#include "text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MIB ((uint64_t)1 << 20)

static bool is_first(const struct card *c)
{
	return c->bdf.function == 0 && card_is_gpu(c) && !c->vf;
}

/* attributes of the link and of BARs wake a card that sleeps: it is left alone */
static bool is_awake(const struct check_at *at)
{
	char state[32];

	check_attribute(at, "power/runtime_status", state, sizeof(state));
	return strcmp(state, "active") == 0 || strcmp(state, "unsupported") == 0 ||
	       !state[0];
}

/* where a VM takes the card, the start itself says who is in its group */
static void group_shared(const struct check_at *at)
{
	const struct card *c = at->card;

	if (at->v || !is_first(c) || c->group < 0)
		return;
	for (size_t i = 0; i < at->x->cards.n; i++) {
		const struct card *m = &at->x->cards.card[i];

		if (m->group != c->group || bdf_same_slot(&m->bdf, &c->bdf) ||
		    card_is_bridge(m) || !m->driver[0] ||
		    strncmp(m->driver, "vfio", 4) == 0)
			continue;
		check_mend(check_found(at,
				       "%s is in IOMMU group %d with %s, which %s drives",
				       c->name, c->group, m->name, m->driver),
			   "put the card into another slot, or give %s to the same VM",
			   m->name);
		return;
	}
}

/* the attribute is only there where there is a way to reset */
static void no_reset(const struct check_at *at)
{
	char text[64];

	if (!is_first(at->card) ||
	    check_attribute(at, "reset_method", text, sizeof(text))[0] || !at->x->resets)
		return;
	check_mend(
		check_found(at, "%s has no way to be reset", at->card->name),
		at->card->id.vendor == 0x1002
			? "install the module vendor-reset, or shut the VM down rather than killing it"
			: "update the card's firmware, or put it alone behind its port so that the bus can be reset");
}

static void power_error(const struct check_at *at)
{
	char state[32];

	if (strcmp(check_attribute(at, "power/runtime_status", state, sizeof(state)),
		   "error") != 0)
		return;
	check_mend(
		check_found(at, "%s could not be woken up from its sleep",
			    at->card->name),
		"reboot, and write d3cold = off and power-control = on into [devices]");
}

static void sleeps_deep(const struct check_at *at)
{
	char state[32];

	if (strcmp(check_attribute(at, "power_state", state, sizeof(state)), "D3cold") !=
		    0 ||
	    (at->v && strcmp(at->v->vm.conf.devices.d3cold, "off") == 0))
		return;
	check_mend(
		check_found(at, "%s is switched off now (D3cold)", at->card->name),
		"if it does not come back for a VM, write d3cold = off into [devices]");
}

static unsigned int number(const struct check_at *at, const char *attribute)
{
	char text[32];

	return (unsigned int)strtoul(check_attribute(at, attribute, text, sizeof(text)),
				     NULL, 10);
}

static void link_narrow(const struct check_at *at)
{
	unsigned int now, most, port;

	if (!is_first(at->card) || !is_awake(at))
		return;
	now = number(at, "current_link_width");
	most = number(at, "max_link_width");
	port = number(at, "../max_link_width");
	if (port && port < most)
		most = port; /* a slot with fewer lanes is a choice */
	if (now == 0 || now >= most)
		return;
	check_mend(
		check_found(at, "%s has %u of %u PCIe lanes", at->card->name, now, most),
		"clean its contacts, take out the riser, look for bent pins, then for the slot's lanes in the firmware");
}

/* for one VM only: on a host that does nothing it would be said of every card */
static void link_slow(const struct check_at *at)
{
	char now[32], most[32];

	if (!at->x->only || !is_first(at->card) || !is_awake(at))
		return;
	check_attribute(at, "current_link_speed", now, sizeof(now));
	check_attribute(at, "max_link_speed", most, sizeof(most));
	if (!now[0] || strtod(now, NULL) >= strtod(most, NULL))
		return;
	check_mend(
		check_found(at, "the PCIe link of %s runs at %s, of %s", at->card->name,
			    now, most),
		"look again while the card works: GPUs slow their link down when they idle");
}

/* largest BAR now, from the lines "start end flags" of the first six */
static uint64_t largest_bar(const struct check_at *at, unsigned int *ret_bar)
{
	char text[2048], *line, *cursor = text;
	uint64_t most = 0;

	check_attribute(at, "resource", text, sizeof(text));
	for (unsigned int i = 0; i < 6 && (line = strsep(&cursor, "\n")); i++) {
		uint64_t from, to;

		if (sscanf(line, "%" SCNx64 " %" SCNx64, &from, &to) != 2 || to <= from ||
		    to - from + 1 <= most)
			continue;
		most = to - from + 1;
		*ret_bar = i;
	}
	return most;
}

/* Source: Linux Documentation/ABI/testing/sysfs-bus-pci, resourceN_resize: bit 0 is 1 MiB */
static void bar_small(const struct check_at *at)
{
	char attribute[32], text[32];
	unsigned int bar = 0, best = 0;
	uint64_t now, sizes;

	if (!is_first(at->card) || !is_awake(at))
		return;
	now = largest_bar(at, &bar);
	if (now == 0 ||
	    text_format(attribute, sizeof(attribute), "resource%u_resize", bar) < 0 ||
	    text_hex(check_attribute(at, attribute, text, sizeof(text)), UINT64_MAX,
		     &sizes) < 0 ||
	    sizes == 0)
		return;
	best = 63 - (unsigned int)__builtin_clzll(sizes);
	if (best > 43 || now >= MIB << best)
		return;
	check_mend(check_found(at,
			       "%s shows %" PRIu64
			       " MiB of its memory at once, and could show %" PRIu64
			       " MiB",
			       at->card->name, now / MIB, (uint64_t)1 << best),
		   "switch on Above 4G Decoding and Resizable BAR in the firmware");
}

/* each function once, in the order of the VMs' names */
static void shared(const struct check_at *at)
{
	size_t n = 0, others = 0;
	const struct guest *second = NULL;

	if (!is_first(at->card))
		return;
	for (size_t i = 0; i < at->x->n_vms; i++) {
		const struct check_vm *v = &at->x->vm[i];

		for (n = 0; n < v->n_taken && !bdf_equal(&v->taken[n], &at->card->bdf);)
			n++;
		if (n == v->n_taken || v == at->v)
			continue;
		if (others++ == 0)
			second = &v->vm.guest;
	}
	if (!second)
		return;
	check_mend(
		check_found(at,
			    "%s is also that of VM '%s'%s: one of them can run at a time",
			    at->card->name, second->name, others > 1 ? " and others" : ""),
		"give each VM a card of its own: virt-handoff assign %s --gpus 1",
		guest_typed(second));
}

/* clang-format off */
static const struct check checks[] = {
	{ "group-shared", CHECK_NOTE,
	  "an IOMMU group goes to one VM as a whole, or not at all",
	  CHECK_CARD, group_shared },
	{ "card-no-reset", CHECK_WARNING,
	  "the next VM gets the card as the last one has left it, with what is in its memory",
	  CHECK_CARD, no_reset },
	{ "card-power-error", CHECK_WARNING,
	  "a card that the kernel cannot wake answers no VM either",
	  CHECK_CARD, power_error },
	{ "card-d3cold", CHECK_NOTE,
	  "some cards do not come back from that state under VFIO",
	  CHECK_CARD, sleeps_deep },
	{ "card-link-width", CHECK_WARNING,
	  "the card moves data at a fraction of what it could, also while it works",
	  CHECK_CARD, link_narrow },
	{ "card-link-speed", CHECK_NOTE,
	  "under load the same would be a bad contact or a wrong slot",
	  CHECK_CARD, link_slow },
	{ "card-bar-small", CHECK_NOTE,
	  "some work, and most games, run faster where the processor sees all of the card's memory",
	  CHECK_CARD, bar_small },
	{ "card-of-two-vms", CHECK_NOTE,
	  "who starts second is refused",
	  CHECK_CARD, shared },
	{ 0 },
};
/* clang-format on */

const struct check_subject check_cards = { "cards", checks };

// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-check-domain.c - checks: what a VM's domain XML says, and whether there is one */

#include "ctl-check.h"

#include "file.h"
#include "text.h"
#include "wishes.h"

#include <stdlib.h>
#include <string.h>

#define NVIDIA 0x10de

static const struct card *find_gpu(const struct check_at *at)
{
	for (size_t i = 0; i < at->v->n_taken; i++) {
		const struct card *c = cards_find(&at->x->cards, &at->v->taken[i]);

		if (c && card_is_gpu(c))
			return c;
	}
	return NULL;
}

static void undefined(const struct check_at *at)
{
	const char *name = at->v->vm.guest.name, *meant;
	const char **names;

	if (at->v->vm.defined)
		return;
	names = calloc(at->x->n_domains + 1, sizeof(*names));
	for (size_t i = 0; names && i < at->x->n_domains; i++)
		names[i] = at->x->domain[i].name;
	meant = names ? text_nearest(name, names, at->x->n_domains) : NULL;
	check_mend(check_found(at, "%s: libvirt has no VM '%s'%s%s%s",
			       at->v->vm.conf.shown, name, meant ? "; is it '" : "",
			       meant ? meant : "", meant ? "'?" : ""),
		   "virsh list --all, and give the file that VM's name");
	free(names);
}

static void no_ini(const struct check_at *at)
{
	if (!at->v->ini)
		check_mend(check_found(at, "'%s' has no INI file", at->v->vm.guest.name),
			   "virt-handoff new %s", guest_typed(&at->v->vm.guest));
}

static int by_uuid(const void *key, const void *element)
{
	return strcmp(key, ((const struct check_domain *)element)->uuid);
}

/* libvirt refuses to define such a VM, and drops one whose file was copied by hand */
static void uuid_twice(const struct check_at *at)
{
	const struct check_domain *all = at->x->domain, *d;
	const char *uuid = at->v->vm.guest.uuid;
	size_t i;

	d = at->x->n_domains && at->v->vm.defined
		    ? bsearch(uuid, all, at->x->n_domains, sizeof(*all), by_uuid)
		    : NULL;
	if (!d)
		return;
	for (i = (size_t)(d - all); i > 0 && strcmp(all[i - 1].uuid, uuid) == 0;)
		i--;
	for (; i < at->x->n_domains && strcmp(all[i].uuid, uuid) == 0; i++) {
		if (strcmp(all[i].name, at->v->vm.guest.name) == 0)
			continue;
		check_mend(
			check_found(at, "%s and '%s' have the same UUID %s",
				    at->v->vm.guest.name, all[i].name, uuid),
			"virsh undefine one of them, and define it without <uuid>: libvirt then gives it one");
		return;
	}
}

static void uuid_other(const struct check_at *at)
{
	const struct guest *g = &at->v->vm.guest;
	struct check_finding *f;

	if (!g->other_uuid)
		return;
	f = check_found(at,
			"%s: <qemu:commandline> gives QEMU another UUID than the VM's",
			g->name);
	check_mend(f, "virsh edit %s, and take -uuid or uuid= of -smbios out of it",
		   guest_typed(g));
	if (g->n_mdevs > 0)
		f->severity = CHECK_FAIL;
}

/* Source: libvirt src/qemu/qemu_validate.c: virtiofs needs shared memory */
static void virtiofs_unshared(const struct check_at *at)
{
	const struct guest *g = &at->v->vm.guest;

	for (size_t i = 0; i < g->n_filesystems && !g->shared_memory; i++) {
		if (strcmp(g->filesystems[i].driver, "virtiofs") != 0)
			continue;
		check_mend(
			check_found(
				at,
				"%s: the virtiofs folder '%s' needs memory that is shared",
				g->name, g->filesystems[i].target),
			"virsh edit %s: <memoryBacking><source type='memfd'/><access mode='shared'/></memoryBacking>",
			guest_typed(g));
		return;
	}
}

/* then the start itself says which of them are not there */
static bool asks_for_hostdevs(const struct check_vm *v)
{
	const struct conf_devices *d = &v->vm.conf.devices;

	return v->ini && !v->running && d->present && d->take != CONF_TAKE_NONE;
}

static bool makes_functions(const struct conf_host *c)
{
	for (size_t i = 0; i < c->n_gpus; i++)
		if (c->gpu[i].vfs != CONF_VFS_LEAVE)
			return true;
	return false;
}

static void functions_missing(const struct check_at *at)
{
	const struct guest *g = &at->v->vm.guest;

	for (size_t i = 0; i < g->n_hostdevs; i++) {
		struct check_finding *f;
		char name[BDF_LEN];

		if (cards_find(&at->x->cards, &g->hostdevs[i].bdf))
			continue;
		bdf_format(&g->hostdevs[i].bdf, name);
		f = check_found(at, "%s, a hostdev of %s, is not on this host", name,
				g->name);
		if (makes_functions(&at->x->conf))
			check_mend(
				f,
				"systemctl restart virt-handoff-boot.service when it is a virtual function of host.ini; else virsh edit %s",
				guest_typed(g));
		else
			check_mend(
				f,
				"look for it with lspci -D, and correct the domain XML: virsh edit %s",
				guest_typed(g));
	}
}

static void mdevs_missing(const struct check_at *at)
{
	CLEANUP(wishes_free) struct wishes w = { 0 };
	const struct vm *vm = &at->v->vm;

	at->x->failed |= wishes_add(&w, &vm->conf, &vm->guest, WISH_ALL) < 0;
	for (size_t i = 0; i < vm->guest.n_mdevs; i++) {
		const char *uuid = vm->guest.mdevs[i].uuid;
		char path[PATH_LEN];

		if (wishes_uuid(&w, uuid) ||
		    text_format(path, sizeof(path), "sys/bus/mdev/devices/%s", uuid) <
			    0 ||
		    file_exists(at->x->host->root, path))
			continue;
		check_mend(
			check_found(
				at,
				"%s, a mediated device of %s, is not there, and no [vgpu] section makes it",
				uuid, vm->guest.name),
			"virt-handoff edit %s, and write [vgpu NAME] with uuid = %s and its type",
			guest_typed(&vm->guest), uuid);
	}
}

static void hostdev_missing(const struct check_at *at)
{
	if (!at->v->vm.defined)
		return;
	if (!asks_for_hostdevs(at->v))
		functions_missing(at);
	mdevs_missing(at);
}

/* data centre cards, of class 3D controller, do not mind */
static void kvm_seen(const struct check_at *at)
{
	const struct card *c = find_gpu(at);

	if (!c || c->id.vendor != NVIDIA || c->class >> 8 != 0x0300 ||
	    at->v->vm.guest.kvm_hidden)
		return;
	check_mend(
		check_found(at, "%s: the guest sees that it runs on KVM",
			    at->v->vm.guest.name),
		"for such a driver, virsh edit %s: <features><kvm><hidden state='on'/></kvm></features>",
		guest_typed(&at->v->vm.guest));
}

static void no_pcie(const struct check_at *at)
{
	const char *machine = at->v->vm.guest.machine;

	if (!find_gpu(at) ||
	    (strncmp(machine, "pc-i440fx", 9) != 0 && strcmp(machine, "pc") != 0))
		return;
	check_mend(
		check_found(
			at,
			"%s: machine type %s has no PCI Express, and its card needs it",
			at->v->vm.guest.name, machine),
		"virsh edit %s: machine='q35', and let libvirt choose the addresses anew; some guests have to be installed again",
		guest_typed(&at->v->vm.guest));
}

static void x_vga(const struct check_at *at)
{
	if (at->v->vm.guest.x_vga)
		check_mend(
			check_found(
				at,
				"%s: x-vga=on makes its card the primary display of the VM",
				at->v->vm.guest.name),
			"virsh edit %s, and take it out: with OVMF a card needs no x-vga",
			guest_typed(&at->v->vm.guest));
}

/* nvidia_drm and nvidia_uvm have no devices of their own: they serve those of nvidia */
static bool serves(const char *module, const char *driver)
{
	size_t i;

	if (strncmp(module, "nvidia_", 7) == 0)
		return strcmp(driver, "nvidia") == 0;
	for (i = 0; module[i] && driver[i]; i++)
		if (module[i] != (driver[i] == '-' ? '_' : driver[i]))
			return false;
	return module[i] == driver[i];
}

/* a function with such a driver that no VM takes */
static const struct card *served(const struct check_at *at, const char *module)
{
	for (size_t i = 0; i < at->x->cards.n; i++)
		if (!at->x->taker[i] && serves(module, at->x->cards.card[i].driver))
			return &at->x->cards.card[i];
	return NULL;
}

static void unload_needed(const struct check_at *at)
{
	const char *cursor = at->v->vm.conf.devices.unload;
	char module[CONF_NAME_LEN];

	while (text_next_word(&cursor, module, sizeof(module)) > 0) {
		const struct card *c = served(at, module);

		if (!c)
			continue;
		check_mend(
			check_found(
				at,
				"%s: unload has %s, and %s, which stays with the host, needs it",
				at->v->vm.conf.shown, module, c->name),
			"take %s out of unload of %s", module, at->v->vm.conf.shown);
	}
}

/* clang-format off */
static const struct check checks[] = {
	{ "vm-undefined", CHECK_WARNING,
	  "an INI file that belongs to no VM does nothing",
	  CHECK_VM, undefined },
	{ "vm-without-ini", CHECK_WARNING,
	  "the hook leaves such a VM alone: nothing is handed over for it",
	  CHECK_VM, no_ini },
	{ "uuid-twice", CHECK_FAIL,
	  "one UUID is one VM for libvirt, and for what is written down of who holds which card",
	  CHECK_VM, uuid_twice },
	{ "uuid-other", CHECK_WARNING,
	  "a vGPU driver tells VMs apart by the UUID that QEMU was given, and fails with an I/O error when it is another one",
	  CHECK_VM, uuid_other },
	{ "hostdev-missing", CHECK_FAIL,
	  "QEMU is given a device that is not there, and the VM does not start",
	  CHECK_VM, hostdev_missing },
	{ "virtiofs-unshared", CHECK_FAIL,
	  "libvirt refuses to start the VM: 'virtiofs requires shared memory'",
	  CHECK_VM, virtiofs_unshared },
	{ "kvm-seen", CHECK_NOTE,
	  "NVIDIA's Windows drivers before 465 stop a GeForce with Code 43 in a VM that they recognise",
	  CHECK_VM, kvm_seen },
	{ "machine-without-pcie", CHECK_WARNING,
	  "many drivers do not start a card that seems to be on a PCI bus of 1995, and it cannot be hot-plugged",
	  CHECK_VM, no_pcie },
	{ "x-vga", CHECK_WARNING,
	  "QEMU then claims the host's VGA ports, and the host's own console may go black",
	  CHECK_VM, x_vga },
	{ "unload-needed", CHECK_WARNING,
	  "the start fails while the module is in use there; otherwise that card is without it as long as the VM runs",
	  CHECK_VM, unload_needed },
	{ 0 },
};
/* clang-format on */

const struct check_subject check_domain = { "domain", checks };

// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-check-vgpus.c - checks: vGPUs of VMs, the cards of host.ini, and NVIDIA's programs */

#include "ctl-check.h"

#include "file.h"
#include "smi.h"
#include "sriov-script.h"
#include "step.h"
#include "text.h"
#include "vendor.h"
#include "wishes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NVIDIA  0x10de
#define MANAGER "nvidia-vgpu-mgr.service"

/* libvirt versions, Source: its NEWS */
#define KEEPS_DRIVER \
	9007000 /* managed='no' takes any driver of VFIO, not vfio-pci alone */
#define NAMES_DRIVER 10000000 /* <driver model=> is there */

/* ---- one mediated device is of one VM ---- */

static int by_uuid(const void *a, const void *b)
{
	const struct wish *w = a, *x = b;
	int r = strcmp(w->uuid, x->uuid);

	return r ? r : strcmp(w->file, x->file);
}

static const struct check_vm *vm_of(const struct checkup *x, const char *file)
{
	for (size_t i = 0; i < x->n_vms; i++)
		if (strcmp(x->vm[i].vm.conf.shown, file) == 0)
			return &x->vm[i];
	return NULL;
}

static void compare(const struct check_at *at, struct wish *a, struct wish *b)
{
	const struct wishes other = { .wish = a, .n = 1 };
	struct check_at here = *at;
	char sentence[WHY_LEN];

	if (strcmp(a->file, b->file) == 0 || !wish_is_shared(b, &other, sentence))
		return;
	here.v = vm_of(at->x, b->file);
	check_found(&here, "%s", sentence);
}

/* of one VM the start itself says it */
static void mdev_twice(const struct check_at *at)
{
	CLEANUP(wishes_free) struct wishes all = { 0 };
	struct checkup *x = at->x;
	int r = 0;

	for (size_t i = 0; i < x->n_vms && r == 0 && !x->only; i++) {
		const struct vm *vm = &x->vm[i].vm;

		r = wishes_add(&all, &vm->conf, vm->defined ? &vm->guest : NULL,
			       WISH_ALL);
	}
	x->failed |= r < 0;
	if (all.n)
		qsort(all.wish, all.n, sizeof(*all.wish), by_uuid);
	for (size_t i = 1; i < all.n; i++)
		if (all.wish[i].uuid[0] &&
		    strcmp(all.wish[i - 1].uuid, all.wish[i].uuid) == 0)
			compare(at, &all.wish[i - 1], &all.wish[i]);
}

static bool has_mdev(const struct guest *g, const char *uuid)
{
	for (size_t i = 0; i < g->n_mdevs; i++)
		if (strcmp(g->mdevs[i].uuid, uuid) == 0)
			return true;
	return false;
}

static void not_in_xml(const struct check_at *at)
{
	const struct vm *vm = &at->v->vm;

	for (size_t i = 0; i < vm->conf.n_vgpus && vm->defined; i++) {
		const struct conf_vgpu *c = &vm->conf.vgpu[i];

		if (!c->uuid[0] || has_mdev(&vm->guest, c->uuid))
			continue;
		check_mend(
			check_found(
				at,
				"%s:%u: [vgpu %s] makes %s, and the VM's XML does not have it",
				vm->conf.shown, c->line, c->name, c->uuid),
			"virsh edit %s: <hostdev mode='subsystem' type='mdev' model='vfio-pci'><source><address uuid='%s'/></source></hostdev>",
			guest_typed(&vm->guest), c->uuid);
	}
}

/* ---- virtual functions of the vendor framework ---- */

static bool is_vendor(const struct checkup *x, const char *bdf)
{
	char path[PATH_LEN];

	return text_format(path, sizeof(path), "sys/bus/pci/devices/%s/" VENDOR_CURRENT,
			   bdf) == 0 &&
	       file_exists(x->host->root, path);
}

static void each_vendor(const struct check_at *at,
			void (*judge)(const struct check_at *at, const char *bdf,
				      const struct guest_hostdev *d))
{
	const struct guest *g = &at->v->vm.guest;
	char bdf[BDF_LEN];

	for (size_t i = 0; i < g->n_hostdevs; i++) {
		bdf_format(&g->hostdevs[i].bdf, bdf);
		if (is_vendor(at->x, bdf))
			judge(at, bdf, &g->hostdevs[i]);
	}
}

static bool is_left_alone(const struct guest_hostdev *d)
{
	return !d->managed || strcmp(d->model, "nvidia") == 0;
}

static void judge_managed(const struct check_at *at, const char *bdf,
			  const struct guest_hostdev *d)
{
	if (!is_left_alone(d))
		check_mend(
			check_found(
				at,
				"%s: %s is a vGPU, and managed='yes' puts it on vfio-pci",
				at->v->vm.guest.name, bdf),
			"virsh edit %s, and write managed='no' for that hostdev",
			guest_typed(&at->v->vm.guest));
}

static void vendor_managed(const struct check_at *at)
{
	each_vendor(at, judge_managed);
}

static void judge_version(const struct check_at *at, const char *bdf,
			  const struct guest_hostdev *d)
{
	unsigned long have = at->x->libvirt,
		      need = d->managed ? NAMES_DRIVER : KEEPS_DRIVER;

	if (have && have < need && is_left_alone(d))
		check_mend(
			check_found(
				at,
				"%s: libvirt %lu.%lu.%lu cannot give the vGPU %s to a VM",
				at->v->vm.guest.name, have / 1000000, have / 1000 % 1000,
				have % 1000, bdf),
			"update libvirt to %lu.%lu or later", need / 1000000,
			need / 1000 % 1000);
}

static void libvirt_old(const struct check_at *at)
{
	each_vendor(at, judge_version);
}

/* ---- NVIDIA's programs ---- */

static bool any_nvidia_vgpu(const struct checkup *x)
{
	bool asked = false, nvidia = false;

	for (size_t i = 0; i < x->n_vms; i++)
		if (!x->only || x->only == &x->vm[i])
			asked |= x->vm[i].vm.conf.n_vgpus > 0;
	for (size_t i = 0; i < x->cards.n; i++)
		nvidia |= card_is_gpu(&x->cards.card[i]) &&
			  x->cards.card[i].id.vendor == NVIDIA;
	return asked && nvidia;
}

static bool has_unit(const struct checkup *x, const char *unit)
{
	static const char *const folders[] = { "etc", "usr/lib", "lib" };
	char path[PATH_LEN];

	for (size_t i = 0; i < ARRAY_LEN(folders); i++)
		if (text_format(path, sizeof(path), "%s/systemd/system/%s", folders[i],
				unit) == 0 &&
		    file_exists(x->host->root, path))
			return true;
	return false;
}

/* nvidia-vgpud ends when it has told the driver about the types; this one stays */
static void manager_off(const struct check_at *at)
{
	struct host *h = at->x->host;
	const struct kind *k = kind_find(h, "unit");
	char state[STATE_LEN];

	if (!k || !any_nvidia_vgpu(at->x) || !has_unit(at->x, MANAGER) ||
	    k->get(h, MANAGER, state) < 0 || strcmp(state, "inactive") != 0)
		return;
	check_mend(check_found(at, MANAGER " does not run"),
		   "systemctl enable --now " MANAGER
		   ", and look at journalctl -u " MANAGER);
}

static const struct card *card_of(const struct checkup *x, const struct conf_gpu *g)
{
	return cards_find(&x->cards, &g->bdf);
}

static void gpu_other(const struct check_at *at)
{
	const struct conf_host *c = &at->x->conf;

	for (size_t i = 0; i < c->n_gpus; i++) {
		const struct conf_gpu *g = &c->gpu[i];
		const struct card *card = card_of(at->x, g);
		char bdf[BDF_LEN];

		bdf_format(&g->bdf, bdf);
		if (!card)
			check_mend(
				check_found(at,
					    "host.ini:%u: [gpu %s]: this host has no %s",
					    g->line, g->name, bdf),
				"virt-handoff list gpus, and correct the address");
		else if (g->expected && (g->id.vendor != card->id.vendor ||
					 g->id.device != card->id.device))
			check_mend(
				check_found(
					at,
					"host.ini:%u: [gpu %s]: %s is %04x:%04x, and %04x:%04x is expected",
					g->line, g->name, bdf, card->id.vendor,
					card->id.device, g->id.vendor, g->id.device),
				"virt-handoff list gpus, and correct the address: another card is there now");
	}
}

static bool is_nvidia(const struct checkup *x, const struct conf_gpu *g)
{
	const struct card *card = card_of(x, g);

	return card && card->id.vendor == NVIDIA;
}

static void script_missing(const struct check_at *at)
{
	const struct conf_host *c = &at->x->conf;
	struct host h = *at->x->host;

	h.sriov_manage = c->vgpus.sriov_manage[0] ? c->vgpus.sriov_manage : NULL;
	for (size_t i = 0; i < c->n_gpus; i++) {
		if (c->gpu[i].vfs == CONF_VFS_LEAVE || !is_nvidia(at->x, &c->gpu[i]) ||
		    sriov_script_is_there(&h))
			continue;
		check_mend(
			check_found(
				at,
				"host.ini:%u: [gpu %s] asks for virtual functions, and NVIDIA's sriov-manage is not here",
				c->gpu[i].line, c->gpu[i].name),
			"install NVIDIA's vGPU driver for hosts, or write its path as sriov-manage = into [vgpus]");
		return;
	}
}

static void smi_missing(const struct check_at *at)
{
	const struct conf_host *c = &at->x->conf;
	struct host h = *at->x->host;

	h.nvidia_smi = c->vgpus.nvidia_smi[0] ? c->vgpus.nvidia_smi : NULL;
	for (size_t i = 0; i < c->n_gpus; i++) {
		if ((!c->gpu[i].mig[0] && !c->gpu[i].mixed) ||
		    !is_nvidia(at->x, &c->gpu[i]) || smi_is_there(&h))
			continue;
		check_mend(
			check_found(
				at,
				"host.ini:%u: [gpu %s] asks for mig or mixed-sizes, and nvidia-smi is not here",
				c->gpu[i].line, c->gpu[i].name),
			"install NVIDIA's driver for hosts, or write its path as nvidia-smi = into [vgpus]");
		return;
	}
}

/* clang-format off */
static const struct check checks[] = {
	{ "mdev-twice", CHECK_FAIL,
	  "a mediated device is of one VM, and who starts second is refused",
	  CHECK_HOST, mdev_twice },
	{ "vgpu-not-in-xml", CHECK_WARNING,
	  "a vGPU is made that the VM does not get",
	  CHECK_VM, not_in_xml },
	{ "vgpu-managed", CHECK_FAIL,
	  "on vfio-pci a virtual function is no vGPU any more, and QEMU cannot open it",
	  CHECK_VM, vendor_managed },
	{ "libvirt-too-old", CHECK_FAIL,
	  "older ones take vfio-pci alone, and such a vGPU stays on NVIDIA's driver",
	  CHECK_VM, libvirt_old },
	{ "vgpu-manager-off", CHECK_FAIL,
	  "NVIDIA's driver asks that program for every vGPU that is made",
	  CHECK_HOST, manager_off },
	{ "gpu-other", CHECK_FAIL,
	  "vGPUs of that name are not made",
	  CHECK_HOST, gpu_other },
	{ "sriov-manage-missing", CHECK_FAIL,
	  "NVIDIA's driver makes virtual functions by that script alone, so there are no vGPUs",
	  CHECK_HOST, script_missing },
	{ "nvidia-smi-missing", CHECK_FAIL,
	  "neither is made, nor are the vGPUs that need it",
	  CHECK_HOST, smi_missing },
	{ 0 },
};
/* clang-format on */

const struct check_subject check_vgpus = { "vgpus", checks };

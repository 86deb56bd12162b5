// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-check-host.c - checks: IOMMU, interrupts, VFIO, and files of ours that cannot be read */

#include "ctl-check.h"

#include "file.h"
#include "text.h"

#include <fcntl.h>
#include <string.h>

#define HEAD_LEN    65536 /* of /proc/interrupts: ten lines where there are 512 CPUs */
#define ALIASES_MAX (8u << 20)

static bool has_groups(const struct checkup *x)
{
	for (size_t i = 0; i < x->cards.n; i++)
		if (x->cards.card[i].group >= 0)
			return true;
	return false;
}

static const char *switched_off(const struct checkup *x)
{
	static const char *const words[] = { "iommu=off", "intel_iommu=off",
					     "amd_iommu=off" };

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (check_cmdline(x, words[i]))
			return words[i];
	return NULL;
}

static void iommu_off(const struct check_at *at)
{
	const char *off = switched_off(at->x);
	struct check_finding *f;
	char cpu[1024];

	if (has_groups(at->x) || at->x->cards.n == 0)
		return;
	f = check_found(at, "this host has no IOMMU groups%s%s",
			off ? ": the kernel's command line has " : "", off ? off : "");
	check_read(at->x, "proc/cpuinfo", cpu, sizeof(cpu));
	if (off)
		check_mend(
			f,
			"take %s out of GRUB_CMDLINE_LINUX in /etc/default/grub, update-grub, and reboot",
			off);
	else if (strstr(cpu, "GenuineIntel"))
		check_mend(
			f,
			"switch on VT-d in the firmware, add intel_iommu=on to GRUB_CMDLINE_LINUX in /etc/default/grub, update-grub, and reboot");
	else
		check_mend(
			f,
			"switch on the IOMMU in the firmware (AMD-Vi, VT-d, SMMU), on Intel add intel_iommu=on to GRUB_CMDLINE_LINUX in /etc/default/grub, update-grub, and reboot");
}

static bool is_on(const struct checkup *x, const char *path)
{
	char text[8];

	return strpbrk(check_read(x, path, text, sizeof(text)), "Y1") == text;
}

#define UNSAFE "sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts"

/* only x86 has this switch, and only there the interrupts say so */
static void interrupts_not_remapped(const struct check_at *at)
{
	char head[HEAD_LEN];

	check_read(at->x, "proc/interrupts", head, sizeof(head));
	if (!has_groups(at->x) || is_on(at->x, UNSAFE) || !strstr(head, "IO-APIC") ||
	    strstr(head, "IR-"))
		return;
	check_mend(
		check_found(at, "interrupts are not remapped%s",
			    strstr(at->x->cmdline, "intremap=off")
				    ? ": the kernel's command line has intremap=off"
				    : ""),
		"switch on interrupt remapping or x2APIC in the firmware, take intremap=off off the kernel's command line, and reboot");
}

static void interrupts_unsafe(const struct check_at *at)
{
	if (is_on(at->x, UNSAFE))
		check_mend(
			check_found(
				at,
				"vfio_iommu_type1 has allow_unsafe_interrupts = Y: interrupts need not be remapped"),
			"remove allow_unsafe_interrupts from /etc/modprobe.d and from the kernel's command line, unless this board cannot remap interrupts");
}

static void noiommu(const struct check_at *at)
{
	if (is_on(at->x, "sys/module/vfio/parameters/enable_unsafe_noiommu_mode"))
		check_mend(
			check_found(
				at,
				"vfio has enable_unsafe_noiommu_mode = Y: devices may be given away without an IOMMU"),
			"echo N > /sys/module/vfio/parameters/enable_unsafe_noiommu_mode, and remove it from /etc/modprobe.d");
}

static void acs_override(const struct check_at *at)
{
	if (strstr(at->x->cmdline, "pcie_acs_override="))
		check_mend(
			check_found(
				at,
				"the kernel's command line has pcie_acs_override: IOMMU groups are smaller than what the hardware keeps apart"),
			"do without it where tenants do not trust each other: put the card into a slot with a group of its own");
}

static bool has_module(const struct checkup *x)
{
	CLEANUP(free_ptr) char *text = NULL;
	CLEANUP(close_fd) int fd = -1;
	char release[64], path[PATH_LEN];

	check_read(x, "proc/sys/kernel/osrelease", release, sizeof(release));
	if (text_format(path, sizeof(path), "lib/modules/%s/modules.alias", release) < 0)
		return false;
	fd = openat(x->host->root, path, O_RDONLY | O_CLOEXEC);
	return fd >= 0 && file_read_all(fd, ALIASES_MAX, &text) > 0 &&
	       strstr(text, "alias vfio_pci:");
}

static void vfio_missing(const struct check_at *at)
{
	if (file_exists(at->x->host->root, "sys/bus/pci/drivers/vfio-pci") ||
	    file_exists(at->x->host->root, "sys/module/vfio_pci") || has_module(at->x))
		return;
	check_mend(
		check_found(at, "this kernel has no vfio_pci"),
		"install the kernel's extra modules (linux-modules-extra on Ubuntu, kernel-modules on Fedora), or another kernel");
}

static void host_ini(const struct check_at *at)
{
	if (at->x->conf_why[0])
		check_found(at, "%s", at->x->conf_why);
}

static void file_unreadable(const struct check_at *at)
{
	for (size_t i = 0; i < at->x->n_bad; i++)
		check_found(at, "%s", at->x->bad[i]);
}

static void ledger_unreadable(const struct check_at *at)
{
	if (at->x->ledgers_why[0])
		check_found(at, "%s", at->x->ledgers_why);
}

/* clang-format off */
static const struct check checks[] = {
	{ "iommu-off", CHECK_FAIL,
	  "VFIO gives a VM nothing that the IOMMU does not keep apart: no card can be handed over",
	  CHECK_HOST, iommu_off },
	{ "interrupts-not-remapped", CHECK_FAIL,
	  "a VM could raise any interrupt of the host with its card, so VFIO refuses to give it one",
	  CHECK_HOST, interrupts_not_remapped },
	{ "interrupts-unsafe", CHECK_WARNING,
	  "a VM can raise any interrupt of the host with its card",
	  CHECK_HOST, interrupts_unsafe },
	{ "noiommu", CHECK_WARNING,
	  "a VM can read and write all memory of the host with such a device",
	  CHECK_HOST, noiommu },
	{ "acs-override", CHECK_WARNING,
	  "cards of different VMs may reach each other past the IOMMU",
	  CHECK_HOST, acs_override },
	{ "vfio-missing", CHECK_FAIL,
	  "without that driver no card can be handed over",
	  CHECK_HOST, vfio_missing },
	{ "host-ini-unreadable", CHECK_FAIL,
	  "VMs that need something of it are not started",
	  CHECK_HOST, host_ini },
	{ "file-unreadable", CHECK_FAIL,
	  "that VM is not started",
	  CHECK_HOST, file_unreadable },
	{ "ledger-unreadable", CHECK_FAIL,
	  "who holds what is not known, so no VM is started that takes a device",
	  CHECK_HOST, ledger_unreadable },
	{ 0 },
};
/* clang-format on */

const struct check_subject check_host = { "host", checks };

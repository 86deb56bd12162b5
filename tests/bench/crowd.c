// SPDX-License-Identifier: GPL-2.0-or-later
/* crowd.c - make a folder that is a host with many VMs, vGPUs, forwards and PCI functions */

/*
 * usage: crowd DIR VMS VGPUS FUNCTIONS
 *
 * DIR is empty. Every VM runs, has an INI file, a domain XML, two functions by its ledger,
 * its share of the vGPUs and ten forwards. The vGPUs are mediated devices on virtual
 * functions, 32 a card; what is left of FUNCTIONS has a driver and nobody who wants it.
 */

#include "base.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FORWARDS  10
#define VFS       32
#define ON_BUS    256 /* 32 slots of 8 functions */
#define PATH_MOST 256

enum use { FREE, OF_VM, CARD, VIRTUAL };

static void fail(const char *path)
{
	perror(path);
	exit(1);
}

static void make_parents(char *path)
{
	for (char *p = strchr(path, '/'); p; p = strchr(p + 1, '/')) {
		*p = '\0';
		if (mkdir(path, 0755) < 0 && errno != EEXIST)
			fail(path);
		*p = '/';
	}
}

static FILE *create(const char *format, ...) PRINTF(1, 2);

static FILE *create(const char *format, ...)
{
	char path[PATH_MOST];
	va_list args;
	FILE *f;

	va_start(args, format);
	vsnprintf(path, sizeof(path), format, args);
	va_end(args);
	make_parents(path);
	f = fopen(path, "we");
	if (!f)
		fail(path);
	return f;
}

static void put(const char *folder, const char *name, const char *text)
{
	FILE *f = create("%s/%s", folder, name);

	fprintf(f, "%s\n", text);
	fclose(f);
}

static void link_to(const char *target, const char *format, ...) PRINTF(2, 3);

static void link_to(const char *target, const char *format, ...)
{
	char path[PATH_MOST];
	va_list args;

	va_start(args, format);
	vsnprintf(path, sizeof(path), format, args);
	va_end(args);
	make_parents(path);
	if (symlink(target, path) < 0)
		fail(path);
}

static void address(unsigned int i, char ret[static 16])
{
	snprintf(ret, 16, "%04x:%02x:%02x.%x", i / (256 * ON_BUS), i / ON_BUS % 256,
		 i / 8 % 32, i % 8);
}

/* as the kernel has it: a folder of its own, and a link on the bus */
static void add_function(unsigned int i, enum use use, unsigned int card)
{
	static const char *const classes[] = { "0x020000", "0x030200", "0x030200",
					       "0x030200" };
	static const char *const drivers[] = { "igb", "vfio-pci", "nvidia", "nvidia" };
	char name[16], folder[PATH_MOST], target[PATH_MOST];

	address(i, name);
	snprintf(folder, sizeof(folder), "sys/devices/pci0000:00/%s", name);
	put(folder, "vendor", "0x10de");
	put(folder, "device", "0x2235");
	put(folder, "class", classes[use]);
	put(folder, "numa_node", "0");
	put(folder, "driver_override", "(null)");
	snprintf(target, sizeof(target), "../../../bus/pci/drivers/%s", drivers[use]);
	link_to(target, "%s/driver", folder);
	snprintf(target, sizeof(target), "../../../kernel/iommu_groups/%u", i);
	link_to(target, "%s/iommu_group", folder);
	snprintf(target, sizeof(target), "../../../devices/pci0000:00/%s", name);
	link_to(target, "sys/bus/pci/devices/%s", name);
	if (use == CARD)
		put(folder, "sriov_totalvfs", "32");
	if (use != VIRTUAL)
		return;
	address(card, name);
	snprintf(target, sizeof(target), "../%s", name);
	link_to(target, "%s/physfn", folder);
	put(folder, "mdev_supported_types/nvidia-558/name", "NVIDIA A40-2Q");
	put(folder, "mdev_supported_types/nvidia-558/available_instances", "0");
}

static void add_vgpu(unsigned int n, unsigned int function)
{
	char name[16], target[PATH_MOST];

	address(function, name);
	snprintf(target, sizeof(target),
		 "../../../devices/pci0000:00/%s/5d1c3a52-8a0e-4f83-9d7b-%012x", name, n);
	link_to(target, "sys/bus/mdev/devices/5d1c3a52-8a0e-4f83-9d7b-%012x", n);
	link_to("../mdev_supported_types/nvidia-558",
		"sys/devices/pci0000:00/%s/5d1c3a52-8a0e-4f83-9d7b-%012x/mdev_type", name,
		n);
}

static void add_ini(unsigned int vm, unsigned int first_vgpu, unsigned int vgpus)
{
	FILE *f = create("etc/virt-handoff/vms/vm%u.ini", vm);

	fprintf(f, "[devices]\ntake = gpus\n[network]\naddress = 10.0.%u.%u\n", vm / 250,
		vm % 250 + 2);
	for (unsigned int i = 0; i < FORWARDS; i++)
		fprintf(f, "[forward f%u]\nlisten = %u\nto = 22\n", i,
			2000 + vm * FORWARDS + i);
	for (unsigned int i = 0; i < vgpus; i++)
		fprintf(f,
			"[vgpu v%u]\nuuid = 5d1c3a52-8a0e-4f83-9d7b-%012x\ntype = A40-2Q\n",
			i, first_vgpu + i);
	fclose(f);
}

static void add_xml(unsigned int vm)
{
	FILE *f = create("etc/libvirt/qemu/vm%u.xml", vm);

	fprintf(f,
		"<domain type='kvm'><name>vm%u</name><uuid>00000000-0000-4000-8000-%012x</uuid><devices>",
		vm, vm);
	/* what a VM has besides is some 8 kB */
	for (unsigned int i = 0; i < 40; i++)
		fprintf(f,
			"<controller type='pci' index='%u' model='pcie-root-port'><model name='pcie-root-port'/><target chassis='%u' port='0x%x'/><address type='pci' domain='0x0000' bus='0x00' slot='0x02' function='0x0'/></controller>\n",
			i, i, i);
	fprintf(f, "</devices></domain>\n");
	fclose(f);
	f = create("run/libvirt/qemu/vm%u.xml", vm);
	fclose(f);
}

static void add_ledger(unsigned int vm)
{
	FILE *f = create("run/virt-handoff/ledger/00000000-0000-4000-8000-%012x", vm);
	char name[2][16];

	address(2 * vm, name[0]);
	address(2 * vm + 1, name[1]);
	fprintf(f,
		"virt-handoff-ledger 1\nuuid\t00000000-0000-4000-8000-%012x\nname\tvm%u\ndeadline\t30000\n",
		vm, vm);
	for (int i = 0; i < 2; i++)
		fprintf(f, "claim\t%s\n", name[i]);
	fprintf(f, "step\tmodule\tvfio_pci\tabsent\tloaded\tkeep\n");
	for (int i = 0; i < 2; i++)
		fprintf(f, "step\tdriver\t%s\tnvidia\tvfio-pci override=vfio-pci\tback\n",
			name[i]);
	for (unsigned int i = 0; i < 3; i++)
		fprintf(f, "will %u %u\ndid %u %u\n", i, 5000 + 100 * i, i,
			5050 + 100 * i);
	fclose(f);
}

static void add_book(unsigned int vm)
{
	FILE *f = create("run/virt-handoff/forwards/vm%u", vm);

	fprintf(f,
		"virt-handoff-forwards 1\nuuid\t00000000-0000-4000-8000-%012x\nvm\tvm%u\nnic\tnetwork\t52:54:00:00:00:01\tdefault\t\n",
		vm, vm);
	for (unsigned int i = 0; i < FORWARDS; i++)
		fprintf(f,
			"forward\tf%u\ttcp\t%u\t%u\t22\t-\t*\t*\t10.0.%u.%u\t10.0.0.0/16\tvirbr0\n",
			i, 2000 + vm * FORWARDS + i, 2000 + vm * FORWARDS + i, vm / 250,
			vm % 250 + 2);
	fclose(f);
}

static unsigned int number(const char *text)
{
	return (unsigned int)strtoul(text, NULL, 10);
}

/* 32 virtual functions behind each card */
static unsigned int add_cards(unsigned int first, unsigned int vgpus)
{
	unsigned int card = 0;

	for (unsigned int n = 0; n < vgpus; n++) {
		if (n % VFS == 0) {
			card = first++;
			add_function(card, CARD, 0);
		}
		add_function(first, VIRTUAL, card);
		add_vgpu(n, first++);
	}
	return first;
}

int main(int argc, char *argv[])
{
	unsigned int vms, vgpus, functions, next;

	if (argc != 5 || chdir(argv[1]) < 0) {
		fprintf(stderr, "usage: crowd DIR VMS VGPUS FUNCTIONS\n");
		return 2;
	}
	umask(022);
	vms = number(argv[2]);
	vgpus = number(argv[3]);
	functions = number(argv[4]);
	for (unsigned int i = 0; i < 2 * vms; i++)
		add_function(i, OF_VM, 0);
	next = add_cards(2 * vms, vgpus);
	while (next < functions)
		add_function(next++, FREE, 0);
	for (unsigned int vm = 0; vm < vms; vm++) {
		unsigned int from = vm * vgpus / vms, to = (vm + 1) * vgpus / vms;

		add_ini(vm, from, to - from);
		add_xml(vm);
		add_ledger(vm);
		add_book(vm);
	}
	put("sys/module/vfio_pci", "initstate", "live");
	return 0;
}

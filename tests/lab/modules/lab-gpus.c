/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lab-gpus.c - PCI functions that look like NVIDIA GPUs with SR-IOV: configuration spaces in memory, each on a bus of its own */

/*
 * Theory of operation: the kernel's PCI core reads and writes the configuration space of what it believes to be hardware
 * through struct pci_ops. Here it is an array. All above it is the real PCI core: scanning, SR-IOV, drivers, driver_override,
 * IOMMU groups (the emulated IOMMU is asked for the bus as for any other). The functions have no memory and no interrupts.
 *
 * The first VF is function .4, as on an A40.
 */
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include "lab-gpus.h"

#define VF_OFFSET 4
#define VFS_MAX   (256 - VF_OFFSET)

#define CAP_EXP   0x40 /* where the PCI Express capability is */
#define CAP_SRIOV PCI_CFG_SPACE_SIZE

static int count = 2;
module_param(count, int, 0444);
MODULE_PARM_DESC(count, "GPUs, 1 to 8");

static int vfs = 8;
module_param(vfs, int, 0444);
MODULE_PARM_DESC(vfs, "VFs that a GPU can have, 0 to 252; a P40 has none");

static ushort model[LAB_GPUS_MAX];
static int models;
module_param_array(model, ushort, &models, 0444);
MODULE_PARM_DESC(
	model,
	"PCI device id of each GPU (the last one holds for the rest); default 0x2235, an A40");

static bool mig;
module_param(mig, bool, 0444);
MODULE_PARM_DESC(
	mig,
	"MIG mode is on from the start, as after a reboot of a host whose card keeps it");

struct gpu {
	struct pci_sysdata sysdata;
	struct resource buses;
	struct pci_bus *bus;
	u8 pf[PCI_CFG_SPACE_EXP_SIZE];
	u8 vf[PCI_CFG_SPACE_EXP_SIZE];
};

static struct gpu *gpus[LAB_GPUS_MAX];

static void put16(u8 *config, int where, u16 value)
{
	*(__le16 *)(config + where) = cpu_to_le16(value);
}

static u16 get16(const u8 *config, int where)
{
	return le16_to_cpu(*(const __le16 *)(config + where));
}

/* The function at devfn, or NULL; a VF is there when the PF's capability says so. */
static u8 *gpu_config(struct gpu *gpu, unsigned int devfn)
{
	int vf = (int)devfn - VF_OFFSET;

	if (devfn == 0)
		return gpu->pf;
	if (vf < 0 || vf >= get16(gpu->pf, CAP_SRIOV + PCI_SRIOV_NUM_VF) ||
	    !(get16(gpu->pf, CAP_SRIOV + PCI_SRIOV_CTRL) & PCI_SRIOV_CTRL_VFE))
		return NULL;
	return gpu->vf;
}

static int gpus_read(struct pci_bus *bus, unsigned int devfn, int where, int size,
		     u32 *value)
{
	struct gpu *gpu = container_of(bus->sysdata, struct gpu, sysdata);
	const u8 *config = gpu_config(gpu, devfn);
	int i;

	*value = ~0u;
	if (!config)
		return PCIBIOS_DEVICE_NOT_FOUND;
	*value = 0;
	for (i = 0; i < size && where + i < PCI_CFG_SPACE_EXP_SIZE; i++)
		*value |= (u32)config[where + i] << 8 * i;
	return PCIBIOS_SUCCESSFUL;
}

/* What keeps a value; all else is read-only, so that no function seems to have BARs. */
static bool gpus_writable(int where)
{
	switch (where & ~1) {
	case PCI_COMMAND:
	case LAB_GPUS_MIG:
	case CAP_SRIOV + PCI_SRIOV_CTRL:
	case CAP_SRIOV + PCI_SRIOV_NUM_VF:
	case CAP_SRIOV + PCI_SRIOV_SYS_PGSIZE:
		return true;
	}
	return false;
}

/* All VFs share one array; what is written there is lost but for the command, which nobody reads back apart. */
static int gpus_write(struct pci_bus *bus, unsigned int devfn, int where, int size,
		      u32 value)
{
	struct gpu *gpu = container_of(bus->sysdata, struct gpu, sysdata);
	u8 *config = gpu_config(gpu, devfn);
	int i;

	if (!config)
		return PCIBIOS_DEVICE_NOT_FOUND;
	for (i = 0; i < size; i++) {
		if (gpus_writable(where + i))
			config[where + i] = value >> 8 * i;
	}
	return PCIBIOS_SUCCESSFUL;
}

static struct pci_ops gpus_ops = { .read = gpus_read, .write = gpus_write };

static void config_common(u8 *config, u16 vendor, u16 device)
{
	put16(config, PCI_VENDOR_ID, vendor);
	put16(config, PCI_DEVICE_ID, device);
	put16(config, PCI_SUBSYSTEM_VENDOR_ID, PCI_VENDOR_ID_NVIDIA);
	put16(config, PCI_SUBSYSTEM_ID, 0x145a);
	put16(config, PCI_STATUS, PCI_STATUS_CAP_LIST);
	put16(config, PCI_CLASS_DEVICE, PCI_CLASS_DISPLAY_3D);
	config[PCI_CLASS_REVISION] = 0xa1;
	config[PCI_CAPABILITY_LIST] = CAP_EXP;
	config[CAP_EXP] = PCI_CAP_ID_EXP;
	put16(config, CAP_EXP + PCI_EXP_FLAGS, 2 | PCI_EXP_TYPE_ENDPOINT << 4);
	put16(config, CAP_EXP + PCI_EXP_DEVCAP + 2, PCI_EXP_DEVCAP_FLR >> 16);
}

static void config_sriov(u8 *config, u16 device, int total)
{
	put16(config, CAP_SRIOV, PCI_EXT_CAP_ID_SRIOV);
	put16(config, CAP_SRIOV + 2, 1); /* version 1, no next one */
	put16(config, CAP_SRIOV + PCI_SRIOV_INITIAL_VF, total);
	put16(config, CAP_SRIOV + PCI_SRIOV_TOTAL_VF, total);
	put16(config, CAP_SRIOV + PCI_SRIOV_VF_OFFSET, VF_OFFSET);
	put16(config, CAP_SRIOV + PCI_SRIOV_VF_STRIDE, 1);
	put16(config, CAP_SRIOV + PCI_SRIOV_VF_DID, device);
	put16(config, CAP_SRIOV + PCI_SRIOV_SUP_PGSIZE, 1); /* 4 KiB */
}

static int gpu_add(struct gpu *gpu, int number, u16 device)
{
	LIST_HEAD(resources);

	config_common(gpu->pf, PCI_VENDOR_ID_NVIDIA, device);
	config_common(gpu->vf, 0xffff,
		      0xffff); /* as the standard says: they are the PF's to know */
	if (vfs && device != LAB_GPUS_P40)
		config_sriov(gpu->pf, device, vfs);
	put16(gpu->pf, LAB_GPUS_MIG, mig);

	gpu->sysdata.node = NUMA_NO_NODE;
	gpu->buses.name = "lab-gpus";
	gpu->buses.start = gpu->buses.end = LAB_GPUS_BUS(number);
	gpu->buses.flags = IORESOURCE_BUS;
	pci_add_resource(&resources, &gpu->buses);
	gpu->bus = pci_create_root_bus(NULL, gpu->buses.start, &gpus_ops, &gpu->sysdata,
				       &resources);
	if (!gpu->bus) {
		pci_free_resource_list(&resources);
		return -EEXIST;
	}
	pci_lock_rescan_remove();
	pci_scan_child_bus(gpu->bus);
	pci_bus_add_devices(gpu->bus);
	pci_unlock_rescan_remove();
	return 0;
}

static void gpus_remove(void)
{
	int i;

	for (i = 0; i < LAB_GPUS_MAX && gpus[i]; i++) {
		if (gpus[i]->bus) {
			pci_lock_rescan_remove();
			pci_stop_root_bus(gpus[i]->bus);
			pci_remove_root_bus(gpus[i]->bus);
			pci_unlock_rescan_remove();
		}
		kfree(gpus[i]);
		gpus[i] = NULL;
	}
}

static int __init gpus_init(void)
{
	int i, r = 0;

	if (count < 1 || count > LAB_GPUS_MAX || vfs < 0 || vfs > VFS_MAX)
		return -EINVAL;
	for (i = 0; i < count && r == 0; i++) {
		u16 device = i < models ? model[i]
			     : models   ? model[models - 1]
					: LAB_GPUS_A40;

		gpus[i] = kzalloc(sizeof(*gpus[i]), GFP_KERNEL);
		r = gpus[i] ? gpu_add(gpus[i], i, device) : -ENOMEM;
	}
	if (r != 0)
		gpus_remove();
	return r;
}

module_init(gpus_init);
module_exit(gpus_remove);
MODULE_DESCRIPTION("PCI functions of the lab that look like NVIDIA GPUs");
MODULE_LICENSE("GPL");

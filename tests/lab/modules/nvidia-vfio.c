/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nvidia-vfio.c - the VFIO device of a vGPU: real for VFIO and for QEMU, which find a PCI function without memory and interrupts */
#include <linux/uaccess.h>
#include <linux/slab.h>
#include <linux/version.h>
#include "nvidia.h"

#define to_lab_vfio(v) container_of(v, struct lab_vfio, vdev)

static void put16(u8 *config, int where, u16 value)
{
	config[where] = value;
	config[where + 1] = value >> 8;
}

static int lab_vfio_init(struct vfio_device *vdev)
{
	u8 *config = to_lab_vfio(vdev)->config;

	put16(config, PCI_VENDOR_ID, PCI_VENDOR_ID_NVIDIA);
	put16(config, PCI_DEVICE_ID, LAB_GPUS_A40);
	put16(config, PCI_CLASS_DEVICE, PCI_CLASS_DISPLAY_3D);
	return 0;
}

/* From 6.2 on the kernel frees it, and asks for what iommufd would need */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
static void lab_vfio_release(struct vfio_device *vdev)
{
	vfio_free_device(vdev);
}
#define FREED_OR_IOMMUFD(kind) .release = lab_vfio_release
#else
#define FREED_OR_IOMMUFD(kind)                            \
	.bind_iommufd = vfio_iommufd_##kind##_bind,       \
	.unbind_iommufd = vfio_iommufd_##kind##_unbind,   \
	.attach_ioas = vfio_iommufd_##kind##_attach_ioas, \
	.detach_ioas = vfio_iommufd_##kind##_detach_ioas
#endif

/* Vendor VFIO: a VF without a vGPU has nothing to open. */
static int lab_vfio_open(struct vfio_device *vdev)
{
	struct lab_vfio *vfio = to_lab_vfio(vdev);
	int r = 0;

	if (!vfio->place)
		return 0;
	mutex_lock(&vfio->place->gpu->lock);
	if (vfio->place->vgpu)
		vfio->open = true;
	else
		r = -ENODEV;
	mutex_unlock(&vfio->place->gpu->lock);
	return r;
}

/* For a while after use the driver is still cleaning up. */
static void lab_vfio_close(struct vfio_device *vdev)
{
	struct lab_vfio *vfio = to_lab_vfio(vdev);

	if (!vfio->place)
		return;
	mutex_lock(&vfio->place->gpu->lock);
	vfio->open = false;
	vfio->place->used = true;
	vfio->place->closed = jiffies;
	mutex_unlock(&vfio->place->gpu->lock);
}

static bool in_config(size_t count, loff_t pos)
{
	return pos >= 0 && pos <= PCI_CFG_SPACE_SIZE && count <= PCI_CFG_SPACE_SIZE - pos;
}

static ssize_t lab_vfio_read(struct vfio_device *vdev, char __user *buf, size_t count,
			     loff_t *pos)
{
	if (!in_config(count, *pos))
		return -EINVAL;
	if (copy_to_user(buf, to_lab_vfio(vdev)->config + *pos, count))
		return -EFAULT;
	*pos += count;
	return count;
}

/* Nothing in it can be changed. */
static ssize_t lab_vfio_write(struct vfio_device *vdev, const char __user *buf,
			      size_t count, loff_t *pos)
{
	if (!in_config(count, *pos))
		return -EINVAL;
	*pos += count;
	return count;
}

static long get_info(void __user *arg)
{
	struct vfio_device_info info;
	size_t len = offsetofend(struct vfio_device_info, num_irqs);

	if (copy_from_user(&info, arg, len))
		return -EFAULT;
	if (info.argsz < len)
		return -EINVAL;
	info.flags = VFIO_DEVICE_FLAGS_PCI | VFIO_DEVICE_FLAGS_RESET;
	info.num_regions = VFIO_PCI_NUM_REGIONS;
	info.num_irqs = VFIO_PCI_NUM_IRQS;
	return copy_to_user(arg, &info, len) ? -EFAULT : 0;
}

static long get_region(void __user *arg)
{
	struct vfio_region_info info;
	size_t len = offsetofend(struct vfio_region_info, offset);

	if (copy_from_user(&info, arg, len))
		return -EFAULT;
	if (info.argsz < len || info.index >= VFIO_PCI_NUM_REGIONS)
		return -EINVAL;
	info.flags = info.size = info.offset = info.cap_offset = 0;
	if (info.index == VFIO_PCI_CONFIG_REGION_INDEX) {
		info.flags = VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE;
		info.size = PCI_CFG_SPACE_SIZE;
	}
	return copy_to_user(arg, &info, len) ? -EFAULT : 0;
}

static long get_irq(void __user *arg)
{
	struct vfio_irq_info info;
	size_t len = offsetofend(struct vfio_irq_info, count);

	if (copy_from_user(&info, arg, len))
		return -EFAULT;
	if (info.argsz < len || info.index >= VFIO_PCI_NUM_IRQS)
		return -EINVAL;
	info.flags = info.count = 0;
	return copy_to_user(arg, &info, len) ? -EFAULT : 0;
}

static long lab_vfio_ioctl(struct vfio_device *vdev, unsigned int cmd, unsigned long arg)
{
	switch (cmd) {
	case VFIO_DEVICE_GET_INFO:
		return get_info((void __user *)arg);
	case VFIO_DEVICE_GET_REGION_INFO:
		return get_region((void __user *)arg);
	case VFIO_DEVICE_GET_IRQ_INFO:
		return get_irq((void __user *)arg);
	case VFIO_DEVICE_RESET:
		return 0;
	}
	return -ENOTTY;
}

#define LAB_VFIO_OPS(kind)                                                               \
	{                                                                                \
		.name = "lab-vgpu", .init = lab_vfio_init, .open_device = lab_vfio_open, \
		.close_device = lab_vfio_close, .read = lab_vfio_read,                   \
		.write = lab_vfio_write, .ioctl = lab_vfio_ioctl, FREED_OR_IOMMUFD(kind) \
	}

/* In an IOMMU group of hardware, and without one */
static const struct vfio_device_ops lab_vfio_physical = LAB_VFIO_OPS(physical);
static const struct vfio_device_ops lab_vfio_emulated = LAB_VFIO_OPS(emulated);

/*
 * Registered, in the device's IOMMU group. What has none (an mdev, and a VF whose bus the IOMMU does not know) gets one of
 * its own for as long as this is there. Or an error as a pointer.
 */
struct lab_vfio *lab_vfio_new(struct device *dev, struct place *place)
{
	bool physical = dev->iommu_group;
	struct lab_vfio *vfio = vfio_alloc_device(
		lab_vfio, vdev, dev, physical ? &lab_vfio_physical : &lab_vfio_emulated);
	int r;

	if (IS_ERR(vfio))
		return vfio;
	vfio->place = place;
	r = physical ? vfio_register_group_dev(&vfio->vdev)
		     : vfio_register_emulated_iommu_dev(&vfio->vdev);
	if (r == 0)
		return vfio;
	vfio_put_device(&vfio->vdev);
	return ERR_PTR(r);
}

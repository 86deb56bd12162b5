/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nvidia-vendor.c - vGPUs by vendor VFIO: a type is written into a file of the VF, which stays on this driver */
#include <linux/slab.h>
#include "nvidia.h"

static struct place *to_place(struct device *dev)
{
	return pci_get_drvdata(to_pci_dev(dev));
}

static ssize_t current_vgpu_type_show(struct device *dev, struct device_attribute *attr,
				      char *buf)
{
	struct place *place = to_place(dev);
	unsigned int id;

	mutex_lock(&place->gpu->lock);
	id = place->vgpu ? place->vgpu->type->id : 0;
	mutex_unlock(&place->gpu->lock);
	return sysfs_emit(buf, "%u\n", id);
}

/* In use, or used a moment ago: not yet. */
static int type_clear(struct place *place)
{
	struct vgpu *vgpu;
	int r = 0;

	mutex_lock(&place->gpu->lock);
	vgpu = place->vgpu;
	if (vgpu && place->vfio->open)
		r = -EBUSY;
	else if (vgpu && place->used && !passed(place->closed, busy_ms))
		r = -EPERM;
	else
		place->vgpu = NULL;
	mutex_unlock(&place->gpu->lock);
	if (r != 0 || !vgpu)
		return r;
	place->params[0] = 0;
	place->used = false;
	vgpu_destroy(vgpu);
	return 0;
}

static int type_set(struct place *place, unsigned int id)
{
	const struct vgpu_type *type = card_type(place->gpu->card, id);
	struct vgpu *vgpu;

	if (!type)
		return -EINVAL;
	if (READ_ONCE(place->vgpu))
		return -EPERM; /* to 0 first */
	vgpu = place_create(place, type);
	if (IS_ERR(vgpu)) {
		pci_err(place->pdev, "no room for another %s\n", type->name);
		return PTR_ERR(vgpu) == -ENOSPC ? -EIO : PTR_ERR(vgpu);
	}
	if (lose > 0) {
		lose--;
		vgpu_destroy(vgpu);
	}
	return 0;
}

static ssize_t current_vgpu_type_store(struct device *dev, struct device_attribute *attr,
				       const char *buf, size_t count)
{
	struct place *place = to_place(dev);
	unsigned int id;
	int r = kstrtouint(buf, 10, &id);

	if (r == 0)
		r = id == 0 ? type_clear(place) : type_set(place, id);
	return r != 0 ? r : count;
}
static DEVICE_ATTR_RW(current_vgpu_type);

/* What can still be made on this VF. On a full card the header is all. */
static ssize_t creatable_vgpu_types_show(struct device *dev,
					 struct device_attribute *attr, char *buf)
{
	struct place *place = to_place(dev);
	const struct vgpu_type *type;
	int len = sysfs_emit(buf, "ID    : vGPU Name\n");

	for (type = place->gpu->card->types; type->name; type++) {
		if (place_available(place, type) > 0)
			len += sysfs_emit_at(buf, len, "%-5u : %s\n", type->id,
					     type->name);
	}
	return len;
}
static DEVICE_ATTR_RO(creatable_vgpu_types);

static ssize_t vgpu_params_show(struct device *dev, struct device_attribute *attr,
				char *buf)
{
	return sysfs_emit(buf, "%s\n", to_place(dev)->params);
}

static ssize_t vgpu_params_store(struct device *dev, struct device_attribute *attr,
				 const char *buf, size_t count)
{
	struct place *place = to_place(dev);

	if (place->vfio->open)
		return -EPERM;
	if (count >= sizeof(place->params))
		return -EINVAL;
	strscpy(place->params, skip_spaces(buf), sizeof(place->params));
	strim(place->params);
	return count;
}
static DEVICE_ATTR_RW(vgpu_params);

/* Of a vGPU on a MIG instance: the how manieth of its profile it is, from 1 on. */
static ssize_t gpu_instance_id_show(struct device *dev, struct device_attribute *attr,
				    char *buf)
{
	struct place *place = to_place(dev);
	const struct vgpu *v;
	int id = 0;

	mutex_lock(&place->gpu->lock);
	if (place->vgpu && place->vgpu->type->profile >= 0) {
		list_for_each_entry(v, &place->gpu->vgpus, list)
		{
			id++;
			if (v == place->vgpu)
				break;
		}
	}
	mutex_unlock(&place->gpu->lock);
	return id ? sysfs_emit(buf, "%d\n", id) : -ENXIO;
}
static DEVICE_ATTR_RO(gpu_instance_id);

/* Where in the framebuffer it lies, in GiB. */
static ssize_t placement_id_show(struct device *dev, struct device_attribute *attr,
				 char *buf)
{
	struct place *place = to_place(dev);
	const struct vgpu *v;
	unsigned int at = 0;
	bool there;

	mutex_lock(&place->gpu->lock);
	there = place->vgpu;
	list_for_each_entry(v, &place->gpu->vgpus, list)
	{
		if (v == place->vgpu)
			break;
		at += v->type->fb / 1024;
	}
	mutex_unlock(&place->gpu->lock);
	return there ? sysfs_emit(buf, "%u\n", at) : -ENXIO;
}
static DEVICE_ATTR_RO(placement_id);

static struct attribute *vendor_attrs[] = {
	&dev_attr_current_vgpu_type.attr, &dev_attr_creatable_vgpu_types.attr,
	&dev_attr_vgpu_params.attr,       &dev_attr_gpu_instance_id.attr,
	&dev_attr_placement_id.attr,      NULL,
};
static const struct attribute_group vendor_group = { .name = "nvidia",
						     .attrs = vendor_attrs };

int vendor_add(struct place *place)
{
	struct device *dev = &place->pdev->dev;
	int r;

	place->vfio = lab_vfio_new(dev, place);
	if (IS_ERR(place->vfio)) {
		r = PTR_ERR(place->vfio);
		place->vfio = NULL;
		return r;
	}
	r = sysfs_create_group(&dev->kobj, &vendor_group);
	if (r != 0) {
		vfio_unregister_group_dev(&place->vfio->vdev);
		vfio_put_device(&place->vfio->vdev);
		place->vfio = NULL;
	}
	return r;
}

/* Waits until nobody has the VF open: that is vfio_unregister_group_dev, the kernel's. */
void vendor_remove(struct place *place)
{
	struct lab_vfio *vfio = place->vfio;

	vfio_unregister_group_dev(&vfio->vdev);
	sysfs_remove_group(&place->pdev->dev.kobj, &vendor_group);
	place->vfio = NULL;
	vfio_put_device(&vfio->vdev);
	if (place->vgpu)
		vgpu_destroy(place->vgpu);
}

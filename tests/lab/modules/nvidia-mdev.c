/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nvidia-mdev.c - vGPUs as mediated devices, of a PF or of each VF; the kernel's mdev core makes all files but vgpu_params */
#include <linux/slab.h>
#include "nvidia.h"

/* An mdev: its VFIO device, its place on the card, and what was written to vgpu_params */
struct play_mdev {
	struct vgpu *vgpu;
	struct lab_vfio *vfio;
	char params[128];
};

static int play_probe(struct mdev_device *mdev)
{
	struct offer *offer = container_of(mdev->type, struct offer, type);
	struct play_mdev *m = kzalloc(sizeof(*m), GFP_KERNEL);
	int r;

	if (!m)
		return -ENOMEM;
	m->vgpu = place_create(offer->place, offer->vgpu);
	if (IS_ERR(m->vgpu)) {
		r = PTR_ERR(m->vgpu) == -ENOSPC ? -EUSERS : PTR_ERR(m->vgpu);
		goto out;
	}
	m->vfio = lab_vfio_new(&mdev->dev, NULL);
	if (IS_ERR(m->vfio)) {
		r = PTR_ERR(m->vfio);
		vgpu_destroy(m->vgpu);
		goto out;
	}
	dev_set_drvdata(&mdev->dev, m);
	return 0;
out:
	kfree(m);
	return r;
}

/* Waits until nobody has it open: that is vfio_unregister_group_dev, the kernel's. */
static void play_remove(struct mdev_device *mdev)
{
	struct play_mdev *m = dev_get_drvdata(&mdev->dev);

	vfio_unregister_group_dev(&m->vfio->vdev);
	vfio_put_device(&m->vfio->vdev);
	vgpu_destroy(m->vgpu);
	kfree(m);
}

static unsigned int play_available(struct mdev_type *type)
{
	struct offer *offer = container_of(type, struct offer, type);

	return place_available(offer->place, offer->vgpu);
}

static ssize_t play_description(struct mdev_type *type, char *buf)
{
	const struct vgpu_type *t = container_of(type, struct offer, type)->vgpu;

	return sysfs_emit(
		buf,
		"num_heads=4, frl_config=60, framebuffer=%uM, max_resolution=7680x4320, max_instance=%u\n",
		t->fb, t->max);
}

static ssize_t vgpu_params_show(struct device *dev, struct device_attribute *attr,
				char *buf)
{
	struct play_mdev *m = dev_get_drvdata(dev);

	return sysfs_emit(buf, "%s\n", m->params);
}

/* Only before the VM starts; a space clears. */
static ssize_t vgpu_params_store(struct device *dev, struct device_attribute *attr,
				 const char *buf, size_t count)
{
	struct play_mdev *m = dev_get_drvdata(dev);

	if (m->vfio->vdev.open_count > 0)
		return -EPERM;
	if (count >= sizeof(m->params))
		return -EINVAL;
	strscpy(m->params, skip_spaces(buf), sizeof(m->params));
	strim(m->params);
	return count;
}
static DEVICE_ATTR_RW(vgpu_params);

static struct attribute *mdev_attrs[] = { &dev_attr_vgpu_params.attr, NULL };
static const struct attribute_group mdev_group = { .name = "nvidia",
						   .attrs = mdev_attrs };
static const struct attribute_group *mdev_groups[] = { &mdev_group, NULL };

static struct mdev_driver play_mdev_driver = {
	.device_api = VFIO_DEVICE_API_PCI_STRING,
	.probe = play_probe,
	.remove = play_remove,
	.get_available = play_available,
	.show_description = play_description,
	.driver = {
		.name = "nvidia-vgpu-vfio",
		.owner = THIS_MODULE,
		.mod_name = KBUILD_MODNAME,
		.dev_groups = mdev_groups,
	},
};

int mdev_driver_add(void)
{
	return mdev_register_driver(&play_mdev_driver);
}

void mdev_driver_remove(void)
{
	mdev_unregister_driver(&play_mdev_driver);
}

/*
 * The mdev core names a type after the driver of the parent. Where it is to be another name (parameter spelling), the
 * parent has a driver of that name for as long as the core looks.
 */
static int mdev_register(struct place *place)
{
	static struct device_driver named;
	struct device *dev = &place->pdev->dev;
	struct device_driver *driver = dev->driver;
	static DEFINE_MUTEX(lock);
	int r;

	mutex_lock(&lock);
	named = *driver;
	named.name = spelling;
	if (*spelling)
		dev->driver = &named;
	r = mdev_register_parent(&place->parent, dev, &play_mdev_driver, place->types,
				 place->types_len);
	dev->driver = driver;
	mutex_unlock(&lock);
	return r;
}

int mdev_add(struct place *place)
{
	const struct vgpu_type *types = place->gpu->card->types;
	unsigned int i, n = 0;
	int r = -ENOMEM;

	while (types[n].name)
		n++;
	place->offers = kcalloc(n, sizeof(*place->offers), GFP_KERNEL);
	place->types = kcalloc(n, sizeof(*place->types), GFP_KERNEL);
	if (!place->offers || !place->types)
		goto out;
	for (i = 0; i < n; i++) {
		struct offer *o = &place->offers[i];

		o->vgpu = &types[i];
		o->place = place;
		o->type.sysfs_name = kasprintf(GFP_KERNEL, "%u", types[i].id);
		o->type.pretty_name = types[i].name;
		place->types[i] = &o->type;
	}
	place->types_len = n;
	r = mdev_register(place);
	if (r == 0)
		return 0;
out:
	mdev_remove(place);
	return r;
}

/* The parent, when it was registered, and its mdevs with it: waits for those that are in use. */
void mdev_remove(struct place *place)
{
	unsigned int i;

	if (place->made)
		mdev_unregister_parent(&place->parent);
	for (i = 0; i < place->types_len; i++)
		kfree(place->offers[i].type.sysfs_name);
	kfree(place->offers);
	kfree(place->types);
	place->offers = NULL;
	place->types = NULL;
	place->types_len = 0;
}

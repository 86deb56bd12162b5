/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nvidia-play.c - the folder play of a PF: what the played nvidia-smi asks for and sets; the real driver has none */

#include <linux/slab.h>
#include "nvidia.h"

static struct gpu *to_gpu(struct device *dev)
{
	struct place *place = pci_get_drvdata(to_pci_dev(dev));

	return place->gpu;
}

/* MIG mode as it is, and as it will be after a reset; a card that has none has an empty file. */
static ssize_t mig_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct gpu *gpu = to_gpu(dev);

	return gpu->card->profiles ? sysfs_emit(buf, "%d %d\n", gpu->mig, gpu->pending)
				   : 0;
}

static void mig_apply(struct gpu *gpu)
{
	if (gpu->mig != gpu->pending)
		memset(gpu->instances, 0, sizeof(gpu->instances));
	gpu->mig = gpu->pending;
}

/* While somebody has the card open, it comes with the next reset only. */
static int mig_set(struct gpu *gpu, bool on)
{
	if (!gpu->card->profiles)
		return -EOPNOTSUPP;
	if (!list_empty(&gpu->vgpus))
		return -EBUSY;
	gpu->pending = on;
	pci_write_config_word(gpu->pdev, LAB_GPUS_MIG, on);
	if (gpu->opens == 0)
		mig_apply(gpu);
	return 0;
}

static ssize_t mig_store(struct device *dev, struct device_attribute *attr,
			 const char *buf, size_t count)
{
	struct gpu *gpu = to_gpu(dev);
	bool on;
	int r = kstrtobool(buf, &on);

	if (r != 0)
		return r;
	mutex_lock(&gpu->lock);
	r = mig_set(gpu, on);
	mutex_unlock(&gpu->lock);
	return r != 0 ? r : count;
}
static DEVICE_ATTR_RW(mig);

/* A line per MIG instance: its profile. */
static ssize_t instances_show(struct device *dev, struct device_attribute *attr,
			      char *buf)
{
	struct gpu *gpu = to_gpu(dev);
	unsigned int i, n;
	int len = 0;

	mutex_lock(&gpu->lock);
	for (i = 0; i < PROFILES; i++) {
		for (n = 0; n < gpu->instances[i]; n++)
			len += sysfs_emit_at(buf, len, "%d\n", gpu->card->profiles[i].id);
	}
	mutex_unlock(&gpu->lock);
	return len;
}

static int instance_add(struct gpu *gpu, int id)
{
	int profile = card_profile(gpu->card, id);

	if (!gpu->mig)
		return -EPERM;
	if (profile < 0)
		return -EINVAL;
	if (!gpu_instance_fits(gpu, profile))
		return -ENOSPC;
	gpu->instances[profile]++;
	return 0;
}

/* A profile: one more. -1: none any more, unless a vGPU is on one. */
static ssize_t instances_store(struct device *dev, struct device_attribute *attr,
			       const char *buf, size_t count)
{
	struct gpu *gpu = to_gpu(dev);
	int id, r = kstrtoint(buf, 10, &id);

	if (r != 0)
		return r;
	mutex_lock(&gpu->lock);
	if (id >= 0)
		r = instance_add(gpu, id);
	else if (!list_empty(&gpu->vgpus))
		r = -EBUSY;
	else
		memset(gpu->instances, 0, sizeof(gpu->instances));
	mutex_unlock(&gpu->lock);
	return r != 0 ? r : count;
}
static DEVICE_ATTR_RW(instances);

static ssize_t mixed_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%d\n", to_gpu(dev)->mixed);
}

static ssize_t mixed_store(struct device *dev, struct device_attribute *attr,
			   const char *buf, size_t count)
{
	struct gpu *gpu = to_gpu(dev);
	bool on;
	int r = kstrtobool(buf, &on);

	if (r != 0)
		return r;
	mutex_lock(&gpu->lock);
	if (list_empty(&gpu->vgpus))
		gpu->mixed = on;
	else
		r = -EBUSY;
	mutex_unlock(&gpu->lock);
	return r != 0 ? r : count;
}
static DEVICE_ATTR_RW(mixed);

/* As nvidia-smi --gpu-reset */
static ssize_t reset_gpu_store(struct device *dev, struct device_attribute *attr,
			       const char *buf, size_t count)
{
	struct gpu *gpu = to_gpu(dev);
	int r = 0;

	mutex_lock(&gpu->lock);
	if (gpu->opens > 0 || !list_empty(&gpu->vgpus))
		r = -EBUSY;
	else
		mig_apply(gpu);
	mutex_unlock(&gpu->lock);
	return r != 0 ? r : count;
}
static DEVICE_ATTR_WO(reset_gpu);

static ssize_t name_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%s\n", to_gpu(dev)->card->name);
}
static DEVICE_ATTR_RO(name);

static struct attribute *play_attrs[] = {
	&dev_attr_mig.attr,       &dev_attr_instances.attr, &dev_attr_mixed.attr,
	&dev_attr_reset_gpu.attr, &dev_attr_name.attr,      NULL,
};
const struct attribute_group play_group = { .name = "play", .attrs = play_attrs };

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nvidia-main.c - the PCI driver that plays NVIDIA's: binds the lab's GPUs and their VFs, and makes and takes away vGPUs */

/*
 * Theory of operation: a PF that is bound becomes a struct gpu. All that a real driver forgets when it lets go of the card
 * (vGPUs, MIG instances, mixed sizes) is in there and is forgotten with it. Each function has a struct place. There is no
 * sriov_configure, so a write to sriov_numvfs fails; VFs are probed only while their PF is bound here, as with the real one.
 *
 * Locks: creating, then lock. A device's own lock is held in probe and remove by the caller; remove may wait in there as
 * long as somebody uses the function.
 */
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/slab.h>
#include "nvidia.h"

unsigned int late_ms, empty_ms, create_ms, busy_ms, lose;
module_param(late_ms, uint, 0644);
MODULE_PARM_DESC(late_ms,
		 "the files for vGPUs appear so long after a function was bound");
module_param(empty_ms, uint, 0644);
MODULE_PARM_DESC(empty_ms,
		 "nothing is on offer until so long after a function was bound");
module_param(create_ms, uint, 0644);
MODULE_PARM_DESC(create_ms, "making one vGPU takes so long; one at a time per GPU");
module_param(busy_ms, uint, 0644);
MODULE_PARM_DESC(busy_ms,
		 "vendor VFIO: after use the type cannot be set to 0 for so long");
module_param(lose, uint, 0644);
MODULE_PARM_DESC(lose,
		 "vendor VFIO: the next so many writes of a type succeed and do nothing");

char *spelling = "";
module_param(spelling, charp, 0444);
MODULE_PARM_DESC(
	spelling,
	"first half of the names in mdev_supported_types; default: this driver's name");

static char *generation[LAB_GPUS_MAX];
static int generations;
module_param_array(generation, charp, &generations, 0444);
MODULE_PARM_DESC(
	generation,
	"of each GPU (the last one holds for the rest): pf, vf or vendor; default: pf without SR-IOV, else vendor");

static struct pci_driver driver;

static int gpu_generation(struct pci_dev *pdev)
{
	static const char *const names[] = { "pf", "vf", "vendor" };
	int i = LAB_GPUS_NUMBER(pdev->bus->number);

	if (generations == 0)
		return pci_sriov_get_totalvfs(pdev) ? GENERATION_VENDOR : GENERATION_PF;
	return match_string(names, ARRAY_SIZE(names),
			    generation[min(i, generations - 1)]);
}

/* --- vGPUs --- */

static unsigned int available_locked(struct place *place, const struct vgpu_type *type)
{
	unsigned int left = gpu_available(place->gpu, type);

	if (!passed(place->bound, empty_ms) || place->vgpu)
		return 0;
	return place->pdev->is_virtfn ? min(left, 1u) : left;
}

unsigned int place_available(struct place *place, const struct vgpu_type *type)
{
	unsigned int left;

	mutex_lock(&place->gpu->lock);
	left = available_locked(place, type);
	mutex_unlock(&place->gpu->lock);
	return left;
}

struct vgpu *place_create(struct place *place, const struct vgpu_type *type)
{
	struct gpu *gpu = place->gpu;
	struct vgpu *vgpu = kzalloc(sizeof(*vgpu), GFP_KERNEL);
	unsigned long since;

	if (!vgpu)
		return ERR_PTR(-ENOMEM);
	mutex_lock(&gpu->creating);
	mutex_lock(&gpu->lock);
	if (available_locked(place, type) == 0) {
		kfree(vgpu);
		vgpu = ERR_PTR(-ENOSPC);
	} else {
		vgpu->type = type;
		vgpu->place = place;
		list_add_tail(&vgpu->list, &gpu->vgpus);
		if (place->pdev->is_virtfn)
			place->vgpu = vgpu;
	}
	mutex_unlock(&gpu->lock);
	since = jiffies;
	while (!IS_ERR(vgpu) && !passed(since, READ_ONCE(create_ms)))
		msleep(10);
	mutex_unlock(&gpu->creating);
	return vgpu;
}

void vgpu_destroy(struct vgpu *vgpu)
{
	struct gpu *gpu = vgpu->place->gpu;

	mutex_lock(&gpu->lock);
	list_del(&vgpu->list);
	if (vgpu->place->vgpu == vgpu)
		vgpu->place->vgpu = NULL;
	mutex_unlock(&gpu->lock);
	kfree(vgpu);
}

/* --- functions --- */

static bool place_offers(const struct place *place)
{
	return place->pdev->is_virtfn == (place->gpu->generation != GENERATION_PF);
}

static int place_make(struct place *place)
{
	int r = place->gpu->generation == GENERATION_VENDOR ? vendor_add(place)
							    : mdev_add(place);

	place->made = r == 0;
	if (r != 0)
		pci_err(place->pdev, "no vGPUs (%d)\n", r);
	return r;
}

/* remove waits for this with the device's lock held, so it is not waited for here. */
static void place_late(struct work_struct *work)
{
	struct place *place = container_of(to_delayed_work(work), struct place, late);

	if (!passed(place->bound, READ_ONCE(late_ms)) ||
	    !device_trylock(&place->pdev->dev)) {
		schedule_delayed_work(&place->late, msecs_to_jiffies(10));
		return;
	}
	place_make(place);
	device_unlock(&place->pdev->dev);
}

static int place_add(struct place *place, struct pci_dev *pdev, struct gpu *gpu)
{
	place->pdev = pdev;
	place->gpu = gpu;
	place->bound = jiffies;
	INIT_DELAYED_WORK(&place->late, place_late);
	pci_set_drvdata(pdev, place);
	if (!place_offers(place))
		return 0;
	if (late_ms == 0)
		return place_make(place);
	schedule_delayed_work(&place->late, 0);
	return 0;
}

static void place_remove(struct place *place)
{
	cancel_delayed_work_sync(&place->late);
	if (!place->made)
		return;
	if (place->gpu->generation == GENERATION_VENDOR)
		vendor_remove(place);
	else
		mdev_remove(place);
	place->made = false;
}

static struct gpu *gpu_new(struct pci_dev *pdev)
{
	struct gpu *gpu = kzalloc(sizeof(*gpu), GFP_KERNEL);
	int made = gpu_generation(pdev);
	u16 mig = 0;

	if (!gpu || made < 0) {
		kfree(gpu);
		return ERR_PTR(made < 0 ? made : -ENOMEM);
	}
	gpu->pdev = pdev;
	gpu->card = card_find(pdev->device);
	gpu->generation = made;
	gpu->minor = LAB_GPUS_NUMBER(pdev->bus->number);
	mutex_init(&gpu->creating);
	mutex_init(&gpu->lock);
	INIT_LIST_HEAD(&gpu->vgpus);
	if (gpu->card->forgets)
		pci_write_config_word(pdev, LAB_GPUS_MIG, 0);
	pci_read_config_word(pdev, LAB_GPUS_MIG, &mig);
	gpu->mig = gpu->pending = mig && gpu->card->profiles;
	return gpu;
}

static int probe_pf(struct pci_dev *pdev, struct place *place)
{
	struct gpu *gpu = gpu_new(pdev);
	int r;

	if (IS_ERR(gpu))
		return PTR_ERR(gpu);
	r = node_add(gpu);
	if (r == 0) {
		r = place_add(place, pdev, gpu);
		if (r == 0)
			r = sysfs_create_group(&pdev->dev.kobj, &play_group);
		if (r == 0)
			return 0;
		place_remove(place);
		node_remove(gpu);
	}
	kfree(gpu);
	return r;
}

/* No GPU of ours, no vGPUs: so it is while the PF is on pci-pf-stub. */
static int probe_vf(struct pci_dev *pdev, struct place *place)
{
	struct place *pf = pci_iov_get_pf_drvdata(pdev, &driver);

	return IS_ERR_OR_NULL(pf) ? -ENODEV : place_add(place, pdev, pf->gpu);
}

static int probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct place *place = kzalloc(sizeof(*place), GFP_KERNEL);
	int r;

	if (!place)
		return -ENOMEM;
	r = pdev->is_virtfn ? probe_vf(pdev, place) : probe_pf(pdev, place);
	if (r != 0) {
		pci_set_drvdata(pdev, NULL);
		kfree(place);
	}
	return r;
}

/* What the real one does with VFs that are still bound is not known; here they do not outlive what they belong to. */
static void release_vfs(struct pci_dev *pf)
{
	struct pci_dev *vf = NULL;

	while ((vf = pci_get_device(pf->vendor, pf->device, vf))) {
		if (vf->is_virtfn && vf->physfn == pf && vf->dev.driver == &driver.driver)
			device_release_driver(&vf->dev);
	}
}

static void remove(struct pci_dev *pdev)
{
	struct place *place = pci_get_drvdata(pdev);
	struct gpu *gpu = place->gpu;

	if (!pdev->is_virtfn) {
		node_remove(gpu); /* waits for those who have it open */
		sysfs_remove_group(&pdev->dev.kobj, &play_group);
		release_vfs(pdev);
	}
	place_remove(place);
	pci_set_drvdata(pdev, NULL);
	kfree(place);
	if (!pdev->is_virtfn)
		kfree(gpu);
}

static const struct pci_device_id ids[] = {
	{ PCI_DEVICE(PCI_VENDOR_ID_NVIDIA, LAB_GPUS_P40) },
	{ PCI_DEVICE(PCI_VENDOR_ID_NVIDIA, LAB_GPUS_A40) },
	{ PCI_DEVICE(PCI_VENDOR_ID_NVIDIA, LAB_GPUS_A100) },
	{ PCI_DEVICE(PCI_VENDOR_ID_NVIDIA, LAB_GPUS_H100) },
	{},
};
MODULE_DEVICE_TABLE(pci, ids);

static struct pci_driver driver = {
	.name = "nvidia", .id_table = ids, .probe = probe, .remove = remove
};

static int __init play_init(void)
{
	int r = nodes_init();

	if (r != 0)
		return r;
	r = mdev_driver_add();
	if (r == 0) {
		r = pci_register_driver(&driver);
		if (r == 0)
			return 0;
		mdev_driver_remove();
	}
	nodes_exit();
	return r;
}

static void __exit play_exit(void)
{
	pci_unregister_driver(&driver);
	mdev_driver_remove();
	nodes_exit();
}

module_init(play_init);
module_exit(play_exit);
MODULE_DESCRIPTION("plays NVIDIA's vGPU driver for the lab's GPUs");
MODULE_LICENSE("GPL");

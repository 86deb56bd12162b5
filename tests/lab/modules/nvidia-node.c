/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nvidia-node.c - /dev/nvidiaN, which keeps a GPU from being unbound while it is open, and /proc/driver/nvidia */
#include <linux/delay.h>
#include <linux/device.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/uaccess.h>
#include <linux/version.h>
#include "nvidia.h"

#define NVIDIA_MAJOR 195 /* Documentation/admin-guide/devices.txt */

static DEFINE_MUTEX(nodes_lock); /* of the table, and of opens and locked of each in it */
static struct gpu *nodes[LAB_GPUS_MAX];
static struct cdev nodes_cdev;
static struct class *nodes_class;
static struct proc_dir_entry *proc_nvidia, *proc_gpus;

static int node_open(struct inode *inode, struct file *file)
{
	unsigned int minor = iminor(inode);
	int r = -ENODEV;

	mutex_lock(&nodes_lock);
	if (minor < LAB_GPUS_MAX && nodes[minor] && !nodes[minor]->locked) {
		nodes[minor]->opens++;
		r = 0;
	}
	mutex_unlock(&nodes_lock);
	return r;
}

static int node_release(struct inode *inode, struct file *file)
{
	mutex_lock(&nodes_lock);
	nodes[iminor(inode)]->opens--;
	mutex_unlock(&nodes_lock);
	return 0;
}

static const struct file_operations node_fops = {
	.owner = THIS_MODULE,
	.open = node_open,
	.release = node_release,
};

/* The node can no more be opened afterwards. False: somebody has it open. */
static bool node_lock(struct gpu *gpu)
{
	bool free;

	mutex_lock(&nodes_lock);
	free = gpu->opens == 0;
	if (free)
		gpu->locked = true;
	mutex_unlock(&nodes_lock);
	return free;
}

static int information_show(struct seq_file *seq, void *data)
{
	struct gpu *gpu = seq->private;

	seq_printf(seq, "Model: \t\t %s\n", gpu->card->name);
	seq_printf(seq, "Bus Type: \t PCIe\nBus Location: \t %s\n", pci_name(gpu->pdev));
	seq_printf(seq, "Device Minor: \t %d\n", gpu->minor);
	return 0;
}

static ssize_t unbind_lock_read(struct file *file, char __user *buf, size_t count,
				loff_t *pos)
{
	struct gpu *gpu = pde_data(file_inode(file));
	const char *text = gpu->locked ? "1\n" : "0\n";

	return simple_read_from_buffer(buf, count, pos, text, 2);
}

/* 1 is refused by staying 0, not by an error. */
static ssize_t unbind_lock_write(struct file *file, const char __user *buf, size_t count,
				 loff_t *pos)
{
	struct gpu *gpu = pde_data(file_inode(file));
	bool lock;
	int r = kstrtobool_from_user(buf, count, &lock);

	if (r != 0)
		return r;
	if (lock)
		node_lock(gpu);
	else
		gpu->locked = false;
	return count;
}

static const struct proc_ops unbind_lock_ops = {
	.proc_read = unbind_lock_read,
	.proc_write = unbind_lock_write,
};

int node_add(struct gpu *gpu)
{
	struct device *dev;

	dev = device_create(nodes_class, NULL, MKDEV(NVIDIA_MAJOR, gpu->minor), NULL,
			    "nvidia%d", gpu->minor);
	if (IS_ERR(dev))
		return PTR_ERR(dev);
	gpu->proc = proc_mkdir(pci_name(gpu->pdev), proc_gpus);
	if (gpu->proc) {
		proc_create_single_data("information", 0444, gpu->proc, information_show,
					gpu);
		proc_create_data("unbindLock", 0644, gpu->proc, &unbind_lock_ops, gpu);
	}
	mutex_lock(&nodes_lock);
	nodes[gpu->minor] = gpu;
	mutex_unlock(&nodes_lock);
	return 0;
}

/*
 * Whoever unbinds the card waits here, uninterruptibly, with the device's lock, as long as the node is open. The message does
 * not name the device to printk: journald would read the device's uevent file, and wait for the lock too.
 */
void node_remove(struct gpu *gpu)
{
	bool said = false;

	while (!node_lock(gpu)) {
		if (!said)
			pr_err("nvidia: %s is to be unbound and still open: waiting\n",
			       pci_name(gpu->pdev));
		said = true;
		msleep(100);
	}
	mutex_lock(&nodes_lock);
	nodes[gpu->minor] = NULL;
	mutex_unlock(&nodes_lock);
	proc_remove(gpu->proc);
	device_destroy(nodes_class, MKDEV(NVIDIA_MAJOR, gpu->minor));
}

static int nodes_register(void)
{
	int r = register_chrdev_region(MKDEV(NVIDIA_MAJOR, 0), LAB_GPUS_MAX,
				       "nvidia-frontend");

	if (r != 0)
		return r;
	cdev_init(&nodes_cdev, &node_fops);
	nodes_cdev.owner = THIS_MODULE;
	r = cdev_add(&nodes_cdev, MKDEV(NVIDIA_MAJOR, 0), LAB_GPUS_MAX);
	if (r != 0)
		unregister_chrdev_region(MKDEV(NVIDIA_MAJOR, 0), LAB_GPUS_MAX);
	return r;
}

int nodes_init(void)
{
	int r;

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 4, 0)
	nodes_class = class_create(THIS_MODULE, "nvidia-play");
#else
	nodes_class = class_create("nvidia-play");
#endif
	if (IS_ERR(nodes_class))
		return PTR_ERR(nodes_class);
	r = nodes_register();
	if (r != 0) {
		class_destroy(nodes_class);
		return r;
	}
	proc_nvidia = proc_mkdir("driver/nvidia", NULL);
	proc_gpus = proc_mkdir("gpus", proc_nvidia);
	return 0;
}

void nodes_exit(void)
{
	proc_remove(proc_nvidia);
	cdev_del(&nodes_cdev);
	unregister_chrdev_region(MKDEV(NVIDIA_MAJOR, 0), LAB_GPUS_MAX);
	class_destroy(nodes_class);
}

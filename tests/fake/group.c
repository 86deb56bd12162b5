// SPDX-License-Identifier: GPL-2.0-or-later
/* group.c - IOMMU groups and VFIO devices of what the fake kernel makes while it runs */
#include "cards.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* Numbers depend on the order in which cards are cut at the same time: not compared. */
void group_join(struct kernel *k, struct node *dev)
{
	char path[NODE_PATH_LEN];
	struct node *group;

	snprintf(path, sizeof(path), "sys/kernel/iommu_groups/%u", ++k->last_group);
	group = node_make(k->root, path, S_IFDIR | 0755);
	group->fixed = false;
	group->quiet = true;
	node_set(node_make(group, "type", S_IFREG | 0444), "DMA\n", 4);
	node_set(node_make(group, "reserved_regions", S_IFREG | 0444), "", 0);
	node_link(node_make(group, "devices", S_IFDIR | 0755), dev->name, dev);
	node_link(dev, "iommu_group", group)->quiet = true;
}

void group_leave(struct kernel *k, struct node *dev)
{
	struct node *link = node_find(dev, "iommu_group");
	struct node *group = link ? node_walk(k->root, dev, link->value) : NULL;

	if (group)
		node_take(group);
	if (link)
		node_take(link);
}

/* drivers/vfio/vfio_main.c: vfio-dev/vfioN; 511 is the first dynamic major that is free */
struct node *vfio_add(struct kernel *k, struct node *dev)
{
	char path[NODE_PATH_LEN], text[32];
	struct node *n;

	snprintf(path, sizeof(path), "vfio-dev/vfio%u", k->last_vfio);
	n = node_make(dev, path, S_IFDIR | 0755);
	n->parent->fixed = false;
	n->parent->quiet = true;
	node_set(node_make(n, "dev", S_IFREG | 0444), text,
		 (size_t)snprintf(text, sizeof(text), "511:%u\n", k->last_vfio++));
	node_link(n, "subsystem",
		  node_make(k->root, "sys/class/vfio-dev", S_IFDIR | 0755));
	child_vfio_group(k, dev);
	return n->parent;
}

void vfio_remove(struct kernel *k, struct node *dev)
{
	struct node *n = node_find(dev, "vfio-dev");

	if (n)
		node_take(n);
	child_vfio_group(k, dev);
}

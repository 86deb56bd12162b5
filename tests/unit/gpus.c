// SPDX-License-Identifier: GPL-2.0-or-later
/* gpus.c - cards and vGPUs in a folder that plays sysfs, and what is found there */

#include "gpus.h"

struct gpus gpus;

int gpus_setup(void **state)
{
	(void)state;
	tree_make(&gpus.tree);
	assert_int_equal(host_open(&gpus.host, gpus.tree.path, NULL), 0);
	return 0;
}

int gpus_teardown(void **state)
{
	(void)state;
	vgpus_free(&gpus.v);
	host_close(&gpus.host);
	tree_remove(&gpus.tree);
	return 0;
}

const char *gpus_at(const char *device, const char *attr)
{
	static char path[256];
	const char *above = strchr(device, ':') ? "pci0000:00" : "virtual/mdev";

	snprintf(path, sizeof(path), "sys/devices/%s/%s/%s", above, device, attr);
	return path;
}

static void driver(const char *device, const char *name)
{
	char target[128];

	snprintf(target, sizeof(target), "../../../bus/pci/drivers/%s", name);
	if (*name)
		tree_link(&gpus.tree, gpus_at(device, "driver"), target);
}

void gpus_function(const char *bdf, const char *id, const char *class, const char *by)
{
	char text[32], path[128], target[128];

	snprintf(text, sizeof(text), "0x%.4s\n", id);
	tree_file(&gpus.tree, gpus_at(bdf, "vendor"), text);
	snprintf(text, sizeof(text), "0x%s\n", id + 5);
	tree_file(&gpus.tree, gpus_at(bdf, "device"), text);
	snprintf(text, sizeof(text), "0x%s\n", class);
	tree_file(&gpus.tree, gpus_at(bdf, "class"), text);
	snprintf(path, sizeof(path), "sys/bus/pci/devices/%s", bdf);
	snprintf(target, sizeof(target), "../../../devices/pci0000:00/%s", bdf);
	tree_link(&gpus.tree, path, target);
	driver(bdf, by);
}

void gpus_card(const char *bdf, const char *id, const char *by, const char *vf_by,
	       unsigned int total, unsigned int n)
{
	char vf[32], name[32], target[64];

	gpus_function(bdf, id, "030200", by);
	snprintf(name, sizeof(name), "%u\n", total);
	tree_file(&gpus.tree, gpus_at(bdf, "sriov_totalvfs"), name);
	for (unsigned int i = 0; i < n; i++) {
		snprintf(vf, sizeof(vf), "%.8s%02x.%x", bdf, (i + 4) / 8, (i + 4) % 8);
		gpus_function(vf, id, "030200", vf_by);
		snprintf(name, sizeof(name), "virtfn%u", i);
		snprintf(target, sizeof(target), "../%s", vf);
		tree_link(&gpus.tree, gpus_at(bdf, name), target);
		snprintf(target, sizeof(target), "../%s", bdf);
		tree_link(&gpus.tree, gpus_at(vf, "physfn"), target);
	}
}

void gpus_type(const char *device, const char *id, const char *name,
	       const char *description, const char *available)
{
	char attr[128];

	snprintf(attr, sizeof(attr), "mdev_supported_types/%s", id);
	tree_dir(&gpus.tree, gpus_at(device, attr));
	snprintf(attr, sizeof(attr), "mdev_supported_types/%s/name", id);
	if (name)
		tree_file(&gpus.tree, gpus_at(device, attr), name);
	snprintf(attr, sizeof(attr), "mdev_supported_types/%s/description", id);
	if (description)
		tree_file(&gpus.tree, gpus_at(device, attr), description);
	snprintf(attr, sizeof(attr), "mdev_supported_types/%s/available_instances", id);
	if (available)
		tree_file(&gpus.tree, gpus_at(device, attr), available);
}

void gpus_mdev(const char *uuid, const char *device, const char *id)
{
	char attr[64], path[64], target[300];

	snprintf(attr, sizeof(attr), "%.36s/mdev_type", uuid);
	snprintf(target, sizeof(target), "../mdev_supported_types/%s", id);
	tree_link(&gpus.tree, gpus_at(device, attr), target);
	snprintf(path, sizeof(path), "sys/bus/mdev/devices/%.36s", uuid);
	snprintf(target, sizeof(target), "../../../%s", gpus_at(device, uuid) + 4);
	tree_link(&gpus.tree, path, target);
}

void gpus_vendor(const char *vf, const char *creatable, const char *current)
{
	tree_file(&gpus.tree, gpus_at(vf, "nvidia/creatable_vgpu_types"), creatable);
	tree_file(&gpus.tree, gpus_at(vf, "nvidia/current_vgpu_type"), current);
}

void gpus_look(const char *const *types, size_t n)
{
	vgpus_free(&gpus.v);
	assert_int_equal(vgpus_read(&gpus.host, types, n, &gpus.v), 0);
}

void gpus_look_all(void)
{
	gpus_look(NULL, 0);
}

void gpus_check_type(const struct vgpu_card *c, size_t i, const char *id,
		     const char *name, unsigned int size, unsigned int max)
{
	assert_true(i < c->n_types);
	assert_string_equal(c->type[i].id, id);
	assert_string_equal(c->type[i].name, name);
	assert_int_equal(c->type[i].size_mib, size);
	assert_int_equal(c->type[i].max, max);
}

void gpus_check_parent(size_t i, const char *name, int index,
		       enum vgpu_framework framework, size_t n_offers)
{
	assert_true(i < gpus.v.n_parents);
	assert_string_equal(gpus.v.parent[i].name, name);
	assert_int_equal(gpus.v.parent[i].index, index);
	assert_int_equal(gpus.v.parent[i].framework, framework);
	assert_int_equal(gpus.v.parent[i].n_offers, n_offers);
}

void gpus_check_offer(size_t parent, size_t i, size_t of, unsigned int n)
{
	assert_true(i < gpus.v.parent[parent].n_offers);
	assert_int_equal(gpus.v.parent[parent].offer[i].type, of);
	assert_int_equal(gpus.v.parent[parent].offer[i].n, n);
}

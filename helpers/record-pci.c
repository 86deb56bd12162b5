// SPDX-License-Identifier: GPL-2.0-or-later
/* record-pci.c - PCI functions, what is below them, their groups, drivers and modules */

#include "record.h"

#include "bdf.h"
#include "file.h"
#include "text.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define DEPTH_MAX 10 /* .../usb1/1-1/1-1:1.0/host0/target0:0:0/0:0:0:0/block/sda/sda1 */

static const char *const attributes[] = {
	"vendor",
	"device",
	"class",
	"subsystem_vendor",
	"subsystem_device",
	"revision",
	"boot_vga",
	"enable",
	"numa_node",
	"local_cpulist",
	"msi_bus",
	"d3cold_allowed",
	"reset_method",
	"resource",
	"sriov_totalvfs",
	"sriov_drivers_autoprobe",
	"power_state",
	"current_link_speed",
	"max_link_speed",
	"current_link_width",
	"max_link_width",
	"driver_override",
	"resource0_resize",
	"resource1_resize",
	"resource2_resize",
	"power/control",
	"power/runtime_status",
	"nvidia/creatable_vgpu_types",
	"nvidia/current_vgpu_type",
	"nvidia/vgpu_params",
};

static const char *const type_attributes[] = { "name", "description",
					       "available_instances", "device_api" };

static bool is_folder(const struct recording *r, const char *path)
{
	struct stat st;

	return fstatat(r->h->root, path, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISDIR(st.st_mode);
}

static bool join(char ret[static PATH_LEN], const char *folder, const char *name)
{
	return text_format(ret, PATH_LEN, "%s/%s", folder, name) == 0;
}

/* ---- below a function ---- */

/* a device with a node in /dev, and whatever is below it but for further functions */
static void record_nodes(struct recording *r, const char *folder, const char *name)
{
	char path[PATH_LEN];
	struct bdf unused;
	size_t depth = 0;

	for (const char *p = folder; *p; p++)
		depth += *p == '/';
	if (depth > DEPTH_MAX + 8 || bdf_parse(name, &unused) == 0 ||
	    !join(path, folder, name) || !is_folder(r, path))
		return;
	if (record_file(r, "%s/dev", path)) {
		record_file(r, "%s/partition", path);
		record_file(r, "%s/name", path);
		record_link(r, "%s/subsystem", path);
		record_link(r, "%s/device", path);
	}
	record_each(r, path, record_nodes);
}

static void record_port(struct recording *r, const char *folder, const char *name)
{
	char path[PATH_LEN], address[PATH_LEN];

	if (!join(path, folder, name) || !is_folder(r, path))
		return;
	record_file(r, "%s/ifindex", path);
	record_file(r, "%s/operstate", path);
	if (join(address, path, "address"))
		record_text(r, address, "00:00:00:00:00:00\n", 18);
	record_link(r, "%s/subsystem", path);
	record_link(r, "%s/device", path);
}

static void record_type(struct recording *r, const char *folder, const char *name)
{
	char path[PATH_LEN];

	if (!join(path, folder, name))
		return;
	for (size_t i = 0; i < ARRAY_LEN(type_attributes); i++)
		record_file(r, "%s/%s", path, type_attributes[i]);
	record_dir(r, "%s/devices", path);
}

static void record_mdev(struct recording *r, const char *path)
{
	record_dir(r, "%s", path);
	record_link(r, "%s/mdev_type", path);
	record_link(r, "%s/driver", path);
	record_link(r, "%s/subsystem", path);
	record_link(r, "%s/iommu_group", path);
}

static void record_below(struct recording *r, const char *folder, const char *name)
{
	char path[PATH_LEN];

	if (!join(path, folder, name))
		return;
	if (strncmp(name, "virtfn", 6) == 0)
		record_link(r, "%s", path);
	else if (!is_folder(r, path))
		return;
	else if (strcmp(name, "net") == 0)
		record_each(r, path, record_port);
	else if (strcmp(name, "mdev_supported_types") == 0)
		record_each(r, path, record_type);
	else if (text_is_uuid(name))
		record_mdev(r, path);
	else
		record_nodes(r, folder, name);
}

/* @folder is a list of links to devices */
static void record_function(struct recording *r, const char *folder, const char *name)
{
	static const char *const links[] = { "driver", "subsystem", "iommu_group",
					     "physfn" };
	char path[PATH_LEN], at[PATH_LEN];

	if (!join(path, folder, name) || !record_real(r, path, at))
		return;
	record_link(r, "%s", path);
	record_dir(r, "%s", at);
	for (size_t i = 0; i < ARRAY_LEN(attributes); i++)
		record_file(r, "%s/%s", at, attributes[i]);
	for (size_t i = 0; i < ARRAY_LEN(links); i++)
		record_link(r, "%s/%s", at, links[i]);
	record_each(r, at, record_below);
}

/* ---- lists of links ---- */

static void record_plain_link(struct recording *r, const char *folder, const char *name)
{
	record_link(r, "%s/%s", folder, name);
}

static void record_group(struct recording *r, const char *folder, const char *name)
{
	char path[PATH_LEN];

	record_file(r, "%s/%s/type", folder, name);
	record_file(r, "%s/%s/reserved_regions", folder, name);
	if (text_format(path, sizeof(path), "%s/%s/devices", folder, name) == 0)
		record_each(r, path, record_plain_link);
}

/* a link of a class, and its device's number, name and relations */
static void record_class_device(struct recording *r, const char *folder, const char *name)
{
	char path[PATH_LEN], at[PATH_LEN], more[PATH_LEN];

	if (!join(path, folder, name) || !record_real(r, path, at))
		return;
	/* with nothing on them there are many of these */
	if (strstr(at, "/virtual/block/loop") || strstr(at, "/virtual/block/ram"))
		return;
	record_link(r, "%s", path);
	record_dir(r, "%s", at);
	record_file(r, "%s/dev", at);
	record_file(r, "%s/name", at);
	record_file(r, "%s/dm/name", at);
	if (join(more, at, "holders"))
		record_each(r, more, record_plain_link);
	if (join(more, at, "slaves"))
		record_each(r, more, record_plain_link);
}

static void record_upper(struct recording *r, const char *folder, const char *name)
{
	if (strncmp(name, "upper_", 6) == 0)
		record_link(r, "%s/%s", folder, name);
}

static void record_iface(struct recording *r, const char *folder, const char *name)
{
	char path[PATH_LEN], at[PATH_LEN];

	if (!join(path, folder, name) || !record_real(r, path, at))
		return;
	record_link(r, "%s", path);
	record_dir(r, "%s", at);
	record_each(r, at, record_upper);
}

static void record_console(struct recording *r, const char *folder, const char *name)
{
	char path[PATH_LEN], at[PATH_LEN];

	if (!join(path, folder, name) || !record_real(r, path, at))
		return;
	record_link(r, "%s", path);
	record_file(r, "%s/name", at);
	record_file(r, "%s/bind", at);
}

/* ---- drivers and modules ---- */

static void record_bound(struct recording *r, const char *folder, const char *name)
{
	if (strchr(name, ':') || strstr(name, "framebuffer"))
		record_link(r, "%s/%s", folder, name);
}

static void record_driver(struct recording *r, const char *folder, const char *name)
{
	char path[PATH_LEN];

	if (!join(path, folder, name))
		return;
	record_dir(r, "%s", path);
	record_link(r, "%s/module", path);
	record_each(r, path, record_bound);
}

static void record_framebuffer_driver(struct recording *r, const char *folder,
				      const char *name)
{
	if (strstr(name, "framebuffer"))
		record_driver(r, folder, name);
}

static void record_framebuffer(struct recording *r, const char *folder, const char *name)
{
	char path[PATH_LEN], at[PATH_LEN];

	if (!strstr(name, "framebuffer") || !join(path, folder, name) ||
	    !record_real(r, path, at))
		return;
	record_link(r, "%s", path);
	record_file(r, "%s/modalias", at);
	record_file(r, "%s/driver_override", at);
	record_link(r, "%s/driver", at);
	record_link(r, "%s/subsystem", at);
	record_each(r, at, record_nodes);
}

static void record_module(struct recording *r, const char *folder, const char *name)
{
	char path[PATH_LEN];

	if (!join(path, folder, name))
		return;
	record_dir(r, "%s", path);
	record_file(r, "%s/initstate", path);
	record_file(r, "%s/refcnt", path);
	record_dir(r, "%s/holders", path);
	if (text_format(path, sizeof(path), "%s/%s/holders", folder, name) == 0)
		record_each(r, path, record_plain_link);
	if (text_format(path, sizeof(path), "%s/%s/drivers", folder, name) == 0)
		record_each(r, path, record_plain_link);
	record_file(r, "%s/%s/parameters/enable_unsafe_noiommu_mode", folder, name);
	record_file(r, "%s/%s/parameters/allow_unsafe_interrupts", folder, name);
}

static void record_node(struct recording *r, const char *folder, const char *name)
{
	record_file(r, "%s/%s/cpulist", folder, name);
	record_file(r, "%s/%s/hugepages/hugepages-2048kB/free_hugepages", folder, name);
	record_file(r, "%s/%s/hugepages/hugepages-1048576kB/free_hugepages", folder,
		    name);
}

void record_pci(struct recording *r)
{
	static const struct {
		const char *folder;
		void (*each)(struct recording *, const char *, const char *);
	} lists[] = {
		{ "sys/bus/pci/devices", record_function },
		{ "sys/class/mdev_bus", record_function },
		{ "sys/bus/mdev/devices", record_plain_link },
		{ "sys/kernel/iommu_groups", record_group },
		{ "sys/class/iommu", record_class_device },
		{ "sys/bus/pci/drivers", record_driver },
		{ "sys/bus/platform/drivers", record_framebuffer_driver },
		{ "sys/bus/platform/devices", record_framebuffer },
		{ "sys/module", record_module },
		{ "sys/class/vtconsole", record_console },
		{ "sys/class/graphics", record_class_device },
		{ "sys/class/vfio", record_class_device },
		{ "sys/class/block", record_class_device },
		{ "sys/dev/block", record_class_device },
		{ "sys/class/net", record_iface },
		{ "sys/devices/system/node", record_node },
	};

	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		record_each(r, lists[i].folder, lists[i].each);
	record_dir(r, "sys/class/sound");
	record_dir(r, "sys/class/drm");
}

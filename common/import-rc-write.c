// SPDX-License-Identifier: GPL-2.0-or-later
/* import-rc-write.c - what an rc.local writes into sysfs */

#include "import-rc.h"

#include "inventory.h"
#include "text.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PARTS_MAX 32

static void split(const char *text, struct rc_path *p)
{
	char *slash;

	*p = (struct rc_path){ .part = { "", "", "", "" } };
	snprintf(p->text, sizeof(p->text), "%s", text);
	snprintf(p->folder, sizeof(p->folder), "%s", text);
	slash = strrchr(p->folder, '/');
	if (slash)
		*slash = '\0';
	for (size_t i = 0; i < ARRAY_LEN(p->part); i++) {
		slash = strrchr(p->text, '/');
		p->part[i] = slash ? slash + 1 : p->text;
		if (!slash)
			return;
		*slash = '\0';
	}
}

int rc_address(const char *text, struct bdf *ret)
{
	unsigned int domain, bus, slot, function;
	int end = 0;

	if (sscanf(text, "%8x:%2x:%2x.%1x%n", &domain, &bus, &slot, &function, &end) !=
	    4) {
		domain = 0;
		if (sscanf(text, "%2x:%2x.%1x%n", &bus, &slot, &function, &end) != 3)
			return -EINVAL;
	}
	if (text[end] || domain > 0xffffff || slot > 31 || function > 7)
		return -EINVAL;
	*ret = (struct bdf){ .domain = domain,
			     .bus = (uint8_t)bus,
			     .slot = (uint8_t)slot,
			     .function = (uint8_t)function };
	return 0;
}

/* .../0000:e8:00.0/sriov_numvfs, and .../card1/device/sriov_numvfs where the card is here */
static int find_card(struct rc *x, const struct rc_path *p, struct bdf *ret)
{
	char name[VGPU_DEVICE_LEN], attr[PATH_LEN], text[16];
	const char *folder = p->folder + strspn(p->folder, "/");
	uint64_t class;

	if (text_copy(name, sizeof(name), p->part[1]) < 0)
		return -EINVAL;
	if (strcmp(name, "device") == 0 &&
	    file_link_name(x->b->h->root, folder, name, sizeof(name)) < 0)
		return -ENODEV;
	if (bdf_parse(name, ret) < 0 ||
	    text_format(attr, sizeof(attr), "sys/bus/pci/devices/%s/class", name) < 0)
		return -EINVAL;
	if (file_read(x->b->h->root, attr, text, sizeof(text)) > 0 &&
	    text_hex(text, UINT32_MAX, &class) == 0 &&
	    CLASS_BASE(class) != CLASS_DISPLAY && CLASS_BASE(class) != CLASS_ACCELERATOR)
		return -ENOTSUP;
	return 0;
}

static int take_gpu(struct rc *x, const struct rc_path *p, struct import_gpu **ret)
{
	struct bdf bdf;
	int r = find_card(x, p, &bdf);

	*ret = NULL;
	if (r == -ENOTSUP)
		return rc_left(x, "this is no GPU; keep it");
	if (r < 0)
		return rc_left(x, "which card this is cannot be seen; write its address");
	*ret = import_boot_gpu(x->b, &bdf);
	return *ret ? 0 : rc_left(x, "more than %d GPUs are not taken", GPUS_MAX);
}

static int take_numvfs(struct rc *x, const char *text, const struct rc_path *p)
{
	struct import_gpu *gpu;
	uint64_t n;
	int r;

	if (text_number(text, UINT16_MAX, &n) < 0)
		return rc_left(x, "'%.40s' is not a number of virtual functions", text);
	r = take_gpu(x, p, &gpu);
	if (!gpu)
		return r;
	if (n == 0) /* as the kernel wants it before another number */
		return RC_TAKEN;
	gpu->vfs = CONF_VFS_NUMBER;
	gpu->n_vfs = (unsigned int)n;
	return RC_TAKEN;
}

static int take_probe(struct rc *x, const char *text, const struct rc_path *p)
{
	struct import_gpu *gpu;
	int r = take_gpu(x, p, &gpu);

	if (gpu)
		gpu->free_vfs = strcmp(text, "0") == 0 || strcmp(text, "n") == 0;
	return gpu ? RC_TAKEN : r;
}

static int take_vgpu(struct rc *x, const char *uuid, const char *parent, const char *type)
{
	struct import_vgpu v = { .at_boot = true };
	int r;

	if (text_copy(v.uuid, sizeof(v.uuid), uuid) < 0 ||
	    text_copy(v.parent, sizeof(v.parent), parent) < 0 ||
	    text_copy(v.type, sizeof(v.type), type) < 0)
		return rc_left(x, "a name is too long");
	for (char *c = v.uuid; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	if (*v.uuid && !text_is_uuid(v.uuid))
		return rc_left(x, "'%.40s' is not a UUID", uuid);
	r = import_boot_vgpu(x->b, x->where, &v);
	return r ?: RC_TAKEN;
}

/* parts: create, ID, mdev_supported_types, DEVICE */
static int take_create(struct rc *x, const char *text, const struct rc_path *p)
{
	if (strcmp(p->part[2], "mdev_supported_types") != 0 || !*p->part[3])
		return rc_left(
			x, "which device this is cannot be seen; write the whole path");
	if (!*text)
		return rc_left(x, "there is no UUID");
	return take_vgpu(x, text, p->part[3], p->part[1]);
}

/* parts: current_vgpu_type, nvidia, DEVICE */
static int take_current(struct rc *x, const char *text, const struct rc_path *p)
{
	uint64_t number;
	struct bdf bdf;

	if (bdf_parse(p->part[2], &bdf) < 0)
		return rc_left(
			x, "which function this is cannot be seen; write its address");
	if (text_number(text, UINT32_MAX, &number) < 0)
		return rc_left(x, "'%.40s' is not the number of a type", text);
	return number ? take_vgpu(x, "", p->part[2], text) : RC_TAKEN;
}

static int take_params(struct rc *x, const char *text, const struct rc_path *p)
{
	(void)text;
	(void)p;
	return rc_left(
		x,
		"parameters of a vGPU cannot be written in an INI file; keep it, behind virt-handoff-boot.service");
}

static int take_remove(struct rc *x, const char *text, const struct rc_path *p)
{
	(void)text;
	(void)p;
	return rc_left(x, "it removes a vGPU; create = start does that after the VM");
}

int rc_write(struct rc *x, const char *text, const char *path)
{
	static const struct {
		const char *name;
		int (*take)(struct rc *x, const char *text, const struct rc_path *p);
	} files[] = {
		{ "sriov_numvfs", take_numvfs },
		{ "sriov_drivers_autoprobe", take_probe },
		{ "create", take_create },
		{ "current_vgpu_type", take_current },
		{ "vgpu_params", take_params },
		{ "remove", take_remove },
	};
	char clean[PATH_LEN] = "";
	const char *cursor = text;
	struct rc_path p;
	int r;

	split(path, &p);
	if (text_next_word(&cursor, clean, sizeof(clean)) < 0)
		return rc_left(x, "the text is too long");
	for (size_t i = 0; i < ARRAY_LEN(files) && !strncmp(path, "/sys/", 5); i++)
		if (strcmp(files[i].name, p.part[0]) == 0)
			return files[i].take(x, *text ? clean : "", &p);
	r = strncmp(path, "/sys/", 5) ? -ENOENT : rc_write_device(x, clean, &p);
	if (r != -ENOENT)
		return r;
	return rc_left(x, "it is about something else; keep it");
}

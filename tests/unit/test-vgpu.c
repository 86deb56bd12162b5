// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-vgpu.c - vgpu*.c: cards, what they offer and the vGPUs there are, in each framework
 *
 * Real: vgpu*.c and what they call; what the machines of tests/data have in them.
 * Faked: sys is files and links in a temporary folder, in the form that Linux 6.1 to 6.12
 * and the drivers of NVIDIA, Intel and the kernel's samples have them.
 */

#include "machine.h"
#include "tree.h"
#include "vgpu.h"

#include <errno.h>

#define UUID_A "2f82ee72-3ac5-4615-9c0b-327c12e8c83d"
#define UUID_B "8cc7a90a-75be-4b42-a9a3-9c1e7e3b3e01"

static struct tree tree;
static struct host host;
static struct vgpus v;

static int setup(void **state)
{
	(void)state;
	tree_make(&tree);
	assert_int_equal(host_open(&host, tree.path, NULL), 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	vgpus_free(&v);
	host_close(&host);
	tree_remove(&tree);
	return 0;
}

static const char *at(const char *device, const char *attr)
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
		tree_link(&tree, at(device, "driver"), target);
}

static void function(const char *bdf, const char *id, const char *class, const char *by)
{
	char text[32], path[128], target[128];

	snprintf(text, sizeof(text), "0x%.4s\n", id);
	tree_file(&tree, at(bdf, "vendor"), text);
	snprintf(text, sizeof(text), "0x%s\n", id + 5);
	tree_file(&tree, at(bdf, "device"), text);
	snprintf(text, sizeof(text), "0x%s\n", class);
	tree_file(&tree, at(bdf, "class"), text);
	snprintf(path, sizeof(path), "sys/bus/pci/devices/%s", bdf);
	snprintf(target, sizeof(target), "../../../devices/pci0000:00/%s", bdf);
	tree_link(&tree, path, target);
	driver(bdf, by);
}

/* A card with @n virtual functions from @bdf + 4 on, as NVIDIA's have them */
static void card_with_vfs(const char *bdf, const char *id, const char *by,
			  const char *vf_by, unsigned int total, unsigned int n)
{
	char vf[16], name[16], target[64];

	function(bdf, id, "030200", by);
	snprintf(name, sizeof(name), "%u\n", total);
	tree_file(&tree, at(bdf, "sriov_totalvfs"), name);
	for (unsigned int i = 0; i < n; i++) {
		snprintf(vf, sizeof(vf), "%.8s%02x.%x", bdf, (i + 4) / 8, (i + 4) % 8);
		function(vf, id, "030200", vf_by);
		snprintf(name, sizeof(name), "virtfn%u", i);
		snprintf(target, sizeof(target), "../%s", vf);
		tree_link(&tree, at(bdf, name), target);
		snprintf(target, sizeof(target), "../%s", bdf);
		tree_link(&tree, at(vf, "physfn"), target);
	}
}

/* NULL: no such file */
static void type(const char *device, const char *id, const char *name,
		 const char *description, const char *available)
{
	char attr[128];

	snprintf(attr, sizeof(attr), "mdev_supported_types/%s", id);
	tree_dir(&tree, at(device, attr));
	snprintf(attr, sizeof(attr), "mdev_supported_types/%s/name", id);
	if (name)
		tree_file(&tree, at(device, attr), name);
	snprintf(attr, sizeof(attr), "mdev_supported_types/%s/description", id);
	if (description)
		tree_file(&tree, at(device, attr), description);
	snprintf(attr, sizeof(attr), "mdev_supported_types/%s/available_instances", id);
	if (available)
		tree_file(&tree, at(device, attr), available);
}

static void mdev(const char *uuid, const char *device, const char *id)
{
	char attr[64], path[64], target[300];

	snprintf(attr, sizeof(attr), "%.36s/mdev_type", uuid);
	snprintf(target, sizeof(target), "../mdev_supported_types/%s", id);
	tree_link(&tree, at(device, attr), target);
	snprintf(path, sizeof(path), "sys/bus/mdev/devices/%.36s", uuid);
	snprintf(target, sizeof(target), "../../../%s", at(device, uuid) + 4);
	tree_link(&tree, path, target);
}

static void vendor(const char *vf, const char *creatable, const char *current)
{
	tree_file(&tree, at(vf, "nvidia/creatable_vgpu_types"), creatable);
	tree_file(&tree, at(vf, "nvidia/current_vgpu_type"), current);
}

static void look(const char *const *types, size_t n)
{
	vgpus_free(&v);
	assert_int_equal(vgpus_read(&host, types, n, &v), 0);
}

static void look_all(void)
{
	look(NULL, 0);
}

static void check_type(const struct vgpu_card *c, size_t i, const char *id,
		       const char *name, unsigned int size, unsigned int max)
{
	assert_true(i < c->n_types);
	assert_string_equal(c->type[i].id, id);
	assert_string_equal(c->type[i].name, name);
	assert_int_equal(c->type[i].size_mib, size);
	assert_int_equal(c->type[i].max, max);
}

static void check_parent(size_t i, const char *name, int index,
			 enum vgpu_framework framework, size_t n_offers)
{
	assert_true(i < v.n_parents);
	assert_string_equal(v.parent[i].name, name);
	assert_int_equal(v.parent[i].index, index);
	assert_int_equal(v.parent[i].framework, framework);
	assert_int_equal(v.parent[i].n_offers, n_offers);
}

static void check_offer(size_t parent, size_t i, size_t of, unsigned int n)
{
	assert_true(i < v.parent[parent].n_offers);
	assert_int_equal(v.parent[parent].offer[i].type, of);
	assert_int_equal(v.parent[parent].offer[i].n, n);
}

static void nothing(void **state)
{
	(void)state;
	look_all();
	assert_int_equal(v.n_cards + v.n_parents + v.n_mdevs, 0);
	assert_null(vgpus_card(&v, "0000:01:00.0"));
	assert_null(vgpus_parent(&v, "0000:01:00.0"));
	assert_null(vgpus_mdev(&v, UUID_A));
	function("0000:00:00.0", "8086:4c43", "060000", "");
	function("0000:00:1f.3", "8086:43c8", "040300", "snd_hda_intel");
	look_all();
	assert_int_equal(v.n_cards, 0);
}

#define P40 "0000:3b:00.0"

/* NVIDIA up to Turing: types on the card itself */
static void mdev_on_the_card(void **state)
{
	const struct vgpu_card *c;

	(void)state;
	function(P40, "10de:1b38", "030200", "nvidia");
	type(P40, "nvidia-46", "GRID P40-1Q\n",
	     "num_heads=4, frl_config=60, framebuffer=1024M, max_resolution=5120x2880, max_instance=24\n",
	     "0\n");
	type(P40, "nvidia-105", "GRID P40-2B\n",
	     "num_heads=4, frl_config=45, framebuffer=2048M, max_resolution=5120x2880, max_instance=12\n",
	     "11\n");
	type(P40, "nvidia-44", "GRID P40-0B\n", NULL, "0\n");
	mdev(UUID_B, P40, "nvidia-105");
	mdev(UUID_A, P40, "nvidia-105");
	look_all();
	assert_int_equal(v.n_cards, 1);
	c = vgpus_card(&v, P40);
	assert_ptr_equal(c, &v.card[0]);
	assert_true(c->pci && bdf_equal(&c->bdf, &(struct bdf){ 0, 0x3b, 0, 0 }));
	assert_int_equal(c->id.vendor, 0x10de);
	assert_int_equal(c->id.device, 0x1b38);
	assert_string_equal(c->driver, "nvidia");
	assert_int_equal(c->total_vfs + c->n_vfs, 0);
	assert_int_equal(c->n_types, 3);
	check_type(c, 0, "nvidia-44", "GRID P40-0B", 512, 0);
	check_type(c, 1, "nvidia-46", "GRID P40-1Q", 1024, 24);
	check_type(c, 2, "nvidia-105", "GRID P40-2B", 2048, 12);
	assert_int_equal(v.n_parents, 1);
	check_parent(0, P40, -1, VGPU_MDEV, 3);
	assert_string_equal(v.parent[0].driver, "nvidia");
	check_offer(0, 0, 0, 0);
	check_offer(0, 2, 2, 11);
	assert_int_equal(v.n_mdevs, 2);
	assert_string_equal(v.mdev[0].uuid, UUID_A);
	assert_ptr_equal(vgpus_mdev(&v, UUID_B), &v.mdev[1]);
	assert_int_equal(v.mdev[1].parent, 0);
	assert_int_equal(v.mdev[1].type, 2);
}

/* Its driver is not there yet: it is a card all the same, so that it can be waited for */
static void without_driver(void **state)
{
	(void)state;
	function(P40, "10de:1b38", "030200", "");
	function("0000:3c:00.0", "1da3:1020", "120000", "habanalabs");
	look_all();
	assert_int_equal(v.n_cards, 2);
	assert_string_equal(v.card[0].driver, "");
	assert_int_equal(v.n_parents, 0);
}

#define A40 "0000:e8:00.0"

/* NVIDIA since Ampere: types on each virtual function, one mediated device each */
static void check_a40(const char *spelling)
{
	char id[32];

	card_with_vfs(A40, "10de:2235", "nvidia", "nvidia", 32, 12);
	for (unsigned int i = 0; i < 12; i++) {
		char vf[16];

		snprintf(vf, sizeof(vf), "0000:e8:%02x.%x", (i + 4) / 8, (i + 4) % 8);
		snprintf(id, sizeof(id), "%s575", spelling);
		type(vf, id, "NVIDIA A40-24A\n", "framebuffer=24576M, max_instance=2\n",
		     i == 2 ? "0\n" : "1\n");
		snprintf(id, sizeof(id), "%s558", spelling);
		type(vf, id, "NVIDIA A40-2Q\n", "framebuffer=2048M, max_instance=24\n",
		     "0\n");
	}
	snprintf(id, sizeof(id), "%s575", spelling);
	mdev(UUID_A, "0000:e8:00.6", id);
	look_all();
	assert_int_equal(v.n_cards, 1);
	assert_int_equal(v.card[0].total_vfs, 32);
	assert_int_equal(v.card[0].n_vfs, 12);
	assert_int_equal(v.card[0].n_types, 2);
	check_type(&v.card[0], 1, id, "NVIDIA A40-24A", 24576, 2);
	assert_int_equal(v.n_parents, 12);
	check_parent(0, "0000:e8:00.4", 0, VGPU_MDEV, 2);
	check_parent(2, "0000:e8:00.6", 2, VGPU_MDEV, 2);
	check_parent(9, "0000:e8:01.5", 9, VGPU_MDEV, 2);
	check_parent(11, "0000:e8:01.7", 11, VGPU_MDEV, 2);
	assert_ptr_equal(vgpus_parent(&v, "0000:e8:01.7"), &v.parent[11]);
	check_offer(0, 0, 0, 0);
	check_offer(0, 1, 1, 1);
	check_offer(2, 1, 1, 0);
	assert_int_equal(v.n_mdevs, 1);
	assert_int_equal(v.mdev[0].parent, 2);
	assert_int_equal(v.mdev[0].type, 1);
}

static void mdev_on_functions(void **state)
{
	(void)state;
	check_a40("nvidia-");
}

static void mdev_on_functions_other_spelling(void **state)
{
	(void)state;
	check_a40("vfio-pci-");
}

static void only_asked(void **state)
{
	static const char *const asked[] = { "A40-24A", "NVIDIA A40-24A", "A40-24A" };

	mdev_on_functions(state);
	look(asked, ARRAY_LEN(asked));
	assert_int_equal(v.card[0].n_types, 2);
	check_parent(0, "0000:e8:00.4", 0, VGPU_MDEV, 1);
	check_offer(0, 0, 1, 1);
	look(asked, 0);
	assert_int_equal(v.card[0].n_types, 2);
	check_parent(0, "0000:e8:00.4", 0, VGPU_MDEV, 0);
	assert_int_equal(v.n_mdevs, 1);
}

/* Names are asked for once: the second card of the model has none to read here */
static void names_once(void **state)
{
	(void)state;
	card_with_vfs(A40, "10de:2235", "nvidia", "nvidia", 32, 2);
	type("0000:e8:00.4", "nvidia-558", "NVIDIA A40-2Q\n", "framebuffer=2048M\n",
	     "1\n");
	type("0000:e8:00.5", "nvidia-558", NULL, NULL, "1\n");
	card_with_vfs("0000:e9:00.0", "10de:2235", "nvidia", "nvidia", 32, 1);
	type("0000:e9:00.4", "nvidia-558", NULL, NULL, "1\n");
	card_with_vfs("0000:ea:00.0", "10de:2236", "nvidia", "nvidia", 32, 1);
	type("0000:ea:00.4", "nvidia-558", NULL, NULL, "1\n");
	card_with_vfs("0000:eb:00.0", "10de:2235", "nouveau", "nouveau", 32, 1);
	type("0000:eb:00.4", "nvidia-558", NULL, NULL, "1\n");
	look_all();
	assert_int_equal(v.n_cards, 4);
	check_type(&v.card[0], 0, "nvidia-558", "NVIDIA A40-2Q", 2048, 0);
	check_type(&v.card[1], 0, "nvidia-558", "NVIDIA A40-2Q", 2048, 0);
	check_type(&v.card[2], 0, "nvidia-558", "", 0, 0);
	check_type(&v.card[3], 0, "nvidia-558", "", 0, 0);
	assert_int_equal(v.n_parents, 5);
	assert_int_equal(v.parent[2].card, 1);
	check_offer(1, 0, 0, 1);
}

#define L40S "0000:d8:00.0"

static void vendor_types(void **state)
{
	(void)state;
	card_with_vfs(L40S, "10de:26b9", "nvidia", "nvidia", 32, 4);
	card_with_vfs("0000:18:00.0", "10de:26b9", "nvidia", "nvidia", 32, 1);
	vendor("0000:18:00.4", "ID    : vGPU Name\n", "1155\n");
	vendor("0000:d8:00.4", "ID    : vGPU Name\n", "1155\n");
	vendor("0000:d8:00.5",
	       "ID    : vGPU Name\n1153  : NVIDIA L40S-1B\n1155  : NVIDIA L40S-24Q\n",
	       "0\n");
	vendor("0000:d8:00.6", "1155 : NVIDIA L40S-24Q", "0");
	vendor("0000:d8:00.7", "", "1178\n");
	look_all();
	assert_int_equal(v.n_cards, 2);
	assert_int_equal(v.card[0].n_types, 1);
	/* full: its driver lists nothing, and the other card knows the name */
	check_type(&v.card[0], 0, "1155", "NVIDIA L40S-24Q", 24576, 0);
	assert_int_equal(v.card[1].n_types, 3);
	check_type(&v.card[1], 0, "1155", "NVIDIA L40S-24Q", 24576, 0);
	check_type(&v.card[1], 1, "1153", "NVIDIA L40S-1B", 1024, 0);
	check_type(&v.card[1], 2, "1178", "", 0, 0);
	assert_int_equal(v.n_parents, 5);
	check_parent(0, "0000:18:00.4", 0, VGPU_VENDOR, 0);
	assert_string_equal(v.parent[0].current, "1155");
	check_parent(1, "0000:d8:00.4", 0, VGPU_VENDOR, 0);
	check_parent(2, "0000:d8:00.5", 1, VGPU_VENDOR, 2);
	assert_string_equal(v.parent[2].current, "");
	check_offer(2, 0, 1, 1);
	check_offer(2, 1, 0, 1);
	check_parent(3, "0000:d8:00.6", 2, VGPU_VENDOR, 1);
	assert_string_equal(v.parent[4].current, "1178");
}

/* What the driver may print one day is no type, and no crash */
static void vendor_nonsense(void **state)
{
	char line[4096];

	(void)state;
	card_with_vfs(L40S, "10de:26b9", "nvidia", "nvidia", 32, 3);
	vendor("0000:d8:00.4",
	       "no colon\n: no id\n12x : A\n-1 : B\n99999999999 : C\n::\n7:D-8Q\r\n",
	       "x\n");
	memset(line, 'n', sizeof(line));
	memcpy(line, "5 : ", 4);
	line[200] = '\n';
	memcpy(line + 201, "6 : E\n", 7);
	vendor("0000:d8:00.5", line, "\n");
	tree_file(&tree, at("0000:d8:00.6", "nvidia/current_vgpu_type"), "0\n");
	look_all();
	assert_int_equal(v.n_parents, 3);
	check_parent(0, "0000:d8:00.4", 0, VGPU_VENDOR, 1);
	check_parent(1, "0000:d8:00.5", 1, VGPU_VENDOR, 1);
	check_parent(2, "0000:d8:00.6", 2, VGPU_VENDOR, 0);
	check_type(&v.card[0], 0, "7", "D-8Q", 8192, 0);
	assert_string_equal(v.parent[0].current, "x");
	assert_string_equal(v.parent[1].current, "");
}

/* Without its types one of NVIDIA's is nothing yet, one of Intel's is a vGPU. */
static void plain_functions(void **state)
{
	(void)state;
	card_with_vfs("0000:03:00.0", "8086:e223", "xe", "", 12, 2);
	card_with_vfs(A40, "10de:2235", "nvidia", "nvidia", 32, 1);
	card_with_vfs("0000:c1:00.0", "1002:74a1", "gim", "vfio-pci", 8, 0);
	look_all();
	assert_int_equal(v.n_cards, 3);
	assert_int_equal(v.card[0].total_vfs, 12);
	assert_int_equal(v.card[1].total_vfs, 8);
	assert_int_equal(v.card[1].n_vfs, 0);
	assert_int_equal(v.n_parents, 3);
	check_parent(0, "0000:03:00.4", 0, VGPU_VF, 0);
	assert_string_equal(v.parent[0].driver, "");
	check_parent(1, "0000:03:00.5", 1, VGPU_VF, 0);
	check_parent(2, "0000:e8:00.4", 0, VGPU_NONE, 0);
}

static void intel_gvt(void **state)
{
	(void)state;
	function("0000:00:02.0", "8086:5917", "030000", "i915");
	type("0000:00:02.0", "i915-GVTg_V5_4", "GVTg_V5_4\n",
	     "low_gm_size: 128MB\nhigh_gm_size: 512MB\nfence: 4\nresolution: 1920x1200\nweight: 4\n",
	     "1\n");
	type("0000:00:02.0", "i915-GVTg_V5_8", NULL, "low_gm_size: 64MB\n", "2\n");
	look_all();
	assert_int_equal(v.n_cards, 1);
	check_type(&v.card[0], 0, "i915-GVTg_V5_4", "GVTg_V5_4", 0, 0);
	check_type(&v.card[0], 1, "i915-GVTg_V5_8", "", 0, 0);
	check_parent(0, "0000:00:02.0", -1, VGPU_MDEV, 2);
	check_offer(0, 1, 1, 2);
}

/* The kernel's samples are no PCI functions; the class has PCI functions too. */
static void not_pci(void **state)
{
	(void)state;
	function(P40, "10de:1b38", "030200", "nvidia");
	type(P40, "nvidia-46", "GRID P40-1Q\n", NULL, "24\n");
	type("mtty", "mtty-2", "Dual port serial\n", NULL, "12\n");
	type("mbochs", "mbochs-small", "mbochs-small\n",
	     "virtual display, 4 MB video memory\n", "16\n");
	type("mbochs", "mbochs-large", "mbochs-large\n",
	     "virtual display, 64 MB video memory\n", "1\n");
	tree_link(&tree, "sys/class/mdev_bus/" P40, "../../devices/pci0000:00/" P40);
	tree_link(&tree, "sys/class/mdev_bus/mtty", "../../devices/virtual/mdev/mtty");
	tree_link(&tree, "sys/class/mdev_bus/mbochs",
		  "../../devices/virtual/mdev/mbochs");
	mdev(UUID_A, "mbochs", "mbochs-small");
	look_all();
	assert_int_equal(v.n_cards, 3);
	assert_string_equal(v.card[0].name, P40);
	assert_string_equal(v.card[1].name, "mbochs");
	assert_string_equal(v.card[2].name, "mtty");
	assert_false(v.card[1].pci);
	assert_string_equal(v.card[1].driver, "");
	check_type(&v.card[1], 1, "mbochs-small", "mbochs-small", 0, 0);
	assert_int_equal(v.n_parents, 3);
	check_parent(1, "mbochs", -1, VGPU_MDEV, 2);
	check_offer(1, 1, 1, 16);
	assert_int_equal(v.n_mdevs, 1);
	assert_int_equal(v.mdev[0].parent, 1);
	assert_int_equal(v.mdev[0].type, 1);
}

/* Links to what has gone away meanwhile, and names that are none */
static void gone(void **state)
{
	char *uuid = "sys/bus/mdev/devices/" UUID_B;

	(void)state;
	card_with_vfs(A40, "10de:2235", "nvidia", "nvidia", 32, 2);
	tree_link(&tree, at(A40, "virtfn2"), "../0000:e8:00.6");
	tree_link(&tree, at(A40, "virtfnx"), "../0000:e8:00.7");
	tree_link(&tree, "sys/bus/pci/devices/0000:e9:00.0",
		  "../../../devices/pci0000:00/x");
	type("0000:e8:00.4", "nvidia-558", "NVIDIA A40-2Q\n", NULL, "x\n");
	mdev(UUID_A, "0000:e8:00.4", "nvidia-600");
	tree_link(&tree, uuid, "../../../devices/pci0000:00/0000:e9:00.4/" UUID_B);
	mdev("other", "0000:e8:00.4", "nvidia-558");
	tree_dir(&tree, "sys/class/mdev_bus/a-name-that-no-device-of-sysfs-has-ever-had");
	look_all();
	assert_int_equal(v.n_cards, 1);
	assert_int_equal(v.n_parents, 2);
	check_offer(0, 0, 0, 0);
	assert_int_equal(v.n_mdevs, 1);
	check_type(&v.card[0], v.mdev[0].type, "nvidia-600", "", 0, 0);
	tree_link(&tree, uuid, UUID_B);
	look_all();
	assert_int_equal(v.n_mdevs, 1);
}

static void unpack(const char *name)
{
	char file[64], why[MACHINE_WHY_LEN] = "";
	struct machine m;

	snprintf(file, sizeof(file), "tests/data/%s.machine", name);
	assert_int_equal(machine_read(file, &m, why), 0);
	assert_int_equal(machine_unpack(&m, tree.fd, why), 0);
	assert_string_equal(why, "");
	machine_free(&m);
	look_all();
	assert_int_equal(v.n_cards, 2);
	assert_int_equal(v.card[1].n_vfs, 32);
	assert_int_equal(v.n_parents, 64);
	assert_string_equal(v.parent[31].name, "0000:31:04.3");
	assert_int_equal(v.parent[31].index, 31);
	assert_string_equal(v.parent[32].driver, "nvidia");
}

/* The recorded machines that placement is tested on */
static void machine_with_mdevs(void **state)
{
	(void)state;
	unpack("a40-mdev");
	check_type(&v.card[0], 5, "nvidia-575", "NVIDIA A40-24A", 24576, 2);
	check_parent(63, "0000:b1:04.3", 31, VGPU_MDEV, 6);
	check_offer(63, 0, 0, 1);
}

static void machine_with_vendor_types(void **state)
{
	(void)state;
	unpack("l40s-vendor");
	check_type(&v.card[1], 4, "1155", "NVIDIA L40S-24Q", 24576, 0);
	check_parent(63, "0000:b1:04.3", 31, VGPU_VENDOR, 7);
	assert_string_equal(v.parent[63].current, "");
}

static void which_type(void **state)
{
	static const struct {
		const char *id, *name, *asked;
		bool fits;
	} rows[] = {
		{ "nvidia-558", "NVIDIA A40-24A", "NVIDIA A40-24A", true },
		{ "nvidia-558", "NVIDIA A40-24A", "A40-24A", true },
		{ "nvidia-558", "NVIDIA A40-24A", "GRID A40-24A", true },
		{ "nvidia-558", "NVIDIA A40-24A", "nvidia a40-24a", true },
		{ "nvidia-558", "NVIDIA A40-24A", "A40-24", false },
		{ "nvidia-558", "NVIDIA A40-24A", "A40-24AA", false },
		{ "nvidia-558", "NVIDIA A40-24A", "NVIDIA", false },
		{ "nvidia-558", "NVIDIA A40-24A", "NVIDIA ", false },
		{ "nvidia-558", "NVIDIA A40-24A", "NVIDIA  A40-24A", false },
		{ "nvidia-558", "NVIDIA A40-24A", "", false },
		{ "nvidia-558", "NVIDIA A40-24A", "nvidia-558", true },
		{ "nvidia-558", "NVIDIA A40-24A", "558", true },
		{ "nvidia-558", "NVIDIA A40-24A", "vfio-pci-558", true },
		{ "nvidia-558", "NVIDIA A40-24A", "58", false },
		{ "nvidia-558", "NVIDIA A40-24A", "5580", false },
		{ "nvidia-558", "NVIDIA A40-24A", "nvidia-", false },
		{ "vfio-pci-575", "A40-24A", "NVIDIA A40-24A", true },
		{ "vfio-pci-575", "A40-24A", "nvidia-575", true },
		{ "1155", "NVIDIA L40S-24Q", "1155", true },
		{ "1155", "NVIDIA L40S-24Q", "nvidia-1155", true },
		{ "1155", "", "", false },
		{ "1155", "", "NVIDIA ", false },
		{ "i915-GVTg_V5_4", "GVTg_V5_4", "i915-GVTg_V5_4", true },
		{ "i915-GVTg_V5_4", "GVTg_V5_4", "GVTg_V5_4", true },
		{ "i915-GVTg_V5_4", "", "4", false },
		{ "mtty-2", "Dual port serial", "2", false },
		{ "mtty-2", "Dual port serial", "Dual port serial", true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct vgpu_type t = { .max = 0 };

		strcpy(t.id, rows[i].id);
		strcpy(t.name, rows[i].name);
		if (vgpu_type_fits(&t, rows[i].asked) != rows[i].fits)
			fail_msg("'%s' asked of %s '%s'", rows[i].asked, t.id, t.name);
	}
}

static void sizes(void **state)
{
	static const struct {
		const char *name, *description;
		unsigned int size;
	} rows[] = {
		{ "NVIDIA A40-24Q", NULL, 24576 },
		{ "GRID P40-2B4", NULL, 2048 },
		{ "GRID M60-0B", NULL, 512 },
		{ "NVIDIA A100-1-5C", NULL, 5120 },
		{ "NVIDIA A100-1-5CME", NULL, 5120 },
		{ "NVIDIA A100-1-5C", "framebuffer=4864M", 4864 },
		{ "NVIDIA RTX6000-Ada-48A", NULL, 49152 },
		{ "NVIDIA RTX Pro 6000 Blackwell DC-4-24Q", NULL, 24576 },
		{ "NVIDIA A40", NULL, 0 },
		{ "NVIDIA A40-", NULL, 0 },
		{ "NVIDIA A40-24", NULL, 0 },
		{ "NVIDIA A40-24X", NULL, 0 },
		{ "NVIDIA A40-Q", NULL, 0 },
		{ "NVIDIA A40-99999999999999999999Q", NULL, 0 },
		{ "", "num_heads=4, framebuffer=2048M", 2048 },
		{ "", "framebuffer=", 0 },
		{ "", "framebuffer=99999999999999999999M", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char bdf[32], id[32];

		/* each another model: names are read once for a model */
		snprintf(bdf, sizeof(bdf), "0000:%02zx:00.0", i + 1);
		snprintf(id, sizeof(id), "10de:%04zx", i);
		function(bdf, id, "030200", "nvidia");
		type(bdf, "nvidia-1", rows[i].name, rows[i].description, "1\n");
	}
	function("0000:f0:00.0", "1234:1111", "030000", "other");
	type("0000:f0:00.0", "other-1", "Thing-4Q\n", NULL, "1\n");
	look_all();
	assert_int_equal(v.n_cards, ARRAY_LEN(rows) + 1);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(v.card[i].type[0].size_mib, rows[i].size);
	assert_int_equal(v.card[ARRAY_LEN(rows)].type[0].size_mib, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing),
		TEST(mdev_on_the_card),
		TEST(without_driver),
		TEST(mdev_on_functions),
		TEST(mdev_on_functions_other_spelling),
		TEST(only_asked),
		TEST(names_once),
		TEST(vendor_types),
		TEST(vendor_nonsense),
		TEST(plain_functions),
		TEST(intel_gvt),
		TEST(not_pci),
		TEST(gone),
		TEST(machine_with_mdevs),
		TEST(machine_with_vendor_types),
		TEST(which_type),
		TEST(sizes),
	};

	return cmocka_run_group_tests_name("vgpu", tests, NULL, NULL);
}

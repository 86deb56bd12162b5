// SPDX-License-Identifier: GPL-2.0-or-later
/* test-guest.c - what is read out of domain XML as libvirt prints it */

/*
 * Real: guest*.c, expat, and tests/data/xml, see guest-xml.h. Nothing is faked. Run from the
 * top folder. What is refused is in test-guest-refused.c.
 */

#include "guest-xml.h"

#include <errno.h>

static void parse_file(const char *name, struct guest *g)
{
	char sentence[WHY_LEN] = "", *xml;
	size_t len;

	xml = guest_xml_load(name, &len);
	assert_int_equal(guest_parse(xml, len, g, sentence), 0);
	assert_string_equal(sentence, "");
	free(xml);
}

static void check_hostdev(const struct guest_hostdev *h, const char *bdf, bool managed,
			  bool interface, const char *driver, const char *model)
{
	char form[BDF_LEN];

	bdf_format(&h->bdf, form);
	assert_string_equal(form, bdf);
	assert_int_equal(h->managed, managed);
	assert_int_equal(h->interface, interface);
	assert_string_equal(h->driver, driver);
	assert_string_equal(h->model, model);
}

static void check_nic(const struct guest_nic *nic, const char *type, const char *mac,
		      const char *network, const char *bridge)
{
	assert_string_equal(nic->type, type);
	assert_string_equal(nic->mac, mac);
	assert_string_equal(nic->network, network);
	assert_string_equal(nic->bridge, bridge);
}

static void what_a_hook_gets(void **state)
{
	(void)state;
	for (size_t i = 0; i < 4; i++) {
		const char *driver = i ? "vfio" : "";
		struct guest g;

		parse_file(guest_xml_files[i], &g);
		assert_string_equal(g.name, "t1");
		assert_string_equal(g.uuid, "11111111-2222-3333-4444-555555555501");
		assert_string_equal(g.machine, "pc-q35-7.2");
		assert_int_equal(g.vcpus, 1);
		assert_int_equal(g.memory_kib, 65536);
		assert_int_equal(g.n_hostdevs, 2);
		check_hostdev(&g.hostdevs[0], "0000:02:00.0", false, false, driver, "");
		check_hostdev(&g.hostdevs[1], "0000:02:00.1", false, false, driver, "");
		assert_int_equal(g.n_mdevs + g.n_nics + g.n_pins + g.n_filesystems, 0);
		assert_false(g.hugepages || g.shared_memory);
		guest_free(&g);
		assert_null(g.hostdevs);
	}
}

static void workstation(void **state)
{
	struct guest g;

	(void)state;
	parse_file("workstation", &g);
	assert_string_equal(g.name, "win11 spiel-Rechner ü");
	assert_string_equal(g.uuid, "2f82ee72-3ac5-4615-9c0b-327c12e8c83d");
	assert_int_equal(g.vcpus, 16);
	assert_int_equal(g.memory_kib, 33554432);
	assert_int_equal(g.n_hostdevs, 2);
	check_hostdev(&g.hostdevs[0], "0000:01:00.0", true, false, "vfio", "");
	check_hostdev(&g.hostdevs[1], "0000:01:00.1", true, false, "vfio", "");
	assert_int_equal(g.n_nics, 1);
	check_nic(&g.nics[0], "network", "52:54:00:6b:3c:58", "default", "virbr0");
	assert_int_equal(g.n_pins, 2);
	assert_int_equal(g.pins[1].vcpu, 1);
	assert_string_equal(g.pins[1].cpuset, "10,^3");
	assert_int_equal(g.n_filesystems, 1);
	assert_string_equal(g.filesystems[0].driver, "virtiofs");
	assert_string_equal(g.filesystems[0].source, "/srv/games and \"mods\" & more");
	assert_string_equal(g.filesystems[0].target, "games");
	assert_string_equal(g.numatune_mode, "strict");
	assert_string_equal(g.numatune_nodeset, "0");
	assert_true(g.hugepages);
	assert_int_equal(g.hugepage_kib, 1048576);
	assert_string_equal(g.memory_source, "memfd");
	assert_true(g.shared_memory);
	guest_free(&g);
}

static void server(void **state)
{
	struct guest g;

	(void)state;
	parse_file("server", &g);
	assert_int_equal(g.n_hostdevs, 2);
	check_hostdev(&g.hostdevs[0], "10000:e8:1f.7", false, false, "", "nvidia");
	check_hostdev(&g.hostdevs[1], "0000:41:02.3", true, true, "vfio",
		      "mlx5_vfio_pci");
	assert_int_equal(g.n_mdevs, 1);
	assert_string_equal(g.mdevs[0].uuid, "2f82ee72-3ac5-4615-9c0b-327c12e8c83d");
	assert_string_equal(g.mdevs[0].model, "vfio-pci");
	assert_int_equal(g.n_nics, 2);
	check_nic(&g.nics[0], "hostdev", "52:54:00:6d:90:02", "", "");
	check_nic(&g.nics[1], "bridge", "52:54:00:6d:90:03", "", "br-tenant");
	assert_true(g.hugepages);
	assert_int_equal(g.hugepage_kib, 0);
	guest_free(&g);
}

static bool says(const char *xml, size_t field)
{
	char sentence[WHY_LEN] = "";
	struct guest g;
	bool ret;

	assert_int_equal(guest_parse(xml, strlen(xml), &g, sentence), 0);
	ret = *(const bool *)((const char *)&g + field);
	guest_free(&g);
	return ret;
}

/* clang-format off */
#define FIELD(name)	offsetof(struct guest, name)
#define HIDDEN(state)	DOMAIN("<features><kvm><hidden state='" state "'/></kvm></features>")
#define CELL(access)	DOMAIN("<cpu><numa><cell id='0' memAccess='" access "'/></numa></cpu>")
#define ARG(v)		"<qemu:arg value='" v "'/>"
#define ARGS(a, b)	DOMAIN("<qemu:commandline>" ARG(a) ARG(b) "</qemu:commandline>")
#define PROPERTY(n, v)	DOMAIN("<qemu:override><qemu:device alias='hostdev0'><qemu:frontend>" \
			       "<qemu:property name='" n "' type='bool' value='" v "'/>" \
			       "</qemu:frontend></qemu:device></qemu:override>")

/* what a person looks for when a card does not work in a VM */
static void for_the_doctor(void **state)
{
	static const struct {
		const char *xml;
		size_t field;
		bool expected;
	} cases[] = {
		{ HIDDEN("on"), FIELD(kvm_hidden), true },
		{ HIDDEN("off"), FIELD(kvm_hidden), false },
		{ DOMAIN("<features><hidden state='on'/></features>"), FIELD(kvm_hidden), false },
		{ CELL("shared"), FIELD(shared_memory), true },
		{ CELL("private"), FIELD(shared_memory), false },
		{ ARGS("-set", "device.hostdev0.x-vga=on"), FIELD(x_vga), true },
		{ ARGS("-device", "vfio-pci,host=01:00.0,x-vga=true"), FIELD(x_vga), true },
		{ ARGS("-set", "device.hostdev0.x-vga=off"), FIELD(x_vga), false },
		{ PROPERTY("x-vga", "true"), FIELD(x_vga), true },
		{ PROPERTY("x-vga", "false"), FIELD(x_vga), false },
		{ PROPERTY("x-no-mmap", "true"), FIELD(x_vga), false },
		{ ARGS("-uuid", "11111111-2222-3333-4444-555555555502"), FIELD(other_uuid), true },
		{ ARGS("-smbios", "type=1,serial=1,uuid=1"), FIELD(other_uuid), true },
		{ ARGS("-smbios", "type=1,serial=1"), FIELD(other_uuid), false },
		{ ARGS("-device", "nvme,uuid=1"), FIELD(other_uuid), false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		if (says(cases[i].xml, cases[i].field) != cases[i].expected)
			fail_msg("%s", cases[i].xml);
}
/* clang-format on */

static void wrong_places_do_not_count(void **state)
{
	struct guest g;

	(void)state;
	parse_file("traps", &g);
	assert_string_equal(g.name, "trapped");
	assert_string_equal(g.uuid, "11111111-2222-3333-4444-555555555599");
	assert_int_equal(g.vcpus, 0);
	assert_int_equal(g.memory_kib, 2 << 20);
	assert_int_equal(g.n_hostdevs, 1);
	check_hostdev(&g.hostdevs[0], "0000:07:00.0", false, false, "", "");
	assert_int_equal(g.n_mdevs, 0);
	guest_free(&g);
}

static void addresses(void **state)
{
	static const char *const rows[][2] = {
		{ "domain='0x0000' bus='0x41' slot='0x1f' function='0x7'",
		  "0000:41:1f.7" },
		{ "domain='0' bus='65' slot='31' function='7'", "0000:41:1f.7" },
		{ "domain='00' bus='010' slot='017' function='07'", "0000:08:0f.7" },
		{ "bus='0X0A'", "0000:0a:00.0" },
		{ "domain='0x10000' bus='255' slot='0' function='0'", "10000:ff:00.0" },
		{ "domain='16777215'", "ffffff:00:00.0" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char sentence[WHY_LEN] = "", xml[512];
		struct guest g;

		snprintf(xml, sizeof(xml), DEVICES(PCI("%s")), rows[i][0]);
		assert_int_equal(guest_parse(xml, strlen(xml), &g, sentence), 0);
		assert_int_equal(g.n_hostdevs, 1);
		check_hostdev(&g.hostdevs[0], rows[i][1], false, false, "", "");
		guest_free(&g);
	}
}

/* a USB adapter for the network has its address in the same place */
static void interfaces_on_usb(void **state)
{
	static const char xml[] = DEVICES(
		"<interface type='hostdev' managed='yes'><source><address type='usb' bus='1' device='2'/></source></interface>"
		"<interface type='hostdev'><source><address type='pci' bus='0x41'/></source></interface>");
	char sentence[WHY_LEN] = "";
	struct guest g;

	(void)state;
	assert_int_equal(guest_parse(xml, sizeof(xml) - 1, &g, sentence), 0);
	assert_int_equal(g.n_hostdevs, 1);
	check_hostdev(&g.hostdevs[0], "0000:41:00.0", false, true, "", "");
	assert_int_equal(g.n_nics, 2);
	guest_free(&g);
}

#define NVME(managed, slot)								\
	"<source type='pci' managed='" managed "' namespace='1'><address bus='0x05' slot='" slot "'/></source>"

/* libvirt binds the function of a <disk> as it binds that of a <hostdev> */
static void nvme_disks(void **state)
{
	static const char xml[] = DEVICES(
		"<disk type='file'><source file='/a'/><backingStore type='file'><source file='/b'/>"
		"<backingStore type='nvme'>" NVME("yes", "1") "</backingStore></backingStore></disk>"
		"<disk type='nvme'>" NVME("no", "2") "<address type='pci' bus='0x09'/></disk>"
		"<disk type='nvme'>" NVME("no", "1") "</disk>"
		"<disk type='file'><source file='/c'><dataStore type='nvme'>" NVME("no", "3")
		"</dataStore><address bus='0x08'/></source><mirror>" NVME("no", "4") "</mirror></disk>"
		"<disk type='file'><source file='/d'><address bus='0x07'/></source></disk>");
	char bdf[BDF_LEN], sentence[WHY_LEN] = "";
	struct guest g;

	(void)state;
	assert_int_equal(guest_parse(xml, sizeof(xml) - 1, &g, sentence), 0);
	assert_int_equal(g.n_hostdevs, 0);
	assert_int_equal(g.n_disks, 4);
	bdf_format(&g.disks[0].bdf, bdf);
	assert_string_equal(bdf, "0000:05:01.0");
	assert_true(g.disks[0].managed);
	bdf_format(&g.disks[1].bdf, bdf);
	assert_string_equal(bdf, "0000:05:02.0");
	assert_false(g.disks[1].managed);
	bdf_format(&g.disks[2].bdf, bdf);
	assert_string_equal(bdf, "0000:05:03.0");
	guest_free(&g);
}

static void memory_units(void **state)
{
	static const struct {
		const char *xml;
		unsigned long long kib;
	} rows[] = {
		{ "<memory>1</memory>", 1 },
		{ "<memory unit=''>1</memory>", 1 },
		{ "<memory unit='b'>1025</memory>", 2 },
		{ "<memory unit='bytes'>0</memory>", 0 },
		{ "<memory unit='KB'>1000</memory>", 977 },
		{ "<memory unit='k'>7</memory>", 7 },
		{ "<memory unit='M'>1</memory>", 1024 },
		{ "<memory unit='mib'>\n 1\t</memory>", 1024 },
		{ "<memory unit='MB'>1</memory>", 977 },
		{ "<memory unit='TiB'>1</memory>", 1ull << 30 },
		{ "<memory unit='E'>15</memory>", 15ull << 50 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char sentence[WHY_LEN] = "", xml[512];
		struct guest g;

		snprintf(xml, sizeof(xml), DOMAIN("%s"), rows[i].xml);
		assert_int_equal(guest_parse(xml, strlen(xml), &g, sentence), 0);
		assert_int_equal(g.memory_kib, rows[i].kib);
		guest_free(&g);
	}
}

/* The same name and UUID as of the whole, and nothing of what stands behind them */
static void name_only(void **state)
{
	static const char broken[] = "<domain>" NAME UUID "<devices></broken>";
	char sentence[WHY_LEN] = "";
	struct guest whole, g;

	(void)state;
	for (size_t f = 0; f < GUEST_XML_FILES; f++) {
		size_t len;
		char *xml = guest_xml_load(guest_xml_files[f], &len);

		assert_int_equal(guest_parse(xml, len, &whole, sentence), 0);
		assert_int_equal(guest_parse_name(xml, len, &g, sentence), 0);
		assert_string_equal(g.name, whole.name);
		assert_string_equal(g.uuid, whole.uuid);
		assert_int_equal(g.n_hostdevs + g.n_mdevs + g.n_nics + g.n_pins, 0);
		guest_free(&whole);
		guest_free(&g);
		free(xml);
	}
	assert_int_equal(guest_parse(broken, strlen(broken), &g, sentence), -EINVAL);
	assert_int_equal(guest_parse_name(broken, strlen(broken), &g, sentence), 0);
	assert_string_equal(g.name, "v");
	guest_free(&g);
	assert_int_equal(guest_parse_name("<domain>" NAME "</domain>", 31, &g, sentence),
			 -EINVAL);
	assert_string_equal(sentence, "domain XML, line 1: the domain has no <uuid>");
	assert_int_equal(guest_parse_name(broken, 20, &g, sentence), -EINVAL);
}

static void free_takes_anything(void **state)
{
	struct guest g = { .n_hostdevs = 3 };

	(void)state;
	guest_free(NULL);
	guest_free(&g);
	guest_free(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_hook_gets),
		cmocka_unit_test(workstation),
		cmocka_unit_test(server),
		cmocka_unit_test(for_the_doctor),
		cmocka_unit_test(wrong_places_do_not_count),
		cmocka_unit_test(addresses),
		cmocka_unit_test(interfaces_on_usb),
		cmocka_unit_test(nvme_disks),
		cmocka_unit_test(memory_units),
		cmocka_unit_test(name_only),
		cmocka_unit_test(free_takes_anything),
	};

	return cmocka_run_group_tests_name("guest", tests, NULL, NULL);
}

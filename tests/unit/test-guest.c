// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-guest.c - guest*.c: domain XML as libvirt prints it, malformed, hostile, mutated
 *
 * Real: expat, and tests/data/xml/: prepare, started, reconnect and release are what
 * libvirt 9.0 gave to a hook; workstation and server were written by hand in that form;
 * traps has everything at a wrong place. Nothing is faked. Run from the top folder.
 */

#include "unit.h"

#include "file.h"
#include "guest.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define NAME	"<name>v</name>"
#define UUID	"<uuid>11111111-2222-3333-4444-555555555501</uuid>"
#define DOMAIN(body)	"<domain>" NAME UUID body "</domain>"
#define DEVICES(body)	DOMAIN("<devices>" body "</devices>")
#define PCI(address)	"<hostdev type='pci'><source><address " address "/></source></hostdev>"
#define MDEV(uuid)	"<hostdev type='mdev'><source><address uuid='" uuid "'/></source></hostdev>"

static const char *const files[] = {
	"prepare", "started", "reconnect", "release", "workstation", "server", "traps",
};

static char *load(const char *name, size_t *ret_len)
{
	char path[PATH_LEN], *xml = NULL;
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "tests/data/xml/%s.xml", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	len = file_read_all(fd, 1 << 20, &xml);
	assert_true(len > 0);
	close(fd);
	*ret_len = (size_t)len;
	return xml;
}

static void parse_file(const char *name, struct guest *g)
{
	char sentence[WHY_LEN] = "", *xml;
	size_t len;

	xml = load(name, &len);
	assert_int_equal(guest_parse(xml, len, g, sentence), 0);
	assert_string_equal(sentence, "");
	free(xml);
}

/* What is refused says so in one line, and touches nothing. */
static void check_refused(const char *xml, size_t len, int ret, const char *expected)
{
	char sentence[WHY_LEN] = "";
	struct guest g, before;

	memset(&g, 0xa5, sizeof(g));
	memset(&before, 0xa5, sizeof(before));
	assert_int_equal(guest_parse(xml, len, &g, sentence), ret);
	assert_string_equal(sentence, expected);
	unit_check_sentence(sentence);
	assert_memory_equal(&g, &before, sizeof(g));
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

		parse_file(files[i], &g);
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
	check_hostdev(&g.hostdevs[1], "0000:41:02.3", true, true, "vfio", "mlx5_vfio_pci");
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
		{ "domain='0x0000' bus='0x41' slot='0x1f' function='0x7'", "0000:41:1f.7" },
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

#define AT	"domain XML, line 1: "
#define TWICE	" is given to the domain twice; remove one of the two"
#define NO_DTD	"a document type is not taken; remove <!DOCTYPE>"

static void refusals(void **state)
{
	static const struct {
		const char *xml;
		int ret;
		const char *sentence;
	} rows[] = {
		{ "", -EINVAL, AT "no element found" },
		{ "  \n ", -EINVAL, "domain XML, line 2: no element found" },
		{ "hello", -EINVAL, AT "syntax error" },
		{ "<domain>", -EINVAL, AT "no element found" },
		{ "<domain></domian>", -EINVAL, AT "mismatched tag" },
		{ DOMAIN("") "<domain/>", -EINVAL, AT "junk after document element" },
		{ "<domain a='1' a='2'/>", -EINVAL, AT "duplicate attribute" },
		{ "<network>" NAME UUID "</network>", -EINVAL,
		  AT "the first element is <network> and not <domain>" },
		{ "<x:domain>" NAME UUID "</x:domain>", -EINVAL,
		  AT "the first element is <x:domain> and not <domain>" },
		{ "<hookData>" DOMAIN("") "</hookData>", -EINVAL,
		  AT "the first element is <hookData> and not <domain>" },
		{ "<domain/>", -EINVAL, AT "the domain has no <name>" },
		{ "<domain>" UUID "</domain>", -EINVAL, AT "the domain has no <name>" },
		{ "<domain>" NAME "</domain>", -EINVAL, AT "the domain has no <uuid>" },
		{ "<domain><metadata>" NAME UUID "</metadata></domain>", -EINVAL,
		  AT "the domain has no <name>" },
		{ DOMAIN(NAME), -EINVAL, AT "the domain has two names" },
		{ DOMAIN(UUID), -EINVAL, AT "the domain has two UUIDs" },
		{ "<domain><name></name>" UUID "</domain>", -EINVAL,
		  AT "name '' cannot be the name of a file; rename the domain" },
		{ "<domain><name>../../etc/x</name>" UUID "</domain>", -EINVAL,
		  AT "name '../../etc/x' cannot be the name of a file; rename the domain" },
		{ "<domain><name>..</name>" UUID "</domain>", -EINVAL,
		  AT "name '..' cannot be the name of a file; rename the domain" },
		{ "<domain><name>a&#10;did x</name>" UUID "</domain>", -EINVAL,
		  AT "name 'a?did x' cannot be the name of a file; rename the domain" },
		{ "<domain>" NAME "<uuid>x</uuid></domain>", -EINVAL, AT "'x' is not a UUID" },
		{ "<domain>" NAME "<uuid>11111111-2222-3333-4444-5555555555012</uuid></domain>",
		  -EINVAL, AT "'11111111-2222-3333-4444-5555555555012' is not a UUID" },

		{ "<!DOCTYPE domain>" DOMAIN(""), -EINVAL, AT NO_DTD },
		{ "<!DOCTYPE domain SYSTEM '/etc/shadow'>" DOMAIN(""), -EINVAL, AT NO_DTD },
		{ "<!DOCTYPE d [<!ENTITY e SYSTEM 'file:///etc/shadow'>]>" DOMAIN("&e;"),
		  -EINVAL, AT NO_DTD },
		{ "<!DOCTYPE d [<!ENTITY a '0123456789'><!ENTITY b '&a;&a;&a;&a;&a;'>"
		  "<!ENTITY c '&b;&b;&b;&b;&b;'>]>" DOMAIN("&c;"), -EINVAL, AT NO_DTD },
		{ "<!DOCTYPE d [<!ENTITY % p SYSTEM 'x'> %p;]>" DOMAIN(""), -EINVAL, AT NO_DTD },
		{ DOMAIN("&e;"), -EINVAL, AT "undefined entity" },
		{ DOMAIN("<vcpu a='&e;'/>"), -EINVAL, AT "undefined entity" },
		{ DOMAIN("&#0;"), -EINVAL, AT "reference to invalid character number" },
		{ "<?xml version='1.0' encoding='EBCDIC'?>" DOMAIN(""), -EINVAL,
		  AT "unknown encoding" },

		{ DEVICES(PCI("bus='0x100'")), -EINVAL,
		  AT "bus='0x100' of a PCI address is not a number up to 0xff" },
		{ DEVICES(PCI("slot='32'")), -EINVAL,
		  AT "slot='32' of a PCI address is not a number up to 0x1f" },
		{ DEVICES(PCI("function='8'")), -EINVAL,
		  AT "function='8' of a PCI address is not a number up to 0x7" },
		{ DEVICES(PCI("domain='0x1000000'")), -EINVAL,
		  AT "domain='0x1000000' of a PCI address is not a number up to 0xffffff" },
		{ DEVICES(PCI("bus=''")), -EINVAL,
		  AT "bus='' of a PCI address is not a number up to 0xff" },
		{ DEVICES(PCI("bus='-1'")), -EINVAL,
		  AT "bus='-1' of a PCI address is not a number up to 0xff" },
		{ DEVICES(PCI("bus=' 1'")), -EINVAL,
		  AT "bus=' 1' of a PCI address is not a number up to 0xff" },
		{ DEVICES(PCI("bus='1 '")), -EINVAL,
		  AT "bus='1 ' of a PCI address is not a number up to 0xff" },
		{ DEVICES(PCI("bus='0x'")), -EINVAL,
		  AT "bus='0x' of a PCI address is not a number up to 0xff" },
		{ DEVICES(PCI("bus='08'")), -EINVAL,
		  AT "bus='08' of a PCI address is not a number up to 0xff" },
		{ DEVICES(PCI("bus='0a'")), -EINVAL,
		  AT "bus='0a' of a PCI address is not a number up to 0xff" },
		{ DEVICES(PCI("bus='99999999999999999999999'")), -EINVAL,
		  AT "bus='99999999999999999999999' of a PCI address is not a number up to 0xff" },
		{ DEVICES(PCI("bus='1'") PCI("bus='2'") PCI("bus='0x01'")), -EINVAL,
		  AT "0000:01:00.0" TWICE },
		{ DEVICES(PCI("bus='1'") "<interface type='hostdev'><source>"
			  "<address type='pci' bus='1'/></source></interface>"), -EINVAL,
		  AT "0000:01:00.0" TWICE },
		{ DEVICES(MDEV("2f82ee72-3ac5-4615-9c0b-327c12e8c83d")
			  MDEV("2F82EE72-3AC5-4615-9C0B-327C12E8C83D")), -EINVAL,
		  AT "mediated device 2f82ee72-3ac5-4615-9c0b-327c12e8c83d" TWICE },
		{ DEVICES(MDEV("../../../2f82ee72")), -EINVAL,
		  AT "'../../../2f82ee72' is not a UUID" },
		{ DEVICES("<hostdev type='mdev'><source><address/></source></hostdev>"), -EINVAL,
		  AT "'' is not a UUID" },
		{ DEVICES("<hostdev type='pci'/>"), -EINVAL,
		  AT "a host device has no <address> in its <source>" },
		{ DEVICES("<hostdev type='pci'><address type='pci' bus='1'/></hostdev>"), -EINVAL,
		  AT "a host device has no <address> in its <source>" },
		{ DEVICES("<interface type='hostdev'><source network='n'/></interface>"), -EINVAL,
		  AT "a host device has no <address> in its <source>" },
		{ DEVICES("<hostdev type='pci'><source><address bus='1'/><address bus='2'/>"
			  "</source></hostdev>"), -EINVAL,
		  AT "a host device has two addresses in its <source>" },
		{ DEVICES("<interface><mac address='52:54:00:6b:3c'/></interface>"), -EINVAL,
		  AT "'52:54:00:6b:3c' is not a MAC address" },
		{ DEVICES("<interface><mac address='52-54-00-6b-3c-58'/></interface>"), -EINVAL,
		  AT "'52-54-00-6b-3c-58' is not a MAC address" },
		{ DEVICES("<interface><mac/></interface>"), -EINVAL, AT "'' is not a MAC address" },
		{ DEVICES("<interface><source network='a&#10;b'/></interface>"), -EINVAL,
		  AT "attribute 'network' has a control character in it" },

		{ DOMAIN("<vcpu>-1</vcpu>"), -EINVAL, AT "<vcpu> '-1' is not a number" },
		{ DOMAIN("<vcpu>4294967296</vcpu>"), -EINVAL,
		  AT "<vcpu> '4294967296' is not a number" },
		{ DOMAIN("<memory>x</memory>"), -EINVAL,
		  AT "<memory> 'x' is not a number of bytes below 2^64" },
		{ DOMAIN("<memory unit='E'>16</memory>"), -EINVAL,
		  AT "<memory> '16' is not a number of bytes below 2^64" },
		{ DOMAIN("<memory unit='parsec'>1</memory>"), -EINVAL,
		  AT "unit='parsec' is not a unit of memory" },
		{ DOMAIN("<memory unit='kilo'>1</memory>"), -EINVAL,
		  AT "unit='kilo' is not a unit of memory" },
		{ DOMAIN("<memoryBacking><hugepages><page/></hugepages></memoryBacking>"), -EINVAL,
		  AT "page size '' is not a number of bytes below 2^64" },
		{ DOMAIN("<cputune><vcpupin cpuset='1'/></cputune>"), -EINVAL,
		  AT "vcpu='' of a <vcpupin> is not a number" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		size_t len = strlen(rows[i].xml);
		char *xml = malloc(len ? len : 1);

		assert_non_null(xml);
		memcpy(xml, rows[i].xml, len);
		check_refused(xml, len, rows[i].ret, rows[i].sentence);
		free(xml);
	}
}

static void nothing_to_be_read(void **state)
{
	static const char nul[] = "<domain>\n\0</domain>";

	(void)state;
	check_refused(nul, sizeof(nul) - 1, -EINVAL,
		      "domain XML, line 2: not well-formed (invalid token)");
	check_refused("<domain>\xff\xfe</domain>", 19, -EINVAL,
		      AT "not well-formed (invalid token)");
}

/* Elements are written by @format; @max of them are taken, one more is not. */
static void check_bound(const char *head, const char *format, const char *tail,
			unsigned int max, const char *expected)
{
	size_t size = (max + 2) * 128 + 512;
	char sentence[WHY_LEN] = "", *xml = malloc(size);
	struct guest g;
	size_t len;

	assert_non_null(xml);
	for (unsigned int n = max; n <= max + 1; n++) {
		len = (size_t)snprintf(xml, size, "<domain>" NAME UUID "%s", head);
		for (unsigned int i = 0; i < n; i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
			len += (size_t)snprintf(xml + len, size - len, format, i, i % 32);
#pragma GCC diagnostic pop
		}
		len += (size_t)snprintf(xml + len, size - len, "%s</domain>", tail);
		assert_true(len < size);
		if (n > max) {
			check_refused(xml, len, -E2BIG, expected);
			continue;
		}
		assert_int_equal(guest_parse(xml, len, &g, sentence), 0);
		guest_free(&g);
	}
	free(xml);
}

static void bounds_of_lists(void **state)
{
	(void)state;
	check_bound("<devices>",
		    "<hostdev type='pci'><source><address domain='%u' slot='%u'/></source></hostdev>",
		    "</devices>", GUEST_HOSTDEVS_MAX, AT "more than 256 PCI host devices are not taken");
	check_bound("<devices>",
		    "<hostdev type='mdev'><source><address uuid='%08x-3ac5-4615-9c0b-3%011x'/></source></hostdev>",
		    "</devices>", GUEST_MDEVS_MAX, AT "more than 64 mediated devices are not taken");
	check_bound("<devices>", "<interface type='user'><alias name='%u.%u'/></interface>",
		    "</devices>", GUEST_NICS_MAX, AT "more than 64 network interfaces are not taken");
	check_bound("<devices>", "<filesystem><target dir='%u.%u'/></filesystem>", "</devices>",
		    GUEST_FILESYSTEMS_MAX, AT "more than 64 file systems are not taken");
	check_bound("<cputune>", "<vcpupin vcpu='%u' cpuset='%u'/>", "</cputune>", GUEST_PINS_MAX,
		    AT "more than 4096 <vcpupin> are not taken");
}

/* The bound of the depth is met on the way down, whether elements are closed or not. */
static void depth(void **state)
{
	char sentence[WHY_LEN] = "", xml[1024] = "<domain>" NAME UUID;
	size_t max = GUEST_DEPTH_MAX - 1, size = 1 << 20;
	struct guest g;
	char *big;

	(void)state;
	for (size_t i = 0; i < max; i++)
		strcat(xml, "<a>");
	for (size_t i = 0; i < max; i++)
		strcat(xml, "</a>");
	strcat(xml, "</domain>");
	assert_int_equal(guest_parse(xml, strlen(xml), &g, sentence), 0);
	guest_free(&g);

	big = malloc(size);
	assert_non_null(big);
	strcpy(big, "<domain>");
	for (size_t i = 8; i + 4 <= size; i += 3)
		strcpy(big + i, "<a>");
	check_refused(big, strlen(big), -E2BIG,
		      AT "more than 64 levels of elements are not taken");
	free(big);
}

/* @n letters between @head and @tail */
static char *long_xml(const char *head, size_t n, const char *tail)
{
	char *xml = malloc(strlen(head) + n + strlen(tail) + 1);

	assert_non_null(xml);
	strcpy(xml, head);
	memset(xml + strlen(head), 'x', n);
	strcpy(xml + strlen(head) + n, tail);
	return xml;
}

static void bounds_of_texts(void **state)
{
	static const struct {
		const char *head;
		const char *tail;
		size_t max;
		int ret;
		const char *sentence;
	} rows[] = {
		{ "<domain>" UUID "<name>", "</name></domain>", 251, -EINVAL, NULL },
		{ "<domain>" NAME UUID "<os><type machine='", "'/></os></domain>", 63, -E2BIG,
		  AT "attribute 'machine' is longer than 63 bytes" },
		{ "<domain>" NAME UUID "<devices><interface><source network='",
		  "'/></interface></devices></domain>", 255, -E2BIG,
		  AT "attribute 'network' is longer than 255 bytes" },
		{ "<domain>" NAME UUID "<cputune><vcpupin vcpu='1' cpuset='",
		  "'/></cputune></domain>", 1023, -E2BIG,
		  AT "attribute 'cpuset' is longer than 1023 bytes" },
		{ "<domain>" NAME UUID "<devices><filesystem><source dir='",
		  "'/></filesystem></devices></domain>", 4095, -E2BIG,
		  AT "attribute 'dir' is longer than 4095 bytes" },
	};
	char sentence[WHY_LEN] = "", *xml;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct guest g;

		xml = long_xml(rows[i].head, rows[i].max, rows[i].tail);
		assert_int_equal(guest_parse(xml, strlen(xml), &g, sentence), 0);
		guest_free(&g);
		free(xml);
		xml = long_xml(rows[i].head, rows[i].max + 1, rows[i].tail);
		assert_int_equal(guest_parse(xml, strlen(xml), &g, sentence),
				 rows[i].ret);
		if (rows[i].sentence)
			assert_string_equal(sentence, rows[i].sentence);
		free(xml);
	}
	xml = long_xml("<domain>" UUID "<name>", 1 << 20, "</name></domain>");
	check_refused(xml, strlen(xml), -E2BIG, AT "the text of <name> is longer than 255 bytes");
	free(xml);
	xml = long_xml("<", 1 << 20, "/>");
	check_refused(xml, strlen(xml), -EINVAL,
		      AT "the first element is <xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx> and not <domain>");
	free(xml);
}

static void bound_of_the_whole(void **state)
{
	static const char head[] = "<domain>" NAME UUID "<description>";
	static const char tail[] = "</description></domain>";
	size_t fill = GUEST_XML_MAX - (sizeof(head) - 1) - (sizeof(tail) - 1);
	char sentence[WHY_LEN] = "", *xml;
	struct guest g;

	(void)state;
	xml = long_xml(head, fill, tail);
	assert_int_equal(guest_parse(xml, GUEST_XML_MAX, &g, sentence), 0);
	guest_free(&g);
	free(xml);
	xml = long_xml(head, 16 << 20, tail);
	check_refused(xml, 16 << 20, -E2BIG,
		      "domain XML has 16777216 bytes; more than 4194304 are not taken");
	check_refused(xml, GUEST_XML_MAX + 1, -E2BIG,
		      "domain XML has 4194305 bytes; more than 4194304 are not taken");
	check_refused(xml, SIZE_MAX, -E2BIG,
		      "domain XML has 18446744073709551615 bytes; more than 4194304 are not taken");
	free(xml);
}

static void cut_at_every_byte(void **state)
{
	(void)state;
	for (size_t f = 0; f < ARRAY_LEN(files); f++) {
		size_t len;
		char *xml = load(files[f], &len);

		while (len && xml[len - 1] != '>')
			len--;
		for (size_t n = 0; n < len; n++) {
			char sentence[WHY_LEN] = "", *part = malloc(n ? n : 1);
			struct guest g;

			assert_non_null(part);
			memcpy(part, xml, n);
			assert_int_equal(guest_parse(part, n, &g, sentence), -EINVAL);
			unit_check_sentence(sentence);
			free(part);
		}
		free(xml);
	}
}

/* Whatever is in a guest that was taken keeps what guest.h promises. */
static void check_promises(const struct guest *g)
{
	assert_true(text_is_name(g->name));
	assert_true(text_is_uuid(g->uuid));
	assert_true(g->n_hostdevs <= GUEST_HOSTDEVS_MAX && g->n_mdevs <= GUEST_MDEVS_MAX);
	for (size_t i = 0; i < g->n_mdevs; i++)
		assert_true(text_is_uuid(g->mdevs[i].uuid));
	for (size_t i = 0; i < g->n_hostdevs; i++) {
		const struct bdf *b = &g->hostdevs[i].bdf;

		assert_true(b->domain <= 0xffffff && b->slot <= 0x1f && b->function <= 7);
		for (size_t j = 0; j < i; j++)
			assert_false(bdf_equal(b, &g->hostdevs[j].bdf));
	}
}

static void mutations(void **state)
{
	static const char *const pieces[] = {
		"<hostdev mode='subsystem' type='pci'>", "</hostdev>", "<source>", "</source>",
		"<address bus='1'/>", "<devices>", "</devices>", "<!DOCTYPE d [", "<![CDATA[", "]]>",
		"<!--", "-->", "<?x ", "?>", "&lt;", "&#65;", "&#x10ffff;", "&e;", "'", "\"", ">", "<",
		"/>", "</domain>", "<domain>", "\xef\xbb\xbf", "\xc3\xbc", "\xff", "\r\n", "0x",
		"99999999999999999999", "<name>", "</name>", "type='mdev'", "type='hostdev'",
	};
	uint64_t random = 20261121;
	unsigned int taken = 0;

	(void)state;
	for (size_t f = 0; f < ARRAY_LEN(files); f++) {
		size_t len, part_len;
		char *xml = load(files[f], &len), *part;

		for (int round = 0; round < 2000; round++) {
			char sentence[WHY_LEN] = "";
			struct guest g;
			int r;

			part = unit_mutate(&random, xml, len, pieces, ARRAY_LEN(pieces),
					   &part_len);
			r = guest_parse(part, part_len, &g, sentence);
			free(part);
			if (r) {
				unit_check_sentence(sentence);
				continue;
			}
			taken++;
			check_promises(&g);
			guest_free(&g);
		}
		free(xml);
	}
	/* else the mutations are too wild to try anything */
	assert_true(taken > 100);
}

/* The same name and UUID as of the whole, and nothing of what stands behind them */
static void name_only(void **state)
{
	static const char broken[] = "<domain>" NAME UUID "<devices></broken>";
	char sentence[WHY_LEN] = "";
	struct guest whole, g;

	(void)state;
	for (size_t f = 0; f < ARRAY_LEN(files); f++) {
		size_t len;
		char *xml = load(files[f], &len);

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
	assert_int_equal(guest_parse_name("<domain>" NAME "</domain>", 31, &g, sentence), -EINVAL);
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
		cmocka_unit_test(memory_units),
		cmocka_unit_test(refusals),
		cmocka_unit_test(nothing_to_be_read),
		cmocka_unit_test(bounds_of_lists),
		cmocka_unit_test(depth),
		cmocka_unit_test(bounds_of_texts),
		cmocka_unit_test(bound_of_the_whole),
		cmocka_unit_test(cut_at_every_byte),
		cmocka_unit_test(mutations),
		cmocka_unit_test(name_only),
		cmocka_unit_test(free_takes_anything),
	};

	return cmocka_run_group_tests_name("guest", tests, NULL, NULL);
}

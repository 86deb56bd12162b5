// SPDX-License-Identifier: GPL-2.0-or-later
/* test-guest-refused.c - domain XML that is refused: malformed, hostile, too much */

/*
 * Real: guest*.c, expat, and tests/data/xml, see guest-xml.h. Nothing is faked. Run from the
 * top folder.
 */

#include "guest-xml.h"
#include "text.h"

#include <errno.h>

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

/* clang-format off */
#define AT	"domain XML, line 1: "
#define TWICE	" is given to the domain twice; remove one of the two"
#define NO_DTD	"a document type is not taken; remove <!DOCTYPE>"

#define NUMBER(key, value, max) \
	{ DEVICES(PCI(key "='" value "'")), \
	  AT key "='" value "' of a PCI address is not a number up to " max }

static void refusals(void **state)
{
	static const struct {
		const char *xml, *sentence;
	} rows[] = {
		{ "", AT "no element found" },
		{ "  \n ", "domain XML, line 2: no element found" },
		{ "hello", AT "syntax error" },
		{ "<domain>", AT "no element found" },
		{ "<domain></domian>", AT "mismatched tag" },
		{ DOMAIN("") "<domain/>", AT "junk after document element" },
		{ "<domain a='1' a='2'/>", AT "duplicate attribute" },
		{ "<network>" NAME UUID "</network>",
		  AT "the first element is <network> and not <domain>" },
		{ "<x:domain>" NAME UUID "</x:domain>",
		  AT "the first element is <x:domain> and not <domain>" },
		{ "<hookData>" DOMAIN("") "</hookData>",
		  AT "the first element is <hookData> and not <domain>" },
		{ "<domain/>", AT "the domain has no <name>" },
		{ "<domain>" UUID "</domain>", AT "the domain has no <name>" },
		{ "<domain>" NAME "</domain>", AT "the domain has no <uuid>" },
		{ "<domain><metadata>" NAME UUID "</metadata></domain>",
		  AT "the domain has no <name>" },
		{ DOMAIN(NAME), AT "the domain has two names" },
		{ DOMAIN(UUID), AT "the domain has two UUIDs" },
		{ "<domain><name></name>" UUID "</domain>",
		  AT "name '' cannot be the name of a file; rename the domain" },
		{ "<domain><name>../../etc/x</name>" UUID "</domain>",
		  AT "name '../../etc/x' cannot be the name of a file; rename the domain" },
		{ "<domain><name>..</name>" UUID "</domain>",
		  AT "name '..' cannot be the name of a file; rename the domain" },
		{ "<domain><name>a&#10;did x</name>" UUID "</domain>",
		  AT "name 'a?did x' cannot be the name of a file; rename the domain" },
		{ "<domain>" NAME "<uuid>x</uuid></domain>", AT "'x' is not a UUID" },
		{ "<domain>" NAME "<uuid>11111111-2222-3333-4444-5555555555012</uuid></domain>",
		  AT "'11111111-2222-3333-4444-5555555555012' is not a UUID" },

		{ "<!DOCTYPE domain>" DOMAIN(""), AT NO_DTD },
		{ "<!DOCTYPE domain SYSTEM '/etc/shadow'>" DOMAIN(""), AT NO_DTD },
		{ "<!DOCTYPE d [<!ENTITY e SYSTEM 'file:///etc/shadow'>]>" DOMAIN("&e;"),
		  AT NO_DTD },
		{ "<!DOCTYPE d [<!ENTITY a '0123456789'><!ENTITY b '&a;&a;&a;&a;&a;'>"
		  "<!ENTITY c '&b;&b;&b;&b;&b;'>]>" DOMAIN("&c;"), AT NO_DTD },
		{ "<!DOCTYPE d [<!ENTITY % p SYSTEM 'x'> %p;]>" DOMAIN(""), AT NO_DTD },
		{ DOMAIN("&e;"), AT "undefined entity" },
		{ DOMAIN("<vcpu a='&e;'/>"), AT "undefined entity" },
		{ DOMAIN("&#0;"), AT "reference to invalid character number" },
		{ "<?xml version='1.0' encoding='EBCDIC'?>" DOMAIN(""),
		  AT "unknown encoding" },

		NUMBER("bus", "0x100", "0xff"), NUMBER("slot", "32", "0x1f"),
		NUMBER("function", "8", "0x7"), NUMBER("domain", "0x1000000", "0xffffff"),
		NUMBER("bus", "", "0xff"), NUMBER("bus", "-1", "0xff"),
		NUMBER("bus", " 1", "0xff"), NUMBER("bus", "1 ", "0xff"),
		NUMBER("bus", "0x", "0xff"), NUMBER("bus", "08", "0xff"),
		NUMBER("bus", "0a", "0xff"), NUMBER("bus", "99999999999999999999999", "0xff"),
		{ DEVICES(PCI("bus='1'") PCI("bus='2'") PCI("bus='0x01'")),
		  AT "0000:01:00.0" TWICE },
		{ DEVICES(PCI("bus='1'") "<interface type='hostdev'><source>"
			  "<address type='pci' bus='1'/></source></interface>"),
		  AT "0000:01:00.0" TWICE },
		{ DEVICES(MDEV("2f82ee72-3ac5-4615-9c0b-327c12e8c83d")
			  MDEV("2F82EE72-3AC5-4615-9C0B-327C12E8C83D")),
		  AT "mediated device 2f82ee72-3ac5-4615-9c0b-327c12e8c83d" TWICE },
		{ DEVICES(MDEV("../../../2f82ee72")),
		  AT "'../../../2f82ee72' is not a UUID" },
		{ DEVICES("<hostdev type='mdev'><source><address/></source></hostdev>"),
		  AT "'' is not a UUID" },
		{ DEVICES("<hostdev type='pci'/>"),
		  AT "a host device has no <address> in its <source>" },
		{ DEVICES("<hostdev type='pci'><address type='pci' bus='1'/></hostdev>"),
		  AT "a host device has no <address> in its <source>" },
		{ DEVICES("<interface type='hostdev'><source network='n'/></interface>"),
		  AT "a host device has no <address> in its <source>" },
		{ DEVICES("<hostdev type='pci'><source><address bus='1'/><address bus='2'/>"
			  "</source></hostdev>"),
		  AT "a host device has two addresses in its <source>" },
		{ DEVICES("<interface><mac address='52:54:00:6b:3c'/></interface>"),
		  AT "'52:54:00:6b:3c' is not a MAC address" },
		{ DEVICES("<interface><mac address='52-54-00-6b-3c-58'/></interface>"),
		  AT "'52-54-00-6b-3c-58' is not a MAC address" },
		{ DEVICES("<interface><mac/></interface>"), AT "'' is not a MAC address" },
		{ DEVICES("<interface><source network='a&#10;b'/></interface>"),
		  AT "attribute 'network' has a control character in it" },

		{ DOMAIN("<vcpu>-1</vcpu>"), AT "<vcpu> '-1' is not a number" },
		{ DOMAIN("<vcpu>4294967296</vcpu>"),
		  AT "<vcpu> '4294967296' is not a number" },
		{ DOMAIN("<memory>x</memory>"),
		  AT "<memory> 'x' is not a number of bytes below 2^64" },
		{ DOMAIN("<memory unit='E'>16</memory>"),
		  AT "<memory> '16' is not a number of bytes below 2^64" },
		{ DOMAIN("<memory unit='parsec'>1</memory>"),
		  AT "unit='parsec' is not a unit of memory" },
		{ DOMAIN("<memory unit='kilo'>1</memory>"),
		  AT "unit='kilo' is not a unit of memory" },
		{ DOMAIN("<memoryBacking><hugepages><page/></hugepages></memoryBacking>"),
		  AT "page size '' is not a number of bytes below 2^64" },
		{ DOMAIN("<cputune><vcpupin cpuset='1'/></cputune>"),
		  AT "vcpu='' of a <vcpupin> is not a number" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		size_t len = strlen(rows[i].xml);
		char *xml = malloc(len ? len : 1);

		assert_non_null(xml);
		memcpy(xml, rows[i].xml, len);
		check_refused(xml, len, -EINVAL, rows[i].sentence);
		free(xml);
	}
}
/* clang-format on */

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
	check_bound(
		"<devices>",
		"<hostdev type='pci'><source><address domain='%u' slot='%u'/></source></hostdev>",
		"</devices>", GUEST_HOSTDEVS_MAX,
		AT "more than 256 PCI host devices are not taken");
	check_bound(
		"<devices>",
		"<hostdev type='mdev'><source><address uuid='%08x-3ac5-4615-9c0b-3%011x'/></source></hostdev>",
		"</devices>", GUEST_MDEVS_MAX,
		AT "more than 64 mediated devices are not taken");
	check_bound("<devices>",
		    "<interface type='user'><alias name='%u.%u'/></interface>",
		    "</devices>", GUEST_NICS_MAX,
		    AT "more than 64 network interfaces are not taken");
	check_bound("<devices>", "<filesystem><target dir='%u.%u'/></filesystem>",
		    "</devices>", GUEST_FILESYSTEMS_MAX,
		    AT "more than 64 file systems are not taken");
	check_bound("<cputune>", "<vcpupin vcpu='%u' cpuset='%u'/>", "</cputune>",
		    GUEST_PINS_MAX, AT "more than 4096 <vcpupin> are not taken");
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
		{ "<domain>" NAME UUID "<os><type machine='", "'/></os></domain>", 63,
		  -E2BIG, AT "attribute 'machine' is longer than 63 bytes" },
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
	check_refused(xml, strlen(xml), -E2BIG,
		      AT "the text of <name> is longer than 255 bytes");
	free(xml);
	xml = long_xml("<", 1 << 20, "/>");
	check_refused(
		xml, strlen(xml), -EINVAL,
		AT
		"the first element is <xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx> and not <domain>");
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
	check_refused(
		xml, SIZE_MAX, -E2BIG,
		"domain XML has 18446744073709551615 bytes; more than 4194304 are not taken");
	free(xml);
}

static void cut_at_every_byte(void **state)
{
	(void)state;
	for (size_t f = 0; f < GUEST_XML_FILES; f++) {
		size_t len;
		char *xml = guest_xml_load(guest_xml_files[f], &len);

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
	static const char *const pieces[] = { "<hostdev mode='subsystem' type='pci'>",
					      "</hostdev>",
					      "<source>",
					      "</source>",
					      "<address bus='1'/>",
					      "<devices>",
					      "</devices>",
					      "<!DOCTYPE d [",
					      "<![CDATA[",
					      "]]>",
					      "<!--",
					      "-->",
					      "<?x ",
					      "?>",
					      "&lt;",
					      "&#65;",
					      "&#x10ffff;",
					      "&e;",
					      "'",
					      "\"",
					      ">",
					      "<",
					      "/>",
					      "</domain>",
					      "<domain>",
					      "\xef\xbb\xbf",
					      "\xc3\xbc",
					      "\xff",
					      "\r\n",
					      "0x",
					      "99999999999999999999",
					      "<name>",
					      "</name>",
					      "type='mdev'",
					      "type='hostdev'" };
	uint64_t random = 20261121;
	unsigned int taken = 0;

	(void)state;
	for (size_t f = 0; f < GUEST_XML_FILES; f++) {
		size_t len, part_len;
		char *xml = guest_xml_load(guest_xml_files[f], &len), *part;

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refusals),          cmocka_unit_test(nothing_to_be_read),
		cmocka_unit_test(bounds_of_lists),   cmocka_unit_test(depth),
		cmocka_unit_test(bounds_of_texts),   cmocka_unit_test(bound_of_the_whole),
		cmocka_unit_test(cut_at_every_byte), cmocka_unit_test(mutations),
	};

	return cmocka_run_group_tests_name("guest-refused", tests, NULL, NULL);
}

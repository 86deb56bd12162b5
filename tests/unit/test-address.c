// SPDX-License-Identifier: GPL-2.0-or-later
/* test-address.c - the address of a VM, out of network XML and leases */

/*
 * Real: address.c, network.c with expat, lease.c with json-c. The files are in a folder
 * that plays the host's root.
 */

#include "address.h"
#include "lease.h"
#include "network.h"
#include "tree.h"

#include <errno.h>
#include <sys/socket.h>

#define MAC "52:54:00:00:00:01"

#define NET_BEGIN \
	"<network><name>default</name><bridge name='virbr0'/><ip address='192.168.122.1'><dhcp>"
#define NET_END "</dhcp></ip></network>"

static void networks(void **state)
{
	static const char xml[] =
		"<networkstatus><taint flag='x'/>" NET_BEGIN
		"<host mac='52:54:00:00:00:02' name='train01' ip='192.168.122.8'/>"
		"<host mac='52:54:00:00:00:01' ip='192.168.122.9'/>" NET_END
		"</networkstatus>";
	static const char v6[] =
		"<network><bridge name='b'/><ip family='ipv6' address='fd00::1'><dhcp>"
		"<host id='0:3' name='train01' ip='fd00::9'/></dhcp></ip>"
		"<ip><dhcp><host mac='52:54:00:00:00:01' ip='bad'/></dhcp></ip>"
		"<metadata><network><ip><dhcp><host mac='52:54:00:00:00:01' ip='1.2.3.4'/></dhcp></ip></network></metadata></network>";
	static const char *const bad[] = {
		"", "<domain/>", "<network>", "<!DOCTYPE a><network/>", NET_BEGIN, "text",
	};
	struct network n = { .bridge = "before" };
	char deep[NETWORK_DEPTH_MAX * 3 + 16] = "<network>";

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_int_equal(network_parse(bad[i], strlen(bad[i]), MAC, "x", &n),
				 -EINVAL);
		assert_string_equal(n.bridge, "before");
	}
	for (int i = 0; i < NETWORK_DEPTH_MAX; i++)
		strcat(deep, "<a>");
	assert_int_equal(network_parse(deep, strlen(deep), MAC, "x", &n), -E2BIG);
	assert_int_equal(network_parse(xml, strlen(xml), MAC, "train01", &n), 0);
	assert_string_equal(n.bridge, "virbr0");
	assert_int_equal(n.n_ip, 1);
	assert_int_equal(n.ip[0].bytes[3], 9);
	assert_int_equal(network_parse(v6, strlen(v6), MAC, "train01", &n), 0);
	assert_int_equal(n.n_ip, 1);
	assert_int_equal(n.ip[0].family, AF_INET6);
}

/* The name of a bridge becomes part of a path. */
static void names_of_bridges(void **state)
{
	static const struct {
		const char *name;
		int r;
	} rows[] = {
		{ "br-0.1", 0 },
		{ "br&#27;[31m", -EINVAL },
		{ "br&#10;0", -EINVAL },
		{ "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", 0 },
		{ "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
		  -E2BIG },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct network n = { .bridge = "before" };
		char xml[256];

		snprintf(xml, sizeof(xml), "<network><bridge name='%s'/></network>",
			 rows[i].name);
		assert_int_equal(network_parse(xml, strlen(xml), MAC, "x", &n),
				 rows[i].r);
		assert_string_equal(n.bridge, rows[i].r ? "before" : rows[i].name);
	}
}

#define LEASE(ip, mac, end) \
	"{\"ip-address\":\"" ip "\",\"mac-address\":\"" mac "\",\"expiry-time\":" end "}"

static void leases(void **state)
{
	static const char json[] = "[" LEASE("192.168.122.7", MAC, "2000") "," LEASE(
		"192.168.122.8", MAC,
		"3000") "," LEASE("192.168.122.9", MAC,
				  "999") "," LEASE("fd00::9", "52:54:00:00:00:0A",
						   "0") ","
							"{\"mac-address\":\"" MAC
							"\"}, 1, null, {\"ip-address\": 5, \"mac-address\": \"" MAC
							"\"}]";
	static const char *const bad[] = { "",       "{}",    "[",
					   "null",   "\"x\"", "[[[[[[[[[[[[]]]]]]]]]]]]",
					   "[1,]",   "[1",    "[1 2]",
					   "[{}{}]", "[,]" };
	static const char *const none[] = { "[]", " [ ] ", "[1]", "[{}]\n",
					    "[ {} ,\n null ]" };
	static char large[400 << 10] = "[";
	struct ip ret[2];

	(void)state;
	assert_int_equal(lease_parse(json, strlen(json), MAC, 1000, ret), 1);
	assert_int_equal(ret[0].bytes[3], 8);
	assert_int_equal(lease_parse(json, strlen(json), "52:54:00:00:00:0a", 1000, ret),
			 1);
	assert_int_equal(ret[0].family, AF_INET6);
	assert_int_equal(lease_parse(json, strlen(json), MAC, 3000, ret), 0);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(lease_parse(bad[i], strlen(bad[i]), MAC, 0, ret),
				 -EINVAL);
	for (size_t i = 0; i < ARRAY_LEN(none); i++)
		assert_int_equal(lease_parse(none[i], strlen(none[i]), MAC, 0, ret), 0);
	/* one lease is not larger than what is taken into memory at once */
	memset(large + 1, ' ', 300000);
	strcpy(large + 300001, "]");
	assert_int_equal(lease_parse(large, strlen(large), MAC, 0, ret), 0);
	memset(large + 1, '0', 300000);
	memcpy(large + 1, "{\"a\":\"", 6);
	strcpy(large + 300001, "\"}]");
	assert_int_equal(lease_parse(large, strlen(large), MAC, 0, ret), -EINVAL);
}

/* 65,535 bytes by DHCPv6, three characters each: others keep their addresses */
static void leases_with_longest_client_id(void **state)
{
	static char json[256 << 10];
	struct ip ret[2];
	size_t len;

	(void)state;
	strcpy(json, "[{\"ip-address\":\"fd00::66\",\"client-id\":\"");
	len = strlen(json);
	for (int i = 0; i < 65535; i++, len += 3)
		memcpy(json + len, "ff:", 3);
	strcpy(json + len, "\"}," LEASE("192.168.122.7", MAC, "2000") "]");
	assert_int_equal(lease_parse(json, strlen(json), MAC, 1000, ret), 1);
	assert_int_equal(ret[0].bytes[3], 7);
}

/*
 * A guest chooses its host name and its client ID. libvirt writes them as JSON strings:
 * whatever they are, they are not the MAC or the address of another guest.
 */
static void leases_with_names_of_guests(void **state)
{
	static const char *const names[] = {
		"a\\\",\\\"mac-address\\\":\\\"" MAC "\\\",\\\"x\\\":\\\"",
		"\\u0022,\\u0022mac-address\\u0022:\\u0022" MAC,
		"a\\n]}{\\u0000",
		"\\ud800",
		"../../etc/passwd",
		MAC,
		"[[[[[[[[[[[[[[[[",
	};
	char json[1024];
	struct ip ret[2];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		int len = snprintf(
			json, sizeof(json),
			"[{\"ip-address\":\"192.168.122.66\",\"mac-address\":\"52:54:00:00:00:66\","
			"\"hostname\":\"%s\",\"client-id\":\"%s\",\"expiry-time\":9000}," LEASE(
				"192.168.122.7", MAC, "2000") "]",
			names[i], names[i]);
		int n = lease_parse(json, (size_t)len, MAC, 1000, ret);

		/* json-c may refuse half a surrogate: then nobody has an address */
		assert_true(n == 1 || n == -EINVAL);
		if (n == 1)
			assert_int_equal(ret[0].bytes[3], 7);
	}
}

static void addresses(void **state)
{
	const struct guest_nic nics[] = {
		{ "bridge", "52:54:00:00:00:02", "", "br0" },
		{ "network", MAC, "default", "" },
	};
	struct tree *t = *state;
	struct ip ret[2];

	assert_int_equal(address_find(t->fd, nics, 2, "", "train01", ret), 0);
	tree_file(t, "etc/libvirt/qemu/networks/default.xml", NET_BEGIN NET_END);
	tree_file(
		t, "var/lib/libvirt/dnsmasq/virbr0.status",
		"[" LEASE("192.168.122.7", MAC, "0") "," LEASE("fd00::7", MAC, "0") "]");
	assert_int_equal(address_find(t->fd, nics, 2, "", "train01", ret), 2);
	assert_int_equal(address_find(t->fd, nics, 2, "br0", "train01", ret), 0);
	assert_int_equal(address_find(t->fd, nics, 2, MAC, "train01", ret), 2);
	/* a network that runs is what counts, and a reservation before a lease */
	tree_file(t, "run/libvirt/network/default.xml",
		  NET_BEGIN "<host mac='" MAC "' ip='192.168.122.9'/>" NET_END);
	assert_int_equal(address_find(t->fd, nics, 2, "default", "train01", ret), 2);
	assert_int_equal(ret[0].bytes[3], 9);
	assert_int_equal(ret[1].family, AF_INET6);
	/* what cannot be read is not what says that there is none */
	tree_file(t, "var/lib/libvirt/dnsmasq/virbr0.status", "[{");
	assert_int_equal(address_find(t->fd, nics, 2, "", "train01", ret), 1);
	tree_file(t, "run/libvirt/network/default.xml", NET_BEGIN NET_END);
	assert_int_equal(address_find(t->fd, nics, 2, "", "train01", ret), -EINVAL);
	tree_file(t, "var/lib/libvirt/dnsmasq/virbr0.status", "");
	assert_int_equal(address_find(t->fd, nics, 2, "", "train01", ret), 0);
	tree_file(t, "run/libvirt/network/default.xml", "<network");
	assert_int_equal(address_find(t->fd, &nics[1], 1, "", "train01", ret), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, tree_setup, tree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(networks),
		cmocka_unit_test(names_of_bridges),
		cmocka_unit_test(leases),
		cmocka_unit_test(leases_with_names_of_guests),
		cmocka_unit_test(leases_with_longest_client_id),
		TEST(addresses),
	};

	return cmocka_run_group_tests_name("address", tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-forwards.c - what collides, what is written down and read again, network XML, leases,
 * who listens on the host
 *
 * Real: forward.c, book.c, network.c with expat, lease.c with json-c. The files are in a
 * folder that plays the host's root. No kernel is asked; see tests/netns for that.
 */

#include "unit.h"
#include "tree.h"

#include "address.h"
#include "book.h"
#include "forward.h"
#include "forward-index.h"
#include "lease.h"
#include "listeners.h"
#include "network.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

#define UUID "2f82ee72-3ac5-4615-9c0b-327c12e8c83d"
#define MAC  "52:54:00:00:00:01"

static struct ip ip(const char *s)
{
	struct ip ret;

	assert_int_equal(ip_parse(s, &ret), 0);
	return ret;
}

static struct forward one(unsigned int lo, unsigned int hi, const char *listen,
			  const char *from)
{
	struct forward f = { .name = "a",
			     .proto = IPPROTO_TCP,
			     .lo = (uint16_t)lo,
			     .hi = (uint16_t)hi,
			     .to = (uint16_t)lo,
			     .guest = ip("192.168.122.9") };

	if (listen)
		f.listen = ip(listen);
	if (from)
		assert_int_equal(ip_net_parse(from, &f.from), 0);
	return f;
}

/* The index finds what comparing with each of them finds. */
static void index_finds(void **state)
{
	static struct forward_index x;
	static const uint8_t protocols[] = { IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP };
	struct forwards list[2] = { { .vm = "a" }, { .vm = "b" } };
	const struct forwards *in = NULL;
	unsigned int hits = 0, seed = 1;

	(void)state;
	for (unsigned int i = 0; i < 3000; i++) {
		unsigned int lo = (unsigned int)rand_r(&seed) % 65536;
		unsigned int hi = lo + (i % 10 ? 0 : (unsigned int)rand_r(&seed) % 300);
		struct forward f = one(lo, hi > 65535 ? 65535 : hi, NULL, NULL);
		const struct forward *found, *want = NULL;

		f.proto = protocols[i % 3];
		for (size_t k = 0; k < 2; k++)
			for (size_t n = 0; n < list[k].n && !want; n++)
				if (forward_collides(&f, &list[k].list[n]))
					want = &list[k].list[n];
		found = forward_index_find(&x, &f, forward_collides, &in);
		assert_int_equal(found != NULL, want != NULL);
		hits += found != NULL;
		assert_true(!found || (forward_collides(&f, found) && found >= in->list &&
				       found < in->list + in->n));
		assert_int_equal(forwards_add(&list[i % 2], &f), 0);
		assert_int_equal(forward_index_add(&x, &list[i % 2], list[i % 2].n - 1),
				 0);
	}
	assert_in_range(hits, 100, 2900);
	forward_index_free(&x);
	for (size_t k = 0; k < 2; k++)
		forwards_free(&list[k]);
}

static void collisions(void **state)
{
	static const struct {
		unsigned int lo[2], hi[2];
		const char *listen[2], *from[2];
		bool want;
	} rows[] = {
		{ { 80, 80 }, { 80, 80 }, { NULL, NULL }, { NULL, NULL }, true },
		{ { 80, 81 }, { 80, 81 }, { NULL, NULL }, { NULL, NULL }, false },
		{ { 80, 85 }, { 90, 85 }, { NULL, NULL }, { NULL, NULL }, true },
		{ { 80, 90 }, { 90, 99 }, { NULL, NULL }, { NULL, NULL }, true },
		{ { 80, 80 }, { 80, 80 }, { NULL, "203.0.113.7" }, { NULL, NULL }, true },
		{ { 80, 80 },
		  { 80, 80 },
		  { "203.0.113.8", "203.0.113.7" },
		  { NULL, NULL },
		  false },
		{ { 80, 80 }, { 80, 80 }, { NULL, "127.0.0.1" }, { NULL, NULL }, false },
		{ { 80, 80 },
		  { 80, 80 },
		  { NULL, NULL },
		  { "10.0.0.0/8", "11.0.0.0/8" },
		  false },
		{ { 80, 80 }, { 80, 80 }, { NULL, NULL }, { "10.0.0.0/8", NULL }, true },
		{ { 80, 80 },
		  { 80, 80 },
		  { NULL, NULL },
		  { "10.0.0.0/8", "10.9.0.0/16" },
		  true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct forward a = one(rows[i].lo[0], rows[i].hi[0], rows[i].listen[0],
				       rows[i].from[0]);
		struct forward b = one(rows[i].lo[1], rows[i].hi[1], rows[i].listen[1],
				       rows[i].from[1]);

		assert_int_equal(forward_collides(&a, &b), rows[i].want);
		assert_int_equal(forward_collides(&b, &a), rows[i].want);
		b.proto = IPPROTO_UDP;
		assert_false(forward_collides(&a, &b));
	}
}

/* local = yes is 127.0.0.1 too, whatever is listened on */
static void local_collisions(void **state)
{
	static const struct {
		const char *listen[2];
		bool local[2], want;
	} rows[] = {
		{ { NULL, "127.0.0.1" }, { true, true }, true },
		{ { "203.0.113.7", "127.0.0.1" }, { true, true }, true },
		{ { "203.0.113.7", "203.0.113.8" }, { true, true }, true },
		{ { "203.0.113.7", "203.0.113.8" }, { true, false }, false },
		{ { "203.0.113.7", "127.0.0.1" }, { false, true }, false },
		{ { "203.0.113.7", "127.0.0.9" }, { true, false }, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct forward a = one(80, 80, rows[i].listen[0], NULL);
		struct forward b = one(80, 80, rows[i].listen[1], NULL);

		a.local = rows[i].local[0];
		b.local = rows[i].local[1];
		assert_int_equal(forward_collides(&a, &b), rows[i].want);
		assert_int_equal(forward_collides(&b, &a), rows[i].want);
	}
}

static void covering(void **state)
{
	static const struct {
		unsigned int lo, hi;
		const char *listen, *from;
		bool local, want;
	} rows[] = {
		/* who covers 80-85 of 203.0.113.7, for 10.1.0.0/16 */
		{ 80, 85, "203.0.113.7", "10.1.0.0/16", false, true },
		{ 80, 85, "203.0.113.7", "10.1.0.0/16", true, true },
		{ 70, 90, NULL, NULL, false, true },
		{ 80, 85, "203.0.113.7", "10.0.0.0/8", false, true },
		{ 80, 85, "203.0.113.7", "10.1.1.0/24", false, false },
		{ 80, 84, "203.0.113.7", "10.1.0.0/16", false, false },
		{ 80, 85, "203.0.113.8", "10.1.0.0/16", false, false },
	};
	struct forward b = one(80, 85, "203.0.113.7", "10.1.0.0/16"), every, f;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		f = one(rows[i].lo, rows[i].hi, rows[i].listen, rows[i].from);
		f.local = rows[i].local;
		assert_int_equal(forward_covers(&f, &b), rows[i].want);
	}
	f = b;
	f.to++;
	assert_false(forward_covers(&f, &b));
	f = b;
	f.guest = ip("192.168.122.10");
	assert_false(forward_covers(&f, &b));
	every = one(80, 85, NULL, NULL);
	assert_false(forward_covers(&b, &every));
	f = every;
	every.local = true;
	assert_false(forward_covers(&f, &every));
}

static void tags(void **state)
{
	static const char *const rows[][2] = {
		{ "train01", "train01" },
		{ "a.b-c_D", "a.b-c_D" },
		{ "win 11", UUID },
		{ "2f82ee72-3ac5-4615-9c0b-000000000000", UUID },
		{ "\"; drop", UUID },
		{ "n23456789012345678901234567890123456789012345678901234567890123",
		  "n23456789012345678901234567890123456789012345678901234567890123" },
		{ "n234567890123456789012345678901234567890123456789012345678901234",
		  UUID },
	};
	struct forwards f;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		forwards_name(&f, rows[i][0], UUID);
		assert_string_equal(f.vm, rows[i][0]);
		assert_string_equal(f.tag, rows[i][1]);
	}
}

static int make_host(void **state)
{
	static struct tree t;

	tree_make(&t);
	*state = &t;
	return 0;
}

static int remove_host(void **state)
{
	tree_remove(*state);
	return 0;
}

static void book_round_trip(void **state)
{
	struct guest_nic nic = { "network", MAC, "default", "virbr0" };
	struct forward f = one(8000, 8010, "203.0.113.7", "10.0.0.0/8");
	struct book b = { .uuid = UUID, .doubt = true, .nics = &nic, .n_nics = 1 }, again;
	char sentence[WHY_LEN];
	struct books all;
	struct host h;

	tree_host(*state, &h, NULL);
	forwards_name(&b.forwards, "win 11", UUID);
	f.local = true;
	f.net = (struct ip_net){ ip("192.168.122.0"), 24 };
	snprintf(f.bridge, sizeof(f.bridge), "virbr0");
	assert_int_equal(book_read(&h, "win 11", &again, sentence), -ENOENT);
	assert_int_equal(forwards_add(&b.forwards, &f), 0);
	f = one(22, 22, NULL, NULL);
	f.guest = ip("fd00::9");
	assert_int_equal(forwards_add(&b.forwards, &f), 0);
	f = one(23, 23, NULL, NULL);
	assert_int_equal(forwards_add(&b.next, &f), 0);
	b.daemon = 4711;
	assert_int_equal(book_write(&h, &b), 0);
	assert_int_equal(book_read(&h, "win 11", &again, sentence), 0);
	assert_true(forwards_equal(&again.forwards, &b.forwards));
	assert_true(again.doubt);
	assert_int_equal(again.next.n, 1);
	assert_int_equal(again.next.list[0].lo, 23);
	assert_int_equal(again.daemon, 4711);
	assert_string_equal(again.uuid, UUID);
	assert_int_equal(again.n_nics, 1);
	assert_memory_equal(again.nics, &nic, sizeof(nic));
	book_free(&again);
	assert_int_equal(books_read(&h, &all, sentence), 0);
	assert_int_equal(all.n, 1);
	assert_string_equal(sentence, "");
	books_free(&all);
	assert_int_equal(book_remove(&h, "win 11"), 0);
	assert_int_equal(book_remove(&h, "win 11"), 0);
	assert_int_equal(books_read(&h, &all, sentence), 0);
	assert_int_equal(all.n, 0);
	tree_file(*state, "run/virt-handoff/forwards/x",
		  "virt-handoff-forwards 1\nuuid\t" UUID "\nvm\ty\n");
	/* one that nobody can read is left out and said; the others are read */
	assert_int_equal(book_write(&h, &b), 0);
	assert_int_equal(books_read(&h, &all, sentence), 0);
	assert_int_equal(all.n, 1);
	books_free(&all);
	assert_string_equal(
		sentence,
		"/run/virt-handoff/forwards/x is not a file of this program: look what it has, then remove it");
	forwards_free(&b.forwards);
	forwards_free(&b.next);
	host_close(&h);
}

/* Each differs from the one before in one address alone, and then in none. */
static void book_addresses(void **state)
{
	struct forward f[8] = { one(1, 1, NULL, NULL) };
	struct book b = { .uuid = UUID }, again;
	char sentence[WHY_LEN];
	struct host h;

	tree_host(*state, &h, NULL);
	forwards_name(&b.forwards, "a", UUID);
	f[1] = f[0];
	f[1].listen = ip("203.0.113.7");
	f[2] = f[1];
	f[2].from = (struct ip_net){ ip("10.0.0.0"), 8 };
	f[3] = f[2];
	f[3].from.prefix = 9;
	f[4] = f[3];
	f[4].guest = ip("192.168.122.8");
	f[5] = f[4];
	f[5].net = (struct ip_net){ ip("192.168.122.0"), 24 };
	f[6] = f[5];
	snprintf(f[6].bridge, sizeof(f[6].bridge), "virbr0");
	f[7] = f[6];
	for (size_t i = 0; i < ARRAY_LEN(f); i++) {
		f[i].lo = f[i].hi = (uint16_t)(1 + i);
		assert_int_equal(forwards_add(&b.forwards, &f[i]), 0);
	}
	assert_int_equal(book_write(&h, &b), 0);
	assert_int_equal(book_read(&h, "a", &again, sentence), 0);
	assert_true(forwards_equal(&again.forwards, &b.forwards));
	book_free(&again);
	forwards_free(&b.forwards);
	host_close(&h);
}

static void book_mutations(void **state)
{
	static const char sample[] =
		"virt-handoff-forwards 1\nuuid\t" UUID "\nvm\ttrain01\ndoubt\n"
		"nic\tnetwork\t" MAC "\tdefault\tvirbr0\n"
		"forward\tssh\ttcp\t12223\t12223\t22\tlocal\t*\t10.0.0.0/8\t192.168.122.9\t192.168.122.0/24\tvirbr0\n"
		"forward\tssh\tudp\t1\t9\t22\t-\tfd00::1\t*\tfd00::9\t*\t-\n"
		"next\tssh\tudp\t1\t9\t22\t-\tfd00::1\t*\tfd00::9\t*\t-\n"
		"daemon\t4711\n";
	static const char *const pieces[] = {
		"\t",
		"\n",
		"*",
		"forward",
		"65536",
		"doubt\n",
		"::",
		"/",
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	};
	uint64_t random = 20261123;
	unsigned int taken = 0;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		struct book b;
		size_t len;
		char *text = unit_mutate(&random, sample, sizeof(sample) - 1, pieces,
					 ARRAY_LEN(pieces), &len);
		char *terminated = strndup(text, len);
		int r = book_parse(terminated, &b);

		assert_true(r == 0 || r == -EBADMSG);
		if (r == 0) {
			taken++;
			for (size_t i = 0; i < b.forwards.n; i++)
				assert_true(b.forwards.list[i].guest.family &&
					    b.forwards.list[i].lo <=
						    b.forwards.list[i].hi);
			book_free(&b);
		}
		free(terminated);
		free(text);
	}
	assert_true(taken > 20);
}

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
	char large[8192] = "[";
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
	memset(large + 1, ' ', 5000);
	strcpy(large + 5001, "]");
	assert_int_equal(lease_parse(large, strlen(large), MAC, 0, ret), 0);
	memset(large + 1, '0', 5000);
	memcpy(large + 1, "{\"a\":\"", 6);
	strcpy(large + 5001, "\"}]");
	assert_int_equal(lease_parse(large, strlen(large), MAC, 0, ret), -EINVAL);
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
		"a\\n]}{\\u0000", "\\ud800", "../../etc/passwd", MAC, "[[[[[[[[[[[[[[[[",
	};
	char json[1024];
	struct ip ret[2];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		int len = snprintf(json, sizeof(json),
				   "[{\"ip-address\":\"192.168.122.66\",\"mac-address\":\"52:54:00:00:00:66\","
				   "\"hostname\":\"%s\",\"client-id\":\"%s\",\"expiry-time\":9000},"
				   LEASE("192.168.122.7", MAC, "2000") "]", names[i], names[i]);
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

#define PROC_HEAD \
	"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"

/* Who takes a port of the forward, "" for nobody */
static const char *listener(const struct tree *t, const struct forward *f)
{
	static char ret[FORWARD_PORTS_LEN];
	struct listeners l = { 0 };
	int r = listeners_find(&l, t->fd, f, ret);

	assert_true(r == 0 || r == 1);
	/* the second time nothing is read */
	assert_int_equal(listeners_find(&l, -1, f, ret), r);
	listeners_free(&l);
	return r ? ret : "";
}

static void listeners_tcp(void **state)
{
	struct tree *t = *state;
	struct forward f = one(22, 22, NULL, NULL);

	assert_string_equal(listener(t, &f), "");
	/* 127.0.0.1:22 listens, 203.0.113.7:23 listens, :24 is only connected */
	tree_file(t, "proc/net/tcp",
		  PROC_HEAD
		  "   0: 0100007F:0016 00000000:0000 0A 00000000:00000000 00:00000000\n"
		  "   1: 077100CB:0017 00000000:0000 0A 00000000:00000000 00:00000000\n"
		  "   2: 00000000:0018 077100CB:1234 01 00000000:00000000 00:00000000\n");
	assert_string_equal(listener(t, &f), "");
	f.local = true;
	assert_string_equal(listener(t, &f), "127.0.0.1:22/tcp");
	f = one(20, 23, NULL, NULL);
	assert_string_equal(listener(t, &f), "203.0.113.7:23/tcp");
	f = one(23, 24, "203.0.113.8", NULL);
	assert_string_equal(listener(t, &f), "");
	tree_file(
		t, "proc/net/tcp6",
		PROC_HEAD
		"   0: 00000000000000000000000000000000:0018 00000000000000000000000000000000:0000 0A 0:0 0:0\n");
	assert_string_equal(listener(t, &f), "[::]:24/tcp");
	f.proto = IPPROTO_UDP;
	assert_string_equal(listener(t, &f), "");
}

/* A resolver asks from a random port: it is in the way only of who wants just that one */
static void listeners_udp(void **state)
{
	struct tree *t = *state;
	struct forward f = one(5000, 65535, NULL, NULL);

	f.proto = IPPROTO_UDP;
	/* 45678 is anybody's, 40000 is connected */
	tree_file(t, "proc/net/udp",
		  PROC_HEAD
		  "  12: 00000000:B26E 00000000:0000 07 00000000:00000000 00:00000000\n"
		  "  13: 00000000:9C40 077100CB:0035 01 00000000:00000000 00:00000000\n");
	assert_string_equal(listener(t, &f), "");
	f.lo = f.hi = 45678;
	assert_string_equal(listener(t, &f), "0.0.0.0:45678/udp");
	f.lo = f.hi = 40000;
	assert_string_equal(listener(t, &f), "");
	f.hi = 50000;
	assert_string_equal(listener(t, &f), "");
	/* the host gives other ports to those who do not mind */
	tree_file(t, "proc/sys/net/ipv4/ip_local_port_range", "50000\t60000\n");
	assert_string_equal(listener(t, &f), "0.0.0.0:45678/udp");
	tree_file(t, "proc/sys/net/ipv4/ip_local_port_range", "1024\t45677\n");
	assert_string_equal(listener(t, &f), "0.0.0.0:45678/udp");
}

#define SCTP_HEAD " ENDPT     SOCK   STY SST HBKT LPORT   UID INODE LADDRS\n"

static void listeners_sctp(void **state)
{
	struct tree *t = *state;
	struct forward f = one(2905, 2910, NULL, NULL);

	f.proto = IPPROTO_SCTP;
	/* 2907 is bound and does not listen */
	tree_file(
		t, "proc/net/sctp/eps",
		SCTP_HEAD
		"00000000 00000000 2   7   28   2907      0 11111 0.0.0.0 \n"
		"00000000 00000000 2   10  29   2906      0 11112 127.0.0.1 203.0.113.7 \n"
		"00000000 00000000 0   10  30   2908      0 11113 0000:0000:0000:0000:0000:0000:0000:0000 \n");
	assert_string_equal(listener(t, &f), "203.0.113.7:2906/sctp");
	f.lo = 2907;
	assert_string_equal(listener(t, &f), "[::]:2908/sctp");
	f.lo = f.hi = 2907;
	assert_string_equal(listener(t, &f), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(collisions),
		cmocka_unit_test(index_finds),
		cmocka_unit_test(local_collisions),
		cmocka_unit_test(covering),
		cmocka_unit_test(tags),
		cmocka_unit_test_setup_teardown(book_round_trip, make_host, remove_host),
		cmocka_unit_test_setup_teardown(book_addresses, make_host, remove_host),
		cmocka_unit_test(book_mutations),
		cmocka_unit_test(networks),
		cmocka_unit_test(leases),
		cmocka_unit_test(leases_with_names_of_guests),
		cmocka_unit_test_setup_teardown(addresses, make_host, remove_host),
		cmocka_unit_test_setup_teardown(listeners_tcp, make_host, remove_host),
		cmocka_unit_test_setup_teardown(listeners_udp, make_host, remove_host),
		cmocka_unit_test_setup_teardown(listeners_sctp, make_host, remove_host),
	};

	return cmocka_run_group_tests_name("forwards", tests, NULL, NULL);
}

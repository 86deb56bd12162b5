// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-conf-forward.c - [network], [forward NAME] and host.ini: what is taken, what is
 * refused and how
 *
 * Real: ini.c with iniparser, files in a folder of their own below TMPDIR. Nothing is
 * faked.
 */

#include "conf-text.h"

#include <errno.h>
#include <netinet/in.h>

static void check_ip(const struct ip *ip, const char *expected)
{
	char text[IP_LEN];

	ip_format(ip, text);
	assert_string_equal(text, expected);
}

static void check_net(const struct ip_net *net, const char *expected)
{
	char text[IP_NET_LEN];

	ip_net_format(net, text);
	assert_string_equal(text, expected);
}

static void check_listen(const struct conf_listen *l, const char *ip, int proto,
			 unsigned int lo, unsigned int hi)
{
	check_ip(&l->ip, ip);
	assert_int_equal(l->proto, proto);
	assert_int_equal(l->lo, lo);
	assert_int_equal(l->hi, hi);
}

static void least(void **state)
{
	struct conf_vm c;

	conf_text_take(*state, "[forward ssh]\nlisten = 12223\n", &c);
	assert_false(c.devices.present);
	assert_int_equal(c.n_forwards, 1);
	assert_string_equal(c.forwards[0].name, "ssh");
	assert_int_equal(c.forwards[0].n_listen, 1);
	check_listen(&c.forwards[0].listen[0], "*", IPPROTO_TCP, 12223, 12223);
	assert_int_equal(c.forwards[0].port + c.forwards[0].to.family, 0);
	assert_int_equal(c.forwards[0].n_from + c.network.n_address, 0);
	assert_false(c.forwards[0].local || c.forwards[0].required);
	assert_string_equal(c.forwards[0].interface, "");
	conf_vm_free(&c);
}

static void everything(void **state)
{
	struct conf_vm c;
	const struct conf_forward *f;

	conf_text_take(*state,
		       "[forward a]\n"
		       "listen = 203.0.113.7:443\n"
		       "to = 192.168.122.9:8080\n"
		       "[forward b]\n"
		       "listen = [fd00::1]:1\n"
		       "to = [fd00::9]:65535\n",
		       &c);
	check_ip(&c.forwards[0].to, "192.168.122.9");
	check_ip(&c.forwards[1].to, "fd00::9");
	assert_int_equal(c.forwards[1].port, 65535);
	conf_vm_free(&c);
	conf_text_take(
		*state,
		"[forward web site]\n"
		"listen = 80, 203.0.113.7:443/tcp 8000-8100/udp,[2001:db8::1]:5000-5001/sctp\n"
		"to = 8080\n"
		"from = 203.0.113.0/24, 10.0.0.1 2001:db8::/32\n"
		"interface = 52:54:00:AA:bb:01\n"
		"local = yes\n"
		"required = yes\n"
		"[network]\n"
		"address = 192.168.122.167 fd00:22::167\n"
		"[forward b]\n"
		"listen = 1-65535/udp\n"
		"interface = default\n",
		&c);
	assert_int_equal(c.n_forwards, 2);
	f = &c.forwards[0];
	assert_string_equal(f->name, "web site");
	assert_int_equal(f->line, 2);
	assert_int_equal(f->n_listen, 4);
	check_listen(&f->listen[0], "*", IPPROTO_TCP, 80, 80);
	check_listen(&f->listen[1], "203.0.113.7", IPPROTO_TCP, 443, 443);
	check_listen(&f->listen[2], "*", IPPROTO_UDP, 8000, 8100);
	check_listen(&f->listen[3], "2001:db8::1", IPPROTO_SCTP, 5000, 5001);
	assert_int_equal(f->port, 8080);
	assert_int_equal(f->n_from, 3);
	check_net(&f->from[0], "203.0.113.0/24");
	check_net(&f->from[1], "10.0.0.1/32");
	check_net(&f->from[2], "2001:db8::/32");
	assert_string_equal(f->interface, "52:54:00:aa:bb:01");
	assert_true(f->local && f->required);
	check_listen(&c.forwards[1].listen[0], "*", IPPROTO_UDP, 1, 65535);
	assert_string_equal(c.forwards[1].interface, "default");
	assert_int_equal(c.network.n_address, 2);
	check_ip(&c.network.address[1], "fd00:22::167");
	conf_vm_free(&c);
}

#define LISTEN_HELP \
	"; write [ADDRESS:]PORT[-PORT][/tcp|/udp|/sctp], such as 8000-8010/udp or 203.0.113.7:443"
#define PORT_HELP " is not a port; write a number from 1 to 65535"
#define BRACKETS \
	" is not an address; write ADDRESS:PORT, and an IPv6 address in brackets, such as [fd00::1]:80"
#define TO_HELP \
	"write [ADDRESS:]PORT, such as 22 or 192.168.122.167:22; of a range the first port"
#define FROM_HELP \
	" is not an address; write ADDRESS or ADDRESS/PREFIX, such as 203.0.113.0/24"
#define PREFIX_HELP " has a wrong prefix; write /0 to /32, for IPv6 /0 to /128"
#define NIC_HELP    "write a MAC address such as 52:54:00:12:34:56, or the name of a network"
#define ADDRESS_HELP \
	" is not the address of a VM; write one such as 192.168.122.167 or fd00::167, without a prefix"

/* a line of [forward a], and what is said of it after file, line, key and value */
static const char *const refused[][2] = {
	{ "listen = 0", "'0'" PORT_HELP LISTEN_HELP },
	{ "listen = 65536", "'65536'" PORT_HELP LISTEN_HELP },
	{ "listen = 99999999999999999999",
	  "'99999999999999999999'" PORT_HELP LISTEN_HELP },
	{ "listen = -1", "''" PORT_HELP LISTEN_HELP },
	{ "listen = +80", "'+80'" PORT_HELP LISTEN_HELP },
	{ "listen = 0x50", "'0x50'" PORT_HELP LISTEN_HELP },
	{ "listen = ssh", "'ssh'" PORT_HELP LISTEN_HELP },
	{ "listen = 80-", "''" PORT_HELP LISTEN_HELP },
	{ "listen = 80-90-100", "'90-100'" PORT_HELP LISTEN_HELP },
	{ "listen = 90-80", "the range 90-80 runs backwards; write 80-90" LISTEN_HELP },
	{ "listen = 80/icmp",
	  "'icmp' is not a protocol; write /tcp, /udp or /sctp" LISTEN_HELP },
	{ "listen = 80/TCP",
	  "'TCP' is not a protocol; write /tcp, /udp or /sctp" LISTEN_HELP },
	{ "listen = 80/", "'' is not a protocol; write /tcp, /udp or /sctp" LISTEN_HELP },
	{ "listen = 80/tcp/udp",
	  "'tcp/udp' is not a protocol; write /tcp, /udp or /sctp" LISTEN_HELP },
	{ "listen = 80:90", "'80'" BRACKETS LISTEN_HELP },
	{ "listen = 1.2.3:80", "'1.2.3'" BRACKETS LISTEN_HELP },
	{ "listen = 1.2.3.4.5:80", "'1.2.3.4.5'" BRACKETS LISTEN_HELP },
	{ "listen = 1.2.3.256:80", "'1.2.3.256'" BRACKETS LISTEN_HELP },
	{ "listen = eth0:80", "'eth0'" BRACKETS LISTEN_HELP },
	{ "listen = fd00::1:80", "'fd00::1'" BRACKETS LISTEN_HELP },
	{ "listen = [1.2.3.4]:80", "'[1.2.3.4'" BRACKETS LISTEN_HELP },
	{ "listen = [fd00::1]", "'[fd00::1]'" BRACKETS LISTEN_HELP },
	{ "listen = [::ffff:1.2.3.4]:80", "'[::ffff:1.2.3.4'" BRACKETS LISTEN_HELP },
	{ "listen = [::1]:80",
	  "Linux cannot forward from ::1; write 127.0.0.1, with local = yes" LISTEN_HELP },
	{ "listen = 0.0.0.0:80",
	  "0.0.0.0 is no address that one host has; leave it out for every address" LISTEN_HELP },
	{ "listen = 224.0.0.1:80",
	  "224.0.0.1 is no address that one host has; leave it out for every address" LISTEN_HELP },
	{ "listen = 1.2.3.4:", "''" PORT_HELP LISTEN_HELP },

	{ "to = 0", TO_HELP },
	{ "to = 22/udp", TO_HELP },
	{ "to = 22-23", TO_HELP },
	{ "to = 192.168.122.167", TO_HELP },
	{ "to = vm:22", TO_HELP },
	{ "to = 127.0.0.1:22",
	  "'127.0.0.1' is not the address of a VM; leave it out for the VM's own" },

	{ "from = 203.0.113.0/33", "'203.0.113.0/33'" PREFIX_HELP },
	{ "from = 203.0.113.0/", "'203.0.113.0/'" PREFIX_HELP },
	{ "from = 203.0.113.0/-1", "'203.0.113.0/-1'" PREFIX_HELP },
	{ "from = 203.0.113.0/255.255.255.0", "'203.0.113.0/255.255.255.0'" PREFIX_HELP },
	{ "from = fd00::/129", "'fd00::/129'" PREFIX_HELP },
	{ "from = 203.0.113/24", "'203.0.113/24'" FROM_HELP },
	{ "from = any", "'any'" FROM_HELP },
	{ "from = 203.0.113.7/24",
	  "'203.0.113.7/24' has bits after its prefix; write 203.0.113.0/24" },
	{ "from = 10.0.0.0/8, 10.1.0.0/16",
	  "10.0.0.0/8 and 10.1.0.0/16 overlap; write the larger one alone" },

	{ "interface = 52:54:00:12:34", NIC_HELP },
	{ "interface = 52:54:00:12:34:5g", NIC_HELP },
	{ "interface = a/b", NIC_HELP },
	{ "local = true", "write yes or no" },
	{ "required = 1", "write yes or no" },
};

static void values_refused(void **state)
{
	char text[512], expected[WHY_LEN];

	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		snprintf(text, sizeof(text), "[forward a]\n%s\n", refused[i][0]);
		snprintf(expected, sizeof(expected), "vms/x.ini:2: %s in [forward a]: %s",
			 refused[i][0], refused[i][1]);
		conf_text_refuse(*state, text, expected);
	}
}

static void addresses_refused(void **state)
{
	static const char *const rows[][2] = {
		{ "192.168.122.167/24", "'192.168.122.167/24'" ADDRESS_HELP },
		{ "127.0.0.1", "'127.0.0.1'" ADDRESS_HELP },
		{ "0.0.0.0", "'0.0.0.0'" ADDRESS_HELP },
		{ "train01.lan", "'train01.lan'" ADDRESS_HELP },
		{ "1.2.3.4 1.2.3.5",
		  "a second IPv4 address; write at most one of each family" },
		{ "fd00::1 fd00::2",
		  "a second IPv6 address; write at most one of each family" },
	};
	char text[512], expected[WHY_LEN];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		snprintf(text, sizeof(text), "[network]\naddress = %s\n", rows[i][0]);
		snprintf(expected, sizeof(expected),
			 "vms/x.ini:2: address = %s in [network]: %s", rows[i][0],
			 rows[i][1]);
		conf_text_refuse(*state, text, expected);
	}
}

static void sections_refused(void **state)
{
	static const char *const rows[][2] = {
		{ "to = 22",
		  "no port to listen on; add a line such as listen = 8022/tcp" },
		{ "listen =",
		  "no port to listen on; add a line such as listen = 8022/tcp" },
		{ "listen = 8000-8010\nto = 65530",
		  "11 ports from 65530 on end above 65535; write a lower port in 'to'" },
		{ "listen = 127.0.0.1:80",
		  "127.0.0.1 is for programs of the host alone; write local = yes too" },
		{ "listen = 127.0.0.1:80\nlocal = yes\nfrom = 10.0.0.0/8",
		  "'from' is about other hosts, and 127.0.0.1 is for programs of the host alone; write two sections" },
		{ "listen = 10000-12999\nto = 20000\nfrom = 10.0.0.0/8 11.0.0.0/8",
		  "3000 ports that become others, for 2 senders, are 6000 entries, and the kernel is slow with more than 4096; write the same ports in 'to', or fewer" },
		{ "listen = 80 80/tcp", "'listen' has port 80/tcp twice; remove one" },
		{ "listen = 80-90/udp 203.0.113.7:85/udp",
		  "'listen' has port 85/udp twice; remove one" },
		{ "listen = 203.0.113.7:8000-8001, 203.0.113.8:8001\nto = 22\nlocal = yes",
		  "with local = yes, port 8001/tcp of 127.0.0.1 would lead to two ports of the VM; write two sections, one of them without local" },
		{ "listen = 203.0.113.7:8000-8001, 127.0.0.1:8001\nto = 22\nlocal = yes",
		  "with local = yes, port 8001/tcp of 127.0.0.1 would lead to two ports of the VM; write two sections, one of them without local" },
		{ "listen = [fd00::1]:80\nto = 192.168.122.9:80",
		  "'listen' and 'to' have addresses of two families; write both as IPv4 or both as IPv6" },
	};
	char text[512], expected[WHY_LEN];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		snprintf(text, sizeof(text), "[devices]\n[forward a]\n%s\n", rows[i][0]);
		snprintf(expected, sizeof(expected), "vms/x.ini:3: [forward a]: %s",
			 rows[i][1]);
		conf_text_refuse(*state, text, expected);
	}
}

static void host_ini(void **state)
{
	const struct tree *t = *state;
	char sentence[WHY_LEN] = "";
	struct conf_host h;

	assert_int_equal(conf_host_read(t->fd, &h, sentence), 0);
	assert_int_equal(h.firewall.mark, 0x04000000);
	assert_false(h.firewall.manage);
	assert_int_equal(h.firewall.n_allowed, 0);
	tree_file(
		t, "host.ini",
		"[firewall]\nmark = 0x80\nforwarding = manage\nallowed-ports = 1024-2000, 8080\n");
	assert_int_equal(conf_host_read(t->fd, &h, sentence), 0);
	assert_int_equal(h.firewall.mark, 0x80);
	assert_true(h.firewall.manage);
	assert_int_equal(h.firewall.n_allowed, 2);
	assert_int_equal(h.firewall.allowed[0].hi, 2000);
	assert_int_equal(h.firewall.allowed[1].lo, 8080);
	conf_text_refuse_host(
		t, "[firewall]\nmark = 0x82\n",
		"host.ini:2: mark = 0x82 in [firewall]: write one bit of a packet mark in hexadecimal, such as 0x04000000");
	conf_text_refuse_host(
		t, "[firewall]\nallowed-ports = 80, 90-80\n",
		"host.ini:2: allowed-ports = 80, 90-80 in [firewall]: the range 90-80 runs backwards; write 80-90");
	conf_text_refuse_host(
		t, "[firewall]\nforwarding = on\n",
		"host.ini:2: forwarding = on in [firewall]: write check or manage");
	conf_text_refuse_host(
		t, "[forward a]\n",
		"host.ini:1: unknown section [forward a]; known: firewall, early, gpu, vgpus");
}

static void mutations(void **state)
{
	static const char sample[] =
		"[network]\naddress = 192.168.122.167 fd00::167\n[forward ssh]\n"
		"listen = 80, 203.0.113.7:443/tcp 8000-8100/udp,[2001:db8::1]:5000-5001/sctp\n"
		"to = 8080\nfrom = 203.0.113.0/24 10.0.0.1\ninterface = default\nlocal = yes\n";
	static const char *const pieces[] = {
		"[forward b]\n",
		"listen = ",
		"to = 22\n",
		"from = ",
		"/",
		"-",
		":",
		"]:",
		"[",
		"80",
		"65535",
		"0",
		",",
		" ",
		"\n",
		"::",
		"/udp",
		"fd00::1",
		"127.0.0.1:",
		"local = no\n",
	};
	uint64_t random = 20261122;
	unsigned int taken = 0;

	for (int round = 0; round < 3000; round++) {
		char sentence[WHY_LEN] = "", *text;
		struct conf_vm c;
		size_t len;
		int r;

		text = unit_mutate(&random, sample, sizeof(sample) - 1, pieces,
				   ARRAY_LEN(pieces), &len);
		r = conf_text_read(*state, text, len, &c, sentence);
		free(text);
		assert_true(r == 0 || r == -EINVAL);
		if (r) {
			unit_check_sentence(sentence);
			continue;
		}
		taken++;
		for (size_t i = 0; i < c.n_forwards; i++)
			assert_true(c.forwards[i].n_listen > 0);
		conf_vm_free(&c);
	}
	assert_true(taken > 20); /* most places of this text are strict */
}

static void networks(void **state)
{
	static const struct {
		const char *a, *b;
		bool overlap;
	} rows[] = {
		{ "10.0.0.0/8", "10.255.255.255", true },
		{ "10.0.0.0/8", "11.0.0.0/8", false },
		{ "0.0.0.0/0", "203.0.113.7", true },
		{ "0.0.0.0/0", "fd00::1", false },
		{ "fd00::/8", "fdff::1/128", true },
		{ "10.0.0.0/9", "10.128.0.0/9", false },
	};
	struct ip_net a, b;
	struct ip last;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_int_equal(ip_net_parse(rows[i].a, &a), 0);
		assert_int_equal(ip_net_parse(rows[i].b, &b), 0);
		assert_int_equal(ip_net_overlap(&a, &b), rows[i].overlap);
		assert_int_equal(ip_net_overlap(&b, &a), rows[i].overlap);
	}
	assert_int_equal(ip_net_parse("10.128.0.0/9", &a), 0);
	last = ip_net_last(&a);
	check_ip(&last, "10.255.255.255");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(networks),
		cmocka_unit_test_setup_teardown(least, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(everything, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(values_refused, tree_setup,
						tree_teardown),
		cmocka_unit_test_setup_teardown(addresses_refused, tree_setup,
						tree_teardown),
		cmocka_unit_test_setup_teardown(sections_refused, tree_setup,
						tree_teardown),
		cmocka_unit_test_setup_teardown(host_ini, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(mutations, tree_setup, tree_teardown),
	};

	return cmocka_run_group_tests_name("conf-forward", tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* test-import-iptables.c - virt-handoff import iptables: what is taken, and whose it is */

/*
 * Real: the parser, the writer, conf.c, libvirt's folders as files below TMPDIR.
 * tests/data/iptables/NAME.txt are inputs, NAME.ini what they give. save.txt is what
 * iptables-save printed on a host with libvirt 9, with forwards added. Nothing is faked.
 */

#include "import-back.h"

static void files(void **state)
{
	static const char *const names[] = { "save",   "notes", "hook",
					     "chains", "ports", "six" };
	const struct tree *t = *state;

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		char path[64], *text, *want, *out;
		char sentence[WHY_LEN] = "";
		struct import found;

		snprintf(path, sizeof(path), "iptables/%s.txt", names[i]);
		text = unit_data(path);
		snprintf(path, sizeof(path), "iptables/%s.ini", names[i]);
		want = unit_data(path);
		assert_int_equal(import_iptables(text, strlen(text), &found, sentence),
				 0);
		assert_string_equal(sentence, "");
		out = import_back_print(t, &found);
		assert_string_equal(out, want);
		import_back_check(t, &found, out);
		import_free(&found);
		free(text);
		free(want);
		free(out);
	}
}

static void check(const struct tree *t, const char *text, const char *const *want)
{
	struct lines have = { 0 };
	char sentence[WHY_LEN] = "", *out;
	struct import found;
	size_t n = 0;

	assert_int_equal(import_iptables(text, strlen(text), &found, sentence), 0);
	lines_of_import(&found, &have);
	for (; want[n]; n++) {
		assert_true(n < have.n);
		assert_string_equal(have.line[n], want[n]);
	}
	assert_int_equal(have.n, n);
	out = import_back_print(t, &found);
	import_back_check(t, &found, out);
	free(out);
	lines_free(&have);
	import_free(&found);
}

#define NAT "iptables -t nat -A PREROUTING -p tcp "

/* What is asked first wins; what says the same is one; who comes by 127.0.0.1 */
static void order(void **state)
{
	check(*state,
	      NAT
	      "--dport 1 -j DNAT --to 10.0.0.2\n"
	      "iptables -t nat -I PREROUTING -p tcp --dport 1 -j DNAT --to 10.0.0.3\n",
	      (const char *[]){ "*:1-1/tcp > 10.0.0.3:1 from *", NULL });
	check(*state,
	      NAT "--dport 1 -j DNAT --to 10.0.0.2\n" NAT
		  "--dport 1 -j DNAT --to 10.0.0.2:1\n" NAT
		  "-d 10.9.0.1 --dport 1 -j DNAT --to 10.0.0.2\n" NAT
		  "-s 10.8.0.0/16 --dport 1 -j DNAT --to 10.0.0.2\n",
	      (const char *[]){ "*:1-1/tcp > 10.0.0.2:1 from *", NULL });
	check(*state,
	      NAT "-s 10.8.0.0/16 --dport 1 -j DNAT --to 10.0.0.2\n" NAT
		  "-s 10.9.0.0/255.255.0.0 --dport 1 -j DNAT --to 10.0.0.3\n" NAT
		  "-s 10.8.1.0/24 --dport 1 -j DNAT --to 10.0.0.2\n",
	      (const char *[]){ "*:1-1/tcp > 10.0.0.2:1 from 10.8.0.0/16",
				"*:1-1/tcp > 10.0.0.3:1 from 10.9.0.0/16", NULL });
	check(*state,
	      NAT "-d 10.9.0.1 --dport 1 -j DNAT --to 10.0.0.2\n" NAT
		  "--dport 1 -j DNAT --to 10.0.0.3\n",
	      (const char *[]){ "10.9.0.1:1-1/tcp > 10.0.0.2:1 from *", NULL });
	check(*state,
	      NAT
	      "-d 10.9.0.1 --dport 1 -j DNAT --to 10.0.0.2\n"
	      "iptables -t nat -A OUTPUT -p tcp -d 127.0.0.0/8 --dport 1 -j DNAT --to 10.0.0.2\n",
	      (const char *[]){ "10.9.0.1:1-1/tcp > 10.0.0.2:1 from *",
				"127.0.0.1:1-1/tcp > 10.0.0.2:1 from * local", NULL });
	check(*state,
	      NAT "--dport 7000 -j DNAT --to 10.0.0.2\n" NAT
		  "--dport 7001 -j DNAT --to 10.0.0.2\n" NAT
		  "--dport 7002 -j DNAT --to 10.0.0.2:7003\n" NAT
		  "--dport 7003 -j DNAT --to 10.0.0.3\n",
	      (const char *[]){ "*:7000-7001/tcp > 10.0.0.2:7000 from *",
				"*:7002-7002/tcp > 10.0.0.2:7003 from *",
				"*:7003-7003/tcp > 10.0.0.3:7003 from *", NULL });
}

/* How iptables lets people spell it: anywhere, protocols by number, two commands a line */
static void spelled(void **state)
{
	static const char *const anywhere[] = {
		"any",       "ANYWHERE",        "0/0",
		"0.0.0.0/0", "10.8.0.0/16,0/0", "0/0,10.8.0.0/16"
	};
	char text[256];

	for (size_t i = 0; i < ARRAY_LEN(anywhere); i++) {
		snprintf(text, sizeof(text),
			 NAT "-s %s --dport 1 -j DNAT --to 10.0.0.2\n", anywhere[i]);
		check(*state, text,
		      (const char *[]){ "*:1-1/tcp > 10.0.0.2:1 from *", NULL });
	}
	check(*state,
	      "iptables -t nat -A PREROUTING -p 17 --dport 1 -j DNAT --to 10.0.0.2; "
	      "iptables -t nat -A PREROUTING -p 6 --dport 1 -j DNAT --to 10.0.0.2; "
	      "iptables -t nat -A PREROUTING -p 132 --dport 1 -j DNAT --to 10.0.0.2\n",
	      (const char *[]){ "*:1-1/tcp > 10.0.0.2:1 from *",
				"*:1-1/udp > 10.0.0.2:1 from *",
				"*:1-1/sctp > 10.0.0.2:1 from *", NULL });
}

#define ACCEPT "iptables -A FORWARD -j ACCEPT "

/* Of how many lines it is said that they are not taken */
static size_t count_left(const char *text)
{
	char sentence[WHY_LEN] = "";
	struct import found;
	size_t n = 0;

	assert_int_equal(import_iptables(text, strlen(text), &found, sentence), 0);
	for (size_t i = 0; i < found.n_notes; i++)
		n += found.note[i].kind == IMPORT_LEFT;
	import_free(&found);
	return n;
}

/* What says the same as one, and wants what leads elsewhere by another one */
static void apart(void **state)
{
#define OUTPUT "iptables -t nat -A OUTPUT -d 127.0.0.1 -p tcp "
	static const struct {
		const char *text;
		size_t left;
		const char *want[5];
	} cases[] = {
		{ NAT "-s 10.8.0.0/16 --dport 1 -j DNAT --to 10.0.0.2\n" NAT
		      "-s 10.9.0.0/16 --dport 1 -j DNAT --to 10.0.0.3\n" NAT
		      "-s 10.9.0.0/16 --dport 1 -j DNAT --to 10.0.0.2\n" NAT
		      "--dport 1 -j DNAT --to 10.0.0.2\n" NAT
		      "-s 10.7.0.0/16 --dport 1 -j DNAT --to 10.0.0.2\n",
		  2,
		  { "*:1-1/tcp > 10.0.0.2:1 from 10.8.0.0/16",
		    "*:1-1/tcp > 10.0.0.2:1 from 10.7.0.0/16",
		    "*:1-1/tcp > 10.0.0.3:1 from 10.9.0.0/16" } },
		{ NAT "-s 10.8.0.0/16 --dport 80:90 -j DNAT --to 10.0.0.2\n" NAT
		      "-s 10.9.0.0/16 --dport 85 -j DNAT --to 10.0.0.2\n" NAT
		      "-s 10.9.0.0/16 --dport 80:90 -j DNAT --to 10.0.0.2\n",
		  0,
		  { "*:80-90/tcp > 10.0.0.2:80 from 10.8.0.0/16",
		    "*:80-90/tcp > 10.0.0.2:80 from 10.9.0.0/16" } },
		/* what comes between stays as it is */
		{ NAT "-s 10.8.0.0/16 --dport 80:90 -j DNAT --to 10.0.0.2\n" NAT
		      "-s 10.9.0.0/16 --dport 85 -j DNAT --to 10.0.0.2\n" NAT
		      "--dport 7 -j DNAT --to 10.0.0.3\n" NAT
		      "-s 10.9.0.0/16 --dport 80:90 -j DNAT --to 10.0.0.2\n",
		  0,
		  { "*:80-90/tcp > 10.0.0.2:80 from 10.8.0.0/16",
		    "*:80-90/tcp > 10.0.0.2:80 from 10.9.0.0/16",
		    "*:7-7/tcp > 10.0.0.3:7 from *" } },
		/* anyone, after some */
		{ NAT "-s 10.8.0.0/16 --dport 1 -j DNAT --to 10.0.0.2\n" NAT
		      "--dport 1 -j DNAT --to 10.0.0.2\n",
		  0,
		  { "*:1-1/tcp > 10.0.0.2:1 from *" } },
		/* the host itself is one client, whoever else may connect */
		{ NAT "-s 10.8.0.0/16 --dport 1 -j DNAT --to 10.0.0.2\n" NAT
		      "-s 10.9.0.0/16 --dport 1 -j DNAT --to 10.0.0.3\n" OUTPUT
		      "--dport 1 -j DNAT --to 10.0.0.3\n" OUTPUT
		      "--dport 1 -j DNAT --to 10.0.0.2\n",
		  1,
		  { "*:1-1/tcp > 10.0.0.2:1 from 10.8.0.0/16",
		    "*:1-1/tcp > 10.0.0.3:1 from 10.9.0.0/16 local" } },
		/* each address of 127.0.0.0/8 by itself */
		{ NAT
		  "--dport 1 -j DNAT --to 10.0.0.2\n" OUTPUT
		  "--dport 1 -j DNAT --to 10.0.0.2\n"
		  "iptables -t nat -A OUTPUT -d 127.0.0.2 -p tcp --dport 1 -j DNAT --to 10.0.0.3\n"
		  "iptables -t nat -A OUTPUT -d 127.0.0.3 -p tcp --dport 1 -j DNAT --to 10.0.0.2\n",
		  0,
		  { "*:1-1/tcp > 10.0.0.2:1 from * local",
		    "127.0.0.2:1-1/tcp > 10.0.0.3:1 from * local",
		    "127.0.0.3:1-1/tcp > 10.0.0.2:1 from * local" } },
		/* all of them */
		{ NAT
		  "--dport 1 -j DNAT --to 10.0.0.2\n"
		  "iptables -t nat -A OUTPUT -p tcp --dport 1 -j DNAT --to 10.0.0.2\n"
		  "iptables -t nat -A OUTPUT -d 127.0.0.2 -p tcp --dport 1 -j DNAT --to 10.0.0.3\n"
		  "iptables -t nat -A OUTPUT -d 127.0.0.0/8 -p tcp --dport 2 -j DNAT --to 10.0.0.2\n"
		  "iptables -t nat -A OUTPUT -d 127.0.0.3 -p tcp --dport 2 -j DNAT --to 10.0.0.3\n",
		  2,
		  { "*:1-1/tcp > 10.0.0.2:1 from * local",
		    "127.0.0.1:2-2/tcp > 10.0.0.2:2 from * local" } },
		/* of a part of the ports: the rest are the host's own at 127.0.0.1 */
		{ NAT
		  "--dport 80:90 -j DNAT --to 10.0.0.2\n" OUTPUT
		  "--dport 80 -j DNAT --to 10.0.0.2\n"
		  "iptables -t nat -A OUTPUT -p tcp --dport 85 -j DNAT --to 10.0.0.2\n",
		  0,
		  { "*:80-90/tcp > 10.0.0.2:80 from *",
		    "127.0.0.1:80-80/tcp > 10.0.0.2:80 from * local",
		    "127.0.0.1:85-85/tcp > 10.0.0.2:85 from * local" } },
		/* and then all of them; and of one that is local already */
		{ NAT "--dport 80:90 -j DNAT --to 10.0.0.2\n" OUTPUT
		      "--dport 85 -j DNAT --to 10.0.0.2\n" OUTPUT
		      "--dport 80:90 -j DNAT --to 10.0.0.2\n",
		  0,
		  { "*:80-90/tcp > 10.0.0.2:80 from * local" } },
		{ NAT "-s 10.8.0.0/16 --dport 80:90 -j DNAT --to 10.0.0.2\n" OUTPUT
		      "--dport 80:90 -j DNAT --to 10.0.0.2\n" OUTPUT
		      "--dport 85 -j DNAT --to 10.0.0.2\n",
		  0,
		  { "*:80-90/tcp > 10.0.0.2:80 from 10.8.0.0/16 local" } },
		/* all to one */
		{ OUTPUT "--dport 81:82 -j DNAT --to 10.0.0.2:80\n",
		  0,
		  { "127.0.0.1:81-81/tcp > 10.0.0.2:80 from * local",
		    "127.0.0.1:82-82/tcp > 10.0.0.2:80 from * local" } },
		{ NAT
		  "--dport 85 -j DNAT --to 10.0.0.2\n" OUTPUT
		  "--dport 80:90 -j DNAT --to 10.0.0.2\n"
		  "iptables -t nat -A OUTPUT -o lo -p tcp --dport 85 -j DNAT --to 10.0.0.2\n",
		  0,
		  { "*:85-85/tcp > 10.0.0.2:85 from *",
		    "127.0.0.1:80-90/tcp > 10.0.0.2:80 from * local" } },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		check(*state, cases[i].text, cases[i].want);
		assert_int_equal(count_left(cases[i].text), cases[i].left);
	}
}

/* More clients than a line takes, and the host itself: only one section can have that */
static void split(void **state)
{
	char text[8192] = "", *out, *at;
	struct lines have = { 0 };
	char sentence[WHY_LEN] = "";
	const struct tree *t = *state;
	struct import found;

	for (size_t n = 100; n < 160; n++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
			 NAT "-s 203.113.%zu.128/25 --dport 1 -j DNAT --to 10.0.0.2\n",
			 n);
	strcat(text, OUTPUT "--dport 1 -j DNAT --to 10.0.0.2\n");
	assert_int_equal(import_iptables(text, strlen(text), &found, sentence), 0);
	out = import_back_print(t, &found);
	lines_of_file(t, strstr(out, "[network]"), &have);
	assert_int_equal(have.n, 60);
	at = strstr(out, "local  = yes");
	assert_non_null(at);
	assert_null(strstr(at + 1, "local  = yes"));
	assert_non_null(strstr(at, "[forward "));
	import_free(&found);
	lines_free(&have);
	free(out);
}

/* FORWARD narrows, but for what is open there too; a chain leads in with what it asks */
static void accepts(void **state)
{
	check(*state,
	      NAT "--dport 1 -j DNAT --to 10.0.0.2:22\n" ACCEPT
		  "-s 10.8.0.0/16 -d 10.0.0.0/24 -p tcp --dport 22\n",
	      (const char *[]){ "*:1-1/tcp > 10.0.0.2:22 from 10.8.0.0/16", NULL });
	check(*state,
	      NAT "--dport 1 -j DNAT --to 10.0.0.2:22\n" ACCEPT
		  "-s 10.8.0.0/16 -d 10.0.0.2 -p tcp --dport 1\n",
	      (const char *[]){ "*:1-1/tcp > 10.0.0.2:22 from *", NULL });
	check(*state,
	      NAT "--dport 1 -j DNAT --to 10.0.0.2:22\n" ACCEPT
		  "-s 10.8.0.0/16 -d 10.0.0.2\n" ACCEPT "-o virbr0\n",
	      (const char *[]){ "*:1-1/tcp > 10.0.0.2:22 from *", NULL });
	check(*state,
	      NAT "-s 10.8.1.0/24,10.7.0.1 --dport 1 -j DNAT --to 10.0.0.2:22\n" ACCEPT
		  "-s 10.8.0.0/16 -d 10.0.0.2\n" ACCEPT "-s 10.0.0.0/24 -d 10.0.0.2\n",
	      (const char *[]){ "*:1-1/tcp > 10.0.0.2:22 from 10.8.1.0/24", NULL });
	check(*state,
	      NAT "-s 10.9.0.0/16 --dport 1 -j DNAT --to 10.0.0.2:22\n" ACCEPT
		  "-s 10.8.0.0/16 -d 10.0.0.2\n",
	      (const char *[]){ NULL });
	check(*state,
	      NAT "--dport 1 -j DNAT --to 10.0.0.2:22\n" ACCEPT
		  "-s 10.8.0.0/16,10.7.0.0/16 -d 10.0.0.2\n" ACCEPT
		  "-s 10.8.1.0/24,10.7.0.0/16 -d 10.0.0.2\n",
	      (const char *[]){ "*:1-1/tcp > 10.0.0.2:22 from 10.8.0.0/16",
				"*:1-1/tcp > 10.0.0.2:22 from 10.7.0.0/16", NULL });
	/* what the host itself sends does not pass FORWARD */
	check(*state,
	      NAT "-d 10.9.0.1 --dport 1 -j DNAT --to 10.0.0.2:22\n" OUTPUT
		  "--dport 1 -j DNAT --to 10.0.0.2:22\n" ACCEPT
		  "-s 10.8.0.0/16 -d 10.0.0.2\n",
	      (const char *[]){ "10.9.0.1:1-1/tcp > 10.0.0.2:22 from 10.8.0.0/16",
				"127.0.0.1:1-1/tcp > 10.0.0.2:22 from * local", NULL });
	check(*state,
	      "iptables -t nat -A PREROUTING -s 10.8.0.0/16 -p tcp -j a\n"
	      "iptables -t nat -A a -s 10.8.1.0/24 -j b\niptables -t nat -A a -s 10.9.0.0/24 -j b\n"
	      "iptables -t nat -A b -p tcp --dport 5 -j DNAT --to 10.0.0.2\n"
	      "iptables -t nat -A b -p udp --dport 5 -j DNAT --to 10.0.0.2\n"
	      "iptables -t nat -A a -j a\niptables -t nat -A b -j a\n",
	      (const char *[]){ "*:5-5/tcp > 10.0.0.2:5 from 10.8.1.0/24", NULL });
}

/* What a forward cannot ask for is taken without it, and said: by which interface */
static void taken_in_part(void **state)
{
	static const char *const texts[] = {
		NAT "-i eth0 --dport 1 -j DNAT --to 10.0.0.2\n",
		NAT "--dport 1 -j DNAT --to 10.0.0.2\n" ACCEPT "-i eth0 -d 10.0.0.2\n",
		NAT "--dport 1 -j DNAT --to 10.0.0.2\n" ACCEPT
		    "-s 10.1.0.0/16 -d 10.0.0.2\n" ACCEPT "-i eth0 -d 10.0.0.2\n",
	};
	struct import found;
	char sentence[WHY_LEN];

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		assert_int_equal(
			import_iptables(texts[i], strlen(texts[i]), &found, sentence), 0);
		assert_int_equal(found.n, 1);
		assert_int_equal(found.forward[0].n_from, 0);
		assert_int_equal(found.n_notes, 1);
		assert_int_equal(found.note[0].kind, IMPORT_LOOK);
		assert_non_null(
			strstr(found.note[0].text, "an address of eth0 in listen"));
		import_free(&found);
	}
	check(*state,
	      NAT "--dport 1 -j DNAT --to 10.0.0.2\n" ACCEPT
		  "-i eth0 -d 10.0.0.2\n" ACCEPT "-d 10.0.0.2\n",
	      (const char *[]){ "*:1-1/tcp > 10.0.0.2:1 from *", NULL });
}

#define DOMAIN(name, uuid, mac)                                                       \
	"<!-- a comment --><domain type='kvm'><name>" name                            \
	"</name><uuid>2f82ee72-3ac5-4615-9c0b-327c12e8c8" uuid                        \
	"</uuid><devices><interface type='network'><mac address='52:54:00:00:00:" mac \
	"'/><source network='default'/></interface></devices></domain>"

static void whose(void **state)
{
	static const char text[] =
		"iptables -t nat -A PREROUTING -p tcp -m multiport --dports 80,81 -j DNAT --to 192.168.122.9\n"
		"ip6tables -t nat -A PREROUTING -p tcp -m multiport --dports 80,443 -j DNAT --to fd00::9\n"
		"iptables -t nat -A PREROUTING -p tcp --dport 82 -j DNAT --to 192.168.122.10\n"
		"iptables -t nat -A PREROUTING -p tcp --dport 83 -j DNAT --to 192.168.122.11\n";
	char sentence[WHY_LEN] = "", *out;
	const struct tree *t = *state;
	struct import found;

	tree_file(t, "etc/libvirt/qemu/train01.xml", DOMAIN("train01", "3d", "09"));
	tree_file(t, "etc/libvirt/qemu/games.xml", DOMAIN("games", "3e", "0a"));
	tree_file(t, "etc/libvirt/qemu/broken.xml", "<domain");
	tree_file(t, "etc/libvirt/qemu/other.txt", DOMAIN("other", "3f", "0b"));
	tree_file(
		t, "etc/libvirt/qemu/networks/default.xml",
		"<network><name>default</name><bridge name='virbr0'/><ip><dhcp>"
		"<host mac='52:54:00:00:00:09' name='x' ip='192.168.122.9'/></dhcp></ip>"
		"<ip><dhcp><host name='train01' ip='fd00::9'/>"
		"<host mac='52:54:00:00:00:0b' ip='192.168.122.11'/></dhcp></ip></network>");
	tree_file(
		t, "var/lib/libvirt/dnsmasq/virbr0.status",
		"[ { \"ip-address\": \"192.168.122.10\", \"mac-address\": \"52:54:00:00:00:0a\" } ]");
	assert_int_equal(import_iptables(text, strlen(text), &found, sentence), 0);
	out = import_back_print(t, &found);
	import_back_check(t, &found, out);
	assert_string_equal(
		out,
		"; /etc/virt-handoff/vms/train01.ini\n"
		"[network]\naddress = 192.168.122.9\n\n"
		"[forward http]\nlisten = 80/tcp, 81/tcp\n\n"
		"; /etc/virt-handoff/vms/train01.ini too: its other address\n\n"
		"[forward http-80]\nlisten = 80/tcp\nto     = [fd00::9]:80\n\n"
		"[forward https]\nlisten = 443/tcp\nto     = [fd00::9]:443\n\n"
		"; /etc/virt-handoff/vms/games.ini\n"
		"[network]\naddress = 192.168.122.10\n\n"
		"[forward tcp-82]\nlisten = 82/tcp\n\n"
		"; address 192.168.122.11: which VM is it? Its INI file is /etc/virt-handoff/vms/NAME.ini\n"
		"[network]\naddress = 192.168.122.11\n\n"
		"[forward tcp-83]\nlisten = 83/tcp\n\n");
	free(out);
	import_free(&found);
}

/* Whatever the text, what is printed can be read again. */
static void mutated(void **state)
{
	static const char *const pieces[] = { "-A",     "-j",     "DNAT",    "\"",
					      "'",      "\\\n",   "$",       "$(",
					      "`",      "!",      ";",       "\n",
					      "#",      "*nat\n", "--to",    "--dport",
					      "-s",     "-d",     "1:65535", "0",
					      "fd00::", "[",      "]",       "/",
					      ",",      ">",      "-i lo" };
	const struct tree *t = *state;
	uint64_t seed = 88172645463325252u;
	char *texts[] = { unit_data("iptables/save.txt"), unit_data("iptables/notes.txt"),
			  unit_data("iptables/chains.txt"),
			  unit_data("iptables/ports.txt"),
			  unit_data("iptables/six.txt") };

	for (size_t i = 0; i < 1000; i++) {
		const char *text = texts[i % ARRAY_LEN(texts)];
		char sentence[WHY_LEN] = "", *changed, *out;
		struct import found;
		size_t len;

		changed = unit_mutate(&seed, text, strlen(text), pieces,
				      ARRAY_LEN(pieces), &len);
		assert_int_equal(import_iptables(changed, len, &found, sentence), 0);
		out = import_back_print(t, &found);
		import_back_check(t, &found, out);
		free(out);
		free(changed);
		import_free(&found);
	}
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		free(texts[i]);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, tree_setup, tree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(files),         TEST(order), TEST(spelled),
		TEST(apart),         TEST(split), TEST(accepts),
		TEST(taken_in_part), TEST(whose), TEST(mutated),
	};

	return cmocka_run_group_tests_name("import-iptables", tests, NULL, NULL);
}

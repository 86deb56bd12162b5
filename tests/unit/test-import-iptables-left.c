// SPDX-License-Identifier: GPL-2.0-or-later
/* test-import-iptables-left.c - virt-handoff import iptables: what is left, and what is said */

/*
 * Real: the parser, the writer, conf.c, libvirt's folders as files below TMPDIR. Nothing is
 * faked.
 */

#include "import-back.h"
#include "import-ini.h"

/* Line 2 is left, and its note has all of @words */
static void check_left(const char *line, const char *const words[static 3])
{
	char text[1024], sentence[WHY_LEN] = "", begin[64];
	struct import found;

	snprintf(text, sizeof(text), "# what is wrong\n%s\n", line);
	snprintf(begin, sizeof(begin), "line 2: %.20s", line);
	assert_int_equal(import_iptables(text, strlen(text), &found, sentence), 0);
	if (found.n != 0 || found.n_notes != 1)
		fail_msg("%s: %zu forwards, %zu notes, %s", line, found.n, found.n_notes,
			 found.n_notes ? found.note[0].text : "");
	assert_int_equal(found.note[0].kind, IMPORT_LEFT);
	assert_int_equal(found.note[0].line, 2);
	assert_memory_equal(found.note[0].text, begin, strlen(begin));
	for (size_t i = 0; i < 3 && words[i]; i++)
		if (!strstr(found.note[0].text, words[i]))
			fail_msg("'%s' has no '%s'", found.note[0].text, words[i]);
	assert_true(import_look(&found));
	import_free(&found);
}

static void wrong(void **state)
{
	static const struct {
		const char *options;
		const char *words[3];
	} cases[] = {
		{ "-p tcp --dport 0 -j DNAT --to 10.0.0.2",
		  { "'0' is not a port", "1 to 65535" } },
		{ "-p tcp --dport 65536 -j DNAT --to 10.0.0.2",
		  { "'65536' is not a port" } },
		{ "-p tcp --dport -1 -j DNAT --to 10.0.0.2", { "'-1' is not a port" } },
		{ "-p tcp --dport 0x50 -j DNAT --to 10.0.0.2",
		  { "'0x50' is not a port" } },
		{ "-p tcp --dport '80 ' -j DNAT --to 10.0.0.2",
		  { "'80 ' is not a port" } },
		{ "-p tcp --dport 80-90 -j DNAT --to 10.0.0.2",
		  { "'80-90'", "with a colon" } },
		{ "-p tcp --dport 90:80 -j DNAT --to 10.0.0.2",
		  { "backwards", "write 80:90" } },
		{ "-p tcp --dport 80: -j DNAT --to 10.0.0.2:99999",
		  { "'99999' is not a port" } },
		{ "-p tcp -m multiport --dports 80,,81 -j DNAT --to 10.0.0.2",
		  { "not a list" } },
		{ "-p tcp -m multiport --dports 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17 -j DNAT --to 10.0.0.2",
		  { "more than 16 ports", "split it" } },
		{ "-p tcp --dport ssh2 -j DNAT --to 10.0.0.2",
		  { "'ssh2' is not a port" } },
		{ "-p tcp --dport -j DNAT --to 10.0.0.2", { "'-j' is not a port" } },
		{ "-p tcp -j DNAT --to 10.0.0.2 --dport",
		  { "nothing stands behind --dport" } },
		{ "-p tcp --dport 80 -j DNAT --to 10.0.0.2:",
		  { "no port behind the colon" } },
		{ "-p tcp --dport 80 -j DNAT --to 10.0.0.2:80-70",
		  { "backwards", "write 70-80" } },
		{ "-p tcp --dport 80 -j DNAT --to 10.0.0.256:80",
		  { "'10.0.0.256' is not an address", "192.168.122.167:22" } },
		{ "-p tcp --dport 80 -j DNAT --to web:80",
		  { "'web' is not an address" } },
		{ "-p tcp --dport 80 -j DNAT --to 10.0.0.2-10.0.0.9",
		  { "range of addresses", "leads to one" } },
		{ "-p tcp --dport 80 -j DNAT --to 224.0.0.1",
		  { "'224.0.0.1' is not the address of a VM" } },
		{ "-p tcp --dport 80 -j DNAT --to [fd00::1]:80", { "no IPv4 address" } },
		{ "-p tcp --dport 80 -j DNAT --to [fd00::1:80", { "is not an address" } },
		{ "-p tcp --dport 80 -j DNAT --to [10.0.0.2]x80",
		  { "'[10.0.0.2]x80' is not an address" } },
		{ "-p tcp --dport 80 -j DNAT",
		  { "does not say where to", "--to-destination ADDRESS:PORT" } },
		{ "-p tcp -d 10.9.0.300 --dport 80 -j DNAT --to 10.0.0.2",
		  { "'10.9.0.300' is not an address", "203.0.113.7" } },
		{ "-p tcp -d 10.9.0.0/24 --dport 80 -j DNAT --to 10.0.0.2",
		  { "single addresses" } },
		{ "-p tcp -d 127.0.0.1 --dport 80 -j DNAT --to 10.0.0.2",
		  { "local = yes" } },
		{ "-p tcp -d 0.0.0.0 --dport 80 -j DNAT --to 10.0.0.2",
		  { "no single host" } },
		{ "-p tcp -d server --dport 80 -j DNAT --to 10.0.0.2",
		  { "'server' is not an address", "as numbers" } },
		{ "-p tcp -s 10.0.0.0/33 --dport 80 -j DNAT --to 10.0.0.2",
		  { "wrong prefix", "/0 to /32" } },
		{ "-p tcp -s 10.0.0.0/255.0.255.0 --dport 80 -j DNAT --to 10.0.0.2",
		  { "wrong prefix" } },
		{ "-p tcp -s fd00::/64 --dport 80 -j DNAT --to 10.0.0.2",
		  { "no IPv4 address" } },
		{ "-p tcp ! -s 10.0.0.0/8 --dport 80 -j DNAT --to 10.0.0.2",
		  { "all clients but 10.0.0.0/8" } },
		{ "-p tcp -s ! 10.0.0.0/8 --dport 80 -j DNAT --to 10.0.0.2",
		  { "all clients but 10.0.0.0/8" } },
		{ "-p tcp ! --dport 80 -j DNAT --to 10.0.0.2", { "all ports but 80" } },
		{ "-p tcp --dport 80 --sport 1 -j DNAT --to 10.0.0.2",
		  { "port 1 of the client" } },
		{ "-p tcp --dport 80 -m time --timestart 8:00 -j DNAT --to 10.0.0.2",
		  { "the match 'time'" } },
		{ "-p tcp --dport 80 --frob 1 -j DNAT --to 10.0.0.2",
		  { "the option '--frob'" } },
		{ "-p tcp --dport 80 nonsense -j DNAT --to 10.0.0.2",
		  { "'nonsense' is neither" } },
		{ "-p tcp --dport 80 -m state --state ESTABLISHED -j DNAT --to 10.0.0.2",
		  { "write NEW" } },
		{ "-p tcp -s 10.0.0.1,10.0.0.2,10.0.0.3,10.0.0.4,10.0.0.5,10.0.0.6,10.0.0.7,10.0.0.8,10.0.0.9,10.0.0.10,10.0.0.11,10.0.0.12,10.0.0.13,10.0.0.14,10.0.0.15,10.0.0.16,10.0.0.17 --dport 80 -j DNAT --to 10.0.0.2",
		  { "more than 16 addresses", "split it" } },
		{ "-p tcp --dport 80 -j DNAT --to 192.168.122.167:0000000000000000000000000000000000000000000000000000000000000000000000000000000000000080",
		  { "'192.168.122.167:000000000000000000000000...' is too long",
		    "write ADDRESS:PORT" } },
		{ "! -p tcp --dport 80 -j DNAT --to 10.0.0.2",
		  { "all protocols but tcp" } },
		{ "-p all -d 10.9.0.1 -j DNAT --to 10.0.0.2", { "without -p" } },
		{ "-p 0 -d 10.9.0.1 -j DNAT --to 10.0.0.2", { "without -p" } },
		{ "-p 47 -j DNAT --to 10.0.0.2", { "'47' cannot be forwarded" } },
		{ "-p icmp -j DNAT --to 10.0.0.2",
		  { "'icmp' cannot be forwarded", "tcp, udp and sctp" } },
		{ "-p tpc --dport 80 -j DNAT --to 10.0.0.2",
		  { "'tpc' cannot be forwarded" } },
		{ "-d 10.9.0.1 -j DNAT --to 10.0.0.2", { "without -p" } },
		{ "-p tcp -d 10.9.0.1 -j DNAT --to 10.0.0.2", { "without --dport" } },
		{ "-p tcp --dport $P -j DNAT --to 10.0.0.2",
		  { "'$P' has a value that is not in the text" } },
		{ "-p tcp --dport `cat p` -j DNAT --to 10.0.0.2",
		  { "'`cat p`' has a value" } },
		{ "-p tcp --dport 80 -j DNAT --to '10.0.0.2",
		  { "the quote ' is not closed" } },
		{ "-p tcp --dport 1:100 -j DNAT --to 10.0.0.2:80",
		  { "100 ports lead to one" } },
		{ "-p tcp --dport 1:9 -j DNAT --to 10.0.0.2:100-200",
		  { "9 ports from 1", "as many" } },
		{ "-p tcp --dport 80 -j", { "nothing stands behind -j" } },
	};
	char line[512];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		snprintf(line, sizeof(line), "iptables -t nat -A PREROUTING %s",
			 cases[i].options);
		check_left(line, cases[i].words);
	}
	check_left("iptables -A PREROUTING -p tcp --dport 80 -j DNAT --to 10.0.0.2",
		   (const char *[3]){ "only in the table nat", "-t nat" });
	check_left("iptable -t nat -A PREROUTING -p tcp --dport 80 -j DNAT --to 10.0.0.2",
		   (const char *[3]){ "no iptables command" });
	check_left("$SCRIPT -t nat -A PREROUTING -p tcp --dport 80 -j DNAT --to 10.0.0.2",
		   (const char *[3]){ "no iptables command" });
	check_left("iptables -t nat -A OUTPUT -p tcp --dport 80 -j DNAT --to 10.0.0.2",
		   (const char *[3]){ "only the host itself" });
	check_left("iptables -A FORWARD -p tcp -d 10.0.0.2.3 --dport 80 -j ACCEPT",
		   (const char *[3]){ "'10.0.0.2.3' is not an address" });
}

/* What the host itself used and no forward does; here and there one of them helps */
static void one_address(void **state)
{
	static const struct {
		const char *first, *second, *said;
	} cases[] = {
		{ "PREROUTING -d 10.9.0.1", "OUTPUT", "by one address alone" },
		{ "OUTPUT -d 127.0.0.1", "OUTPUT", "leads nobody else" },
		{ "PREROUTING -d 10.9.0.1", "OUTPUT -d 10.9.0.2", "leads nobody else" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char text[512], sentence[WHY_LEN] = "";
		struct import found;

		snprintf(
			text, sizeof(text),
			"iptables -t nat -A %s -p tcp --dport 80 -j DNAT --to 10.0.0.2\n"
			"iptables -t nat -A %s -p tcp --dport 80 -j DNAT --to 10.0.0.2\n",
			cases[i].first, cases[i].second);
		assert_int_equal(import_iptables(text, strlen(text), &found, sentence),
				 0);
		assert_int_equal(found.n, 1);
		assert_int_equal(found.n_notes, 1);
		assert_int_equal(found.note[0].kind, IMPORT_LEFT);
		assert_int_equal(found.note[0].line, 2);
		assert_non_null(strstr(found.note[0].text, cases[i].said));
		import_free(&found);
	}
}

/* What the jump asks for holds for the chain too */
static void behind_a_jump(void **state)
{
	static const struct {
		const char *jump, *rule;
		size_t n;
		enum import_kind kind;
		const char *said;
	} cases[] = {
		{ "-i eth0", "-i eth1 --dport 80 -j DNAT --to 10.0.0.2", 0, IMPORT_LEFT,
		  "no packet comes here" },
		{ "-i eth0", "-i eth0 --dport 80 -j DNAT --to 10.0.0.2", 1, IMPORT_LOOK,
		  "only for what came in by eth0" },
		{ "-i eth0", "--dport 80 -j DNAT --to 10.0.0.2", 1, IMPORT_LOOK,
		  "only for what came in by eth0" },
		{ "-p tcp --dport 1:99", "--dport 80 -j DNAT --to 10.0.0.2", 0,
		  IMPORT_LEFT, "a forward cannot ask for ports in two rules" },
		{ "! -s 10.8.0.0/16", "--dport 80 -j DNAT --to 10.0.0.2", 0, IMPORT_LEFT,
		  "a forward cannot ask for all clients but 10.8.0.0/16" },
		{ "-s 10.8.0.0/16", "--dport 80 -j DNAT --to 127.0.0.1:8080", 0,
		  IMPORT_SAID, "leads to the host itself, not to a VM; keep it" },
		{ "-s 10.8.0.0/16", "--dport 80 -j DNAT --to :8080", 0, IMPORT_SAID,
		  "leads to the host itself, not to a VM; keep it" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char text[512], sentence[WHY_LEN] = "";
		struct import found;

		snprintf(text, sizeof(text),
			 "iptables -t nat -A PREROUTING %s -j a\n"
			 "iptables -t nat -A a -p tcp %s\n",
			 cases[i].jump, cases[i].rule);
		assert_int_equal(import_iptables(text, strlen(text), &found, sentence),
				 0);
		if (found.n_notes != 1 || !strstr(found.note[0].text, cases[i].said))
			fail_msg("'%s' is not what is said: %s", cases[i].said,
				 found.n_notes ? found.note[0].text : "nothing");
		assert_int_equal(found.n, cases[i].n);
		assert_int_equal(found.note[0].kind, cases[i].kind);
		assert_int_equal(found.note[0].line, 2);
		import_free(&found);
	}
}

/* What is nobody's business is passed over without a word. */
static void silent(void **state)
{
	static const char text[] =
		"Ask Jane how to use iptables!\n"
		"- apt install iptables\n"
		"# iptables -t nat -A PREROUTING -p tcp --dport x -j DNAT --to y\n"
		"echo iptables -t nat -A PREROUTING -j DNAT\n"
		"iptables -t nat -D PREROUTING -p tcp --dport 80 -j DNAT --to 10.0.0.2\n"
		"iptables -t nat -nvL; iptables-save > /tmp/x; iptables -P FORWARD ACCEPT\n"
		"it's an unclosed quote\n"
		"iptables -N x; iptables -F\r\n";
	char sentence[WHY_LEN] = "", *out;
	const struct tree *t = *state;
	struct import found;

	assert_int_equal(import_iptables(text, strlen(text), &found, sentence), 0);
	for (size_t i = 0; i < found.n_notes; i++)
		fail_msg("%s", found.note[i].text);
	assert_int_equal(found.n + found.passed, 0);
	out = import_back_print(t, &found);
	assert_string_equal(out, "; no forward to a VM was found\n");
	free(out);
	import_free(&found);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, tree_setup, tree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wrong),
		cmocka_unit_test(one_address),
		cmocka_unit_test(behind_a_jump),
		TEST(silent),
	};

	return cmocka_run_group_tests_name("import-iptables-left", tests, NULL, NULL);
}

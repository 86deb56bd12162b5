// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-import.c - virt-handoff import iptables: what is taken, what is said of the rest,
 * and that conf.c reads the same forwards out of what is printed
 *
 * Real: the parser, the writer, conf.c, libvirt's folders as files below TMPDIR.
 * tests/data/iptables/NAME.txt are inputs, NAME.ini what they give. save.txt is what
 * iptables-save printed on a host with libvirt 9, with forwards added. Nothing is faked.
 */

#include "tree.h"
#include "unit.h"

#include "conf.h"
#include "forward.h"
#include "import-ini.h"
#include "import-iptables.h"
#include "import-vm.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define OUT_LEN (4u << 20)

static int make_tree(void **state)
{
	struct tree *t = calloc(1, sizeof(*t));

	assert_non_null(t);
	tree_make(t);
	*state = t;
	return 0;
}

static int remove_tree(void **state)
{
	tree_remove(*state);
	free(*state);
	return 0;
}

/* What the command prints for a text; owned by the caller */
static char *print(const struct import *i, int root)
{
	struct import_vms vms;
	char *out = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&out, &size);

	assert_non_null(f);
	assert_int_equal(import_vms_read(root, &vms), 0);
	assert_int_equal(import_write(i, &vms, f), 0);
	fclose(f);
	import_vms_free(&vms);
	return out;
}

static char *read_data(const char *name, const char *suffix)
{
	char path[256], *text = malloc(IMPORT_TEXT_MAX);
	FILE *f;
	size_t n;

	assert_non_null(text);
	snprintf(path, sizeof(path), "tests/data/iptables/%s.%s", name, suffix);
	f = fopen(path, "re");
	assert_non_null(f);
	n = fread(text, 1, IMPORT_TEXT_MAX - 1, f);
	fclose(f);
	text[n] = '\0';
	return text;
}

/* ---- the way back: what conf.c reads out of the text ---- */

/* One client of one forward, as a line */
static void put_line(char *to, size_t size, const struct import_forward *f,
		     const struct ip_net *from)
{
	char listen[IP_LEN], guest[IP_LEN], net[IP_NET_LEN];

	ip_format(&f->listen, listen);
	ip_format(&f->guest, guest);
	ip_net_format(from, net);
	snprintf(to, size, "%s:%u-%u/%s > %s:%u from %s%s", listen, f->lo, f->hi,
		 proto_name(f->proto), guest, f->to, net, f->local ? " local" : "");
}

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

struct lines {
	char (*line)[256];
	size_t n;
};

static char *next_line(struct lines *l)
{
	l->line = realloc(l->line, (l->n + 1) * sizeof(*l->line));
	assert_non_null(l->line);
	return l->line[l->n++];
}

static void lines_of_import(const struct import *i, struct lines *l)
{
	for (size_t k = 0; k < i->n; k++) {
		const struct import_forward *f = &i->forward[k];
		struct ip_net any = { 0 };

		for (size_t c = 0; c < f->n_from; c++)
			put_line(next_line(l), sizeof(*l->line), f, &f->from[c]);
		if (f->n_from == 0)
			put_line(next_line(l), sizeof(*l->line), f, &any);
	}
}

/* One file, as the hook would take it */
static void lines_of_file(const struct tree *t, const char *text, struct lines *l)
{
	char sentence[WHY_LEN] = "";
	struct forwards all = { 0 };
	struct conf_vm c;

	tree_file(t, "x.ini", text);
	if (conf_vm_read(t->fd, "x", NULL, &c, sentence) != 0)
		fail_msg("%s\n%s", sentence, text);
	for (size_t i = 0; i < c.n_forwards; i++) {
		const struct conf_forward *f = &c.forwards[i];

		for (size_t k = 0; k < c.network.n_address && !f->to.family; k++)
			assert_int_equal(
				forwards_add_conf(&all, f, &c.network.address[k]), 0);
		if (f->to.family)
			assert_int_equal(forwards_add_conf(&all, f, &f->to), 0);
	}
	for (size_t i = 0; i < all.n; i++) {
		const struct forward *f = &all.list[i];
		struct import_forward same = {
			.guest = f->guest,
			.proto = f->proto,
			.lo = f->lo,
			.hi = f->hi,
			.to = f->to,
			.listen = f->listen,
			.local = f->local,
		};

		for (size_t k = 0; k < i; k++)
			assert_false(forward_collides(f, &all.list[k]));
		put_line(next_line(l), sizeof(*l->line), &same, &f->from);
	}
	forwards_free(&all);
	conf_vm_free(&c);
}

/* Every [network] begins a file; what stands before the first is comments. */
static void check_way_back(const struct tree *t, const struct import *i, const char *out)
{
	struct lines want = { 0 }, have = { 0 };
	const char *at = strstr(out, "[network]\n");

	lines_of_import(i, &want);
	while (at) {
		const char *next = strstr(at + 1, "\n[network]\n");
		char *file = next ? strndup(at, (size_t)(next + 1 - at)) : strdup(at);

		lines_of_file(t, file, &have);
		free(file);
		at = next ? next + 1 : NULL;
	}
	if (want.n)
		qsort(want.line, want.n, sizeof(*want.line), compare);
	if (have.n)
		qsort(have.line, have.n, sizeof(*have.line), compare);
	for (size_t k = 0; k < want.n && k < have.n; k++)
		assert_string_equal(have.line[k], want.line[k]);
	assert_int_equal(have.n, want.n);
	free(want.line);
	free(have.line);
}

/* ---- whole files ---- */

static void files(void **state)
{
	static const char *const names[] = { "save",   "notes", "hook",
					     "chains", "ports", "six" };
	const struct tree *t = *state;

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		char *text = read_data(names[i], "txt"),
		     *want = read_data(names[i], "ini"), *out;
		char sentence[WHY_LEN] = "";
		struct import found;

		assert_int_equal(import_iptables(text, strlen(text), &found, sentence),
				 0);
		assert_string_equal(sentence, "");
		out = print(&found, t->fd);
		assert_string_equal(out, want);
		check_way_back(t, &found, out);
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
	out = print(&found, t->fd);
	check_way_back(t, &found, out);
	free(out);
	free(have.line);
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

/* FORWARD narrows, but for what is open there too; a chain leads in with what it asks */
static void accepts(void **state)
{
#define ACCEPT "iptables -A FORWARD -j ACCEPT "
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

/* ---- what is wrong ---- */

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
	check_left("iptables -t nat -A OUTPUT -p tcp --dport 80 -j DNAT --to 10.0.0.2",
		   (const char *[3]){ "only the host itself" });
	check_left("iptables -A FORWARD -p tcp -d 10.0.0.2.3 --dport 80 -j ACCEPT",
		   (const char *[3]){ "'10.0.0.2.3' is not an address" });
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
	out = print(&found, t->fd);
	assert_string_equal(out, "; no forward to a VM was found\n");
	free(out);
	import_free(&found);
}

/* ---- bounds ---- */

static void bounds(void **state)
{
	static const char good[] =
		"\niptables -t nat -A PREROUTING -p tcp --dport 7 -j DNAT --to 10.0.0.2\n";
	char *text = malloc(IMPORT_TEXT_MAX + 1), sentence[WHY_LEN] = "", *out;
	const struct tree *t = *state;
	struct import found;

	assert_non_null(text);
	memset(text, 'a', IMPORT_TEXT_MAX + 1);
	assert_int_equal(import_iptables(text, IMPORT_TEXT_MAX + 1, &found, sentence),
			 -E2BIG);
	assert_non_null(strstr(sentence, "1048576 bytes"));
	assert_int_equal(import_iptables("", 0, &found, sentence), 0);
	import_free(&found);
	/* a line of 64 kB, a NUL, more words than a command has: the next line is read
	 * all the same */
	memcpy(text, "iptables -t nat", 15);
	memcpy(text + 65536, good, sizeof(good));
	assert_int_equal(
		import_iptables(text, 65536 + sizeof(good) - 1, &found, sentence), 0);
	assert_int_equal(found.n, 1);
	assert_int_equal(found.n_notes, 1);
	assert_non_null(strstr(found.note[0].text, "the line is too long"));
	import_free(&found);
	memcpy(text, "iptables -A\0b", 13);
	memcpy(text + 13, good, sizeof(good));
	assert_int_equal(import_iptables(text, 13 + sizeof(good) - 1, &found, sentence),
			 0);
	assert_int_equal(found.n, 1);
	assert_int_equal(found.n_notes, 1);
	assert_non_null(strstr(found.note[0].text, "NUL"));
	import_free(&found);
	for (size_t i = 0; i < 2000; i++)
		memcpy(text + 16 * i, "iptables -A a   ", 16);
	memcpy(text + 32000, good, sizeof(good));
	assert_int_equal(
		import_iptables(text, 32000 + sizeof(good) - 1, &found, sentence), 0);
	assert_int_equal(found.n, 1);
	assert_int_equal(found.n_notes, 1);
	import_free(&found);
	/* a value of any length leaves room for what to write; no line ends with a
	 * backslash */
	memset(text, '\\', 20000);
	memcpy(text, "iptables -A FORWARD -j ACCEPT -p '", 34);
	memcpy(text + 20000, "'", 2);
	assert_int_equal(import_iptables(text, 20001, &found, sentence), 0);
	assert_int_equal(found.n_notes, 1);
	assert_non_null(strstr(found.note[0].text, "tcp, udp and sctp can"));
	out = print(&found, t->fd);
	check_way_back(t, &found, out);
	lines_of_file(t, out, &(struct lines){ 0 });
	free(out);
	import_free(&found);
	/* what ends with a backslash is no line of an INI file */
	assert_int_equal(import_iptables("-A \\\\ -j DNAT \\", 16, &found, sentence), 0);
	out = print(&found, t->fd);
	check_way_back(t, &found, out);
	free(out);
	import_free(&found);
	free(text);
}

/* Chains that lead to each other in a million ways; clients that no line of INI takes */
static void many(void **state)
{
	char *text = malloc(IMPORT_TEXT_MAX), sentence[WHY_LEN] = "", *out;
	const struct tree *t = *state;
	struct import found;
	size_t len = 0;

	assert_non_null(text);
	for (size_t i = 0; i < 400; i++)
		len += (size_t)sprintf(text + len, "-A a -j b\n-A b -j a\n");
	len += (size_t)sprintf(text + len,
			       "-t nat -A a -p tcp --dport 1 -j DNAT --to 10.0.0.2\n");
	assert_int_equal(import_iptables(text, len, &found, sentence), 0);
	import_free(&found);
	len = 0;
	for (size_t i = 0; i < 64; i++)
		len += (size_t)sprintf(
			text + len,
			"ip6tables -t nat -A PREROUTING -s 2001:db8:aaaa:bbbb:cccc:dddd:eeee:%zx -p tcp --dport 1 -j DNAT --to [fd00::2]:2\n",
			i + 4096);
	for (size_t i = 0; i < 40; i++)
		len += (size_t)sprintf(
			text + len,
			"ip6tables -t nat -A PREROUTING -d 2001:db8:aaaa:bbbb:cccc:dddd:eeee:%zx -p sctp --dport 8000:8010 -j DNAT --to [fd00::2]:2-12/8000\n",
			i + 4096);
	assert_int_equal(import_iptables(text, len, &found, sentence), 0);
	assert_int_equal(found.n, 41);
	assert_false(import_look(&found));
	out = print(&found, t->fd);
	check_way_back(t, &found, out);
	assert_non_null(strstr(out, "[forward tcp-2-1]"));
	free(out);
	import_free(&found);
	free(text);
}

/* ---- whose address ---- */

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
	out = print(&found, t->fd);
	check_way_back(t, &found, out);
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
	char *texts[] = { read_data("save", "txt"), read_data("notes", "txt"),
			  read_data("chains", "txt"), read_data("ports", "txt"),
			  read_data("six", "txt") };

	for (size_t i = 0; i < 1000; i++) {
		const char *text = texts[i % ARRAY_LEN(texts)];
		char sentence[WHY_LEN] = "", *changed, *out;
		struct import found;
		size_t len;

		changed = unit_mutate(&seed, text, strlen(text), pieces,
				      ARRAY_LEN(pieces), &len);
		assert_int_equal(import_iptables(changed, len, &found, sentence), 0);
		out = print(&found, t->fd);
		check_way_back(t, &found, out);
		free(out);
		free(changed);
		import_free(&found);
	}
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		free(texts[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(files, make_tree, remove_tree),
		cmocka_unit_test_setup_teardown(order, make_tree, remove_tree),
		cmocka_unit_test_setup_teardown(accepts, make_tree, remove_tree),
		cmocka_unit_test_setup_teardown(taken_in_part, make_tree, remove_tree),
		cmocka_unit_test(wrong),
		cmocka_unit_test_setup_teardown(silent, make_tree, remove_tree),
		cmocka_unit_test_setup_teardown(bounds, make_tree, remove_tree),
		cmocka_unit_test_setup_teardown(many, make_tree, remove_tree),
		cmocka_unit_test_setup_teardown(whose, make_tree, remove_tree),
		cmocka_unit_test_setup_teardown(mutated, make_tree, remove_tree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

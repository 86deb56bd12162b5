// SPDX-License-Identifier: GPL-2.0-or-later
/* test-listeners.c - which program of the host has the port of a forward */

/*
 * Real: listeners.c. proc is files in a temporary folder, as Linux writes them.
 */

#include "forward-one.h"
#include "listeners.h"
#include "tree.h"

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

/* A program in Java or Go listens for IPv4 in this way. */
static void listeners_mapped(void **state)
{
	struct tree *t = *state;
	struct forward f = one(22, 22, "203.0.113.7", NULL);

	/* [::ffff:203.0.113.7]:22 */
	tree_file(
		t, "proc/net/tcp6",
		PROC_HEAD
		"   0: 0000000000000000FFFF0000077100CB:0016 00000000000000000000000000000000:0000 0A 0:0 0:0\n");
	assert_string_equal(listener(t, &f), "[::ffff:203.0.113.7]:22/tcp");
	f = one(22, 22, "203.0.113.8", NULL);
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

#define TEST(f) cmocka_unit_test_setup_teardown(f, tree_setup, tree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(listeners_tcp),
		TEST(listeners_mapped),
		TEST(listeners_udp),
		TEST(listeners_sctp),
	};

	return cmocka_run_group_tests_name("listeners", tests, NULL, NULL);
}

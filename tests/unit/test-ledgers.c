// SPDX-License-Identifier: GPL-2.0-or-later
/* test-ledgers.c - the ledgers of all other VMs: who has what, and whose they are */

/*
 * Real: ledger-read.c, ledger.c, files in a temporary folder.
 * Faked: nothing.
 */

#include "file.h"
#include "ledger.h"
#include "ledger-text.h"
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static struct rooted at;
static char sentence[WHY_LEN];

static void publish(const char *uuid, const char *name, const char *rest)
{
	char path[PATH_LEN], text[2048];

	snprintf(path, sizeof(path), LEDGER "%s", uuid);
	snprintf(text, sizeof(text),
		 "virt-handoff-ledger 1\nuuid\t%s\nname\t%s\ndeadline\t30000\n%s", uuid,
		 name, rest);
	tree_file(&at.tree, path, text);
}

static void those_of_others(void **state)
{
	struct ledgers all = { 0 };
	const struct ledger *l;

	(void)state;
	assert_int_equal(ledgers_read(&at.host, "", &all, sentence), 0);
	assert_int_equal(all.n, 0);
	publish(UUID_A, "a", "claim\t0000:01:00.0\n");
	publish(UUID_B, "b",
		"claim\t0000:02:00.0\nclaim\t0000:02:00.1\n" STEPS "will 0 1\n");
	tree_file(&at.tree, LEDGER "." UUID_C ".new", "not published");
	assert_int_equal(ledgers_read(&at.host, UUID_A, &all, sentence), 0);
	assert_int_equal(all.n, 1);
	assert_string_equal(all.ledger[0].name, "b");
	assert_int_equal(all.ledger[0].fd, -1);
	assert_null(ledgers_claimant(&all, "0000:01:00.0"));
	ledgers_free(&all);
	assert_int_equal(ledgers_read(&at.host, "", &all, sentence), 0);
	assert_int_equal(all.n, 2);
	l = ledgers_claimant(&all, "0000:02:00.1");
	assert_non_null(l);
	assert_string_equal(l->name, "b");
	assert_string_equal(ledgers_claimant(&all, "0000:01:00.0")->name, "a");
	assert_null(ledgers_claimant(&all, "0000:03:00.0"));
	ledgers_free(&all);
}

/* Who holds what is then not known, and saying nobody would be wrong. */
static void one_that_cannot_be_read(void **state)
{
	struct ledgers all = { 0 };

	(void)state;
	publish(UUID_B, "b", "");
	tree_file(&at.tree, LEDGER UUID_C, "virt-handoff-ledger 1\nuuid\t" UUID_C "\n");
	assert_int_equal(ledgers_read(&at.host, UUID_A, &all, sentence), -EBADMSG);
	assert_string_equal(
		sentence,
		"/run/virt-handoff/ledger/" UUID_C
		" is not a ledger of this program: look whose VM this is and what it has, then remove the file");
	assert_int_equal(all.n, 0);
	assert_null(all.ledger);
	assert_int_equal(ledgers_read(&at.host, UUID_C, &all, sentence), 0);
	assert_int_equal(all.n, 1);
	ledgers_free(&all);
}

static void refused(const char *what)
{
	struct ledger l = LEDGER_NONE;

	print_message("%s\n", what);
	sentence[0] = '\0';
	assert_int_equal(ledger_open(&at.host, UUID_A, &l, sentence), -EPERM);
	assert_string_equal(
		sentence,
		"/run/virt-handoff/ledger/" UUID_A
		": it must belong to root, be no link, and be writable by nobody else");
}

/* What stands in it is done to the host by root: so nobody else may have written it. */
static void of_somebody_else(void **state)
{
	struct ledger l = LEDGER_NONE;

	(void)state;
	publish(UUID_A, "a", "");
	assert_int_equal(fchmodat(at.tree.fd, LEDGER UUID_A, 0664, 0), 0);
	refused("the group may write to it");
	assert_int_equal(fchmodat(at.tree.fd, LEDGER UUID_A, 0602, 0), 0);
	refused("others may write to it");
	assert_int_equal(fchmodat(at.tree.fd, LEDGER UUID_A, 0644, 0), 0);
	assert_int_equal(ledger_open(&at.host, UUID_A, &l, sentence), 0);
	ledger_free(&l);
	if (geteuid() == 0) {
		assert_int_equal(fchownat(at.tree.fd, LEDGER UUID_A, 65534, 0, 0), 0);
		refused("nobody's");
	}
	assert_int_equal(renameat(at.tree.fd, LEDGER UUID_A, at.tree.fd, "elsewhere"), 0);
	tree_link(&at.tree, LEDGER UUID_A, "../../../elsewhere");
	refused("a link");
	assert_int_equal(unlinkat(at.tree.fd, LEDGER UUID_A, 0), 0);
	assert_int_equal(mkfifoat(at.tree.fd, LEDGER UUID_A, 0600), 0);
	refused("a pipe");
}

static void no_run_folder(void **state)
{
	struct ledgers all = { 0 };
	struct ledger l = LEDGER_NONE;
	int run = at.host.run;

	(void)state;
	at.host.run = -1;
	assert_int_equal(ledgers_read(&at.host, "", &all, sentence), 0);
	assert_int_equal(all.n, 0);
	assert_int_equal(ledger_open(&at.host, UUID_A, &l, sentence), -ENOENT);
	at.host.run = run;
}

static void sharer(void **state)
{
	struct step want = {
		.kind = "unit", .target = "a.service", .from = "", .to = "inactive"
	};
	const struct step *s;
	struct ledgers all = { 0 };

	(void)state;
	publish(UUID_A, "a", STEPS "will 0 1\ndid 0 1\nundid 0 1\n");
	publish(UUID_B, "b", STEPS "will 0 1\n");
	publish(UUID_C, "c",
		"step\tmodule\tx\tabsent\tloaded\tkeep\nstep\tunit\tb.service\tactive\tinactive\tback\nundid 1 1\n");
	assert_int_equal(ledgers_read(&at.host, "", &all, sentence), 0);
	s = ledgers_sharer(&all, &want);
	assert_non_null(s);
	assert_string_equal(s->from, "active");
	strcpy(want.to, "active");
	assert_null(ledgers_sharer(&all, &want));
	strcpy(want.to, "inactive");
	strcpy(want.target, "b.service"); /* given back */
	assert_null(ledgers_sharer(&all, &want));
	strcpy(want.kind, "module"); /* another kind */
	strcpy(want.target, "a.service");
	assert_null(ledgers_sharer(&all, &want));
	strcpy(want.target, "x"); /* kept: nobody gives it back */
	strcpy(want.to, "loaded");
	assert_null(ledgers_sharer(&all, &want));
	ledgers_free(&all);
	publish(UUID_B, "b", STEPS "undid 0 1\n");
	strcpy(want.kind, "unit");
	strcpy(want.target, "a.service");
	strcpy(want.to, "inactive");
	assert_int_equal(ledgers_read(&at.host, "", &all, sentence), 0);
	assert_null(ledgers_sharer(&all, &want));
	ledgers_free(&all);
}

#define TEST(f) ROOTED_TEST(f, &at)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(those_of_others),  TEST(one_that_cannot_be_read),
		TEST(of_somebody_else), TEST(no_run_folder),
		TEST(sharer),
	};

	return cmocka_run_group_tests_name("ledgers", tests, NULL, NULL);
}

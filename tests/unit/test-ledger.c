// SPDX-License-Identifier: GPL-2.0-or-later
/* test-ledger.c - a ledger is written and read again, whatever tore it, and others read
 * it as claims */

/*
 * Real: ledger.c, ledger-read.c, files in a temporary folder; a full disk is a limit on
 * the size of files. Faked: nothing; the steps are never done.
 */

#include "file.h"
#include "ledger.h"
#include "ledger-text.h"
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAMES "run/virt-handoff/names/"

static struct rooted at;
static char sentence[WHY_LEN];

static void fill(struct ledger *l, const char *uuid, const char *name, size_t n)
{
	*l = LEDGER_NONE;
	strcpy(l->uuid, uuid);
	strcpy(l->name, name);
	l->deadline_ms = 30000;
	l->claims = calloc(2, sizeof(*l->claims));
	l->steps = calloc(n + 1, sizeof(*l->steps));
	assert_true(l->claims && l->steps);
	strcpy(l->claims[0], "0000:01:00.0");
	strcpy(l->claims[1], "10000:01:00.1");
	l->n_claims = 2;
	for (; l->n_steps < n; l->n_steps++) {
		struct step *s = &l->steps[l->n_steps].step;

		strcpy(s->kind, "driver");
		snprintf(s->target, sizeof(s->target), "0000:01:00.%zu", l->n_steps);
		strcpy(s->from, "nvidia override=with a blank");
		strcpy(s->to, l->n_steps % 3 ? "vfio-pci override=vfio-pci" : "");
		s->keep = l->n_steps % 2;
	}
}

static void check_same(const struct ledger *a, const struct ledger *b)
{
	assert_string_equal(a->uuid, b->uuid);
	assert_string_equal(a->name, b->name);
	assert_int_equal(a->deadline_ms, b->deadline_ms);
	assert_int_equal(a->n_claims, b->n_claims);
	for (size_t i = 0; i < a->n_claims; i++)
		assert_string_equal(a->claims[i], b->claims[i]);
	assert_int_equal(a->n_steps, b->n_steps);
	for (size_t i = 0; i < a->n_steps; i++) {
		const struct ledger_step *x = &a->steps[i], *y = &b->steps[i];

		assert_string_equal(x->step.kind, y->step.kind);
		assert_string_equal(x->step.target, y->step.target);
		assert_string_equal(x->step.from, y->step.from);
		assert_string_equal(x->step.to, y->step.to);
		assert_int_equal(x->step.keep, y->step.keep);
		assert_int_equal(x->state, y->state);
		assert_int_equal(x->at_ms, y->at_ms);
		assert_int_equal(x->began_ms, y->began_ms);
	}
}

static void read_again(const struct ledger *l)
{
	struct ledger again = LEDGER_NONE;

	assert_int_equal(ledger_open(&at.host, l->uuid, &again, sentence), 0);
	check_same(l, &again);
	assert_true(again.fd >= 0);
	ledger_free(&again);
}

static void round_trip(void **state)
{
	static const char *const names[] = {
		"train01", "my vm",   "b\xc3\xbcro \xe2\x82\xac",
		"-rf",     ".hidden", "a'\"\\$(x);b"
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		char path[PATH_LEN], linked[UUID_LEN];
		struct ledger l;

		fill(&l, UUID_A, names[i], 5);
		assert_int_equal(ledger_create(&at.host, &l), 0);
		read_again(&l);
		snprintf(path, sizeof(path), NAMES "%s", names[i]);
		assert_int_equal(file_link_name(at.tree.fd, path, linked, sizeof(linked)),
				 0);
		assert_string_equal(linked, UUID_A);
		for (size_t s = 0; s < 5; s++)
			for (int m = LEDGER_WILL; m <= LEDGER_WILL + (int)s % 4; m++)
				assert_int_equal(ledger_mark(&l, s, (enum ledger_state)m),
						 0);
		read_again(&l);
		assert_int_equal(ledger_remove(&at.host, &l), 0);
		ledger_free(&l);
		assert_int_equal(tree_count(&at.tree, LEDGER), 0);
		assert_int_equal(tree_count(&at.tree, NAMES), 0);
	}
}

static void file_is_for_root_alone(void **state)
{
	struct ledger l;
	struct stat st;

	(void)state;
	fill(&l, UUID_A, "vm", 1);
	assert_int_equal(ledger_create(&at.host, &l), 0);
	assert_int_equal(fstat(l.fd, &st), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0600);
	assert_int_equal(fcntl(l.fd, F_GETFD), FD_CLOEXEC);
	ledger_free(&l);
	assert_int_equal(fstatat(at.tree.fd, "run/virt-handoff/ledger", &st, 0), 0);
	assert_int_equal(st.st_mode, S_IFDIR | 0700);
}

/* What could not be read again is not written: nothing has been touched yet. */
static void refuses_what_it_could_not_read(void **state)
{
	static const char *const names[] = {
		"", ".", "..", "a/b", "../x", "a\tb", "a\nb"
	};
	struct ledger l;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		fill(&l, UUID_A, names[i], 1);
		assert_int_equal(ledger_create(&at.host, &l), -EINVAL);
		assert_int_equal(l.fd, -1);
		ledger_free(&l);
	}
	fill(&l, "../names/x", "vm", 1);
	assert_int_equal(ledger_create(&at.host, &l), -EINVAL);
	ledger_free(&l);
	for (int field = 0; field < 4; field++) {
		struct step *s;

		fill(&l, UUID_A, "vm", 3);
		s = &l.steps[1].step;
		strcpy(field == 0   ? s->kind
		       : field == 1 ? s->target
		       : field == 2 ? s->from
				    : s->to,
		       "a\tb");
		assert_int_equal(ledger_create(&at.host, &l), -EINVAL);
		ledger_free(&l);
	}
	assert_int_equal(tree_count(&at.tree, LEDGER), 0);
	assert_int_equal(tree_count(&at.tree, NAMES), 0);
}

static void a_vm_has_one(void **state)
{
	struct ledger first, second;

	(void)state;
	fill(&first, UUID_A, "vm", 2);
	fill(&second, UUID_A, "vm", 3);
	assert_int_equal(ledger_create(&at.host, &first), 0);
	assert_int_equal(ledger_create(&at.host, &second), -EEXIST);
	assert_int_equal(second.fd, -1);
	read_again(&first);
	assert_int_equal(tree_count(&at.tree, LEDGER), 1);
	ledger_free(&first);
	ledger_free(&second);
}

/* A domain was renamed or made anew while its former ledger is there: the name is the
 * newer one's. */
static void name_leads_to_the_ledger(void **state)
{
	struct ledger l;
	char uuid[UUID_LEN] = "untouched";

	(void)state;
	assert_int_equal(ledger_uuid_of(&at.host, "vm", uuid), -ENOENT);
	assert_int_equal(ledger_uuid_of(&at.host, "../ledger", uuid), -ENOENT);
	assert_string_equal(uuid, "untouched");
	fill(&l, UUID_A, "vm", 1);
	assert_int_equal(ledger_create(&at.host, &l), 0);
	assert_int_equal(ledger_uuid_of(&at.host, "vm", uuid), 0);
	assert_string_equal(uuid, UUID_A);
	assert_int_equal(ledger_remove(&at.host, &l), 0);
	assert_int_equal(ledger_uuid_of(&at.host, "vm", uuid), -ENOENT);
	ledger_free(&l);
}

static void name_of_another_vm_stays(void **state)
{
	struct ledger a, b;
	char linked[UUID_LEN];

	(void)state;
	fill(&a, UUID_A, "vm", 1);
	fill(&b, UUID_B, "vm", 1);
	assert_int_equal(ledger_create(&at.host, &a), 0);
	assert_int_equal(ledger_create(&at.host, &b), 0);
	assert_int_equal(ledger_remove(&at.host, &a), 0);
	assert_int_equal(file_link_name(at.tree.fd, NAMES "vm", linked, sizeof(linked)),
			 0);
	assert_string_equal(linked, UUID_B);
	assert_int_equal(ledger_remove(&at.host, &b), 0);
	assert_int_equal(tree_count(&at.tree, NAMES), 0);
	ledger_free(&a);
	ledger_free(&b);
}

static void forgets_what_was_never_published(void **state)
{
	struct ledger b;

	(void)state;
	fill(&b, UUID_B, "b", 1);
	assert_int_equal(ledger_create(&at.host, &b), 0);
	tree_file(&at.tree, LEDGER "." UUID_A ".new", "virt-handoff-led");
	tree_link(&at.tree, NAMES "old name", UUID_A);
	tree_link(&at.tree, NAMES "new name", UUID_A);
	tree_link(&at.tree, NAMES "other", UUID_C);
	assert_int_equal(ledger_forget(&at.host, UUID_A), 0);
	assert_int_equal(tree_count(&at.tree, LEDGER), 1);
	assert_int_equal(tree_count(&at.tree, NAMES), 2);
	assert_int_equal(ledger_forget(&at.host, UUID_A), 0);
	read_again(&b);
	ledger_free(&b);
}

/* A running VM gets a function more, and gives one back: the file is there all the time. */
static void replaced_as_a_whole(void **state)
{
	struct ledger l;
	struct stat st;
	int fd;

	(void)state;
	fill(&l, UUID_A, "vm", 3);
	assert_int_equal(ledger_create(&at.host, &l), 0);
	for (int m = LEDGER_WILL; m <= LEDGER_DID; m++)
		assert_int_equal(ledger_mark(&l, 0, (enum ledger_state)m), 0);
	assert_int_equal(ledger_mark(&l, 1, LEDGER_WILL), 0);
	fd = dup(l.fd);
	l.n_steps = 2;
	strcpy(l.claims[1], "0000:02:00.0");
	assert_int_equal(ledger_replace(&at.host, &l), 0);
	read_again(&l);
	assert_int_equal(tree_count(&at.tree, LEDGER), 1);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_nlink, 0);
	close(fd);
	/* what comes after it goes into the new file, behind the last record */
	assert_int_equal(ledger_mark(&l, 1, LEDGER_DID), 0);
	read_again(&l);
	/* a step that could not be read again: all stays as it was */
	strcpy(l.steps[0].step.to, "a\tb");
	assert_int_equal(ledger_replace(&at.host, &l), -EINVAL);
	strcpy(l.steps[0].step.to, "");
	read_again(&l);
	/* killed before it was published */
	tree_file(&at.tree, LEDGER "." UUID_A ".new", "virt-handoff-led");
	assert_int_equal(ledger_remove(&at.host, &l), 0);
	assert_int_equal(tree_count(&at.tree, LEDGER), 0);
	ledger_free(&l);
}

static void as_long_as_a_plan_can_be(void **state)
{
	struct ledger l;
	struct stat st;

	(void)state;
	fill(&l, UUID_A, "vm", PLAN_MAX);
	for (size_t i = 0; i < PLAN_MAX; i++) {
		memset(l.steps[i].step.target, 'x', TARGET_LEN - 1);
		memset(l.steps[i].step.from, 'y', STATE_LEN - 1);
		memset(l.steps[i].step.to, 'z', STATE_LEN - 1);
	}
	assert_int_equal(ledger_create(&at.host, &l), 0);
	for (int m = LEDGER_WILL; m <= LEDGER_UNDID; m++)
		for (size_t i = 0; i < PLAN_MAX; i++)
			assert_int_equal(ledger_mark(&l, i, (enum ledger_state)m), 0);
	read_again(&l);
	assert_int_equal(fstat(l.fd, &st), 0);
	assert_in_range(st.st_size, 500000, LEDGER_MAX);
	ledger_free(&l);
}

/* A record that did not fit leaves nothing behind, and the next one is read. */
static void full_disk(void **state)
{
	struct rlimit old, limit;
	struct ledger l;
	struct stat st;

	(void)state;
	fill(&l, UUID_A, "vm", 2);
	assert_int_equal(ledger_create(&at.host, &l), 0);
	assert_int_equal(ledger_mark(&l, 0, LEDGER_WILL), 0);
	assert_int_equal(fstat(l.fd, &st), 0);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	assert_true(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	for (rlim_t room = 0; room < 8; room++) {
		limit = (struct rlimit){ .rlim_cur = (rlim_t)st.st_size + room,
					 .rlim_max = old.rlim_max };
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
		assert_int_equal(ledger_mark(&l, 0, LEDGER_DID), -EIO);
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
		assert_int_equal(l.steps[0].state, LEDGER_DID);
	}
	assert_int_equal(ledger_mark(&l, 0, LEDGER_BACK), 0);
	read_again(&l);
	ledger_free(&l);
}

static void full_disk_before_the_start(void **state)
{
	struct rlimit old, limit;
	struct ledger l;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	assert_true(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	fill(&l, UUID_A, "vm", 2);
	limit = (struct rlimit){ .rlim_cur = 100, .rlim_max = old.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_true(ledger_create(&at.host, &l) < 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(l.fd, -1);
	assert_int_equal(tree_count(&at.tree, LEDGER), 0);
	assert_int_equal(ledger_create(&at.host, &l), 0);
	ledger_free(&l);
}

static void cannot_be_opened(void **state)
{
	struct ledger l = LEDGER_NONE;

	(void)state;
	strcpy(sentence, "untouched");
	assert_int_equal(ledger_open(&at.host, UUID_A, &l, sentence), -ENOENT);
	assert_string_equal(sentence, "untouched");
	tree_file(&at.tree, LEDGER UUID_A, "garbage\n");
	assert_int_equal(ledger_open(&at.host, UUID_A, &l, sentence), -EBADMSG);
	assert_string_equal(
		sentence,
		"/run/virt-handoff/ledger/" UUID_A
		" is not a ledger of this program: look whose VM this is and what it has, then remove the file");
	tree_file(&at.tree, LEDGER UUID_A,
		  "virt-handoff-ledger 1\nuuid\t" UUID_B "\nname\tvm\n");
	assert_int_equal(ledger_open(&at.host, UUID_A, &l, sentence), -EBADMSG);
	tree_link(&at.tree, LEDGER UUID_A, UUID_B);
	assert_int_equal(ledger_open(&at.host, UUID_A, &l, sentence), -EPERM);
	assert_string_equal(
		sentence,
		"/run/virt-handoff/ledger/" UUID_A
		": it must belong to root, be no link, and be writable by nobody else");
	assert_int_equal(l.fd, -1);
	assert_null(l.steps);
}

static void too_long_to_be_a_ledger(void **state)
{
	char *text = malloc(LEDGER_MAX + 2);
	struct ledger l = LEDGER_NONE;

	(void)state;
	assert_non_null(text);
	memset(text, 'x', LEDGER_MAX + 1);
	text[LEDGER_MAX + 1] = '\0';
	tree_file(&at.tree, LEDGER UUID_A, text);
	free(text);
	assert_int_equal(ledger_open(&at.host, UUID_A, &l, sentence), -EFBIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ROOTED_TEST(round_trip, &at),
		ROOTED_TEST(file_is_for_root_alone, &at),
		ROOTED_TEST(refuses_what_it_could_not_read, &at),
		ROOTED_TEST(a_vm_has_one, &at),
		ROOTED_TEST(name_leads_to_the_ledger, &at),
		ROOTED_TEST(name_of_another_vm_stays, &at),
		ROOTED_TEST(forgets_what_was_never_published, &at),
		ROOTED_TEST(replaced_as_a_whole, &at),
		ROOTED_TEST(as_long_as_a_plan_can_be, &at),
		ROOTED_TEST(full_disk, &at),
		ROOTED_TEST(full_disk_before_the_start, &at),
		ROOTED_TEST(cannot_be_opened, &at),
		ROOTED_TEST(too_long_to_be_a_ledger, &at),
	};

	return cmocka_run_group_tests_name("ledger", tests, NULL, NULL);
}

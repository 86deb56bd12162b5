// SPDX-License-Identifier: GPL-2.0-or-later
/* test-sriov-script.c - virtual functions by NVIDIA's script; a card gets its driver */

/*
 * Real: kind-numvfs.c, sriov-script.c, child.c, vfs.c.
 * Played: sys is a folder, and a function answers the writes (iov.h, played.h). sriov-manage
 * is a script of the test that does with the folder what NVIDIA's does with its driver, and
 * fails as people say that it fails.
 */

#include "clock.h"
#include "file.h"
#include "iov.h"
#include "sriov-script.h"
#include "vfs.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char script_path[512];

/* @does runs with $1 -e or -d and $2 the card, in the folder that plays the host */
static void script(const char *does)
{
	char text[2048];

	snprintf(text, sizeof(text),
		 "#!/bin/sh\ncd '%s' || exit 9\ncard=" TREE_BRIDGE "$2\n"
		 "echo \"$*\" >> calls\n"
		 "make() { all=; for i in $(seq 0 $(($1 - 1))); do "
		 "v=0000:e8:0$(((i + 4) / 8)).$(((i + 4) %% 8))\n"
		 "ln -sf ../$v $card/virtfn$i; all=\"$all $PWD/" TREE_BRIDGE
		 "$v\"; done\n"
		 "mkdir -p $all; ln -sfn -t sys/bus/pci/devices $all; }\n"
		 "%s\n",
		 card.tree.path, does);
	tree_file(&card.tree, "sriov-manage", text);
	assert_int_equal(fchmodat(card.tree.fd, "sriov-manage", 0755, 0), 0);
	snprintf(script_path, sizeof(script_path), "%s/sriov-manage", card.tree.path);
	card.host.sriov_manage = script_path;
	card.host.deadline_ms =
		30000; /* it starts many programs, on a machine that is busy */
	tree_driver(&card.tree, CARD, "nvidia");
	tree_file(&card.tree, "calls", "");
}

/* It starts no other program: less will do, and the pauses between tries are a share of it */
static void script_that_does_nothing(const char *exit)
{
	script(exit);
	card.host.deadline_ms = 6000;
}

#define AS_IT_SHOULD "case $1 in -e) make 32 ;; -d) rm $card/virtfn* ;; esac"

static void made_by_the_script(void **state)
{
	(void)state;
	script(AS_IT_SHOULD);
	assert_int_equal(iov_set("32"), 0);
	iov_check_get("32");
	assert_string_equal(tree_text(&card.tree, "calls"), "-e " CARD "\n");
	assert_int_equal(iov_set("32"), 0);
	assert_string_equal(tree_text(&card.tree, "calls"), "-e " CARD "\n");
	assert_int_equal(iov_set("0"), 0);
	iov_check_get("0");
	assert_string_equal(tree_text(&card.tree, "calls"), "-e " CARD "\n-d " CARD "\n");
}

static void script_makes_all_or_none(void **state)
{
	(void)state;
	script(AS_IT_SHOULD);
	assert_int_equal(iov_set("4"), -ERANGE);
	assert_string_equal(tree_text(&card.tree, "calls"), "");
}

static void no_script(void **state)
{
	(void)state;
	script(AS_IT_SHOULD);
	card.host.sriov_manage = "/nonexistent/sriov-manage";
	assert_int_equal(iov_set("32"), -ENOENT);
	/* another driver that cannot make any */
	script(AS_IT_SHOULD);
	tree_file(&card.tree, "sys/bus/pci/drivers/mlx/no_sriov", "");
	tree_driver(&card.tree, CARD, "mlx");
	assert_int_equal(iov_set("32"), -ENOENT);
	assert_string_equal(tree_text(&card.tree, "calls"), "");
}

/* It ends with 0 and has done nothing; it ends with 1 and all are there. */
static void exit_status_says_nothing(void **state)
{
	(void)state;
	script_that_does_nothing("exit 0");
	assert_int_equal(iov_set("32"), -EIO);
	script_that_does_nothing("exit 1");
	assert_int_equal(iov_set("32"), -EREMOTEIO);
	script("make 32; exit 1");
	assert_int_equal(iov_set("32"), 0);
	iov_check_get("32");
}

/* "File exists", "No such device": its driver is still starting */
static void script_that_fails_at_first(void **state)
{
	(void)state;
	script("[ $(wc -l < calls) -ge 3 ] && make 32");
	assert_int_equal(iov_set("32"), 0);
	assert_string_equal(tree_text(&card.tree, "calls"),
			    "-e " CARD "\n-e " CARD "\n-e " CARD "\n");
}

static void script_that_always_fails(void **state)
{
	size_t calls;

	(void)state;
	script_that_does_nothing("exit 0");
	assert_int_equal(iov_set("32"), -EIO);
	calls = strlen(tree_text(&card.tree, "calls")) / strlen("-e " CARD "\n");
	assert_int_equal(calls, 6);
}

/* It does nothing where there are some: those go first. */
static void script_that_stopped_half_way(void **state)
{
	(void)state;
	script("case $1 in -e) [ -e $card/virtfn0 ] || make $((5 + 27 * ($(wc -l < calls) > 1))) ;;\n"
	       "-d) rm $card/virtfn* ;; esac");
	assert_int_equal(iov_set("32"), 0);
	iov_check_get("32");
	assert_string_equal(tree_text(&card.tree, "calls"),
			    "-e " CARD "\n-d " CARD "\n-e " CARD "\n");
}

/* the card is bound, and then its functions: they found no driver while it had none */
static void check_given_back(const char *first)
{
	assert_int_equal(strncmp(iov.written, first, strlen(first)), 0);
	for (unsigned int i = 0; i < 32; i++) {
		assert_int_equal(vfs_driver(&card.host, iov_vf_name(i), card.have), 0);
		assert_string_equal(card.have, "xe");
	}
}

static void script_that_leaves_the_card_without_driver(void **state)
{
	(void)state;
	script("make 32; rm $card/driver");
	assert_int_equal(iov_set("32"), 0);
	iov_check_get("32");
	check_given_back("sriov_drivers_autoprobe=1 sriov_numvfs=32 bind=" CARD
			 " drivers_probe=");
	assert_int_equal(vfs_driver(&card.host, CARD, card.have), 0);
	assert_string_equal(card.have, "nvidia");
}

static void script_that_leaves_the_card_with_the_stub(void **state)
{
	(void)state;
	script("make 32; ln -sfn ../../../../bus/pci/drivers/pci-pf-stub $card/driver");
	assert_int_equal(iov_set("32"), 0);
	check_given_back("sriov_drivers_autoprobe=1 sriov_numvfs=32 unbind=" CARD
			 " bind=" CARD " drivers_probe=");
}

/* it was ended, and we with it, between unbind and bind */
static void card_that_was_left_without_driver(void **state)
{
	(void)state;
	script(AS_IT_SHOULD);
	assert_int_equal(unlinkat(card.tree.fd, TREE_BRIDGE CARD "/driver", 0), 0);
	assert_int_equal(iov_set("32"), 0);
	iov_check_get("32");
	assert_non_null(strstr(iov.written, "drivers_probe=" CARD));
	iov_go();
	tree_driver(&card.tree, CARD, "pci-pf-stub");
	iov.written[0] = '\0';
	assert_int_equal(iov_set("32"), 0);
	assert_non_null(strstr(iov.written, "unbind=" CARD " drivers_probe=" CARD));
}

static void script_that_hangs(void **state)
{
	uint64_t begin = clock_ms();

	(void)state;
	script("exec sleep 1000");
	card.host.deadline_ms = 300;
	assert_int_equal(iov_set("32"), -ETIME);
	assert_in_range(clock_ms() - begin, 300, 15000);
}

/* everybody can read it, and so lock it */
static void script_that_somebody_has_locked(void **state)
{
	uint64_t end = clock_ms();
	int fd, turn;

	(void)state;
	script("make 32");
	fd = open(script_path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	card.host.deadline_ms = 0;
	turn = sriov_script_turn(&card.host, &end);
	assert_true(turn >= 0);
	close(turn);
	close(fd);
}

/* nobody else can have a turn, not even one of those that are shared */
static bool is_locked(void)
{
	int fd = openat(card.host.run, "lock", O_RDONLY | O_CLOEXEC);
	bool ret;

	assert_true(fd >= 0);
	ret = flock(fd, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK;
	close(fd);
	return ret;
}

/* Two cards at once take each other's card, so each waits for the other's script. */
static void one_card_at_a_time(void **state)
{
	uint64_t begin = clock_ms(), end;
	int fd, turn, status;
	pid_t pid;

	(void)state;
	script("[ -e turn ] || touch too-early; make 32");
	end = begin + card.host.deadline_ms;
	fd = sriov_script_turn(&card.host, &end);
	assert_true(fd >= 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		clock_sleep(300);
		tree_file(&card.tree, "turn", "");
		_exit(flock(fd, LOCK_UN) < 0);
	}
	close(fd);
	/* the wait is not the script's time */
	end = begin + card.host.deadline_ms;
	turn = sriov_script_turn(&card.host, &end);
	assert_true(turn >= 0);
	assert_true(is_locked());
	assert_int_equal(sriov_script_run(&card.host, CARD, true, end), 0);
	close(turn);
	assert_true(end > begin + card.host.deadline_ms);
	assert_false(file_exists(card.tree.fd, "too-early"));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	iov_check_get("32");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, iov_setup, card_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(made_by_the_script),
		TEST(script_makes_all_or_none),
		TEST(no_script),
		TEST(exit_status_says_nothing),
		TEST(script_that_fails_at_first),
		TEST(script_that_always_fails),
		TEST(script_that_stopped_half_way),
		TEST(script_that_leaves_the_card_without_driver),
		TEST(script_that_leaves_the_card_with_the_stub),
		TEST(card_that_was_left_without_driver),
		TEST(script_that_hangs),
		TEST(script_that_somebody_has_locked),
		TEST(one_card_at_a_time),
	};

	return cmocka_run_group_tests_name("sriov-script", tests, NULL, NULL);
}

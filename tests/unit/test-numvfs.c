// SPDX-License-Identifier: GPL-2.0-or-later
/* test-numvfs.c - virtual functions: made, counted, refused, and a card that gets its driver back */

/*
 * Real: kind-numvfs.c, sriov-script.c, child.c, vfs.c.
 * Played: sys is a folder, and a function answers the writes as Linux drivers/pci/iov.c and
 * drivers/base/bus.c do (played.h). sriov-manage is a script of the test that does with the
 * folder what NVIDIA's does with its driver, and fails as people say that it fails.
 */

#include "clock.h"
#include "file.h"
#include "kinds.h"
#include "played.h"
#include "sriov-script.h"
#include "text.h"
#include "vfs.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define CARD   "0000:e8:00.0"
#define BRIDGE TREE_BRIDGE
#define UUID   "2f82ee72-3ac5-4615-9c0b-327c12e8c83d"

static struct tree tree;
static struct host host;
static char have[STATE_LEN];
static unsigned int most; /* as many appear at most */
static unsigned int refusals; /* how often the driver still says no */
static int refusal;
static char written[2048]; /* attributes of the card, in order */

static const char *vf_name(unsigned int i)
{
	static char name[32];

	snprintf(name, sizeof(name), "0000:e8:%02x.%u", (i + 4) / 8, (i + 4) % 8);
	return name;
}

static void vfs_appear(unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		char path[256], target[64];

		tree_function(&tree, vf_name(i));
		snprintf(path, sizeof(path), BRIDGE CARD "/virtfn%u", i);
		snprintf(target, sizeof(target), "../%s", vf_name(i));
		tree_link(&tree, path, target);
	}
}

static unsigned int vfs_count(void)
{
	struct vfs v;
	unsigned int n;

	assert_int_equal(vfs_read(&host, CARD, &v), 0);
	n = (unsigned int)v.n;
	vfs_free(&v);
	return n;
}

static void vfs_go(void)
{
	unsigned int n = vfs_count();

	for (unsigned int i = 0; i < n; i++) {
		char path[256];

		snprintf(path, sizeof(path), BRIDGE CARD "/virtfn%u", i);
		assert_int_equal(unlinkat(tree.fd, path, 0), 0);
	}
}

/* Linux drivers/pci/iov.c, sriov_numvfs_store() */
static int write_numvfs(unsigned int n)
{
	if (n > 32)
		return -ERANGE;
	if (n == vfs_count())
		return 0;
	if (!file_exists(tree.fd, BRIDGE CARD "/driver") ||
	    file_exists(tree.fd, BRIDGE CARD "/driver/no_sriov"))
		return -ENOENT;
	if (n && vfs_count())
		return -EBUSY;
	if (refusals) {
		refusals--;
		return refusal;
	}
	vfs_go();
	vfs_appear(n < most ? n : most);
	return 0;
}

static int kernel(const char *path, const char *value)
{
	const char *name = strrchr(path, '/') + 1;
	size_t len = strlen(written);
	char bdf[BDF_LEN];

	snprintf(written + len, sizeof(written) - len, "%s=%s ", name, value);
	if (strcmp(name, "sriov_numvfs") == 0)
		return write_numvfs((unsigned int)strtoul(value, NULL, 10));
	if (strcmp(name, "drivers_probe") == 0)
		tree_driver(&tree, value, strcmp(value, CARD) == 0 ? "nvidia" : "xe");
	if (strcmp(name, "unbind") == 0)
		assert_int_equal(unlinkat(tree.fd, BRIDGE CARD "/driver", 0), 0);
	if (strcmp(name, "bind") == 0) {
		assert_false(file_exists(tree.fd, BRIDGE CARD "/driver"));
		assert_int_equal(text_copy(bdf, sizeof(bdf), value), 0);
		tree_driver(&tree, bdf, "nvidia");
	}
	return 0;
}

static int setup(void **state)
{
	(void)state;
	tree_make(&tree);
	assert_int_equal(host_open(&host, tree.path, kinds_boot), 0);
	host.deadline_ms = 50;
	host.sriov_manage = "/nonexistent/sriov-manage";
	tree_dir(&tree, "proc");
	tree_dir(&tree, "sys/bus/pci/drivers/xe");
	tree_file(&tree, "sys/bus/pci/drivers/nvidia/bind", "");
	tree_file(&tree, "sys/bus/pci/drivers/nvidia/no_sriov", "");
	tree_file(&tree, "sys/bus/pci/drivers/pci-pf-stub/unbind", "");
	tree_file(&tree, "sys/bus/pci/drivers_probe", "");
	tree_function(&tree, CARD);
	tree_driver(&tree, CARD, "xe");
	tree_file(&tree, BRIDGE CARD "/sriov_totalvfs", "32\n");
	tree_file(&tree, BRIDGE CARD "/sriov_numvfs", "0\n");
	tree_file(&tree, BRIDGE CARD "/sriov_drivers_autoprobe", "1\n");
	played_reset();
	played_kernel = kernel;
	most = 32;
	refusals = 0;
	written[0] = '\0';
	strcpy(have, "untouched");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	host_close(&host);
	tree_remove(&tree);
	return 0;
}

static void check_get(const char *want)
{
	assert_int_equal(kind_numvfs.get(&host, CARD, have), 0);
	assert_string_equal(have, want);
}

static int set(const char *state)
{
	return kind_numvfs.set(&host, CARD, state);
}

static void made_by_the_driver(void **state)
{
	(void)state;
	check_get("0");
	assert_int_equal(set("0"), 0);
	assert_string_equal(written, "");
	assert_int_equal(set("8"), 0);
	check_get("8");
	assert_string_equal(written, "sriov_drivers_autoprobe=1 sriov_numvfs=8 ");
	assert_int_equal(set("8"), 0);
	assert_string_equal(written, "sriov_drivers_autoprobe=1 sriov_numvfs=8 ");
	assert_int_equal(set("0"), 0);
	check_get("0");
}

/* Told before they appear: a driver that has one does not give it back. */
static void free_for_vms(void **state)
{
	(void)state;
	assert_int_equal(set("7 free"), 0);
	check_get("7 free");
	assert_string_equal(written, "sriov_drivers_autoprobe=0 sriov_numvfs=7 ");
	written[0] = '\0';
	assert_int_equal(set("7"), 0);
	check_get("7");
	assert_int_equal(strncmp(written, "sriov_drivers_autoprobe=1 drivers_probe=", 40),
			 0);
	assert_true(file_exists(tree.fd, BRIDGE "0000:e8:00.4/driver"));
	written[0] = '\0';
	assert_int_equal(set("7 free"), 0);
	check_get("7 free");
	assert_string_equal(written, "sriov_drivers_autoprobe=0 ");
}

static void before_linux_4_12(void **state)
{
	(void)state;
	assert_int_equal(unlinkat(tree.fd, BRIDGE CARD "/sriov_drivers_autoprobe", 0), 0);
	assert_int_equal(set("4 free"), -ENOENT);
	check_get("0");
	assert_int_equal(set("4"), 0);
	check_get("4");
}

static void states_that_are_none(void **state)
{
	static const char *const states[] = {
		"", "all", "-1", "1 fre", "1 free x", "65536", "1  free", "999999999"
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(states); i++)
		assert_int_equal(set(states[i]), -EINVAL);
	assert_int_equal(kind_numvfs.get(&host, "0000:ff:00.0", have), -ENODEV);
	assert_int_equal(kind_numvfs.set(&host, "0000:ff:00.0", "1"), -ENODEV);
	assert_string_equal(have, "untouched");
	assert_int_equal(set("33"), -ERANGE);
	assert_int_equal(unlinkat(tree.fd, BRIDGE CARD "/sriov_totalvfs", 0), 0);
	assert_int_equal(set("1"), -ERANGE);
	assert_string_equal(written, "");
}

static void to_a_third_number(void **state)
{
	(void)state;
	vfs_appear(4);
	assert_int_equal(set("8"), 0);
	check_get("8");
	assert_string_equal(written,
			    "sriov_drivers_autoprobe=1 sriov_numvfs=0 sriov_numvfs=8 ");
}

static void driver_that_fails_at_first(void **state)
{
	(void)state;
	refusals = 1000;
	refusal = -EIO;
	assert_int_equal(set("8"), -EIO);
	check_get("0");
	refusals = 2;
	host.deadline_ms = 6000;
	assert_int_equal(set("8"), 0);
	check_get("8");
}

/* drivers/pci/iov.c: "only the kernel log says that there are fewer" */
static void fewer_appear(void **state)
{
	(void)state;
	most = 5;
	assert_int_equal(set("8"), -EIO);
	check_get("5");
}

static void check_in_use(void)
{
	written[0] = '\0';
	assert_int_equal(set("8"), -EBUSY);
	assert_int_equal(set("0"), -EBUSY);
	assert_int_equal(set("8 free"), -EBUSY);
	assert_string_equal(written, "");
	assert_int_equal(set("4"), 0); /* nothing to do */
}

static void functions_in_use(void **state)
{
	(void)state;
	vfs_appear(4);
	/* a VM has the VFIO group of one */
	tree_link(&tree, BRIDGE "0000:e8:00.6/iommu_group",
		  "../../../../kernel/iommu_groups/16");
	tree_file(&tree, "sys/class/vfio/16/dev", "1:7\n");
	tree_file(&tree, "proc/self/mountinfo", "");
	tree_link(&tree, "proc/4242/fd/3", "/dev/full");
	check_in_use();
	assert_int_equal(unlinkat(tree.fd, "proc/4242/fd/3", 0), 0);
	/* a mediated device is on one */
	tree_dir(&tree, BRIDGE "0000:e8:00.5/" UUID);
	check_in_use();
	assert_int_equal(unlinkat(tree.fd, BRIDGE "0000:e8:00.5/" UUID, AT_REMOVEDIR), 0);
	/* one has a type */
	tree_file(&tree, BRIDGE "0000:e8:00.7/nvidia/current_vgpu_type", "1152\n");
	check_in_use();
	tree_file(&tree, BRIDGE "0000:e8:00.7/nvidia/current_vgpu_type", "0\n");
	/* the host's way out is on one */
	tree_dir(&tree, BRIDGE "0000:e8:00.4/net/eth9");
	tree_file(
		&tree, "proc/net/route",
		"Iface\tDestination\neth9\t00000000\t010200C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n");
	check_in_use();
	tree_file(&tree, "proc/net/route", "Iface\n");
	assert_int_equal(set("8"), 0);
	check_get("8");
}

/* ---- NVIDIA's script ---- */

static char script_path[512];

/* @does runs with $1 -e or -d and $2 the card, in the folder that plays the host */
static void script(const char *does)
{
	char text[2048];

	snprintf(text, sizeof(text),
		 "#!/bin/sh\ncd '%s' || exit 9\ncard=" BRIDGE "$2\n"
		 "echo \"$*\" >> calls\n"
		 "make() { for i in $(seq 0 $(($1 - 1))); do "
		 "v=$(printf '0000:e8:%%02x.%%d' $(((i + 4) / 8)) $(((i + 4) %% 8)))\n"
		 "mkdir -p " BRIDGE "$v; ln -sf ../$v $card/virtfn$i\n"
		 "ln -sfn $PWD/" BRIDGE "$v sys/bus/pci/devices/$v; done; }\n"
		 "%s\n",
		 tree.path, does);
	tree_file(&tree, "sriov-manage", text);
	assert_int_equal(fchmodat(tree.fd, "sriov-manage", 0755, 0), 0);
	snprintf(script_path, sizeof(script_path), "%s/sriov-manage", tree.path);
	host.sriov_manage = script_path;
	host.deadline_ms = 6000; /* the pauses between tries are a share of it */
	tree_driver(&tree, CARD, "nvidia");
	tree_file(&tree, "calls", "");
}

#define AS_IT_SHOULD "case $1 in -e) make 32 ;; -d) rm $card/virtfn* ;; esac"

static void made_by_the_script(void **state)
{
	(void)state;
	script(AS_IT_SHOULD);
	assert_int_equal(set("32"), 0);
	check_get("32");
	assert_string_equal(tree_text(&tree, "calls"), "-e " CARD "\n");
	assert_int_equal(set("32"), 0);
	assert_string_equal(tree_text(&tree, "calls"), "-e " CARD "\n");
	assert_int_equal(set("0"), 0);
	check_get("0");
	assert_string_equal(tree_text(&tree, "calls"), "-e " CARD "\n-d " CARD "\n");
}

static void script_makes_all_or_none(void **state)
{
	(void)state;
	script(AS_IT_SHOULD);
	assert_int_equal(set("4"), -ERANGE);
	assert_string_equal(tree_text(&tree, "calls"), "");
}

static void no_script(void **state)
{
	(void)state;
	script(AS_IT_SHOULD);
	host.sriov_manage = "/nonexistent/sriov-manage";
	assert_int_equal(set("32"), -ENOENT);
	/* another driver that cannot make any */
	script(AS_IT_SHOULD);
	tree_file(&tree, "sys/bus/pci/drivers/mlx/no_sriov", "");
	tree_driver(&tree, CARD, "mlx");
	assert_int_equal(set("32"), -ENOENT);
	assert_string_equal(tree_text(&tree, "calls"), "");
}

/* It ends with 0 and has done nothing; it ends with 1 and all are there. */
static void exit_status_says_nothing(void **state)
{
	(void)state;
	script("exit 0");
	assert_int_equal(set("32"), -EIO);
	script("exit 1");
	assert_int_equal(set("32"), -EREMOTEIO);
	script("make 32; exit 1");
	assert_int_equal(set("32"), 0);
	check_get("32");
}

/* "File exists", "No such device": its driver is still starting */
static void script_that_fails_at_first(void **state)
{
	(void)state;
	script("[ $(wc -l < calls) -ge 3 ] && make 32");
	assert_int_equal(set("32"), 0);
	assert_string_equal(tree_text(&tree, "calls"),
			    "-e " CARD "\n-e " CARD "\n-e " CARD "\n");
}

static void script_that_always_fails(void **state)
{
	size_t calls;

	(void)state;
	script("exit 0");
	assert_int_equal(set("32"), -EIO);
	calls = strlen(tree_text(&tree, "calls")) / strlen("-e " CARD "\n");
	assert_int_equal(calls, 6);
}

/* It does nothing where there are some: those go first. */
static void script_that_stopped_half_way(void **state)
{
	(void)state;
	script("case $1 in -e) [ -e $card/virtfn0 ] || make $((5 + 27 * ($(wc -l < calls) > 1))) ;;\n"
	       "-d) rm $card/virtfn* ;; esac");
	assert_int_equal(set("32"), 0);
	check_get("32");
	assert_string_equal(tree_text(&tree, "calls"),
			    "-e " CARD "\n-d " CARD "\n-e " CARD "\n");
}

/* the card is bound, and then its functions: they found no driver while it had none */
static void check_given_back(const char *first)
{
	assert_int_equal(strncmp(written, first, strlen(first)), 0);
	for (unsigned int i = 0; i < 32; i++) {
		assert_int_equal(vfs_driver(&host, vf_name(i), have), 0);
		assert_string_equal(have, "xe");
	}
}

static void script_that_leaves_the_card_without_driver(void **state)
{
	(void)state;
	script("make 32; rm $card/driver");
	assert_int_equal(set("32"), 0);
	check_get("32");
	check_given_back("sriov_drivers_autoprobe=1 sriov_numvfs=32 bind=" CARD
			 " drivers_probe=");
	assert_int_equal(vfs_driver(&host, CARD, have), 0);
	assert_string_equal(have, "nvidia");
}

static void script_that_leaves_the_card_with_the_stub(void **state)
{
	(void)state;
	script("make 32; ln -sfn ../../../../bus/pci/drivers/pci-pf-stub $card/driver");
	assert_int_equal(set("32"), 0);
	check_given_back("sriov_drivers_autoprobe=1 sriov_numvfs=32 unbind=" CARD
			 " bind=" CARD " drivers_probe=");
}

/* it was ended, and we with it, between unbind and bind */
static void card_that_was_left_without_driver(void **state)
{
	(void)state;
	script(AS_IT_SHOULD);
	assert_int_equal(unlinkat(tree.fd, BRIDGE CARD "/driver", 0), 0);
	assert_int_equal(set("32"), 0);
	check_get("32");
	assert_non_null(strstr(written, "drivers_probe=" CARD));
	vfs_go();
	tree_driver(&tree, CARD, "pci-pf-stub");
	written[0] = '\0';
	assert_int_equal(set("32"), 0);
	assert_non_null(strstr(written, "unbind=" CARD " drivers_probe=" CARD));
}

static void script_that_hangs(void **state)
{
	uint64_t begin = clock_ms();

	(void)state;
	script("exec sleep 1000");
	host.deadline_ms = 300;
	assert_int_equal(set("32"), -ETIME);
	assert_in_range(clock_ms() - begin, 300, 15000);
}

/* Two cards at once take each other's card, so each waits for the other's script. */
static void one_card_at_a_time(void **state)
{
	uint64_t begin = clock_ms(), end;
	int fd, turn, status;
	pid_t pid;

	(void)state;
	script("[ -e turn ] || touch too-early; make 32");
	fd = open(script_path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		clock_sleep(300);
		tree_file(&tree, "turn", "");
		_exit(flock(fd, LOCK_UN) < 0);
	}
	close(fd);
	/* the wait is not the script's time */
	end = begin + 6000;
	turn = sriov_script_turn(&host, &end);
	assert_true(turn >= 0);
	assert_int_equal(sriov_script_run(&host, CARD, true, end), 0);
	close(turn);
	assert_true(end > begin + 6000);
	assert_false(file_exists(tree.fd, "too-early"));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	check_get("32");
}

static void remedies(void **state)
{
	static const int known[] = { -ENODEV, -ERANGE, -EBUSY,    -ENOENT,
				     -ETIME,  -EIO,    -EREMOTEIO };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		unit_check_sentence(kind_numvfs.remedy(known[i]));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(made_by_the_driver),
		TEST(free_for_vms),
		TEST(before_linux_4_12),
		TEST(states_that_are_none),
		TEST(to_a_third_number),
		TEST(driver_that_fails_at_first),
		TEST(fewer_appear),
		TEST(functions_in_use),
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
		TEST(one_card_at_a_time),
		TEST(remedies),
	};

	return cmocka_run_group_tests_name("numvfs", tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* test-kind-offer.c - what a card offers, and that it gets its driver back */

/*
 * Real: kind-offer.c, vendor.c, vfs.c, smi.c, child.c.
 * Played: sys and proc are files and links in a temporary folder, and a function of each
 * test answers the writes, as Linux Documentation/ABI/testing/sysfs-bus-vfio-mdev and the
 * notes of people who have such cards say (played.h). With real drivers: tests/lab.
 */

#include "card.h"
#include "clock.h"
#include "file.h"
#include "played.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static void offer_of_other_drivers(void **state)
{
	(void)state;
	assert_int_equal(kind_offer.get(&card.host, "0000:ff:00.0", card.have), -ENODEV);
	assert_int_equal(kind_offer.set(&card.host, "0000:ff:00.0", "ready"), -ENODEV);
	assert_int_equal(kind_offer.set(&card.host, CARD, "waiting"), -EINVAL);
	card_check_get(&kind_offer, CARD, "waiting");
	assert_int_equal(kind_offer.set(&card.host, CARD, "ready"), -ETIME);
	played_writes = 0;
	tree_driver(&card.tree, CARD, "xe");
	card_check_get(&kind_offer, CARD, "ready");
	assert_int_equal(kind_offer.set(&card.host, CARD, "ready"), 0);
	assert_int_equal(played_writes, 0);
}

/* so many find the stub first */
static unsigned int deaf_probes;

/* unbind and drivers_probe of the bus, which gives all that is lost to nvidia */
static int bus(const char *path, const char *value)
{
	char link[256];

	snprintf(link, sizeof(link), TREE_BRIDGE "%s/driver", value);
	if (strcmp(path, "sys/bus/pci/drivers/pci-pf-stub/unbind") == 0) {
		assert_int_equal(unlinkat(card.tree.fd, link, 0), 0);
		return 0;
	}
	assert_string_equal(path, "sys/bus/pci/drivers_probe");
	if (deaf_probes) {
		deaf_probes--;
		tree_driver(&card.tree, value, "pci-pf-stub");
		return 0;
	}
	assert_false(file_exists(card.tree.fd, link));
	tree_driver(&card.tree, value, "nvidia");
	return 0;
}

static void loses(const char *bdf, const char *stub)
{
	char link[256];

	snprintf(link, sizeof(link), TREE_BRIDGE "%s/driver", bdf);
	assert_int_equal(unlinkat(card.tree.fd, link, 0), 0);
	if (stub)
		tree_driver(&card.tree, bdf, stub);
}

static void card_with_a_function(void)
{
	tree_driver(&card.tree, CARD, "nvidia");
	tree_file(&card.tree, TREE_BRIDGE CARD "/vendor", "0x10de\n");
	tree_file(&card.tree, "sys/bus/pci/drivers_probe", "");
	tree_file(&card.tree, "sys/bus/pci/drivers/pci-pf-stub/unbind", "");
	tree_dir(&card.tree, "sys/bus/pci/drivers/nvidia");
	card_vf(0, CARD_VF);
	card_vf(1, CARD_VF2);
	card_type(TREE_BRIDGE CARD_VF, "nvidia-558");
	played_kernel = bus;
}

/* sriov-manage was killed: behind each of its steps, with all virtual functions there */
static void offer_of_a_card_that_was_lost(void **state)
{
	static const struct {
		const char *bdf, *stub;
	} lost[] = { { CARD, "pci-pf-stub" },
		     { CARD, NULL },
		     { CARD_VF, NULL },
		     { CARD_VF2, NULL },
		     { CARD_VF2, "pci-pf-stub" } };

	(void)state;
	card_with_a_function();
	card_check_get(&kind_offer, CARD, "ready");
	for (size_t i = 0; i < ARRAY_LEN(lost); i++) {
		loses(lost[i].bdf, lost[i].stub);
		card_check_get(&kind_offer, CARD, "waiting");
		assert_int_equal(kind_offer.set(&card.host, CARD, "ready"), 0);
		card_check_get(&kind_offer, CARD, "ready");
	}
	assert_int_equal(played_writes, 7);
}

/* a script that takes no turns had it again before the bus found its driver */
static void offer_of_a_card_that_is_lost_again(void **state)
{
	(void)state;
	card_with_a_function();
	card.host.deadline_ms = 60000;
	deaf_probes = 1;
	loses(CARD, NULL);
	assert_int_equal(kind_offer.set(&card.host, CARD, "ready"), 0);
	assert_int_equal(deaf_probes, 0);
}

/* what is so on purpose: functions that no driver shall take, another maker's stub */
static void offer_of_a_card_that_is_not_lost(void **state)
{
	(void)state;
	card_with_a_function();
	tree_file(&card.tree, TREE_BRIDGE CARD "/sriov_drivers_autoprobe", "0\n");
	loses(CARD_VF2, NULL);
	card_check_get(&kind_offer, CARD, "ready");
	tree_file(&card.tree, TREE_BRIDGE CARD "/vendor", "0x1d0f\n");
	loses(CARD, "pci-pf-stub");
	card_check_get(&kind_offer, CARD, "ready");
	assert_int_equal(played_writes, 0);
}

static void offer_before_there_are_functions(void **state)
{
	(void)state;
	tree_driver(&card.tree, CARD, "nvidia");
	card_check_get(&kind_offer, CARD, "waiting");
	tree_file(&card.tree, TREE_BRIDGE CARD "/sriov_totalvfs", "0\n");
	card_check_get(&kind_offer, CARD, "waiting");
	tree_file(&card.tree, TREE_BRIDGE CARD "/sriov_totalvfs", "32\n");
	card_check_get(&kind_offer, CARD, "ready");
	card_vf(0, CARD_VF);
	card_check_get(&kind_offer, CARD, "waiting");
}

static void offer_of_mediated_devices(void **state)
{
	(void)state;
	tree_driver(&card.tree, CARD, "nvidia");
	tree_dir(&card.tree, TREE_BRIDGE CARD "/mdev_supported_types");
	card_check_get(&kind_offer, CARD, "waiting");
	card_type(TREE_BRIDGE CARD, "nvidia-63");
	card_check_get(&kind_offer, CARD, "ready");
	/* none can be made: the driver is starting, or the card is full */
	tree_file(&card.tree,
		  TREE_BRIDGE CARD "/mdev_supported_types/nvidia-63/available_instances",
		  "0\n");
	tree_dir(&card.tree, TREE_BRIDGE CARD "/mdev_supported_types/nvidia-63/devices");
	card_check_get(&kind_offer, CARD, "waiting");
	tree_dir(&card.tree,
		 TREE_BRIDGE CARD "/mdev_supported_types/nvidia-63/devices/" CARD_UUID);
	card_check_get(&kind_offer, CARD, "ready");
}

static void offer_of_one_function(void **state)
{
	(void)state;
	tree_driver(&card.tree, CARD, "nvidia");
	card_vf(0, CARD_VF);
	card_vf(1, CARD_VF2);
	tree_dir(&card.tree, TREE_BRIDGE CARD_VF "/mdev_supported_types");
	card_check_get(&kind_offer, CARD, "waiting");
	card_type(TREE_BRIDGE CARD_VF2, "nvidia-558");
	card_check_get(&kind_offer, CARD, "ready");
}

static void offer_of_vendor_types(void **state)
{
	(void)state;
	tree_driver(&card.tree, CARD, "nvidia");
	card_vf(0, CARD_VF);
	card_vendor("0\n", "ID    : vGPU Name\n");
	card_check_get(&kind_offer, CARD, "waiting");
	card_vendor("0\n", CARD_LIST);
	card_check_get(&kind_offer, CARD, "ready");
	/* full: nothing more is offered */
	card_vendor("1152\n", "");
	card_check_get(&kind_offer, CARD, "ready");
}

/* nvidia-vgpud registers the types some time after the functions are there */
static void offer_that_comes_late(void **state)
{
	pid_t pid;

	(void)state;
	tree_driver(&card.tree, CARD, "nvidia");
	card_vf(0, CARD_VF);
	card_vendor("0\n", "");
	card.host.deadline_ms = 20000;
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		clock_sleep(200);
		tree_file(&card.tree, CARD_VENDOR "creatable_vgpu_types", CARD_LIST);
		_exit(0);
	}
	assert_int_equal(kind_offer.set(&card.host, CARD, "ready"), 0);
	card_reap(pid);
}

/* in MIG mode there are no types before there are instances */
static void offer_in_mig_mode(void **state)
{
	char smi[512];

	(void)state;
	tree_driver(&card.tree, CARD, "nvidia");
	card_vf(0, CARD_VF);
	card_vendor("0\n", "");
	tree_file(&card.tree, "nvidia-smi",
		  "#!/bin/sh\n"
		  "case $1 in -i) echo 'Enabled, Enabled' ;;\n"
		  "*) echo 'No GPU instances found: Not Found'; exit 6 ;; esac\n");
	assert_int_equal(fchmodat(card.tree.fd, "nvidia-smi", 0755, 0), 0);
	snprintf(smi, sizeof(smi), "%s/nvidia-smi", card.tree.path);
	card.host.deadline_ms = 20000;
	card.host.nvidia_smi = smi;
	card_check_get(&kind_offer, CARD, "ready");
	assert_int_equal(kind_offer.set(&card.host, CARD, "ready"), 0);
}

/* a card that does not answer: nvidia-smi is asked once, not at the beginning and the end */
static void offer_while_nvidia_smi_hangs(void **state)
{
	char smi[512];

	(void)state;
	tree_driver(&card.tree, CARD, "nvidia");
	card_vf(0, CARD_VF);
	card_vendor("0\n", "");
	tree_file(&card.tree, "nvidia-smi",
		  "#!/bin/sh\necho >> \"${0%/*}/asked\"\nexec sleep 60\n");
	assert_int_equal(fchmodat(card.tree.fd, "nvidia-smi", 0755, 0), 0);
	snprintf(smi, sizeof(smi), "%s/nvidia-smi", card.tree.path);
	card.host.deadline_ms = 2000;
	card.host.nvidia_smi = smi;
	assert_int_equal(kind_offer.set(&card.host, CARD, "ready"), -ETIME);
	assert_string_equal(tree_text(&card.tree, "asked"), "\n");
	assert_int_equal(kind_offer.get(&card.host, CARD, card.have), -ETIME);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, card_setup, card_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(offer_of_other_drivers),
		TEST(offer_of_a_card_that_was_lost),
		TEST(offer_of_a_card_that_is_lost_again),
		TEST(offer_of_a_card_that_is_not_lost),
		TEST(offer_before_there_are_functions),
		TEST(offer_of_mediated_devices),
		TEST(offer_of_one_function),
		TEST(offer_of_vendor_types),
		TEST(offer_that_comes_late),
		TEST(offer_in_mig_mode),
		TEST(offer_while_nvidia_smi_hangs),
	};

	return cmocka_run_group_tests_name("kind-offer", tests, NULL, NULL);
}

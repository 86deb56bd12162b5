// SPDX-License-Identifier: GPL-2.0-or-later
/* test-kinds.c - what kinds see, and how each of them fails */

/*
 * Real: kind-driver.c, kind-attr.c, kind-console.c, kind-module.c, and worker.c with its
 * child. Faked: sys and proc are files and links in a temporary folder that takes every
 * write and does not react: what a kernel would do is in tests/fake, and here is what
 * happens when it does nothing. A FIFO that nobody reads is a kernel that hangs.
 */

#include "clock.h"
#include "kinds.h"
#include "tree.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#define GPU    "0000:01:00.0"
#define DEVICE "sys/bus/pci/devices/" GPU

static struct tree tree;
static struct host host;
static char have[STATE_LEN];

static int setup(void **state)
{
	(void)state;
	tree_make(&tree);
	assert_int_equal(host_open(&host, tree.path, kinds_all), 0);
	tree_dir(&tree, DEVICE "/power");
	tree_dir(&tree, "proc");
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

static void check_get(const struct kind *k, const char *target, const char *want)
{
	assert_int_equal(k->get(&host, target, have), 0);
	assert_string_equal(have, want);
}

static void attributes(void **state)
{
	(void)state;
	tree_file(&tree, DEVICE "/d3cold_allowed", "1\n");
	tree_file(&tree, DEVICE "/power/control", "auto\n");
	tree_file(&tree, DEVICE "/reset_method", "flr bus\n");
	check_get(&kind_attr, GPU "/d3cold_allowed", "1");
	check_get(&kind_attr, GPU "/power/control", "auto");
	check_get(&kind_attr, GPU "/reset_method", "flr bus");
	assert_int_equal(kind_attr.set(&host, GPU "/d3cold_allowed", "0"), 0);
	assert_string_equal(tree_text(&tree, DEVICE "/d3cold_allowed"), "0\n");
	assert_int_equal(kind_attr.set(&host, GPU "/reset_method", "bus flr"), 0);
	check_get(&kind_attr, GPU "/reset_method", "bus flr");
	assert_int_equal(kind_attr.set(&host, GPU "/reset_method", "bus flr"), 0);
}

static void attributes_that_are_not_on_the_list(void **state)
{
	static const char *const targets[] = {
		GPU,
		GPU "/",
		GPU "/enable",
		GPU "/remove",
		GPU "/power/autosuspend",
		"/power/control/x",
		GPU "/../" GPU "/reset_method",
		"reset_method",
	};

	(void)state;
	tree_file(&tree, DEVICE "/enable", "1\n");
	for (size_t i = 0; i < ARRAY_LEN(targets); i++) {
		assert_int_equal(kind_attr.get(&host, targets[i], have), -EPERM);
		assert_int_equal(kind_attr.set(&host, targets[i], "0"), -EPERM);
	}
	assert_string_equal(have, "untouched");
	assert_string_equal(tree_text(&tree, DEVICE "/enable"), "1\n");
}

static void attributes_that_fail(void **state)
{
	(void)state;
	assert_int_equal(kind_attr.get(&host, GPU "/reset_method", have), -ENOENT);
	assert_int_equal(kind_attr.set(&host, GPU "/reset_method", "bus"), -ENOENT);
	tree_file(&tree, DEVICE "/reset_method",
		  "a\tb\n"); /* would break a line of the ledger */
	assert_int_equal(kind_attr.get(&host, GPU "/reset_method", have), -EBADMSG);
	assert_string_equal(have, "untouched");
	/* what was written is not what is there */
	tree_file(&tree, DEVICE "/reset_method", "flr bus pm\n");
	assert_true(kind_attr.set(&host, GPU "/reset_method", "flr") < 0);
}

static void consoles(void **state)
{
	(void)state;
	tree_file(&tree, "sys/class/vtconsole/vtcon1/bind", "1\n");
	check_get(&kind_console, "vtcon1", "bound");
	assert_int_equal(kind_console.set(&host, "vtcon1", "bound"), 0);
	assert_int_equal(kind_console.set(&host, "vtcon1", "unbound"), 0);
	check_get(&kind_console, "vtcon1", "unbound");
	assert_int_equal(kind_console.set(&host, "vtcon1", "bound"), 0);
	assert_string_equal(tree_text(&tree, "sys/class/vtconsole/vtcon1/bind"), "1\n");
	assert_int_equal(kind_console.get(&host, "vtcon7", have), -ENOENT);
	assert_int_equal(kind_console.set(&host, "vtcon7", "unbound"), -ENOENT);
}

#define EFI     "efi-framebuffer/efi-framebuffer.0"
#define EFI_DIR "sys/bus/platform/drivers/efi-framebuffer/"

static void platform_framebuffer(void **state)
{
	(void)state;
	tree_file(&tree, EFI_DIR "bind", "");
	tree_file(&tree, EFI_DIR "unbind", "");
	check_get(&kind_console, EFI, "unbound");
	assert_int_equal(kind_console.set(&host, EFI, "unbound"), 0);
	assert_int_equal(kind_console.set(&host, EFI, "bound"), -EIO); /* nobody reacts */
	assert_string_equal(tree_text(&tree, EFI_DIR "bind"), "efi-framebuffer.0");
	tree_dir(&tree, EFI_DIR "efi-framebuffer.0");
	check_get(&kind_console, EFI, "bound");
	assert_int_equal(kind_console.set(&host, EFI, "unbound"), -EIO);
	assert_string_equal(tree_text(&tree, EFI_DIR "unbind"), "efi-framebuffer.0");
}

static void modules(void **state)
{
	(void)state;
	check_get(&kind_module, "nvidia", "absent");
	tree_file(&tree, "sys/module/nvidia/initstate", "live\n");
	check_get(&kind_module, "nvidia", "loaded");
	tree_file(&tree, "sys/module/nvidia/initstate", "going\n");
	check_get(&kind_module, "nvidia", "absent");
	tree_file(&tree, "sys/module/nvidia/initstate", "coming\n");
	check_get(&kind_module, "nvidia", "absent");
	tree_dir(&tree, "sys/module/builtin/parameters");
	check_get(&kind_module, "builtin", "loaded");
	assert_int_equal(kind_module.set(&host, "builtin", "loaded"), 0);
	assert_int_equal(kind_module.set(&host, "no_such_module_x", "absent"), 0);
	assert_true(kind_module.set(&host, "no_such_module_x", "loaded") < 0);
}

static void device(const char *driver, const char *override)
{
	char text[256];

	tree_file(&tree, DEVICE "/driver_override", override);
	tree_file(&tree, "sys/bus/pci/drivers_probe", "");
	if (!driver)
		return;
	snprintf(text, sizeof(text), "../../drivers/%s", driver);
	tree_link(&tree, DEVICE "/driver", text);
	snprintf(text, sizeof(text), "sys/bus/pci/drivers/%s/unbind", driver);
	tree_file(&tree, text, "");
}

static void driver_of_a_function(void **state)
{
	(void)state;
	assert_int_equal(kind_driver.get(&host, "0000:02:00.0", have), -ENODEV);
	assert_string_equal(have, "untouched");
	assert_int_equal(kind_driver.set(&host, "0000:02:00.0", "nvidia"), -ENODEV);
	device(NULL, "(null)\n");
	check_get(&kind_driver, GPU, "none");
	device("nvidia", "(null)\n");
	check_get(&kind_driver, GPU, "nvidia");
	device("nvidia", "\n");
	check_get(&kind_driver, GPU, "nvidia");
	device("vfio-pci", "vfio-pci\n");
	check_get(&kind_driver, GPU, "vfio-pci override=vfio-pci");
}

static void only_the_override_is_another(void **state)
{
	(void)state;
	device("vfio-pci", "(null)\n");
	assert_int_equal(kind_driver.set(&host, GPU, "vfio-pci override=vfio-pci"), 0);
	assert_string_equal(tree_text(&tree, DEVICE "/driver_override"), "vfio-pci\n");
	assert_string_equal(tree_text(&tree, "sys/bus/pci/drivers_probe"), "");
	assert_int_equal(kind_driver.set(&host, GPU, "vfio-pci override=vfio-pci"), 0);
	assert_string_equal(tree_text(&tree, "sys/bus/pci/drivers/vfio-pci/unbind"), "");
}

static void states_that_are_none(void **state)
{
	char longest[STATE_LEN] = "";

	(void)state;
	device("nvidia", "(null)\n");
	memset(longest, 'x', 64);
	assert_int_equal(kind_driver.set(&host, GPU, ""), -EINVAL);
	assert_int_equal(kind_driver.set(&host, GPU, " override=x"), -EINVAL);
	assert_int_equal(kind_driver.set(&host, GPU, longest), -EINVAL);
	assert_string_equal(tree_text(&tree, DEVICE "/driver_override"), "(null)\n");
}

static void driver_that_is_not_loaded(void **state)
{
	(void)state;
	device(NULL, "(null)\n");
	assert_int_equal(kind_driver.set(&host, GPU, "vfio-pci override=vfio-pci"),
			 -ENOENT);
	assert_string_equal(tree_text(&tree, "sys/bus/pci/drivers_probe"), "");
}

static void driver_that_does_not_want_it(void **state)
{
	(void)state;
	device(NULL, "(null)\n");
	tree_dir(&tree, "sys/bus/pci/drivers/vfio-pci");
	assert_int_equal(kind_driver.set(&host, GPU, "vfio-pci override=vfio-pci"), -EIO);
	assert_string_equal(tree_text(&tree, DEVICE "/driver_override"), "vfio-pci\n");
	assert_string_equal(tree_text(&tree, "sys/bus/pci/drivers_probe"), GPU);
}

/* The override is aimed first, so that nothing else can take the function. */
static void driver_that_does_not_let_go(void **state)
{
	(void)state;
	device("nvidia", "(null)\n");
	tree_dir(&tree, "sys/bus/pci/drivers/vfio-pci");
	assert_int_equal(kind_driver.set(&host, GPU, "vfio-pci override=vfio-pci"), -EIO);
	assert_string_equal(tree_text(&tree, DEVICE "/driver_override"), "vfio-pci\n");
	assert_string_equal(tree_text(&tree, "sys/bus/pci/drivers/nvidia/unbind"), GPU);
	assert_int_equal(kind_driver.set(&host, GPU, "none"), -EIO);
}

/* The unbind of a card that somebody has open never returns: it must not be written. */
static void somebody_has_it_open(void **state)
{
	uint64_t begin = clock_ms();

	(void)state;
	device("nvidia", "(null)\n");
	tree_dir(&tree, "sys/bus/pci/drivers/vfio-pci");
	tree_file(&tree, DEVICE "/drm/card1/dev", "1:7\n");
	tree_link(&tree, DEVICE "/drm/card1/subsystem", "../../../../../../class/drm");
	tree_link(&tree, "proc/4242/fd/3", "/dev/full");
	host.deadline_ms = 2000;
	assert_int_equal(kind_driver.set(&host, GPU, "vfio-pci override=vfio-pci"),
			 -EBUSY);
	assert_in_range(clock_ms() - begin, 2000, 50000);
	assert_string_equal(tree_text(&tree, "sys/bus/pci/drivers/nvidia/unbind"), "");
}

/* One that was made since the card was looked at: its VM has it, and the unbind would hang. */
static void vgpu_is_made_on_it(void **state)
{
	(void)state;
	device("nvidia", "(null)\n");
	tree_dir(&tree, "sys/bus/pci/drivers/vfio-pci");
	tree_dir(&tree, DEVICE "/5d1c3a52-8a0e-4f83-9d7b-2a7c1d1f4b01");
	host.deadline_ms = 2000;
	assert_int_equal(kind_driver.set(&host, GPU, "vfio-pci override=vfio-pci"),
			 -EBUSY);
	assert_string_equal(tree_text(&tree, "sys/bus/pci/drivers/nvidia/unbind"), "");
}

static void kernel_that_hangs(void **state)
{
	uint64_t begin = clock_ms();

	(void)state;
	device("nvidia", "(null)\n");
	assert_int_equal(unlinkat(tree.fd, "sys/bus/pci/drivers/nvidia/unbind", 0), 0);
	assert_int_equal(mkfifoat(tree.fd, "sys/bus/pci/drivers/nvidia/unbind", 0600), 0);
	host.deadline_ms = 2000;
	assert_int_equal(kind_driver.set(&host, GPU, "vfio-pci override=vfio-pci"),
			 -ETIME);
	assert_in_range(clock_ms() - begin, 2000, 50000);
	check_get(&kind_driver, GPU, "nvidia override=vfio-pci");
}

/* libvirt clears the override of a managed device: whose it is, its driver says. */
static void same_driver(void **state)
{
	(void)state;
	assert_true(kind_driver.same("vfio-pci override=vfio-pci", "vfio-pci"));
	assert_true(kind_driver.same("nvidia", "nvidia override=x"));
	assert_false(kind_driver.same("vfio-pci", "vfio-pci-x"));
	assert_false(kind_driver.same("vfio-pci-x", "vfio-pci"));
	assert_false(kind_driver.same("nvidia", "none"));
}

static void found_by_name(void **state)
{
	(void)state;
	assert_ptr_equal(kind_find(&host, "driver"), &kind_driver);
	assert_ptr_equal(kind_find(&host, "module"), &kind_module);
	assert_null(kind_find(&host, "Driver"));
	host.kinds = NULL;
	assert_null(kind_find(&host, "driver"));
	assert_false(kind_driver.shared || kind_attr.shared);
	assert_true(kind_module.shared && kind_unit.shared && kind_console.shared);
}

/* part of a sentence behind a colon, or nothing */
/* part of a sentence behind a colon, or nothing */
static void check_remedies(const struct kind *const *kinds)
{
	for (const struct kind *const *k = kinds; *k; k++)
		for (int e = 1; e < 140; e++) {
			const char *text = (*k)->remedy(-e);

			if (!text)
				continue;
			unit_check_sentence(text);
			assert_true(text[strlen(text) - 1] != '.');
		}
}

static void remedies(void **state)
{
	(void)state;
	check_remedies(kinds_all);
	assert_non_null(kind_driver.remedy(-EBUSY));
	assert_non_null(kind_driver.remedy(-ETIME));
	assert_non_null(kind_driver.remedy(-ENOENT));
	assert_non_null(kind_module.remedy(-ENOENT));
	assert_non_null(kind_module.remedy(-EBUSY));
	assert_non_null(kind_attr.remedy(-ENOENT));
	assert_non_null(kind_unit.remedy(-EIO));
}

static void kinds_of_the_boot(void **state)
{
	struct host h = { .kinds = kinds_boot };

	(void)state;
	check_remedies(kinds_boot);
	assert_ptr_equal(kind_find(&h, "mdev"), &kind_mdev);
	assert_ptr_equal(kind_find(&h, "vgpu"), &kind_vgpu);
	assert_ptr_equal(kind_find(&h, "mig-mode"), &kind_mig_mode);
	h.kinds = kinds_all;
	assert_ptr_equal(kind_find(&h, "vgpu"), &kind_vgpu);
	assert_null(kind_find(&h, "numvfs"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(attributes, setup, teardown),
		cmocka_unit_test_setup_teardown(attributes_that_are_not_on_the_list,
						setup, teardown),
		cmocka_unit_test_setup_teardown(attributes_that_fail, setup, teardown),
		cmocka_unit_test_setup_teardown(consoles, setup, teardown),
		cmocka_unit_test_setup_teardown(platform_framebuffer, setup, teardown),
		cmocka_unit_test_setup_teardown(modules, setup, teardown),
		cmocka_unit_test_setup_teardown(driver_of_a_function, setup, teardown),
		cmocka_unit_test_setup_teardown(only_the_override_is_another, setup,
						teardown),
		cmocka_unit_test_setup_teardown(states_that_are_none, setup, teardown),
		cmocka_unit_test_setup_teardown(driver_that_is_not_loaded, setup,
						teardown),
		cmocka_unit_test_setup_teardown(driver_that_does_not_want_it, setup,
						teardown),
		cmocka_unit_test_setup_teardown(driver_that_does_not_let_go, setup,
						teardown),
		cmocka_unit_test_setup_teardown(somebody_has_it_open, setup, teardown),
		cmocka_unit_test_setup_teardown(vgpu_is_made_on_it, setup, teardown),
		cmocka_unit_test_setup_teardown(kernel_that_hangs, setup, teardown),
		cmocka_unit_test(same_driver),
		cmocka_unit_test_setup_teardown(found_by_name, setup, teardown),
		cmocka_unit_test(remedies),
		cmocka_unit_test(kinds_of_the_boot),
	};

	return cmocka_run_group_tests_name("kinds", tests, NULL, NULL);
}

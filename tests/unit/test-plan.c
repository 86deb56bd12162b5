// SPDX-License-Identifier: GPL-2.0-or-later
/* test-plan.c - what is done for a VM, in which order, and which driver it gets */

/*
 * Real: policy.c, which is a pure function, and policy-check.c before it.
 * Faked: the guest, the INI file and the host are values that are built here (world.c).
 */

#include "world.h"

#include <errno.h>

#define GPU   "0000:01:00.0"
#define AUDIO "0000:01:00.1"

#define VFIO_MODULE "module vfio_pci loaded keep\n"
#define VFIO_DRIVERS                                               \
	"driver " GPU " vfio-pci override=vfio-pci\ndriver " AUDIO \
	" vfio-pci override=vfio-pci\n"

static struct world w;
static struct conf_devices *const c = &w.conf.devices;

static int setup(void **state)
{
	(void)state;
	world_make(&w);
	world_one_card(&w);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	world_free(&w);
	return 0;
}

static void console(const char *name)
{
	strcpy(w.inv.console[w.inv.n_consoles++], name);
}

static void two_functions(void **state)
{
	(void)state;
	world_check_plan(&w, VFIO_MODULE VFIO_DRIVERS);
}

static void all_in_order(void **state)
{
	(void)state;
	console("vtcon1");
	w.inv.function[0].framebuffer = true;
	strcpy(c->stop_units, "ollama.service nvidia-persistenced.service");
	strcpy(c->unload, "nvidia_drm nvidia_modeset nvidia_uvm nvidia snd_hda_intel");
	strcpy(c->d3cold, "off");
	strcpy(c->power_control, "on");
	strcpy(c->reset_method, "flr bus");
	world_check_plan(&w, "unit ollama.service inactive\n"
			     "unit nvidia-persistenced.service inactive\n"
			     "console vtcon1 unbound\n"
			     "module nvidia_drm absent\n"
			     "module nvidia_modeset absent\n"
			     "module nvidia_uvm absent\n" VFIO_MODULE
			     "attr 0000:01:00.0/d3cold_allowed 0\n"
			     "attr 0000:01:00.0/power/control on\n"
			     "attr 0000:01:00.0/reset_method flr bus\n"
			     "attr 0000:01:00.1/d3cold_allowed 0\n"
			     "attr 0000:01:00.1/power/control on\n" VFIO_DRIVERS
			     "module nvidia absent\n"
			     "module snd_hda_intel absent\n");
	strcpy(c->d3cold, "on");
	c->power_control[0] = c->reset_method[0] = c->unload[0] = c->stop_units[0] = '\0';
	w.inv.function[0].framebuffer = false;
	world_check_plan(&w,
			 VFIO_MODULE "attr 0000:01:00.0/d3cold_allowed 1\n"
				     "attr 0000:01:00.1/d3cold_allowed 1\n" VFIO_DRIVERS);
}

static void nothing_taken_nothing_done(void **state)
{
	(void)state;
	console("vtcon1");
	w.inv.function[0].framebuffer = true;
	c->take = CONF_TAKE_NONE;
	strcpy(c->stop_units, "ollama.service");
	strcpy(c->unload, "nvidia_drm nvidia");
	world_check_plan(&w, "");
}

/* The text console leaves a framebuffer of the card; what the firmware left only on
 * kernels before 6.0. */
static void consoles(void **state)
{
	static const struct {
		unsigned int kernel;
		bool framebuffer, boot_vga;
		const char *want;
	} rows[] = {
		{ 6, false, false, "" },
		{ 6, true, false, "console vtcon1 unbound\n" },
		{ 6, false, true, "" },
		{ 6, true, true, "console vtcon1 unbound\n" },
		{ 5, false, false, "" },
		{ 5, true, false, "console vtcon1 unbound\n" },
		{ 5, false, true,
		  "console vtcon1 unbound\nconsole efi-framebuffer/efi-framebuffer.0 unbound\n" },
		{ 5, true, true,
		  "console vtcon1 unbound\nconsole efi-framebuffer/efi-framebuffer.0 unbound\n" },
	};

	(void)state;
	console("vtcon1");
	console("efi-framebuffer/efi-framebuffer.0");
	c->primary = true;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char want[1024];

		w.inv.kernel = rows[i].kernel;
		w.inv.function[0].framebuffer = rows[i].framebuffer;
		w.inv.function[0].boot_vga = rows[i].boot_vga;
		snprintf(want, sizeof(want), "%s%s", rows[i].want,
			 VFIO_MODULE VFIO_DRIVERS);
		world_check_plan(&w, want);
	}
}

static void a_name_twice_is_one_step(void **state)
{
	(void)state;
	strcpy(c->stop_units, "a.service a.service");
	strcpy(c->unload, "nvidia_drm nvidia_drm");
	world_check_plan(&w,
			 "unit a.service inactive\nmodule nvidia_drm absent\n" VFIO_MODULE
				 VFIO_DRIVERS);
}

static void driver_of_the_ini_file(void **state)
{
	(void)state;
	strcpy(w.guest.hostdevs[0].model, "mlx5_vfio_pci");
	strcpy(c->driver, "my-vfio-pci");
	world_check_plan(&w, "module my_vfio_pci loaded keep\n"
			     "driver " GPU " my-vfio-pci override=my-vfio-pci\n"
			     "driver " AUDIO " my-vfio-pci override=my-vfio-pci\n");
}

static void driver_of_the_domain_xml(void **state)
{
	(void)state;
	strcpy(w.guest.hostdevs[0].driver, "vfio"); /* says nothing */
	world_check_plan(&w, VFIO_MODULE VFIO_DRIVERS);
	strcpy(w.guest.hostdevs[0].model, "nvgrace_gpu_vfio_pci");
	world_check_plan(&w, "module nvgrace_gpu_vfio_pci loaded keep\n" VFIO_MODULE
			     "driver " GPU
			     " nvgrace_gpu_vfio_pci override=nvgrace_gpu_vfio_pci\n"
			     "driver " AUDIO " vfio-pci override=vfio-pci\n");
}

static void best_driver_of_each_function(void **state)
{
	struct function *gpu;

	(void)state;
	gpu = &w.inv.function[0];
	strcpy(gpu->vfio_module, "nvgrace_gpu_vfio_pci");
	strcpy(gpu->vfio_driver, "nvgrace-gpu-vfio-pci");
	world_check_plan(&w, "module nvgrace_gpu_vfio_pci loaded keep\n" VFIO_MODULE
			     "driver " GPU
			     " nvgrace-gpu-vfio-pci override=nvgrace-gpu-vfio-pci\n"
			     "driver " AUDIO " vfio-pci override=vfio-pci\n");
}

/* The one whose module and driver are not called the same, under either name */
static void vfio_pci_by_the_name_of_its_module(void **state)
{
	(void)state;
	strcpy(c->driver, "vfio_pci");
	world_check_plan(&w, VFIO_MODULE VFIO_DRIVERS);
	strcpy(c->driver, "vfio-pci");
	world_check_plan(&w, VFIO_MODULE VFIO_DRIVERS);
}

static void stays_on_vfio(void **state)
{
	(void)state;
	c->give_back = false;
	strcpy(c->power_control, "on");
	strcpy(c->unload, "nvidia_drm");
	world_check_plan(&w, "module nvidia_drm absent\n" VFIO_MODULE
			     "attr 0000:01:00.0/power/control on\n"
			     "attr 0000:01:00.1/power/control on\n"
			     "driver " GPU " vfio-pci override=vfio-pci keep\n"
			     "driver " AUDIO " vfio-pci override=vfio-pci keep\n");
}

static void fails(int r)
{
	struct plan plan = { .n = 7 };

	world_look(&w);
	assert_int_equal(policy_plan(&w.guest, c, &w.inv, &w.taken, &plan), r);
	assert_int_equal(plan.n, 7);
	assert_null(plan.steps);
}

static void more_than_a_plan_holds(void **state)
{
	char bdf[BDF_LEN];

	(void)state;
	strcpy(c->power_control, "on");
	strcpy(c->d3cold, "on");
	for (unsigned int i = 2; i < 60; i++)
		for (unsigned int f = 0; f < 8; f++) {
			snprintf(bdf, sizeof(bdf), "0000:%02x:00.%u", i, f);
			world_function(&w, bdf, "10de:2684", WORLD_GPU, "nvidia", (int)i);
			if (f == 0)
				world_hostdev(&w, bdf);
		}
	fails(-E2BIG);
}

static void name_that_does_not_fit(void **state)
{
	(void)state;
	memset(c->stop_units, 'x', TARGET_LEN);
	fails(-ENAMETOOLONG);
	c->stop_units[0] = '\0';
	memset(c->unload, 'x', TARGET_LEN);
	fails(-ENAMETOOLONG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(two_functions, setup, teardown),
		cmocka_unit_test_setup_teardown(all_in_order, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing_taken_nothing_done, setup,
						teardown),
		cmocka_unit_test_setup_teardown(consoles, setup, teardown),
		cmocka_unit_test_setup_teardown(a_name_twice_is_one_step, setup,
						teardown),
		cmocka_unit_test_setup_teardown(driver_of_the_ini_file, setup, teardown),
		cmocka_unit_test_setup_teardown(driver_of_the_domain_xml, setup,
						teardown),
		cmocka_unit_test_setup_teardown(best_driver_of_each_function, setup,
						teardown),
		cmocka_unit_test_setup_teardown(vfio_pci_by_the_name_of_its_module, setup,
						teardown),
		cmocka_unit_test_setup_teardown(stays_on_vfio, setup, teardown),
		cmocka_unit_test_setup_teardown(more_than_a_plan_holds, setup, teardown),
		cmocka_unit_test_setup_teardown(name_that_does_not_fit, setup, teardown),
	};

	return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}

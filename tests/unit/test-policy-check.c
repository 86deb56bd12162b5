// SPDX-License-Identifier: GPL-2.0-or-later
/* test-policy-check.c - every reason to refuse, and what is only said, in sentences */

/*
 * Real: policy-check.c, which is a pure function.
 * Faked: the guest, the INI file and the host are values that are built here (world.c).
 */

#include "world.h"

#define GPU   "0000:01:00.0"
#define AUDIO "0000:01:00.1"

static struct world w;

/* root loads a module of that name, and the domain XML may be a tenant's */
static void model_that_is_no_vfio_driver(void **state)
{
	static const char *const bad[] = { "nouveau", "../vfio", "vfio override=x" };
	char want[WHY_LEN];

	(void)state;
	world_one_card(&w);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		strcpy(w.guest.hostdevs[0].model, bad[i]);
		snprintf(
			want, sizeof(want),
			"!" GPU
			": model='%s' of its <driver> is not the name of a VFIO driver: correct the domain XML with virsh edit",
			bad[i]);
		world_check_found(&w, (const char *const[]){ want }, 1);
	}
}

static void nothing_to_take(void **state)
{
	(void)state;
	world_function(&w, "0000:02:00.0", "8086:1563", WORLD_NIC, "ixgbe", 11);
	world_hostdev(&w, "0000:02:00.0");
	WORLD_FOUND(
		&w,
		".vms/vm.ini asks for devices, but the domain XML of vm has no display function among its PCI hostdevs");
	assert_null(findings_refusal(&w.found));
	assert_false(findings_only_holders(&w.found));
	w.guest.n_hostdevs = 0;
	w.conf.devices.take = CONF_TAKE_ALL;
	WORLD_FOUND(
		&w,
		".vms/vm.ini asks for devices, but the domain XML of vm has no function to take among its PCI hostdevs");
}

static void device_is_not_there(void **state)
{
	(void)state;
	world_one_card(&w);
	world_hostdev(&w, "0000:07:00.0");
	world_also(&w.conf.devices, "0000:08:00.0", "10de:2684");
	WORLD_FOUND(
		&w,
		"!0000:07:00.0, a hostdev of vm, is not on this host: look for it with lspci -D and correct the domain XML with virsh edit",
		"!0000:08:00.0, asked for by also in vms/vm.ini, is not on this host: look for it with lspci -D");
	w.conf.devices.take = CONF_TAKE_NONE;
	WORLD_FOUND(
		&w,
		"!0000:08:00.0, asked for by also in vms/vm.ini, is not on this host: look for it with lspci -D");
}

static void bridge_is_no_device(void **state)
{
	(void)state;
	world_function(&w, "0000:00:01.0", "8086:1901", WORLD_PORT, "pcieport", 1);
	world_card(&w, "0000:01", 10);
	world_hostdev(&w, GPU);
	world_also(&w.conf.devices, "0000:00:01.0", NULL);
	WORLD_FOUND(
		&w,
		"!0000:00:01.0, asked for by also in vms/vm.ini, is a bridge: no VM can have it, take it out");
}

static void no_iommu(void **state)
{
	(void)state;
	world_card(&w, "0000:01", -1);
	world_hostdev(&w, GPU);
	WORLD_FOUND(
		&w,
		"!0000:01:00.0 has no IOMMU group: switch on VT-d or AMD-Vi in the firmware, add intel_iommu=on to the kernel's command line on Intel, and reboot",
		"!0000:01:00.1 has no IOMMU group: switch on VT-d or AMD-Vi in the firmware, add intel_iommu=on to the kernel's command line on Intel, and reboot");
}

static void another_card(void **state)
{
	(void)state;
	world_one_card(&w);
	world_expect(&w.conf.devices, "10de:2684");
	world_look(&w);
	assert_int_equal(w.found.n, 0); /* the audio function need not be on the list */
	w.conf.devices.n_expect = 0;
	world_expect(&w.conf.devices, "10de:2702");
	world_expect(&w.conf.devices, "10de:2704");
	WORLD_FOUND(
		&w,
		"!0000:01:00.0 is 10de:2684, but expect in vms/vm.ini says 10de:2702: another card is at that address, look at lspci -nn and correct the domain XML or expect");
	world_expect(&w.conf.devices, "10de:2684");
	world_look(&w);
	assert_int_equal(w.found.n, 0); /* any of them */
	world_also(&w.conf.devices, AUDIO, "10de:22ba");
	world_look(&w);
	assert_int_equal(w.found.n, 0);
	w.conf.devices.n_also = 0;
	world_also(&w.conf.devices, AUDIO, "10de:22bb");
	WORLD_FOUND(
		&w,
		"!0000:01:00.1 is 10de:22ba, but also in vms/vm.ini expects 10de:22bb: another card is at that address, look at lspci -nn and correct it");
}

static void another_vm_has_it(void **state)
{
	(void)state;
	world_one_card(&w);
	world_claim(&w, "other", "0000:02:00.0");
	world_claim(&w, "first", AUDIO);
	WORLD_FOUND(&w, "!0000:01:00.1 is taken by VM 'first': shut that VM down first");
}

static void the_only_screen(void **state)
{
	(void)state;
	world_one_card(&w);
	w.inv.function[0].boot_vga = true;
	WORLD_FOUND(
		&w,
		"!0000:01:00.0 shows this host's console: write primary = yes in [devices] of vms/vm.ini if nobody needs that screen while the VM runs");
	w.conf.devices.primary = true;
	world_look(&w);
	assert_int_equal(w.found.n, 0);
}

static void the_host_needs_it(void **state)
{
	(void)state;
	world_one_card(&w);
	world_also(&w.conf.devices, "0000:02:00.0", NULL);
	strcpy(world_function(&w, "0000:02:00.0", "144d:a80a", 0x010802, "nvme", 11)->use,
	       "the mounted file system /");
	world_function(&w, "0000:05:00.0", "8086:1563", WORLD_NIC, "ixgbe", 12)->n_vfs =
		3;
	world_also(&w.conf.devices, "0000:05:00.0", NULL);
	WORLD_FOUND(
		&w,
		"!0000:02:00.0 carries the mounted file system / of this host: take it out of the domain XML or of vms/vm.ini",
		"!0000:05:00.0 has 3 virtual functions, which would vanish with it: give the VM one of those, or write 0 to its sriov_numvfs first");
}

static void group_is_not_whole(void **state)
{
	static const char *const harmless[] = {
		"",
		"pci-stub",
		"pcieport",
		"vfio-pci",
		"vfio_pci",
		"mlx5_vfio_pci",
		"nvgrace-gpu-vfio-pci",
	};
	struct function *nic;
	struct guest_hostdev *d;

	(void)state;
	world_function(&w, "0000:00:1c.0", "8086:43b8", WORLD_PORT, "pcieport", 14);
	world_card(&w, "0000:03", 14);
	nic = world_function(&w, "0000:04:00.0", "10ec:8125", WORLD_NIC, "r8169", 14);
	world_function(&w, "0000:05:00.0", "10ec:8125", WORLD_NIC, "r8169", 15);
	world_hostdev(&w, "0000:03:00.0");
	WORLD_FOUND(
		&w,
		"!0000:03:00.0 cannot be had alone: 0000:04:00.0 of the same IOMMU group 14 is driven by r8169 of this host; add 0000:04:00.0 to also in vms/vm.ini, or put the card into another slot");
	w.conf.devices.siblings = false;
	WORLD_FOUND(
		&w,
		"!0000:03:00.0 cannot be had alone: 0000:03:00.1 of the same IOMMU group 14 is driven by snd_hda_intel of this host; add 0000:03:00.1 to also in vms/vm.ini, or put the card into another slot",
		"!0000:03:00.0 cannot be had alone: 0000:04:00.0 of the same IOMMU group 14 is driven by r8169 of this host; add 0000:04:00.0 to also in vms/vm.ini, or put the card into another slot");
	w.conf.devices.siblings = true;
	for (size_t i = 0; i < ARRAY_LEN(harmless); i++) {
		strcpy(nic->driver, harmless[i]);
		world_look(&w);
		assert_int_equal(w.found.n, 0);
	}
	strcpy(nic->driver, "r8169");
	world_also(&w.conf.devices, "0000:04:00.0", NULL);
	world_look(&w);
	assert_int_equal(w.found.n, 0);
	w.conf.devices.n_also = 0;
	d = world_hostdev(&w, "0000:04:00.0"); /* not taken: it is no display function */
	world_look(&w);
	assert_int_equal(w.found.n, 1);
	d->managed = true; /* libvirt brings it to VFIO itself */
	world_look(&w);
	assert_int_equal(w.found.n, 0);
}

/* a PCI-to-PCI bridge may keep its driver, a bridge of another kind may not */
static void group_with_an_isa_bridge(void **state)
{
	(void)state;
	world_function(&w, "0000:00:1c.0", "8086:43b8", WORLD_PORT, "shpchp", 14);
	world_function(&w, "0000:00:1f.0", "8086:a30e", 0x060100, "lpc_ich", 14);
	world_card(&w, "0000:03", 14);
	world_hostdev(&w, "0000:03:00.0");
	WORLD_FOUND(
		&w,
		"!0000:03:00.0 cannot be had alone: 0000:00:1f.0 of the same IOMMU group 14, which no VM can have, is driven by lpc_ich of this host; put the card into another slot");
}

static void group_is_shared_with_a_vm(void **state)
{
	(void)state;
	world_card(&w, "0000:03", 14);
	world_function(&w, "0000:04:00.0", "10ec:8125", WORLD_NIC, "vfio-pci", 14);
	world_hostdev(&w, "0000:03:00.0");
	world_claim(&w, "first", "0000:04:00.0");
	WORLD_FOUND(
		&w,
		"!0000:03:00.0 cannot be had alone: 0000:04:00.0 of the same IOMMU group 14 is taken by VM 'first', shut that VM down first");
}

static void somebody_holds_it(void **state)
{
	struct function *gpu;

	(void)state;
	world_one_card(&w);
	gpu = &w.inv.function[0];
	world_hold(gpu, 1234, "ollama", "ollama.service");
	WORLD_FOUND(
		&w,
		"~0000:01:00.0 is held by ollama.service (pid 1234, ollama): stop it, or add it to stop-units in vms/vm.ini");
	assert_true(findings_only_holders(&w.found));
	world_hold(gpu, 1300, "python3", "session-2.scope");
	world_hold(&w.inv.function[1], 77, "pulseaudio", "");
	WORLD_FOUND(
		&w,
		"~0000:01:00.0 is held by ollama.service (pid 1234, ollama), session-2.scope (pid 1300, python3): stop it, or add it to stop-units in vms/vm.ini",
		"~0000:01:00.1 is held by pulseaudio (pid 77): end it, or write in-use = wait 30s in vms/vm.ini");
	strcpy(w.conf.devices.stop_units, "nvidia-persistenced.service ollama.service");
	WORLD_FOUND(
		&w,
		"~0000:01:00.0 is held by session-2.scope (pid 1300, python3): end it, or write in-use = wait 30s in vms/vm.ini",
		"~0000:01:00.1 is held by pulseaudio (pid 77): end it, or write in-use = wait 30s in vms/vm.ini");
	gpu->n_holders = 1;
	w.inv.function[1].n_holders = 0;
	world_look(&w);
	assert_int_equal(w.found.n, 0);
}

/* The service of a user is not stopped by the system's systemd. */
static void somebody_holds_it_in_a_session(void **state)
{
	(void)state;
	world_one_card(&w);
	world_hold(&w.inv.function[1], 77, "pipewire", "pipewire.service");
	w.inv.function[1].holders[0].user = true;
	strcpy(w.conf.devices.stop_units, "pipewire.service");
	WORLD_FOUND(
		&w,
		"~0000:01:00.1 is held by pipewire.service (pid 77, pipewire): end it, or write in-use = wait 30s in vms/vm.ini");
}

/* What others named cannot break out of its line, and is cut between characters. */
static void names_of_others_stay_in_their_line(void **state)
{
	const struct finding *f;

	(void)state;
	world_one_card(&w);
	world_hold(&w.inv.function[0], 5, "a\nb\x1b[2J", "");
	WORLD_FOUND(
		&w,
		"~0000:01:00.0 is held by a?b?[2J (pid 5): end it, or write in-use = wait 30s in vms/vm.ini");
	for (size_t i = 0; i + 2 < sizeof(w.guest.name) - 2; i += 2)
		memcpy(w.guest.name + i, "\xc3\xbc", 3);
	w.guest.n_hostdevs = 0;
	for (size_t i = 0; i + 2 < 240; i += 2)
		memcpy(w.conf.shown + i, "\xc3\xbc", 3);
	for (int pad = 0; pad < 2; pad++) {
		world_look(&w);
		f = &w.found.finding[0];
		assert_int_equal(f->refuse, false);
		for (const unsigned char *p = (const unsigned char *)f->text; *p; p++)
			if (*p == 0xc3)
				assert_int_equal(*++p, 0xbc);
		strcat(w.conf.shown, "x");
	}
}

/* The most fundamental reason is the one that the user of virsh reads. */
static void order_of_findings(void **state)
{
	struct function *gpu;

	(void)state;
	world_one_card(&w);
	world_function(&w, "0000:04:00.0", "10ec:8125", WORLD_NIC, "r8169", 10);
	gpu = &w.inv.function[0];
	world_hold(gpu, 1, "x", "");
	gpu->boot_vga = true;
	strcpy(gpu->use, "swap on nvme0n1p3");
	gpu->n_vfs = 1;
	world_claim(&w, "first", GPU);
	world_expect(&w.conf.devices, "10de:2702");
	w.inv.function[1].group = -1;
	world_hostdev(&w, "0000:07:00.0");
	world_also(&w.conf.devices, "0000:08:00.0", NULL);
	WORLD_FOUND(
		&w,
		"!0000:07:00.0, a hostdev of vm, is not on this host: look for it with lspci -D and correct the domain XML with virsh edit",
		"!0000:08:00.0, asked for by also in vms/vm.ini, is not on this host: look for it with lspci -D",
		"!0000:01:00.1 has no IOMMU group: switch on VT-d or AMD-Vi in the firmware, add intel_iommu=on to the kernel's command line on Intel, and reboot",
		"!0000:01:00.0 is 10de:2684, but expect in vms/vm.ini says 10de:2702: another card is at that address, look at lspci -nn and correct the domain XML or expect",
		"!0000:01:00.0 is taken by VM 'first': shut that VM down first",
		"!0000:01:00.0 shows this host's console: write primary = yes in [devices] of vms/vm.ini if nobody needs that screen while the VM runs",
		"!0000:01:00.0 carries swap on nvme0n1p3 of this host: take it out of the domain XML or of vms/vm.ini",
		"!0000:01:00.0 has 1 virtual functions, which would vanish with it: give the VM one of those, or write 0 to its sriov_numvfs first",
		"!0000:01:00.0 cannot be had alone: 0000:04:00.0 of the same IOMMU group 10 is driven by r8169 of this host; add 0000:04:00.0 to also in vms/vm.ini, or put the card into another slot",
		"~0000:01:00.0 is held by x (pid 1): end it, or write in-use = wait 30s in vms/vm.ini");
	assert_ptr_equal(findings_refusal(&w.found), &w.found.finding[0]);
	assert_false(findings_only_holders(&w.found));
}

static void more_findings_than_room(void **state)
{
	char bus[BDF_LEN];

	(void)state;
	for (int i = 0; i < 40; i++) {
		snprintf(bus, sizeof(bus), "0000:%02x", i + 1);
		world_card(&w, bus, -1);
		snprintf(bus, sizeof(bus), "0000:%02x:00.0", i + 1);
		world_hostdev(&w, bus);
	}
	world_look(&w);
	assert_int_equal(w.found.n, FINDINGS_MAX);
}

#define TEST(f) WORLD_TEST(f, &w)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(model_that_is_no_vfio_driver),
		TEST(nothing_to_take),
		TEST(device_is_not_there),
		TEST(bridge_is_no_device),
		TEST(no_iommu),
		TEST(another_card),
		TEST(another_vm_has_it),
		TEST(the_only_screen),
		TEST(the_host_needs_it),
		TEST(group_is_not_whole),
		TEST(group_with_an_isa_bridge),
		TEST(group_is_shared_with_a_vm),
		TEST(somebody_holds_it),
		TEST(somebody_holds_it_in_a_session),
		TEST(names_of_others_stay_in_their_line),
		TEST(order_of_findings),
		TEST(more_findings_than_room),
	};

	return cmocka_run_group_tests_name("policy-check", tests, NULL, NULL);
}

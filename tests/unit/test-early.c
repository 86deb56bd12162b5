// SPDX-License-Identifier: GPL-2.0-or-later
/* test-early.c - early.list, [early] of host.ini, and what INI files have for the boot */

/*
 * Real: early-list.c, early-choose.c, policy-choose.c, conf-host.c with iniparser and a
 * file below TMPDIR. Faked: the guest, the INI file of the VM and the host are values
 * that are built here (world.c).
 */

#include "world.h"

#include "early-choose.h"
#include "early-list.h"
#include "tree.h"

#include <errno.h>

#define GPU   "0000:01:00.0"
#define AUDIO "0000:01:00.1"
#define HEAD                                                           \
	"# early.list - made by virt-handoff early update: functions " \
	"for VFIO from the boot on\n"

static struct world w;
static struct early_list list;

static int setup(void **state)
{
	(void)state;
	world_make(&w);
	w.conf.devices.give_back = false;
	list = (struct early_list){ 0 };
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	world_free(&w);
	return 0;
}

static struct function *card(const char *bus, int group)
{
	struct function *f = world_card(&w, bus, group);

	for (size_t i = 0; i < 2; i++) {
		strcpy(f[i].vfio_driver, "vfio-pci");
		strcpy(f[i].vfio_module, "vfio_pci");
	}
	return f;
}

static void choose(void)
{
	w.found = (struct findings){ 0 };
	assert_int_equal(early_choose(&w.guest, &w.conf, &w.inv, &list, &w.found), 0);
}

static void check_list(const char *want)
{
	char text[EARLY_TEXT_MAX];

	assert_int_equal(early_list_print(&list, text), 0);
	assert_int_equal(strncmp(text, HEAD, strlen(HEAD)), 0);
	assert_string_equal(text + strlen(HEAD), want);
}

/* '!' refuses, '.' is only said; the first words are enough */
static void check_found(size_t n, char kind, const char *words)
{
	assert_int_equal(w.found.n, n);
	if (n == 0)
		return;
	assert_int_equal(w.found.finding[0].refuse, kind == '!');
	if (!strstr(w.found.finding[0].text, words))
		fail_msg("'%s' does not say '%s'", w.found.finding[0].text, words);
	unit_check_sentence(w.found.finding[0].text);
}

static void as_a_start_would_take(void **state)
{
	(void)state;
	card("0000:01", 10);
	card("0000:02", 11);
	world_hostdev(&w, "0000:02:00.0");
	choose();
	check_found(0, 0, "");
	check_list("0000:02:00.0 10de:2684 vfio-pci vfio_pci\n"
		   "0000:02:00.1 10de:22ba vfio-pci vfio_pci\n");
	list.n = 0;
	w.conf.devices.siblings = false;
	w.conf.devices.primary = true;
	strcpy(w.conf.devices.driver, "nvgrace-gpu-vfio-pci");
	choose();
	check_list(
		"0000:02:00.0 10de:2684 nvgrace-gpu-vfio-pci nvgrace_gpu_vfio_pci primary\n");
}

/* it would make the list unreadable, or have any module loaded */
static void model_that_a_tenant_made_up(void **state)
{
	static const char *const odd[] = { "vfio-pci x", "usbip_host", "../vfio" };

	(void)state;
	card("0000:01", 10);
	world_hostdev(&w, GPU);
	for (size_t i = 0; i < ARRAY_LEN(odd); i++) {
		strcpy(w.guest.hostdevs[0].model, odd[i]);
		choose();
		check_found(1, '.', "is not the name of a VFIO driver");
		check_list("0000:01:00.1 10de:22ba vfio-pci vfio_pci\n");
		list.n = 0;
	}
	strcpy(w.guest.hostdevs[0].model, "mlx5_vfio_pci");
	choose();
	check_found(0, 0, "");
	check_list("0000:01:00.0 10de:2684 mlx5_vfio_pci mlx5_vfio_pci\n"
		   "0000:01:00.1 10de:22ba vfio-pci vfio_pci\n");
}

static void who_gives_back_has_nothing_for_the_boot(void **state)
{
	(void)state;
	card("0000:01", 10);
	world_hostdev(&w, GPU);
	w.conf.devices.give_back = true;
	choose();
	w.conf.devices.give_back = false;
	w.conf.devices.present = false;
	choose();
	check_found(0, 0, "");
	check_list("");
}

static void two_files_one_card(void **state)
{
	(void)state;
	card("0000:01", 10);
	world_hostdev(&w, GPU);
	choose();
	w.conf.devices.primary = true;
	w.conf.devices.siblings = false;
	choose();
	check_list("0000:01:00.0 10de:2684 vfio-pci vfio_pci primary\n"
		   "0000:01:00.1 10de:22ba vfio-pci vfio_pci\n");
}

static void not_the_card_that_was_meant(void **state)
{
	(void)state;
	card("0000:01", 10);
	world_hostdev(&w, GPU);
	assert_int_equal(id_pair_parse("10de:2204", &w.conf.devices.expect[0]), 0);
	w.conf.devices.n_expect = 1;
	choose();
	check_found(1, '!', "is 10de:2684, but vms/vm.ini expects 10de:2204");
	assert_int_equal(id_pair_parse("10de:2684", &w.conf.devices.expect[1]), 0);
	w.conf.devices.n_expect = 2;
	choose();
	check_found(0, 0, "");
	world_also(&w.conf.devices, AUDIO, "10de:22bb");
	choose();
	check_found(1, '!', AUDIO " is 10de:22ba, but vms/vm.ini expects 10de:22bb");
}

/* the XML may be a tenant's: it keeps no card from the host that the INI file does not give him */
static void what_is_not_allowed(void **state)
{
	(void)state;
	card("0000:01", 10);
	world_hostdev(&w, GPU);
	w.conf.devices.restricted = true;
	choose();
	check_found(1, '.', GPU ", a hostdev of vm, is not among allowed in vms/vm.ini");
	check_list("");
	assert_int_equal(bdf_parse(GPU, &w.conf.devices.allowed[0]), 0);
	w.conf.devices.n_allowed = 1;
	choose();
	check_found(0, 0, "");
	check_list("0000:01:00.0 10de:2684 vfio-pci vfio_pci\n"
		   "0000:01:00.1 10de:22ba vfio-pci vfio_pci\n");
}

static void what_is_not_there_now(void **state)
{
	(void)state;
	card("0000:01", 10);
	world_hostdev(&w, "0000:07:00.0");
	choose();
	check_found(1, '.', "0000:07:00.0, a hostdev of vm, is not on this host now");
	check_list("");
	w.guest.n_hostdevs = 0;
	world_also(&w.conf.devices, "0000:09:00.0", "10de:2204");
	choose();
	check_found(1, '.', "0000:09:00.0, named in vms/vm.ini, is not on this host now");
	check_list("0000:09:00.0 10de:2204 vfio-pci vfio_pci\n");
	w.conf.devices.also[0].expected = false;
	choose();
	check_found(1, '!', "write 0000:09:00.0=VENDOR:DEVICE");
}

static void what_the_host_needs(void **state)
{
	struct function *f;

	(void)state;
	world_function(&w, "0000:00:01.0", "8086:0001", WORLD_PORT, "pcieport", 1);
	f = card("0000:01", 10);
	world_hostdev(&w, GPU);
	f->boot_vga = true;
	choose();
	check_found(1, '.', "shows this host's console and stays with the host");
	check_list("0000:01:00.0 10de:2684 vfio-pci vfio_pci\n"
		   "0000:01:00.1 10de:22ba vfio-pci vfio_pci\n");
	w.conf.devices.primary = true;
	choose();
	check_found(0, 0, "");
	strcpy(f->use, "the mounted file system /");
	choose();
	check_found(1, '!', "carries the mounted file system / of this host");
	f->use[0] = '\0';
	f->group = -1;
	choose();
	check_found(1, '.', "has no IOMMU group now");
	world_also(&w.conf.devices, "0000:00:01.0", NULL);
	choose();
	check_found(2, '!', "is a bridge");
}

static void host_ini(void **state)
{
	struct conf_host host;
	struct tree t;
	char sentence[WHY_LEN] = "";

	(void)state;
	tree_make(&t);
	assert_int_equal(conf_host_read(t.fd, &host, sentence), 0);
	assert_false(host.early.present);
	tree_file(&t, "host.ini",
		  "[early]\ndevices = 0000:02:00.0=10de:2684 41:00.1\ndriver = auto\n");
	assert_int_equal(conf_host_read(t.fd, &host, sentence), 0);
	assert_true(host.early.present && host.early.siblings);
	assert_false(host.early.primary || host.early.give_back);
	assert_int_equal(host.early.take, CONF_TAKE_NONE);
	assert_int_equal(host.early.n_also, 2);
	card("0000:01", 10);
	card("0000:02", 11);
	w.conf.devices = host.early;
	w.conf.devices.n_also = 1;
	choose();
	check_found(0, 0, "");
	check_list("0000:02:00.0 10de:2684 vfio-pci vfio_pci\n"
		   "0000:02:00.1 10de:22ba vfio-pci vfio_pci\n");
	tree_file(&t, "host.ini", "[early]\ndevices = 0000:02:00.0=10de2684\n");
	assert_int_equal(conf_host_read(t.fd, &host, sentence), -EINVAL);
	assert_non_null(strstr(sentence, "host.ini:2: devices = 0000:02:00.0=10de2684"));
	tree_remove(&t);
}

static void round_trip(void **state)
{
	static const char text[] =
		HEAD "0000:01:00.0 10de:2684 vfio-pci vfio_pci primary\n"
		     "10000:e1:00.0 8086:56c0 vfio-pci vfio_pci\n";
	char again[EARLY_TEXT_MAX], sentence[WHY_LEN];
	struct bdf b;

	(void)state;
	assert_int_equal(
		early_list_parse("10000:e1:00.0 8086:56c0 vfio-pci vfio_pci\n"
				 "0000:01:00.0 10de:2684 vfio-pci vfio_pci primary\n",
				 &list, sentence),
		0);
	assert_int_equal(list.n, 2);
	assert_int_equal(early_list_print(&list, again), 0);
	assert_string_equal(again, text);
	assert_int_equal(early_list_parse(text, &list, sentence), 0);
	assert_int_equal(list.n, 2);
	assert_int_equal(early_list_print(&list, again), 0);
	assert_string_equal(again, text);
	assert_int_equal(bdf_parse("10000:e1:00.0", &b), 0);
	assert_ptr_equal(early_list_find(&list, &b), &list.entry[1]);
	assert_int_equal(bdf_parse("0000:e1:00.0", &b), 0);
	assert_null(early_list_find(&list, &b));
}

static void broken_lists(void **state)
{
	static const char *const bad[] = {
		"0000:41:00.0 10de:2684 vfio/pci vfio_pci\n",
		"0000:41:00.0 10de:2684 vfio-pci ../vfio_pci\n",
		"0000:41:00.0 10de:2684 vfio\x1b-pci vfio_pci\n",
		"0000:01:00.0\n",
		"0000:01:00.0 10de:2684 vfio-pci\n",
		"0000:01:00.8 10de:2684 vfio-pci vfio_pci\n",
		"0000:01:00.0 10de2684 vfio-pci vfio_pci\n",
		"0000:01:00.0 10de:2684 vfio-pci vfio_pci primar\n",
		"0000:01:00.0 10de:2684 vfio-pci vfio_pci primary yes\n",
	};
	char sentence[WHY_LEN], text[300];

	(void)state;
	list.n = 7;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		snprintf(text, sizeof(text), "\n%s", bad[i]);
		assert_int_equal(early_list_parse(text, &list, sentence), -EINVAL);
		assert_non_null(strstr(sentence, "early.list:2: "));
		assert_int_equal(list.n, 7);
	}
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(early_list_parse(text, &list, sentence), -EINVAL);
	assert_int_equal(early_list_parse("", &list, sentence), 0);
	assert_int_equal(list.n, 0);
}

static void as_many_as_fit(void **state)
{
	struct early_entry e = { .driver = "vfio-pci", .module = "vfio_pci" };
	char text[EARLY_TEXT_MAX];

	(void)state;
	for (unsigned int i = 0; i <= EARLY_MAX; i++) {
		e.bdf = (struct bdf){ .domain = 0xfffff0 + i % 8,
				      .bus = (uint8_t)(i / 8) };
		assert_int_equal(early_list_add(&list, &e), i < EARLY_MAX ? 0 : -E2BIG);
	}
	assert_int_equal(early_list_print(&list, text), 0);
	memset(e.driver, 'd', sizeof(e.driver) - 1);
	memset(e.module, 'm', sizeof(e.module) - 1);
	for (size_t i = 0; i < EARLY_MAX; i++) {
		memcpy(list.entry[i].driver, e.driver, sizeof(e.driver));
		memcpy(list.entry[i].module, e.module, sizeof(e.module));
	}
	assert_int_equal(early_list_print(&list, text), 0);
}

static void one_more_than_fits(void **state)
{
	static char text[EARLY_TEXT_MAX + 256];
	char sentence[WHY_LEN] = "";
	size_t len = 0;

	(void)state;
	for (unsigned int i = 0; i < EARLY_MAX; i++)
		len += (size_t)sprintf(text + len,
				       "0000:%02x:00.0 10de:2684 vfio-pci vfio_pci\n", i);
	assert_int_equal(early_list_parse(text, &list, sentence), 0);
	assert_int_equal(list.n, EARLY_MAX);
	list.n = 7;
	sprintf(text + len, "0001:00:00.0 10de:2684 vfio-pci vfio_pci\n");
	assert_int_equal(early_list_parse(text, &list, sentence), -E2BIG);
	assert_string_equal(
		sentence,
		"early.list:257: more than 256 functions; make it again with virt-handoff early update");
	assert_int_equal(list.n, 7);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(as_a_start_would_take),
		TEST(model_that_a_tenant_made_up),
		TEST(who_gives_back_has_nothing_for_the_boot),
		TEST(two_files_one_card),
		TEST(not_the_card_that_was_meant),
		TEST(what_is_not_allowed),
		TEST(what_is_not_there_now),
		TEST(what_the_host_needs),
		TEST(host_ini),
		TEST(round_trip),
		TEST(broken_lists),
		TEST(as_many_as_fit),
		TEST(one_more_than_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

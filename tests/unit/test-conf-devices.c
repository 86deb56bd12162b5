// SPDX-License-Identifier: GPL-2.0-or-later
/* test-conf-devices.c - [devices] of a VM: what each key takes and refuses */

/*
 * Real: conf-devices.c, conf-keys.c, ini.c with iniparser, files in a folder of their own
 * below TMPDIR. Nothing is faked.
 */

#include "conf-text.h"

#include <errno.h>

/* What the table says is the standard is what one gets, and may be written out. */
static void standards(void **state)
{
	char text[2048] = "[devices]\n";
	size_t n, len = strlen(text);
	const struct conf_key *keys = conf_vm_keys(&n);
	struct conf_vm c, written;

	conf_text_take(*state, "# nothing\n", &c);
	assert_false(c.devices.present);
	conf_text_take(*state, "[devices]\n", &c);
	assert_true(c.devices.present);
	assert_int_equal(c.devices.take, CONF_TAKE_GPUS);
	assert_true(c.devices.siblings && c.devices.give_back && !c.devices.primary);
	assert_int_equal(c.devices.n_also + c.devices.n_expect + c.devices.wait_ms, 0);
	assert_string_equal(c.devices.driver, "auto");
	assert_string_equal(c.devices.stop_units, "");
	assert_string_equal(c.devices.unload, "");
	assert_string_equal(c.devices.d3cold, "");
	assert_string_equal(c.devices.power_control, "");
	assert_string_equal(c.devices.reset_method, "");
	assert_int_equal(c.devices.deadline_ms, 30000);

	for (size_t i = 0; i < n; i++)
		if (!strcmp(keys[i].section, "devices"))
			len += (size_t)snprintf(text + len, sizeof(text) - len,
						"%s = %s\n", keys[i].key,
						keys[i].standard);
	conf_text_take(*state, text, &written);
	assert_memory_equal(&written, &c, sizeof(c));
}

static void everything(void **state)
{
	struct conf_vm c;

	conf_text_take(
		*state,
		"[Devices]\n"
		"TAKE = all ; comment\n"
		"siblings = no\n"
		"also = 0000:01:00.1=10de:22BA 41:00.0\t10000:E8:1f.7\n"
		"allowed = 41:00.0 0000:41:00.1\n"
		"expect = \"10de:2684 1002:744c\"\n"
		"driver = nvgrace_gpu-vfio-pci\n"
		"in-use = wait  2min\n"
		"stop-units = ollama nvidia-persistenced.service  getty@tty1 a.b docker.socket\n"
		"unload = nvidia-drm nvidia_modeset nvidia_drm\n"
		"give-back = no\n"
		"primary = yes\n"
		"d3cold = off\n"
		"power-control = on\n"
		"reset-method = bus  flr\n"
		"deadline = 1500ms\n",
		&c);
	assert_int_equal(c.devices.take, CONF_TAKE_ALL);
	assert_false(c.devices.siblings);
	assert_int_equal(c.devices.n_also, 3);
	assert_true(bdf_equal(&c.devices.also[0].bdf, &(struct bdf){ 0, 1, 0, 1 }));
	assert_true(c.devices.also[0].expected);
	assert_int_equal(c.devices.also[0].id.vendor, 0x10de);
	assert_int_equal(c.devices.also[0].id.device, 0x22ba);
	assert_true(bdf_equal(&c.devices.also[1].bdf, &(struct bdf){ 0, 0x41, 0, 0 }));
	assert_false(c.devices.also[1].expected);
	assert_true(bdf_equal(&c.devices.also[2].bdf,
			      &(struct bdf){ 0x10000, 0xe8, 0x1f, 7 }));
	assert_true(c.devices.restricted);
	assert_int_equal(c.devices.n_allowed, 2);
	assert_true(bdf_equal(&c.devices.allowed[1], &(struct bdf){ 0, 0x41, 0, 1 }));
	assert_int_equal(c.devices.n_expect, 2);
	assert_int_equal(c.devices.expect[1].vendor, 0x1002);
	assert_int_equal(c.devices.expect[1].device, 0x744c);
	assert_string_equal(c.devices.driver, "nvgrace_gpu-vfio-pci");
	assert_int_equal(c.devices.wait_ms, 120000);
	assert_string_equal(
		c.devices.stop_units,
		"ollama.service nvidia-persistenced.service getty@tty1.service a.b.service docker.socket");
	assert_string_equal(c.devices.unload, "nvidia_drm nvidia_modeset");
	assert_false(c.devices.give_back);
	assert_true(c.devices.primary);
	assert_string_equal(c.devices.d3cold, "off");
	assert_string_equal(c.devices.power_control, "on");
	assert_string_equal(c.devices.reset_method, "bus flr");
	assert_int_equal(c.devices.deadline_ms, 1500);
	conf_text_take(*state,
		       "[devices]\ntake = none\nallowed = none\nin-use = refuse\n", &c);
	assert_true(c.devices.restricted);
	assert_int_equal(c.devices.n_allowed, 0);
	conf_text_take(*state, "[devices]\ntake = none\nallowed =\nin-use = refuse\n",
		       &c);
	assert_false(c.devices.restricted);
	assert_int_equal(c.devices.take, CONF_TAKE_NONE);
	assert_int_equal(c.devices.wait_ms, 0);
}

#define IN(value) "vms/x.ini:2: " value " in [devices]: "
#define UNIT_HELP \
	" is not the name of a unit; write names such as ollama.service, with blanks between"
#define MODULE_HELP \
	" is not the name of a module; write names such as nvidia_uvm, with blanks between"
#define ALSO_HELP \
	" is not a function; write ADDRESS or ADDRESS=VENDOR:DEVICE, such as 0000:01:00.1=10de:22ba, with blanks between"
#define ALLOWED_HELP \
	" is not a function; write addresses such as 0000:01:00.0, with blanks between, or none alone"
#define EXPECT_HELP \
	" is not VENDOR:DEVICE; write it as lspci -n does, such as 10de:2684, with blanks between"
#define RESET_HELP \
	" is not a way to reset; write some of device_specific acpi flr af_flr pm bus, with blanks between"
#define DRIVER_HELP "write auto, or the name of a VFIO driver such as vfio-pci"
#define IN_USE_HELP "write refuse, or wait and a time up to 60min, such as wait 30s"
#define TIME_HELP   "write a time from 1s to 60min, such as 30s"

static void values_refused(void **state)
{
	static const char *const rows[][2] = {
		{ "take = gpu", IN("take = gpu") "write gpus, all or none" },
		{ "take = GPUS", IN("take = GPUS") "write gpus, all or none" },
		{ "take =", IN("take =") "write gpus, all or none" },
		{ "take = gpus|all", IN("take = gpus|all") "write gpus, all or none" },
		{ "siblings = maybe", IN("siblings = maybe") "write yes or no" },
		{ "siblings = true", IN("siblings = true") "write yes or no" },
		{ "siblings = ", IN("siblings =") "write yes or no" },
		{ "give-back = 1", IN("give-back = 1") "write yes or no" },
		{ "primary = Yes", IN("primary = Yes") "write yes or no" },
		{ "d3cold = 0", IN("d3cold = 0") "write on or off" },
		{ "power-control = off", IN("power-control = off") "write on or auto" },

		{ "also = 0000:01:00", IN("also = 0000:01:00") "'0000:01:00'" ALSO_HELP },
		{ "also = 01:00.0,01:00.1",
		  IN("also = 01:00.0,01:00.1") "'01:00.0,01:00.1'" ALSO_HELP },
		{ "also = 01:00.0=", IN("also = 01:00.0=") "'01:00.0='" ALSO_HELP },
		{ "also = 01:00.0=10de",
		  IN("also = 01:00.0=10de") "'01:00.0=10de'" ALSO_HELP },
		{ "also = =10de:2684", IN("also = =10de:2684") "'=10de:2684'" ALSO_HELP },
		{ "also = 01:00.0 = 10de:2684",
		  IN("also = 01:00.0 = 10de:2684") "'='" ALSO_HELP },
		{ "also = ../../etc", IN("also = ../../etc") "'../../etc'" ALSO_HELP },
		{ "also = 01:00.0 0000:01:00.0",
		  IN("also = 01:00.0 0000:01:00.0") "0000:01:00.0 stands there twice; remove one" },
		{ "also = 01:00.0 01:00.1 01:00.0=10de:2684",
		  IN("also = 01:00.0 01:00.1 01:00.0=10de:2684") "01:00.0 stands there twice; remove one" },

		{ "expect = 10de", IN("expect = 10de") "'10de'" EXPECT_HELP },
		{ "expect = 10de:2684,10de:2685",
		  IN("expect = 10de:2684,10de:2685") "'10de:2684,10de:2685'" EXPECT_HELP },

		{ "allowed = 0000:41:00",
		  IN("allowed = 0000:41:00") "'0000:41:00'" ALLOWED_HELP },
		{ "allowed = 41:00.0,41:00.1",
		  IN("allowed = 41:00.0,41:00.1") "'41:00.0,41:00.1'" ALLOWED_HELP },
		{ "allowed = 41:00.0 none",
		  IN("allowed = 41:00.0 none") "'none'" ALLOWED_HELP },
		{ "allowed = any", IN("allowed = any") "'any'" ALLOWED_HELP },
		{ "driver =", IN("driver =") DRIVER_HELP },
		{ "driver = vfio pci", IN("driver = vfio pci") DRIVER_HELP },
		{ "driver = ../vfio", IN("driver = ../vfio") DRIVER_HELP },
		{ "driver = -r", IN("driver = -r") DRIVER_HELP },
		{ "driver = none", IN("driver = none") DRIVER_HELP },

		{ "in-use =", IN("in-use =") IN_USE_HELP },
		{ "in-use = wait", IN("in-use = wait") IN_USE_HELP },
		{ "in-use = wait30s", IN("in-use = wait30s") IN_USE_HELP },
		{ "in-use = wait 2h", IN("in-use = wait 2h") IN_USE_HELP },
		{ "in-use = wait 61min", IN("in-use = wait 61min") IN_USE_HELP },
		{ "in-use = kill", IN("in-use = kill") IN_USE_HELP },

		{ "stop-units = -x.service",
		  IN("stop-units = -x.service") "'-x.service'" UNIT_HELP },
		{ "stop-units = --now", IN("stop-units = --now") "'--now'" UNIT_HELP },
		{ "stop-units = a.service,b",
		  IN("stop-units = a.service,b") "'a.service,b'" UNIT_HELP },
		{ "stop-units = a/b", IN("stop-units = a/b") "'a/b'" UNIT_HELP },
		{ "stop-units = a*", IN("stop-units = a*") "'a*'" UNIT_HELP },
		{ "stop-units = $(reboot)",
		  IN("stop-units = $(reboot)") "'$(reboot)'" UNIT_HELP },
		{ "stop-units = .service",
		  IN("stop-units = .service") "'.service'" UNIT_HELP },
		{ "stop-units = ünit", IN("stop-units = ünit") "'ünit'" UNIT_HELP },
		{ "stop-units = getty@.service",
		  IN("stop-units = getty@.service") "getty@.service is a template; write one of its instances, such as name@1.service" },
		{ "stop-units = getty@",
		  IN("stop-units = getty@") "getty@.service is a template; write one of its instances, such as name@1.service" },

		{ "unload = a/b", IN("unload = a/b") "'a/b'" MODULE_HELP },
		{ "unload = nvidia.ko",
		  IN("unload = nvidia.ko") "'nvidia.ko'" MODULE_HELP },
		{ "unload = -f nvidia", IN("unload = -f nvidia") "'-f'" MODULE_HELP },

		{ "reset-method = flr,bus",
		  IN("reset-method = flr,bus") "'flr,bus'" RESET_HELP },
		{ "reset-method = default",
		  IN("reset-method = default") "'default'" RESET_HELP },

		{ "deadline =", IN("deadline =") TIME_HELP },
		{ "deadline = 0", IN("deadline = 0") TIME_HELP },
		{ "deadline = 999ms", IN("deadline = 999ms") TIME_HELP },
		{ "deadline = 1h", IN("deadline = 1h") TIME_HELP },
		{ "deadline = 3601", IN("deadline = 3601") TIME_HELP },
	};
	char text[512];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		snprintf(text, sizeof(text), "[devices]\n%s\n", rows[i][0]);
		conf_text_refuse(*state, text, rows[i][1]);
	}
}

/* Words are written by @format; @max of them are taken, one more is not. */
static void check_bound(const struct tree *t, const char *key, const char *format,
			unsigned int max, const char *expected)
{
	char text[4096], sentence[WHY_LEN] = "";
	struct conf_vm c;

	for (unsigned int n = max; n <= max + 1; n++) {
		size_t len = (size_t)snprintf(text, sizeof(text), "[devices]\n%s =", key);

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		for (unsigned int i = 0; i < n; i++)
			len += (size_t)snprintf(text + len, sizeof(text) - len, format,
						i % 32, i / 32);
#pragma GCC diagnostic pop
		assert_true(len < sizeof(text));
		assert_int_equal(conf_text_read(t, text, len, &c, sentence),
				 n > max ? -EINVAL : 0);
		if (n > max)
			assert_string_equal(strrchr(sentence, ':') + 2, expected);
	}
}

static void bounds(void **state)
{
	char text[2048] = "[devices]\ndriver = ";
	struct conf_vm c;

	check_bound(*state, "also", " 01:%02x.%u", CONF_ALSO_MAX,
		    "write at most 64 functions");
	check_bound(*state, "allowed", " 01:%02x.%u", CONF_ALSO_MAX,
		    "write at most 64 functions");
	check_bound(*state, "expect", " 10de:00%02x", CONF_EXPECT_MAX,
		    "write at most 16 pairs");
	/* 51 times 10 bytes, less the first blank, are 509 of 511 */
	check_bound(*state, "unload", " module%02x%u", 51,
		    "the list is too long; write at most 511 characters");

	memset(text + strlen(text), 'd', 63);
	conf_text_take(*state, text, &c);
	assert_int_equal(strlen(c.devices.driver), 63);
	strcat(text, "d");
	conf_text_refuse(
		*state, text,
		IN("driver = dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd")
			DRIVER_HELP);
	memset(strcpy(text, "[devices]\nunload = ") + 19, 'm', 56);
	text[19 + 55] = '\0';
	conf_text_take(*state, text, &c);
	assert_int_equal(strlen(c.devices.unload), 55);
	strcat(text, "m");
	conf_text_refuse(
		*state, text,
		IN("unload = mmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmm") "'mmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmm'" MODULE_HELP);
}

static void long_unit_names(void **state)
{
	char unit[200], text[512], expected[WHY_LEN];
	struct conf_vm c;

	memset(unit, 'u', sizeof(unit));
	snprintf(text, sizeof(text), "[devices]\nstop-units = %.*s\n", 87, unit);
	conf_text_take(*state, text, &c);
	assert_int_equal(strlen(c.devices.stop_units), 95);
	snprintf(text, sizeof(text), "[devices]\nstop-units = %.*s\n", 88, unit);
	snprintf(expected, sizeof(expected), IN("stop-units = %.*s") "%s", 88, unit,
		 "the name of a unit may have at most 95 characters");
	conf_text_refuse(*state, text, expected);
	snprintf(text, sizeof(text), "[devices]\nstop-units = %.*s\n", 150, unit);
	snprintf(expected, sizeof(expected), IN("stop-units = %.*s") "%s", 100, unit,
		 "a word may have at most 95 characters; put blanks between");
	conf_text_refuse(*state, text, expected);
}

static const char sample[] = "[devices]\n"
			     "take = gpus ; which\n"
			     "also = 0000:01:00.1=10de:22ba 0000:01:00.2\n"
			     "expect = 10de:2684\n"
			     "driver = vfio-pci\n"
			     "in-use = wait 30s\n"
			     "stop-units = nvidia-persistenced.service ollama\n"
			     "unload = nvidia_drm nvidia-uvm\n"
			     "d3cold = off\n"
			     "reset-method = bus flr\n"
			     "deadline = 30s\n";

static void mutations(void **state)
{
	static const char *const pieces[] = {
		"take = all\n",
		"siblings = no\n",
		" ",
		"\n",
		"=",
		"10de:2684 ",
		"01:00.0 ",
		"0000:",
		"wait ",
		"9999999999999999s",
		"service",
		".",
		"@",
		"-",
		"_",
		"[devices]\n",
		"[vgpu a]\n",
		"bus pm acpi ",
		"\"",
		";",
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	};
	uint64_t random = 20261121;
	unsigned int taken = 0;

	for (int round = 0; round < 3000; round++) {
		char sentence[WHY_LEN] = "";
		struct conf_vm c;
		size_t len;
		char *text = unit_mutate(&random, sample, sizeof(sample) - 1, pieces,
					 ARRAY_LEN(pieces), &len);
		int r = conf_text_read(*state, text, len, &c, sentence);

		free(text);
		assert_true(r == 0 || r == -EINVAL);
		if (r) {
			unit_check_sentence(sentence);
			assert_int_equal(strncmp(sentence, "vms/x.ini:", 10), 0);
			continue;
		}
		taken++;
		assert_true(c.devices.n_also <= CONF_ALSO_MAX &&
			    c.devices.n_expect <= CONF_EXPECT_MAX);
		assert_true(c.devices.take <= CONF_TAKE_NONE &&
			    c.devices.deadline_ms >= 1000);
		assert_true(strlen(c.devices.stop_units) < CONF_LIST_LEN);
	}
	assert_true(taken > 100);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, tree_setup, tree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(standards), TEST(everything),      TEST(values_refused),
		TEST(bounds),    TEST(long_unit_names), TEST(mutations),
	};

	return cmocka_run_group_tests_name("conf-devices", tests, NULL, NULL);
}

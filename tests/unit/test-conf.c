// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-conf.c - conf*.c: what each key takes and refuses, which file is a VM's
 *
 * Real: ini.c with iniparser, files in a folder of their own below TMPDIR. Nothing is
 * faked.
 */

#include "unit.h"

#include "conf.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define UUID	"2f82ee72-3ac5-4615-9c0b-327c12e8c83d"

/**
 * struct folder - vms/
 * @path:    Where it is
 * @dir:     Descriptor
 */
struct folder {
	char path[256];
	int dir;
};

static int make_folder(void **state)
{
	struct folder *f = calloc(1, sizeof(*f));
	const char *tmp = getenv("TMPDIR");

	assert_non_null(f);
	snprintf(f->path, sizeof(f->path), "%s/test-conf.XXXXXX", tmp ? tmp : "/tmp");
	assert_non_null(mkdtemp(f->path));
	f->dir = open(f->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(f->dir >= 0);
	*state = f;
	return 0;
}

static int remove_folder(void **state)
{
	struct folder *f = *state;

	close(f->dir);
	assert_int_equal(rmdir(f->path), 0);
	free(f);
	return 0;
}

static void put(const struct folder *f, const char *file, const char *text, size_t len)
{
	int fd = openat(f->dir, file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), len);
	close(fd);
}

static int read_conf(const struct folder *f, const char *text, size_t len,
		     struct conf_vm *c, char sentence[static WHY_LEN])
{
	int r;

	put(f, "x.ini", text, len);
	r = conf_vm_read(f->dir, "x", UUID, c, sentence);
	unlinkat(f->dir, "x.ini", 0);
	return r;
}

static void take(const struct folder *f, const char *text, struct conf_vm *c)
{
	char sentence[WHY_LEN] = "";

	assert_int_equal(read_conf(f, text, strlen(text), c, sentence), 0);
	assert_string_equal(sentence, "");
	assert_string_equal(c->shown, "vms/x.ini");
}

static void check_refused(const struct folder *f, const char *text, const char *expected)
{
	char sentence[WHY_LEN] = "";
	struct conf_vm c, before;

	memset(&c, 0xa5, sizeof(c));
	memset(&before, 0xa5, sizeof(before));
	assert_int_equal(read_conf(f, text, strlen(text), &c, sentence), -EINVAL);
	assert_string_equal(sentence, expected);
	unit_check_sentence(sentence);
	assert_memory_equal(&c, &before, sizeof(c));
}

static void table_is_sound(void **state)
{
	size_t n;
	const struct conf_key *keys = conf_vm_keys(&n);

	(void)state;
	assert_int_equal(n, 26);
	for (size_t i = 0; i < n; i++) {
		assert_true(*keys[i].type && *keys[i].help);
		assert_true(keys[i].offset + keys[i].size <= sizeof(struct conf_vm));
		assert_null(strchr(keys[i].help, '\n'));
		for (size_t j = 0; j < i; j++)
			assert_false(!strcmp(keys[i].section, keys[j].section) &&
				     !strcmp(keys[i].key, keys[j].key));
	}
}

/* What the table says is the standard is what one gets, and may be written out. */
static void standards(void **state)
{
	char text[2048] = "[devices]\n";
	size_t n, len = strlen(text);
	const struct conf_key *keys = conf_vm_keys(&n);
	struct conf_vm c, written;

	take(*state, "# nothing\n", &c);
	assert_false(c.devices.present);
	take(*state, "[devices]\n", &c);
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
						"%s = %s\n", keys[i].key, keys[i].standard);
	take(*state, text, &written);
	assert_memory_equal(&written, &c, sizeof(c));
}

static void everything(void **state)
{
	struct conf_vm c;

	take(*state,
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
	     "deadline = 1500ms\n", &c);
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
	assert_string_equal(c.devices.stop_units,
			    "ollama.service nvidia-persistenced.service getty@tty1.service a.b.service docker.socket");
	assert_string_equal(c.devices.unload, "nvidia_drm nvidia_modeset");
	assert_false(c.devices.give_back);
	assert_true(c.devices.primary);
	assert_string_equal(c.devices.d3cold, "off");
	assert_string_equal(c.devices.power_control, "on");
	assert_string_equal(c.devices.reset_method, "bus flr");
	assert_int_equal(c.devices.deadline_ms, 1500);
	take(*state, "[devices]\ntake = none\nallowed = none\nin-use = refuse\n", &c);
	assert_true(c.devices.restricted);
	assert_int_equal(c.devices.n_allowed, 0);
	take(*state, "[devices]\ntake = none\nallowed =\nin-use = refuse\n", &c);
	assert_false(c.devices.restricted);
	assert_int_equal(c.devices.take, CONF_TAKE_NONE);
	assert_int_equal(c.devices.wait_ms, 0);
}

#define IN(value)	"vms/x.ini:2: " value " in [devices]: "
#define UNIT_HELP	" is not the name of a unit; write names such as ollama.service, with blanks between"
#define MODULE_HELP	" is not the name of a module; write names such as nvidia_uvm, with blanks between"
#define ALSO_HELP	" is not a function; write ADDRESS or ADDRESS=VENDOR:DEVICE, such as 0000:01:00.1=10de:22ba, with blanks between"
#define ALLOWED_HELP	" is not a function; write addresses such as 0000:01:00.0, with blanks between, or none alone"
#define EXPECT_HELP	" is not VENDOR:DEVICE; write it as lspci -n does, such as 10de:2684, with blanks between"
#define RESET_HELP	" is not a way to reset; write some of device_specific acpi flr af_flr pm bus, with blanks between"
#define DRIVER_HELP	"write auto, or the name of a VFIO driver such as vfio-pci"
#define IN_USE_HELP	"write refuse, or wait and a time up to 60min, such as wait 30s"
#define TIME_HELP	"write a time from 1s to 60min, such as 30s"
#define ALL_KEYS	"known: take, siblings, also, allowed, expect, driver, in-use, stop-units, unload, give-back, primary, d3cold, power-control, reset-method, deadline"

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
		{ "also = 01:00.0=10de", IN("also = 01:00.0=10de") "'01:00.0=10de'" ALSO_HELP },
		{ "also = =10de:2684", IN("also = =10de:2684") "'=10de:2684'" ALSO_HELP },
		{ "also = 01:00.0 = 10de:2684", IN("also = 01:00.0 = 10de:2684") "'='" ALSO_HELP },
		{ "also = ../../etc", IN("also = ../../etc") "'../../etc'" ALSO_HELP },
		{ "also = 01:00.0 0000:01:00.0",
		  IN("also = 01:00.0 0000:01:00.0") "0000:01:00.0 stands there twice; remove one" },
		{ "also = 01:00.0 01:00.1 01:00.0=10de:2684",
		  IN("also = 01:00.0 01:00.1 01:00.0=10de:2684")
		  "01:00.0 stands there twice; remove one" },

		{ "expect = 10de", IN("expect = 10de") "'10de'" EXPECT_HELP },
		{ "expect = 10de:2684,10de:2685",
		  IN("expect = 10de:2684,10de:2685") "'10de:2684,10de:2685'" EXPECT_HELP },

		{ "allowed = 0000:41:00", IN("allowed = 0000:41:00") "'0000:41:00'" ALLOWED_HELP },
		{ "allowed = 41:00.0,41:00.1",
		  IN("allowed = 41:00.0,41:00.1") "'41:00.0,41:00.1'" ALLOWED_HELP },
		{ "allowed = 41:00.0 none", IN("allowed = 41:00.0 none") "'none'" ALLOWED_HELP },
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

		{ "stop-units = -x.service", IN("stop-units = -x.service") "'-x.service'" UNIT_HELP },
		{ "stop-units = --now", IN("stop-units = --now") "'--now'" UNIT_HELP },
		{ "stop-units = a.service,b", IN("stop-units = a.service,b") "'a.service,b'" UNIT_HELP },
		{ "stop-units = a/b", IN("stop-units = a/b") "'a/b'" UNIT_HELP },
		{ "stop-units = a*", IN("stop-units = a*") "'a*'" UNIT_HELP },
		{ "stop-units = $(reboot)", IN("stop-units = $(reboot)") "'$(reboot)'" UNIT_HELP },
		{ "stop-units = .service", IN("stop-units = .service") "'.service'" UNIT_HELP },
		{ "stop-units = ünit", IN("stop-units = ünit") "'ünit'" UNIT_HELP },
		{ "stop-units = getty@.service",
		  IN("stop-units = getty@.service") "getty@.service is a template; write one of its instances, such as name@1.service" },
		{ "stop-units = getty@",
		  IN("stop-units = getty@") "getty@.service is a template; write one of its instances, such as name@1.service" },

		{ "unload = a/b", IN("unload = a/b") "'a/b'" MODULE_HELP },
		{ "unload = nvidia.ko", IN("unload = nvidia.ko") "'nvidia.ko'" MODULE_HELP },
		{ "unload = -f nvidia", IN("unload = -f nvidia") "'-f'" MODULE_HELP },

		{ "reset-method = flr,bus", IN("reset-method = flr,bus") "'flr,bus'" RESET_HELP },
		{ "reset-method = default", IN("reset-method = default") "'default'" RESET_HELP },

		{ "deadline =", IN("deadline =") TIME_HELP },
		{ "deadline = 0", IN("deadline = 0") TIME_HELP },
		{ "deadline = 999ms", IN("deadline = 999ms") TIME_HELP },
		{ "deadline = 1h", IN("deadline = 1h") TIME_HELP },
		{ "deadline = 3601", IN("deadline = 3601") TIME_HELP },
	};
	char text[512];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		snprintf(text, sizeof(text), "[devices]\n%s\n", rows[i][0]);
		check_refused(*state, text, rows[i][1]);
	}
}

static void names_refused(void **state)
{
	static const char *const rows[][2] = {
		{ "[device]\n", "vms/x.ini:1: unknown section [device]; did you mean 'devices'?" },
		{ "\n[Devcies]\nx=1\n",
		  "vms/x.ini:3: unknown section [devcies]; did you mean 'devices'?" },
		{ "[gpu desk]\n", "vms/x.ini:1: unknown section [gpu desk]; did you mean 'vgpu'?" },
		{ "[forward]\nlisten = 22\n",
		  "vms/x.ini:2: section [forward] has no name; write [forward NAME]" },
		{ "[forwards ssh]\nlisten = 22\n",
		  "vms/x.ini:2: unknown section [forwards ssh]; did you mean 'forward'?" },
		{ "[devices]\n\n[host]\n",
		  "vms/x.ini:3: unknown section [host]; known: devices, vgpu, network, forward" },
		{ "[devices gpu]\n",
		  "vms/x.ini:1: section [devices gpu] takes no name; write [devices]" },
		{ "[devices]\nsibling = yes\n",
		  "vms/x.ini:2: unknown key 'sibling' in [devices]; did you mean 'siblings'?" },
		{ "[devices]\n\n\ngive_back = yes\n",
		  "vms/x.ini:4: unknown key 'give_back' in [devices]; did you mean 'give-back'?" },
		{ "[devices]\ntaek = all\n",
		  "vms/x.ini:2: unknown key 'taek' in [devices]; did you mean 'take'?" },
		{ "[devices]\ncolour = blue\n",
		  "vms/x.ini:2: unknown key 'colour' in [devices]; " ALL_KEYS },
		{ "[devices]\ntake = all\ntake = none\n",
		  "vms/x.ini:3: key 'take' stands in [devices] twice, first in line 2; remove one" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		check_refused(*state, rows[i][0], rows[i][1]);
}

/* Words are written by @format; @max of them are taken, one more is not. */
static void check_bound(const struct folder *f, const char *key, const char *format,
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
		assert_int_equal(read_conf(f, text, len, &c, sentence),
				 n > max ? -EINVAL : 0);
		if (n > max)
			assert_string_equal(strrchr(sentence, ':') + 2, expected);
	}
}

static void bounds(void **state)
{
	char text[2048] = "[devices]\ndriver = ";
	struct conf_vm c;

	check_bound(*state, "also", " 01:%02x.%u", CONF_ALSO_MAX, "write at most 64 functions");
	check_bound(*state, "allowed", " 01:%02x.%u", CONF_ALSO_MAX, "write at most 64 functions");
	check_bound(*state, "expect", " 10de:00%02x", CONF_EXPECT_MAX, "write at most 16 pairs");
	/* 51 times 10 bytes, less the first blank, are 509 of 511 */
	check_bound(*state, "unload", " module%02x%u", 51,
		    "the list is too long; write at most 511 characters");

	memset(text + strlen(text), 'd', 63);
	take(*state, text, &c);
	assert_int_equal(strlen(c.devices.driver), 63);
	strcat(text, "d");
	check_refused(*state, text,
		      IN("driver = dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd")
		      DRIVER_HELP);
	memset(strcpy(text, "[devices]\nunload = ") + 19, 'm', 56);
	text[19 + 55] = '\0';
	take(*state, text, &c);
	assert_int_equal(strlen(c.devices.unload), 55);
	strcat(text, "m");
	check_refused(*state, text,
		      IN("unload = mmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmm")
		      "'mmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmm'" MODULE_HELP);
}

static void long_unit_names(void **state)
{
	char unit[200], text[512], expected[WHY_LEN];
	struct conf_vm c;

	memset(unit, 'u', sizeof(unit));
	snprintf(text, sizeof(text), "[devices]\nstop-units = %.*s\n", 87, unit);
	take(*state, text, &c);
	assert_int_equal(strlen(c.devices.stop_units), 95);
	snprintf(text, sizeof(text), "[devices]\nstop-units = %.*s\n", 88, unit);
	snprintf(expected, sizeof(expected), IN("stop-units = %.*s") "%s", 88, unit,
		 "the name of a unit may have at most 95 characters");
	check_refused(*state, text, expected);
	snprintf(text, sizeof(text), "[devices]\nstop-units = %.*s\n", 150, unit);
	snprintf(expected, sizeof(expected), IN("stop-units = %.*s") "%s", 100, unit,
		 "a word may have at most 95 characters; put blanks between");
	check_refused(*state, text, expected);
}

static void check_read(const struct folder *f, const char *name, const char *uuid,
		       int ret, const char *expected)
{
	char sentence[WHY_LEN] = "";
	struct conf_vm c = { .shown = "before" };

	assert_int_equal(conf_vm_read(f->dir, name, uuid, &c, sentence), ret);
	if (ret)
		assert_string_equal(c.shown, "before");
	assert_string_equal(ret ? sentence : c.shown, expected);
}

static void which_file(void **state)
{
	struct folder *f = *state;

	check_read(f, "train01", UUID, -ENOENT,
		   "there is no vms/train01.ini and no vms/" UUID ".ini");
	check_read(f, "train01", NULL, -ENOENT, "there is no vms/train01.ini");
	check_read(f, "train01", "", -ENOENT, "there is no vms/train01.ini");
	check_read(f, UUID, UUID, -ENOENT, "there is no vms/" UUID ".ini");
	put(f, UUID ".ini", "[devices]\n", 10);
	check_read(f, "train01", UUID, 0, "vms/" UUID ".ini");
	check_read(f, UUID, UUID, 0, "vms/" UUID ".ini");
	check_read(f, UUID, "2f82ee72-3ac5-4615-9c0b-327c12e8c83e", -ENOENT,
		   "there is no vms/2f82ee72-3ac5-4615-9c0b-327c12e8c83e.ini for the domain '" UUID
		   "', whose name cannot be that of a file");
	check_read(f, "../x", UUID, 0, "vms/" UUID ".ini");
	put(f, "train01.ini", "[devices]\n", 10);
	check_read(f, "train01", UUID, -EEXIST,
		   "vms/train01.ini and vms/" UUID ".ini are the same VM's; remove one");
	assert_int_equal(unlinkat(f->dir, UUID ".ini", 0), 0);
	check_read(f, "train01", UUID, 0, "vms/train01.ini");
	assert_int_equal(symlinkat("nowhere", f->dir, UUID ".ini"), 0);
	check_read(f, "train01", UUID, -EEXIST,
		   "vms/train01.ini and vms/" UUID ".ini are the same VM's; remove one");
	assert_int_equal(unlinkat(f->dir, "train01.ini", 0), 0);
	check_read(f, "train01", UUID, -EPERM,
		   "vms/" UUID ".ini: is a symbolic link; put the file itself there");
	assert_int_equal(unlinkat(f->dir, UUID ".ini", 0), 0);
}

/* A file is there under every such name, one folder up too: none is ever opened. */
static void names_that_are_no_file(void **state)
{
	static const char *const names[] = {
		"../secret", "sub/secret", "/etc/secret", ".", "..", "", "a\nb", "sub/../secret",
	};
	struct folder *f = *state;
	char expected[WHY_LEN];
	struct folder sub = { .dir = -1 };

	assert_int_equal(mkdirat(f->dir, "sub", 0700), 0);
	put(f, "secret.ini", "[devices]\n", 10);
	put(f, "..ini", "[devices]\n", 10);
	put(f, "...ini", "[devices]\n", 10);
	put(f, ".ini", "[devices]\n", 10);
	put(f, "a\nb.ini", "[devices]\n", 10);
	put(f, "sub/secret.ini", "[devices]\n", 10);
	sub.dir = openat(f->dir, "sub", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const struct folder *where = strncmp(names[i], "../", 3) ? f : &sub;
		const char *shown = strcmp(names[i], "a\nb") ? names[i] : "a?b";

		snprintf(expected, sizeof(expected),
			 "there is no vms/%s.ini for the domain '%s', whose name cannot be that of a file",
			 UUID, shown);
		check_read(where, names[i], UUID, -ENOENT, expected);
	}
	check_read(f, "x", "../secret", -ENOENT, "there is no vms/x.ini");
	check_read(f, "../x", "../secret", -ENOENT,
		   "there is no vms/UUID.ini for the domain '../x', whose name cannot be that of a file");
	close(sub.dir);
	unlinkat(f->dir, "sub/secret.ini", 0);
	unlinkat(f->dir, "sub", AT_REMOVEDIR);
	unlinkat(f->dir, "secret.ini", 0);
	unlinkat(f->dir, "..ini", 0);
	unlinkat(f->dir, "...ini", 0);
	unlinkat(f->dir, ".ini", 0);
	unlinkat(f->dir, "a\nb.ini", 0);
}

static void odd_names_that_are_files(void **state)
{
	static const char *const names[] = {
		"win 11", " ", "-rf", "--help", ".hidden", "...", "ü", "a:b", "a\\b", "*", "%s%n",
	};
	char name[256] = "", file[300], shown[300];
	struct folder *f = *state;

	for (size_t i = 0; i <= ARRAY_LEN(names); i++) {
		if (i == ARRAY_LEN(names))
			memset(name, 'n', 251);
		else
			snprintf(name, sizeof(name), "%s", names[i]);
		snprintf(file, sizeof(file), "%s.ini", name);
		snprintf(shown, sizeof(shown), "vms/%s.ini", name);
		put(f, file, "[devices]\n", 10);
		check_read(f, name, UUID, 0, shown);
		assert_int_equal(unlinkat(f->dir, file, 0), 0);
	}
}

static const char sample[] =
	"[devices]\n"
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
		"take = all\n", "siblings = no\n", " ", "\n", "=", "10de:2684 ", "01:00.0 ", "0000:",
		"wait ", "9999999999999999s", "service", ".", "@", "-", "_", "[devices]\n", "[vgpu a]\n",
		"bus pm acpi ", "\"", ";", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
	};
	uint64_t random = 20261121;
	unsigned int taken = 0;

	for (int round = 0; round < 3000; round++) {
		char sentence[WHY_LEN] = "";
		struct conf_vm c;
		size_t len;
		char *text = unit_mutate(&random, sample, sizeof(sample) - 1, pieces,
					 ARRAY_LEN(pieces), &len);
		int r = read_conf(*state, text, len, &c, sentence);

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table_is_sound),
		cmocka_unit_test_setup_teardown(standards, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(everything, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(values_refused, make_folder,
						remove_folder),
		cmocka_unit_test_setup_teardown(names_refused, make_folder,
						remove_folder),
		cmocka_unit_test_setup_teardown(bounds, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(long_unit_names, make_folder,
						remove_folder),
		cmocka_unit_test_setup_teardown(which_file, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(names_that_are_no_file, make_folder,
						remove_folder),
		cmocka_unit_test_setup_teardown(odd_names_that_are_files, make_folder,
						remove_folder),
		cmocka_unit_test_setup_teardown(mutations, make_folder, remove_folder),
	};

	return cmocka_run_group_tests_name("conf", tests, NULL, NULL);
}

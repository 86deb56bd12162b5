// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-conf-vgpu.c - [vgpu NAME] of a VM, [gpu NAME] and [vgpus] of host.ini: what is
 * taken, what is refused and how; the samples in conf/ name every key
 *
 * Real: ini.c with iniparser, files in a folder of their own below TMPDIR, the sample
 * files. Nothing is faked.
 */

#include "conf-text.h"
#include "file.h"

#include <errno.h>
#include <fcntl.h>

#define UUID   "2f82ee72-3ac5-4615-9c0b-327c12e8c83d"
#define UUID_B "2f82ee72-3ac5-4615-9c0b-327c12e8c83e"

static void check_vgpu(const struct conf_vgpu *v, const char *uuid, const char *type,
		       const char *gpu, int index, bool at_boot)
{
	assert_string_equal(v->uuid, uuid);
	assert_string_equal(v->type, type);
	assert_string_equal(v->gpu, gpu);
	assert_int_equal(v->index, index);
	assert_int_equal(v->at_boot, at_boot);
}

static void vgpus_taken(void **state)
{
	struct conf_vm c;

	conf_text_take(*state, "[devices]\n", &c);
	assert_int_equal(c.n_vgpus, 0);
	conf_text_take(
		*state,
		"[vgpu least]\n"
		"[vgpu whole]\nuuid = 2F82EE72-3AC5-4615-9C0B-327C12E8C83D\n"
		"type = NVIDIA A40-24A ; the largest\ngpu = A40-7\ncreate = start\n"
		"[vgpu index]\ntype = nvidia-558\ngpu = e8:00.0/31\n"
		"[vgpu other]\ntype = 558\ngpu = mbochs\ncreate = boot\n"
		"[vgpu Named]\ntype = A40-24Q\ngpu = a40-7/0\n"
		"[vgpu css]\ntype = vfio_ccw-io\ngpu = 0.0.0313\n",
		&c);
	assert_int_equal(c.n_vgpus, 6);
	assert_string_equal(c.vgpu[0].name, "least");
	assert_int_equal(c.vgpu[0].line, 1);
	check_vgpu(&c.vgpu[0], "", "", "any", -1, true);
	assert_string_equal(c.vgpu[1].name, "whole");
	check_vgpu(&c.vgpu[1], UUID, "NVIDIA A40-24A", "a40-7", -1, false);
	check_vgpu(&c.vgpu[2], "", "nvidia-558", "0000:e8:00.0", 31, true);
	check_vgpu(&c.vgpu[3], "", "558", "mbochs", -1, true);
	assert_string_equal(c.vgpu[4].name, "named");
	check_vgpu(&c.vgpu[4], "", "A40-24Q", "a40-7", 0, true);
	check_vgpu(&c.vgpu[5], "", "vfio_ccw-io", "0.0.0313", -1, true);
}

#define IN(value) "vms/x.ini:2: " value " in [vgpu a]: "
#define OF        "vms/x.ini:4: [vgpu b]: "
#define OF_A      "vms/x.ini:2: [vgpu a]: "
#define UUID_HELP \
	"write a UUID as uuidgen prints it, such as 2f82ee72-3ac5-4615-9c0b-327c12e8c83d, or nothing for the one that the domain XML names"
#define GPU_HELP \
	"write any, the NAME of a [gpu NAME] of host.ini, an address such as 0000:e8:00.0, or a device such as mbochs; with /3 behind it for virtual function 3"
#define NAME_63 "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn"

static void vgpus_refused(void **state)
{
	static const char *const rows[][2] = {
		{ "[vgpu a]\nuuid = 1\n", IN("uuid = 1") UUID_HELP },
		{ "[vgpu a]\nuuid = " UUID "0\n", IN("uuid = " UUID "0") UUID_HELP },
		{ "[vgpu a]\nuuid = {" UUID "}\n", IN("uuid = {" UUID "}") UUID_HELP },
		{ "[vgpu a]\nuuid = ../../etc\n", IN("uuid = ../../etc") UUID_HELP },
		{ "[vgpu a]\ntype = " NAME_63 "n\n",
		  IN("type = " NAME_63
		     "n") "the name of a type has at most 63 characters, such as NVIDIA A40-24A" },
		{ "[vgpu a]\ngpu =\n", IN("gpu =") GPU_HELP },
		{ "[vgpu a]\ngpu = a40 7\n", IN("gpu = a40 7") GPU_HELP },
		{ "[vgpu a]\ngpu = a40/\n", IN("gpu = a40/") GPU_HELP },
		{ "[vgpu a]\ngpu = /3\n", IN("gpu = /3") GPU_HELP },
		{ "[vgpu a]\ngpu = a40/-1\n", IN("gpu = a40/-1") GPU_HELP },
		{ "[vgpu a]\ngpu = a40/65535\n", IN("gpu = a40/65535") GPU_HELP },
		{ "[vgpu a]\ngpu = a40/3/3\n", IN("gpu = a40/3/3") GPU_HELP },
		{ "[vgpu a]\ngpu = ../mbochs\n", IN("gpu = ../mbochs") GPU_HELP },
		{ "[vgpu a]\ngpu = 0000:e8:00\n", IN("gpu = 0000:e8:00") GPU_HELP },
		{ "[vgpu a]\ngpu = 0000:e8:00.0=10de:2235\n",
		  IN("gpu = 0000:e8:00.0=10de:2235") GPU_HELP },
		{ "[vgpu a]\ngpu = any/3\n",
		  IN("gpu = any/3") "a virtual function has a number on its own card only; write any, or a card in front of /3" },
		{ "[vgpu a]\ncreate = yes\n", IN("create = yes") "write boot or start" },
		{ "[vgpu a]\ncreate =\n", IN("create =") "write boot or start" },
		{ "[vgpu a]\nsize = 24\n",
		  "vms/x.ini:2: unknown key 'size' in [vgpu a]; known: uuid, type, gpu, create" },
		{ "[vgpu]\ntype = 1\n",
		  "vms/x.ini:2: section [vgpu] has no name; write [vgpu NAME]" },
		{ "[vgpu " NAME_63 "n]\n",
		  "vms/x.ini:1: section [vgpu " NAME_63
		  "n]: the name may have at most 63 characters" },
		{ "[vgpu a]\ntype = 1\n[vgpu  a]\ntype = 1\n",
		  "vms/x.ini:4: section [vgpu  a]: there is one of that name in line 2; write another name" },
		{ "[vgpu a]\nuuid = " UUID "\n", OF_A
		  "a UUID is that of a mediated device, and that has a type; add a line such as type = NVIDIA A40-24A, or remove uuid" },
		{ "[vgpu a]\ncreate = start\n", OF_A
		  "what has no type is a virtual function, and is made at boot; remove create, or add a line such as type = NVIDIA A40-24A" },
		{ "[vgpu a]\nuuid = " UUID "\n[vgpu b]\ntype = 1\n", OF_A
		  "a UUID is that of a mediated device, and that has a type; add a line such as type = NVIDIA A40-24A, or remove uuid" },
		{ "[vgpu a]\ntype = 1\n[vgpu b]\ntype = 1\nuuid = " UUID
		  "\n[vgpu c]\ntype = 1\nuuid = 2F82EE72-3ac5-4615-9c0b-327c12e8c83d\n",
		  "vms/x.ini:7: [vgpu c]: [vgpu b] in line 4 has the same uuid; write another one" },
		{ "[vgpu a]\ngpu = e8:00.0/3\n[vgpu b]\ngpu = 0000:E8:00.0/3\n", OF
		  "[vgpu a] in line 2 has virtual function 3 of 0000:e8:00.0 too, and each is one vGPU; write another number" },
	};
	struct conf_vm c;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		conf_text_refuse(*state, rows[i][0], rows[i][1]);
	conf_text_take(*state,
		       "[vgpu a]\ngpu = e8:00.0/3\n[vgpu b]\ngpu = e9:00.0/3\n"
		       "[vgpu c]\ntype = 1\nuuid = " UUID
		       "\n[vgpu d]\ntype = 1\nuuid = " UUID_B "\n"
		       "[vgpu e]\ngpu = e8:00.0\n[vgpu f]\ngpu = e8:00.0\n[vgpu " NAME_63
		       "]\n",
		       &c);
}

static void vgpus_bounded(void **state)
{
	char text[2048] = "";
	struct conf_vm c;
	size_t len = 0;

	for (unsigned int i = 0; i < VGPUS_MAX; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "[vgpu v%u]\n",
					i);
	conf_text_take(*state, text, &c);
	assert_int_equal(c.n_vgpus, VGPUS_MAX);
	snprintf(text + len, sizeof(text) - len, "[vgpu more]\n");
	conf_text_refuse(
		*state, text,
		"vms/x.ini:17: section [vgpu more]: a VM may have at most 16 vGPUs; remove one");
}

static void gpus_taken(void **state)
{
	struct conf_host h;

	conf_text_take_host(*state, "", &h);
	assert_int_equal(h.n_gpus, 0);
	assert_false(h.vgpus.spread);
	assert_string_equal(h.vgpus.sriov_manage, "");
	assert_string_equal(h.vgpus.nvidia_smi, "");
	assert_int_equal(h.vgpus.deadline_ms, 60000);
	conf_text_take_host(
		*state,
		"[gpu A40-7]\naddress = E8:00.0=10de:2235\nvfs = all\n"
		"mig = 3g.20gb  1g.10gb+me 1g.12gb+me.all 3g.20gb\n"
		"[gpu flex]\naddress = 10000:4d:00.0\nvfs = 7\nprobe-vfs = no\nmixed-sizes = yes\n"
		"[gpu p40]\naddress = 0000:01:00.0\nvfs = none\n"
		"[vgpus]\nplacement = spread\nsriov-manage = /opt/nvidia/sriov-manage\n"
		"nvidia-smi = /opt/nvidia smi\ndeadline = 5min\n",
		&h);
	assert_int_equal(h.n_gpus, 3);
	assert_string_equal(h.gpu[0].name, "a40-7");
	assert_int_equal(h.gpu[0].line, 2);
	assert_true(bdf_equal(&h.gpu[0].bdf, &(struct bdf){ 0, 0xe8, 0, 0 }));
	assert_true(h.gpu[0].expected && h.gpu[0].probe_vfs && !h.gpu[0].mixed);
	assert_int_equal(h.gpu[0].id.vendor, 0x10de);
	assert_int_equal(h.gpu[0].id.device, 0x2235);
	assert_int_equal(h.gpu[0].vfs, CONF_VFS_ALL);
	assert_string_equal(h.gpu[0].mig, "3g.20gb 1g.10gb+me 1g.12gb+me.all 3g.20gb");
	assert_true(bdf_equal(&h.gpu[1].bdf, &(struct bdf){ 0x10000, 0x4d, 0, 0 }));
	assert_true(!h.gpu[1].expected && !h.gpu[1].probe_vfs && h.gpu[1].mixed);
	assert_int_equal(h.gpu[1].vfs, CONF_VFS_NUMBER);
	assert_int_equal(h.gpu[1].n_vfs, 7);
	assert_string_equal(h.gpu[1].mig, "");
	assert_int_equal(h.gpu[2].vfs, CONF_VFS_LEAVE);
	assert_int_equal(h.gpu[2].n_vfs, 0);
	assert_true(h.vgpus.spread);
	assert_string_equal(h.vgpus.sriov_manage, "/opt/nvidia/sriov-manage");
	assert_string_equal(h.vgpus.nvidia_smi, "/opt/nvidia smi");
	assert_int_equal(h.vgpus.deadline_ms, 300000);
}

#define GPU(value)   "host.ini:2: " value " in [gpu a]: "
#define VGPUS(value) "host.ini:2: " value " in [vgpus]: "
#define ADDRESS_HELP \
	"write ADDRESS or ADDRESS=VENDOR:DEVICE of the card, such as 0000:e8:00.0=10de:2235"
#define VFS_HELP "write all, a number from 1 to 65535, or none to leave them as they are"
#define PROFILE_HELP \
	" is not a profile; write names as nvidia-smi mig -lgip prints them, such as 3g.20gb 3g.20gb, with blanks between"
#define PROGRAM_HELP \
	"write the whole path, at most 255 characters and no control characters, or nothing to have it looked for"
#define MISSING "which card is it? add a line such as address = 0000:e8:00.0=10de:2235"
#define PROFILES_128 \
	"7g.80gb 7g.80gb 7g.80gb 7g.80gb 7g.80gb 7g.80gb 7g.80gb 7g.80gb 7g.80gb 7g.80gb 7g.80gb 7g.80gb 7g.80gb 7g.80gb 7g.80gb 7g.80gb1"

static void gpus_refused(void **state)
{
	static const char *const rows[][2] = {
		{ "[gpu a]\naddress = e8:00\n", GPU("address = e8:00") ADDRESS_HELP },
		{ "[gpu a]\naddress = e8:00.0 e9:00.0\n",
		  GPU("address = e8:00.0 e9:00.0") ADDRESS_HELP },
		{ "[gpu a]\naddress = e8:00.0=\n",
		  GPU("address = e8:00.0=") ADDRESS_HELP },
		{ "[gpu a]\naddress = e8:00.0=10de\n",
		  GPU("address = e8:00.0=10de") ADDRESS_HELP },
		{ "[gpu a]\naddress = mbochs\n", GPU("address = mbochs") ADDRESS_HELP },
		{ "[gpu a]\naddress =\n", "host.ini:2: [gpu a]: " MISSING },
		{ "[gpu a]\nvfs = all\n", "host.ini:2: [gpu a]: " MISSING },
		{ "[gpu a]\n", "host.ini:1: [gpu a]: " MISSING },
		{ "[gpu a]\nvfs = 0\n", GPU("vfs = 0") VFS_HELP },
		{ "[gpu a]\nvfs = 65536\n", GPU("vfs = 65536") VFS_HELP },
		{ "[gpu a]\nvfs = -1\n", GPU("vfs = -1") VFS_HELP },
		{ "[gpu a]\nvfs = some\n", GPU("vfs = some") VFS_HELP },
		{ "[gpu a]\nvfs =\n", GPU("vfs =") VFS_HELP },
		{ "[gpu a]\nprobe-vfs = 1\n", GPU("probe-vfs = 1") "write yes or no" },
		{ "[gpu a]\nmixed-sizes = on\n",
		  GPU("mixed-sizes = on") "write yes or no" },
		{ "[gpu a]\nmig = 3g.20gb,3g.20gb\n",
		  GPU("mig = 3g.20gb,3g.20gb") "'3g.20gb,3g.20gb'" PROFILE_HELP },
		{ "[gpu a]\nmig = 9\n", GPU("mig = 9") "'9'" PROFILE_HELP },
		{ "[gpu a]\nmig = 3g.20gb 9:4\n",
		  GPU("mig = 3g.20gb 9:4") "'9:4'" PROFILE_HELP },
		{ "[gpu a]\nmig = 3g.20gb 1g.12gb+me.all.and.mores\n",
		  GPU("mig = 3g.20gb 1g.12gb+me.all.and.mores") "'1g.12gb+me.all.and.mores'" PROFILE_HELP },
		{ "[gpu a]\nmig = -C\n", GPU("mig = -C") "'-C'" PROFILE_HELP },
		{ "[gpu a]\nmig = " PROFILES_128 "\n",
		  GPU("mig = 7g.80gb 7g.80gb 7g.80gb 7g.80gb 7g.80gb 7g.80gb 7g.80gb 7g.80gb 7g.80gb 7g.80gb 7g.80gb 7g.80gb 7g.8") "the list is too long; write at most 127 characters" },
		{ "[gpu a]\naddress = e8:00.0\nmig = 1g.5gb\nmixed-sizes = yes\n",
		  "host.ini:2: [gpu a]: GPU instances have fixed sizes; remove mig or mixed-sizes" },
		{ "[gpu a]\naddress = e8:00.0\n[gpu b]\naddress = 0000:E8:00.0=10de:2235\n",
		  "host.ini:4: [gpu b]: [gpu a] in line 2 has the same address; remove one of the two" },
		{ "[gpu a]\naddress = e8:00.0\n[gpu  a]\naddress = e9:00.0\n",
		  "host.ini:4: section [gpu  a]: there is one of that name in line 2; write another name" },
		{ "[gpu any]\naddress = e8:00.0\n",
		  "host.ini:2: section [gpu any]: 'gpu = any' of a VM means any card; write another name, such as [gpu a40-1]" },
		{ "[gpu my card]\naddress = e8:00.0\n",
		  "host.ini:2: section [gpu my card]: the name may have at most 63 characters, and no blanks; write one such as [gpu a40-1]" },
		{ "[gpu]\naddress = e8:00.0\n",
		  "host.ini:2: section [gpu] has no name; write [gpu NAME]" },
		{ "[gpu a]\nadress = e8:00.0\n",
		  "host.ini:2: unknown key 'adress' in [gpu a]; did you mean 'address'?" },
		{ "[vgpus]\nplacement = full\n",
		  VGPUS("placement = full") "write fill or spread" },
		{ "[vgpus]\nsriov-manage = sriov-manage\n",
		  VGPUS("sriov-manage = sriov-manage") PROGRAM_HELP },
		{ "[vgpus]\nnvidia-smi = ../nvidia-smi\n",
		  VGPUS("nvidia-smi = ../nvidia-smi") PROGRAM_HELP },
		{ "[vgpus]\nnvidia-smi = /bin/a\tb\n",
		  VGPUS("nvidia-smi = /bin/a?b") PROGRAM_HELP },
		{ "[vgpus]\nsriov-manage = /bin/a\xc2\x8c\n",
		  VGPUS("sriov-manage = /bin/a??") PROGRAM_HELP },
		{ "[vgpus]\ndeadline = 500ms\n",
		  VGPUS("deadline = 500ms") "write a time from 1s to 60min, such as 30s" },
		{ "[vgpus a]\n",
		  "host.ini:1: section [vgpus a] takes no name; write [vgpus]" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		conf_text_refuse_host(*state, rows[i][0], rows[i][1]);
}

static void gpus_bounded(void **state)
{
	char text[4096] = "";
	struct conf_host h;
	size_t len = 0;

	for (unsigned int i = 0; i < GPUS_MAX; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
					"[gpu g%u]\naddress = %02x:00.0\n", i, i + 1);
	conf_text_take_host(*state, text, &h);
	assert_int_equal(h.n_gpus, GPUS_MAX);
	snprintf(text + len, sizeof(text) - len, "[gpu more]\naddress = f0:00.0\n");
	conf_text_refuse_host(
		*state, text,
		"host.ini:130: section [gpu more]: a host may have at most 64 GPUs; remove one");
}

/* A sample with the # of its sections and keys taken away, and examples put in where a key may not be empty. */
static void uncomment(const char *path, const char *put_in, char *ret, size_t size)
{
	char sample[16384];
	ssize_t n = file_read(AT_FDCWD, path, sample, sizeof(sample));
	size_t len = 0;

	assert_true(n > 0);
	for (char *line = strtok(sample, "\n"); line; line = strtok(NULL, "\n")) {
		line += *line == '#' && line[1] != ' ';
		if (put_in && strncmp(line, put_in, strcspn(put_in, " ")) == 0)
			line = (char *)put_in;
		len += (size_t)snprintf(ret + len, size - len, "%s\n", line);
		assert_true(len < size);
	}
}

static void check_all_named(const char *text, const struct conf_key *keys, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char key[128];
		const char *at;

		snprintf(key, sizeof(key), "\n%s ", keys[i].key);
		at = strstr(text, key);
		if (!at)
			fail_msg("%s of [%s] is not in the sample", keys[i].key,
				 keys[i].section);
	}
}

static void samples(void **state)
{
	const struct conf_key *keys;
	struct conf_host h;
	struct conf_vm c;
	char text[16384];
	size_t n;

	uncomment("conf/vm.ini", "listen = 12223/tcp", text, sizeof(text));
	keys = conf_vm_keys(&n);
	check_all_named(text, keys, n);
	conf_text_take(*state, text, &c);
	assert_int_equal(c.n_vgpus, 1);
	check_vgpu(&c.vgpu[0], "", "", "any", -1, true);
	conf_vm_free(&c);

	uncomment("conf/host.ini", "address = 0000:e8:00.0", text, sizeof(text));
	keys = conf_host_keys(&n);
	check_all_named(text, keys, n);
	conf_text_take_host(*state, text, &h);
	assert_int_equal(h.n_gpus, 1);
	assert_int_equal(h.gpu[0].vfs, CONF_VFS_LEAVE);
	assert_true(h.gpu[0].probe_vfs && !h.gpu[0].mixed);
}

static void mutations(void **state)
{
	static const char sample[] =
		"[vgpu a]\nuuid = " UUID
		"\ntype = NVIDIA A40-24A\ngpu = e8:00.0/3\ncreate = start\n"
		"[vgpu b]\ngpu = any\n[gpu a]\naddress = 0000:e8:00.0=10de:2235\nvfs = all\nmig = 9 9\n"
		"mixed-sizes = no\n[vgpus]\nplacement = spread\ndeadline = 60s\n";
	static const char *const pieces[] = {
		"[vgpu a]\n",
		"[gpu b]\n",
		"[vgpus]\n",
		"/",
		"any",
		"e8:00.0",
		"\n",
		"=",
		"9 ",
		" ",
		"yes",
		"65535",
		"type = \n",
		UUID,
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
	};
	const size_t of_host = (size_t)(strstr(sample, "[gpu") - sample);
	unsigned int taken = 0, refused = 0;
	struct conf_host h;
	struct conf_vm c;
	uint64_t random = 20261121;

	for (int round = 0; round < 2000; round++) {
		bool host = round % 2;
		char sentence[WHY_LEN] = "", *text, *whole;
		size_t len;
		int r;

		text = unit_mutate(&random, host ? sample + of_host : sample,
				   host ? strlen(sample) - of_host : of_host, pieces,
				   ARRAY_LEN(pieces), &len);
		whole = strndup(text, len);
		assert_non_null(whole);
		r = host ? conf_text_read_host(*state, whole, &h, sentence)
			 : conf_text_read(*state, whole, strlen(whole), &c, sentence);
		free(whole);
		free(text);
		assert_true(r == 0 || r == -EINVAL);
		taken += r == 0;
		refused += r != 0;
		if (r) {
			unit_check_sentence(sentence);
			continue;
		}
		for (size_t i = 0; !host && i < c.n_vgpus; i++)
			assert_true((!*c.vgpu[i].uuid || text_is_uuid(c.vgpu[i].uuid)) &&
				    *c.vgpu[i].gpu && c.vgpu[i].index >= -1);
		for (size_t i = 0; host && i < h.n_gpus; i++)
			assert_true(h.gpu[i].vfs <= CONF_VFS_NUMBER &&
				    (h.gpu[i].vfs == CONF_VFS_NUMBER) ==
					    (h.gpu[i].n_vfs > 0));
		if (!host)
			conf_vm_free(&c);
	}
	assert_in_range(taken, 30, 1900);
	assert_in_range(refused, 100, 1970);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, tree_setup, tree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(vgpus_taken), TEST(vgpus_refused), TEST(vgpus_bounded),
		TEST(gpus_taken),  TEST(gpus_refused),  TEST(gpus_bounded),
		TEST(samples),     TEST(mutations),
	};

	return cmocka_run_group_tests_name("conf-vgpu", tests, NULL, NULL);
}

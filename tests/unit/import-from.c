// SPDX-License-Identifier: GPL-2.0-or-later
/* import-from.c - a host in a folder, whose scripts and files import-boot.c reads */

#include "import-from.h"

#include "machine.h"

struct import_from from;

static unsigned int domains;

int from_setup(void **state)
{
	(void)state;
	tree_make(&from.tree);
	assert_int_equal(host_open(&from.host, from.tree.path, NULL), 0);
	from.boot = calloc(1, sizeof(*from.boot));
	assert_non_null(from.boot);
	domains = 0;
	return 0;
}

int from_teardown(void **state)
{
	(void)state;
	import_boot_free(from.boot);
	free(from.boot);
	host_close(&from.host);
	tree_remove(&from.tree);
	return 0;
}

void from_unpack(const char *name)
{
	char file[64], why[MACHINE_WHY_LEN] = "";
	struct machine m;

	snprintf(file, sizeof(file), "tests/data/%s.machine", name);
	assert_int_equal(machine_read(file, &m, why), 0);
	assert_int_equal(machine_unpack(&m, from.tree.fd, why), 0);
	machine_free(&m);
}

static void put_function(FILE *xml, const char *function)
{
	struct bdf b;

	assert_int_equal(bdf_parse(function, &b), 0);
	fprintf(xml,
		"<hostdev mode='subsystem' type='pci' managed='no'><source><address domain='0x%04x' bus='0x%02x' slot='0x%02x' function='0x%x'/></source></hostdev>",
		b.domain, b.bus, b.slot, b.function);
}

void from_domain(const char *name, const char *mdev, const char *functions)
{
	char path[128], list[256], *xml = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&xml, &size);

	assert_non_null(f);
	fprintf(f,
		"<domain type='kvm'><name>%s</name><uuid>00000000-0000-4000-8000-%012u</uuid><devices>",
		name, ++domains);
	if (*mdev)
		fprintf(f,
			"<hostdev mode='subsystem' type='mdev' model='vfio-pci'><source><address uuid='%s'/></source></hostdev>",
			mdev);
	assert_int_equal(text_copy(list, sizeof(list), functions), 0);
	for (char *at = strtok(list, " "); at; at = strtok(NULL, " "))
		put_function(f, at);
	fputs("</devices></domain>\n", f);
	fclose(f);
	snprintf(path, sizeof(path), "etc/libvirt/qemu/%s.xml", name);
	tree_file(&from.tree, path, xml);
	free(xml);
}

void from_open(void)
{
	import_boot_free(from.boot);
	assert_int_equal(import_boot_open(from.boot, &from.host), 0);
}

void from_script(const char *text)
{
	from_open();
	assert_int_equal(import_rc_local(from.boot, text, strlen(text)), 0);
}

size_t from_count_said(const char *what)
{
	size_t n = 0;

	for (size_t i = 0; i < from.boot->n_said; i++)
		n += strstr(from.boot->said[i].text, what) != NULL;
	return n;
}

char *from_print(void)
{
	char *out = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&out, &size);

	assert_non_null(f);
	assert_int_equal(import_boot_write(from.boot, f), 0);
	fclose(f);
	return out;
}

static void update(const char *name, const char *text)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "tests/data/%s", name);
	f = fopen(path, "we");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

void from_check(const char *file)
{
	const char *again = getenv("UPDATE");
	char name[128], *have = from_print(), *want;

	snprintf(name, sizeof(name), "boot/%s", file);
	if (again && strcmp(again, "1") == 0)
		update(name, have);
	want = unit_data(name);
	assert_string_equal(have, want);
	free(have);
	free(want);
}

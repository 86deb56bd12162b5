// SPDX-License-Identifier: GPL-2.0-or-later
/* record-vms.c - VMs and networks of libvirt, INI files, and what is held for VMs now */

#include "record.h"

#include "file.h"
#include "step.h"
#include "text.h"
#include "vms.h"

#include <stdlib.h>
#include <string.h>

static bool ends_in(const char *name, const char *end)
{
	size_t len = strlen(name), n = strlen(end);

	return len > n && strcmp(name + len - n, end) == 0;
}

static bool join(char ret[static PATH_LEN], const char *folder, const char *name)
{
	return text_format(ret, PATH_LEN, "%s/%s", folder, name) == 0;
}

static void record_libvirt_xml(struct recording *r, const char *folder, const char *name)
{
	char path[PATH_LEN];

	if (ends_in(name, ".xml") && join(path, folder, name))
		record_xml(r, path);
}

/* that it is there says that the VM runs; QEMU's whole state stands in it */
static void record_running(struct recording *r, const char *folder, const char *name)
{
	char path[PATH_LEN];

	if (ends_in(name, ".xml") && join(path, folder, name))
		record_text(r, path, "", 0);
}

/* what a guest calls itself stands in a lease */
static void blank_strings(char *json)
{
	static const char *const keys[] = { "\"hostname\"", "\"client-id\"",
					    "\"server-duid\"", "\"iaid\"" };

	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		for (char *p = json; (p = strstr(p, keys[i]));) {
			p += strlen(keys[i]);
			p += strspn(p, " \t:");
			if (*p++ != '"')
				continue;
			while (*p && *p != '"')
				*p++ = 'x';
		}
}

static void record_lease(struct recording *r, const char *folder, const char *name)
{
	CLEANUP(free_ptr) char *text = NULL;
	char path[PATH_LEN];
	size_t len;

	if (!ends_in(name, ".status") || !join(path, folder, name))
		return;
	text = record_read(r, path, &len);
	if (!text)
		return;
	blank_strings(text);
	record_text(r, path, text, strlen(text));
}

/* comments are for those who wrote them; the lines keep their numbers */
static void drop_comment(char *line)
{
	char *c = line + strspn(line, " \t");

	if (*c == '#' || *c == ';') {
		c[1] = '\0';
		return;
	}
	if (strchr(line, '"'))
		return;
	for (c = line; *c; c++)
		if ((*c == '#' || *c == ';') && c > line &&
		    (c[-1] == ' ' || c[-1] == '\t')) {
			*c = '\0';
			return;
		}
}

static void record_ini(struct recording *r, const char *path)
{
	size_t len, size;
	CLEANUP(free_ptr) char *text = record_read(r, path, &len);
	char *ret = NULL, *cursor = text, *line;
	FILE *to = text ? open_memstream(&ret, &size) : NULL;

	if (!to)
		return;
	while ((line = strsep(&cursor, "\n"))) {
		drop_comment(line);
		fprintf(to, "%s%s", line, cursor ? "\n" : "");
	}
	if (fclose(to) == 0)
		record_text(r, path, ret, size);
	free(ret);
}

static void record_vm_ini(struct recording *r, const char *folder, const char *name)
{
	char path[PATH_LEN];

	if (ends_in(name, ".ini") && join(path, folder, name))
		record_ini(r, path);
}

static void record_plain(struct recording *r, const char *folder, const char *name)
{
	record_file(r, "%s/%s", folder, name);
}

static void record_plain_link(struct recording *r, const char *folder, const char *name)
{
	record_link(r, "%s/%s", folder, name);
}

/* etc/mdevctl.d/PARENT/UUID */
static void record_mdevctl(struct recording *r, const char *folder, const char *name)
{
	char path[PATH_LEN];

	if (join(path, folder, name))
		record_each(r, path, record_plain);
}

/* ---- units: those that INI files name, and those that usually hold a card ---- */

static void record_unit(struct recording *r, const char *unit)
{
	const struct kind *k = kind_find(r->h, "unit");
	char state[STATE_LEN], path[PATH_LEN];

	if (!text_is_name(unit) || !k || k->get(r->h, unit, state) < 0 ||
	    strcmp(state, "active") != 0)
		return;
	if (text_format(path, sizeof(path), "sys/fs/cgroup/system.slice/%s/cgroup.procs",
			unit) == 0)
		record_text(r, path, "", 0);
}

static int record_units_of(struct vm *vm, const char *sentence, void *data)
{
	const char *cursor = vm ? vm->conf.devices.stop_units : "";
	char unit[TARGET_LEN];

	(void)sentence;
	while (text_next_word(&cursor, unit, sizeof(unit)) > 0)
		record_unit(data, unit);
	return 0;
}

static void record_units(struct recording *r)
{
	static const char *const usual[] = {
		"nvidia-persistenced.service", "nvidia-powerd.service",
		"nvidia-dcgm.service",         "dcgm.service",
		"dcgm-exporter.service",       "display-manager.service",
		"nvidia-vgpud.service",        "nvidia-vgpu-mgr.service",
	};

	for (size_t i = 0; i < ARRAY_LEN(usual); i++)
		record_unit(r, usual[i]);
	(void)!vms_each(r->h, record_units_of, r);
}

void record_vms(struct recording *r)
{
	record_dir(r, "etc/libvirt/qemu");
	record_each(r, "etc/libvirt/qemu", record_libvirt_xml);
	record_each(r, "etc/libvirt/qemu/networks", record_libvirt_xml);
	record_each(r, "run/libvirt/network", record_libvirt_xml);
	record_dir(r, "run/libvirt/qemu");
	record_each(r, "run/libvirt/qemu", record_running);
	record_each(r, "var/lib/libvirt/dnsmasq", record_lease);
	record_each(r, "etc/virt-handoff/vms", record_vm_ini);
	record_ini(r, "etc/virt-handoff/host.ini");
	record_dir(r, "run/virt-handoff");
	record_dir(r, "run/virt-handoff/ledger");
	record_each(r, "run/virt-handoff/ledger", record_plain);
	record_each(r, "run/virt-handoff/forwards", record_plain);
	record_each(r, "run/virt-handoff/names", record_plain_link);
	record_each(r, "etc/mdevctl.d", record_mdevctl);
	record_units(r);
}

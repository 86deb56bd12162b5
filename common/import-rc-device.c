// SPDX-License-Identifier: GPL-2.0-or-later
/* import-rc-device.c - drivers of PCI functions, units and modules in a script */

#include "import-rc.h"

#include "import-device.h"
#include "text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define GIVEN_BACK "no longer needed: after the VM everything is as it was before"

static int said(struct rc *x, const char *what)
{
	return import_boot_say(x->b, IMPORT_SAID, x->where, "%s", what);
}

static bool is_vfio(const char *driver)
{
	return strstr(driver, "vfio") != NULL;
}

static int take_function(struct rc *x, const char *address, bool taken)
{
	struct bdf bdf;
	int r;

	if (rc_address(address, &bdf) < 0)
		return rc_left(
			x, "which function this is cannot be seen; write its address");
	r = import_device_add(x->b, x->where, &bdf, taken);
	return r ?: RC_TAKEN;
}

/* ---- sysfs ---- */

/* parts: driver_override, DEVICE */
static int write_override(struct rc *x, const char *text, const struct rc_path *p)
{
	if (!*text)
		return RC_TAKEN;
	return is_vfio(text) ? take_function(x, p->part[1], true) : said(x, GIVEN_BACK);
}

/* parts: bind, DRIVER */
static int write_bind(struct rc *x, const char *text, const struct rc_path *p)
{
	return is_vfio(p->part[1]) ? take_function(x, text, true) : said(x, GIVEN_BACK);
}

/* parts: unbind, DRIVER; or unbind, driver, DEVICE */
static int write_unbind(struct rc *x, const char *text, const struct rc_path *p)
{
	return is_vfio(p->part[1]) ? said(x, GIVEN_BACK) : take_function(x, text, false);
}

static int write_new_id(struct rc *x, const char *text, const struct rc_path *p)
{
	(void)text;
	if (!is_vfio(p->part[1]))
		return rc_left(x, "it is not about VFIO; keep it");
	return rc_left(
		x,
		"it takes every card of that kind; write options vfio-pci ids= with that id into a file, virt-handoff import modprobe FILE finds the addresses");
}

static int write_probe(struct rc *x, const char *text, const struct rc_path *p)
{
	(void)x;
	(void)text;
	(void)p;
	return RC_TAKEN;
}

static int take_console(struct rc *x)
{
	x->b->primary = true;
	return said(
		x,
		"no longer needed: with primary = yes the console leaves its card, and gets it back");
}

/* parts: bind, vtcon1, vtconsole */
static int write_console(struct rc *x, const char *text)
{
	return strcmp(text, "0") == 0 ? take_console(x) : said(x, GIVEN_BACK);
}

int rc_write_device(struct rc *x, const char *text, const struct rc_path *p)
{
	static const struct {
		const char *name;
		int (*write)(struct rc *x, const char *text, const struct rc_path *p);
	} files[] = {
		{ "driver_override", write_override },
		{ "bind", write_bind },
		{ "unbind", write_unbind },
		{ "new_id", write_new_id },
		{ "drivers_probe", write_probe },
	};

	if (strcmp(p->part[0], "bind") == 0 && strcmp(p->part[2], "vtconsole") == 0)
		return write_console(x, text);
	if (strcmp(p->part[0], "unbind") == 0 && strstr(p->part[1], "framebuffer"))
		return take_console(x);
	if (!strstr(p->folder, "/bus/pci") && !strstr(p->folder, "/devices/pci"))
		return -ENOENT;
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		if (strcmp(files[i].name, p->part[0]) == 0)
			return files[i].write(x, text, p);
	return -ENOENT;
}

/* ---- programs ---- */

/* Words behind the options from @first on */
static int each_name(struct rc *x, const struct shell_word *w, size_t n, size_t first,
		     int (*take)(struct rc *x, const char *name))
{
	int r = 0;

	for (size_t i = first; i < n && r >= 0; i++)
		if (*w[i].text != '-')
			r = take(x, w[i].text);
	return r < 0 ? r : RC_TAKEN;
}

static int stop_unit(struct rc *x, const char *name)
{
	char unit[CONF_NAME_LEN];

	if (text_format(unit, sizeof(unit), "%s%s", name,
			strchr(name, '.') ? "" : ".service") < 0)
		return rc_left(x, "the name is too long");
	return import_device_word(x->b, x->where, false, unit);
}

static int start_unit(struct rc *x, const char *name)
{
	char unit[CONF_NAME_LEN];

	if (text_format(unit, sizeof(unit), "%s%s", name,
			strchr(name, '.') ? "" : ".service") == 0 &&
	    import_device_has_word(x->b, false, unit))
		return said(x, GIVEN_BACK);
	return rc_left(x, "it is about something else; keep it");
}

int rc_systemctl(struct rc *x, const struct shell_word *w, size_t n)
{
	size_t verb = 1;

	while (verb < n && *w[verb].text == '-')
		verb++;
	if (verb < n && strcmp(w[verb].text, "stop") == 0)
		return each_name(x, w, n, verb + 1, stop_unit);
	if (verb < n && text_has_word("status is-active show", w[verb].text))
		return RC_TAKEN;
	if (verb < n && text_has_word("start restart", w[verb].text))
		return each_name(x, w, n, verb + 1, start_unit);
	return rc_left(x, "it is about something else; keep it");
}

static int unload(struct rc *x, const char *name)
{
	char module[CONF_NAME_LEN];

	if (text_copy(module, sizeof(module), name) < 0)
		return rc_left(x, "the name is too long");
	for (char *c = module; *c; c++)
		if (*c == '-')
			*c = '_';
	if (is_vfio(module))
		return said(x, "no longer needed: modules of VFIO stay loaded");
	if (strncmp(module, "snd_", 4) == 0)
		return said(
			x,
			"no longer needed: the function alone is taken from it, and the host keeps its sound");
	return import_device_word(x->b, x->where, true, module);
}

static int load(struct rc *x, const char *name)
{
	if (strncmp(name, "vfio", 4) == 0)
		return said(
			x,
			"no longer needed: the VFIO driver is loaded when it is wanted");
	if (import_device_has_word(x->b, true, name))
		return said(x, GIVEN_BACK);
	return rc_left(x, "write %s into a file in /etc/modules-load.d", name);
}

int rc_modprobe(struct rc *x, const struct shell_word *w, size_t n)
{
	bool remove = strcmp(w[0].text + strlen(w[0].text) - 5, "rmmod") == 0;

	for (size_t i = 1; i < n; i++)
		remove = remove || text_has_word("-r --remove -rf -fr", w[i].text);
	return each_name(x, w, n, 1, remove ? unload : load);
}

/* pci_0000_01_00_0, or the address itself */
static int take_node(struct rc *x, const char *name)
{
	char address[64];

	if (text_copy(address, sizeof(address), name) < 0 ||
	    strncmp(address, "pci_", 4) != 0 || strlen(address) != 16)
		return take_function(x, name, true);
	for (char *c = address + 4; *c; c++)
		if (*c == '_')
			*c = c == address + 14 ? '.' : ':';
	return take_function(x, address + 4, true);
}

int rc_virsh_nodedev(struct rc *x, const struct shell_word *w, size_t n)
{
	if (n > 2 && strncmp(w[1].text, "nodedev-det", 11) == 0)
		return each_name(x, w, n, 2, take_node);
	if (n > 1 && text_has_word("nodedev-reattach nodedev-reset", w[1].text))
		return said(x, GIVEN_BACK);
	return rc_left(
		x,
		"mediated devices of libvirt are mdevctl's: virt-handoff import mdevctl reads them");
}

int rc_driverctl(struct rc *x, const struct shell_word *w, size_t n)
{
	int r;

	while (n > 1 && text_has_word("-v --verbose --nosave --noprobe", w[1].text)) {
		w++;
		n--;
	}
	if (n < 4 || strcmp(w[1].text, "set-override") != 0 || !is_vfio(w[3].text))
		return rc_left(
			x,
			"only driverctl set-override ADDRESS vfio-pci is taken; virt-handoff import driverctl reads what it has noted");
	r = import_boot_say(
		x->b, IMPORT_SAID, x->where,
		"when the INI files are in place: driverctl unset-override %s, so that one alone has it",
		w[2].text);
	return r ?: take_function(x, w[2].text, true);
}

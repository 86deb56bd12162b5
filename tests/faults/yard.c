// SPDX-License-Identifier: GPL-2.0-or-later
/* yard.c - the lab's identical cards, and VMs that want some of them */

#include "yard.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define INI         "/etc/virt-handoff/vms"
#define UNITS       "/run/systemd/system"
#define CARD_CLASS  "0x038000" /* QEMU's bochs-display */
#define CARD_VENDOR "0x1234"
#define LIMIT_MS    300000

struct card cards[CARDS_MAX];
size_t n_cards;
const char *yard_disk;

const char *const shared_units[SHARED] = { "lab-a.service", "lab-b.service" };
/* sample drivers that nobody uses; what they need stays */
const char *const shared_modules[SHARED] = { "mtty", "mdpy" };

const char *yard_function(const struct card *c, int function)
{
	static char ring[4][24];
	static unsigned int turn;
	char *ret = ring[turn++ % 4];

	snprintf(ret, sizeof(ring[0]), "%s.%d", c->slot, function);
	return ret;
}

static void attribute(const char *function, const char *name, char *ret, size_t size)
{
	char path[128];

	snprintf(path, sizeof(path), DEVICES "/%.12s/%.32s", function, name);
	file_line(path, ret, size);
}

static bool is_card(const char *name)
{
	char class[16], vendor[16], audio[160];

	attribute(name, "class", class, sizeof(class));
	attribute(name, "vendor", vendor, sizeof(vendor));
	snprintf(audio, sizeof(audio), DEVICES "/%.10s.1", name);
	return strlen(name) == 12 && strcmp(name + 11, "0") == 0 &&
	       strcmp(class, CARD_CLASS) == 0 && strcmp(vendor, CARD_VENDOR) == 0 &&
	       access(audio, F_OK) == 0;
}

static void find_home(struct card *c)
{
	double end = now_ms() + LIMIT_MS;

	for (int f = 0; f < 2; f++) {
		char path[128];

		snprintf(path, sizeof(path), DEVICES "/%s/driver", yard_function(c, f));
		do {
			link_name(path, c->home[f], sizeof(c->home[f]));
			if (strcmp(c->home[f], "-") == 0)
				sleep_ms(100);
		} while (strcmp(c->home[f], "-") == 0 && now_ms() < end);
		if (strcmp(c->home[f], "-") == 0 || strcmp(c->home[f], "vfio-pci") == 0)
			fail("%s is on driver '%s'", yard_function(c, f), c->home[f]);
	}
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

void yard_find_cards(size_t at_least)
{
	struct dirent **list;
	int n = scandir(DEVICES, &list, NULL, by_name);

	for (int i = 0; i < n; i++) {
		if (n_cards < CARDS_MAX && is_card(list[i]->d_name)) {
			snprintf(cards[n_cards].slot, sizeof(cards[0].slot), "%.10s",
				 list[i]->d_name);
			find_home(&cards[n_cards]);
			attribute(list[i]->d_name, "d3cold_allowed",
				  cards[n_cards].d3cold, sizeof(cards[0].d3cold));
			n_cards++;
		}
		free(list[i]);
	}
	free(list);
	if (n_cards < at_least)
		fail("%zu identical cards with audio, needed: %zu", n_cards, at_least);
}

void yard_give_to_host(struct card *c)
{
	for (int f = 0; f < 2; f++) {
		const char *name = yard_function(c, f);
		char path[128];
		int r;

		snprintf(path, sizeof(path), DEVICES "/%s/driver_override", name);
		r = file_put(path, "\n");
		snprintf(path, sizeof(path), DEVICES "/%s/driver/unbind", name);
		r = r ?: file_put(path, name);
		r = r ?: file_put("/sys/bus/pci/drivers_probe", name);
		if (r < 0)
			fail("%s by hand: %s", name, strerror(-r));
	}
	c->stays = false;
}

static void add_hostdev(struct text *t, const struct card *c, int function)
{
	unsigned int bus, slot;

	sscanf(c->slot, "0000:%x:%x", &bus, &slot);
	text_add(t,
		 "<hostdev mode='subsystem' type='pci' managed='no'><source>"
		 "<address domain='0x0000' bus='0x%02x' slot='0x%02x' function='0x%d'/>"
		 "</source></hostdev>\n",
		 bus, slot, function);
}

void yard_xml(const struct vm *v, struct text *t)
{
	text_add(t,
		 "<domain type='qemu'><name>%s</name><uuid>%s</uuid>\n"
		 "<memory unit='MiB'>16</memory><vcpu>1</vcpu>"
		 "<os><type arch='x86_64' machine='q35'>hvm</type></os>"
		 "<features><acpi/></features><on_poweroff>destroy</on_poweroff>\n"
		 "<devices><controller type='usb' model='none'/>"
		 "<memballoon model='none'/>\n",
		 v->name, v->uuid);
	if (yard_disk)
		text_add(t,
			 "<disk type='file' device='disk'>"
			 "<driver name='qemu' type='raw'/><source file='%s'/>"
			 "<target dev='vda' bus='virtio'/><readonly/></disk>\n",
			 yard_disk);
	if (v->port)
		text_add(t,
			 "<interface type='network'>"
			 "<mac address='52:54:00:00:01:%02x'/>"
			 "<source network='default'/><model type='virtio'/>"
			 "<rom enabled='no'/></interface>\n",
			 v->address);
	for (size_t i = 0; i < v->n_want; i++)
		for (int f = 0; f < (v->whole ? 2 : 1); f++)
			add_hostdev(t, &cards[v->want[i]], f);
	text_add(t, "</devices></domain>\n");
}

static void add_list(struct text *t, const char *key, unsigned int mask,
		     const char *const names[])
{
	if (!mask)
		return;
	text_add(t, "%s =", key);
	for (size_t i = 0; i < SHARED; i++)
		if (mask & (1u << i))
			text_add(t, " %s", names[i]);
	text_add(t, "\n");
}

static void write_ini(const struct vm *v)
{
	struct text t = { 0 };
	char path[128];

	const char *other_d3cold =
		cards[0].d3cold[0] == '1' ? "d3cold = off\n" : "d3cold = on\n";

	text_add(&t, "[devices]\ngive-back = %s\n%s%s", v->gives_back ? "yes" : "no",
		 v->waits ? "in-use = wait 60s\n" : "", v->d3cold ? other_d3cold : "");
	add_list(&t, "stop-units", v->units, shared_units);
	add_list(&t, "unload", v->modules, shared_modules);
	if (v->port)
		text_add(&t,
			 "[network]\naddress = 192.168.122.%u\n"
			 "[forward a]\nlisten = %u\nto = 22\nrequired = yes\n%s",
			 v->address, v->port, v->local ? "local = yes\n" : "");
	snprintf(path, sizeof(path), INI "/%s.ini", v->name);
	if (file_put(path, t.s) < 0)
		fail("%s cannot be written", path);
	text_free(&t);
}

/* one virsh for all: under emulation it starts for 0.2 s */
static void tell_libvirt(const char *verb, const struct vm *v, size_t n)
{
	struct text words = { 0 }, said = { 0 };
	char path[64];

	for (size_t i = 0; i < n; i++) {
		struct text xml = { 0 };

		snprintf(path, sizeof(path), "/tmp/%s.xml", v[i].name);
		yard_xml(&v[i], &xml);
		if (file_put(path, xml.s) < 0)
			fail("%s cannot be written", path);
		text_free(&xml);
		text_add(&words, "%s %s;", verb,
			 strcmp(verb, "define") == 0 ? path : v[i].name);
	}
	if (run_quietly(&said, "/usr/bin/virsh", "-q", words.s, NULL) != 0)
		fail("virsh %s: %s", verb, said.s);
	text_free(&words);
	text_free(&said);
}

void yard_define(const struct vm *v, size_t n)
{
	tell_libvirt("define", v, n);
	for (size_t i = 0; i < n; i++)
		write_ini(&v[i]);
}

void yard_forget(const struct vm *v, size_t n)
{
	char path[128];

	tell_libvirt("undefine", v, n);
	for (size_t i = 0; i < n; i++) {
		snprintf(path, sizeof(path), INI "/%s.ini", v[i].name);
		unlink(path);
		snprintf(path, sizeof(path), "/tmp/%s.xml", v[i].name);
		unlink(path);
	}
}

static void systemctl(const char *verb, const char *unit)
{
	struct text said = { 0 };

	if (run_quietly(&said, "/usr/bin/systemctl", "-q", verb, unit, NULL) != 0)
		fail("systemctl %s: %s", verb, said.s);
	text_free(&said);
}

void yard_open(void)
{
	char path[128];

	for (size_t i = 0; i < SHARED; i++) {
		snprintf(path, sizeof(path), UNITS "/%s", shared_units[i]);
		if (file_put(path, "[Service]\nExecStart=/bin/sleep infinity\n") < 0)
			fail("%s cannot be written", path);
		if (run_quietly(NULL, "/sbin/modprobe", shared_modules[i], NULL) != 0)
			fail("modprobe %s", shared_modules[i]);
	}
	systemctl("daemon-reload", NULL);
	for (size_t i = 0; i < SHARED; i++)
		systemctl("start", shared_units[i]);
}

void yard_close(void)
{
	char path[128];

	for (size_t i = 0; i < SHARED; i++) {
		systemctl("stop", shared_units[i]);
		snprintf(path, sizeof(path), UNITS "/%s", shared_units[i]);
		unlink(path);
		run_quietly(NULL, "/sbin/modprobe", "-r", shared_modules[i], NULL);
	}
	systemctl("daemon-reload", NULL);
}

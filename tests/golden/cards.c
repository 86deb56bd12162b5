// SPDX-License-Identifier: GPL-2.0-or-later
/* cards.c - a few lines that say which cards a host has, made into a folder like /sys */

#include "cards.h"

#include "bdf.h"
#include "file.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PCI       "sys/bus/pci/devices/"
#define BUS       "sys/class/mdev_bus/"
#define MDEVS     "sys/bus/mdev/devices/"
#define LEDGERS   "run/virt-handoff/ledger/"
#define FIRST_VF  4
#define WORDS_MAX 12

/**
 * struct making - cards_make() at work
 * @card:    Name of the last card, with @vfs virtual functions, on @driver
 * @domains: How many domains and ledgers there are, for their UUIDs
 * @word:    Of the line, @n of them; @rest begins at the fifth
 */
struct making {
	int root;
	char card[32], driver[32];
	unsigned int vfs, domains;
	char *word[WORDS_MAX], rest[128];
	size_t n;
};

static int parents_of(int root, const char *path)
{
	char folder[PATH_LEN], *slash;
	int r = text_copy(folder, sizeof(folder), path);

	slash = r == 0 ? strrchr(folder, '/') : NULL;
	if (slash)
		*slash = '\0';
	return r == 0 && slash ? file_make_dirs(root, folder) : r;
}

static int append(int root, const char *path, const char *text, int flags)
{
	CLEANUP(close_fd) int fd = -1;
	int r = parents_of(root, path);

	if (r < 0)
		return r;
	fd = openat(root, path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0600);
	if (fd < 0)
		return -errno;
	return write(fd, text, strlen(text)) == (ssize_t)strlen(text) ? 0 : -EIO;
}

int cards_write(int root, const char *path, const char *text)
{
	return append(root, path, text, O_TRUNC);
}

/* a file of a device: "0x10de" into "0000:e8:00.0", "vendor" */
static int PRINTF(4, 5) attr(struct making *m, const char *device, const char *name,
			     const char *format, ...)
{
	char path[PATH_LEN], text[1024];
	va_list args;
	int r = text_format(path, sizeof(path), "%s%s/%s",
			    strchr(device, ':') ? PCI : BUS, device, name);

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return r < 0 ? r : cards_write(m->root, path, text);
}

static int PRINTF(3, 4)
	link_to(struct making *m, const char *target, const char *format, ...)
{
	char path[PATH_LEN];
	va_list args;
	int r;

	va_start(args, format);
	vsnprintf(path, sizeof(path), format, args);
	va_end(args);
	r = parents_of(m->root, path);
	unlinkat(m->root, path, 0);
	return r < 0 ? r : symlinkat(target, m->root, path) < 0 ? -errno : 0;
}

static int on_driver(struct making *m, const char *device, const char *driver)
{
	char target[PATH_LEN];
	int r = text_format(target, sizeof(target), "../../../bus/pci/drivers/%s",
			    driver);

	if (strcmp(driver, "-") == 0)
		return 0;
	return r < 0 ? r : link_to(m, target, PCI "%s/driver", device);
}

static int function(struct making *m, const char *name, const char *id)
{
	int r = attr(m, name, "vendor", "0x%.4s\n", id);

	if (r == 0)
		r = attr(m, name, "device", "0x%s\n", id + 5);
	return r < 0 ? r : attr(m, name, "class", "0x030200\n");
}

static void vf_name(const struct making *m, unsigned int i, char ret[static BDF_LEN])
{
	struct bdf b = { 0 };

	if (bdf_parse(m->card, &b) < 0)
		abort();
	i += FIRST_VF;
	b.slot = (uint8_t)(i / 8);
	b.function = (uint8_t)(i % 8);
	bdf_format(&b, ret);
}

/* a parent of the last card: a virtual function, or the card when it has none */
static const char *parent(const struct making *m, unsigned int i,
			  char buffer[static BDF_LEN])
{
	if (m->vfs == 0)
		return m->card;
	vf_name(m, i, buffer);
	return buffer;
}

static int make_vfs(struct making *m, const char *id)
{
	char vf[BDF_LEN], target[PATH_LEN];
	int r = 0;

	for (unsigned int i = 0; i < m->vfs && r == 0; i++) {
		vf_name(m, i, vf);
		r = function(m, vf, id);
		if (r == 0)
			r = on_driver(m, vf, m->driver);
		if (r == 0)
			r = text_format(target, sizeof(target), "../%s", m->card);
		if (r == 0)
			r = link_to(m, target, PCI "%s/physfn", vf);
		if (r == 0)
			r = text_format(target, sizeof(target), "../%s", vf);
		if (r == 0)
			r = link_to(m, target, PCI "%s/virtfn%u", m->card, i);
	}
	return r;
}

static int make_card(struct making *m)
{
	int r = text_copy(m->card, sizeof(m->card), m->word[1]);

	if (r == 0)
		r = text_copy(m->driver, sizeof(m->driver), m->word[3]);
	m->vfs = (unsigned int)atoi(m->word[5]);
	if (r < 0 || !strchr(m->card, ':'))
		return r < 0 ? r : attr(m, m->card, "uevent", "%s", "");
	r = function(m, m->card, m->word[2]);
	if (r == 0)
		r = on_driver(m, m->card, m->driver);
	if (r == 0 && atoi(m->word[4]) > 0)
		r = attr(m, m->card, "sriov_totalvfs", "%s\n", m->word[4]);
	return r < 0 ? r : make_vfs(m, m->word[2]);
}

/* a virtual function that is on another driver has no types */
static bool is_astray(const struct making *m, const char *device)
{
	char path[PATH_LEN], driver[32] = "-";

	if (m->vfs == 0)
		return false;
	snprintf(path, sizeof(path), PCI "%s/driver", device);
	if (file_link_name(m->root, path, driver, sizeof(driver)) < 0)
		return true;
	return strcmp(driver, m->driver) != 0;
}

static int make_mdev_type(struct making *m)
{
	char buffer[BDF_LEN], path[PATH_LEN];
	int r = 0;

	for (unsigned int i = 0; i < (m->vfs ?: 1) && r == 0; i++) {
		const char *p = parent(m, i, buffer);
		size_t len = (size_t)snprintf(path, sizeof(path),
					      "mdev_supported_types/%s/", m->word[1]);

		if (is_astray(m, p))
			continue;
		strcpy(path + len, "name");
		r = attr(m, p, path, "%s\n", m->rest);
		strcpy(path + len, "available_instances");
		if (r == 0)
			r = attr(m, p, path, "%s\n", m->word[2]);
		strcpy(path + len, "description");
		if (r == 0 && strcmp(m->word[3], "-") != 0)
			r = attr(m, p, path,
				 "num_heads=4, framebuffer=%sM, max_instance=%s\n",
				 m->word[4], m->word[3]);
	}
	return r;
}

static int make_vendor_type(struct making *m)
{
	char vf[BDF_LEN], path[PATH_LEN], line[160] = "ID    : vGPU Name\n";
	int r = 0;

	if (m->n > 1)
		snprintf(line, sizeof(line), "%s : %s\n", m->word[1], m->rest);
	for (unsigned int i = 0; i < m->vfs && r == 0; i++) {
		vf_name(m, i, vf);
		if (is_astray(m, vf))
			continue;
		snprintf(path, sizeof(path), PCI "%s/nvidia/creatable_vgpu_types", vf);
		r = attr(m, vf, "nvidia/current_vgpu_type", "0\n");
		if (r == 0)
			r = append(m->root, path, line, O_APPEND);
	}
	return r;
}

static int make_driver(struct making *m)
{
	return on_driver(m, m->word[1], m->word[2]);
}

static int make_free(struct making *m)
{
	char path[PATH_LEN];
	int r = text_format(path, sizeof(path),
			    "mdev_supported_types/%s/available_instances", m->word[2]);

	return r < 0 ? r : attr(m, m->word[1], path, "%s\n", m->word[3]);
}

static int make_mdev(struct making *m)
{
	bool pci = strchr(m->word[2], ':');
	char target[PATH_LEN];
	int r = text_format(target, sizeof(target), "../mdev_supported_types/%s",
			    m->word[3]);

	if (r == 0)
		r = link_to(m, target, "%s%s/%s/mdev_type", pci ? PCI : BUS, m->word[2],
			    m->word[1]);
	if (r == 0)
		r = text_format(target, sizeof(target), "../../../%s%s/%s",
				(pci ? PCI : BUS) + 4, m->word[2], m->word[1]);
	return r < 0 ? r : link_to(m, target, MDEVS "%s", m->word[1]);
}

static int make_current(struct making *m)
{
	return attr(m, m->word[1], "nvidia/current_vgpu_type", "%s\n", m->word[2]);
}

static void hostdev(const char *word, char *xml, size_t size)
{
	size_t len = strlen(xml);
	struct bdf b;

	if (bdf_parse(word, &b) == 0)
		snprintf(
			xml + len, size - len,
			"<hostdev mode='subsystem' type='pci' managed='no'><source><address domain='0x%04x' bus='0x%02x' slot='0x%02x' function='0x%x'/></source></hostdev>\n",
			b.domain, b.bus, b.slot, b.function);
	else
		snprintf(
			xml + len, size - len,
			"<hostdev mode='subsystem' type='mdev' model='vfio-pci'><source><address uuid='%s'/></source></hostdev>\n",
			word);
}

static int make_domain(struct making *m)
{
	char xml[8192], path[PATH_LEN];
	int r = text_format(path, sizeof(path), "etc/libvirt/qemu/%s.xml", m->word[1]);

	snprintf(
		xml, sizeof(xml),
		"<domain type='kvm'>\n<name>%s</name>\n<uuid>00000000-0000-4000-8000-%012u</uuid>\n<devices>\n",
		m->word[1], ++m->domains);
	for (size_t i = 2; i < m->n; i++)
		hostdev(m->word[i], xml, sizeof(xml));
	strcat(xml, "</devices>\n</domain>\n");
	return r < 0 ? r : cards_write(m->root, path, xml);
}

/* of the VM that is the line's first word, with these lines behind its head */
static int write_ledger(struct making *m, const char *lines)
{
	char text[1024], path[PATH_LEN];
	unsigned int n = ++m->domains;
	int r = text_format(path, sizeof(path), LEDGERS "00000000-0000-4000-8000-%012u",
			    n);

	snprintf(
		text, sizeof(text),
		"virt-handoff-ledger 1\nuuid\t00000000-0000-4000-8000-%012u\nname\t%s\ndeadline\t30000\n%s",
		n, m->word[1], lines);
	return r < 0 ? r : cards_write(m->root, path, text);
}

static int make_ledger(struct making *m)
{
	char lines[512];

	snprintf(lines, sizeof(lines), "step\t%s\t%s\tnone\t%s\tback\nwill 0 5000\n",
		 m->word[2], m->word[3], m->rest);
	return write_ledger(m, lines);
}

/* one that has a function whole */
static int make_claim(struct making *m)
{
	char lines[512];

	snprintf(
		lines, sizeof(lines),
		"claim\t%s\nstep\tdriver\t%s\tnvidia\tvfio-pci override=vfio-pci\tback\n",
		m->word[2], m->word[2]);
	return write_ledger(m, lines);
}

static int make_line(struct making *m)
{
	static const struct {
		const char *word;
		size_t least, rest; /* words; the name begins at @rest */
		int (*make)(struct making *m);
	} lines[] = {
		{ "card", 6, 6, make_card },          { "mdev", 6, 5, make_mdev_type },
		{ "vendor", 1, 2, make_vendor_type }, { "driver", 3, 3, make_driver },
		{ "free", 4, 4, make_free },          { "there", 4, 4, make_mdev },
		{ "current", 3, 3, make_current },    { "domain", 2, 2, make_domain },
		{ "ledger", 5, 4, make_ledger },      { "claim", 3, 3, make_claim },
	};

	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		if (strcmp(lines[i].word, m->word[0]) != 0 || m->n < lines[i].least)
			continue;
		m->rest[0] = '\0';
		for (size_t k = lines[i].rest; k < m->n; k++)
			snprintf(m->rest + strlen(m->rest),
				 sizeof(m->rest) - strlen(m->rest), "%s%s",
				 k > lines[i].rest ? " " : "", m->word[k]);
		return lines[i].make(m);
	}
	return -EINVAL;
}

int cards_make(int root, char *text, char ret_why[static WHY_LEN])
{
	struct making m = { .root = root };
	char *line, *word, copy[256];
	int r = 0;

	while (r == 0 && (line = strsep(&text, "\n"))) {
		snprintf(copy, sizeof(copy), "%s", line);
		m.n = 0;
		while (m.n < WORDS_MAX && (word = strsep(&line, " \t")))
			if (word[0])
				m.word[m.n++] = word;
		if (m.n > 0 && m.word[0][0] != '#')
			r = make_line(&m);
		if (r < 0)
			why(ret_why, "%s: %s", copy, strerror(-r));
	}
	return r;
}

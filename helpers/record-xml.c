// SPDX-License-Identifier: GPL-2.0-or-later
/* record-xml.c - of libvirt's XML files what the suite reads, and nothing else */

#include "record.h"

#include "text.h"

#include <ctype.h>
#include <expat.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 32
#define KEPT      "blanked"
#define SHOWN_LEN 64

/*
 * Elements that come along, with the attributes that do. What is not here may be a
 * password, a path or what somebody thinks about a tenant.
 */
static const struct element {
	const char *name;
	const char *attributes; /* blank-separated */
	bool text; /* what stands in it comes along */
} elements[] = {
	/* a domain */
	{ "domain", "type", false },
	{ "domstatus", "state", false },
	{ "name", "", true },
	{ "uuid", "", true },
	{ "memory", "unit mode nodeset", true },
	{ "vcpu", "placement cpuset", true },
	{ "os", "", false },
	{ "type", "arch machine", true },
	{ "features", "", false },
	{ "kvm", "", false },
	{ "hidden", "state", false },
	{ "cpu", "mode", false },
	{ "numa", "", false },
	{ "cell", "id cpus memory unit memAccess", false },
	{ "cputune", "", false },
	{ "vcpupin", "vcpu cpuset", false },
	{ "numatune", "", false },
	{ "memoryBacking", "", false },
	{ "hugepages", "", false },
	{ "page", "size unit", false },
	{ "access", "mode", false },
	{ "source", "type network bridge dev uuid", false },
	{ "devices", "", false },
	{ "hostdev", "mode type managed model display", false },
	{ "driver", "name type model", false },
	{ "address", "type domain bus slot function uuid multifunction", false },
	{ "interface", "type managed", false },
	{ "mac", "address", false },
	{ "filesystem", "type accessmode", false },
	{ "target", "dir", false },
	{ "rom", "bar", false },
	{ "qemu:commandline", "", false },
	{ "qemu:arg", "value", false },
	{ "qemu:override", "", false },
	{ "qemu:device", "alias", false },
	{ "qemu:frontend", "", false },
	{ "qemu:property", "name type value", false },
	/* a network */
	{ "network", "", false },
	{ "networkstatus", "", false },
	{ "forward", "mode dev", false },
	{ "bridge", "name", false },
	{ "ip", "family address netmask prefix", false },
	{ "dhcp", "", false },
	{ "range", "start end", false },
	{ "host", "mac ip id", false },
};

/**
 * struct filter - One file
 * @depth:   Elements that are open; the last @skipped of them do not come along
 */
struct filter {
	XML_Parser parser;
	FILE *to;
	unsigned int depth, skipped;
	const struct element *open[DEPTH_MAX];
};

static const struct element *find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(elements); i++)
		if (strcmp(elements[i].name, name) == 0)
			return &elements[i];
	return NULL;
}

static void print_text(FILE *to, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		switch (text[i]) {
		case '<':
			fputs("&lt;", to);
			break;
		case '>':
			fputs("&gt;", to);
			break;
		case '&':
			fputs("&amp;", to);
			break;
		case '\'':
			fputs("&apos;", to);
			break;
		case '\n':
			break;
		default:
			fputc(text[i], to);
		}
}

static bool has_word(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (const char *p = list; (p = strstr(p, word)); p += len)
		if ((p == list || p[-1] == ' ') && (p[len] == ' ' || !p[len]))
			return true;
	return false;
}

/* people write UUIDs in capitals too, libvirt takes them */
static bool is_uuid(const char *value)
{
	char uuid[UUID_LEN];

	if (text_copy(uuid, sizeof(uuid), value) < 0)
		return false;
	for (char *p = uuid; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	return text_is_uuid(uuid);
}

/* "type=1,manufacturer=...,uuid=UUID" of -smbios, without what else it says */
static const char *smbios(const char *value, char ret[static SHOWN_LEN])
{
	static const char begin[] = "type=1,", key[] = ",uuid=";
	const char *uuid = strstr(value, key);
	char word[UUID_LEN];

	if (strncmp(value, begin, strlen(begin)) != 0 || !uuid)
		return NULL;
	snprintf(word, sizeof(word), "%s", uuid + strlen(key));
	snprintf(ret, SHOWN_LEN, "%suuid=%s", begin, is_uuid(word) ? word : KEPT);
	return ret;
}

/* of QEMU's own arguments only those that bear on a card or on the UUID: see guest-domain.c */
static const char *argument(const char *value, char ret[static SHOWN_LEN])
{
	static const char *const words[] = { "-uuid", "--uuid", "-smbios",
					     "-set",  "true",   "on" };
	static const char *const parts[] = { "x-vga=on", "x-vga=true" };

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcmp(value, words[i]) == 0)
			return words[i];
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		if (strstr(value, parts[i]))
			return parts[i];
	return is_uuid(value) ? value : smbios(value, ret) ?: KEPT;
}

static void XMLCALL on_start(void *data, const char *name, const char **attrs)
{
	struct filter *f = data;
	const struct element *e = find(name);

	if (f->skipped || !e || f->depth == DEPTH_MAX) {
		f->skipped++;
		return;
	}
	f->open[f->depth++] = e;
	fprintf(f->to, "<%s", name);
	/* the domain's prefix of QEMU */
	if (strcmp(name, "domain") == 0)
		fputs(" xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'", f->to);
	for (; attrs[0]; attrs += 2) {
		const char *value = attrs[1];
		char buffer[SHOWN_LEN];

		if (!has_word(e->attributes, attrs[0]))
			continue;
		if (strncmp(name, "qemu:", 5) == 0 && strcmp(attrs[0], "value") == 0)
			value = argument(value, buffer);
		fprintf(f->to, " %s='", attrs[0]);
		print_text(f->to, value, strlen(value));
		fputc('\'', f->to);
	}
	fputs(e->text ? ">" : ">\n", f->to);
}

static void XMLCALL on_end(void *data, const char *name)
{
	struct filter *f = data;

	if (f->skipped) {
		f->skipped--;
		return;
	}
	fprintf(f->to, "</%s>\n", name);
	f->depth--;
}

static void XMLCALL on_text(void *data, const char *text, int len)
{
	struct filter *f = data;

	if (!f->skipped && f->depth && f->open[f->depth - 1]->text)
		print_text(f->to, text, (size_t)len);
}

/* without a document type no entity can be declared, so nothing grows while it is read */
static void XMLCALL on_doctype(void *data, const char *name, const char *sysid,
			       const char *pubid, int has_internal_subset)
{
	(void)name;
	(void)sysid;
	(void)pubid;
	(void)has_internal_subset;
	XML_StopParser(((struct filter *)data)->parser, XML_FALSE);
}

static bool filter(const char *xml, size_t len, FILE *to)
{
	XML_Parser p = XML_ParserCreate(NULL);
	struct filter f = { .parser = p, .to = to };
	bool ok;

	if (!p)
		return false;
	XML_SetUserData(p, &f);
	XML_SetElementHandler(p, on_start, on_end);
	XML_SetCharacterDataHandler(p, on_text);
	XML_SetStartDoctypeDeclHandler(p, on_doctype);
	ok = XML_Parse(p, xml, (int)len, XML_TRUE) == XML_STATUS_OK;
	XML_ParserFree(p);
	return ok;
}

void record_xml(struct recording *r, const char *path)
{
	size_t len = 0, size;
	CLEANUP(free_ptr) char *xml = record_read(r, path, &len);
	char *text = NULL;
	FILE *to = xml ? open_memstream(&text, &size) : NULL;
	bool ok;

	if (!to)
		return;
	ok = filter(xml, len, to);
	if (fclose(to) == 0) /* one that is broken is found to be broken there too */
		record_text(r, path, text, ok || size == 0 ? size : size - 1);
	free(text);
}

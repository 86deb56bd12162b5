// SPDX-License-Identifier: GPL-2.0-or-later
/* domain-text.c - where the parts of a domain XML stand */

#include "domain-text.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <expat.h>

#define DEPTH_MAX 8 /* domain/devices/hostdev/source/address is 5 */

/**
 * struct reading - One run of the parser
 * @path:    Names of the open elements, "domain/devices/hostdev"
 * @depth:   How many they are
 * @skipped: Open elements below them: too deep, or with a name that is too long
 * @from, @to: The line that was looked for last: a text may be one line, with many elements
 * @begin:   Of the <hostdev> that is open
 * @function: It is PCI or, with @mdev, a mediated device
 * @bdf:     What it says of its source, when @found
 */
struct reading {
	XML_Parser parser;
	const char *xml;
	size_t len;
	struct domain_text text;
	char path[256];
	unsigned int depth, skipped;
	size_t from, to;
	size_t begin;
	struct bdf bdf;
	char uuid[UUID_LEN];
	bool function, mdev, found;
	int r;
};

static void find_line(struct reading *x, size_t at)
{
	const char *newline;

	if (at >= x->from && at < x->to)
		return;
	newline = memchr(x->xml + at, '\n', x->len - at);
	x->to = newline ? (size_t)(newline - x->xml) + 1 : x->len;
	while (at > 0 && x->xml[at - 1] != '\n')
		at--;
	x->from = at;
}

static size_t line_begin(struct reading *x, size_t at)
{
	find_line(x, at);
	return x->from;
}

static size_t line_end(struct reading *x, size_t at)
{
	find_line(x, at);
	return x->to;
}

/* lines are what is edited: nothing else may stand on this one */
static bool is_blank(const char *from, const char *to)
{
	return from + strspn(from, " \t") >= to;
}

static const char *attribute_or(const char *const *attrs, const char *name,
				const char *absent)
{
	for (; attrs[0]; attrs += 2)
		if (strcmp(attrs[0], name) == 0)
			return attrs[1];
	return absent;
}

static const char *attribute(const char *const *attrs, const char *name)
{
	return attribute_or(attrs, name, "");
}

/* As libvirt and guest_parse() read it: 0x is hexadecimal, 0 in front is octal */
static bool read_number(const char *const *attrs, const char *name, uint64_t max,
			uint64_t *ret)
{
	const char *text = attribute(attrs, name);
	char *end;

	errno = 0;
	*ret = strtoull(text, &end, 0);
	return isdigit((unsigned char)*text) && !*end && !errno && *ret <= max;
}

/* What is given by PCI address or UUID; a USB device has an address too */
static void read_type(struct reading *x, const char *const *attrs)
{
	const char *mode = attribute_or(attrs, "mode", "subsystem");
	const char *type = attribute(attrs, "type");

	x->mdev = strcmp(type, "mdev") == 0;
	x->function =
		strcmp(mode, "subsystem") == 0 && (strcmp(type, "pci") == 0 || x->mdev);
}

static void read_address(struct reading *x, const char *const *attrs)
{
	const char *uuid = attribute(attrs, "uuid");
	uint64_t domain, bus, slot, function;

	if (x->mdev) {
		x->found = text_is_uuid(uuid) &&
			   text_copy(x->uuid, sizeof(x->uuid), uuid) == 0;
		return;
	}
	x->found = read_number(attrs, "domain", 0xffffff, &domain) &&
		   read_number(attrs, "bus", 0xff, &bus) &&
		   read_number(attrs, "slot", 0x1f, &slot) &&
		   read_number(attrs, "function", 7, &function);
	if (x->found)
		x->bdf = (struct bdf){ (uint32_t)domain, (uint8_t)bus, (uint8_t)slot,
				       (uint8_t)function };
}

/* expat 2.9 calls the older function deprecated */
static size_t place(const struct reading *x)
{
#if XML_MAJOR_VERSION > 2 || XML_MINOR_VERSION >= 9
	return (size_t)XML_GetCurrentByteIndex64(x->parser);
#else
	return (size_t)XML_GetCurrentByteIndex(x->parser);
#endif
}

static void on_start(void *data, const char *name, const char **attrs)
{
	struct reading *x = data;
	size_t len = strlen(x->path);
	size_t at = place(x);

	if (x->skipped || x->depth == DEPTH_MAX ||
	    len + strlen(name) + 2 > sizeof(x->path)) {
		x->skipped++;
		return;
	}
	x->depth++;
	if (len)
		x->path[len++] = '/';
	strcpy(x->path + len, name);
	if (strcmp(x->path, "domain/devices/hostdev") == 0) {
		x->begin = at;
		read_type(x, attrs);
		x->found = false;
		x->uuid[0] = '\0';
	} else if (strcmp(x->path, "domain/devices/hostdev/source/address") == 0 &&
		   x->function) {
		read_address(x, attrs);
	} else if (strcmp(x->path, "domain/cputune/vcpupin") == 0 ||
		   strcmp(x->path, "domain/numatune") == 0) {
		x->text.pinned = true;
	} else if (strcmp(x->path, "domain/cputune") == 0) {
		x->text.tuned = true;
		x->text.cputune = line_end(x, at);
	}
}

static void add_hostdev(struct reading *x, size_t end)
{
	struct domain_text *t = &x->text;
	void *more = reallocarray(t->hostdev, t->n + 1, sizeof(*t->hostdev));

	if (!more) {
		x->r = -ENOMEM;
		return;
	}
	t->hostdev = more;
	t->hostdev[t->n] = (struct domain_hostdev){
		.bdf = x->bdf,
		.from = line_begin(x, x->begin),
		.to = line_end(x, end),
	};
	memcpy(t->hostdev[t->n].uuid, x->uuid, sizeof(x->uuid));
	if (!is_blank(x->xml + t->hostdev[t->n].from, x->xml + x->begin))
		x->r = -EINVAL;
	t->n++;
}

static void on_end(void *data, const char *name)
{
	struct reading *x = data;
	size_t at = place(x);
	char *slash = strrchr(x->path, '/');

	(void)name;
	if (x->skipped) {
		x->skipped--;
		return;
	}
	x->depth--;
	if (strcmp(x->path, "domain/devices/hostdev") == 0 && x->found) {
		add_hostdev(x, at);
	} else if (strcmp(x->path, "domain/devices") == 0) {
		x->text.devices_end = line_begin(x, at);
		if (!is_blank(x->xml + x->text.devices_end, x->xml + at))
			x->r = -EINVAL;
	} else if (strcmp(x->path, "domain/vcpu") == 0) {
		x->text.vcpu_end = line_end(x, at);
	}
	if (slash)
		*slash = '\0';
	else
		x->path[0] = '\0';
}

int domain_text_look(const char *xml, struct domain_text *ret)
{
	struct reading x = { .xml = xml, .len = strlen(xml) };

	x.parser = XML_ParserCreate(NULL);
	if (!x.parser)
		return -ENOMEM;
	XML_SetUserData(x.parser, &x);
	XML_SetElementHandler(x.parser, on_start, on_end);
	if (XML_Parse(x.parser, xml, (int)x.len, 1) != XML_STATUS_OK)
		x.r = -EINVAL;
	XML_ParserFree(x.parser);
	if (x.r == 0 && x.text.devices_end == 0)
		x.r = -EINVAL;
	if (x.r < 0) {
		domain_text_free(&x.text);
		return x.r;
	}
	*ret = x.text;
	return 0;
}

void domain_text_free(struct domain_text *t)
{
	free(t->hostdev);
	*t = (struct domain_text){ 0 };
}

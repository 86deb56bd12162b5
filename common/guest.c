// SPDX-License-Identifier: GPL-2.0-or-later
/* guest.c - read a libvirt domain XML with expat, within bounds */

#include "guest.h"

#include "guest-reader.h"

#include <ctype.h>
#include <errno.h>
#include <expat.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Theory of operation
 *
 * An element counts only at its place: the tables of guest-domain.c and guest-device.c
 * say which name below which place is which place, so a <hostdev> in <metadata> is
 * nothing. Each place has at most one function for its start, which looks at attributes,
 * and one for its end, which looks at the text in it. What a device says is gathered in
 * the reader and appended to the guest when its element ends.
 *
 * After the first refusal, or when all that is wanted is there, expat is stopped; it may
 * still end the element it is in, so every handler looks at r->error first.
 */

/* expat 2.9 calls the older function deprecated */
static unsigned long line_of(XML_Parser parser)
{
#if XML_MAJOR_VERSION > 2 || XML_MINOR_VERSION >= 9
	return (unsigned long)XML_GetCurrentLineNumber64(parser);
#else
	return (unsigned long)XML_GetCurrentLineNumber(parser);
#endif
}

void guest_refuse(struct guest_reader *r, int error, const char *format, ...)
{
	char what[WHY_LEN];
	va_list args;

	if (r->error)
		return;
	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	why(r->ret_why, "domain XML, line %lu: %s", line_of(r->parser), what);
	r->error = error;
	XML_StopParser(r->parser, XML_FALSE);
}

const char *guest_attr(const char **attrs, const char *name)
{
	for (; *attrs; attrs += 2)
		if (!strcmp(attrs[0], name))
			return attrs[1];
	return NULL;
}

bool guest_attr_is(const char **attrs, const char *name, const char *value)
{
	const char *have = guest_attr(attrs, name);

	return have && !strcmp(have, value);
}

void guest_keep(struct guest_reader *r, const char *what, const char *value, char *dst,
		size_t size)
{
	if (!text_is_clean(value)) {
		guest_refuse(r, -EINVAL, "%s has a control character in it", what);
		return;
	}
	if (text_copy(dst, size, value))
		guest_refuse(r, -E2BIG, "%s is longer than %zu bytes", what, size - 1);
}

void guest_keep_attr(struct guest_reader *r, const char **attrs, const char *name,
		     char *dst, size_t size)
{
	const char *value = guest_attr(attrs, name);
	char what[32];

	if (!value)
		return;
	snprintf(what, sizeof(what), "attribute '%s'", name);
	guest_keep(r, what, value, dst, size);
}

void guest_keep_uuid(struct guest_reader *r, const char *value, char dst[static UUID_LEN])
{
	char uuid[UUID_LEN];

	if (!text_copy(uuid, sizeof(uuid), value)) {
		for (char *p = uuid; *p; p++)
			*p = (char)tolower((unsigned char)*p);
		if (text_is_uuid(uuid)) {
			memcpy(dst, uuid, UUID_LEN);
			return;
		}
	}
	guest_refuse(r, -EINVAL, "'%.64s' is not a UUID", value);
}

void *guest_room(struct guest_reader *r, void *list, size_t n, size_t max, size_t size,
		 const char *what)
{
	void *more;

	if (r->error)
		return NULL;
	if (n >= max) {
		guest_refuse(r, -E2BIG, "more than %zu %s are not taken", max, what);
		return NULL;
	}
	if (n & (n - 1))
		return list;
	more = reallocarray(list, n ? 2 * n : 1, size);
	if (!more)
		guest_refuse(r, -ENOMEM, "no memory for the list of %s", what);
	return more;
}

static const struct guest_element *find_element(const struct guest_elements *table,
						enum guest_place parent, const char *name)
{
	for (size_t i = 0; i < table->n; i++)
		if (table->list[i].parent == parent && !strcmp(table->list[i].name, name))
			return &table->list[i];
	return NULL;
}

static void XMLCALL on_start(void *data, const char *name, const char **attrs)
{
	struct guest_reader *r = data;
	const struct guest_element *above, *e = NULL;

	if (r->error)
		return;
	if (r->depth == GUEST_DEPTH_MAX) {
		guest_refuse(r, -E2BIG, "more than %d levels of elements are not taken",
			     GUEST_DEPTH_MAX);
		return;
	}
	above = r->depth ? r->stack[r->depth - 1] : NULL;
	if (!r->depth)
		e = find_element(&guest_domain_elements, GUEST_TOP, name);
	else if (above)
		e = find_element(&guest_domain_elements, above->place, name)
			    ?: find_element(&guest_device_elements, above->place, name);
	if (!r->depth && !e)
		guest_refuse(r, -EINVAL, "the first element is <%.64s> and not <domain>",
			     name);
	r->stack[r->depth++] = e;
	if (!e)
		return;
	if (e->text)
		r->text_len = 0;
	if (e->start)
		e->start(r, attrs);
}

static void XMLCALL on_text(void *data, const char *s, int len)
{
	struct guest_reader *r = data;
	const struct guest_element *e = r->depth ? r->stack[r->depth - 1] : NULL;

	if (r->error || !e || !e->text)
		return;
	if ((size_t)len >= sizeof(r->text) - r->text_len) {
		guest_refuse(r, -E2BIG, "the text of <%s> is longer than %zu bytes",
			     e->name, sizeof(r->text) - 1);
		return;
	}
	memcpy(r->text + r->text_len, s, (size_t)len);
	r->text_len += (size_t)len;
}

static void XMLCALL on_end(void *data, const char *name)
{
	struct guest_reader *r = data;
	const struct guest_element *e;

	(void)name;
	if (r->error)
		return;
	e = r->stack[--r->depth];
	if (!e || !e->end)
		return;
	r->text[e->text ? r->text_len : 0] = '\0';
	e->end(r);
	if (!r->error && r->name_only && r->g.name[0] && r->g.uuid[0]) {
		r->error = GUEST_ENOUGH;
		XML_StopParser(r->parser, XML_FALSE);
	}
}

/* Without a DTD no entity can be declared, so nothing grows while it is read. */
static void XMLCALL on_doctype(void *data, const char *name, const char *sysid,
			       const char *pubid, int has_internal_subset)
{
	(void)name;
	(void)sysid;
	(void)pubid;
	(void)has_internal_subset;
	guest_refuse(data, -EINVAL, "a document type is not taken; remove <!DOCTYPE>");
}

static int expat_error(struct guest_reader *r)
{
	enum XML_Error code = XML_GetErrorCode(r->parser);

	if (!r->error)
		guest_refuse(r, code == XML_ERROR_NO_MEMORY ? -ENOMEM : -EINVAL, "%s",
			     XML_ErrorString(code));
	return r->error;
}

static int read_all(struct guest_reader *r, const char *xml, size_t len)
{
	XML_SetUserData(r->parser, r);
	XML_SetElementHandler(r->parser, on_start, on_end);
	XML_SetCharacterDataHandler(r->parser, on_text);
	XML_SetStartDoctypeDeclHandler(r->parser, on_doctype);
	if (XML_Parse(r->parser, xml, (int)len, 1) != XML_STATUS_OK || r->error)
		return r->error == GUEST_ENOUGH ? 0 : expat_error(r);
	if (!r->g.name[0])
		guest_refuse(r, -EINVAL, "the domain has no <name>");
	else if (!r->g.uuid[0])
		guest_refuse(r, -EINVAL, "the domain has no <uuid>");
	return r->error;
}

/* what stands before the name, where libvirt does not write it */
static void drop_rest(struct guest *g)
{
	struct guest named = { 0 };

	memcpy(named.name, g->name, sizeof(named.name));
	memcpy(named.uuid, g->uuid, sizeof(named.uuid));
	guest_free(g);
	*g = named;
}

static int parse(const char *xml, size_t len, bool name_only, struct guest *g,
		 char ret_why[static WHY_LEN])
{
	struct guest_reader r = { .ret_why = ret_why, .name_only = name_only };
	int ret;

	if (len > GUEST_XML_MAX) {
		why(ret_why, "domain XML has %zu bytes; more than %u are not taken", len,
		    GUEST_XML_MAX);
		return -E2BIG;
	}
	r.parser = XML_ParserCreate(NULL);
	if (!r.parser) {
		why(ret_why, "no memory to read the domain XML");
		return -ENOMEM;
	}
	ret = read_all(&r, xml, len);
	XML_ParserFree(r.parser);
	if (name_only && !ret)
		drop_rest(&r.g);
	if (ret)
		guest_free(&r.g);
	else
		*g = r.g;
	return ret;
}

int guest_parse(const char *xml, size_t len, struct guest *g,
		char ret_why[static WHY_LEN])
{
	return parse(xml, len, false, g, ret_why);
}

int guest_parse_name(const char *xml, size_t len, struct guest *g,
		     char ret_why[static WHY_LEN])
{
	return parse(xml, len, true, g, ret_why);
}

const char *guest_typed(const struct guest *g)
{
	return text_typed(g->name, g->uuid);
}

void guest_free(struct guest *g)
{
	if (!g)
		return;
	free(g->hostdevs);
	free(g->disks);
	free(g->mdevs);
	free(g->nics);
	free(g->pins);
	free(g->filesystems);
	*g = (struct guest){ 0 };
}

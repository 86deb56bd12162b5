// SPDX-License-Identifier: GPL-2.0-or-later
/* network.c - what a libvirt network XML says of its bridge and of one guest's address */

#include "network.h"

#include "file.h"

#include <errno.h>
#include <expat.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define PLACE_LEN 128 /* what we look for stands at most four names deep */

/**
 * struct reader - One run of network_parse()
 * @parser:  Owned. expat's
 * @mac, @name: Of the guest
 * @place:   Names of the elements that we are in, "/network/ip/dhcp/host"; cut where it
 *           gets longer than what is looked for
 * @depth:   How many they are
 * @error:   First error, 0 so far
 * @seen:    There is a <network>
 * @found:   What was found
 */
struct reader {
	XML_Parser parser;
	const char *mac, *name;
	char place[PLACE_LEN];
	size_t depth, length[NETWORK_DEPTH_MAX];
	int error;
	bool seen;
	struct network found;
};

static void refuse(struct reader *r, int error)
{
	if (!r->error)
		r->error = error;
	XML_StopParser(r->parser, XML_FALSE);
}

static const char *attribute(const char **attrs, const char *name)
{
	for (; *attrs; attrs += 2)
		if (strcmp(attrs[0], name) == 0)
			return attrs[1];
	return NULL;
}

/* A reservation: for IPv4 by MAC, for IPv6 by name */
static void take_host(struct reader *r, const char **attrs)
{
	const char *mac = attribute(attrs, "mac"), *name = attribute(attrs, "name");
	const char *address = attribute(attrs, "ip");
	struct network *n = &r->found;
	struct ip ip;

	if (mac ? strcasecmp(mac, r->mac) != 0 : !name || strcmp(name, r->name) != 0)
		return;
	if (!address || ip_parse(address, &ip) < 0)
		return;
	for (size_t i = 0; i < n->n_ip; i++)
		if (n->ip[i].family == ip.family)
			return;
	n->ip[n->n_ip++] = ip;
}

static void XMLCALL on_start(void *data, const char *name, const char **attrs)
{
	struct reader *r = data;
	size_t len = strlen(r->place);

	if (r->error)
		return;
	if (r->depth == NETWORK_DEPTH_MAX) {
		refuse(r, -E2BIG);
		return;
	}
	r->length[r->depth++] = len;
	/* the status of a running network is wrapped around the network itself */
	if (r->depth == 1 && strcmp(name, "networkstatus") == 0)
		return;
	snprintf(r->place + len, sizeof(r->place) - len, "/%s", name);
	if (strcmp(r->place, "/network") == 0) {
		r->seen = true;
	} else if (strcmp(r->place, "/network/bridge") == 0) {
		const char *bridge = attribute(attrs, "name");

		if (bridge && !text_is_clean(bridge))
			refuse(r, -EINVAL);
		else if (bridge &&
			 text_copy(r->found.bridge, sizeof(r->found.bridge), bridge))
			refuse(r, -E2BIG);
	} else if (strcmp(r->place, "/network/ip/dhcp/host") == 0) {
		take_host(r, attrs);
	}
}

static void XMLCALL on_end(void *data, const char *name)
{
	struct reader *r = data;

	(void)name;
	if (!r->error)
		r->place[r->length[--r->depth]] = '\0';
}

static void XMLCALL on_doctype(void *data, const char *name, const char *sysid,
			       const char *pubid, int has_internal_subset)
{
	(void)name;
	(void)sysid;
	(void)pubid;
	(void)has_internal_subset;
	refuse(data, -EINVAL);
}

int network_parse(const char *xml, size_t len, const char *mac, const char *name,
		  struct network *ret)
{
	struct reader r = { .mac = mac, .name = name };

	if (len > NETWORK_XML_MAX)
		return -E2BIG;
	r.parser = XML_ParserCreate(NULL);
	if (!r.parser)
		return -ENOMEM;
	XML_SetUserData(r.parser, &r);
	XML_SetElementHandler(r.parser, on_start, on_end);
	XML_SetStartDoctypeDeclHandler(r.parser, on_doctype);
	if (XML_Parse(r.parser, xml, (int)len, 1) != XML_STATUS_OK && !r.error)
		r.error = -EINVAL;
	XML_ParserFree(r.parser);
	if (!r.error && !r.seen)
		r.error = -EINVAL;
	if (!r.error)
		*ret = r.found;
	return r.error;
}

int network_read(int root, const char *network, const char *mac, const char *name,
		 struct network *ret)
{
	static const char *const folders[] = { "run/libvirt/network",
					       "etc/libvirt/qemu/networks" };
	int r = -ENOENT;

	if (!text_is_name(network))
		return -ENOENT;
	for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
		CLEANUP(free_ptr) char *xml = NULL;
		CLEANUP(close_fd) int fd = -1;
		char path[PATH_LEN];
		ssize_t len;

		if (text_format(path, sizeof(path), "%s/%s.xml", folders[i], network) < 0)
			return -ENOENT;
		fd = openat(root, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
		if (fd < 0)
			continue;
		len = file_read_all(fd, NETWORK_XML_MAX, &xml);
		r = len < 0 ? (int)len : network_parse(xml, (size_t)len, mac, name, ret);
		if (r == 0)
			return 0;
	}
	return r;
}

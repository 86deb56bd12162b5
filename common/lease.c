// SPDX-License-Identifier: GPL-2.0-or-later
/* lease.c - addresses that libvirt's dnsmasq has given to a MAC, read by json-c */

#include "lease.h"

#include "file.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define DEPTH_MAX 8 /* an object of strings and numbers */
/*
 * A lease is some 200 bytes; with the longest client ID that a guest can send by DHCPv6, 65,535
 * bytes in hexadecimal, 192 KiB. In memory it is a hundred times what hostile JSON has.
 */
#define ONE_MAX (256 << 10)
#define ONE_MIN 16 /* a MAC alone has 17 */
#define BLANKS  " \t\r\n"

static const char *text_of(struct json_object *lease, const char *key)
{
	struct json_object *value;

	return json_object_object_get_ex(lease, key, &value) &&
			       json_object_is_type(value, json_type_string)
		       ? json_object_get_string(value)
		       : NULL;
}

/* 0: never */
static int64_t end_of(struct json_object *lease)
{
	struct json_object *value;

	return json_object_object_get_ex(lease, "expiry-time", &value)
		       ? json_object_get_int64(value)
		       : 0;
}

static void take_lease(struct json_object *lease, const char *mac, int64_t now,
		       struct ip best[static 2], int64_t best_end[static 2])
{
	const char *has = text_of(lease, "mac-address");
	const char *address = text_of(lease, "ip-address");
	int64_t end = end_of(lease);
	struct ip ip;
	size_t i;

	if (!has || !address || strcasecmp(has, mac) != 0 || ip_parse(address, &ip) < 0 ||
	    !ip_is_host(&ip) || (end != 0 && end <= now))
		return;
	if (end == 0)
		end = INT64_MAX;
	i = ip_size(&ip) == 16;
	if (best[i].family && best_end[i] >= end)
		return;
	best[i] = ip;
	best_end[i] = end;
}

/**
 * struct reading - A list of leases, read one by one: a large file needs no more memory
 * @at, @end: What is left of the text
 */
struct reading {
	struct json_tokener *tok;
	const char *at, *end;
};

/* The next character that is no blank; '\0' at the end */
static char peek(struct reading *x)
{
	while (x->at < x->end && *x->at && strchr(BLANKS, *x->at))
		x->at++;
	return x->at < x->end ? *x->at : '\0';
}

static bool take_char(struct reading *x, char c)
{
	if (peek(x) != c)
		return false;
	x->at++;
	return true;
}

/* NULL too for what is none; whether it is JSON is in @tok */
static struct json_object *next_lease(struct reading *x)
{
	size_t left = (size_t)(x->end - x->at);
	struct json_object *lease;

	json_tokener_reset(x->tok);
	lease = json_tokener_parse_ex(x->tok, x->at,
				      (int)(left < ONE_MAX ? left : ONE_MAX));
	/* json_tokener_get_parse_end() says the same, since json-c 0.15 */
	x->at += x->tok->char_offset;
	if (json_object_is_type(lease, json_type_object))
		return lease;
	json_object_put(lease);
	return NULL;
}

static int take_leases(struct reading *x, const char *mac, int64_t now,
		       struct ip best[static 2])
{
	size_t left = (size_t)(x->end - x->at) / ONE_MIN + ONE_MIN;
	int64_t end[2] = { 0 };

	if (!take_char(x, '['))
		return -EINVAL;
	if (take_char(x, ']'))
		return 0;
	do {
		struct json_object *lease = next_lease(x);

		if (lease)
			take_lease(lease, mac, now, best, end);
		json_object_put(lease);
		if (json_tokener_get_error(x->tok) != json_tokener_success || --left == 0)
			return -EINVAL;
	} while (take_char(x, ','));
	return take_char(x, ']') ? 0 : -EINVAL;
}

int lease_parse(const char *json, size_t len, const char *mac, int64_t now,
		struct ip ret[static 2])
{
	struct reading x = { json_tokener_new_ex(DEPTH_MAX), json, json + len };
	struct ip best[2] = { 0 };
	int r, n = 0;

	if (!x.tok)
		return -ENOMEM;
	r = take_leases(&x, mac, now, best);
	json_tokener_free(x.tok);
	for (size_t i = 0; i < ARRAY_LEN(best) && r == 0; i++)
		if (best[i].family)
			ret[n++] = best[i];
	return r ?: n;
}

int lease_read(int root, const char *bridge, const char *mac, struct ip ret[static 2])
{
	CLEANUP(free_ptr) char *json = NULL;
	CLEANUP(close_fd) int fd = -1;
	char path[PATH_LEN];
	ssize_t len;

	if (!text_is_name(bridge) ||
	    text_format(path, sizeof(path), LEASE_FOLDER "/%s" LEASE_SUFFIX, bridge) < 0)
		return 0;
	fd = openat(root, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	len = file_read_all(fd, LEASE_FILE_MAX, &json);
	/* dnsmasq's first lease is still to come */
	if (len <= 0)
		return (int)len;
	return lease_parse(json, (size_t)len, mac, (int64_t)time(NULL), ret);
}

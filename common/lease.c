// SPDX-License-Identifier: GPL-2.0-or-later
/* lease.c - addresses that libvirt's dnsmasq has given to a MAC, read by json-c */

#include "lease.h"

#include "file.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <strings.h>
#include <time.h>

#define DEPTH_MAX 8 /* an array of objects of strings and numbers */

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

int lease_parse(const char *json, size_t len, const char *mac, int64_t now,
		struct ip ret[static 2])
{
	struct json_tokener *tok = json_tokener_new_ex(DEPTH_MAX);
	struct ip best[2] = { 0 };
	int64_t end[2] = { 0 };
	struct json_object *all;
	int n = 0;

	if (!tok)
		return -ENOMEM;
	all = json_tokener_parse_ex(tok, json, (int)len);
	json_tokener_free(tok);
	if (!json_object_is_type(all, json_type_array)) {
		json_object_put(all);
		return -EINVAL;
	}
	for (size_t i = 0; i < json_object_array_length(all); i++) {
		struct json_object *lease = json_object_array_get_idx(all, i);

		if (json_object_is_type(lease, json_type_object))
			take_lease(lease, mac, now, best, end);
	}
	json_object_put(all);
	for (size_t i = 0; i < ARRAY_LEN(best); i++)
		if (best[i].family)
			ret[n++] = best[i];
	return n;
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

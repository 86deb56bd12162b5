// SPDX-License-Identifier: GPL-2.0-or-later
/* import-mdevctl.c - vGPUs out of mdevctl's folder, read by json-c */

#include "import-boot.h"

#include "file.h"
#include "text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_MAX  (64u << 10)
#define DEPTH_MAX 8
#define SCRIPTS   "scripts.d" /* older releases have programs there */

/**
 * struct reading - One run of import_mdevctl()
 * @where:   "0000:e8:00.4/UUID"
 */
struct reading {
	struct import_boot *b;
	char where[NAME_LEN + NAME_LEN];
};

static const char *text_of(struct json_object *o, const char *key)
{
	struct json_object *value;

	return json_object_object_get_ex(o, key, &value) &&
			       json_object_is_type(value, json_type_string)
		       ? json_object_get_string(value)
		       : NULL;
}

/* "attrs": [ { "nvidia/vgpu_params": "..." } ] */
static int say_attributes(struct reading *x, struct json_object *attrs)
{
	size_t n = json_object_is_type(attrs, json_type_array)
			   ? json_object_array_length(attrs)
			   : 0;
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++) {
		struct json_object *o = json_object_array_get_idx(attrs, i);

		r = import_boot_say(
			x->b, IMPORT_LOOK, x->where,
			"the attribute %.200s cannot be written in an INI file",
			json_object_to_json_string_ext(o,
						       JSON_C_TO_STRING_NOSLASHESCAPE));
	}
	return r;
}

static int say_rest(struct reading *x, struct json_object *o)
{
	int r = 0;

	json_object_object_foreach(o, key, value)
	{
		if (r || text_has_word("mdev_type start", key))
			continue;
		if (strcmp(key, "attrs") == 0)
			r = say_attributes(x, value);
		else
			r = import_boot_say(x->b, IMPORT_LOOK, x->where,
					    "'%.64s' is not known, and not taken", key);
	}
	return r;
}

static int take_object(struct reading *x, struct json_object *o, const char *parent,
		       const char *uuid)
{
	const char *type = text_of(o, "mdev_type"), *start = text_of(o, "start");
	struct import_vgpu v = { .at_boot = start && strcmp(start, "auto") == 0 };
	int r;

	if (!type)
		return import_boot_say(x->b, IMPORT_LEFT, x->where,
				       "it has no mdev_type");
	if (text_copy(v.uuid, sizeof(v.uuid), uuid) < 0 ||
	    text_copy(v.parent, sizeof(v.parent), parent) < 0 ||
	    text_copy(v.type, sizeof(v.type), type) < 0)
		return import_boot_say(x->b, IMPORT_LEFT, x->where, "a name is too long");
	r = import_boot_vgpu(x->b, x->where, &v);
	if (r == 0)
		r = say_rest(x, o);
	if (r == 0 && v.at_boot)
		r = import_boot_say(
			x->b, IMPORT_SAID, x->where,
			"when the INI files are in place: mdevctl modify --uuid %s --manual, so that one alone makes it",
			uuid);
	return r;
}

static int take_text(struct reading *x, const char *text, size_t len, const char *parent,
		     const char *uuid)
{
	struct json_tokener *parser = json_tokener_new_ex(DEPTH_MAX);
	struct json_object *o;
	int r;

	if (!parser)
		return -ENOMEM;
	o = json_tokener_parse_ex(parser, text, (int)len);
	if (o && json_object_is_type(o, json_type_object))
		r = take_object(x, o, parent, uuid);
	else
		r = import_boot_say(x->b, IMPORT_LEFT, x->where,
				    "it is not what mdevctl writes");
	json_object_put(o);
	json_tokener_free(parser);
	return r;
}

static int take_file(struct reading *x, int dir, const char *parent, const char *uuid)
{
	CLEANUP(close_fd)
	int fd = openat(dir, uuid, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	CLEANUP(free_ptr) char *text = NULL;
	ssize_t len = fd < 0 ? -errno : file_read_all(fd, FILE_MAX, &text);

	if (!text_is_uuid(uuid))
		return import_boot_say(x->b, IMPORT_LEFT, x->where,
				       "its name is not a UUID");
	if (len < 0)
		return import_boot_say(x->b, IMPORT_LEFT, x->where, "cannot be read: %s",
				       strerror((int)-len));
	return take_text(x, text, (size_t)len, parent, uuid);
}

static int is_entry(const struct dirent *d)
{
	return *d->d_name != '.' && strcmp(d->d_name, SCRIPTS) != 0;
}

static int take_parent(struct reading *x, int dir, const char *parent)
{
	CLEANUP(close_fd)
	int folder = openat(dir, parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent **list;
	int n, r = 0;

	snprintf(x->where, sizeof(x->where), "%s", parent);
	n = folder < 0 ? -1 : scandirat(folder, ".", &list, is_entry, alphasort);
	if (n < 0)
		return import_boot_say(x->b, IMPORT_LEFT, x->where, "cannot be read: %s",
				       strerror(errno));
	for (int i = 0; i < n; i++) {
		snprintf(x->where, sizeof(x->where), "%s/%s", parent, list[i]->d_name);
		if (r == 0)
			r = take_file(x, folder, parent, list[i]->d_name);
		free(list[i]);
	}
	free(list);
	return r;
}

int import_mdevctl(struct import_boot *b, int dir)
{
	struct reading x = { .b = b };
	struct dirent **list;
	int r = 0, n = scandirat(dir, ".", &list, is_entry, alphasort);

	if (n < 0)
		return -errno;
	for (int i = 0; i < n; i++) {
		if (r == 0)
			r = take_parent(&x, dir, list[i]->d_name);
		free(list[i]);
	}
	free(list);
	return r;
}

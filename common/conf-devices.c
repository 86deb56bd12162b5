// SPDX-License-Identifier: GPL-2.0-or-later
/* conf-devices.c - values of [devices]: functions, units, modules, drivers */

#include "conf-schema.h"
#include "step.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define ALNUM      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
#define UNIT_CHARS ALNUM ":-_.\\@" /* systemd.unit(5) */
#define NAME_CHARS ALNUM "_-"
#define MODULE_MAX 55 /* MODULE_NAME_LEN of a 64-bit kernel, less NUL */
#define DRIVER_MAX 63

int conf_set_take(void *conf, const struct conf_key *key, const char *value,
		  char ret_why[static WHY_LEN])
{
	int n = conf_choice(key, value, ret_why);

	if (n < 0)
		return n;
	*(enum conf_take *)conf_field(conf, key) = (enum conf_take)n;
	return 0;
}

/* Empty leaves the device's own setting alone. */
int conf_set_choice(void *conf, const struct conf_key *key, const char *value,
		    char ret_why[static WHY_LEN])
{
	int n = *value ? conf_choice(key, value, ret_why) : 0;

	return n < 0 ? n : text_copy(conf_field(conf, key), key->size, value);
}

int conf_set_in_use(void *conf, const struct conf_key *key, const char *value,
		    char ret_why[static WHY_LEN])
{
	static const char wait[] = "wait ";
	unsigned int ms = 0;
	int r = strcmp(value, "refuse");

	if (r && !strncmp(value, wait, sizeof(wait) - 1)) {
		value += sizeof(wait) - 1;
		r = text_duration(value + strspn(value, " \t"), &ms);
	}
	if (r) {
		why(ret_why,
		    "write refuse, or wait and a time up to 60min, such as wait 30s");
		return -EINVAL;
	}
	*(unsigned int *)conf_field(conf, key) = ms;
	return 0;
}

static bool is_name(const char *s, size_t max)
{
	size_t len = strlen(s);

	return len && len <= max && *s != '-' && strspn(s, NAME_CHARS) == len;
}

int conf_set_driver(void *conf, const struct conf_key *key, const char *value,
		    char ret_why[static WHY_LEN])
{
	if (!is_name(value, DRIVER_MAX) || strcmp(value, "none") == 0) {
		why(ret_why, "write auto, or the name of a VFIO driver such as vfio-pci");
		return -EINVAL;
	}
	return text_copy(conf_field(conf, key), key->size, value);
}

/**
 * struct list - A blank-separated list that is being made
 * @text:    So far
 * @size:    Bytes that the field has for it
 */
struct list {
	char text[CONF_LIST_LEN];
	size_t size;
};

/* A name that is there already is left out: to stop a unit twice means nothing. */
static int list_add(struct list *list, const char *word, char ret_why[static WHY_LEN])
{
	size_t len = strlen(list->text);

	if (text_has_word(list->text, word))
		return 0;
	if (len + 1 + strlen(word) >= list->size) {
		why(ret_why, "the list is too long; write at most %zu characters",
		    list->size - 1);
		return -EINVAL;
	}
	return text_format(list->text + len, list->size - len, "%s%s", len ? " " : "",
			   word);
}

static int take_unit(void *into, const char *word, char ret_why[static WHY_LEN])
{
	static const char suffixes[] =
		"service socket target device mount automount swap timer path slice scope";
	const char *dot = strrchr(word, '.');
	char unit[TARGET_LEN];
	bool whole = dot && text_has_word(suffixes, dot + 1);

	if (*word == '-' || dot == word || strspn(word, UNIT_CHARS) != strlen(word)) {
		why(ret_why,
		    "'%s' is not the name of a unit; write names such as ollama.service, with blanks between",
		    word);
		return -EINVAL;
	}
	if (text_format(unit, sizeof(unit), "%s%s", word, whole ? "" : ".service")) {
		why(ret_why, "the name of a unit may have at most %zu characters",
		    sizeof(unit) - 1);
		return -EINVAL;
	}
	if (strstr(unit, "@.")) {
		why(ret_why,
		    "%s is a template; write one of its instances, such as name@1.service",
		    unit);
		return -EINVAL;
	}
	return list_add(into, unit, ret_why);
}

static int take_module(void *into, const char *word, char ret_why[static WHY_LEN])
{
	char module[MODULE_MAX + 1];

	if (!is_name(word, MODULE_MAX)) {
		why(ret_why,
		    "'%s' is not the name of a module; write names such as nvidia_uvm, with blanks between",
		    word);
		return -EINVAL;
	}
	snprintf(module, sizeof(module), "%s", word);
	for (char *p = module; *p; p++)
		if (*p == '-')
			*p = '_';
	return list_add(into, module, ret_why);
}

bool conf_is_unit(const char *word)
{
	struct list one = { .size = sizeof(one.text) };
	char unused[WHY_LEN];

	return take_unit(&one, word, unused) == 0;
}

bool conf_is_module(const char *word)
{
	return is_name(word, MODULE_MAX);
}

static int take_reset(void *into, const char *word, char ret_why[static WHY_LEN])
{
	static const char methods[] = "device_specific acpi flr af_flr pm bus";

	if (text_has_word(methods, word))
		return list_add(into, word, ret_why);
	why(ret_why, "'%s' is not a way to reset; write some of %s, with blanks between",
	    word, methods);
	return -EINVAL;
}

static int take_also(void *into, const char *word, char ret_why[static WHY_LEN])
{
	struct conf_devices *d = into;
	struct conf_also also;

	if (!conf_function(word, &also)) {
		why(ret_why,
		    "'%s' is not a function; write ADDRESS or ADDRESS=VENDOR:DEVICE, such as 0000:01:00.1=10de:22ba, with blanks between",
		    word);
		return -EINVAL;
	}
	for (size_t i = 0; i < d->n_also; i++) {
		if (!bdf_equal(&d->also[i].bdf, &also.bdf))
			continue;
		why(ret_why, "%.*s stands there twice; remove one",
		    (int)strcspn(word, "="), word);
		return -EINVAL;
	}
	if (d->n_also == CONF_ALSO_MAX) {
		why(ret_why, "write at most %d functions", CONF_ALSO_MAX);
		return -EINVAL;
	}
	d->also[d->n_also++] = also;
	return 0;
}

static int take_allowed(void *into, const char *word, char ret_why[static WHY_LEN])
{
	struct conf_devices *d = into;
	struct bdf bdf;

	if (bdf_parse(word, &bdf)) {
		why(ret_why,
		    "'%s' is not a function; write addresses such as 0000:01:00.0, with blanks between, or none alone",
		    word);
		return -EINVAL;
	}
	if (d->n_allowed == CONF_ALSO_MAX) {
		why(ret_why, "write at most %d functions", CONF_ALSO_MAX);
		return -EINVAL;
	}
	d->allowed[d->n_allowed++] = bdf;
	return 0;
}

static int take_expect(void *into, const char *word, char ret_why[static WHY_LEN])
{
	struct conf_devices *d = into;
	struct id_pair id;

	if (id_pair_parse(word, &id)) {
		why(ret_why,
		    "'%s' is not VENDOR:DEVICE; write it as lspci -n does, such as 10de:2684, with blanks between",
		    word);
		return -EINVAL;
	}
	if (d->n_expect == CONF_EXPECT_MAX) {
		why(ret_why, "write at most %d pairs", CONF_EXPECT_MAX);
		return -EINVAL;
	}
	d->expect[d->n_expect++] = id;
	return 0;
}

static int set_list(void *conf, const struct conf_key *key, const char *value,
		    conf_take_word *take, char ret_why[static WHY_LEN])
{
	struct list list = { .size = key->size };
	int r = conf_each_word(value, take, &list, ret_why);

	return r ?: text_copy(conf_field(conf, key), key->size, list.text);
}

int conf_set_units(void *conf, const struct conf_key *key, const char *value,
		   char ret_why[static WHY_LEN])
{
	return set_list(conf, key, value, take_unit, ret_why);
}

int conf_set_modules(void *conf, const struct conf_key *key, const char *value,
		     char ret_why[static WHY_LEN])
{
	return set_list(conf, key, value, take_module, ret_why);
}

int conf_set_resets(void *conf, const struct conf_key *key, const char *value,
		    char ret_why[static WHY_LEN])
{
	return set_list(conf, key, value, take_reset, ret_why);
}

int conf_set_also(void *conf, const struct conf_key *key, const char *value,
		  char ret_why[static WHY_LEN])
{
	struct conf_devices *d = conf_field(conf, key);

	d->n_also = 0;
	return conf_each_word(value, take_also, d, ret_why);
}

int conf_set_allowed(void *conf, const struct conf_key *key, const char *value,
		     char ret_why[static WHY_LEN])
{
	struct conf_devices *d = conf_field(conf, key);

	d->n_allowed = 0;
	d->restricted = value[0];
	if (strcmp(value, "none") == 0)
		return 0;
	return conf_each_word(value, take_allowed, d, ret_why);
}

int conf_set_expect(void *conf, const struct conf_key *key, const char *value,
		    char ret_why[static WHY_LEN])
{
	struct conf_devices *d = conf_field(conf, key);

	d->n_expect = 0;
	return conf_each_word(value, take_expect, d, ret_why);
}

bool conf_devices_allow(const struct conf_devices *c, const struct bdf *b)
{
	for (size_t i = 0; i < c->n_allowed; i++)
		if (bdf_equal(&c->allowed[i], b))
			return true;
	for (size_t i = 0; i < c->n_also; i++)
		if (bdf_equal(&c->also[i].bdf, b))
			return true;
	return !c->restricted;
}

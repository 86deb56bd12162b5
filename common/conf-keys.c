// SPDX-License-Identifier: GPL-2.0-or-later
/* conf-keys.c - the table of keys of a VM's INI file, and its types of value */

#include "conf-schema.h"
#include "step.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define ALNUM           "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
#define UNIT_CHARS      ALNUM ":-_.\\@" /* systemd.unit(5) */
#define NAME_CHARS      ALNUM "_-"
#define CHOICE_LEN      32
#define MODULE_MAX      55 /* MODULE_NAME_LEN of a 64-bit kernel, less NUL */
#define DRIVER_MAX      63
#define DEADLINE_MIN_MS 1000

/* The choices of "yes|no", one after the other; 0: no more. */
static int next_choice(const char **cursor, char ret[static CHOICE_LEN])
{
	size_t len = strcspn(*cursor, "|");

	if (!len || text_format(ret, CHOICE_LEN, "%.*s", (int)len, *cursor))
		return 0;
	*cursor += len + ((*cursor)[len] == '|');
	return 1;
}

/* "write yes or no", "write gpus, all or none" */
static int say_choices(const struct conf_key *key, char ret_why[static WHY_LEN])
{
	char list[WHY_LEN] = "write ", choice[CHOICE_LEN];
	const char *cursor = key->type, *between = "";
	size_t len = strlen(list);

	while (len < sizeof(list) && next_choice(&cursor, choice)) {
		if (*between && !*cursor)
			between = " or ";
		len += (size_t)snprintf(list + len, sizeof(list) - len, "%s%s", between,
					choice);
		between = ", ";
	}
	why(ret_why, "%s", list);
	return -EINVAL;
}

int conf_choice(const struct conf_key *key, const char *value,
		char ret_why[static WHY_LEN])
{
	const char *cursor = key->type;
	char choice[CHOICE_LEN];

	for (int n = 0; next_choice(&cursor, choice); n++)
		if (!strcmp(choice, value))
			return n;
	return say_choices(key, ret_why);
}

int conf_set_yes(void *conf, const struct conf_key *key, const char *value,
		 char ret_why[static WHY_LEN])
{
	int n = conf_choice(key, value, ret_why);

	if (n < 0)
		return n;
	*(bool *)conf_field(conf, key) = n == 0;
	return 0;
}

static int set_take(void *conf, const struct conf_key *key, const char *value,
		    char ret_why[static WHY_LEN])
{
	int n = conf_choice(key, value, ret_why);

	if (n < 0)
		return n;
	*(enum conf_take *)conf_field(conf, key) = (enum conf_take)n;
	return 0;
}

/* Empty leaves the device's own setting alone. */
static int set_choice(void *conf, const struct conf_key *key, const char *value,
		      char ret_why[static WHY_LEN])
{
	int n = *value ? conf_choice(key, value, ret_why) : 0;

	return n < 0 ? n : text_copy(conf_field(conf, key), key->size, value);
}

static int set_deadline(void *conf, const struct conf_key *key, const char *value,
			char ret_why[static WHY_LEN])
{
	unsigned int ms;

	if (text_duration(value, &ms) || ms < DEADLINE_MIN_MS) {
		why(ret_why, "write a time from 1s to 60min, such as 30s");
		return -EINVAL;
	}
	*(unsigned int *)conf_field(conf, key) = ms;
	return 0;
}

static int set_in_use(void *conf, const struct conf_key *key, const char *value,
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
	const char *equals = strchr(word, '=');
	struct conf_also also = { .expected = equals };
	char address[BDF_LEN];

	if (text_format(address, sizeof(address), "%.*s", (int)strcspn(word, "="),
			word) ||
	    bdf_parse(address, &also.bdf) ||
	    (equals && id_pair_parse(equals + 1, &also.id))) {
		why(ret_why,
		    "'%s' is not a function; write ADDRESS or ADDRESS=VENDOR:DEVICE, such as 0000:01:00.1=10de:22ba, with blanks between",
		    word);
		return -EINVAL;
	}
	for (size_t i = 0; i < d->n_also; i++) {
		if (!bdf_equal(&d->also[i].bdf, &also.bdf))
			continue;
		why(ret_why, "%s stands there twice; remove one", address);
		return -EINVAL;
	}
	if (d->n_also == CONF_ALSO_MAX) {
		why(ret_why, "write at most %d functions", CONF_ALSO_MAX);
		return -EINVAL;
	}
	d->also[d->n_also++] = also;
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

typedef int take_word(void *into, const char *word, char ret_why[static WHY_LEN]);

static int each_word(const char *value, take_word *take, void *into,
		     char ret_why[static WHY_LEN])
{
	char word[TARGET_LEN];
	int r;

	while ((r = text_next_word(&value, word, sizeof(word))) > 0) {
		r = take(into, word, ret_why);
		if (r)
			return r;
	}
	if (!r)
		return 0;
	why(ret_why, "a word may have at most %zu characters; put blanks between",
	    sizeof(word) - 1);
	return -EINVAL;
}

static int set_list(void *conf, const struct conf_key *key, const char *value,
		    take_word *take, char ret_why[static WHY_LEN])
{
	struct list list = { .size = key->size };
	int r = each_word(value, take, &list, ret_why);

	return r ?: text_copy(conf_field(conf, key), key->size, list.text);
}

static int set_units(void *conf, const struct conf_key *key, const char *value,
		     char ret_why[static WHY_LEN])
{
	return set_list(conf, key, value, take_unit, ret_why);
}

static int set_modules(void *conf, const struct conf_key *key, const char *value,
		       char ret_why[static WHY_LEN])
{
	return set_list(conf, key, value, take_module, ret_why);
}

static int set_resets(void *conf, const struct conf_key *key, const char *value,
		      char ret_why[static WHY_LEN])
{
	return set_list(conf, key, value, take_reset, ret_why);
}

int conf_set_also(void *conf, const struct conf_key *key, const char *value,
		  char ret_why[static WHY_LEN])
{
	struct conf_devices *d = conf_field(conf, key);

	d->n_also = 0;
	return each_word(value, take_also, d, ret_why);
}

static int set_expect(void *conf, const struct conf_key *key, const char *value,
		      char ret_why[static WHY_LEN])
{
	struct conf_devices *d = conf_field(conf, key);

	d->n_expect = 0;
	return each_word(value, take_expect, d, ret_why);
}

/* clang-format off */
#define DEVICES_ALL	offsetof(struct conf_vm, devices), sizeof(struct conf_devices)
#define DEVICES(member)	offsetof(struct conf_vm, devices.member),	\
			sizeof(((struct conf_vm *)NULL)->devices.member)
#define NETWORK		offsetof(struct conf_vm, network), sizeof(struct conf_network)
#define FORWARD_ALL	0, sizeof(struct conf_forward)
#define FORWARD(member)	offsetof(struct conf_forward, member),		\
			sizeof(((struct conf_forward *)NULL)->member)

static const struct conf_key keys[] = {
	{ "devices", "take", "gpus|all|none", "gpus",
	  "which of the VM's PCI host devices: every display or accelerator function, all, or none",
	  set_take, DEVICES(take) },
	{ "devices", "siblings", "yes|no", "yes",
	  "also the other functions of a taken card: HDMI audio, USB-C, UCSI",
	  conf_set_yes, DEVICES(siblings) },
	{ "devices", "also", "list of ADDRESS or ADDRESS=VENDOR:DEVICE", "",
	  "further functions to take, and what must be there",
	  conf_set_also, DEVICES_ALL },
	{ "devices", "expect", "list of VENDOR:DEVICE", "",
	  "refuse to start the VM when a display function that is taken is none of these",
	  set_expect, DEVICES_ALL },
	{ "devices", "driver", "auto or name of a driver", "auto",
	  "auto: the best VFIO driver for the device; or the name of one",
	  conf_set_driver, DEVICES(driver) },
	{ "devices", "in-use", "refuse or wait TIME", "refuse",
	  "when somebody holds the device: refuse to start the VM, or wait for him to leave",
	  set_in_use, DEVICES(wait_ms) },
	{ "devices", "stop-units", "list of units", "",
	  "systemd units to stop for the VM, and to start again after it",
	  set_units, DEVICES(stop_units) },
	{ "devices", "unload", "list of modules", "",
	  "kernel modules to unload first, such as nvidia_drm nvidia_modeset nvidia_uvm",
	  set_modules, DEVICES(unload) },
	{ "devices", "give-back", "yes|no", "yes",
	  "after the VM: yes, the former driver again; no, stay on VFIO",
	  conf_set_yes, DEVICES(give_back) },
	{ "devices", "primary", "yes|no", "no",
	  "whether the card that shows the host's console may be taken",
	  conf_set_yes, DEVICES(primary) },
	{ "devices", "d3cold", "on|off", "",
	  "d3cold_allowed while the VM runs; empty: as it is",
	  set_choice, DEVICES(d3cold) },
	{ "devices", "power-control", "on|auto", "",
	  "power/control while the VM runs: on, never suspended; empty: as it is",
	  set_choice, DEVICES(power_control) },
	{ "devices", "reset-method", "list of device_specific acpi flr af_flr pm bus", "",
	  "reset_method while the VM runs, in the order to be tried; empty: as it is",
	  set_resets, DEVICES(reset_method) },
	{ "devices", "deadline", "TIME", "30s",
	  "how long one step may take, from 1s to 60min",
	  set_deadline, DEVICES(deadline_ms) },
	{ "network", "address", "list of ADDRESS", "",
	  "address of the VM, IPv4, IPv6 or both; empty: the reservation or lease of its MAC",
	  conf_set_addresses, NETWORK },
	{ "forward", "listen", "list of [ADDRESS:]PORT[-PORT][/tcp|/udp|/sctp]", "",
	  "ports of the host, on every address of it or on one, tcp unless said otherwise",
	  conf_set_listen, FORWARD_ALL },
	{ "forward", "to", "[ADDRESS:]PORT", "",
	  "port of the VM, the first one of a range; empty: the same as on the host",
	  conf_set_to, FORWARD_ALL },
	{ "forward", "from", "list of ADDRESS or ADDRESS/PREFIX", "",
	  "who may connect; empty: anyone",
	  conf_set_from, FORWARD_ALL },
	{ "forward", "interface", "MAC or network", "",
	  "which interface of the VM; empty: the first one that has an address",
	  conf_set_interface, FORWARD(interface) },
	{ "forward", "local", "yes|no", "no",
	  "also from 127.0.0.1 of the host",
	  conf_set_yes, FORWARD(local) },
	{ "forward", "required", "yes|no", "no",
	  "refuse to start the VM when a port cannot be had",
	  conf_set_yes, FORWARD(required) },
};
/* clang-format on */

const struct conf_key *conf_vm_keys(size_t *ret_n)
{
	*ret_n = ARRAY_LEN(keys);
	return keys;
}

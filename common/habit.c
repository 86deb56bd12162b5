// SPDX-License-Identifier: GPL-2.0-or-later
/* habit.c - what people write into /etc/modprobe.d and on the kernel's command line to
 * keep a card from its drivers */

#include "habit.h"

#include "text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_LEN 4096
#define WORD_LEN 1280 /* ids= of vfio-pci has up to 1024 */

static const char on_cmdline[] = "the kernel's command line";

/* drivers of graphics cards, and of what sits in the same slot */
static const char card_drivers[] =
	"nouveau nvidia nvidiafb nvidia_drm nvidia_modeset nvidia_uvm amdgpu radeon i915 xe snd_hda_intel xhci_pci i2c_nvidia_gpu ucsi_ccg";

static void module_name(const char *word, char ret[static MODULE_LEN])
{
	if (text_copy(ret, MODULE_LEN, word) < 0)
		ret[0] = '\0';
	for (char *p = ret; *p; p++)
		if (*p == '-')
			*p = '_';
}

static bool is_module(const char *word, const char *module)
{
	char name[MODULE_LEN];

	module_name(word, name);
	return strcmp(name, module) == 0;
}

static struct habit *add(struct habits *h, enum habit_kind kind, const char *where,
			 const char *text)
{
	struct habit *new = &h->habit[h->n];

	if (h->n == HABITS_MAX)
		return NULL;
	*new = (struct habit){ .kind = kind };
	snprintf(new->where, sizeof(new->where), "%s", where);
	snprintf(new->text, sizeof(new->text), "%s", text);
	h->n++;
	return new;
}

/* "10de:2684" and up to four further parts; what is wrong fits nothing, as in the kernel
 */
static void parse_id(const char *word, size_t len, struct habit_id *ret)
{
	char copy[64], *at = copy;

	ret->n = 0;
	if (len >= sizeof(copy))
		return;
	memcpy(copy, word, len);
	copy[len] = '\0';
	while (ret->n < ARRAY_LEN(ret->value)) {
		char *end;

		ret->value[ret->n] = (uint32_t)strtoul(at, &end, 16);
		if (end == at)
			break;
		ret->n++;
		if (*end != ':')
			break;
		at = end + 1;
	}
	if (ret->n < 2)
		ret->n = 0;
}

static void parse_ids(const char *list, struct habit *h)
{
	while (*list && h->n_ids < HABIT_IDS_MAX) {
		size_t len = strcspn(list, ",\"");
		struct habit_id id;

		parse_id(list, len, &id);
		if (id.n)
			h->id[h->n_ids++] = id;
		list += len;
		list += strspn(list, ",\"");
	}
}

static int take_ids(struct habits *h, bool stub, const char *where, const char *text,
		    const char *ids)
{
	struct habit *new = add(h, stub ? HABIT_STUB : HABIT_IDS, where, text);

	if (!new)
		return -E2BIG;
	parse_ids(ids, new);
	return 0;
}

static int take_module(struct habits *h, enum habit_kind kind, const char *where,
		       const char *text, const char *module)
{
	struct habit *new;
	char name[MODULE_LEN];

	module_name(module, name);
	if (kind == HABIT_BLACKLIST && !text_has_word(card_drivers, name))
		return 0;
	new = add(h, kind, where, text);
	if (!new)
		return -E2BIG;
	memcpy(new->module, name, sizeof(name));
	return 0;
}

static int take_options(struct habits *h, const char *module, const char *rest,
			const char *where, const char *line)
{
	bool stub = is_module(module, "pci_stub");
	char word[WORD_LEN];

	if (!stub && !is_module(module, "vfio_pci"))
		return 0;
	while (text_next_word(&rest, word, sizeof(word)) > 0)
		if (strncmp(word, "ids=", 4) == 0)
			return take_ids(h, stub, where, line,
					word + 4 + (word[4] == '"'));
	return 0;
}

/* a line of modprobe.d, whole */
static int take_line(struct habits *h, const char *where, const char *line)
{
	char verb[16], module[WORD_LEN], word[WORD_LEN];
	const char *rest = line;

	if (text_next_word(&rest, verb, sizeof(verb)) <= 0 || verb[0] == '#' ||
	    text_next_word(&rest, module, sizeof(module)) <= 0)
		return 0;
	if (strcmp(verb, "options") == 0)
		return take_options(h, module, rest, where, line);
	if (strcmp(verb, "blacklist") == 0)
		return take_module(h, HABIT_BLACKLIST, where, line, module);
	if (strcmp(verb, "install") == 0 &&
	    text_next_word(&rest, word, sizeof(word)) > 0 &&
	    (strstr(word, "/false") || strstr(word, "/true")))
		return take_module(h, HABIT_BLACKLIST, where, line, module);
	if (strcmp(verb, "softdep") != 0)
		return 0;
	while (text_next_word(&rest, word, sizeof(word)) > 0)
		if (is_module(word, "vfio_pci"))
			return take_module(h, HABIT_SOFTDEP, where, line, module);
	return 0;
}

/* the next line, with those that a backslash goes on in; how many they were */
static unsigned int next_line(const char **cursor, char ret[static LINE_LEN])
{
	unsigned int lines = 0;
	size_t have = 0;

	for (bool more = true; more && **cursor; lines++) {
		size_t len = strcspn(*cursor, "\n");
		size_t keep = len;

		more = len > 0 && (*cursor)[len - 1] == '\\';
		keep -= more;
		if (have + keep >= LINE_LEN)
			keep = LINE_LEN - 1 - have;
		memcpy(ret + have, *cursor, keep);
		have += keep;
		*cursor += len + ((*cursor)[len] == '\n');
	}
	ret[have] = '\0';
	return lines;
}

int habits_read_conf(const char *text, const char *shown, struct habits *h)
{
	char line[LINE_LEN], where[128];
	unsigned int number = 1;
	int r = 0;

	while (*text && r == 0) {
		unsigned int lines = next_line(&text, line);

		snprintf(where, sizeof(where), "%s:%u", shown, number);
		r = take_line(h, where, line);
		number += lines;
	}
	return r;
}

/* a list of modules with commas, each a habit of its own */
static int take_list(struct habits *h, const char *list, const char *text)
{
	int r = 0;

	while (*list && r == 0) {
		size_t len = strcspn(list, ",");
		char module[MODULE_LEN];

		if (text_format(module, sizeof(module), "%.*s", (int)len, list) == 0)
			r = take_module(h, HABIT_BLACKLIST, on_cmdline, text, module);
		list += len + (list[len] == ',');
	}
	return r;
}

static int take_parameter(struct habits *h, const char *word)
{
	static const char *const blacklists[] = { "modprobe.blacklist",
						  "module_blacklist",
						  "rd.driver.blacklist" };
	char name[MODULE_LEN];
	const char *value = strchr(word, '=');

	if (!value ||
	    text_format(name, sizeof(name), "%.*s", (int)(value - word), word) < 0)
		return 0;
	value++;
	if (is_module(name, "vfio_pci.ids") || is_module(name, "pci_stub.ids"))
		return take_ids(h, name[0] == 'p', on_cmdline, word, value);
	if (strcmp(name, "rd.driver.pre") == 0 && is_module(value, "vfio_pci"))
		return take_module(h, HABIT_SOFTDEP, on_cmdline, word, "");
	for (size_t i = 0; i < ARRAY_LEN(blacklists); i++)
		if (strcmp(name, blacklists[i]) == 0)
			return take_list(h, value, word);
	return 0;
}

int habits_read_cmdline(const char *text, struct habits *h)
{
	char word[WORD_LEN];
	int r;

	while (text_next_word(&text, word, sizeof(word)) > 0) {
		r = take_parameter(h, word);
		if (r < 0)
			return r;
	}
	return 0;
}

static bool id_fits(const struct habit_id *id, const struct alias_device *dev)
{
	const uint32_t have[] = { dev->vendor, dev->device, dev->subvendor,
				  dev->subdevice };
	uint32_t mask = id->n > 5 ? id->value[5] : 0;

	for (unsigned int i = 0; i < ARRAY_LEN(have) && i < id->n; i++)
		if (id->value[i] != have[i] && id->value[i] != UINT32_MAX)
			return false;
	return id->n < 5 || ((id->value[4] ^ dev->class) & mask) == 0;
}

bool habit_matches(const struct habit *h, const struct alias_device *dev)
{
	for (size_t i = 0; i < h->n_ids; i++)
		if (id_fits(&h->id[i], dev))
			return true;
	return false;
}

void habit_advice(const struct habit *h, char ret[static WHY_LEN])
{
	if (h->kind == HABIT_IDS || h->kind == HABIT_STUB)
		why(ret,
		    "%s: %s: remove it: it takes every card of that kind, and [early] those at their addresses",
		    h->where, h->text);
	else if (h->kind == HABIT_SOFTDEP)
		why(ret,
		    "%s: %s: no longer needed: these functions are kept for VFIO before %s is loaded",
		    h->where, h->text, h->module[0] ? h->module : "any other driver");
	else if (strcmp(h->module, "snd_hda_intel") == 0)
		why(ret,
		    "%s: %s: no longer needed, and it silences the whole host: remove it",
		    h->where, h->text);
	else if (strcmp(h->module, "nouveau") == 0 || strcmp(h->module, "nvidiafb") == 0)
		why(ret,
		    "%s: %s: no longer needed for these cards; leave it if the host drives another card with NVIDIA's own driver",
		    h->where, h->text);
	else
		why(ret,
		    "%s: %s: no longer needed for these cards: remove it, so that the host can drive others",
		    h->where, h->text);
}

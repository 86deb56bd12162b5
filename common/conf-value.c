// SPDX-License-Identifier: GPL-2.0-or-later
/* conf-value.c - types of value that keys of several sections have */

#include "conf-schema.h"
#include "step.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define CHOICE_LEN      32
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

int conf_set_second(void *conf, const struct conf_key *key, const char *value,
		    char ret_why[static WHY_LEN])
{
	int n = conf_choice(key, value, ret_why);

	if (n < 0)
		return n;
	*(bool *)conf_field(conf, key) = n == 1;
	return 0;
}

int conf_set_deadline(void *conf, const struct conf_key *key, const char *value,
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

int conf_each_word(const char *value, conf_take_word *take, void *into,
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

bool conf_function(const char *word, struct conf_also *ret)
{
	const char *equals = strchr(word, '=');
	char address[BDF_LEN];

	*ret = (struct conf_also){ .expected = equals };
	return text_format(address, sizeof(address), "%.*s", (int)strcspn(word, "="),
			   word) == 0 &&
	       bdf_parse(address, &ret->bdf) == 0 &&
	       (!equals || id_pair_parse(equals + 1, &ret->id) == 0);
}

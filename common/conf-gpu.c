// SPDX-License-Identifier: GPL-2.0-or-later
/* conf-gpu.c - values of [gpu NAME] and [vgpus] of host.ini, and what they say together */

#include "conf-schema.h"

#include "smi.h"

#include <errno.h>
#include <string.h>

#define ALNUM         "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
#define PROFILE_CHARS ALNUM ".+-" /* 3g.20gb, 1g.10gb+me, 1g.12gb+me.all */

void *conf_gpu_open(void *conf, const char *name, unsigned int line,
		    char ret_why[static WHY_LEN])
{
	struct conf_host *c = conf;
	struct conf_gpu g = { .line = line };

	if (strchr(name, ' ') || text_copy(g.name, sizeof(g.name), name)) {
		why(ret_why,
		    "the name may have at most %zu characters, and no blanks; write one such as [gpu a40-1]",
		    sizeof(g.name) - 1);
		return NULL;
	}
	if (strcmp(name, "any") == 0) {
		why(ret_why,
		    "'gpu = any' of a VM means any card; write another name, such as [gpu a40-1]");
		return NULL;
	}
	for (size_t i = 0; i < c->n_gpus; i++) {
		if (strcmp(c->gpu[i].name, name))
			continue;
		why(ret_why, "there is one of that name in line %u; write another name",
		    c->gpu[i].line);
		return NULL;
	}
	if (c->n_gpus == GPUS_MAX) {
		why(ret_why, "a host may have at most %d GPUs; remove one", GPUS_MAX);
		return NULL;
	}
	c->gpu[c->n_gpus] = g;
	return &c->gpu[c->n_gpus++];
}

/* Empty is what the table says; whether one was written is asked when all is read. */
int conf_set_address(void *conf, const struct conf_key *key, const char *value,
		     char ret_why[static WHY_LEN])
{
	struct conf_gpu *g = conf_field(conf, key);
	struct conf_also also = { 0 };

	if (*value && !conf_function(value, &also)) {
		why(ret_why,
		    "write ADDRESS or ADDRESS=VENDOR:DEVICE of the card, such as 0000:e8:00.0=10de:2235");
		return -EINVAL;
	}
	g->bdf = also.bdf;
	g->expected = also.expected;
	g->id = also.id;
	return 0;
}

int conf_set_vfs(void *conf, const struct conf_key *key, const char *value,
		 char ret_why[static WHY_LEN])
{
	struct conf_gpu *g = conf_field(conf, key);
	uint64_t n = 0;

	g->n_vfs = 0;
	if (!strcmp(value, "none")) {
		g->vfs = CONF_VFS_LEAVE;
		return 0;
	}
	if (!strcmp(value, "all")) {
		g->vfs = CONF_VFS_ALL;
		return 0;
	}
	if (text_number(value, UINT16_MAX, &n) || n == 0) {
		why(ret_why,
		    "write all, a number from 1 to 65535, or none to leave them as they are");
		return -EINVAL;
	}
	g->vfs = CONF_VFS_NUMBER;
	g->n_vfs = (unsigned int)n;
	return 0;
}

/*
 * nvidia-smi makes instances by number too, 9 or 9:4, but lists them by name: what was asked
 * for would never be found there.
 */
bool conf_is_profile(const char *word)
{
	size_t digits = strspn(word, "0123456789");

	return digits > 0 && strlen(word) < SMI_PROFILE_LEN &&
	       strncmp(word + digits, "g.", 2) == 0 &&
	       strspn(word, PROFILE_CHARS) == strlen(word);
}

static int take_profile(void *into, const char *word, char ret_why[static WHY_LEN])
{
	char *list = into;
	size_t len = strlen(list);

	if (!conf_is_profile(word)) {
		why(ret_why,
		    "'%s' is not a profile; write names as nvidia-smi mig -lgip prints them, such as 3g.20gb 3g.20gb, with blanks between",
		    word);
		return -EINVAL;
	}
	if (text_format(list + len, CONF_MIG_LEN - len, "%s%s", len ? " " : "", word) ==
	    0)
		return 0;
	why(ret_why, "the list is too long; write at most %d characters",
	    CONF_MIG_LEN - 1);
	return -EINVAL;
}

/* The same profile twice is two instances. */
int conf_set_mig(void *conf, const struct conf_key *key, const char *value,
		 char ret_why[static WHY_LEN])
{
	char list[CONF_MIG_LEN] = "";
	int r = conf_each_word(value, take_profile, list, ret_why);

	return r ?: text_copy(conf_field(conf, key), key->size, list);
}

int conf_set_program(void *conf, const struct conf_key *key, const char *value,
		     char ret_why[static WHY_LEN])
{
	if ((!*value || *value == '/') && text_is_clean(value) &&
	    text_copy(conf_field(conf, key), key->size, value) == 0)
		return 0;
	why(ret_why,
	    "write the whole path, at most %zu characters and no control characters, or nothing to have it looked for",
	    key->size - 1);
	return -EINVAL;
}

static int check_gpu(const struct conf_gpu *g, char ret_why[static WHY_LEN])
{
	/* 0000:00:00.0 is where the host bridge is */
	if (bdf_equal(&g->bdf, &(struct bdf){ 0 }))
		why(ret_why,
		    "which card is it? add a line such as address = 0000:e8:00.0=10de:2235");
	else if (*g->mig && g->mixed)
		why(ret_why, "GPU instances have fixed sizes; remove mig or mixed-sizes");
	else
		return 0;
	return -EINVAL;
}

int conf_gpus_check(const struct conf_host *c, const char *shown,
		    char ret_why[static WHY_LEN])
{
	char what[WHY_LEN];

	for (size_t i = 0; i < c->n_gpus; i++) {
		const struct conf_gpu *g = &c->gpu[i];
		int r = check_gpu(g, what);

		for (size_t k = 0; k < i && !r; k++) {
			if (!bdf_equal(&c->gpu[k].bdf, &g->bdf))
				continue;
			why(what,
			    "[gpu %s] in line %u has the same address; remove one of the two",
			    c->gpu[k].name, c->gpu[k].line);
			r = -EINVAL;
		}
		if (r) {
			why(ret_why, "%s:%u: [gpu %s]: %s", shown, g->line, g->name,
			    what);
			return r;
		}
	}
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* conf-schema.h - inside conf*.c: sections and keys as tables, and the reader that
 * follows them */
#pragma once

#include "base.h"
#include "conf.h"
#include "ini.h"

#include <stdbool.h>

/**
 * struct conf_section - A kind of section, [KIND] or [KIND NAME]
 * @kind:    First word of the header
 * @named:   Whether a name must follow; then each is a thing of its own
 * @open:    Notes that such a section is there. Returns what its keys are set in, or NULL
 *           with a sentence without file and line; @name is "" when @named is false
 */
struct conf_section {
	const char *kind;
	bool named;
	void *(*open)(void *conf, const char *name, unsigned int line,
		      char ret_why[static WHY_LEN]);
};

/**
 * struct conf_schema - What may stand in a file
 * @sections: Borrowed, @n_sections
 * @keys:     Table of keys
 */
struct conf_schema {
	const struct conf_section *sections;
	size_t n_sections;
	const struct conf_key *(*keys)(size_t *ret_n);
};

extern const struct conf_schema conf_vm_schema, conf_host_schema;

/**
 * conf_take() - Fill a struct from an INI file, standards first
 * @ini:     NULL: standards alone
 * @conf:    Filled; half of it on failure
 * @ret_why: One sentence on failure
 *
 * Return:   0 or -EINVAL
 */
int conf_take(const struct conf_schema *s, const struct ini *ini, void *conf,
	      char ret_why[static WHY_LEN]) MUST_CHECK;

/**
 * conf_forwards_check() - What the keys of one [forward NAME] say together, and what two
 * say
 *
 * Return:   0 or -EINVAL
 */
int conf_forwards_check(const struct conf_vm *c, char ret_why[static WHY_LEN]) MUST_CHECK;

/**
 * conf_vgpus_check() - The same for [vgpu NAME]
 */
int conf_vgpus_check(const struct conf_vm *c, char ret_why[static WHY_LEN]) MUST_CHECK;

/**
 * conf_gpus_check() - The same for [gpu NAME] of host.ini
 */
int conf_gpus_check(const struct conf_host *c, const char *shown,
		    char ret_why[static WHY_LEN]) MUST_CHECK;

/*
 * conf_vgpu_open(), conf_gpu_open() - The @open of a struct conf_section: a further
 * [vgpu NAME] of a struct conf_vm, [gpu NAME] of a struct conf_host
 */
void *conf_vgpu_open(void *conf, const char *name, unsigned int line,
		     char ret_why[static WHY_LEN]);
void *conf_gpu_open(void *conf, const char *name, unsigned int line,
		    char ret_why[static WHY_LEN]);

/*
 * Values: each is the @set of a struct conf_key. Those of conf-value.c are for anybody.
 */
typedef int conf_set(void *conf, const struct conf_key *key, const char *value,
		     char ret_why[static WHY_LEN]);

/* conf-value.c */
conf_set conf_set_yes; /* bool: the first of two choices */
conf_set conf_set_second; /* bool: the second */
conf_set conf_set_deadline;
/* conf-devices.c */
conf_set conf_set_take;
conf_set conf_set_choice; /* text; empty: as it is */
conf_set conf_set_in_use;
conf_set conf_set_driver;
conf_set conf_set_units;
conf_set conf_set_modules;
conf_set conf_set_resets;
conf_set conf_set_also; /* its field is a struct conf_devices */
conf_set conf_set_allowed; /* the same */
conf_set conf_set_expect;
/* conf-vgpu.c */
conf_set conf_set_uuid;
conf_set conf_set_type;
conf_set conf_set_gpu;
/* conf-gpu.c */
conf_set conf_set_address;
conf_set conf_set_vfs;
conf_set conf_set_mig;
conf_set conf_set_program;
/* conf-forward.c */
conf_set conf_set_addresses;
conf_set conf_set_listen;
conf_set conf_set_to;
conf_set conf_set_from;
conf_set conf_set_interface;
conf_set conf_set_ports;

/**
 * conf_choice() - Number of the choice of "yes|no" that was written, or -EINVAL
 */
int conf_choice(const struct conf_key *key, const char *value,
		char ret_why[static WHY_LEN]) MUST_CHECK;

/**
 * conf_each_word() - Call a function for each word of a value
 * @take:    Called with @into and the word; 0, or -EINVAL with a sentence
 *
 * Return:   0 or -EINVAL
 */
typedef int conf_take_word(void *into, const char *word, char ret_why[static WHY_LEN]);
int conf_each_word(const char *value, conf_take_word *take, void *into,
		   char ret_why[static WHY_LEN]) MUST_CHECK;

/**
 * conf_function() - Read ADDRESS or ADDRESS=VENDOR:DEVICE
 *
 * Return:   Whether it is one; @ret may be half of it otherwise
 */
bool conf_function(const char *word, struct conf_also *ret) MUST_CHECK;

static inline void *conf_field(void *conf, const struct conf_key *key)
{
	return (char *)conf + key->offset;
}

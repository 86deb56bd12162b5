/* SPDX-License-Identifier: GPL-2.0-or-later */
/* conf.h - what the INI file of a VM asks for; the table of keys */
#pragma once

#include "base.h"
#include "bdf.h"
#include "text.h"

#include <stdbool.h>

#define CONF_LIST_LEN   512
#define CONF_ALSO_MAX   64
#define CONF_EXPECT_MAX 16

enum conf_take { CONF_TAKE_GPUS, CONF_TAKE_ALL, CONF_TAKE_NONE };

/**
 * struct conf_also - A further function to take
 * @bdf:      Which
 * @expected: Whether @id was written
 * @id:       vendor:device that must be there
 */
struct conf_also {
	struct bdf bdf;
	bool expected;
	struct id_pair id;
};

/**
 * struct conf_devices - Section [devices]
 * @present:      The section is there; without it no device is touched
 * @take:         Which of the VM's PCI hostdevs
 * @siblings:     Also the other functions of a taken graphics card
 * @also:         Further functions, @n_also
 * @expect:       What the taken display functions must be, @n_expect; none: anything
 * @driver:       "auto" or the name of a VFIO driver
 * @wait_ms:      How long to wait for holders to leave, milliseconds; 0: refuse at once
 * @stop_units:   systemd units, blank-separated
 * @unload:       Modules, blank-separated
 * @give_back:    The former driver again after the VM
 * @primary:      The card that shows the host's console may be taken
 * @d3cold:       "", "on" or "off": d3cold_allowed while the VM runs
 * @power_control: "", "on" or "auto": power/control while the VM runs
 * @reset_method: "" or a list for reset_method while the VM runs
 * @deadline_ms:  For one step, milliseconds
 */
struct conf_devices {
	bool present;
	enum conf_take take;
	bool siblings;
	struct conf_also also[CONF_ALSO_MAX];
	size_t n_also;
	struct id_pair expect[CONF_EXPECT_MAX];
	size_t n_expect;
	char driver[64];
	unsigned int wait_ms;
	char stop_units[CONF_LIST_LEN];
	char unload[CONF_LIST_LEN];
	bool give_back;
	bool primary;
	char d3cold[8];
	char power_control[8];
	char reset_method[64];
	unsigned int deadline_ms;
};

/**
 * struct conf_vm - The INI file of one VM
 * @shown:    Name of the file in messages, "vms/train01.ini"
 * @devices:  Section [devices]
 */
struct conf_vm {
	char shown[NAME_LEN + 16];
	struct conf_devices devices;
};

/**
 * struct conf_key - One row of the table; parser, man page and completion come from it
 * @section:  "devices"
 * @key:      As written in the file
 * @type:     What is allowed, for the man page; where it is a choice, "gpus|all|none",
 *            for the parser too
 * @standard: Value when the key is absent, as one would write it
 * @help:     One line
 * @set:      Reads a value into @conf (a struct conf_vm). 0, or -EINVAL with what to
 *            write instead in @ret_why (not the file and line); @conf may then hold half
 *            of it
 * @offset:   Of the field in @conf that @set fills
 * @size:     Of that field
 */
struct conf_key {
	const char *section;
	const char *key;
	const char *type;
	const char *standard;
	const char *help;
	int (*set)(void *conf, const struct conf_key *key, const char *value,
		   char ret_why[static WHY_LEN]);
	size_t offset;
	size_t size;
};

/**
 * conf_vm_keys() - The table of keys of a VM's INI file
 * @ret_n:   How many rows
 */
const struct conf_key *conf_vm_keys(size_t *ret_n);

/**
 * conf_vm_read() - Find and read the INI file of a VM
 * @dir:     Directory descriptor of etc/virt-handoff/vms
 * @name:    Domain name
 * @uuid:    Domain UUID
 * @c:       Filled; untouched on failure
 * @ret_why: One sentence on failure
 *
 * NAME.ini or UUID.ini; both is an error. A name that is not text_is_name(), or that is
 * the UUID of another VM, has no NAME.ini, and what is not text_is_uuid() (NULL is
 * allowed) no UUID.ini: neither is ever made part of a path.
 *
 * Return:   0, -ENOENT there is none, -EEXIST both, or an error of ini_read()
 */
int conf_vm_read(int dir, const char *name, const char *uuid, struct conf_vm *c,
		 char ret_why[static WHY_LEN]) MUST_CHECK;

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* conf-text.h - texts read as the INI file of a VM, or as host.ini, in a test's folder */
#pragma once

#include "conf.h"
#include "tree.h"

/**
 * conf_text_read() - Read @len bytes of a text as vms/x.ini, of VM "x"
 *
 * Return:   That of conf_vm_read()
 */
int conf_text_read(const struct tree *t, const char *text, size_t len, struct conf_vm *c,
		   char ret_why[static WHY_LEN]);

/**
 * conf_text_take() - Read a text that has to be taken, without a word
 * @c:       To be freed with conf_vm_free(), where it has forwards
 */
void conf_text_take(const struct tree *t, const char *text, struct conf_vm *c);

/**
 * conf_text_refuse() - Read a text that has to be refused, by this sentence
 *
 * The struct is not touched then.
 */
void conf_text_refuse(const struct tree *t, const char *text, const char *want);

/**
 * conf_text_read_host() - Read a text as host.ini
 *
 * Return:   That of conf_host_read()
 */
int conf_text_read_host(const struct tree *t, const char *text, struct conf_host *c,
			char ret_why[static WHY_LEN]);

void conf_text_take_host(const struct tree *t, const char *text, struct conf_host *c);
void conf_text_refuse_host(const struct tree *t, const char *text, const char *want);

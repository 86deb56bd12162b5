// SPDX-License-Identifier: GPL-2.0-or-later
/* conf-text.c - texts read as the INI file of a VM, or as host.ini, in a test's folder */

#include "conf-text.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* a text that was mutated may have a NUL in it */
static void put(const struct tree *t, const char *text, size_t len)
{
	int fd = openat(t->fd, "x.ini", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), len);
	close(fd);
}

int conf_text_read(const struct tree *t, const char *text, size_t len, struct conf_vm *c,
		   char ret_why[static WHY_LEN])
{
	put(t, text, len);
	return conf_vm_read(t->fd, "x", NULL, c, ret_why);
}

void conf_text_take(const struct tree *t, const char *text, struct conf_vm *c)
{
	char sentence[WHY_LEN] = "";

	assert_int_equal(conf_text_read(t, text, strlen(text), c, sentence), 0);
	assert_string_equal(sentence, "");
	assert_string_equal(c->shown, "vms/x.ini");
}

void conf_text_refuse(const struct tree *t, const char *text, const char *want)
{
	static struct conf_vm c, before;
	char sentence[WHY_LEN] = "";

	memset(&c, 0xa5, sizeof(c));
	memset(&before, 0xa5, sizeof(before));
	assert_int_equal(conf_text_read(t, text, strlen(text), &c, sentence), -EINVAL);
	assert_string_equal(sentence, want);
	unit_check_sentence(sentence);
	assert_memory_equal(&c, &before, sizeof(c));
}

int conf_text_read_host(const struct tree *t, const char *text, struct conf_host *c,
			char ret_why[static WHY_LEN])
{
	tree_file(t, "host.ini", text);
	return conf_host_read(t->fd, c, ret_why);
}

void conf_text_take_host(const struct tree *t, const char *text, struct conf_host *c)
{
	char sentence[WHY_LEN] = "";

	assert_int_equal(conf_text_read_host(t, text, c, sentence), 0);
	assert_string_equal(sentence, "");
}

void conf_text_refuse_host(const struct tree *t, const char *text, const char *want)
{
	static struct conf_host c, before;
	char sentence[WHY_LEN] = "";

	memset(&c, 0xa5, sizeof(c));
	memset(&before, 0xa5, sizeof(before));
	assert_int_equal(conf_text_read_host(t, text, &c, sentence), -EINVAL);
	assert_string_equal(sentence, want);
	unit_check_sentence(sentence);
	assert_memory_equal(&c, &before, sizeof(c));
}

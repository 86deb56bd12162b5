// SPDX-License-Identifier: GPL-2.0-or-later
/* attr.c - reading and writing the plain attributes of the fake kernel */
#include "kernel.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

void attr_use(struct node *dir, const struct attr *attrs, void *owner)
{
	for (struct node *n = dir->child; n; n = n->next) {
		if (!S_ISREG(n->mode))
			continue;
		for (const struct attr *a = attrs; a->name; a++) {
			if (fnmatch(a->name, n->name, 0) != 0)
				continue;
			n->attr = a;
			n->owner = owner;
			n->mode = S_IFREG | a->mode;
			break;
		}
	}
}

int attr_read(struct kernel *k, struct node *n, struct text *out)
{
	char path[NODE_PATH_LEN];

	/* what was read from is gone: fs/kernfs/file.c, kernfs_get_active() */
	if (!node_path(k->root, n, path) && !k->again)
		return -ENODEV;
	if (fault_is_silent(k, path))
		return KERNEL_WAIT;
	if (n->attr && n->attr->show)
		return n->attr->show(k, n, out);
	text_add(out, n->value ? n->value : "", n->len);
	return 0;
}

static void log_write(struct kernel *k, const char *path, const char *s, size_t len,
		      int r)
{
	char value[4 * 256 + 1];

	machine_escape(s, len > 256 ? 256 : len, value);
	text_print(&k->log, "%s %s %s\n", path, value, r ? strerrorname_np(-r) : "ok");
	k->writes++;
}

int attr_write(struct kernel *k, struct node *n, const char *s, size_t len)
{
	char path[NODE_PATH_LEN];
	int r;

	/* what has begun goes on to its end: kernfs_drain() waits for it */
	if (!node_path(k->root, n, path)) {
		if (!k->again)
			return -ENODEV;
		snprintf(path, sizeof(path), "(gone)/%s", n->name);
	}
	if (strncmp(path, "ctl/", 4) == 0)
		return n->attr->store(k, n, s, len);
	r = fault_on_write(k, path);
	if (r == 0 && n->attr && n->attr->store)
		r = n->attr->store(k, n, s, len);
	else if (r == 0)
		node_set(n, s, len);
	if (r != KERNEL_WAIT)
		log_write(k, path, s, len, r);
	return r;
}

static int override_show(struct kernel *k, struct node *n, struct text *out)
{
	struct device *dev = n->owner;

	(void)k;
	if (device_lock(dev))
		return KERNEL_WAIT;
	text_print(out, "%s\n", dev->override ? dev->override : "(null)");
	return 0;
}

/* drivers/base/driver.c, driver_set_override() */
static int override_store(struct kernel *k, struct node *n, const char *s, size_t len)
{
	struct device *dev = n->owner;
	size_t name = strnlen(s, len);
	const char *nl = memchr(s, '\n', name);

	(void)k;
	if (len >= 4096 - 1)
		return -EINVAL;
	if (device_lock(dev))
		return KERNEL_WAIT;
	if (nl)
		name = (size_t)(nl - s);
	free(dev->override);
	dev->override = nl == s ? NULL : strndup(s, name);
	return 0;
}

/* lib/kstrtox.c: a number, perhaps with one newline, and nothing else */
int number_parse(const char *s, long min, long max, long *ret)
{
	char *end;
	long v;

	errno = 0;
	v = strtol(s, &end, 0);
	if (end == s || (*end && strcmp(end, "\n") != 0))
		return -EINVAL;
	if (errno || v < min || v > max)
		return -ERANGE;
	*ret = v;
	return 0;
}

static void set_number(struct node *n, long v)
{
	char buf[32];

	node_set(n, buf, (size_t)snprintf(buf, sizeof(buf), "%ld\n", v));
}

/* drivers/pci/pci-sysfs.c, d3cold_allowed_store() */
static int d3cold_store(struct kernel *k, struct node *n, const char *s, size_t len)
{
	long v;

	(void)k;
	(void)len;
	if (number_parse(s, 0, __LONG_MAX__, &v) < 0)
		return -EINVAL;
	set_number(n, v != 0);
	return 0;
}

/* drivers/base/power/sysfs.c, control_store() */
static int control_store(struct kernel *k, struct node *n, const char *s, size_t len)
{
	(void)k;
	if (device_lock(n->owner))
		return KERNEL_WAIT;
	if (len && s[len - 1] == '\n')
		len--;
	if ((len != 2 || memcmp(s, "on", 2) != 0) &&
	    (len != 4 || memcmp(s, "auto", 4) != 0))
		return -EINVAL;
	node_set(n, s, len);
	n->value = realloc(n->value, len + 2);
	strcpy(n->value + len, "\n");
	n->len = len + 1;
	return 0;
}

/* drivers/pci/pci.c, pci_reset_methods[] as in 6.1 */
static const char *const reset_methods[] = { "device_specific", "acpi", "flr",
					     "af_flr",          "pm",   "bus" };

/*
 * drivers/pci/pci.c, reset_method_store(): "" disables, "default" restores. What the
 * device can do is what was recorded, which is kept in the owner of the file's folder.
 */
static int reset_store(struct kernel *k, struct node *n, const char *s, size_t len)
{
	char copy[256], out[256] = "", *save = NULL;
	char *recorded = n->owner;

	(void)k;
	if (len >= sizeof(copy))
		return -EINVAL;
	memcpy(copy, s, len + 1);
	copy[strcspn(copy, "\n")] = '\0';
	if (strcmp(copy, "default") == 0) {
		node_set(n, recorded, strlen(recorded));
		return 0;
	}
	for (char *w = strtok_r(copy, " ", &save); w; w = strtok_r(NULL, " ", &save)) {
		const char *has = strstr(recorded, w);
		size_t i;

		for (i = 0; i < sizeof(reset_methods) / sizeof(reset_methods[0]); i++)
			if (strcmp(w, reset_methods[i]) == 0)
				break;
		if (i == sizeof(reset_methods) / sizeof(reset_methods[0]) || !has)
			return -EINVAL;
		if (*out)
			strcat(out, " ");
		strcat(out, w);
	}
	if (*out)
		strcat(out, "\n");
	node_set(n, out, strlen(out));
	return 0;
}

/* drivers/tty/vt/vt.c, store_bind(): errors of vt_bind() and vt_unbind() are dropped */
static int vtcon_store(struct kernel *k, struct node *n, const char *s, size_t len)
{
	struct node *all = n->parent->parent, *dummy = NULL;
	bool on = strtoul(s, NULL, 0) != 0;

	(void)k;
	(void)len;
	for (struct node *c = all->child; c; c = c->next) {
		struct node *name = node_find(c, "name");

		if (name && name->value && strncmp(name->value, "(S)", 3) == 0)
			dummy = node_find(c, "bind");
	}
	if (!on && (n == dummy || !dummy))
		return 0;
	for (struct node *c = all->child; on && c; c = c->next) {
		struct node *bind = node_find(c, "bind");

		if (bind)
			set_number(bind, bind == n);
	}
	if (!on && n->len && n->value[0] == '1') {
		set_number(n, 0);
		set_number(dummy, 1);
	}
	return 0;
}

/* drivers/pci/pci-sysfs.c, drivers/pci/pci.c, drivers/base/core.c */
const struct attr device_attrs[] = {
	{ "driver_override", 0644, override_show, override_store },
	{ "d3cold_allowed", 0644, NULL, d3cold_store },
	{ "reset_method", 0644, NULL, reset_store },
	{ "numa_node", 0644, NULL, NULL },
	{ "enable", 0644, NULL, NULL },
	{ "msi_bus", 0644, NULL, NULL },
	{ "broken_parity_status", 0644, NULL, NULL },
	{ "uevent", 0644, NULL, NULL },
	{ NULL, 0, NULL, NULL },
};

const struct attr power_attrs[] = {
	{ "control", 0644, NULL, control_store },
	{ "autosuspend_delay_ms", 0644, NULL, NULL },
	{ NULL, 0, NULL, NULL },
};

const struct attr vtcon_attrs[] = {
	{ "bind", 0644, NULL, vtcon_store },
	{ NULL, 0, NULL, NULL },
};

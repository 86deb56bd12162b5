// SPDX-License-Identifier: GPL-2.0-or-later
/* control.c - how a test talks to the fake kernel: ctl/control, log, state, writes */
#include "cards.h"

#include <err.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

void text_add(struct text *t, const char *s, size_t len)
{
	if (t->len + len + 1 > t->room) {
		t->room = (t->len + len + 1) * 2;
		t->s = realloc(t->s, t->room);
		if (!t->s)
			err(1, "fake kernel");
	}
	memcpy(t->s + t->len, s, len);
	t->len += len;
	t->s[t->len] = '\0';
}

void text_print(struct text *t, const char *format, ...)
{
	va_list ap;
	char *s;
	int len;

	va_start(ap, format);
	len = vasprintf(&s, format, ap);
	va_end(ap);
	if (len < 0)
		err(1, "fake kernel");
	text_add(t, s, (size_t)len);
	free(s);
}

static void dump_value(const char *kind, const char *path, const char *s, size_t len,
		       struct text *out)
{
	char *escaped = malloc(4 * len + 1);

	if (!escaped)
		err(1, "fake kernel");
	machine_escape(s, len, escaped);
	text_print(out, "%s %s %s\n", kind, path, escaped);
	free(escaped);
}

static void dump(struct kernel *k, struct node *n, struct text *out)
{
	char path[NODE_PATH_LEN];
	struct text value = { 0 };

	if (n->quiet || !node_path(k->root, n, path))
		return;
	if (S_ISLNK(n->mode)) {
		dump_value("link", path, n->value, n->len, out);
	} else if (S_ISREG(n->mode) && n->mode & 0444) {
		if (attr_read(k, n, &value) == KERNEL_WAIT)
			text_print(&value, "locked");
		dump_value("file", path, value.s ? value.s : "", value.len, out);
		free(value.s);
	} else if (S_ISDIR(n->mode)) {
		text_print(out, "dir %s\n", path);
		for (struct node *c = n->child; c; c = c->next)
			dump(k, c, out);
	}
}

static int state_show(struct kernel *k, struct node *n, struct text *out)
{
	(void)n;
	for (struct node *c = k->root->child; c; c = c->next)
		if (strcmp(c->name, "ctl") != 0)
			dump(k, c, out);
	return 0;
}

static int log_show(struct kernel *k, struct node *n, struct text *out)
{
	(void)n;
	text_add(out, k->log.s ? k->log.s : "", k->log.len);
	return 0;
}

static int log_store(struct kernel *k, struct node *n, const char *s, size_t len)
{
	(void)n;
	(void)s;
	(void)len;
	k->log.len = 0;
	k->writes = 0;
	return 0;
}

static int writes_show(struct kernel *k, struct node *n, struct text *out)
{
	(void)n;
	text_print(out, "%lu\n", k->writes);
	return 0;
}

static int cards_show_all(struct kernel *k, struct node *n, struct text *out)
{
	(void)n;
	cards_show(k, out);
	return 0;
}

static int control_store(struct kernel *k, struct node *n, const char *s, size_t len)
{
	char *words = strndup(s, len);
	int r;

	(void)n;
	if (!words)
		return -ENOMEM;
	r = fault_command(k, words);
	free(words);
	return r;
}

/* proc/modules: NAME SIZE REFCNT HOLDERS, STATE ADDRESS */
static int modules_show(struct kernel *k, struct node *n, struct text *out)
{
	(void)n;
	for (const struct module *m = k->modules; m; m = m->next) {
		const struct node *h;

		if (!m->loaded)
			continue;
		text_print(out, "%s 16384 %d ", m->name, m->refcnt);
		h = m->dir ? node_find(m->dir, "holders") : NULL;
		h = h ? h->child : NULL;
		if (!h)
			text_print(out, "-");
		for (; h; h = h->next)
			text_print(out, "%s,", h->name);
		text_print(out, " Live 0x0000000000000000\n");
	}
	return 0;
}

static const struct attr control_attrs[] = {
	{ "cards", 0444, cards_show_all, NULL },
	{ "control", 0200, NULL, control_store },
	{ "log", 0644, log_show, log_store },
	{ "state", 0444, state_show, NULL },
	{ "writes", 0444, writes_show, NULL },
	{ NULL, 0, NULL, NULL },
};

static const struct attr proc_attrs[] = {
	{ "modules", 0444, modules_show, NULL },
	{ NULL, 0, NULL, NULL },
};

void control_make(struct kernel *k)
{
	for (const struct attr *a = control_attrs; a->name; a++) {
		char path[64];

		snprintf(path, sizeof(path), "ctl/%s", a->name);
		node_make(k->root, path, S_IFREG | 0444);
	}
	attr_use(node_find(k->root, "ctl"), control_attrs, NULL);
	node_make(k->root, "proc/modules", S_IFREG | 0444)->quiet = true;
	attr_use(node_find(k->root, "proc"), proc_attrs, NULL);
}

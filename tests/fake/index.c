// SPDX-License-Identifier: GPL-2.0-or-later
/* index.c - the files below lib/modules/RELEASE that libkmod looks modules up in */
#include "sandbox.h"

#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* libkmod/libkmod-index.h and tools/depmod.c of kmod 30 */
#define INDEX_MAGIC   0xB007F457
#define INDEX_VERSION 0x00020001
#define NODE_VALUES   0x40000000
#define NODE_CHILDREN 0x20000000

#define DEPS_MAX 64

/* A node for every byte of every key: the files are small, so nothing is compressed */
struct trie {
	struct trie *child[128];
	char *value; /* owned */
};

static struct trie *trie_new(void)
{
	struct trie *t = calloc(1, sizeof(*t));

	if (!t)
		err(1, "sandbox: modules");
	return t;
}

static void trie_add(struct trie *t, const char *key, char *value)
{
	for (; *key; key++) {
		struct trie **c = &t->child[*key & 127];

		if (!*c)
			*c = trie_new();
		t = *c;
	}
	t->value = value;
}

static void put32(struct text *out, uint32_t v)
{
	v = htonl(v);
	text_add(out, (const char *)&v, sizeof(v));
}

/* Children first: a node has the offsets of those below it. Returns offset and flags. */
static uint32_t trie_write(const struct trie *t, struct text *out)
{
	uint32_t offset, at[128], flags = 0;
	int first = 128, last = -1;

	for (int c = 0; c < 128; c++) {
		at[c] = t->child[c] ? trie_write(t->child[c], out) : 0;
		if (t->child[c]) {
			first = first == 128 ? c : first;
			last = c;
		}
	}
	offset = (uint32_t)out->len;
	if (last >= 0) {
		char range[2] = { (char)first, (char)last };

		flags |= NODE_CHILDREN;
		text_add(out, range, 2);
		for (int c = first; c <= last; c++)
			put32(out, at[c]);
	}
	if (t->value) {
		flags |= NODE_VALUES;
		put32(out, 1); /* values */
		put32(out, 0); /* priority */
		text_add(out, t->value, strlen(t->value) + 1);
	}
	return offset | flags;
}

static void trie_free(struct trie *t)
{
	for (int c = 0; t && c < 128; c++)
		trie_free(t->child[c]);
	if (t)
		free(t->value);
	free(t);
}

static void write_whole(const char *dir, const char *name, const char *s, size_t len)
{
	char path[SANDBOX_PATH_LEN];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0 || write(fd, s, len) != (ssize_t)len)
		err(1, "sandbox: %s", path);
	close(fd);
}

static void index_file(const char *dir, const char *name, const struct trie *t)
{
	struct text out = { 0 };
	uint32_t root;

	put32(&out, INDEX_MAGIC);
	put32(&out, INDEX_VERSION);
	put32(&out, 0);
	root = htonl(trie_write(t, &out));
	memcpy(out.s + 8, &root, sizeof(root));
	write_whole(dir, name, out.s, out.len);
	free(out.s);
}

static const struct machine_entry *find(const struct machine *m, const char *name,
					size_t len)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->entries[i].kind == MACHINE_MODULE &&
		    strlen(m->entries[i].path) == len &&
		    strncmp(m->entries[i].path, name, len) == 0)
			return &m->entries[i];
	return NULL;
}

/* What a module needs, each before what it needs itself: libkmod loads from the end */
static void collect(const struct machine *m, const struct machine_entry *e,
		    const struct machine_entry **ret, size_t *n)
{
	const char *d = strncmp(e->value, "deps=", 5) == 0 ? e->value + 5 : "";

	for (size_t i = 0; i < *n; i++)
		if (ret[i] == e)
			return;
	while (*d) {
		size_t len = strcspn(d, ", ");
		const struct machine_entry *dep = find(m, d, len);

		if (!dep)
			errx(1, "line %u: no module %.*s", e->line, (int)len, d);
		collect(m, dep, ret, n);
		d += len;
		d += *d == ',';
	}
	if (*n == DEPS_MAX)
		errx(1, "line %u: too many modules below this one", e->line);
	ret[(*n)++] = e;
}

static char *dep_line(const struct machine *m, const struct machine_entry *e)
{
	const struct machine_entry *all[DEPS_MAX];
	struct text line = { 0 };
	size_t n = 0;

	collect(m, e, all, &n);
	text_print(&line, "kernel/%s.ko:", e->path);
	for (size_t i = n - 1; i-- > 0;)
		text_print(&line, " kernel/%s.ko", all[i]->path);
	return line.s;
}

void index_write(const char *dir, const struct machine *m)
{
	static const char *const empty[] = { "modules.alias.bin", "modules.symbols.bin",
					     "modules.builtin.bin",
					     "modules.builtin.alias.bin" };
	struct trie *deps = trie_new(), *none = trie_new();
	struct text text = { 0 };
	char path[SANDBOX_PATH_LEN];

	snprintf(path, sizeof(path), "%s/kernel", dir);
	if (mkdir(path, 0755) < 0)
		err(1, "sandbox: %s", path);
	for (size_t i = 0; i < m->n; i++) {
		const struct machine_entry *e = &m->entries[i];
		/* libkmod wants 6 bytes, to see whether it is compressed */
		static const char ko[] = "not a module: the load of it is caught\n";
		char *line;

		if (e->kind != MACHINE_MODULE)
			continue;
		line = dep_line(m, e);
		text_print(&text, "%s\n", line);
		trie_add(deps, e->path, line);
		snprintf(path, sizeof(path), "kernel/%s.ko", e->path);
		write_whole(dir, path, ko, sizeof(ko) - 1);
	}
	index_file(dir, "modules.dep.bin", deps);
	for (size_t i = 0; i < sizeof(empty) / sizeof(empty[0]); i++)
		index_file(dir, empty[i], none);
	write_whole(dir, "modules.dep", text.s ? text.s : "", text.len);
	write_whole(dir, "modules.softdep", "", 0);
	write_whole(dir, "modules.order", "", 0);
	write_whole(dir, "modules.builtin", "", 0);
	free(text.s);
	trie_free(deps);
	trie_free(none);
}

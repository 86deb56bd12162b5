// SPDX-License-Identifier: GPL-2.0-or-later
/* node.c - the tree of folders, files and links that the fake kernel serves */
#include "node.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Folders of sysfs are at most about 20 deep, links to links about 3. */
#define WALK_LINKS_MAX 16

static uint32_t name_hash(const char *name, size_t len)
{
	uint32_t h = 2166136261u; /* FNV-1a */

	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)name[i]) * 16777619u;
	return h;
}

static struct node *find_len(const struct node *dir, const char *name, size_t len)
{
	uint32_t h = name_hash(name, len);

	for (struct node *n = dir->child; n; n = n->next)
		if (n->hash == h && strncmp(n->name, name, len) == 0 && !n->name[len])
			return n;
	return NULL;
}

struct node *node_new(const char *name, mode_t mode)
{
	static uint64_t last_ino = 1; /* the root's own is 1 */
	struct node *n = calloc(1, sizeof(*n));

	if (!n || !(n->name = strdup(name)))
		err(1, "fake kernel");
	n->hash = name_hash(name, strlen(name));
	n->mode = mode;
	n->ino = ++last_ino;
	return n;
}

void node_set(struct node *n, const char *value, size_t len)
{
	free(n->value);
	n->value = malloc(len + 1);
	if (!n->value)
		err(1, "fake kernel");
	memcpy(n->value, value, len);
	n->value[len] = '\0';
	n->len = len;
}

struct node *node_find(const struct node *dir, const char *name)
{
	return find_len(dir, name, strlen(name));
}

void node_put(struct node *dir, struct node *n)
{
	struct node **p = &dir->child;

	while (*p && strcmp((*p)->name, n->name) < 0)
		p = &(*p)->next;
	n->next = *p;
	n->parent = dir;
	*p = n;
}

void node_take(struct node *n)
{
	struct node **p;

	if (!n->parent)
		return;
	for (p = &n->parent->child; *p != n; p = &(*p)->next)
		;
	*p = n->next;
	n->next = NULL;
	n->parent = NULL;
}

struct node *node_make(struct node *root, const char *path, mode_t mode)
{
	struct node *dir = root;

	while (*path) {
		size_t len = strcspn(path, "/");
		bool last = path[len] == '\0';
		struct node *n = find_len(dir, path, len);

		if (!n) {
			char name[256];

			if (len >= sizeof(name))
				errx(1, "fake kernel: %s: name too long", path);
			memcpy(name, path, len);
			name[len] = '\0';
			n = node_new(name, last ? mode : S_IFDIR | 0755);
			n->fixed = true;
			node_put(dir, n);
		}
		dir = n;
		path += last ? len : len + 1;
	}
	return dir;
}

static unsigned int depth(const struct node *n)
{
	unsigned int d = 0;

	for (; n->parent; n = n->parent)
		d++;
	return d;
}

struct node *node_link(struct node *dir, const char *name, const struct node *to)
{
	unsigned int up = depth(dir), down = depth(to);
	struct node *n = node_new(name, S_IFLNK | 0777);
	const struct node *a = dir, *b = to, *root;
	char path[NODE_PATH_LEN], target[2 * NODE_PATH_LEN], *p = target;

	for (root = to; root->parent; root = root->parent)
		;
	/* sysfs goes up to the last folder that both have, no further */
	for (unsigned int i = up; i > down; i--)
		a = a->parent;
	for (unsigned int i = down; b && i > up; i--)
		b = b->parent;
	while (a && b && a != b) {
		a = a->parent;
		b = b->parent;
	}
	for (const struct node *d = dir; d != a; d = d->parent)
		p = stpcpy(p, "../");
	node_path(root, to, path);
	if (a != root) {
		char common[NODE_PATH_LEN];

		node_path(root, a, common);
		memmove(path, path + strlen(common) + 1, strlen(path) - strlen(common));
	}
	p = stpcpy(p, path);
	node_set(n, target, (size_t)(p - target));
	node_put(dir, n);
	return n;
}

static struct node *walk(struct node *root, struct node *at, const char *path, int *links)
{
	if (*path == '/')
		at = root;
	while (at && *path) {
		size_t len = strcspn(path, "/");
		struct node *n;

		if (len == 0 || (len == 1 && *path == '.'))
			n = at;
		else if (len == 2 && path[0] == '.' && path[1] == '.')
			n = at == root ? root : at->parent;
		else
			n = find_len(at, path, len);
		if (n && S_ISLNK(n->mode)) {
			if (--*links < 0)
				return NULL;
			n = walk(root, at, n->value, links);
		}
		at = n;
		path += len;
		path += strspn(path, "/");
	}
	return at;
}

struct node *node_walk(struct node *root, struct node *from, const char *path)
{
	int links = WALK_LINKS_MAX;

	return walk(root, from, path, &links);
}

bool node_path(const struct node *root, const struct node *n,
	       char ret[static NODE_PATH_LEN])
{
	char buf[NODE_PATH_LEN], *p = buf + sizeof(buf) - 1;

	*p = '\0';
	for (; n && n != root; n = n->parent) {
		size_t len = strlen(n->name);

		if (!n->parent || (size_t)(p - buf) < len + 1)
			return false;
		if (*p)
			*--p = '/';
		p -= len;
		memcpy(p, n->name, len);
	}
	strcpy(ret, p);
	return true;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* node.h - the tree of folders, files and links that the fake kernel serves */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define NODE_PATH_LEN 512

struct attr;

/**
 * struct node - a folder, file or link
 * @parent:   Folder it is in; NULL for the root and for what was taken out
 * @child:    First of its entries, sorted by name
 * @next:     Next entry of the same folder
 * @name:     Owned
 * @value:    Content of a file without a handler, target of a link; owned, NULL is empty
 * @len:      Bytes in @value
 * @hash:     Of @name
 * @mode:     Type and permission bits
 * @fixed:    Never taken out of its folder, so its name may be cached
 * @quiet:    Made by a driver at bind: left out of the text that states are compared by
 * @ino:      Number, never used twice
 * @attr:     What reading and writing do; NULL: @value, read only
 * @owner:    The device, driver, module or console that @attr acts on; borrowed
 *
 * A node is never freed: a file system client may hold it for as long as it likes.
 */
struct node {
	struct node *parent;
	struct node *child;
	struct node *next;
	char *name;
	char *value;
	size_t len;
	uint32_t hash;
	mode_t mode;
	bool fixed;
	bool quiet;
	uint64_t ino;
	const struct attr *attr;
	void *owner;
};

/**
 * node_new() - Make a node that is in no folder yet
 * @name:  Copied
 * @mode:  S_IFDIR, S_IFREG or S_IFLNK with permission bits
 *
 * Return:  the node; ends the process when memory is short
 */
struct node *node_new(const char *name, mode_t mode);

/**
 * node_set() - Set the content of a file or the target of a link
 */
void node_set(struct node *n, const char *value, size_t len);

/**
 * node_find() - Entry of a folder by name
 *
 * Return:  the node or NULL
 */
struct node *node_find(const struct node *dir, const char *name);

/**
 * node_put() - Put a node into a folder
 */
void node_put(struct node *dir, struct node *n);

/**
 * node_take() - Take a node, with all that is below it, out of its folder
 */
void node_take(struct node *n);

/**
 * node_make() - Find or make the node at a path; missing folders are made
 * @root:  Folder the path starts at
 * @path:  Relative, without ".."
 * @mode:  Of a new node
 *
 * Return:  the node; one that was there keeps its mode
 */
struct node *node_make(struct node *root, const char *path, mode_t mode);

/**
 * node_link() - Make a link in a folder to another node, with a relative target
 * @dir:   Folder
 * @name:  Name of the link
 * @to:    Node it points to
 *
 * Return:  the link
 */
struct node *node_link(struct node *dir, const char *name, const struct node *to);

/**
 * node_walk() - Follow a path, through links, as the kernel does
 * @root:  What "/" and the top of ".." is
 * @from:  Folder the path starts at
 * @path:  Path
 *
 * Return:  the node, or NULL
 */
struct node *node_walk(struct node *root, struct node *from, const char *path);

/**
 * node_path() - Path of a node below the root
 * @ret:  NODE_PATH_LEN bytes
 *
 * Return:  false when the node, or a folder above it, was taken out
 */
bool node_path(const struct node *root, const struct node *n,
	       char ret[static NODE_PATH_LEN]);

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tree.h - a temporary folder that plays the root of a host, filled file by file */
#pragma once

#include "host.h"
#include "unit.h"

/**
 * struct tree - A temporary folder
 * @path:    Where, below TMPDIR or /tmp
 * @fd:      Owned. Its descriptor
 */
struct tree {
	char path[256];
	int fd;
};

/**
 * tree_make() - Make an empty one; a failure fails the test
 */
void tree_make(struct tree *t);

/**
 * tree_remove() - Delete it with everything in it
 */
void tree_remove(struct tree *t);

/**
 * tree_setup() - Give a test of cmocka an empty one, as its @state
 */
int tree_setup(void **state);
int tree_teardown(void **state);

/**
 * tree_dir() - Make a folder and those above it
 */
void tree_dir(const struct tree *t, const char *path);

/**
 * tree_file() - Write a file, making the folders above it
 * @text:    Whole content, written as it is
 */
void tree_file(const struct tree *t, const char *path, const char *text);

/**
 * tree_link() - Make a symbolic link, replacing one that is there, and the folders above
 * it
 */
void tree_link(const struct tree *t, const char *path, const char *target);

/**
 * tree_text() - Content of a file, in a buffer that the next call overwrites
 */
const char *tree_text(const struct tree *t, const char *path);

/**
 * tree_count() - Entries of a folder; 0 when it is not there
 */
size_t tree_count(const struct tree *t, const char *path);

/**
 * tree_host() - Open the tree as a host, with a run folder
 */
void tree_host(const struct tree *t, struct host *h, const struct kind *const *kinds);

/**
 * struct rooted - A temporary folder, and a host without kinds whose root it is
 */
struct rooted {
	struct tree tree;
	struct host host;
};

/**
 * rooted_setup() - For cmocka, with a struct rooted as the state before
 */
int rooted_setup(void **state);
int rooted_teardown(void **state);

#define ROOTED_TEST(f, at) \
	cmocka_unit_test_prestate_setup_teardown(f, rooted_setup, rooted_teardown, at)

/* Where tree_function() puts its functions: behind one bridge */
#define TREE_BRIDGE "sys/devices/pci0000:e0/0000:e0:01.1/"

/**
 * tree_function() - A display function of PCI, with its link on the bus
 * @bdf:     As sysfs spells it
 */
void tree_function(const struct tree *t, const char *bdf);

/**
 * tree_driver() - The link of such a function to its driver
 */
void tree_driver(const struct tree *t, const char *bdf, const char *driver);

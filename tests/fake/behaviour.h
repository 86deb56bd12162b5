/* SPDX-License-Identifier: GPL-2.0-or-later */
/* behaviour.h - how a kernel, fake or real, is asked what it answers */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/**
 * struct run - Questions and how many were answered as expected
 * @bdf:     Function that is asked about, borrowed
 * @driver:  Its driver in the beginning
 */
struct run {
	const char *bdf;
	char driver[64];
	unsigned int good;
	unsigned int all;
};

void check(struct run *r, bool good, const char *what);

/**
 * put() - Write to a file, once
 *
 * Return:  0 or the errno of opening or writing
 */
int put(const char *path, const char *value, size_t len);

/**
 * expect() - Write, and check the errno
 */
void expect(struct run *r, int want, const char *path, const char *value,
	    const char *what);
bool reads(const char *path, const char *want);

/* Paths below the function and below a driver of the PCI bus; overwritten by later calls */
const char *of_device(const struct run *r, const char *name);
const char *of_driver(const char *driver, const char *name);
bool driven_by(const struct run *r, const char *driver);

/* ask-sriov.c, ask-mdev.c */
void ask_sriov(struct run *r);
void ask_mdev(struct run *r, const char *parent, const char *type);

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sandbox.h - a private host below a folder: fake kernel, own /proc, /run, /dev, units */
#pragma once

#include "kernel.h"

#include <stdbool.h>
#include <sys/types.h>

#define SANDBOX_PATH_LEN 512
#define SANDBOX_LIST_MAX 32

/*
 * What is real and what is faked, below the root that a program is put into
 *
 *	/sys             the fake kernel
 *	/proc            real, of a PID namespace of its own; modules, cmdline, swaps,
 *	                 sys/kernel/osrelease and driver/ come from the machine, where the
 *	                 real /proc has such a file
 *	/run /tmp /var   empty tmpfs
 *	/dev             tmpfs with null, zero, full, random, urandom; no /dev/log
 *	/usr /bin /lib.. the host's, read-only, but for systemctl and lib/modules
 *	/usr/bin/systemctl  fake-systemctl: a unit is a file in /units
 *	/usr/lib/nvidia/sriov-manage, /usr/bin/nvidia-smi  played, where the machine has
 *	                 types of vGPUs
 *	/lib/modules     what the machine's lines "module" say, with empty modules; for the
 *	                 running release and for the machine's
 *	/etc             the loader's cache, two users, and what the test installs; when
 *	                 that was built with AddressSanitizer, a preloaded library that
 *	                 switches its leak check off, which cannot work under ptrace
 *	/fake            control, log, state, cards and writes of the fake kernel
 *
 * The network namespace has no routes and no interface but lo.
 */

/**
 * struct sandbox_conf - What a sandbox is made from; all borrowed, paths of the host
 * @machine:  Recorded machine
 * @install:  Folder that make install DESTDIR= filled, or NULL: below etc/libvirt/hooks,
 *            usr
 * @files:    HOST-PATH:PATH words, copied in; ends with NULL
 * @binds:    HOST-PATH:PATH words, bound in read-only
 * @units:    UNIT=STATE words
 * @modules:  Modules to load first, in order
 */
struct sandbox_conf {
	const char *machine;
	const char *install;
	const char *files[SANDBOX_LIST_MAX];
	const char *binds[SANDBOX_LIST_MAX];
	const char *units[SANDBOX_LIST_MAX];
	const char *modules[SANDBOX_LIST_MAX];
};

/**
 * struct sandbox - A sandbox; its functions end the process with a message on failure
 * @conf:     Borrowed
 * @dir:      Folder of the host that a tmpfs is mounted on; made by sandbox_dir()
 * @root:     What the program sees as /
 * @machine:  As read
 * @kernel:   As loaded; each sandbox_start() serves a copy of it
 * @server:   Process of the fake kernel, once started
 */
struct sandbox {
	const struct sandbox_conf *conf;
	char dir[64];
	char root[SANDBOX_PATH_LEN];
	struct machine machine;
	struct kernel kernel;
	pid_t server;
};

/**
 * sandbox_cannot() - Why no sandbox can be made here
 *
 * Return:  a reason for a person, or NULL when it can
 */
const char *sandbox_cannot(void);

/**
 * sandbox_dir() - Make the empty folder of a sandbox; remove it when its processes are
 * gone
 */
void sandbox_dir(struct sandbox *s);

/**
 * sandbox_fork() - Fork into new namespaces
 * @flags:  CLONE_NEW...
 *
 * Return:  as fork(2)
 */
pid_t sandbox_fork(int flags);

/**
 * sandbox_build() - Build what is the same for every start
 * @s:     sandbox_dir() was called
 * @conf:  What to build
 *
 * Call in a process with a mount namespace of its own.
 */
void sandbox_build(struct sandbox *s, const struct sandbox_conf *conf);

/**
 * sandbox_start() - Mount a fresh fake kernel, /proc, /run and the units
 *
 * Call in the first process of a PID namespace, with a mount namespace of its own; when
 * that process ends, all of it is gone.
 */
void sandbox_start(struct sandbox *s);

/**
 * sandbox_enter() - Put this process into the sandbox, with libvirt's environment
 */
void sandbox_enter(const struct sandbox *s);

/**
 * sandbox_control() - Give the fake kernel a command
 * @format:  See tests/fake/fault.c: "hang nvidia *", "load vfio_pci"
 *
 * Return:  0, or the negative errno that it answered
 */
int sandbox_control(const struct sandbox *s, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * sandbox_read() - Read a file of the sandbox, such as fake/state
 *
 * Return:  its text, owned by the caller; ends the process when it cannot be read
 */
char *sandbox_read(const struct sandbox *s, const char *path);

/* index.c */

/**
 * index_write() - Write the modules.*.bin files that libkmod looks names up in
 * @dir:    lib/modules/RELEASE
 * @m:      Machine, whose lines "module" are the modules
 */
void index_write(const char *dir, const struct machine *m);

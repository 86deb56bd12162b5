/* SPDX-License-Identifier: GPL-2.0-or-later */
/* running.h - whether libvirt's folder of running VMs still has one */
#pragma once

#include "base.h"
#include "host.h"

#include <stdbool.h>
#include <stdint.h>

/**
 * running_vm() - Whether a VM runs, or may run
 * @vm:      Its name
 *
 * libvirt keeps NAME.xml and NAME.pid in run/libvirt/qemu from before QEMU starts until it
 * has ended; when both were killed, the second may stay. Where there is no such folder, no
 * VM is said to be gone.
 */
bool running_vm(const struct host *h, const char *vm);

/**
 * running_process() - Whether there is a process with this number
 */
bool running_process(const struct host *h, uint64_t pid);

/**
 * running_daemon() - Whether there is a daemon that starts VMs
 *
 * Between the hook's prepare and its QEMU a VM that is being started holds no lock of ours,
 * and libvirt's folder does not have it: only such a daemon knows of it.
 */
bool running_daemon(const struct host *h);

/**
 * running_vm_seen() - Whether libvirt's folder has it, and its QEMU is there
 *
 * For those who see all processes. A libvirtd that is killed while a VM stops leaves both files
 * behind, and has forgotten the VM when it is back ("no monitor path"). Before libvirt has
 * run for the first time since the boot there is no such folder, and no VM.
 */
bool running_vm_seen(const struct host *h, const char *vm);

// SPDX-License-Identifier: GPL-2.0-or-later
/* faults-kernel.c - drivers and modules that refuse, are slow, or never answer */
#include "expect.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static bool no_fault(const struct stage *st)
{
	return recovers(st, stage_state(st, STAGE_HOST));
}

static bool refuse_there(const struct stage *st)
{
	return control(st, "refuse vfio-pci " AUDIO " EIO") && refused(st, AUDIO);
}

static bool refuse_back(const struct stage *st)
{
	char *begin = stage_state(st, STAGE_HOST);

	return succeeds(st, "prepare") && control(st, "refuse snd_hda_intel * ENODEV") &&
	       answers(st, "stopped") && answers(st, "release") &&
	       (has_ledger(st) ||
		complain("the ledger is gone, the audio function is not back")) &&
	       recovers(st, begin);
}

/* Nobody else may be blocked: whoever reads without the device's lock */
static bool nothing_else_blocks(const struct stage *st)
{
	char path[SANDBOX_PATH_LEN + 64], value[256];

	snprintf(path, sizeof(path), "%s/sys/bus/pci/devices/%s/driver", st->box->root,
		 GPU);
	return readlink(path, value, sizeof(value)) > 0 ||
	       complain("the driver link cannot be read");
}

static bool hang_there(const struct stage *st)
{
	char *begin = stage_state(st, STAGE_HOST);

	return control(st, "hang nvidia " GPU) && fails(st, "prepare", GPU) &&
	       nothing_else_blocks(st) && answers(st, "stopped") &&
	       answers(st, "release") && answers(st, "prepare") &&
	       answers(st, "release") && control(st, "release " GPU) &&
	       recovers(st, begin);
}

/* The driver gives up while the hook still waits: late, but all right */
static bool slow_driver(const struct stage *st)
{
	char *begin = stage_state(st, STAGE_HOST);

	return control(st, "slow * * 300") && succeeds(st, "prepare") &&
	       succeeds(st, "release") && recovers(st, begin);
}

static bool hang_back(const struct stage *st)
{
	char *begin = stage_state(st, STAGE_HOST);

	return succeeds(st, "prepare") && control(st, "hang vfio-pci " GPU) &&
	       answers(st, "stopped") && answers(st, "release") &&
	       (has_ledger(st) || complain("the ledger is gone, the GPU is not back")) &&
	       answers(st, "prepare") && answers(st, "release") &&
	       control(st, "release " GPU) && recovers(st, begin);
}

static bool no_vfio(const struct stage *st)
{
	return control(st, "module vfio_pci EKEYREJECTED") && refused(st, "vfio_pci");
}

static bool override_error(const struct stage *st)
{
	return control(st, "error sys/devices/*/" GPU "/driver_override 1 EIO") &&
	       refused(st, GPU);
}

/*
 * Every write to /sys fails once, in prepare or in what libvirt calls after it. A prepare
 * that fails has put back what it did, unless just that could not be written.
 */
static bool each_write(const struct stage *st, const char *error)
{
	char *begin = stage_state(st, STAGE_HOST);

	for (int n = 1; n <= 20; n++) {
		char command[64];
		struct answer a;

		snprintf(command, sizeof(command), "error sys/* %d %s", n, error);
		if (!control(st, command))
			return false;
		a = libvirt_calls(st, "prepare", PROMPT_MS);
		if (a.late)
			return complain("write %d: no answer", n);
		if (a.status && !a.err[0])
			return complain("write %d: it fails without a word", n);
		if (!answers(st, "stopped") || !answers(st, "release") ||
		    !recovers(st, begin))
			return complain("this was after write %d had failed with %s", n,
					error);
	}
	return true;
}

static bool each_write_eio(const struct stage *st)
{
	return each_write(st, "EIO");
}

static bool each_write_ebusy(const struct stage *st)
{
	return each_write(st, "EBUSY");
}

/* Said of a device that is there all the same: only what is away has nothing to be put back */
static bool each_write_enodev(const struct stage *st)
{
	return each_write(st, "ENODEV");
}

/*
 * A holder that came after the check is seen by nobody but the driver, whose unbind hangs
 * until it leaves.
 */
static bool late_holder(const struct stage *st)
{
	char *begin = stage_state(st, STAGE_HOST);
	pid_t leaver;

	if (!control(st, "hang nvidia " GPU))
		return false;
	leaver = fork();
	if (leaver == 0) {
		usleep(700 * 1000);
		_exit(sandbox_control(st->box, "release " GPU) < 0);
	}
	if (!succeeds(st, "prepare"))
		return false;
	waitpid(leaver, NULL, 0);
	return succeeds(st, "release") && recovers(st, begin);
}

const struct test kernel_faults[] = {
	{ "no fault", no_fault, "" },
	{ "VFIO refuses the audio function", refuse_there, "" },
	{ "the sound driver refuses on the way back", refuse_back, "" },
	{ "unbind hangs for ever", hang_there, "" },
	{ "unbind hangs on the way back", hang_back, "" },
	{ "drivers are slow", slow_driver, "" },
	{ "the VFIO module is rejected", no_vfio, "" },
	{ "override answers EIO", override_error, "" },
	{ "each write answers EIO once", each_write_eio, "" },
	{ "each write answers EBUSY once", each_write_ebusy, "" },
	{ "each write answers ENODEV once", each_write_enodev, "" },
	{ "a holder comes after the check, and leaves in time", late_holder, "" },
	{ NULL, NULL, NULL },
};

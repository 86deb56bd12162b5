// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-import.c - virt-handoff import: turn what somebody has today into INI sections */

#include "ctl-import.h"

#include "file.h"
#include "import-ini.h"
#include "import-iptables.h"
#include "import-vm.h"
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void free_found(struct import *found)
{
	import_free(found);
}

static void free_vms(struct import_vms *vms)
{
	import_vms_free(vms);
}

/* "-" is standard input */
static ssize_t read_text(const char *path, char **ret)
{
	CLEANUP(close_fd)
	int fd = strcmp(path, "-") == 0 ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
					: open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	ssize_t len;

	if (fd < 0)
		return log_errno(-errno, "%s cannot be opened", path);
	len = file_read_all(fd, IMPORT_TEXT_MAX, ret);
	if (len < 0)
		return log_errno((int)len, "%s cannot be read", path);
	return len;
}

static int print(const struct ctl *c, const struct import *found, FILE *to)
{
	CLEANUP(free_vms) struct import_vms vms = { 0 };
	int r = import_vms_read(c->host.root, &vms);

	if (r == 0)
		r = import_write(found, &vms, to);
	return r < 0 ? log_errno(r, "import") : 0;
}

static void warn(const struct import *found, const char *path)
{
	for (size_t i = 0; i < found->n_notes; i++)
		if (found->note[i].kind != IMPORT_SAID)
			log_warning("%s: %s%s", path,
				    found->note[i].kind == IMPORT_LEFT ? "not taken: "
								       : "",
				    found->note[i].text);
}

static int import_file(struct ctl *c, const char *path, struct sink *s)
{
	CLEANUP(free_found) struct import found = { 0 };
	CLEANUP(free_ptr) char *text = NULL;
	char sentence[WHY_LEN];
	ssize_t len = read_text(path, &text);
	bool look = false;

	if (len < 0)
		return CTL_FAILED;
	if (import_iptables(text, (size_t)len, &found, sentence) < 0) {
		log_err("%s: %s", path, sentence);
		return CTL_FAILED;
	}
	if (print(c, &found, s->to) < 0 || sink_finish(s, c, "iptables", &look) < 0)
		return CTL_FAILED;
	warn(&found, path);
	return look || import_look(&found) ? CTL_LOOK : CTL_DONE;
}

static int import_iptables_file(struct ctl *c, int argc, char *argv[])
{
	CLEANUP(sink_close) struct sink s = { 0 };

	if (sink_open(&s, &argc, argv) < 0)
		return CTL_FAILED;
	if (argc != 2)
		return ctl_usage("import iptables [--write] FILE (- is standard input)");
	return import_file(c, argv[1], &s);
}

static const struct ctl_verb kinds[] = {
	{ "iptables", "FILE",
	  "DNAT rules: iptables-save output, or the commands in notes and scripts",
	  import_iptables_file },
	{ "modprobe", "[FILE...]",
	  "ids= and blacklists of /etc/modprobe.d and of the kernel's command line",
	  ctl_import_modprobe },
	{ "rc-local", "FILE",
	  "GPUs and vGPUs that an rc.local, a hook script or notes set up",
	  ctl_import_rc_local },
	{ "mdevctl", "[DIR]", "vGPUs that mdevctl has defined in /etc/mdevctl.d",
	  ctl_import_mdevctl },
	{ "driverctl", "[DIR]", "functions that driverctl puts on VFIO",
	  ctl_import_driverctl },
	{ 0 },
};

int ctl_import(struct ctl *c, int argc, char *argv[])
{
	return ctl_run(c, kinds, "virt-handoff import", argc, argv);
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-import.c - virt-handoff import: turn what somebody has today into INI sections */

#include "ctl.h"

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

static int write_out(const struct ctl *c, const struct import *found)
{
	CLEANUP(free_vms) struct import_vms vms = { 0 };
	int r = import_vms_read(c->host.root, &vms);

	if (r == 0)
		r = import_write(found, &vms, stdout);
	if (r == 0 && (fflush(stdout) != 0 || ferror(stdout)))
		r = -EIO;
	return r < 0 ? log_errno(r, "the INI text cannot be written") : 0;
}

static int import_iptables_file(struct ctl *c, int argc, char *argv[])
{
	CLEANUP(free_found) struct import found = { 0 };
	CLEANUP(free_ptr) char *text = NULL;
	char sentence[WHY_LEN];
	ssize_t len;

	if (argc != 2)
		return ctl_usage("import iptables FILE (- is standard input)");
	len = read_text(argv[1], &text);
	if (len < 0)
		return CTL_FAILED;
	if (import_iptables(text, (size_t)len, &found, sentence) < 0) {
		log_err("%s: %s", argv[1], sentence);
		return CTL_FAILED;
	}
	if (write_out(c, &found) < 0)
		return CTL_FAILED;
	for (size_t i = 0; i < found.n_notes; i++)
		if (found.note[i].kind != IMPORT_SAID)
			log_warning("%s: %s%s", argv[1],
				    found.note[i].kind == IMPORT_LEFT ? "not taken: "
								      : "",
				    found.note[i].text);
	return import_look(&found) ? CTL_LOOK : CTL_DONE;
}

static const struct ctl_verb kinds[] = {
	{ "iptables", "FILE",
	  "DNAT rules: iptables-save output, or the commands in notes and scripts",
	  import_iptables_file },
	{ "modprobe", "[FILE...]",
	  "ids= and blacklists of /etc/modprobe.d and of the kernel's command line",
	  ctl_import_modprobe },
	{ "rc-local", "FILE",
	  "virtual functions, MIG and vGPUs that an rc.local or notes set up at boot",
	  ctl_import_rc_local },
	{ "mdevctl", "[DIR]", "vGPUs that mdevctl has defined in /etc/mdevctl.d",
	  ctl_import_mdevctl },
	{ 0 },
};

int ctl_import(struct ctl *c, int argc, char *argv[])
{
	return ctl_run(c, kinds, "virt-handoff import", argc, argv);
}

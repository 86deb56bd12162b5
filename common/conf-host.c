// SPDX-License-Identifier: GPL-2.0-or-later
/* conf-host.c - host.ini: what holds for the host, not for one VM */

#include "conf-schema.h"

#include <errno.h>

#define HOST_INI "host.ini"

static int set_mark(void *conf, const struct conf_key *key, const char *value,
		    char ret_why[static WHY_LEN])
{
	uint64_t mark;

	if (text_hex(value, UINT32_MAX, &mark) || !mark || (mark & (mark - 1))) {
		why(ret_why,
		    "write one bit of a packet mark in hexadecimal, such as 0x04000000");
		return -EINVAL;
	}
	*(uint32_t *)conf_field(conf, key) = (uint32_t)mark;
	return 0;
}

static void *open_plain(void *conf, const char *name, unsigned int line,
			char ret_why[static WHY_LEN])
{
	(void)name;
	(void)line;
	(void)ret_why;
	return conf;
}

static void *open_early(void *conf, const char *name, unsigned int line,
			char ret_why[static WHY_LEN])
{
	struct conf_host *host = conf;

	(void)name;
	(void)line;
	(void)ret_why;
	host->early.present = true;
	return conf;
}

/* clang-format off */
#define FIREWALL_ALL	offsetof(struct conf_host, firewall), sizeof(struct conf_firewall)
#define FIREWALL(member) offsetof(struct conf_host, firewall.member),	\
			 sizeof(((struct conf_host *)NULL)->firewall.member)
#define EARLY_ALL	offsetof(struct conf_host, early), sizeof(struct conf_devices)
#define EARLY(member)	offsetof(struct conf_host, early.member),	\
			sizeof(((struct conf_host *)NULL)->early.member)
#define GPU_ALL		0, sizeof(struct conf_gpu)
#define GPU(member)	offsetof(struct conf_gpu, member),		\
			sizeof(((struct conf_gpu *)NULL)->member)
#define VGPUS(member)	offsetof(struct conf_host, vgpus.member),	\
			sizeof(((struct conf_host *)NULL)->vgpus.member)

static const struct conf_key keys[] = {
	{ "firewall", "mark", "hexadecimal number", "0x04000000",
	  "the bit that packets of forwarded connections carry through the chains of others",
	  set_mark, FIREWALL(mark) },
	{ "firewall", "forwarding", "check|manage", "check",
	  "when an interface does not pass packets on: check, say so; manage, switch it on",
	  conf_set_second, FIREWALL(manage) },
	{ "firewall", "allowed-ports", "list of PORT[-PORT]", "",
	  "ports of the host that VMs may have; empty: all",
	  conf_set_ports, FIREWALL_ALL },
	{ "early", "devices", "list of ADDRESS or ADDRESS=VENDOR:DEVICE", "",
	  "functions that the host never drives: kept for VFIO before any other driver sees them",
	  conf_set_also, EARLY_ALL },
	{ "early", "siblings", "yes|no", "yes",
	  "also the other functions of such a card: HDMI audio, USB-C, UCSI",
	  conf_set_yes, EARLY(siblings) },
	{ "early", "driver", "auto or name of a driver", "auto",
	  "auto: the best VFIO driver for the device; or the name of one",
	  conf_set_driver, EARLY(driver) },
	{ "early", "primary", "yes|no", "no",
	  "whether the card that shows the host's console may be among them",
	  conf_set_yes, EARLY(primary) },
	{ "gpu", "address", "ADDRESS or ADDRESS=VENDOR:DEVICE", "",
	  "the card, its physical function, and what must be there",
	  conf_set_address, GPU_ALL },
	{ "gpu", "vfs", "all, NUMBER or none", "none",
	  "virtual functions that are made at boot; none: as they are",
	  conf_set_vfs, GPU_ALL },
	{ "gpu", "probe-vfs", "yes|no", "yes",
	  "whether the host's drivers take the virtual functions, as NVIDIA's vGPUs need it",
	  conf_set_yes, GPU(probe_vfs) },
	{ "gpu", "mig", "list of GPU instance profiles", "",
	  "GPU instances that are made at boot, such as 3g.20gb 3g.20gb; empty: the MIG mode as it is",
	  conf_set_mig, GPU(mig) },
	{ "gpu", "mixed-sizes", "yes|no", "no",
	  "time-sliced vGPUs of several sizes on this card, where the driver offers it",
	  conf_set_yes, GPU(mixed) },
	{ "vgpus", "placement", "fill|spread", "fill",
	  "a vGPU for any card goes to the fullest that fits, or to the emptiest",
	  conf_set_second, VGPUS(spread) },
	{ "vgpus", "sriov-manage", "PATH", "",
	  "NVIDIA's script that makes virtual functions; empty: in the usual places",
	  conf_set_program, VGPUS(sriov_manage) },
	{ "vgpus", "nvidia-smi", "PATH", "",
	  "the program that sets MIG and mixed sizes; empty: in the usual places",
	  conf_set_program, VGPUS(nvidia_smi) },
	{ "vgpus", "deadline", "TIME", "60s",
	  "how long the boot waits for one thing, from 1s to 60min",
	  conf_set_deadline, VGPUS(deadline_ms) },
};
/* clang-format on */

static const struct conf_section sections[] = {
	{ "firewall", false, open_plain },
	{ "early", false, open_early },
	{ "gpu", true, conf_gpu_open },
	{ "vgpus", false, open_plain },
};

const struct conf_key *conf_host_keys(size_t *ret_n)
{
	*ret_n = ARRAY_LEN(keys);
	return keys;
}

const struct conf_schema conf_host_schema = { sections, ARRAY_LEN(sections),
					      conf_host_keys };

static void free_ini(struct ini **ini)
{
	ini_free(*ini);
}

int conf_host_read(int dir, struct conf_host *c, char ret_why[static WHY_LEN])
{
	CLEANUP(free_ini) struct ini *ini = NULL;
	struct conf_host host = { .early.take = CONF_TAKE_NONE };
	int r = ini_read(dir, HOST_INI, HOST_INI, &ini, ret_why);

	if (r < 0 && r != -ENOENT)
		return r;
	r = conf_take(&conf_host_schema, ini, &host, ret_why);
	if (r == 0)
		r = conf_gpus_check(&host, HOST_INI, ret_why);
	if (r == 0)
		*c = host;
	return r;
}

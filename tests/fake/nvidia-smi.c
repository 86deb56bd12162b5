// SPDX-License-Identifier: GPL-2.0-or-later
/* nvidia-smi.c - an nvidia-smi that knows the few commands about MIG and mixed vGPU sizes */

/*
 * Faked after nvidia-smi(1) and NVIDIA's guides on MIG and vGPU; the card's state is kept
 * by the fake kernel (cards, control). Always for one card, -i BDF, and only while driver
 * nvidia has it, else status 6:
 *
 *	-mig 0|1; --query-gpu=mig.mode.current,mig.mode.pending --format=csv,noheader
 *	mig -lgi | -cgi PROFILE,... [-C] | -dci | -dgi
 *	vgpu -shm 0|1; -q, of which only the part on virtualization
 *	-pm, --gpu-reset: say yes
 *
 * Instances have seven slices in all (status 23 when there is no room); mixed sizes cannot
 * be set while there is a vGPU (19); a card without MIG answers 3. A file /units/nvidia-smi
 * has the exit status in it, whatever was done; with /units/nvidia-smi.fail nothing is done.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NOT_SUPPORTED 3
#define NOT_FOUND     6
#define IN_USE        19
#define NO_ROOM       23

struct card {
	char bdf[32];
	char mig[8]; /* on, off, none: it has no MIG */
	char instances[256];
	char mixed[8];
};

static bool command(const char *verb, const char *bdf, const char *value)
{
	int fd = open("/fake/control", O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && dprintf(fd, "%s %s %s", verb, bdf, value) > 0;

	if (fd >= 0)
		close(fd);
	return ok;
}

/* "card BDF vfs=4 vgpus=0 mig=off instances=none mixed=off" */
static bool find(const char *bdf, struct card *ret)
{
	FILE *f = fopen("/fake/cards", "re");
	char line[512], link[256], path[128];
	bool found = false;
	ssize_t n;

	if (strncmp(bdf, "0000", 4) == 0 && strlen(bdf) == 16)
		bdf += 4; /* with the eight digits that nvidia-smi prints itself */
	while (f && !found && fgets(line, sizeof(line), f))
		found = sscanf(line,
			       "card %31s vfs=%*u vgpus=%*u mig=%7s instances=%255s "
			       "mixed=%7s",
			       ret->bdf, ret->mig, ret->instances, ret->mixed) == 4 &&
			strcmp(ret->bdf, bdf) == 0;
	if (f)
		fclose(f);
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/driver", bdf);
	n = readlink(path, link, sizeof(link) - 1);
	link[n > 0 ? n : 0] = '\0';
	return found && n > 0 && strcmp(strrchr(link, '/') + 1, "nvidia") == 0;
}

static int say(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));

static int say(int status, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vprintf(format, ap);
	va_end(ap);
	return status;
}

static int mig_mode(const struct card *c, const char *value)
{
	bool on = strcmp(value, "1") == 0;

	if (strcmp(c->mig, "none") == 0)
		return say(NOT_SUPPORTED, "MIG mode is not supported for GPU %s\n",
			   c->bdf);
	if (!command("mig", c->bdf, on ? "on" : "off"))
		return say(IN_USE, "Unable to set MIG mode for GPU %s: In use\n", c->bdf);
	printf("%s MIG Mode for GPU 0000%s\nAll done.\n", on ? "Enabled" : "Disabled",
	       c->bdf);
	return 0;
}

static int query_mode(const struct card *c)
{
	const char *mode = strcmp(c->mig, "none") == 0 ? "[N/A]"
			   : strcmp(c->mig, "on") == 0 ? "Enabled"
						       : "Disabled";

	printf("%s, %s\n", mode, mode);
	return 0;
}

static int query(const struct card *c)
{
	printf("\n==============NVSMI LOG==============\n\n");
	printf("GPU 0000%s\n", c->bdf);
	printf("    MIG Mode\n        Current                           : %s\n",
	       strcmp(c->mig, "on") == 0 ? "Enabled" : "Disabled");
	printf("    vGPU Device Capability\n");
	printf("        Heterogenous Multi-vGPU           : Supported\n");
	printf("    GPU Virtualization Mode\n");
	printf("        Virtualization Mode               : Host VGPU\n");
	printf("        Host VGPU Mode                    : SR-IOV\n");
	printf("        vGPU Heterogeneous Mode           : %s\n",
	       strcmp(c->mixed, "on") == 0 ? "Enabled" : "Disabled");
	return 0;
}

static int mixed(const struct card *c, const char *value)
{
	bool on = strcmp(value, "1") == 0;

	if (!command("mixed", c->bdf, on ? "on" : "off"))
		return say(
			IN_USE,
			"Unable to set vGPU heterogeneous mode of GPU 0000%s: In use\n",
			c->bdf);
	return say(0, "Set vGPU heterogeneous mode of GPU 0000%s\n", c->bdf);
}

static int list_instances(const struct card *c)
{
	char copy[256], *save = NULL;
	int id = 1, at = 0;

	if (strcmp(c->mig, "on") != 0)
		return say(NOT_FOUND, "No MIG-enabled devices found.\n");
	if (strcmp(c->instances, "none") == 0)
		return say(NOT_FOUND, "No GPU instances found: Not Found\n");
	printf("+-------------------------------------------------------+\n"
	       "| GPU instances:                                        |\n"
	       "| GPU   Name             Profile  Instance   Placement  |\n"
	       "|                          ID       ID       Start:Size |\n"
	       "|=======================================================|\n");
	strcpy(copy, c->instances);
	for (char *w = strtok_r(copy, ",", &save); w; w = strtok_r(NULL, ",", &save)) {
		int slices = atoi(w);

		printf("|   0  MIG %-14s %4d     %4d          %d:%d     |\n"
		       "+-------------------------------------------------------+\n",
		       w, slices, id++, at, slices);
		at += slices;
	}
	return 0;
}

static int make_instances(const struct card *c, const char *list)
{
	char all[512], copy[512], *save = NULL;
	int slices = 0;

	if (strcmp(c->mig, "on") != 0)
		return say(NOT_FOUND, "No MIG-enabled devices found.\n");
	snprintf(all, sizeof(all), "%s%s%s",
		 strcmp(c->instances, "none") == 0 ? "" : c->instances,
		 strcmp(c->instances, "none") == 0 ? "" : ",", list);
	strcpy(copy, all);
	for (char *w = strtok_r(copy, ",", &save); w; w = strtok_r(NULL, ",", &save))
		slices += atoi(w) > 0 && strstr(w, "g.") ? atoi(w) : 8;
	if (slices > 7)
		return say(NO_ROOM,
			   "Failed to create GPU instances: Insufficient Resources\n");
	if (!command("instances", c->bdf, all))
		return say(NOT_SUPPORTED, "Failed to create GPU instances: %s\n",
			   strerror(errno));
	return say(0, "Successfully created GPU instances of %s\n", list);
}

static int remove_instances(const struct card *c)
{
	if (strcmp(c->instances, "none") == 0)
		return say(NOT_FOUND, "No GPU instances found: Not Found\n");
	command("instances", c->bdf, "none");
	return say(0, "Successfully destroyed GPU instances of %s\n", c->bdf);
}

static const char *option(int argc, char **argv, const char *name)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], name) == 0)
			return i + 1 < argc ? argv[i + 1] : "";
	return NULL;
}

static int run(int argc, char **argv)
{
	const char *bdf = option(argc, argv, "-i"), *value;
	struct card c;

	if (!bdf)
		return say(2, "this nvidia-smi wants -i BDF\n");
	if (!find(bdf, &c))
		return say(NOT_FOUND, "No devices were found\n");
	if ((value = option(argc, argv, "-mig")))
		return mig_mode(&c, value);
	if ((value = option(argc, argv, "-shm")))
		return mixed(&c, value);
	if ((value = option(argc, argv, "-cgi")))
		return make_instances(&c, value);
	if (option(argc, argv, "-lgi"))
		return list_instances(&c);
	if (option(argc, argv, "-dgi"))
		return remove_instances(&c);
	if (option(argc, argv, "--query-gpu=mig.mode.current,mig.mode.pending"))
		return query_mode(&c);
	if (option(argc, argv, "-q"))
		return query(&c);
	if (option(argc, argv, "-dci") || option(argc, argv, "-pm") ||
	    option(argc, argv, "--gpu-reset"))
		return 0;
	return say(2, "this nvidia-smi does not know %s\n", argv[argc - 1]);
}

int main(int argc, char **argv)
{
	FILE *f = fopen("/units/nvidia-smi", "re");
	int status = -1, r;

	if (f && fscanf(f, "%d", &status) != 1)
		status = 255;
	if (f)
		fclose(f);
	r = access("/units/nvidia-smi.fail", F_OK) == 0 ? 255 : run(argc, argv);
	return status >= 0 ? status : r;
}

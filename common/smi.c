// SPDX-License-Identifier: GPL-2.0-or-later
/* smi.c - run nvidia-smi */

#include "smi.h"

#include "child.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ARGS_MAX 7
/* -q prints about 12 KB of a card, and what is looked for stands in the first half */
#define OUTPUT_LEN 32768

static const char *find_program(const struct host *h)
{
	static const char *const usual[] = {
		"/usr/bin/nvidia-smi",
		"/usr/sbin/nvidia-smi",
		"/usr/local/bin/nvidia-smi",
		"/opt/bin/nvidia-smi",
	};

	if (h->nvidia_smi)
		return access(h->nvidia_smi, X_OK) == 0 ? h->nvidia_smi : NULL;
	for (size_t i = 0; i < ARRAY_LEN(usual); i++)
		if (faccessat(h->root, usual[i] + 1, X_OK, 0) == 0)
			return usual[i];
	return NULL;
}

bool smi_is_there(const struct host *h)
{
	if (h->nvidia_smi)
		return faccessat(h->root, h->nvidia_smi + 1, X_OK, 0) == 0;
	return find_program(h);
}

int smi_run(const struct host *h, const char *const args[], char *ret, size_t size)
{
	const char *argv[ARGS_MAX + 2] = { find_program(h) };

	if (!argv[0])
		return -ENOENT;
	for (size_t i = 0; args[i]; i++) {
		if (i == ARGS_MAX)
			return -E2BIG;
		argv[i + 1] = args[i];
	}
	return child_run(argv, h->deadline_ms, ret, size);
}

int smi_error(int status)
{
	static const struct {
		int status, r;
	} known[] = {
		{ 3, -EOPNOTSUPP }, { 4, -EPERM },   { 6, -ENODEV }, { 9, -ENODEV },
		{ 10, -ETIME },     { 15, -ENODEV }, { 19, -EBUSY }, { 23, -ENOSPC },
	};

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (known[i].status == status)
			return known[i].r;
	return status < 0 ? status : -EIO;
}

/* its exit status says something only when its answer does not */
static int judge(int r, int status)
{
	return r == -EBADMSG ? smi_error(status) : r;
}

int smi_mig_mode(const struct host *h, const char *card, int *ret_pending)
{
	const char *const args[] = { "-i", card,
				     "--query-gpu=mig.mode.current,mig.mode.pending",
				     "--format=csv,noheader", NULL };
	char text[256] = "";
	int status = smi_run(h, args, text, sizeof(text));

	return status < 0 ? status : judge(smi_read_mig_mode(text, ret_pending), status);
}

int smi_mixed(const struct host *h, const char *card)
{
	const char *const args[] = { "-i", card, "-q", NULL };
	CLEANUP(free_ptr) char *text = calloc(1, OUTPUT_LEN);
	int status;

	if (!text)
		return -ENOMEM;
	status = smi_run(h, args, text, OUTPUT_LEN);
	return status < 0 ? status : judge(smi_read_mixed(text), status);
}

int smi_instances(const struct host *h, const char *card,
		  char ret[static SMI_INSTANCES_LEN])
{
	const char *const args[] = { "mig", "-i", card, "-lgi", NULL };
	char text[8192] = "";
	int status = smi_run(h, args, text, sizeof(text));

	return status < 0 ? status : judge(smi_read_instances(text, ret), status);
}

int smi_lacks_instances(const struct host *h, const char *card)
{
	char have[SMI_INSTANCES_LEN];
	int pending, r = smi_mig_mode(h, card, &pending);

	if (r == 1)
		r = smi_instances(h, card, have) ?: strcmp(have, "none") == 0;
	/* what it says of a card that is not ready counts only when it is this */
	return r == -ETIME || r == 1 ? r : 0;
}

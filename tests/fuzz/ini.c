// SPDX-License-Identifier: GPL-2.0-or-later
/* ini.c - an INI file: the strict look, iniparser, the keys of a VM and those of the host */

#include "fuzz.h"

#include "../../common/conf-schema.h"
#include "conf.h"
#include "ini.h"

#include <stdlib.h>
#include <string.h>

/* as key = "value" */
static bool can_be_quoted(const struct ini_value *v)
{
	return !strpbrk(v->value, "\"\\'") &&
	       strlen(v->key) + strlen(v->value) + strlen(" = \"\"") <= INI_LINE_MAX;
}

/* Written as it was read, it reads the same: no value has anything that we did not see */
static void read_again(const struct ini *i)
{
	const struct ini_value *v, *w;
	char *text = NULL, why[WHY_LEN] = "", section[256] = "";
	struct ini *again = NULL;
	size_t at = 0, len;
	FILE *f = fuzz_stream(&text, &len);

	while ((v = ini_next(i, &at))) {
		if (strcmp(v->section, section) != 0)
			fprintf(f, "[%s]\n", v->section);
		snprintf(section, sizeof(section), "%s", v->section);
		if (*v->key && can_be_quoted(v))
			fprintf(f, "%s = \"%s\"\n", v->key, v->value);
		else if (*v->key)
			fprintf(f, "%s =\n", v->key);
	}
	fclose(f);
	fuzz_must(ini_parse(text, len, "vms/x.ini", &again, why) == 0, "%s", why);
	for (size_t a = 0, b = 0; (v = ini_next(i, &a)) && (w = ini_next(again, &b));) {
		fuzz_must(strcmp(v->section, w->section) == 0);
		fuzz_must(strcmp(v->key, w->key) == 0);
		if (can_be_quoted(v))
			fuzz_must(strcmp(v->value, w->value) == 0, "%s, not %s", w->value,
				  v->value);
	}
	ini_free(again);
	free(text);
}

static void check_values(const struct ini *i)
{
	const struct ini_value *v;
	unsigned int line = 0;
	size_t at = 0;

	while ((v = ini_next(i, &at))) {
		fuzz_must(*v->section && v->line > line);
		line = v->line;
		/* a tab may stand in a value */
		for (const char *c = v->value; *c; c++)
			fuzz_must((unsigned char)*c >= ' ' || *c == '\t');
	}
}

static void take_vm(const struct ini *i)
{
	char why[WHY_LEN] = "";
	struct conf_vm vm = { .shown = "vms/x.ini" };
	int r = conf_take(&conf_vm_schema, i, &vm, why);

	if (r == 0)
		r = conf_vgpus_check(&vm, why);
	if (r == 0)
		r = conf_forwards_check(&vm, why);
	if (r < 0)
		fuzz_sentence(why);
	else
		fuzz_must(vm.n_forwards <= FORWARDS_MAX && vm.n_vgpus <= VGPUS_MAX);
	if (r == 0) {
		fuzz_plain(vm.devices.driver);
		fuzz_plain(vm.devices.stop_units);
		fuzz_plain(vm.devices.unload);
		fuzz_plain(vm.devices.reset_method);
	}
	conf_vm_free(&vm);
}

static void take_host(const struct ini *i)
{
	struct conf_host *host = calloc(1, sizeof(*host));
	char why[WHY_LEN] = "";
	int r;

	fuzz_must(host);
	r = conf_take(&conf_host_schema, i, host, why);
	if (r == 0)
		r = conf_gpus_check(host, "host.ini", why);
	if (r < 0)
		fuzz_sentence(why);
	if (r == 0) {
		fuzz_plain(host->vgpus.sriov_manage);
		fuzz_plain(host->vgpus.nvidia_smi);
	}
	free(host);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_bytes(data, size), why[WHY_LEN] = "";
	struct ini *i = NULL;
	int r;

	fuzz_guard(true);
	r = ini_parse(text, size, "vms/x.ini", &i, why);
	free(text);
	if (r < 0) {
		fuzz_sentence(why);
		fuzz_must(!i && strncmp(why, "vms/x.ini:", 10) == 0);
	} else {
		check_values(i);
		read_again(i);
		take_vm(i);
		take_host(i);
		ini_free(i);
	}
	fuzz_guard(false);
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* record-boot.c - what modprobe and the kernel are told at boot, and no other word of it */

#include "record.h"

#include "file.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

/* ---- modprobe.d ---- */

/* where the first @n words of a line end, or all of them */
static size_t words_end(const char *line, int n)
{
	size_t end = 0;

	for (int i = 0; i < n; i++) {
		end += strspn(line + end, " \t");
		end += strcspn(line + end, " \t");
	}
	return end;
}

/* how many words say it; behind them a command has arguments, passwords too */
static bool keep_modprobe(struct recording *r, char *line, unsigned int number)
{
	static const struct {
		const char *verb;
		int words; /* 0: all */
	} verbs[] = { { "options ", 0 },
		      { "softdep ", 0 },
		      { "blacklist ", 2 },
		      { "install ", 3 },
		      { "alias ", 3 } };
	char *value;

	(void)r, (void)number;
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
		if (strncmp(line, verbs[i].verb, strlen(verbs[i].verb)) != 0)
			continue;
		if (verbs[i].words)
			line[words_end(line, verbs[i].words)] = '\0';
		/* "install MODULE NAME=VALUE command" */
		value = verbs[i].words ? strchr(line, '=') : NULL;
		if (value)
			*value = '\0';
		return true;
	}
	line[0] = '\0'; /* so that the rest keeps its number */
	return true;
}

static void record_conf(struct recording *r, const char *folder, const char *name)
{
	char path[PATH_LEN];
	size_t len = strlen(name);

	if (len > 5 && strcmp(name + len - 5, ".conf") == 0 &&
	    text_format(path, sizeof(path), "%s/%s", folder, name) == 0)
		record_lines(r, path, keep_modprobe);
}

void record_modprobe(struct recording *r)
{
	record_each(r, "etc/modprobe.d", record_conf);
}

/* ---- the kernel's command line: what some program of ours reads, and no other word ---- */

static bool is_ours(const char *word)
{
	static const char *const names[] = { "iommu",
					     "intel_iommu",
					     "amd_iommu",
					     "intremap",
					     "pcie_acs_override",
					     "virt_handoff",
					     "vfio_pci.ids",
					     "pci_stub.ids",
					     "module_blacklist",
					     "modprobe.blacklist",
					     "rd.driver.pre",
					     "rd.driver.blacklist" };
	char name[32];

	if (text_format(name, sizeof(name), "%.*s", (int)strcspn(word, "="), word) < 0)
		return false;
	for (char *p = name; *p; p++)
		if (*p == '-') /* the kernel takes vfio-pci and vfio_pci */
			*p = '_';
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

void record_cmdline(struct recording *r)
{
	size_t len, size;
	CLEANUP(free_ptr) char *text = record_read(r, "proc/cmdline", &len);
	char *ret = NULL, *cursor = text, *word;
	FILE *to = text ? open_memstream(&ret, &size) : NULL;

	if (!to)
		return;
	while ((word = strsep(&cursor, " \n")))
		if (word[0] && is_ours(word))
			fprintf(to, "%s%s", ftell(to) > 0 ? " " : "", word);
	fputc('\n', to);
	if (fclose(to) == 0)
		record_text(r, "proc/cmdline", ret, size);
	free(ret);
}

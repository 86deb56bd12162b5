// SPDX-License-Identifier: GPL-2.0-or-later
/* smi-read.c - read what nvidia-smi answers */

#include "smi.h"

#include "text.h"

#include <errno.h>
#include <string.h>

#define PROFILES_MAX  32 /* a card has seven instances */
#define PROFILE_CHARS "abcdefghijklmnopqrstuvwxyz0123456789.+-"

static int on_or_off(const char *text)
{
	if (strcmp(text, "Enabled") == 0)
		return 1;
	if (strcmp(text, "Disabled") == 0)
		return 0;
	if (strcmp(text, "N/A") == 0 || strcmp(text, "[N/A]") == 0 ||
	    strcmp(text, "[Not Supported]") == 0)
		return -EOPNOTSUPP;
	return -EBADMSG;
}

/* "Disabled, Enabled" */
int smi_read_mig_mode(const char *text, int *ret_pending)
{
	char now[32];
	const char *comma = strstr(text, ", ");
	int r, pending;

	if (!comma ||
	    text_format(now, sizeof(now), "%.*s", (int)(comma - text), text) < 0)
		return -EBADMSG;
	r = on_or_off(now);
	pending = on_or_off(comma + strlen(", "));
	if (r < 0 || pending < 0)
		return r < 0 ? r : pending;
	*ret_pending = pending;
	return r;
}

/* "        vGPU Heterogeneous Mode           : Enabled"; drivers before 550 have no such line */
int smi_read_mixed(const char *text)
{
	static const char key[] = "vGPU Heterogeneous Mode";
	const char *p = strstr(text, key);
	char value[16];

	if (!p)
		return strstr(text, "Virtualization Mode") ? -EOPNOTSUPP : -EBADMSG;
	p += strlen(key);
	p += strspn(p, " ");
	if (*p != ':')
		return -EBADMSG;
	p += 1 + strspn(p + 1, " ");
	if (text_format(value, sizeof(value), "%.*s", (int)strcspn(p, "\r\n"), p) < 0)
		return -EBADMSG;
	return on_or_off(value);
}

struct profiles {
	char name[PROFILES_MAX][SMI_PROFILE_LEN];
	size_t n;
};

static int add_sorted(struct profiles *p, const char *name)
{
	size_t i = p->n;

	if (p->n == PROFILES_MAX || strlen(name) >= SMI_PROFILE_LEN)
		return -E2BIG;
	for (; i > 0 && strcmp(p->name[i - 1], name) > 0; i--)
		memcpy(p->name[i], p->name[i - 1], SMI_PROFILE_LEN);
	p->n++;
	return text_copy(p->name[i], SMI_PROFILE_LEN, name);
}

/* "|   0  MIG 3g.20gb          9        1          4:4     |" */
static int read_row(const char *line, struct profiles *p)
{
	char word[8][SMI_PROFILE_LEN];
	uint64_t number;
	size_t n = 0;
	int r;

	while (n < ARRAY_LEN(word) &&
	       (r = text_next_word(&line, word[n], SMI_PROFILE_LEN)) != 0) {
		if (r < 0)
			return -EBADMSG;
		n++;
	}
	if (n != ARRAY_LEN(word) || line[strspn(line, " \r")] != '\0' ||
	    strcmp(word[0], "|") != 0 || text_number(word[1], 1023, &number) < 0 ||
	    strcmp(word[2], "MIG") != 0 || text_number(word[4], 1023, &number) < 0 ||
	    text_number(word[5], 1023, &number) < 0 || !strchr(word[6], ':') ||
	    strcmp(word[7], "|") != 0 || !strchr("123456789", word[3][0]) ||
	    word[3][strspn(word[3], PROFILE_CHARS)])
		return -EBADMSG;
	return add_sorted(p, word[3]);
}

static int read_rows(const char *text, struct profiles *p)
{
	char line[128];
	int r = 0;

	for (; r == 0 && *text; text += strcspn(text, "\n"), text += *text == '\n') {
		const char *first = text + strspn(text, " ");

		if (*first == '+' || *first == '\n' || *first == '\0')
			continue;
		r = text_format(line, sizeof(line), "%.*s", (int)strcspn(text, "\n"),
				text);
		r = r < 0 ? -EBADMSG : read_row(line, p);
	}
	return r;
}

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

int smi_read_instances(const char *text, char ret[static SMI_INSTANCES_LEN])
{
	struct profiles p = { 0 };
	char all[SMI_INSTANCES_LEN] = "";
	const char *rows = strstr(text, "|===");
	int r = -EBADMSG;

	if (begins(text, "No GPU instances found") ||
	    begins(text, "No MIG-enabled devices found"))
		return text_copy(ret, SMI_INSTANCES_LEN, "none");
	if (rows && strstr(text, "GPU instances:"))
		r = read_rows(rows + strcspn(rows, "\n"), &p);
	for (size_t i = 0; r == 0 && i < p.n; i++) {
		size_t len = strlen(all);

		if (text_format(all + len, sizeof(all) - len, "%s%s", i ? " " : "",
				p.name[i]) < 0)
			return -E2BIG;
	}
	return r < 0 ? r : text_copy(ret, SMI_INSTANCES_LEN, p.n ? all : "none");
}

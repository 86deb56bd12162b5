// SPDX-License-Identifier: GPL-2.0-or-later
/* vendor.c - the files of NVIDIA's vendor-specific VFIO framework on a virtual function */

#include "vendor.h"

#include "file.h"
#include "text.h"
#include "worker.h"

#include <errno.h>
#include <string.h>

#define LIST_LEN 4097 /* an attribute has a page at most */

/* its driver answers, and may be waiting for the card */
static int read_file(struct host *h, const char *vf, const char *name, char *ret,
		     size_t size)
{
	char path[PATH_LEN];
	int r = text_format(path, sizeof(path), "sys/bus/pci/devices/%s/%s", vf, name);

	return r < 0 ? r : worker_read(h, path, ret, size);
}

int vendor_current(struct host *h, const char *vf, char ret[static VENDOR_ID_LEN])
{
	char text[32];
	uint64_t id;
	int r = read_file(h, vf, VENDOR_CURRENT, text, sizeof(text));

	if (r < 0)
		return r;
	if (text_number(text, UINT32_MAX, &id) < 0)
		return -EBADMSG;
	return text_copy(ret, VENDOR_ID_LEN, id == 0 ? "" : text);
}

/* "ID : NAME" */
static bool offers(const char *line, const char *id)
{
	size_t len;

	line += strspn(line, " \t");
	len = strspn(line, "0123456789");
	if (len == 0 || line[len + strspn(line + len, " \t")] != ':')
		return false;
	return !id || (strlen(id) == len && memcmp(line, id, len) == 0);
}

int vendor_offers(struct host *h, const char *vf, const char *id)
{
	char text[LIST_LEN];
	char *rest = text, *line;
	int r = read_file(h, vf, "nvidia/creatable_vgpu_types", text, sizeof(text));

	if (r < 0)
		return r;
	while ((line = strsep(&rest, "\n")))
		if (offers(line, id))
			return 1;
	return 0;
}

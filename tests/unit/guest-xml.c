// SPDX-License-Identifier: GPL-2.0-or-later
/* guest-xml.c - domain XML for tests: small ones by macros, whole ones of tests/data */

#include "guest-xml.h"

const char *const guest_xml_files[GUEST_XML_FILES] = {
	"prepare", "started", "reconnect", "release", "workstation", "server", "traps",
};

char *guest_xml_load(const char *name, size_t *ret_len)
{
	char file[64], *xml;

	snprintf(file, sizeof(file), "xml/%s.xml", name);
	xml = unit_data(file);
	*ret_len = strlen(xml);
	return xml;
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* service.c - short names of the ports that people forward most */

#include "service.h"

#include <strings.h>

/* Source: IANA service names; rdp and vnc as people say. A port's first name counts. */
static const struct {
	const char *name;
	uint16_t port;
} services[] = {
	{ "ftp", 21 },
	{ "ssh", 22 },
	{ "telnet", 23 },
	{ "smtp", 25 },
	{ "dns", 53 },
	{ "domain", 53 },
	{ "http", 80 },
	{ "www", 80 },
	{ "pop3", 110 },
	{ "ntp", 123 },
	{ "imap", 143 },
	{ "imap2", 143 },
	{ "ldap", 389 },
	{ "https", 443 },
	{ "smtps", 465 },
	{ "submission", 587 },
	{ "ldaps", 636 },
	{ "imaps", 993 },
	{ "pop3s", 995 },
	{ "openvpn", 1194 },
	{ "mysql", 3306 },
	{ "rdp", 3389 },
	{ "ms-wbt-server", 3389 },
	{ "postgresql", 5432 },
	{ "vnc", 5900 },
	{ "redis", 6379 },
	{ "wireguard", 51820 },
};

const char *service_name(uint16_t port)
{
	for (size_t i = 0; i < ARRAY_LEN(services); i++)
		if (services[i].port == port)
			return services[i].name;
	return NULL;
}

uint16_t service_port(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(services); i++)
		if (strcasecmp(services[i].name, name) == 0)
			return services[i].port;
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* fake-libvirt.c - a libvirt.so.0 with one VM, which stops when it is asked to plug something in or out */

/*
 * Faked after libvirt 9.0, as far as attach, detach and undo call it. The VM runs while
 * /box/running is there; then its XML is /box/xml, otherwise /box/off. With /box/late, an
 * earlier request comes through when it is asked again, which it refuses; that is the XML then.
 */
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define VM       ((virDomainPtr)1)
#define HOST     ((virConnectPtr)1)
#define XML_MOST 65536

static int runs(void)
{
	return access("/box/running", F_OK) == 0;
}

static int stop(void)
{
	unlink("/box/running");
	unlink("/run/libvirt/qemu/plug.xml");
	return -1;
}

static int plug(void)
{
	return rename("/box/late", "/box/xml") == 0 ? -1 : stop();
}

#define ANSWER(type, name, parameters, answer) \
	type name parameters                   \
	{                                      \
		return answer;                 \
	}
#pragma GCC diagnostic ignored "-Wunused-parameter"
ANSWER(const char *, virGetLastErrorMessage, (void), "domain is not running")
ANSWER(virConnectPtr, virConnectOpen, (const char *uri), HOST)
ANSWER(int, virConnectClose, (virConnectPtr c), 0)
ANSWER(int, virConnectGetLibVersion, (virConnectPtr c, unsigned long *v), -1)
ANSWER(virDomainPtr, virDomainLookupByName, (virConnectPtr c, const char *n), VM)
ANSWER(virDomainPtr, virDomainLookupByUUIDString, (virConnectPtr c, const char *u), VM)
ANSWER(int, virDomainFree, (virDomainPtr d), 0)
ANSWER(int, virDomainIsActive, (virDomainPtr d), runs())
ANSWER(unsigned int, virDomainGetID, (virDomainPtr d), runs() ? 1 : (unsigned int)-1)
ANSWER(virDomainPtr, virDomainDefineXMLFlags,
       (virConnectPtr c, const char *xml, unsigned int flags), NULL)
ANSWER(int, virDomainAttachDeviceFlags,
       (virDomainPtr d, const char *xml, unsigned int flags), plug())
ANSWER(int, virDomainDetachDeviceFlags,
       (virDomainPtr d, const char *xml, unsigned int flags), stop())
ANSWER(int, virConnectListAllDomains,
       (virConnectPtr c, virDomainPtr **all, unsigned int flags), 0)
ANSWER(virNetworkPtr, virNetworkLookupByName, (virConnectPtr c, const char *n), NULL)
ANSWER(int, virNetworkFree, (virNetworkPtr n), 0)
ANSWER(int, virNetworkIsActive, (virNetworkPtr n), 0)
ANSWER(char *, virNetworkGetXMLDesc, (virNetworkPtr n, unsigned int flags), NULL)
ANSWER(int, virNetworkUpdate,
       (virNetworkPtr n, unsigned int command, unsigned int section, int parent,
	const char *xml, unsigned int flags),
       -1)
ANSWER(int, virNetworkGetDHCPLeases,
       (virNetworkPtr n, const char *mac, virNetworkDHCPLeasePtr **all,
	unsigned int flags),
       -1)

void virNetworkDHCPLeaseFree(virNetworkDHCPLeasePtr l)
{
}

void virSetErrorFunc(void *data, virErrorFunc f)
{
}

char *virDomainGetXMLDesc(virDomainPtr d, unsigned int flags)
{
	FILE *f = fopen(runs() ? "/box/xml" : "/box/off", "re");
	char *text = calloc(1, XML_MOST);

	if (f && text && fread(text, 1, XML_MOST - 1, f) == 0)
		text[0] = '\0';
	if (f)
		fclose(f);
	return text;
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* fake-libvirt.c - a libvirt.so.0 with one VM, which stops when it is asked to plug something in or out, or is late with it */

/*
 * Faked after libvirt 9.0, as far as attach, detach and undo call it. The VM runs while
 * /box/running is there; then its XML is /box/xml, otherwise /box/off. With /box/late, an
 * earlier request comes through when it is asked again, which it refuses; that is the XML then.
 * With /box/coming it comes through by itself, when the XML is read the fifth time. With
 * /box/gone, the guest lets go of what is plugged out: that is the XML then, and the process
 * in /box/held ends, as QEMU closes the device. With /box/restart, the daemon is restarted when
 * it is asked to plug something in or out, and nothing came of that, with /box/restart-late it has
 * done it: a connection is good for nothing then, and another one has to be opened.
 */
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define VM       ((virDomainPtr)1)
#define HOST     ((virConnectPtr)1)
#define XML_MOST 65536
#define COMES_AT 5

static int runs(void)
{
	return access("/box/running", F_OK) == 0;
}

static int is_alive = 1;

static int restart(void)
{
	is_alive = 0;
	return -1;
}

static virConnectPtr open_connection(void)
{
	is_alive = 1;
	return HOST;
}

static virDomainPtr find(void)
{
	return is_alive ? VM : NULL;
}

static int stop(void)
{
	unlink("/box/running");
	unlink("/run/libvirt/qemu/plug.xml");
	return -1;
}

static int plug(void)
{
	if (unlink("/box/restart") == 0)
		return restart();
	if (unlink("/box/restart-late") == 0) {
		rename("/box/late", "/box/xml");
		return restart();
	}
	return rename("/box/late", "/box/xml") == 0 ? -1 : stop();
}

static void close_held(void)
{
	FILE *f = fopen("/box/held", "re");
	char path[64] = "";
	pid_t pid;

	if (f && fscanf(f, "%d", &pid) == 1) {
		snprintf(path, sizeof(path), "/proc/%d/fd/3", pid);
		kill(pid, SIGKILL);
	}
	while (path[0] && access(path, F_OK) == 0)
		usleep(10 * 1000);
	if (f)
		fclose(f);
}

static int unplug(void)
{
	if (unlink("/box/restart") == 0)
		return restart();
	if (access("/box/gone", F_OK) < 0)
		return stop();
	close_held();
	return rename("/box/gone", "/box/xml");
}

#define ANSWER(type, name, parameters, answer) \
	type name parameters                   \
	{                                      \
		return answer;                 \
	}
#pragma GCC diagnostic ignored "-Wunused-parameter"
ANSWER(const char *, virGetLastErrorMessage, (void), "domain is not running")
ANSWER(virConnectPtr, virConnectOpen, (const char *uri), open_connection())
ANSWER(int, virConnectIsAlive, (virConnectPtr c), is_alive)
ANSWER(int, virConnectClose, (virConnectPtr c), 0)
ANSWER(virDomainPtr, virDomainLookupByName, (virConnectPtr c, const char *n), find())
ANSWER(virDomainPtr, virDomainLookupByUUIDString, (virConnectPtr c, const char *u), find())
ANSWER(int, virDomainFree, (virDomainPtr d), 0)
ANSWER(int, virDomainIsActive, (virDomainPtr d), runs())
ANSWER(unsigned int, virDomainGetID, (virDomainPtr d), runs() ? 1 : (unsigned int)-1)
ANSWER(virDomainPtr, virDomainDefineXMLFlags,
       (virConnectPtr c, const char *xml, unsigned int flags), NULL)
ANSWER(int, virDomainAttachDeviceFlags,
       (virDomainPtr d, const char *xml, unsigned int flags), plug())
ANSWER(int, virDomainDetachDeviceFlags,
       (virDomainPtr d, const char *xml, unsigned int flags), unplug())
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
	static int reads;
	char *text = calloc(1, XML_MOST);
	FILE *f;

	if (++reads == COMES_AT)
		rename("/box/coming", "/box/xml");
	f = fopen(runs() ? "/box/xml" : "/box/off", "re");
	if (f && text && fread(text, 1, XML_MOST - 1, f) == 0)
		text[0] = '\0';
	if (f)
		fclose(f);
	return text;
}

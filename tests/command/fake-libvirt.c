// SPDX-License-Identifier: GPL-2.0-or-later
/* fake-libvirt.c - a libvirt.so.0 with one VM, which stops when it is asked to plug something in or out, or is late with it; and one network */

/*
 * Faked after libvirt 9.0, as far as the command calls it. The VM runs while
 * /box/running is there; then its XML is /box/xml, otherwise /box/off. With /box/late, an
 * earlier request comes through when it is asked again, which it refuses; that is the XML then.
 * With /box/coming it comes through by itself, when the XML is read the fifth time. With
 * /box/gone, the guest lets go of what is plugged out: that is the XML then, and the process
 * in /box/held ends, as QEMU closes the device. With /box/restart, the daemon is restarted when
 * it is asked to plug something in or out, and nothing came of that, with /box/restart-late it has
 * done it: a connection is good for nothing then, and another one has to be opened. With
 * /box/refuses the answer is no, and the VM runs on; with /box/keeps it is yes, and the guest
 * does not let go. With /box/away there is no daemon, and with /box/define a new XML is taken.
 *
 * The network is that of /box/network, with the leases "MAC ADDRESS" of /box/leases; what is
 * reserved in it is added to /box/reserved.
 */
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VM       ((virDomainPtr)1)
#define HOST     ((virConnectPtr)1)
#define NETWORK  ((virNetworkPtr)1)
#define XML_MOST 65536
#define COMES_AT 5

#define LEASES_MOST 16

static int has(const char *file)
{
	return access(file, F_OK) == 0;
}

static int runs(void)
{
	return has("/box/running");
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
	return has("/box/away") ? NULL : HOST;
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
	return has("/box/refuses") || rename("/box/late", "/box/xml") == 0 ? -1 : stop();
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
	if (has("/box/refuses") || has("/box/keeps"))
		return has("/box/refuses") ? -1 : 0;
	if (!has("/box/gone"))
		return stop();
	close_held();
	return rename("/box/gone", "/box/xml");
}

/* 0, or -1: it cannot be written */
static int write_text(const char *path, const char *mode, const char *text)
{
	FILE *f = fopen(path, mode);

	if (!f)
		return -1;
	fputs(text, f);
	return fclose(f);
}

static virDomainPtr define(const char *xml)
{
	return has("/box/define") && write_text("/box/off", "we", xml) == 0 ? VM : NULL;
}

static char *read_text(const char *path)
{
	char *text = calloc(1, XML_MOST);
	FILE *f = fopen(path, "re");

	if (f && text && fread(text, 1, XML_MOST - 1, f) == 0)
		text[0] = '\0';
	if (f)
		fclose(f);
	return text;
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
ANSWER(virDomainPtr, virDomainLookupByUUIDString, (virConnectPtr c, const char *u),
       find())
ANSWER(int, virDomainFree, (virDomainPtr d), 0)
ANSWER(int, virDomainIsActive, (virDomainPtr d), runs())
ANSWER(unsigned int, virDomainGetID, (virDomainPtr d), runs() ? 1 : (unsigned int)-1)
ANSWER(virDomainPtr, virDomainDefineXMLFlags,
       (virConnectPtr c, const char *xml, unsigned int flags), define(xml))
ANSWER(int, virDomainAttachDeviceFlags,
       (virDomainPtr d, const char *xml, unsigned int flags), plug())
ANSWER(int, virDomainDetachDeviceFlags,
       (virDomainPtr d, const char *xml, unsigned int flags), unplug())
ANSWER(int, virConnectListAllDomains,
       (virConnectPtr c, virDomainPtr **all, unsigned int flags), 0)
ANSWER(virNetworkPtr, virNetworkLookupByName, (virConnectPtr c, const char *n),
       has("/box/network") ? NETWORK : NULL)
ANSWER(int, virNetworkFree, (virNetworkPtr n), 0)
ANSWER(int, virNetworkIsActive, (virNetworkPtr n), 1)
ANSWER(char *, virNetworkGetXMLDesc, (virNetworkPtr n, unsigned int flags),
       read_text("/box/network"))
ANSWER(int, virNetworkUpdate,
       (virNetworkPtr n, unsigned int command, unsigned int section, int parent,
	const char *xml, unsigned int flags),
       write_text("/box/reserved", "ae", xml))

int virNetworkGetDHCPLeases(virNetworkPtr n, const char *mac,
			    virNetworkDHCPLeasePtr **all, unsigned int flags)
{
	virNetworkDHCPLeasePtr lease;
	char line_mac[32], address[64];
	FILE *f = fopen("/box/leases", "re");
	int count = 0;

	*all = calloc(LEASES_MOST, sizeof(**all));
	while (f && count < LEASES_MOST &&
	       fscanf(f, "%31s %63s", line_mac, address) == 2) {
		lease = (*all)[count++] = calloc(1, sizeof(*lease));
		lease->mac = strdup(line_mac);
		lease->ipaddr = strdup(address);
	}
	if (f)
		fclose(f);
	return count;
}

void virNetworkDHCPLeaseFree(virNetworkDHCPLeasePtr l)
{
	free(l->mac);
	free(l->ipaddr);
	free(l);
}

void virSetErrorFunc(void *data, virErrorFunc f)
{
}

char *virDomainGetXMLDesc(virDomainPtr d, unsigned int flags)
{
	static int reads;

	if (++reads == COMES_AT)
		rename("/box/coming", "/box/xml");
	return read_text(runs() ? "/box/xml" : "/box/off");
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* virt-load.c - libvirt's library, loaded when something is asked of it, and not before */

#include "virt-load.h"

#include "text.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

/* the number changes with the library's interface; it has been 0 since 2005 */
#define LIBRARY "libvirt.so.0"

/* what virt.c calls: type, name, parameters, and the same as arguments */
#define FUNCTIONS(X)                                                                     \
	X(void, virSetErrorFunc, (void *data, virErrorFunc f), (data, f))                \
	X(const char *, virGetLastErrorMessage, (void), ())                              \
	X(virConnectPtr, virConnectOpen, (const char *uri), (uri))                       \
	X(int, virConnectClose, (virConnectPtr c), (c))                                  \
	X(int, virConnectIsAlive, (virConnectPtr c), (c))                                \
	X(virDomainPtr, virDomainLookupByName, (virConnectPtr c, const char *n), (c, n)) \
	X(virDomainPtr, virDomainLookupByUUIDString, (virConnectPtr c, const char *u),   \
	  (c, u))                                                                        \
	X(int, virDomainFree, (virDomainPtr d), (d))                                     \
	X(int, virDomainIsActive, (virDomainPtr d), (d))                                 \
	X(char *, virDomainGetXMLDesc, (virDomainPtr d, unsigned int flags), (d, flags)) \
	X(virDomainPtr, virDomainDefineXMLFlags,                                         \
	  (virConnectPtr c, const char *xml, unsigned int flags), (c, xml, flags))       \
	X(unsigned int, virDomainGetID, (virDomainPtr d), (d))                           \
	X(int, virDomainAttachDeviceFlags,                                               \
	  (virDomainPtr d, const char *xml, unsigned int flags), (d, xml, flags))        \
	X(int, virDomainDetachDeviceFlags,                                               \
	  (virDomainPtr d, const char *xml, unsigned int flags), (d, xml, flags))        \
	X(int, virConnectListAllDomains,                                                 \
	  (virConnectPtr c, virDomainPtr * *all, unsigned int flags), (c, all, flags))   \
	X(virNetworkPtr, virNetworkLookupByName, (virConnectPtr c, const char *n),       \
	  (c, n))                                                                        \
	X(int, virNetworkFree, (virNetworkPtr n), (n))                                   \
	X(int, virNetworkIsActive, (virNetworkPtr n), (n))                               \
	X(char *, virNetworkGetXMLDesc, (virNetworkPtr n, unsigned int flags),           \
	  (n, flags))                                                                    \
	X(int, virNetworkUpdate,                                                         \
	  (virNetworkPtr n, unsigned int command, unsigned int section, int parent,      \
	   const char *xml, unsigned int flags),                                         \
	  (n, command, section, parent, xml, flags))                                     \
	X(int, virNetworkGetDHCPLeases,                                                  \
	  (virNetworkPtr n, const char *mac, virNetworkDHCPLeasePtr **all,               \
	   unsigned int flags),                                                          \
	  (n, mac, all, flags))                                                          \
	X(void, virNetworkDHCPLeaseFree, (virNetworkDHCPLeasePtr l), (l))

/* where each is in the library */
/* NOLINTNEXTLINE(bugprone-macro-parentheses): a name that is declared has none */
#define MEMBER(type, name, parameters, arguments) __typeof__(&name) name;
static struct {
	FUNCTIONS(MEMBER)
} library;

/* and the function that hands on */
#define HAND_ON(type, name, parameters, arguments) \
	type name parameters                       \
	{                                          \
		return library.name arguments;     \
	}
FUNCTIONS(HAND_ON)

#define ENTRY(type, name, parameters, arguments) { #name, (void **)&library.name },
static const struct {
	const char *name;
	void **at;
} entries[] = { FUNCTIONS(ENTRY) };

int virt_load(char ret_why[static WHY_LEN])
{
	static bool loaded;
	void *handle;

	if (loaded)
		return 0;
	/* stays until the program ends: libvirt starts threads */
	handle = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
	if (!handle) {
		why(ret_why, "libvirt's library is not here (%s): install libvirt",
		    dlerror());
		return -ENOENT;
	}
	for (size_t i = 0; i < ARRAY_LEN(entries); i++) {
		*entries[i].at = dlsym(handle, entries[i].name);
		if (*entries[i].at)
			continue;
		why(ret_why, LIBRARY " has no %s: a newer libvirt is needed",
		    entries[i].name);
		return -ENOENT;
	}
	loaded = true;
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* virt.c - what is asked of libvirt, and told to it; the only file that includes it */

#include "virt.h"

#include "text.h"
#include "virt-load.h"

#include <errno.h>
#include <stdlib.h>

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#define URI "qemu:///system"

struct virt {
	virConnectPtr connection;
};

/* libvirt prints errors by itself otherwise */
static void say_nothing(void *data, virErrorPtr error)
{
	(void)data;
	(void)error;
}

static const char *last_error(void)
{
	const char *said = virGetLastErrorMessage();

	return said ? said : "no reason given";
}

static void free_domain(virDomainPtr *d)
{
	if (*d)
		virDomainFree(*d);
}

int virt_open(struct virt **ret, char ret_why[static WHY_LEN])
{
	struct virt *v;

	if (virt_load(ret_why) < 0)
		return -ENOTCONN;
	v = calloc(1, sizeof(*v));
	virSetErrorFunc(NULL, say_nothing);
	if (v)
		v->connection = virConnectOpen(URI);
	if (v && v->connection) {
		*ret = v;
		return 0;
	}
	why(ret_why,
	    "libvirt does not answer at " URI
	    " (%s): systemctl status libvirtd virtqemud says whether it runs",
	    v ? last_error() : "no memory");
	free(v);
	return -ENOTCONN;
}

void virt_close(struct virt **v)
{
	if (*v)
		virConnectClose((*v)->connection);
	free(*v);
	*v = NULL;
}

/* after a failure: the daemon says no, or it has gone, and the next virt_open() has a new one */
static int failure(struct virt *v, int no)
{
	return virConnectIsAlive(v->connection) == 1 ? no : -ENOTCONN;
}

/* 0, -ENOENT or -ENOTCONN */
static int find_domain(struct virt *v, const char *vm, virDomainPtr *ret,
		       char ret_why[static WHY_LEN])
{
	/* as virsh does: a VM may be called by the UUID of another one */
	*ret = text_is_uuid(vm) ? virDomainLookupByUUIDString(v->connection, vm) : NULL;
	if (!*ret)
		*ret = virDomainLookupByName(v->connection, vm);
	if (*ret)
		return 0;
	/* to ask whether it lives forgets the error */
	why(ret_why, "libvirt has gone away: %s", last_error());
	if (failure(v, -ENOENT) == -ENOTCONN)
		return -ENOTCONN;
	why(ret_why, "libvirt has no VM '%s'; virsh list --all shows them", vm);
	return -ENOENT;
}

/* as of when it was looked up: the daemon is not asked again */
static unsigned int running_id(virDomainPtr d)
{
	unsigned int id = virDomainGetID(d);

	return id == (unsigned int)-1 ? 0 : id;
}

int virt_domain_xml(struct virt *v, const char *vm, bool live, char **ret_xml,
		    unsigned int *ret_id, char ret_why[static WHY_LEN])
{
	CLEANUP(free_domain) virDomainPtr d = NULL;
	unsigned int flags = VIR_DOMAIN_XML_SECURE;
	int r = find_domain(v, vm, &d, ret_why);

	if (r < 0)
		return r;
	*ret_id = running_id(d);
	if (!live)
		flags |= VIR_DOMAIN_XML_INACTIVE;
	*ret_xml = virDomainGetXMLDesc(d, flags);
	if (*ret_xml)
		return 0;
	why(ret_why, "libvirt does not give the XML of '%s': %s", vm, last_error());
	return failure(v, -EIO);
}

int virt_domain_define(struct virt *v, const char *xml, char ret_why[static WHY_LEN])
{
	CLEANUP(free_domain)
	virDomainPtr d =
		virDomainDefineXMLFlags(v->connection, xml, VIR_DOMAIN_DEFINE_VALIDATE);

	if (d)
		return 0;
	why(ret_why, "libvirt does not take the XML: %s", last_error());
	return -EIO;
}

bool virt_domain_runs(struct virt *v, const char *uuid)
{
	CLEANUP(free_domain)
	virDomainPtr d = virDomainLookupByUUIDString(v->connection, uuid);

	return d && running_id(d);
}

int virt_domain_plug(struct virt *v, const char *uuid, const char *xml, bool in,
		     char ret_why[static WHY_LEN])
{
	CLEANUP(free_domain) virDomainPtr d = NULL;
	unsigned int flags = VIR_DOMAIN_AFFECT_LIVE;
	int r = find_domain(v, uuid, &d, ret_why);

	if (r < 0)
		return r;
	if ((in ? virDomainAttachDeviceFlags(d, xml, flags)
		: virDomainDetachDeviceFlags(d, xml, flags)) == 0)
		return 0;
	why(ret_why, "libvirt does not %s: %s", in ? "plug it in" : "take it out",
	    last_error());
	return failure(v, -EIO);
}

static int visit_domain(virDomainPtr d, int (*each)(const char *xml, void *data),
			void *data)
{
	static const unsigned int flags[] = { VIR_DOMAIN_XML_INACTIVE, 0 };
	size_t n = virDomainIsActive(d) == 1 ? 2 : 1;
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++) {
		CLEANUP(free_ptr) char *xml = virDomainGetXMLDesc(d, flags[i]);

		/* one that has gone meanwhile has no device */
		if (xml)
			r = each(xml, data);
	}
	return r;
}

int virt_domains_each(struct virt *v, int (*each)(const char *xml, void *data),
		      void *data, char ret_why[static WHY_LEN])
{
	virDomainPtr *all = NULL;
	int n = virConnectListAllDomains(v->connection, &all, 0), r = 0;

	if (n < 0) {
		why(ret_why, "libvirt does not list its VMs: %s", last_error());
		return -EIO;
	}
	for (int i = 0; i < n; i++) {
		if (r == 0)
			r = visit_domain(all[i], each, data);
		virDomainFree(all[i]);
	}
	free(all);
	return r;
}

static void free_network(virNetworkPtr *n)
{
	if (*n)
		virNetworkFree(*n);
}

static virNetworkPtr find_network(struct virt *v, const char *network,
				  char ret_why[static WHY_LEN])
{
	virNetworkPtr n = virNetworkLookupByName(v->connection, network);

	if (!n)
		why(ret_why,
		    "libvirt has no network '%s'; virsh net-list --all shows them",
		    network);
	return n;
}

int virt_network_xml(struct virt *v, const char *network, char **ret_xml,
		     char ret_why[static WHY_LEN])
{
	CLEANUP(free_network) virNetworkPtr n = find_network(v, network, ret_why);

	if (!n)
		return -ENOENT;
	*ret_xml = virNetworkGetXMLDesc(n, 0);
	if (*ret_xml)
		return 0;
	why(ret_why, "libvirt does not give the XML of the network '%s': %s", network,
	    last_error());
	return -EIO;
}

int virt_network_reserve(struct virt *v, const char *network, const char *host,
			 char ret_why[static WHY_LEN])
{
	CLEANUP(free_network) virNetworkPtr n = find_network(v, network, ret_why);
	unsigned int flags = VIR_NETWORK_UPDATE_AFFECT_CONFIG;

	if (!n)
		return -ENOENT;
	if (virNetworkIsActive(n) == 1)
		flags |= VIR_NETWORK_UPDATE_AFFECT_LIVE;
	if (virNetworkUpdate(n, VIR_NETWORK_UPDATE_COMMAND_ADD_LAST,
			     VIR_NETWORK_SECTION_IP_DHCP_HOST, -1, host, flags) == 0)
		return 0;
	why(ret_why, "libvirt does not take the reservation in the network '%s': %s",
	    network, last_error());
	return -EIO;
}

int virt_network_leases(struct virt *v, const char *network,
			void (*each)(const char *mac, const char *ip, void *data),
			void *data, char ret_why[static WHY_LEN])
{
	CLEANUP(free_network) virNetworkPtr n = find_network(v, network, ret_why);
	virNetworkDHCPLeasePtr *all = NULL;
	int count = n ? virNetworkGetDHCPLeases(n, NULL, &all, 0) : -1;

	for (int i = 0; i < count; i++) {
		if (all[i]->mac && all[i]->ipaddr)
			each(all[i]->mac, all[i]->ipaddr, data);
		virNetworkDHCPLeaseFree(all[i]);
	}
	free(all);
	/* a network that does not run has none */
	return n ? 0 : -EIO;
}

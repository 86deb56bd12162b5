// SPDX-License-Identifier: GPL-2.0-or-later
/* virt.c - what is asked of libvirt, and told to it; the only file that includes it */

#include "virt.h"

#include "text.h"

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
	struct virt *v = calloc(1, sizeof(*v));

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

unsigned long virt_version(struct virt *v)
{
	unsigned long version = 0;

	return virConnectGetLibVersion(v->connection, &version) < 0 ? 0 : version;
}

static virDomainPtr find_domain(struct virt *v, const char *vm,
				char ret_why[static WHY_LEN])
{
	virDomainPtr d = virDomainLookupByName(v->connection, vm);

	if (!d)
		d = virDomainLookupByUUIDString(v->connection, vm);
	if (!d)
		why(ret_why, "libvirt has no VM '%s'; virsh list --all shows them", vm);
	return d;
}

int virt_domain_xml(struct virt *v, const char *vm, bool live, char **ret_xml,
		    bool *ret_running, char ret_why[static WHY_LEN])
{
	CLEANUP(free_domain) virDomainPtr d = find_domain(v, vm, ret_why);
	unsigned int flags = VIR_DOMAIN_XML_SECURE;

	if (!d)
		return -ENOENT;
	*ret_running = virDomainIsActive(d) == 1;
	if (!live)
		flags |= VIR_DOMAIN_XML_INACTIVE;
	*ret_xml = virDomainGetXMLDesc(d, flags);
	if (*ret_xml)
		return 0;
	why(ret_why, "libvirt does not give the XML of '%s': %s", vm, last_error());
	return -EIO;
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

// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-reserve.c - virt-handoff reserve: a VM keeps its address, by its libvirt network */

#include "ctl.h"

#include "ctl-act.h"
#include "ctl-reserve.h"
#include "domain.h"
#include "file.h"
#include "lease.h"
#include "log.h"
#include "text.h"
#include "virt.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

/**
 * struct reserving - One reservation
 * @asked:   The address that was typed; family 0: none
 * @mac:     The interface that was typed, ""; then the one that was found
 * @network: Of it
 * @virt:    NULL on a recorded machine
 */
struct reserving {
	struct ctl *ctl;
	const char *vm;
	struct ip asked;
	char mac[MAC_LEN], network[NAME_LEN];
	struct domain domain;
	struct dhcp dhcp;
	struct virt *virt;
	char why[WHY_LEN];
};

static void forget(struct reserving *x)
{
	domain_free(&x->domain);
	dhcp_free(&x->dhcp);
	virt_close(&x->virt);
}

static bool fits(const struct reserving *x, const struct guest_nic *n)
{
	return strcmp(n->type, "network") == 0 && n->network[0] && n->mac[0] &&
	       (!x->mac[0] || strcmp(n->mac, x->mac) == 0);
}

static int find_nic(struct reserving *x)
{
	const struct guest *g = &x->domain.guest;
	const struct guest_nic *found = NULL;

	for (size_t i = 0; i < g->n_nics; i++) {
		if (!fits(x, &g->nics[i]))
			continue;
		if (found) {
			why(x->why,
			    "%s has several interfaces in libvirt's networks, such as %s and %s: --interface says which",
			    g->name, found->mac, g->nics[i].mac);
			return -EINVAL;
		}
		found = &g->nics[i];
	}
	if (!found) {
		why(x->why,
		    "%s has no interface %s%sin a network of libvirt: virsh domiflist %s",
		    g->name, x->mac, x->mac[0] ? " " : "", guest_typed(g));
		return -ENOENT;
	}
	memcpy(x->mac, found->mac, sizeof(x->mac));
	return text_copy(x->network, sizeof(x->network), found->network);
}

static int has_mac(struct domain *d, const char *sentence, void *data)
{
	struct reserving *x = data;

	(void)sentence;
	if (!d || strcmp(d->guest.uuid, x->domain.guest.uuid) == 0)
		return 0;
	for (size_t i = 0; i < d->guest.n_nics; i++) {
		const struct guest_nic *n = &d->guest.nics[i];

		/* on another network of libvirt nobody takes it for this one */
		if (strcmp(n->mac, x->mac) != 0 || (strcmp(n->type, "network") == 0 &&
						    strcmp(n->network, x->network) != 0))
			continue;
		why(x->why,
		    "%s has the MAC address %s too: whose it is nobody can tell, and the address would go to both; give each its own with virsh edit",
		    d->guest.name, x->mac);
		return -EEXIST;
	}
	return 0;
}

static int read_recorded(struct reserving *x, char **ret)
{
	CLEANUP(close_fd) int fd = -1;
	char path[PATH_LEN];
	ssize_t n;

	if (!text_is_name(x->network) ||
	    text_format(path, sizeof(path), "etc/libvirt/qemu/networks/%s.xml",
			x->network) < 0)
		return -EINVAL;
	fd = openat(x->ctl->host.root, path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -errno : file_read_all(fd, NETWORK_XML_MAX, ret);
	if (n < 0)
		why(x->why, "/%s: %s", path, strerror((int)-n));
	return n < 0 ? (int)n : 0;
}

static void note_lease(const char *mac, const char *text, void *data)
{
	struct ip ip;

	if (ip_parse(text, &ip) == 0)
		dhcp_lease(data, mac, &ip);
}

static int read_network(struct reserving *x)
{
	CLEANUP(free_ptr) char *xml = NULL;
	int r;

	if (ctl_is_here(x->ctl)) {
		r = virt_open(&x->virt, x->why);
		if (r == 0)
			r = virt_network_xml(x->virt, x->network, &xml, x->why);
	} else {
		r = read_recorded(x, &xml);
	}
	if (r < 0)
		return r;
	r = dhcp_parse(xml, &x->dhcp);
	if (r == 0 && x->dhcp.n_subnets == 0)
		r = -ENOTSUP;
	if (r < 0)
		why(x->why,
		    "the network '%s' gives no addresses of IPv4 (%s): virsh net-dumpxml %s",
		    x->network, strerror(-r), x->network);
	if (r == 0 && x->virt)
		r = virt_network_leases(x->virt, x->network, note_lease, &x->dhcp,
					x->why);
	return r;
}

/* the one that was typed; else the lease, where it can stay; else a free one */
static int choose(struct reserving *x, struct ip *ret)
{
	struct ip lease[2];
	char text[IP_LEN], objection[WHY_LEN];
	int n;

	if (x->asked.family) {
		*ret = x->asked;
		ip_format(ret, text);
		if (!dhcp_objection(&x->dhcp, ret, x->mac, objection))
			return 0;
		why(x->why, "%s cannot be reserved for %s in the network '%s': %s", text,
		    x->domain.guest.name, x->network, objection);
		return -EINVAL;
	}
	n = lease_read(x->ctl->host.root, x->dhcp.bridge, x->mac, lease);
	for (int i = 0; i < n; i++)
		if (!dhcp_objection(&x->dhcp, &lease[i], x->mac, objection)) {
			*ret = lease[i];
			return 0;
		}
	if (dhcp_choose(&x->dhcp, x->mac, ret) == 0)
		return 0;
	why(x->why, "the network '%s' has no free address", x->network);
	return -ENOSPC;
}

static int reserve(struct reserving *x)
{
	const struct reservation *has = dhcp_reserved(&x->dhcp, x->mac);
	const char *vm = x->domain.guest.name;
	char address[IP_LEN], host[128];
	struct ip ip;
	int r;

	if (has) {
		ip_format(&has->ip, address);
		if (!x->asked.family || ip_equal(&has->ip, &x->asked)) {
			printf("%s has %s already, in the network %s\n", vm, address,
			       x->network);
			return 0;
		}
		why(x->why,
		    "%s has the reservation %s in the network %s: take that out first, with virsh net-update %s delete ip-dhcp-host \"<host mac='%s' ip='%s'/>\" --live --config",
		    vm, address, x->network, x->network, x->mac, address);
		return -EEXIST;
	}
	r = choose(x, &ip);
	if (r < 0)
		return r;
	ip_format(&ip, address);
	r = text_format(host, sizeof(host), "<host mac='%s' ip='%s'/>", x->mac, address);
	if (r == 0 && x->virt)
		r = virt_network_reserve(x->virt, x->network, host, x->why);
	if (r < 0)
		return r;
	printf("%s: %s is reserved for %s in the network %s%s\n", vm, address, x->mac,
	       x->network,
	       x->virt ? "; a guest that has another one changes when it renews its lease"
		       : " (a recorded machine: nothing was written)");
	return 0;
}

static bool read_options(struct reserving *x, int argc, char *argv[])
{
	static const struct option options[] = {
		{ "interface", required_argument, NULL, 'i' }, { 0 }
	};
	int o;

	while ((o = getopt_long(argc, argv, "", options, NULL)) != -1)
		if (o != 'i' || text_copy(x->mac, sizeof(x->mac), optarg) < 0)
			return false;
	for (char *p = x->mac; *p; p++)
		*p |= *p >= 'A' && *p <= 'Z' ? 0x20 : 0;
	if (optind != argc - 1 && optind != argc - 2)
		return false;
	x->vm = argv[optind];
	return optind == argc - 1 ||
	       (ip_parse(argv[optind + 1], &x->asked) == 0 && x->asked.family == AF_INET);
}

int ctl_reserve(struct ctl *c, int argc, char *argv[])
{
	CLEANUP(forget) struct reserving x = { .ctl = c };
	int r;

	if (!read_options(&x, argc, argv))
		return ctl_usage("reserve VM [ADDRESS] [--interface MAC]");
	if (ctl_is_here(c) && act_begin(c, argv[0]) < 0)
		return CTL_FAILED;
	r = domain_read(c, x.vm, &x.domain, x.why);
	if (r == 0)
		r = find_nic(&x);
	if (r == 0) /* the XML may be a tenant's */
		r = domains_each(c, has_mac, &x);
	if (r == 0)
		r = read_network(&x);
	if (r == 0)
		r = reserve(&x);
	if (r < 0)
		log_err("%s", x.why);
	return r < 0 ? CTL_FAILED : CTL_DONE;
}

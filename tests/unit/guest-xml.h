/* SPDX-License-Identifier: GPL-2.0-or-later */
/* guest-xml.h - domain XML for tests: small ones by macros, whole ones of tests/data */
#pragma once

#include "guest.h"
#include "unit.h"

#define NAME          "<name>v</name>"
#define UUID          "<uuid>11111111-2222-3333-4444-555555555501</uuid>"
#define DOMAIN(body)  "<domain>" NAME UUID body "</domain>"
#define DEVICES(body) DOMAIN("<devices>" body "</devices>")
#define PCI(address) \
	"<hostdev type='pci'><source><address " address "/></source></hostdev>"
#define MDEV(uuid) \
	"<hostdev type='mdev'><source><address uuid='" uuid "'/></source></hostdev>"

/**
 * guest_xml_files - Names of the whole ones
 *
 * prepare, started, reconnect and release are what libvirt 9.0 gave to a hook, in this
 * order; workstation and server were written by hand in that form; traps has everything at a
 * wrong place.
 */
#define GUEST_XML_FILES 7
extern const char *const guest_xml_files[GUEST_XML_FILES];

/**
 * guest_xml_load() - Read one
 *
 * Return:   Owned by the caller
 */
char *guest_xml_load(const char *name, size_t *ret_len);

// SPDX-License-Identifier: GPL-2.0-or-later
/* guest-domain.c - what a domain XML says of name, memory, CPUs and of QEMU's own arguments */

#include "guest-reader.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

/* libvirt prints no blanks around a number, people do. */
static const char *trimmed(char *s)
{
	static const char blanks[] = " \t\r\n";
	size_t len;

	s += strspn(s, blanks);
	len = strlen(s);
	while (len && strchr(blanks, s[len - 1]))
		len--;
	s[len] = '\0';
	return s;
}

static void vcpupin_start(struct guest_reader *r, const char **attrs)
{
	const char *vcpu = guest_attr(attrs, "vcpu") ?: "";
	struct guest_pin pin = { 0 };
	uint64_t n = 0;

	if (text_number(vcpu, UINT32_MAX, &n))
		guest_refuse(r, -EINVAL, "vcpu='%.64s' of a <vcpupin> is not a number",
			     vcpu);
	pin.vcpu = (unsigned int)n;
	guest_keep_attr(r, attrs, "cpuset", pin.cpuset, sizeof(pin.cpuset));
	GUEST_ADD(r, pins, pin, GUEST_PINS_MAX, "<vcpupin>");
}

static void numatune_start(struct guest_reader *r, const char **attrs)
{
	guest_keep_attr(r, attrs, "mode", r->g.numatune_mode, sizeof(r->g.numatune_mode));
	guest_keep_attr(r, attrs, "nodeset", r->g.numatune_nodeset,
			sizeof(r->g.numatune_nodeset));
}

static void machine_start(struct guest_reader *r, const char **attrs)
{
	guest_keep_attr(r, attrs, "machine", r->g.machine, sizeof(r->g.machine));
}

static void backing_source(struct guest_reader *r, const char **attrs)
{
	guest_keep_attr(r, attrs, "type", r->g.memory_source, sizeof(r->g.memory_source));
}

static void backing_access(struct guest_reader *r, const char **attrs)
{
	r->g.shared_memory = guest_attr_is(attrs, "mode", "shared");
}

/* As virScaleInteger() of libvirt: k and KiB are 1024, KB is 1000, none is KiB. */
static uint64_t unit_scale(const char *unit)
{
	static const char letters[] = "kmgtpe";
	const char *found;
	uint64_t base, scale = 1;

	if (!unit || !*unit)
		return 1024;
	if (!strcasecmp(unit, "b") || !strcasecmp(unit, "byte") ||
	    !strcasecmp(unit, "bytes"))
		return 1;
	found = strchr(letters, tolower((unsigned char)*unit));
	if (!unit[1] || !strcasecmp(unit + 1, "ib"))
		base = 1024;
	else if (!strcasecmp(unit + 1, "b"))
		base = 1000;
	else
		found = NULL;
	for (const char *p = letters; found && p <= found; p++)
		scale *= base;
	return found ? scale : 0;
}

static void memory_unit(struct guest_reader *r, const char **attrs)
{
	const char *unit = guest_attr(attrs, "unit");

	r->scale = unit_scale(unit);
	if (!r->scale)
		guest_refuse(r, -EINVAL, "unit='%.64s' is not a unit of memory", unit);
}

static unsigned long long kib(struct guest_reader *r, const char *s, const char *what)
{
	uint64_t n, bytes;

	if (!text_number(s, UINT64_MAX, &n) &&
	    !__builtin_mul_overflow(n, r->scale, &bytes))
		return bytes / 1024 + !!(bytes % 1024);
	guest_refuse(r, -EINVAL, "%s '%.64s' is not a number of bytes below 2^64", what,
		     s);
	return 0;
}

static void memory_end(struct guest_reader *r)
{
	r->g.memory_kib = kib(r, trimmed(r->text), "<memory>");
}

static void hugepages_start(struct guest_reader *r, const char **attrs)
{
	(void)attrs;
	r->g.hugepages = true;
}

static void hugepage_start(struct guest_reader *r, const char **attrs)
{
	if (r->g.hugepage_kib)
		return;
	memory_unit(r, attrs);
	r->g.hugepage_kib = kib(r, guest_attr(attrs, "size") ?: "", "page size");
}

static void name_end(struct guest_reader *r)
{
	if (r->g.name[0])
		guest_refuse(r, -EINVAL, "the domain has two names");
	else if (!text_is_name(r->text))
		guest_refuse(
			r, -EINVAL,
			"name '%.64s' cannot be the name of a file; rename the domain",
			r->text);
	else
		guest_keep(r, "<name>", r->text, r->g.name, sizeof(r->g.name));
}

static void uuid_end(struct guest_reader *r)
{
	if (r->g.uuid[0])
		guest_refuse(r, -EINVAL, "the domain has two UUIDs");
	else
		guest_keep_uuid(r, trimmed(r->text), r->g.uuid);
}

static void vcpu_start(struct guest_reader *r, const char **attrs)
{
	guest_keep_attr(r, attrs, "cpuset", r->g.cpuset, sizeof(r->g.cpuset));
}

static void vcpu_end(struct guest_reader *r)
{
	const char *text = trimmed(r->text);
	uint64_t n = 0;

	if (text_number(text, UINT32_MAX, &n))
		guest_refuse(r, -EINVAL, "<vcpu> '%.64s' is not a number", text);
	r->g.vcpus = (unsigned int)n;
}

static void kvm_hidden_start(struct guest_reader *r, const char **attrs)
{
	r->g.kvm_hidden = guest_attr_is(attrs, "state", "on");
}

static void numa_cell_start(struct guest_reader *r, const char **attrs)
{
	r->g.shared_memory |= guest_attr_is(attrs, "memAccess", "shared");
}

/* "-set" "device.hostdev0.x-vga=on"; "-uuid" UUID; "-smbios" "type=1,uuid=UUID" */
static void argument_start(struct guest_reader *r, const char **attrs)
{
	const char *value = guest_attr(attrs, "value") ?: "";

	r->g.x_vga |= strstr(value, "x-vga=on") || strstr(value, "x-vga=true");
	r->g.other_uuid |= !strcmp(value, "-uuid") || !strcmp(value, "--uuid") ||
			   (!strncmp(value, "type=1,", 7) && strstr(value, ",uuid="));
}

static void property_start(struct guest_reader *r, const char **attrs)
{
	r->g.x_vga |= guest_attr_is(attrs, "name", "x-vga") &&
		      guest_attr_is(attrs, "value", "true");
}

/* clang-format off */
static const struct guest_element elements[] = {
	{ GUEST_TOP, "domain", GUEST_DOMAIN, NULL, NULL, false },
	{ GUEST_DOMAIN, "name", GUEST_LEAF, NULL, name_end, true },
	{ GUEST_DOMAIN, "uuid", GUEST_LEAF, NULL, uuid_end, true },
	{ GUEST_DOMAIN, "vcpu", GUEST_LEAF, vcpu_start, vcpu_end, true },
	{ GUEST_DOMAIN, "memory", GUEST_LEAF, memory_unit, memory_end, true },

	{ GUEST_DOMAIN, "os", GUEST_OS, NULL, NULL, false },
	{ GUEST_OS, "type", GUEST_LEAF, machine_start, NULL, false },

	{ GUEST_DOMAIN, "cputune", GUEST_CPUTUNE, NULL, NULL, false },
	{ GUEST_CPUTUNE, "vcpupin", GUEST_LEAF, vcpupin_start, NULL, false },

	{ GUEST_DOMAIN, "numatune", GUEST_NUMATUNE, NULL, NULL, false },
	{ GUEST_NUMATUNE, "memory", GUEST_LEAF, numatune_start, NULL, false },

	{ GUEST_DOMAIN, "memoryBacking", GUEST_BACKING, NULL, NULL, false },
	{ GUEST_BACKING, "hugepages", GUEST_HUGEPAGES, hugepages_start, NULL, false },
	{ GUEST_HUGEPAGES, "page", GUEST_LEAF, hugepage_start, NULL, false },
	{ GUEST_BACKING, "source", GUEST_LEAF, backing_source, NULL, false },
	{ GUEST_BACKING, "access", GUEST_LEAF, backing_access, NULL, false },

	{ GUEST_DOMAIN, "features", GUEST_FEATURES, NULL, NULL, false },
	{ GUEST_FEATURES, "kvm", GUEST_KVM, NULL, NULL, false },
	{ GUEST_KVM, "hidden", GUEST_LEAF, kvm_hidden_start, NULL, false },

	{ GUEST_DOMAIN, "cpu", GUEST_CPU, NULL, NULL, false },
	{ GUEST_CPU, "numa", GUEST_NUMA, NULL, NULL, false },
	{ GUEST_NUMA, "cell", GUEST_LEAF, numa_cell_start, NULL, false },

	{ GUEST_DOMAIN, "qemu:commandline", GUEST_COMMANDLINE, NULL, NULL, false },
	{ GUEST_COMMANDLINE, "qemu:arg", GUEST_LEAF, argument_start, NULL, false },

	{ GUEST_DOMAIN, "qemu:override", GUEST_OVERRIDE, NULL, NULL, false },
	{ GUEST_OVERRIDE, "qemu:device", GUEST_OVERRIDE_DEVICE, NULL, NULL, false },
	{ GUEST_OVERRIDE_DEVICE, "qemu:frontend", GUEST_FRONTEND, NULL, NULL, false },
	{ GUEST_FRONTEND, "qemu:property", GUEST_LEAF, property_start, NULL, false },

	{ GUEST_DOMAIN, "devices", GUEST_DEVICES, NULL, NULL, false },
};
/* clang-format on */

const struct guest_elements guest_domain_elements = { elements, ARRAY_LEN(elements) };

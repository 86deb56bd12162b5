/* SPDX-License-Identifier: GPL-2.0-or-later */
/* guest-reader.h - inside guest*.c: the reader of a domain XML and its tables */
#pragma once

#include "base.h"
#include "guest.h"

#include <stdbool.h>
#include <stdint.h>

#define GUEST_TEXT_LEN NAME_LEN /* the longest text that is kept is the name */

/* Where an element stands. What is not in a table is nowhere, with all that is in it. */
enum guest_place {
	GUEST_TOP,
	GUEST_DOMAIN,
	GUEST_OS,
	GUEST_CPUTUNE,
	GUEST_NUMATUNE,
	GUEST_BACKING,
	GUEST_HUGEPAGES,
	GUEST_FEATURES,
	GUEST_KVM,
	GUEST_CPU,
	GUEST_NUMA,
	GUEST_COMMANDLINE,
	GUEST_OVERRIDE,
	GUEST_OVERRIDE_DEVICE,
	GUEST_FRONTEND,
	GUEST_DEVICES,
	GUEST_HOSTDEV,
	GUEST_HOSTDEV_SOURCE,
	GUEST_DISK,
	GUEST_DISK_SOURCE,
	GUEST_INTERFACE,
	GUEST_INTERFACE_SOURCE,
	GUEST_FILESYSTEM,
	GUEST_LEAF,
};

#define GUEST_ENOUGH 1 /* no errno */

enum guest_device_type { GUEST_DEVICE_OTHER, GUEST_DEVICE_PCI, GUEST_DEVICE_MDEV };

struct guest_reader;

/**
 * struct guest_element - An element at its place
 * @parent:  Place it stands in
 * @name:    Its name
 * @place:   Place that it is
 * @start:   Looks at its attributes (name, value, name, value, NULL); or NULL
 * @end:     Called when it ends, its text in @text of the reader; or NULL
 * @text:    Whether its text is wanted
 */
struct guest_element {
	enum guest_place parent;
	const char *name;
	enum guest_place place;
	void (*start)(struct guest_reader *r, const char **attrs);
	void (*end)(struct guest_reader *r);
	bool text;
};

/**
 * struct guest_elements - A table of elements
 * @list:    Borrowed
 * @n:       How many
 */
struct guest_elements {
	const struct guest_element *list;
	size_t n;
};

extern const struct guest_elements guest_domain_elements;
extern const struct guest_elements guest_device_elements;

/**
 * struct guest_reader - One run of guest_parse()
 * @parser:    Owned. expat's
 * @ret_why:   Borrowed. Sentence for the caller
 * @error:     First error, 0 so far; GUEST_ENOUGH: all that was wanted is there
 * @name_only: Name and UUID are all that is wanted
 * @stack:     Where we are, one element a level; NULL is nowhere
 * @depth:     How many levels
 * @text:      Text of the innermost element that wants it
 * @text_len:  How long it is
 * @scale:     Bytes in one of what the <memory> that is being read counts
 * @g:         What was read so far
 * @type:      What the <hostdev>, <interface> or <source> of a <disk> that is being read is
 * @addressed: Its <source><address> was there
 * @hostdev:   It, when it is a PCI function
 * @mdev:      It, when it is a mediated device
 * @nic:       The <interface> that is being read
 * @fs:        The <filesystem> that is being read
 */
struct guest_reader {
	void *parser;
	char *ret_why;
	int error;
	bool name_only;
	const struct guest_element *stack[GUEST_DEPTH_MAX];
	size_t depth;
	char text[GUEST_TEXT_LEN];
	size_t text_len;
	uint64_t scale;
	struct guest g;
	enum guest_device_type type;
	bool addressed;
	struct guest_hostdev hostdev;
	struct guest_mdev mdev;
	struct guest_nic nic;
	struct guest_filesystem fs;
};

/**
 * guest_refuse() - End the reading with a sentence; only the first one counts
 * @error:   Negative errno for guest_parse()
 */
void guest_refuse(struct guest_reader *r, int error, const char *format, ...)
	PRINTF(3, 4);

/**
 * guest_attr() - Value of an attribute
 *
 * Return:   Borrowed from expat, or NULL
 */
const char *guest_attr(const char **attrs, const char *name);

bool guest_attr_is(const char **attrs, const char *name, const char *value);

/**
 * guest_keep() - Copy text that fits and has no control character, refuse other text
 * @what:    What it is, for the sentence
 *
 * Such text may end up in a line of a log or of a ledger, hence no control character.
 */
void guest_keep(struct guest_reader *r, const char *what, const char *value, char *dst,
		size_t size);

/**
 * guest_keep_attr() - The same for an attribute; one that is absent leaves @dst as it is
 */
void guest_keep_attr(struct guest_reader *r, const char **attrs, const char *name,
		     char *dst, size_t size);

/**
 * guest_keep_uuid() - Copy a UUID, in lower case
 */
void guest_keep_uuid(struct guest_reader *r, const char *value,
		     char dst[static UUID_LEN]);

/**
 * guest_room() - Make room for one more element of a list; it grows by doubling
 * @list:    Stays the caller's when NULL is returned; else it is what is returned
 * @n:       Elements in it
 * @max:     Its bound
 * @size:    Bytes of one
 * @what:    What is listed, for the sentence
 *
 * Return:   The list, or NULL after a refusal
 */
void *guest_room(struct guest_reader *r, void *list, size_t n, size_t max, size_t size,
		 const char *what) MUST_CHECK;

/* clang-format off */
#define GUEST_ADD(r, field, value, max, what)						\
	do {										\
		void *_list = guest_room(r, (r)->g.field, (r)->g.n_##field, max,	\
					 sizeof(*(r)->g.field), what);			\
		if (_list) {								\
			(r)->g.field = _list;						\
			(r)->g.field[(r)->g.n_##field++] = (value);			\
		}									\
	} while (0)
/* clang-format on */

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ctl-status.h - inside ctl-status*.c and ctl-list*.c: what VMs have, and whether it is so */
#pragma once

#include "ctl.h"

#include "agree.h"
#include "base.h"
#include "book.h"
#include "conf.h"
#include "ledger.h"
#include "out.h"
#include "print.h"
#include "vgpu.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Theory of operation
 *
 * One snapshot is read, judged, and printed in one of three forms. It is made of files: those
 * of the user, of libvirt and of this program, and the links and attributes in sysfs that these
 * name. libvirt is not asked. What no VM has is not looked at: of 4,096 functions those of 64
 * VMs are some hundred, and each look costs four system calls.
 */

enum vm_state {
	VM_RUNNING,
	VM_STARTING, /* or stopping: somebody has its lock */
	VM_OFF,
	VM_LEFT, /* does not run, and something of it is still there */
	VM_UNKNOWN, /* libvirt's folder of running VMs is not there */
};

/**
 * struct status_function - A function that a ledger claims
 * @name:    As sysfs spells it
 * @driver:  Its driver now, "" none
 * @there:   It exists
 * @gpu:     A display or an accelerator
 */
struct status_function {
	char name[BDF_LEN];
	char driver[64];
	bool there, gpu;
};

enum vgpu_state {
	VGPU_THERE,
	VGPU_OTHER, /* of another type */
	VGPU_MISSING, /* it should be there */
	VGPU_LATER, /* is made when the VM starts */
	VGPU_SILENT, /* its driver does not answer */
};

/**
 * struct status_vgpu - A section [vgpu NAME]
 * @name:    NAME
 * @asked:   Type as written
 * @id:      UUID of the mediated device, or the virtual function; "": not known
 * @parent:  Device on which it is, "" when it is not there
 * @type:    Type that it has: its name, or its id
 */
struct status_vgpu {
	char name[CONF_NAME_LEN], asked[CONF_NAME_LEN];
	char id[UUID_LEN];
	char parent[VGPU_DEVICE_LEN];
	char type[VGPU_TYPE_LEN];
	enum vgpu_state state;
};

/**
 * struct status_type - The type that a driver was asked about last
 * @card:    Device of which it is, "" when none was asked
 *
 * The vGPUs of a card mostly have one type, and the driver is asked what it calls it once.
 */
struct status_type {
	char card[HOST_DEVICE_LEN];
	struct vgpu_type type;
};

enum port_state {
	PORT_OPEN,
	PORT_WAITS, /* for the guest's address */
	PORT_REFUSED,
	PORT_OFF, /* the VM does not run */
};

/**
 * struct status_port - A forward
 * @forward: Borrowed. From the book of the VM, or from its INI file
 */
struct status_port {
	const struct forward *forward;
	enum port_state state;
};

/**
 * struct status_step - How a step of the ledger stands
 * @agree:   Whether it is still so
 * @now:     Owned. What is there instead; NULL: the same, or not known
 */
struct status_step {
	enum agree agree;
	char *now;
};

/**
 * struct status_vm - A VM that has an INI file, a ledger or forwards
 * @name:    Of the VM, or what its INI file is called when libvirt does not have it
 * @file:    INI file as messages show it, "" when it has none
 * @replaced: The VM of that name has another UUID now: all that is here is left over
 * @busy:    Who has its lock, "" nobody
 * @ledger:  Owned. LEDGER_NONE without
 * @book:    Owned. All zero without
 * @asked:   Owned. What its INI file forwards, without addresses of guests
 * @function: Owned. What its ledger claims, as many as there are claims
 * @step:    Owned. As many as the ledger has steps
 * @vgpu:    Owned, @n_vgpus
 * @port:    Owned, @n_ports
 * @n_troubles: How many troubles are about it
 */
struct status_vm {
	char name[NAME_LEN];
	char uuid[UUID_LEN];
	char file[NAME_LEN + 16];
	bool replaced;
	char busy[NAME_LEN];
	enum vm_state state;
	struct ledger ledger;
	struct book book;
	struct forwards asked;
	struct status_function *function;
	struct status_step *step;
	struct status_vgpu *vgpu;
	struct status_port *port;
	size_t n_vgpus, n_ports, n_troubles;
};

/**
 * struct trouble - Something that a person should look at
 * @id:      For programs: "leftover", "changed", ...
 * @vm:      Owned. Whose it is, "" the host's
 * @text:    Owned. One sentence, with the command that mends it where there is one
 */
struct trouble {
	const char *id;
	char *vm, *text;
};

/**
 * struct status_early - What became of a function at boot
 * @name:    As sysfs spells it
 * @outcome: "taken", "pinned", "left", "absent", "failed"
 * @text:    Borrowed. The reason
 * @driver:  Its driver now, "" none
 */
struct status_early {
	char name[BDF_LEN];
	char outcome[16];
	const char *text;
	char driver[64];
};

/**
 * struct status - What all VMs have
 * @vm:      Owned, @n of them, sorted by name; what is left of a replaced one comes last
 * @trouble: Owned, @n_troubles
 * @early:   Owned, @n_early
 * @record:  Owned. Text of the boot's record, which @early borrows
 * @here:    It is this host, not a recorded machine
 * @now_ms:  clock_ms()
 */
struct status {
	struct status_vm *vm;
	struct trouble *trouble;
	struct status_early *early;
	char *record;
	size_t n, n_troubles, n_early;
	bool here;
	uint64_t now_ms;
};

/**
 * status_read() - Look at all VMs
 * @ret_why: One sentence on failure
 *
 * Return:   0, -EACCES not root, -ENOMEM, or -errno
 */
int status_read(struct ctl *c, struct status *ret,
		char ret_why[static WHY_LEN]) MUST_CHECK;

void status_free(struct status *s);

/**
 * status_vm() - A VM by name or UUID; of several with one name the one that has it now
 *
 * Return:   Borrowed, or NULL
 */
struct status_vm *status_vm(const struct status *s, const char *name);

/**
 * status_trouble() - Note something
 * @vm:      NULL: it is about the host
 *
 * Return:   0 or -ENOMEM
 */
int status_trouble(struct status *s, struct status_vm *vm, const char *id,
		   const char *format, ...) PRINTF(4, 5) MUST_CHECK;

/* Parts of status_read(): 0 or -errno */

int status_vgpus(struct host *h, const struct conf_vm *c, const struct guest *g,
		 struct status_vm *vm, struct status_type *last) MUST_CHECK;
int status_judge(struct host *h, struct status *s) MUST_CHECK;
int status_ports(struct host *h, struct status *s) MUST_CHECK;
int status_early_read(struct host *h, struct status *s) MUST_CHECK;

/* Words of the states, for programs and for people */
const char *vm_state_word(enum vm_state s);
const char *vgpu_state_word(enum vgpu_state s);
const char *port_state_word(enum port_state s);

/**
 * status_handover_ms() - How long the last hand-over of a VM took
 * @ret_ms:  From the first record to the last one of taking
 *
 * Return:   false: it has none, or it is not over
 */
bool status_handover_ms(const struct status_vm *vm, uint64_t *ret_ms);

/* What is printed; 0 or -errno */
int status_print(const struct status *s) MUST_CHECK;
int status_print_vm(const struct host *h, const struct status *s,
		    const struct status_vm *vm) MUST_CHECK;
int status_json(const struct status *s, const struct status_vm *only) MUST_CHECK;
int status_prometheus(const struct status *s) MUST_CHECK;

/* Parts of these */

/**
 * status_cut() - A name, cut where it would leave no room for anything else
 * @most:    Columns
 *
 * Return:   @ret
 */
const char *status_cut(const char *name, size_t most, char ret[static NAME_LEN]);

/**
 * status_address() - An address as lspci prints it, without the domain when that is 0
 */
const char *status_address(const char *bdf);

/**
 * status_where() - Where a forward leads: "12223/tcp -> 192.168.122.167:22"
 */
void status_where(const struct forward *f, char *ret, size_t size);

/**
 * status_say() - Print a sentence, cleaned and broken into lines
 */
void status_say(unsigned int indent, enum tone tone, const char *format, ...)
	PRINTF(3, 4);

/**
 * status_say_troubles() - Print what is to be looked at
 * @only:    Of this VM; NULL: all
 *
 * Return:   How many there are
 */
size_t status_say_troubles(const struct status *s, const struct status_vm *only);

/**
 * status_put_port() - A forward as an object of JSON
 * @vm:      Whose it is, NULL: that stands around it
 */
void status_put_port(struct out *o, const char *vm, const struct status_port *p);

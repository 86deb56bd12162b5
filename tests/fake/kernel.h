/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kernel.h - a fake kernel: driver core, PCI, modules and consoles, as seen in /sys */
#pragma once

#include "../data/machine.h"
#include "later.h"
#include "node.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * What is faked, and after what
 *
 * A recorded machine is served below sys/ (and proc/ as far as it was recorded), and
 * reacts to writes as Linux 6.1 to 6.12 does:
 *
 *  - drivers/base/bus.c and dd.c: bind, unbind, drivers_probe, drivers_autoprobe. bind
 *    answers ENODEV to a driver that does not match, EBUSY to a device that has one, and
 *    the error of a probe; unbind answers ENODEV to a device of another driver;
 *    drivers_probe answers ENODEV to an unknown name and else success, whatever was
 *    bound. Loading a module probes every device without a driver, in bus order.
 *  - drivers/pci/pci-driver.c, pci_match_device(): an override matches the driver of
 *    that exact name, and then any id; override-only drivers (VFIO) match with it alone;
 *    new_id and remove_id.
 *  - drivers/base/driver.c, driver_set_override(): "\n" clears, "(null)\n" is read when
 *    unset. A write of no bytes at all never reaches it (fs/sysfs/file.c,
 *    sysfs_kf_write).
 *  - The device lock: while a driver binds or unbinds, whoever wants that device's lock
 *    (bind, unbind, drivers_probe, driver_override both ways, power/control) waits. The
 *    "driver" link and the plain attributes do not.
 *  - fs/kernfs: a file without a write bit cannot be opened for writing, even by root
 *    (EACCES); nothing can be made, removed or renamed.
 *  - drivers/tty/vt/vt.c: writing vtconsole/vtconN/bind moves the terminals between that
 *    console and the dummy; the answer is always success.
 *  - kernel/module: loading and unloading with holders, refcnt and EWOULDBLOCK, through
 *    control commands that the caller gives when it catches finit_module(2) or
 *    delete_module(2).
 *  - What a driver adds below its devices (drm/card0/dev, vfio-dev/vfio0/dev) appears
 *    with it and goes with it; what was recorded comes back as it was recorded, else the
 *    lowest free number is taken.
 *
 *  - SR-IOV, mediated devices and NVIDIA's vendor-specific VFIO: cards.h.
 *
 * What is not faked: uevents and device nodes in /dev, /sys/class links of what drivers
 * add, /proc of other processes, removal and rescan of devices, power states, resets, and
 * the removal of a firmware framebuffer by vfio-pci.
 *
 * Lines of a machine that only the fake kernel reads:
 *
 *	driver NAME [bus=platform] [module=M] [ids=ID,...] [adds=CHILD,...] [sriov=yes]
 *	module NAME [deps=M,...]
 *
 * ID on the PCI bus is VENDOR:DEVICE:CLASS, each hex or *, CLASS a prefix of the six
 * digits; without ids the driver is override-only. On the platform bus it is the name of
 * the device without its ".N". CHILD is PATH@MAJOR:BASE[*STEP]: a "dev" attribute in
 * the folder PATH below the device, whose minor is BASE + number * STEP; '#' in PATH
 * stands for the number and '%' for the minor. A line "module" is a module that
 * modules.dep knows; it is loaded when the machine has a sys/module/NAME/initstate.
 */

struct kernel;
struct card;
struct parent;

/**
 * struct bus - a bus with its two folders
 * @name:     "pci" or "platform"
 * @devices:  sys/bus/NAME/devices
 * @drivers:  sys/bus/NAME/drivers
 * @no_autoprobe:  drivers_autoprobe is 0
 */
struct bus {
	const char *name;
	struct node *devices;
	struct node *drivers;
	bool no_autoprobe;
};

/**
 * struct driver - a driver, registered or waiting for its module
 * @next:    List of the kernel
 * @name:    Borrowed from @dir or the machine
 * @bus:     Borrowed
 * @dir:     sys/bus/BUS/drivers/NAME, in its folder while registered
 * @module:  Name of the module, or NULL: built in
 * @ids:     As in the machine, or NULL: override-only
 * @dynids:  "VVVV:DDDD " words that new_id added, owned
 * @adds:    As in the machine, or NULL
 * @sriov:   Has a sriov_configure()
 * @here:    Registered
 * @number:  Lowest number that its first child may still be free at
 */
struct driver {
	struct driver *next;
	const char *name;
	struct bus *bus;
	struct node *dir;
	const char *module;
	const char *ids;
	char *dynids;
	const char *adds;
	bool sriov;
	bool here;
	unsigned int number;
};

/**
 * struct parked - what a driver had added to a device, kept while it is not bound
 */
struct parked {
	struct parked *next;
	const struct driver *drv;
	struct node *node;
};

/**
 * struct device - a device on one of the buses
 * @next:      List of the kernel, in bus order
 * @bus:       Borrowed
 * @dir:       Its folder below sys/devices
 * @drv:       Driver or NULL
 * @override:  driver_override, owned, NULL when unset
 * @vendor:    PCI vendor, 4 hex digits without 0x
 * @device:    PCI device, likewise
 * @class:     PCI class, 6 hex digits
 * @parked:    What drivers added
 * @lock:      The device lock
 * @card:      What it is a function of, when that can be cut (cards.h); or NULL
 * @vf:        Number of the virtual function, -1: it is none
 * @parent:    The vGPUs that can be made on it now, or NULL
 * @held:      A VM has it open
 * @until:     Until when its driver has not let go of a VM, ms of CLOCK_MONOTONIC
 */
struct device {
	struct device *next;
	struct bus *bus;
	struct node *dir;
	struct driver *drv;
	char *override;
	char vendor[5];
	char device[5];
	char class[7];
	struct parked *parked;
	struct lock lock;
	struct card *card;
	int vf;
	struct parent *parent;
	bool held;
	uint64_t until;
};

/**
 * struct module - a module that is loaded or could be
 * @next:    List of the kernel
 * @name:    With underscores, borrowed
 * @deps:    Comma-separated names, or ""
 * @dir:     sys/module/NAME, in its folder while loaded; NULL: never was
 * @loaded:  Is live
 * @refcnt:  Users, those modules among them that need it
 */
struct module {
	struct module *next;
	const char *name;
	const char *deps;
	struct node *dir;
	bool loaded;
	int refcnt;
};

enum fault_kind {
	FAULT_REFUSE, /* a probe answers an errno */
	FAULT_SLOW, /* binding and unbinding take n ms */
	FAULT_HANG, /* unbinding never returns */
	FAULT_WRITE, /* the nth write of a path answers an errno */
	FAULT_READ, /* a path is read, and the driver never answers */
	FAULT_MODULE, /* loading a module answers an errno */
	FAULT_MAKE, /* each vGPU of a card takes n ms */
	FAULT_REGISTER, /* a card's types come n ms after its driver */
	FAULT_LINGER, /* a card's driver lets go of a vGPU n ms after the VM */
};

/**
 * struct fault - a misbehaviour that was asked for
 * @next:    List of the kernel
 * @kind:    Which
 * @driver:  Driver it is about, "*" any; for FAULT_WRITE and FAULT_READ the path, which may have
 *           * in it
 * @device:  Device it is about, "*" any
 * @error:   Negative errno
 * @first:   FAULT_WRITE: the first @n writes, not the nth
 * @n:       ms; of FAULT_WRITE, writes still to go, 0: every write
 */
struct fault {
	struct fault *next;
	enum fault_kind kind;
	char driver[NODE_PATH_LEN];
	char device[64];
	int error;
	bool first;
	unsigned int n;
};

/**
 * struct text - a growing string
 */
struct text {
	char *s;
	size_t len;
	size_t room;
};

/**
 * struct kernel - one fake kernel
 * @root:      Root of the tree: sys, proc and ctl
 * @buses:     PCI and platform
 * @devices:   In bus order
 * @drivers:   All, registered or not
 * @modules:   All, loaded or not
 * @faults:    Misbehaviours in force
 * @log:       One line a write: PATH VALUE RESULT
 * @writes:    Lines in @log
 * @woken:     Something that others wait for has happened since they were asked again
 * @again:     What is asked now was asked before, and waited
 * @timers:    What happens later
 * @cards:     What can be cut, cards.h
 * @mdevs:     All mediated devices
 * @sets:      The types of vGPUs that a card may offer
 * @last_group: Number of the IOMMU group that was made last
 * @last_vfio: Number of the VFIO device that was made last, of those of vGPUs
 */
struct kernel {
	struct node *root;
	struct bus buses[2];
	struct device *devices;
	struct driver *drivers;
	struct module *modules;
	struct fault *faults;
	struct text log;
	unsigned long writes;
	bool woken;
	bool again;
	struct timer *timers;
	struct card *cards;
	struct mdev *mdevs;
	struct set *sets;
	unsigned int last_group;
	unsigned int last_vfio;
};

/**
 * struct attr - what a file does
 * @name:   Pattern for fnmatch(3)
 * @mode:   Permission bits, from the kernel's own
 * @show:   Append what is read to @out; NULL: the node's value
 * @store:  Take what was written, @s ends with NUL; NULL with a write bit: any value is
 *          taken and kept
 *
 * Both return 0, a negative errno or KERNEL_WAIT.
 */
struct attr {
	const char *name;
	mode_t mode;
	int (*show)(struct kernel *k, struct node *n, struct text *out);
	int (*store)(struct kernel *k, struct node *n, const char *s, size_t len);
};

/* load.c */

/**
 * kernel_load() - Build the tree of a recorded machine
 * @k:    Filled
 * @m:    Machine; must outlive @k
 * @why:  Filled on failure
 *
 * Return:  0 or -EINVAL: the machine contradicts itself
 */
int kernel_load(struct kernel *k, const struct machine *m,
		char why[static MACHINE_WHY_LEN]);

struct device *device_new(struct bus *bus, struct node *dir);

/* lines.c: those lines of a machine */
char *line_word(const char *words, const char *key);
struct driver *driver_new(struct kernel *k, struct bus *bus, const char *name);
void lines_read(struct kernel *k, const struct machine *m);

/* attr.c */

/**
 * attr_use() - Give the known files of a folder their behaviour
 * @dir:    Folder
 * @attrs:  Table, ends with a NULL name
 * @owner:  What the files are about
 */
void attr_use(struct node *dir, const struct attr *attrs, void *owner);
int attr_read(struct kernel *k, struct node *n, struct text *out);
int attr_write(struct kernel *k, struct node *n, const char *s, size_t len);
extern const struct attr device_attrs[], power_attrs[], vtcon_attrs[];

/* driver.c: the driver core */
extern const struct attr driver_attrs[], bus_attrs[];
struct device *device_by_name(struct kernel *k, const struct bus *bus, const char *s);
struct driver *driver_by_name(struct kernel *k, const struct bus *bus, const char *name);
int device_lock(struct device *dev);
void driver_probe(struct kernel *k, struct device *dev);
bool driver_ids_match(const char *ids, const struct device *dev);
int driver_bind(struct kernel *k, struct driver *drv, struct device *dev);
void driver_unbind(struct kernel *k, struct device *dev);
void driver_register(struct kernel *k, struct driver *drv);
void driver_unregister(struct kernel *k, struct driver *drv);

/* child.c: what drivers add below their devices */
void child_adopt(struct device *dev, struct driver *drv);
void child_add(struct kernel *k, struct device *dev, struct driver *drv);
void child_remove(struct device *dev, struct driver *drv);
void child_vfio_group(struct kernel *k, const struct node *dev);

/* module.c */
int module_load(struct kernel *k, const char *name);
int module_unload(struct kernel *k, const char *name);
void module_adopt(struct kernel *k, struct node *dir);

/* fault.c */
int errno_by_name(const char *name);
int fault_command(struct kernel *k, char *words);
bool fault_is_silent(const struct kernel *k, const char *path);
int fault_on_write(struct kernel *k, const char *path);
const struct fault *fault_find(const struct kernel *k, enum fault_kind kind,
			       const char *driver, const char *device);

/* control.c: the files below ctl/ */
void control_make(struct kernel *k);
void text_add(struct text *t, const char *s, size_t len);
void text_print(struct text *t, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
int number_parse(const char *s, long min, long max, long *ret);

/* serve.c */

/**
 * kernel_serve() - Mount the fake kernel and answer until the mount is gone
 * @k:      Loaded kernel
 * @dir:    Where to mount
 * @ready:  A byte is written here once it answers; then closed
 *
 * Call in a child process: it returns when the mount is gone.
 *
 * Return:  0 or a negative errno
 */
int kernel_serve(struct kernel *k, const char *dir, int ready);

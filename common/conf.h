/* SPDX-License-Identifier: GPL-2.0-or-later */
/* conf.h - what the INI file of a VM asks for; the table of keys */
#pragma once

#include "base.h"
#include "bdf.h"
#include "ip.h"
#include "text.h"

#include <stdbool.h>

#define CONF_LIST_LEN   512
#define CONF_NAME_LEN   64
#define CONF_MIG_LEN    128 /* fits the state of a step */
#define CONF_ALSO_MAX   64
#define CONF_EXPECT_MAX 16
#define CONF_LISTEN_MAX 32 /* of one [forward NAME] */
#define CONF_FROM_MAX   64
#define CONF_PORTS_MAX  64

#define VGPUS_MAX     16 /* sections [vgpu NAME] of one VM */
#define GPUS_MAX      64 /* sections [gpu NAME] of a host */
#define CONF_PATH_LEN 256

#define FORWARD_NAME_LEN  64
#define FORWARDS_MAX      1024 /* sections of one file */
#define FORWARD_ITEMS_MAX 32768 /* what they have in 'listen', for each in 'from' */

enum conf_take { CONF_TAKE_GPUS, CONF_TAKE_ALL, CONF_TAKE_NONE };

/**
 * struct conf_also - A further function to take
 * @bdf:      Which
 * @expected: Whether @id was written
 * @id:       vendor:device that must be there
 */
struct conf_also {
	struct bdf bdf;
	bool expected;
	struct id_pair id;
};

/**
 * struct conf_devices - Section [devices]
 * @present:      The section is there; without it no device is touched
 * @take:         Which of the VM's PCI hostdevs
 * @siblings:     Also the other functions of a taken graphics card
 * @also:         Further functions, @n_also
 * @restricted:   The domain XML may name no PCI function but those of @allowed, @n_allowed,
 *                and of @also
 * @expect:       What the taken display functions must be, @n_expect; none: anything
 * @driver:       "auto" or the name of a VFIO driver
 * @wait_ms:      How long to wait for holders to leave, milliseconds; 0: refuse at once
 * @stop_units:   systemd units, blank-separated
 * @unload:       Modules, blank-separated
 * @give_back:    The former driver again after the VM
 * @primary:      The card that shows the host's console may be taken
 * @d3cold:       "", "on" or "off": d3cold_allowed while the VM runs
 * @power_control: "", "on" or "auto": power/control while the VM runs
 * @reset_method: "" or a list for reset_method while the VM runs
 * @deadline_ms:  For one step, milliseconds
 */
struct conf_devices {
	bool present;
	enum conf_take take;
	bool siblings;
	struct conf_also also[CONF_ALSO_MAX];
	size_t n_also;
	bool restricted;
	struct bdf allowed[CONF_ALSO_MAX];
	size_t n_allowed;
	struct id_pair expect[CONF_EXPECT_MAX];
	size_t n_expect;
	char driver[64];
	unsigned int wait_ms;
	char stop_units[CONF_LIST_LEN];
	char unload[CONF_LIST_LEN];
	bool give_back;
	bool primary;
	char d3cold[8];
	char power_control[8];
	char reset_method[64];
	unsigned int deadline_ms;
};

/**
 * struct conf_network - Section [network]
 * @address:  Of the VM: at most one of each family, @n_address; none: reservation or
 * lease
 */
struct conf_network {
	struct ip address[2];
	size_t n_address;
};

/**
 * struct conf_listen - Ports of the host
 * @ip:       Address of the host; family 0: every address but loopback
 * @proto:    IANA number
 * @lo, @hi:  First and last port, host order
 */
struct conf_listen {
	struct ip ip;
	uint8_t proto;
	uint16_t lo, hi;
};

/**
 * struct conf_forward - Section [forward NAME]
 * @name:      NAME
 * @line:      Of the file, where the section begins
 * @listen:    Ports of the host, @n_listen
 * @to:        Address behind them, family 0: the VM's
 * @port:      First port there; 0: the same as on the host
 * @from:      Who may connect, @n_from; none: anyone
 * @interface: Of the VM: MAC in lower case or name of a network; "": the first that fits
 * @local:     Also from 127.0.0.1 of the host
 * @required:  When it cannot be had, the VM is not started
 */
struct conf_forward {
	char name[FORWARD_NAME_LEN];
	unsigned int line;
	struct conf_listen listen[CONF_LISTEN_MAX];
	size_t n_listen;
	struct ip to;
	uint16_t port;
	struct ip_net from[CONF_FROM_MAX];
	size_t n_from;
	char interface[NAME_LEN];
	bool local;
	bool required;
};

/**
 * struct conf_vgpu - Section [vgpu NAME] of a VM
 * @name:      NAME
 * @line:      Of the file, where the section begins
 * @uuid:      Of the mediated device; "": the one that the domain XML names
 * @type:      Name or id of the type, as written; "": a virtual function without types
 * @gpu:       "any", NAME of a [gpu], address of a physical or virtual function, or another
 *             device that has mediated devices
 * @index:     "GPU/3": virtual function 3 of it, as in virtfn3; -1: whichever is free
 * @at_boot:   Made at every boot; otherwise for the VM, and removed after it
 */
struct conf_vgpu {
	char name[CONF_NAME_LEN];
	unsigned int line;
	char uuid[UUID_LEN];
	char type[CONF_NAME_LEN];
	char gpu[CONF_NAME_LEN];
	int index;
	bool at_boot;
};

/**
 * struct conf_vm - The INI file of one VM
 * @shown:    Name of the file in messages, "vms/train01.ini"
 * @devices:  Section [devices]
 * @vgpu:     Sections [vgpu NAME], @n_vgpus
 * @network:  Section [network]
 * @forwards: Owned. Sections [forward NAME], @n_forwards of them, conf_vm_free()
 */
struct conf_vm {
	char shown[NAME_LEN + 16];
	struct conf_devices devices;
	struct conf_vgpu vgpu[VGPUS_MAX];
	size_t n_vgpus;
	struct conf_network network;
	struct conf_forward *forwards;
	size_t n_forwards;
};

/**
 * struct conf_ports - A range of ports
 * @lo, @hi:  First and last, host order
 */
struct conf_ports {
	uint16_t lo, hi;
};

/**
 * struct conf_firewall - Section [firewall] of host.ini
 * @mark:     The bit that packets of forwarded connections carry through foreign chains
 * @manage:   Switch on forwarding of packets where a forward needs it
 * @allowed:  Ports that may be forwarded, @n_allowed; none: all
 */
struct conf_firewall {
	uint32_t mark;
	bool manage;
	struct conf_ports allowed[CONF_PORTS_MAX];
	size_t n_allowed;
};

enum conf_vfs { CONF_VFS_LEAVE, CONF_VFS_ALL, CONF_VFS_NUMBER };

/**
 * struct conf_gpu - Section [gpu NAME] of host.ini
 * @name:     NAME
 * @line:     Of the file, where the section begins
 * @bdf:      Of the physical function
 * @expected: Whether @id was written
 * @id:       vendor:device that must be there
 * @vfs:      Virtual functions: none are made, all that it can have, or @n_vfs
 * @n_vfs:    How many, with CONF_VFS_NUMBER
 * @probe_vfs: The host's drivers take the virtual functions (NVIDIA needs that); otherwise
 *            they stay free for VMs
 * @mig:      GPU instance profiles, blank-separated; "": the MIG mode is left as it is
 * @mixed:    Time-sliced vGPUs of several sizes on one card
 */
struct conf_gpu {
	char name[CONF_NAME_LEN];
	unsigned int line;
	struct bdf bdf;
	bool expected;
	struct id_pair id;
	enum conf_vfs vfs;
	unsigned int n_vfs;
	bool probe_vfs;
	char mig[CONF_MIG_LEN];
	bool mixed;
};

/**
 * struct conf_vgpus - Section [vgpus] of host.ini
 * @spread:   A vGPU for any card goes to the emptiest, otherwise to the fullest that fits
 * @sriov_manage: Path of NVIDIA's script, "": looked for in the usual places
 * @nvidia_smi: The same
 * @deadline_ms: For each thing that is waited for at boot
 */
struct conf_vgpus {
	bool spread;
	char sriov_manage[CONF_PATH_LEN];
	char nvidia_smi[CONF_PATH_LEN];
	unsigned int deadline_ms;
};

/**
 * struct conf_host - host.ini
 * @firewall: Section [firewall]
 * @vgpus:    Section [vgpus]
 * @gpu:      Sections [gpu NAME], @n_gpus
 * @early:    Section [early], as the devices of a VM that has no hostdevs and never gives
 *            back: @also is its list, and take is none
 */
struct conf_host {
	struct conf_firewall firewall;
	struct conf_vgpus vgpus;
	struct conf_gpu gpu[GPUS_MAX];
	size_t n_gpus;
	struct conf_devices early;
};

/**
 * struct conf_key - One row of the table; parser, man page and completion come from it
 * @section:  "devices", "forward"
 * @key:      As written in the file
 * @type:     What is allowed, for the man page; where it is a choice, "gpus|all|none",
 *            for the parser too
 * @standard: Value when the key is absent, as one would write it
 * @help:     One line
 * @set:      Reads a value into @conf (a struct conf_vm or conf_host; for a key of
 *            [forward NAME] a struct conf_forward). 0, or -EINVAL with what to write
 *            instead in @ret_why (not the file and line); @conf may then hold half of it
 * @offset:   Of the field in @conf that @set fills
 * @size:     Of that field
 */
struct conf_key {
	const char *section;
	const char *key;
	const char *type;
	const char *standard;
	const char *help;
	int (*set)(void *conf, const struct conf_key *key, const char *value,
		   char ret_why[static WHY_LEN]);
	size_t offset;
	size_t size;
};

/**
 * conf_vm_keys() - The table of keys of a VM's INI file
 * @ret_n:   How many rows
 */
const struct conf_key *conf_vm_keys(size_t *ret_n);

/**
 * conf_host_keys() - The table of keys of host.ini
 * @ret_n:   How many rows
 */
const struct conf_key *conf_host_keys(size_t *ret_n);

/**
 * conf_is_named() - Whether there may be many of a section, each with a name: [forward NAME]
 */
bool conf_is_named(const char *section);

/**
 * conf_vm_read() - Find and read the INI file of a VM
 * @dir:     Directory descriptor of etc/virt-handoff/vms
 * @name:    Domain name
 * @uuid:    Domain UUID
 * @c:       Filled; owned by the caller, conf_vm_free(); untouched on failure
 * @ret_why: One sentence on failure
 *
 * NAME.ini or UUID.ini; both is an error. A name that is not text_is_name(), or that is
 * the UUID of another VM, has no NAME.ini, and what is not text_is_uuid() (NULL is
 * allowed) no UUID.ini: neither is ever made part of a path.
 *
 * Return:   0, -ENOENT there is none, -EEXIST both, or an error of ini_read()
 */
int conf_vm_read(int dir, const char *name, const char *uuid, struct conf_vm *c,
		 char ret_why[static WHY_LEN]) MUST_CHECK;

/**
 * conf_vm_find() - The same, from the folder of a host
 * @root:    Directory descriptor of "/"
 *
 * Return:   As conf_vm_read(); an error of opening the folder, -ENOENT it is not there
 */
int conf_vm_find(int root, const char *name, const char *uuid, struct conf_vm *c,
		 char ret_why[static WHY_LEN]) MUST_CHECK;

/**
 * conf_vm_standard() - What an empty file would say, for a VM that has none
 * @name:    Domain name
 * @c:       Filled; owned by the caller, conf_vm_free(); untouched on failure
 *
 * Return:   0 or -errno
 */
int conf_vm_standard(const char *name, struct conf_vm *c) MUST_CHECK;

void conf_vm_free(struct conf_vm *c);

/**
 * conf_devices_allow() - Whether the domain XML may name a PCI function
 */
bool conf_devices_allow(const struct conf_devices *c, const struct bdf *b);

/**
 * conf_host_read() - Read host.ini
 * @dir:     Directory descriptor of etc/virt-handoff
 * @c:       Filled; untouched on failure. When there is no such file: all as the table
 * says
 * @ret_why: One sentence on failure
 *
 * Return:   0, or an error of ini_read() but -ENOENT
 */
int conf_host_read(int dir, struct conf_host *c, char ret_why[static WHY_LEN]) MUST_CHECK;

/**
 * conf_is_unit(), conf_is_module() - Whether stop-units and unload take this word
 */
bool conf_is_unit(const char *word);
bool conf_is_module(const char *word);

/**
 * conf_is_profile() - Whether this is the name of a GPU instance profile, "3g.20gb"
 */
bool conf_is_profile(const char *word);

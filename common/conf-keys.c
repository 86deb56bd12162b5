// SPDX-License-Identifier: GPL-2.0-or-later
/* conf-keys.c - the table of keys of a VM's INI file */

#include "conf-schema.h"

/* clang-format off */
#define DEVICES_ALL	offsetof(struct conf_vm, devices), sizeof(struct conf_devices)
#define DEVICES(member)	offsetof(struct conf_vm, devices.member),	\
			sizeof(((struct conf_vm *)NULL)->devices.member)
#define VGPU(member)	offsetof(struct conf_vgpu, member),		\
			sizeof(((struct conf_vgpu *)NULL)->member)
#define VGPU_ALL	0, sizeof(struct conf_vgpu)
#define NETWORK		offsetof(struct conf_vm, network), sizeof(struct conf_network)
#define FORWARD_ALL	0, sizeof(struct conf_forward)
#define FORWARD(member)	offsetof(struct conf_forward, member),		\
			sizeof(((struct conf_forward *)NULL)->member)

static const struct conf_key keys[] = {
	{ "devices", "take", "gpus|all|none", "gpus",
	  "which of the VM's PCI host devices: every display or accelerator function, all, or none",
	  conf_set_take, DEVICES(take) },
	{ "devices", "siblings", "yes|no", "yes",
	  "also the other functions of a taken card: HDMI audio, USB-C, UCSI",
	  conf_set_yes, DEVICES(siblings) },
	{ "devices", "also", "list of ADDRESS or ADDRESS=VENDOR:DEVICE", "",
	  "further functions to take, and what must be there",
	  conf_set_also, DEVICES_ALL },
	{ "devices", "allowed", "none or list of ADDRESS", "",
	  "refuse to start the VM when its XML names another PCI function than these and those of also, or a mediated device of no [vgpu]; empty: any",
	  conf_set_allowed, DEVICES_ALL },
	{ "devices", "expect", "list of VENDOR:DEVICE", "",
	  "refuse to start the VM when a display function that is taken is none of these",
	  conf_set_expect, DEVICES_ALL },
	{ "devices", "driver", "auto or name of a driver", "auto",
	  "auto: the best VFIO driver for the device; or the name of one",
	  conf_set_driver, DEVICES(driver) },
	{ "devices", "in-use", "refuse or wait TIME", "refuse",
	  "when somebody holds the device: refuse to start the VM, or wait for him to leave",
	  conf_set_in_use, DEVICES(wait_ms) },
	{ "devices", "stop-units", "list of units", "",
	  "systemd units to stop for the VM, and to start again after it",
	  conf_set_units, DEVICES(stop_units) },
	{ "devices", "unload", "list of modules", "",
	  "kernel modules to unload first, such as nvidia_drm nvidia_modeset nvidia_uvm",
	  conf_set_modules, DEVICES(unload) },
	{ "devices", "give-back", "yes|no", "yes",
	  "after the VM: yes, the former driver again; no, stay on VFIO",
	  conf_set_yes, DEVICES(give_back) },
	{ "devices", "primary", "yes|no", "no",
	  "whether the card that shows the host's console may be taken",
	  conf_set_yes, DEVICES(primary) },
	{ "devices", "d3cold", "on|off", "",
	  "d3cold_allowed while the VM runs; empty: as it is",
	  conf_set_choice, DEVICES(d3cold) },
	{ "devices", "power-control", "on|auto", "",
	  "power/control while the VM runs: on, never suspended; empty: as it is",
	  conf_set_choice, DEVICES(power_control) },
	{ "devices", "reset-method", "list of device_specific acpi flr af_flr pm bus", "",
	  "reset_method while the VM runs, in the order to be tried; empty: as it is",
	  conf_set_resets, DEVICES(reset_method) },
	{ "devices", "deadline", "TIME", "30s",
	  "how long one step may take, from 1s to 60min",
	  conf_set_deadline, DEVICES(deadline_ms) },
	{ "vgpu", "uuid", "UUID", "",
	  "of the mediated device; empty: the one that the domain XML names",
	  conf_set_uuid, VGPU(uuid) },
	{ "vgpu", "type", "name or id of a type", "",
	  "as the driver spells it, NVIDIA A40-24A; empty: a virtual function without types",
	  conf_set_type, VGPU(type) },
	{ "vgpu", "gpu", "any, NAME of a [gpu], ADDRESS or device, with /NUMBER of a virtual function", "any",
	  "where it is made: on any card, or on this one, or on this virtual function of it",
	  conf_set_gpu, VGPU_ALL },
	{ "vgpu", "create", "boot|start", "boot",
	  "boot: made at every boot; start: made for the VM, and removed after it",
	  conf_set_yes, VGPU(at_boot) },
	{ "network", "address", "list of ADDRESS", "",
	  "address of the VM, IPv4, IPv6 or both; empty: the reservation or lease of its MAC",
	  conf_set_addresses, NETWORK },
	{ "forward", "listen", "list of [ADDRESS:]PORT[-PORT][/tcp|/udp|/sctp]", "",
	  "ports of the host, on every address of it or on one, tcp unless said otherwise",
	  conf_set_listen, FORWARD_ALL },
	{ "forward", "to", "[ADDRESS:]PORT", "",
	  "port of the VM, the first one of a range; empty: the same as on the host",
	  conf_set_to, FORWARD_ALL },
	{ "forward", "from", "list of ADDRESS or ADDRESS/PREFIX", "",
	  "who may connect; empty: anyone",
	  conf_set_from, FORWARD_ALL },
	{ "forward", "interface", "MAC or network", "",
	  "which interface of the VM; empty: the first one that has an address",
	  conf_set_interface, FORWARD(interface) },
	{ "forward", "local", "yes|no", "no",
	  "also from 127.0.0.1 of the host",
	  conf_set_yes, FORWARD(local) },
	{ "forward", "required", "yes|no", "no",
	  "refuse to start the VM when a port cannot be had",
	  conf_set_yes, FORWARD(required) },
};
/* clang-format on */

const struct conf_key *conf_vm_keys(size_t *ret_n)
{
	*ret_n = ARRAY_LEN(keys);
	return keys;
}

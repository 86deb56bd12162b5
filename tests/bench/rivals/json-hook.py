#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""json-hook.py - devices and forwards as many a hook in Python makes them: a JSON file, an iptables call for each rule"""

# usage: json-hook.py VM OPERATION SUB-OPERATION EXTRA, as libvirt calls it

import json
import os
import subprocess
import sys


def call(*words):
    subprocess.check_call(["/usr/sbin/iptables", *words])


def change(how, vm):
    for forward in vm["forwards"]:
        guest, port, to = vm["address"], str(forward["port"]), str(forward["to"])
        call("-t", "nat", how, "PREROUTING", "-p", "tcp", "--dport", port, "-j", "DNAT", "--to", guest + ":" + to)
        call(how, "FORWARD", "-o", "virbr0", "-p", "tcp", "-d", guest, "--dport", to, "-j", "ACCEPT")


def write(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def bind(vm, driver):
    for address in vm.get("devices", []):
        device = "/sys/bus/pci/devices/" + address
        write(device + "/driver_override", driver + "\n")
        if os.path.exists(device + "/driver"):
            write(device + "/driver/unbind", address)
        write("/sys/bus/pci/drivers_probe", address)


def main():
    name, operation = sys.argv[1:3]
    with open(os.path.splitext(os.path.abspath(__file__))[0] + ".json", encoding="utf-8") as file:
        vms = json.load(file)
    if name not in vms:
        return
    if operation in ("prepare", "release"):
        bind(vms[name], "vfio-pci" if operation == "prepare" else "")
    elif operation in ("started", "stopped"):
        change("-I" if operation == "started" else "-D", vms[name])


main()

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""json-hook.py - forwards as many a hook in Python makes them: a JSON file, an iptables call for each rule"""

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


def main():
    name, operation = sys.argv[1:3]
    with open(os.path.splitext(os.path.abspath(__file__))[0] + ".json", encoding="utf-8") as file:
        vms = json.load(file)
    if name in vms and operation in ("started", "stopped"):
        change("-I" if operation == "started" else "-D", vms[name])


main()

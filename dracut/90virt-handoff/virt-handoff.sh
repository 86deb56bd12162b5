#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# virt-handoff.sh - runs early; dracut sources this, so it must not exit
/usr/libexec/virt-handoff/early

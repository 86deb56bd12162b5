# SPDX-License-Identifier: GPL-2.0-or-later
# crowd.sh - a card whose group has a device of the host is refused, and that device is named
# time: 12
vm one $crowd.0
ini one
before

refused one $crowd.0 $crowd_nic e1000
on $crowd.0 bochs-drm
on $crowd_nic e1000
after

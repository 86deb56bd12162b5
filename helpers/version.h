/* SPDX-License-Identifier: GPL-2.0-or-later */
/* version.h - which virt-handoff this is; the Makefile reads it from here for packages */
#pragma once

#define VERSION "0.9.0"

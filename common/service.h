/* SPDX-License-Identifier: GPL-2.0-or-later */
/* service.h - short names of the ports that people forward most */
#pragma once

#include "base.h"

#include <stdint.h>

/**
 * service_name() - "ssh" for 22
 *
 * Return:   Its name, or NULL
 */
const char *service_name(uint16_t port);

/**
 * service_port() - 22 for "ssh"
 *
 * Return:   The port, or 0
 */
uint16_t service_port(const char *name);

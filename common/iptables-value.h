/* SPDX-License-Identifier: GPL-2.0-or-later */
/* iptables-value.h - the values in an iptables command: networks, ports, destinations */
#pragma once

#include "base.h"
#include "iptables-rule.h"

/**
 * iptables_nets_read() - "203.0.113.0/24", "10.0.0.1,10.0.0.2", "0/0",
 * "1.2.3.0/255.255.255.0"
 * @family:  That the command is for, 0: either
 * @ret:     Filled; untouched on failure
 * @ret_why: What is wrong and what to write
 *
 * Return:   0 or -EINVAL
 */
int iptables_nets_read(const char *s, uint8_t family, struct iptables_nets *ret,
		       char ret_why[static WHY_LEN]) MUST_CHECK;

/**
 * iptables_ports_read() - "80", "ssh", "8000:8010", ":1023", "80,443,8000:8010"
 * @m:       Its ports are filled; untouched on failure
 *
 * Return:   0 or -EINVAL
 */
int iptables_ports_read(const char *s, struct iptables_match *m,
			char ret_why[static WHY_LEN]) MUST_CHECK;

/**
 * iptables_proto_read() - "tcp", "17", "all"
 * @ret:     0: all
 *
 * Return:   0 or -EINVAL
 */
int iptables_proto_read(const char *s, uint8_t *ret,
			char ret_why[static WHY_LEN]) MUST_CHECK;

/**
 * iptables_to_read() - "192.168.122.167:22", "[fd00::1]:8000-8010/9000", "fd00::1", ":80"
 * @family:  As for iptables_nets_read()
 *
 * Return:   0 or -EINVAL
 */
int iptables_to_read(const char *s, uint8_t family, struct iptables_to *ret,
		     char ret_why[static WHY_LEN]) MUST_CHECK;

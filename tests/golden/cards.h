/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cards.h - a few lines that say which cards a host has, made into a folder like /sys */
#pragma once

#include "base.h"

/*
 * One line each; what is in brackets may be left out, "-" is none:
 *
 *	card NAME VENDOR:DEVICE DRIVER TOTAL NOW   a card with NOW of TOTAL virtual functions;
 *	                                           NAME is an address, or that of a device
 *	mdev ID FREE MAX MIB NAME                  type of mediated device, on each virtual
 *	                                           function of the card above, or on itself
 *	vendor [ID NAME]                           the same in the vendor framework
 *	driver VF DRIVER                           a virtual function that is on another driver
 *	free PARENT ID N                           other than on the rest of the card
 *	there UUID PARENT ID                       a mediated device
 *	current VF ID                              a virtual function that has a type
 *	domain NAME [ADDRESS|UUID]...              domain XML with these hostdevs
 *	claim NAME BDF                           VM NAME is being started, and takes it whole
 *	ledger NAME KIND TARGET STATE              VM NAME runs, and has this made
 *
 * Virtual functions begin 4 functions behind the card, as NVIDIA's do.
 */

/**
 * cards_make() - Make what a text says
 * @root:    Directory descriptor of the folder
 * @text:    Is cut up
 * @ret_why: On failure the line
 *
 * Return:   0 or -errno
 */
int cards_make(int root, char *text, char ret_why[static WHY_LEN]) MUST_CHECK;

/**
 * cards_write() - Write a file, and the folders above it
 *
 * Return:   0 or -errno
 */
int cards_write(int root, const char *path, const char *text) MUST_CHECK;

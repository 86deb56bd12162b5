/* SPDX-License-Identifier: GPL-2.0-or-later */
/* findings.h - what was found at one start of a VM: reasons to refuse it, and remarks */
#pragma once

#include "base.h"

#include <stdbool.h>
#include <stddef.h>

#define FINDINGS_MAX 32

/**
 * struct finding - One reason why a VM cannot have what it asks for, or why somebody
 * should look
 * @text:    One sentence: what, why, what to do
 * @refuse:  The start is refused; otherwise it is only said
 * @holder:  It goes away when somebody closes the device
 */
struct finding {
	char text[WHY_LEN];
	bool refuse;
	bool holder;
};

/**
 * struct findings - All that was found at one start; the first is the most fundamental
 */
struct findings {
	struct finding finding[FINDINGS_MAX];
	size_t n;
};

/**
 * findings_refuse() - Add a reason to refuse; where there is no room, the last remark
 * gives way to it
 */
void findings_refuse(struct findings *f, const char *format, ...) PRINTF(2, 3);

/**
 * findings_hold() - Add a reason to refuse that goes away when somebody closes a device
 */
void findings_hold(struct findings *f, const char *format, ...) PRINTF(2, 3);

/**
 * findings_remark() - Add what is only said; one too many is dropped
 */
void findings_remark(struct findings *f, const char *format, ...) PRINTF(2, 3);

/**
 * findings_refusal() - The first reason to refuse
 *
 * Return:   Borrowed, or NULL
 */
const struct finding *findings_refusal(const struct findings *f);

/**
 * findings_only_holders() - Whether every reason to refuse goes away when somebody closes
 * a device
 */
bool findings_only_holders(const struct findings *f);

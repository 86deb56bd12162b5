/* SPDX-License-Identifier: GPL-2.0-or-later */
/* report.h - what became of a step, a line in the log */
#pragma once

#include "apply.h"

/**
 * report_log() - Write a line for a step, with old and new value; the @step of a struct
 * report
 */
void report_log(const struct step *s, enum outcome o, int r, unsigned int ms);

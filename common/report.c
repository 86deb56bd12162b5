// SPDX-License-Identifier: GPL-2.0-or-later
/* report.c - what became of a step, a line in the log */

#include "report.h"

#include "log.h"

#include <string.h>

void report_log(const struct step *s, enum outcome o, int r, unsigned int ms)
{
	switch (o) {
	case OUTCOME_DONE:
		log_info("%s %s: %s -> %s (%u ms)", s->kind, s->target, s->from, s->to,
			 ms);
		return;
	case OUTCOME_BACK:
		log_info("%s %s: %s -> %s (%u ms)", s->kind, s->target, s->to, s->from,
			 ms);
		return;
	case OUTCOME_SHARED:
		log_info("%s %s: stays %s, another VM needs it", s->kind, s->target,
			 s->to);
		return;
	case OUTCOME_LEFT:
		log_info(
			"%s %s: %s -> any (%u ms); it was %s, whose module a VM keeps unloaded",
			s->kind, s->target, s->to, ms, s->from);
		return;
	case OUTCOME_CHANGED:
		log_warning(
			"%s %s: left alone, somebody changed it from %s while the VM ran; it was %s before",
			s->kind, s->target, s->to, s->from);
		return;
	case OUTCOME_GONE:
		log_warning("%s %s: is not there any more, it was %s before", s->kind,
			    s->target, s->from);
		return;
	case OUTCOME_FAILED:
		log_err("%s %s: %s -> %s failed after %u ms: %s", s->kind, s->target,
			s->from, s->to, ms, strerror(-r));
	}
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kills-events.h - the events that are killed, each with what comes before and after it */
#pragma once

#include "kills.h"

/*
 * on_...(): the event itself; @ms: when it is killed, negative: never. Returns as run_end().
 * before_...(), after_...(), is_...(): all that is needed around it. Returns whether every
 * program had success; else @said has why.
 */
bool is_started(struct text *said);
bool is_prepared(struct text *said);
int on_prepare(double ms, struct text *said);
bool before_started(struct text *said);
int on_started(double ms, struct text *said);
bool before_stopped(struct text *said);
int on_stopped(double ms, struct text *said);
bool before_release(struct text *said);
int on_release(double ms, struct text *said);
int on_network(double ms, struct text *said);
int on_reconnect(double ms, struct text *said);
int on_boot(double ms, struct text *said);
int on_undo(double ms, struct text *said);
int on_repair(double ms, struct text *said);
int on_attach(double ms, struct text *said);
int on_detach(double ms, struct text *said);
bool is_attached(struct text *said);
bool before_desk(struct text *said);
bool after_desk(struct text *said);
bool before_late(struct text *said);
int on_late(double ms, struct text *said);
bool after_late(struct text *said);
bool until_forwards(struct text *said);
bool before_watch(struct text *said);
int on_watch(double ms, struct text *said);
bool after_running(struct text *said);
bool after_watch(struct text *said);

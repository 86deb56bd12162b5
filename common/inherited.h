/* SPDX-License-Identifier: GPL-2.0-or-later */
/* inherited.h - what a program has from whoever started it, made harmless */
#pragma once

#include "base.h"

/**
 * inherited_mend() - Called first in main()
 * @keep:    Names of environment variables that stay, up to NULL; one that ends in '_' is
 *           what they begin with
 *
 * Libraries look at more variables than anybody knows: libvirt's writes its log as root
 * where LIBVIRT_LOG_OUTPUTS says, and the C library loads code from GCONV_PATH.
 * Descriptors 0, 1 and 2 are something: otherwise a ledger would be opened as standard
 * error, and a message be written into it. Children can be waited for, though SIGCHLD was
 * ignored; a limit to the size of files is an error of write(2), not a death half way; no
 * signal is blocked.
 *
 * Which signals end the program is left as it is: nohup(1) and shells mean it so.
 */
void inherited_mend(const char *const keep[]);

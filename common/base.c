// SPDX-License-Identifier: GPL-2.0-or-later
/* base.c - what the cleanup attributes call */

#include "base.h"

#include <stdlib.h>
#include <unistd.h>

void free_ptr(void *p)
{
	free(*(void **)p);
}

void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

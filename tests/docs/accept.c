// SPDX-License-Identifier: GPL-2.0-or-later
/* accept.c - whether the parser accepts an INI file, wherever it stands */

/*
 * usage: accept vm|host FILE...
 *
 * The file is copied to where a host has it, because the parser looks at the folder too.
 */

#include "conf.h"
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define VM   "sample"
#define SIZE (256u << 10)

static int copy(const char *from, int dir, const char *to)
{
	CLEANUP(close_fd)
	int in = open(from, O_RDONLY | O_CLOEXEC),
	    out = openat(dir, to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	CLEANUP(free_ptr) char *text = NULL;
	ssize_t len = in < 0 ? -errno : file_read_all(in, SIZE, &text);
	int r = len < 0 ? (int)len : 0;

	if (out < 0)
		return -errno;
	if (r == 0 && write(out, text, (size_t)len) != len)
		r = -EIO;
	close(out);
	return r;
}

static int read_it(int dir, bool is_vm, char ret_why[static WHY_LEN])
{
	struct conf_host *host = calloc(1, sizeof(*host));
	struct conf_vm vm = { .shown = "" };
	int r = -ENOMEM;

	if (is_vm) {
		r = conf_vm_read(dir, VM, NULL, &vm, ret_why);
		if (r == 0)
			conf_vm_free(&vm);
	} else if (host) {
		r = conf_host_read(dir, host, ret_why);
	}
	free(host);
	return r;
}

int main(int argc, char *argv[])
{
	bool is_vm = argc > 1 && strcmp(argv[1], "vm") == 0;
	const char *name = is_vm ? VM ".ini" : "host.ini";
	char path[] = "/tmp/accept-XXXXXX", sentence[WHY_LEN];
	int dir, failed = 0;

	if (argc < 3 || !mkdtemp(path))
		return 2;
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (int i = 2; i < argc && dir >= 0; i++) {
		int r = copy(argv[i], dir, name);

		snprintf(sentence, sizeof(sentence), "%s", strerror(-r));
		if (r == 0)
			r = read_it(dir, is_vm, sentence);
		if (r < 0)
			fprintf(stderr, "%s: %s\n", argv[i], sentence);
		failed |= r < 0;
		unlinkat(dir, name, 0);
	}
	close(dir);
	rmdir(path);
	return failed || dir < 0;
}

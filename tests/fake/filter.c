// SPDX-License-Identifier: GPL-2.0-or-later
/* filter.c - stop chosen system calls of a program, and answer those about modules */
#include "filter.h"

#include <err.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#if defined(__x86_64__)
#define THIS_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define THIS_ARCH AUDIT_ARCH_AARCH64
#else
#error "tests/fake: add this architecture's AUDIT_ARCH"
#endif

#define CALLS_MAX 100

static void add(struct sock_fprog *p, uint16_t code, uint32_t k, uint8_t jt, uint8_t jf)
{
	p->filter[p->len++] = (struct sock_filter){ code, jt, jf, k };
}

/* "if it is this call, and the argument has one of the bits, then @action" */
static void add_call(struct sock_fprog *p, const struct filter_call *c, uint32_t action)
{
	const uint32_t args = offsetof(struct seccomp_data, args);
	const uint32_t nr = offsetof(struct seccomp_data, nr);

	if (!c->mask) {
		add(p, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)c->nr, 0, 1);
		add(p, BPF_RET | BPF_K, action, 0, 0);
		return;
	}
	add(p, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)c->nr, 0, 4);
	add(p, BPF_LD | BPF_W | BPF_ABS, args + 8 * c->arg, 0, 0); /* the low half */
	add(p, BPF_JMP | BPF_JSET | BPF_K, c->mask, 0, 1);
	add(p, BPF_RET | BPF_K, action, 0, 0);
	add(p, BPF_LD | BPF_W | BPF_ABS, nr, 0, 0);
}

int filter_install(const struct filter_call *calls, size_t n, uint32_t action)
{
	struct sock_filter code[CALLS_MAX * 5 + 8];
	struct sock_fprog p = { .filter = code };
	unsigned int flags =
		action == SECCOMP_RET_USER_NOTIF ? SECCOMP_FILTER_FLAG_NEW_LISTENER : 0;
	int r;

	if (n > CALLS_MAX)
		errx(1, "filter: too many calls");
	add(&p, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch), 0, 0);
	add(&p, BPF_JMP | BPF_JEQ | BPF_K, THIS_ARCH, 1, 0);
	add(&p, BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS, 0, 0);
	add(&p, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr), 0, 0);
	for (size_t i = 0; i < n; i++)
		add_call(&p, &calls[i], action);
	add(&p, BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
	r = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &p);
	if (r < 0)
		err(1, "filter: seccomp");
	return r;
}

bool process_string(pid_t pid, uint64_t at, char *ret, size_t size)
{
	size_t have = 0;

	/* not over the end of a page, behind which there may be nothing */
	while (have < size) {
		size_t page = 4096 - (at + have) % 4096;
		size_t want = size - have < page ? size - have : page;
		struct iovec here = { ret + have, want };
		struct iovec there = { .iov_len = want };
		ssize_t n;

		/* an address of the other process */
		there.iov_base = (void *)(uintptr_t)(at + have); /* NOLINT */
		n = process_vm_readv(pid, &here, 1, &there, 1, 0);
		if (n <= 0)
			return false;
		if (memchr(ret + have, '\0', (size_t)n))
			return true;
		have += (size_t)n;
	}
	return false;
}

int module_call(const struct sandbox *s, pid_t pid, long nr, const uint64_t args[6])
{
	char name[128], link[SANDBOX_PATH_LEN + 64], path[SANDBOX_PATH_LEN];
	const char *base;
	ssize_t n;

	if (nr == SYS_delete_module) {
		if (!process_string(pid, args[0], name, sizeof(name)))
			return -EFAULT;
		return sandbox_control(s, "unload %s", name);
	}
	if (nr != SYS_finit_module)
		return -ENOSYS;
	snprintf(link, sizeof(link), "%s/proc/%d/fd/%d", s->root, pid, (int)args[0]);
	n = readlink(link, path, sizeof(path) - 1);
	if (n < 0)
		return -EBADF;
	path[n] = '\0';
	base = strrchr(path, '/');
	if (!base || !strstr(base, ".ko"))
		return -ENOEXEC;
	return sandbox_control(s, "load %.*s", (int)(strstr(base, ".ko") - base - 1),
			       base + 1);
}

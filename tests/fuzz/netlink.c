// SPDX-License-Identifier: GPL-2.0-or-later
/* netlink.c - answers of the kernel's packet filter: elements, rules, tables, connections */

#include "fuzz.h"

#include "conntrack.h"
#include "forward.h"
#include "fw-parts.h"
#include "iface.h"

#include <dlfcn.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>
#include <netinet/in.h>
#include <sanitizer/lsan_interface.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/*
 * Theory of operation
 *
 * The first byte chooses who asks, and how the answers come. In the one way fw_dump() is
 * put aside, and each message is a piece of memory of its own, of exactly its size: one
 * byte read too far is seen. In the other fw_dump() is the real one, and what it receives
 * is a datagram of the input, whatever its headers say.
 *
 * A message and a datagram are a length of two bytes and so many bytes; the lengths END
 * and NO_SUCH end an answer. The number of a question is put in where the input has 0.
 *
 * libnftnl ends the process when an attribute has another size than it wants. The kernel
 * never does that; here we come back instead, and what it held is no leak of ours. It also
 * reads names without an end past it, and takes it for granted that attributes are there.
 * So what goes through it (rules, chains, tables) is tried only where FUZZ_LIBNFTNL is set:
 * with the corpus always, with inputs of the fuzzer's own on request.
 */

#define END     0xffff
#define NO_SUCH 0xfffe

static const uint8_t *input;
static size_t left;
static bool exact;
static uint32_t asked;

static size_t next_length(void)
{
	size_t len;

	if (left < 2)
		return END;
	len = input[0] | (size_t)input[1] << 8;
	input += 2;
	left -= 2;
	return len == END || len == NO_SUCH ? len : len < left ? len : left;
}

/* ---- libnftnl's exit() ---- */

static jmp_buf back;
static bool inside;

void exit(int status)
{
	void (*real)(int) = (void (*)(int))dlsym(RTLD_NEXT, "exit");

	if (inside)
		longjmp(back, 1);
	real(status);
	abort();
}

/* ---- messages, each of exactly its size ---- */

int __real_fw_dump(struct fw_link *l, struct nlmsghdr *msg,
		   void (*each)(const struct nlmsghdr *msg, void *data), void *data);
int __wrap_fw_dump(struct fw_link *l, struct nlmsghdr *msg,
		   void (*each)(const struct nlmsghdr *msg, void *data), void *data);

int __wrap_fw_dump(struct fw_link *l, struct nlmsghdr *msg,
		   void (*each)(const struct nlmsghdr *msg, void *data), void *data)
{
	size_t len;

	if (!exact)
		return __real_fw_dump(l, msg, each, data);
	while ((len = next_length()) < NO_SUCH) {
		/* a shorter one, or one of an odd length, fw_dump() does not hand on */
		struct nlmsghdr *one = malloc(MNL_NLMSG_HDRLEN + len);

		fuzz_must(one);
		*one = (struct nlmsghdr){
			.nlmsg_len = (uint32_t)(MNL_NLMSG_HDRLEN + len),
			.nlmsg_type = NFNL_SUBSYS_NFTABLES << 8,
		};
		memcpy(mnl_nlmsg_get_payload(one), input, len);
		input += len;
		left -= len;
		if (each && len >= sizeof(struct nfgenmsg) && MNL_ALIGN(len) == len)
			each(one, data);
		free(one);
	}
	return len == NO_SUCH ? -ENOENT : 0;
}

/* ---- a socket that has what the input has ---- */

struct mnl_socket *__wrap_mnl_socket_open2(int bus, int flags);
int __wrap_mnl_socket_bind(struct mnl_socket *nl, unsigned int groups, pid_t pid);
int __wrap_mnl_socket_close(struct mnl_socket *nl);
int __wrap_mnl_socket_get_fd(const struct mnl_socket *nl);
ssize_t __wrap_mnl_socket_sendto(const struct mnl_socket *nl, const void *buf,
				 size_t size);
ssize_t __wrap_mnl_socket_recvfrom(const struct mnl_socket *nl, void *buf, size_t size);
ssize_t __wrap_recv(int fd, void *buf, size_t size, int flags);
int __wrap_iface_read(struct ifaddrs **ret);

static int socket_of_ours;

struct mnl_socket *__wrap_mnl_socket_open2(int bus, int flags)
{
	(void)bus;
	(void)flags;
	return (struct mnl_socket *)&socket_of_ours;
}

int __wrap_mnl_socket_bind(struct mnl_socket *nl, unsigned int groups, pid_t pid)
{
	(void)nl;
	(void)groups;
	(void)pid;
	return 0;
}

int __wrap_mnl_socket_close(struct mnl_socket *nl)
{
	(void)nl;
	return 0;
}

int __wrap_mnl_socket_get_fd(const struct mnl_socket *nl)
{
	(void)nl;
	return -1;
}

ssize_t __wrap_mnl_socket_sendto(const struct mnl_socket *nl, const void *buf,
				 size_t size)
{
	const struct nlmsghdr *msg = buf;

	(void)nl;
	fuzz_must(msg->nlmsg_len <= size);
	asked = msg->nlmsg_seq;
	return (ssize_t)size;
}

ssize_t __wrap_mnl_socket_recvfrom(const struct mnl_socket *nl, void *buf, size_t size)
{
	size_t len = next_length();
	struct nlmsghdr *msg = buf;
	int n;

	(void)nl;
	if (len >= NO_SUCH || left == 0) {
		errno = len == NO_SUCH ? ENOBUFS : EIO;
		return -1;
	}
	fuzz_must(len <= size);
	memcpy(buf, input, len);
	input += len;
	left -= len;
	for (n = (int)len; fw_message_ok(msg, n); msg = mnl_nlmsg_next(msg, &n))
		if (!msg->nlmsg_seq)
			msg->nlmsg_seq = asked;
	return (ssize_t)len;
}

ssize_t __wrap_recv(int fd, void *buf, size_t size, int flags)
{
	ssize_t n = __wrap_mnl_socket_recvfrom(NULL, buf, size);

	(void)fd;
	(void)flags;
	if (n < 0 && errno == EIO)
		errno = EAGAIN;
	return n;
}

/* the host's own addresses are no part of this */
int __wrap_iface_read(struct ifaddrs **ret)
{
	*ret = NULL;
	return 0;
}

/* ---- who asks ---- */

static void find_elements(struct fw_link *l, const char *tag)
{
	struct fw_elements list = { 0 };

	if (fw_elements_find(l, tag, &list) < 0)
		return;
	for (size_t i = 1; i < list.n; i++)
		fuzz_must(fw_element_compare(&list.list[i - 1], &list.list[i]) < 0);
	fw_elements_free(&list);
}

static void read_heads(struct fw_link *l)
{
	struct fw_head head[FW_HEADS];

	if (fw_heads_read(l, 0x04000000, head) < 0)
		return;
	for (size_t i = 0; i < FW_HEADS; i++)
		fuzz_must(head[i].n_ours <= FW_OURS_MAX);
}

static void read_table(struct fw_link *l)
{
	struct fw_table table;

	if (fw_table_read(l, &table) == 0)
		fuzz_must(table.exists || !table.whole);
}

static void ask_libnftnl(struct fw_link *l, bool table)
{
	__lsan_disable();
	inside = true;
	if (setjmp(back) == 0) {
		if (table)
			read_table(l);
		else
			read_heads(l);
	}
	inside = false;
	__lsan_enable();
}

static void flush(bool come, bool goes_on)
{
	struct forward one[] = {
		{ .proto = IPPROTO_UDP, .lo = 53, .hi = 60, .to = 53 },
		{ .proto = IPPROTO_TCP, .lo = 1, .hi = 65535, .to = 1 },
	};
	const struct forwards list = { .vm = "train01", .list = one, .n = 2 };
	unsigned int n;
	int r;

	for (size_t i = 0; i < ARRAY_LEN(one); i++)
		one[i].guest = (struct ip){ AF_INET, { 192, 168, 122, 167 } };
	r = conntrack_flush(come ? NULL : &list, goes_on ? &list : NULL,
			    come ? &list : NULL, &n);
	fuzz_must(r <= 0);
}

static void generation(struct fw_link *l)
{
	uint32_t ret = 0;

	if (fw_generation(l, &ret) == 0)
		fuzz_must(ret);
}

static void send_batch(struct fw_link *l)
{
	struct fw_batch b = { 0 };

	fw_batch_begin(&b, 7);
	fw_table_make(&b, 0x04000000);
	fuzz_must(fw_batch_send(&b, l) <= 0);
	fw_batch_free(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fw_link l = { 0 };
	unsigned int who;

	if (size < 1)
		return 0;
	who = data[0] & 0x0f;
	exact = !(data[0] & 0x10);
	input = data + 1;
	left = size - 1;
	fuzz_guard(true);
	fuzz_must(fw_link_open(&l) == 0);
	if (who < 2)
		find_elements(&l, who ? "train01" : NULL);
	else if (who < 4 && getenv("FUZZ_LIBNFTNL"))
		ask_libnftnl(&l, who == 3);
	else if (who == 4 || who == 5)
		flush(who == 5, data[0] & 0x20);
	else if (who == 6)
		generation(&l);
	else if (who == 7)
		send_batch(&l);
	fw_link_close(&l);
	fuzz_guard(false);
	return 0;
}

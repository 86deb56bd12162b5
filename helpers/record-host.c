// SPDX-License-Identifier: GPL-2.0-or-later
/* record-host.c - what of /proc, of the kernel and of systemd bears on a hand-over */

#include "record.h"

#include "file.h"
#include "text.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- sockets: who listens on which port, not who it is ---- */

/* words of 32 bits in the order of this machine's bytes, as the kernel prints them */
static void blank_hex(struct recording *r, char *hex, size_t len)
{
	unsigned char ip[16] = { 0 };
	CLEANUP(free_ptr) char *blanked = NULL;
	int family = len == 8 ? AF_INET : AF_INET6;
	char text[INET6_ADDRSTRLEN], word[9];
	size_t unused;
	unsigned int n;

	for (size_t i = 0; i < len / 8 && i < 4; i++) {
		if (sscanf(hex + 8 * i, "%8x", &n) != 1)
			return;
		memcpy(ip + 4 * i, &n, 4);
	}
	if (inet_ntop(family, ip, text, sizeof(text)))
		blanked = blanks_text(r->blanks, text, strlen(text), &unused);
	if (!blanked || inet_pton(family, blanked, ip) != 1)
		memset(ip, 0, sizeof(ip));
	for (size_t i = 0; i < len / 8 && i < 4; i++) {
		memcpy(&n, ip + 4 * i, 4);
		snprintf(word, sizeof(word), "%08X", n);
		memcpy(hex + 8 * i, word, 8);
	}
}

/* "  0: 0100007F:0016 00000000:0000 0A ...": what is behind the state is cut off */
static bool keep_socket(struct recording *r, char *line, unsigned int number)
{
	char remote[80];
	unsigned int state;
	int local = 0, end = 0;
	size_t len;

	if (number == 0)
		return true;
	if (sscanf(line, " %*s %n%*s %79s %x%n", &local, remote, &state, &end) != 2 ||
	    end == 0 || (state != 0x0a && state != 0x07) || !strstr(remote, ":0000"))
		return false;
	line[end] = '\0';
	len = strcspn(line + local, ":");
	if (len == 8 || len == 32)
		blank_hex(r, line + local, len);
	return true;
}

/* ---- mounts, swap, routes: those that could stand on a card ---- */

static bool keep_mount(struct recording *r, char *line, unsigned int number)
{
	char device[32], root[256], point[256], *end;
	bool usual;

	(void)r, (void)number;
	if (sscanf(line, "%*s %*s %31s %255s %255s", device, root, point) != 3 ||
	    strcmp(root, "/") != 0)
		return false;
	usual = strcmp(point, "/") == 0 || strcmp(point, "/proc") == 0 ||
		strcmp(point, "/sys") == 0 || strcmp(point, "/run") == 0 ||
		strcmp(point, "/dev") == 0;
	end = strrchr(line, ' '); /* super block options */
	if (end)
		end[1 + strcspn(end + 1, ",")] = '\0';
	return usual || strncmp(device, "0:", 2) != 0;
}

static bool keep_line(struct recording *r, char *line, unsigned int number)
{
	(void)line, (void)r, (void)number;
	return true;
}

/* Iface Destination Gateway ...; what it leads to is nobody's affair */
static bool keep_route(struct recording *r, char *line, unsigned int number)
{
	char *field = strchr(line, '\t');

	(void)r;
	if (number == 0)
		return true;
	if (!field || strncmp(field, "\t00000000\t", 10) != 0 || strlen(field) < 18)
		return false;
	memcpy(field + 10, "010200C0", 8);
	return true;
}

/* destination and its length, source and its length, gateway */
static bool keep_route6(struct recording *r, char *line, unsigned int number)
{
	static const char gateway[] = "fe800000000000000000000000000001";

	(void)r, (void)number;
	if (strlen(line) < 104 || strspn(line, "0") < 32 || strncmp(line + 33, "00", 2))
		return false;
	memcpy(line + 72, gateway, sizeof(gateway) - 1);
	return true;
}

/* ---- processes that have a card open ---- */

static bool is_node(const char *target)
{
	static const char *const begins[] = { "/dev/nvidia", "/dev/dri/", "/dev/snd/",
					      "/dev/vfio/",  "/dev/fb",   "/dev/kfd",
					      "/dev/i2c-",   "/dev/accel" };

	for (size_t i = 0; i < ARRAY_LEN(begins); i++)
		if (strncmp(target, begins[i], strlen(begins[i])) == 0)
			return true;
	return false;
}

static void record_descriptor(struct recording *r, const char *folder, const char *name)
{
	char path[PATH_LEN], target[64];
	ssize_t n;

	if (text_format(path, sizeof(path), "%s/%s", folder, name) < 0)
		return;
	n = readlinkat(r->h->root, path, target, sizeof(target) - 1);
	target[n > 0 ? n : 0] = '\0';
	if (!is_node(target))
		return;
	record_link(r, "%s", path);
	path[strcspn(path + 5, "/") + 5] = '\0'; /* proc/PID */
	record_file(r, "%s/comm", path);
	record_file(r, "%s/cgroup", path);
}

static void record_process(struct recording *r, const char *folder, const char *name)
{
	char path[PATH_LEN];

	if (name[strspn(name, "0123456789")] == '\0' &&
	    text_format(path, sizeof(path), "%s/%s/fd", folder, name) == 0)
		record_each(r, path, record_descriptor);
}

static void record_nvidia(struct recording *r, const char *folder, const char *name)
{
	record_file(r, "%s/%s/information", folder, name);
}

static bool keep_vfio(struct recording *r, char *line, unsigned int number)
{
	(void)r, (void)number;
	return strncmp(line, "alias vfio_pci:", 15) == 0;
}

static void record_aliases(struct recording *r)
{
	char release[128], path[PATH_LEN];

	if (file_read(r->h->root, "proc/sys/kernel/osrelease", release, sizeof(release)) >
		    0 &&
	    text_format(path, sizeof(path), "lib/modules/%s/modules.alias", release) == 0)
		record_lines(r, path, keep_vfio);
}

void record_host(struct recording *r)
{
	static const char *const files[] = {
		"proc/sys/kernel/osrelease",
		"proc/meminfo",
		"proc/sys/net/ipv4/ip_forward",
		"proc/sys/net/ipv4/ip_local_port_range",
		"proc/sys/net/ipv6/conf/all/forwarding",
		"sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages",
		"sys/kernel/mm/hugepages/hugepages-1048576kB/free_hugepages",
		"sys/fs/selinux/enforce",
		"run/virt-handoff/early",
		"var/lib/virt-handoff/early.list",
	};
	static const char *const sockets[] = { "proc/net/tcp", "proc/net/tcp6",
					       "proc/net/udp", "proc/net/udp6" };

	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		record_file(r, "%s", files[i]);
	for (size_t i = 0; i < ARRAY_LEN(sockets); i++)
		record_lines(r, sockets[i], keep_socket);
	record_lines(r, "proc/self/mountinfo", keep_mount);
	record_lines(r, "proc/swaps", keep_line);
	record_lines(r, "proc/net/route", keep_route);
	record_lines(r, "proc/net/ipv6_route", keep_route6);
	record_cmdline(r);
	record_each(r, "proc", record_process);
	record_each(r, "proc/driver/nvidia/gpus", record_nvidia);
	record_modprobe(r);
	record_aliases(r);
}

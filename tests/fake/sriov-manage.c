// SPDX-License-Identifier: GPL-2.0-or-later
/* sriov-manage.c - a sriov-manage that does to the fake kernel what NVIDIA's script does */

/*
 * Faked after descriptions of NVIDIA's script, not after its text:
 *
 *	sriov-manage -e|-d BDF|ALL
 *
 * It takes the unbindLock, takes the card from its driver, gives it to pci-pf-stub by
 * vendor and device (new_id, which takes any other card without a driver too), writes
 * sriov_numvfs, gives the card back, and binds its virtual functions. With virtual
 * functions there already -e does nothing. As the script does, it prints what fails and
 * goes on; only a lock that it cannot have ends it.
 *
 * A file /units/sriov-manage has the exit status in it, whatever was done; without one it
 * is 0, unless there was no lock. That a card is left without a driver, or that the script
 * loses its race with the driver's start, is had by faults of the fake kernel:
 *
 *	errors sys/bus/pci/drivers/nvidia/bind 1 ENODEV
 *	errors proc/driver/nvidia/gpus/0000:11:00.0/unbindLock 3 EAGAIN
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#define DEVICES "/sys/bus/pci/devices/"
#define DRIVERS "/sys/bus/pci/drivers/"

static int put(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), r = 0;

	if (fd < 0 || write(fd, value, strlen(value)) < 0) {
		fprintf(stderr, "sriov-manage: %s > %s: %s\n", value, path,
			strerror(errno));
		r = -1;
	}
	if (fd >= 0)
		close(fd);
	return r;
}

static bool get(const char *path, char ret[static 64])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, ret, 63);

	if (fd >= 0)
		close(fd);
	ret[n > 0 ? n : 0] = '\0';
	ret[strcspn(ret, "\n")] = '\0';
	return n > 0;
}

static const char *of(const char *bdf, const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), DEVICES "%s/%s", bdf, name);
	return path;
}

static bool has_driver(const char *bdf, const char *driver)
{
	char link[256];
	ssize_t n = readlink(of(bdf, "driver"), link, sizeof(link) - 1);

	link[n > 0 ? n : 0] = '\0';
	return n > 0 && (!driver || strcmp(strrchr(link, '/') + 1, driver) == 0);
}

static bool take_lock(const char *bdf)
{
	char path[128], now[64];

	snprintf(path, sizeof(path), "/proc/driver/nvidia/gpus/%s/unbindLock", bdf);
	put(path, "1");
	if (get(path, now) && strcmp(now, "1") == 0)
		return true;
	fprintf(stderr, "Cannot obtain unbindLock for %s\n", bdf);
	return false;
}

static void load_stub(void)
{
	struct utsname u;
	char path[256];
	int fd;

	uname(&u);
	snprintf(path, sizeof(path), "/lib/modules/%s/kernel/pci_pf_stub.ko", u.release);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || (syscall(SYS_finit_module, fd, "", 0) < 0 && errno != EEXIST))
		fprintf(stderr, "sriov-manage: pci-pf-stub: %s\n", strerror(errno));
	if (fd >= 0)
		close(fd);
}

/* virtfn0, virtfn1, ...: the address of the next, or false */
static bool virtual_function(const char *bdf, int i, char ret[static 64])
{
	char name[32], link[256];
	ssize_t n;

	snprintf(name, sizeof(name), "virtfn%d", i);
	n = readlink(of(bdf, name), link, sizeof(link) - 1);
	link[n > 0 ? n : 0] = '\0';
	if (n > 0)
		snprintf(ret, 64, "%.60s", strrchr(link, '/') + 1);
	return n > 0;
}

static void release_functions(const char *bdf)
{
	char vf[64];

	for (int i = 0; virtual_function(bdf, i, vf); i++)
		if (has_driver(vf, NULL))
			put(of(vf, "driver/unbind"), vf);
}

static void bind_functions(const char *bdf)
{
	char vf[64];

	for (int i = 0; virtual_function(bdf, i, vf); i++) {
		if (has_driver(vf, "pci-pf-stub"))
			put(of(vf, "driver/unbind"), vf);
		if (!has_driver(vf, NULL))
			put(DRIVERS "nvidia/bind", vf);
	}
}

static int manage(const char *bdf, bool enable)
{
	char vendor[64], device[64], total[64] = "0", id[160], vf[64];

	if (enable == virtual_function(bdf, 0, vf))
		return 0;
	if (!get(of(bdf, "vendor"), vendor) || !get(of(bdf, "device"), device) ||
	    (enable && !get(of(bdf, "sriov_totalvfs"), total))) {
		fprintf(stderr, "%s has no virtual functions\n", bdf);
		return 1;
	}
	if (!take_lock(bdf))
		return 1;
	if (!enable)
		release_functions(bdf);
	put(DRIVERS "nvidia/unbind", bdf);
	load_stub();
	snprintf(id, sizeof(id), "%s %s", vendor + 2, device + 2);
	put(DRIVERS "pci-pf-stub/new_id", id);
	if (!has_driver(bdf, "pci-pf-stub"))
		put(DRIVERS "pci-pf-stub/bind", bdf);
	put(of(bdf, "sriov_numvfs"), total);
	put(DRIVERS "pci-pf-stub/unbind", bdf);
	put(DRIVERS "pci-pf-stub/remove_id", id);
	put(DRIVERS "nvidia/bind", bdf);
	bind_functions(bdf);
	return 0;
}

static int manage_all(bool enable)
{
	DIR *d = opendir(DRIVERS "nvidia");
	char bdf[64][16];
	struct dirent *e;
	int n = 0, r = 0;

	while (d && (e = readdir(d)) && n < 64)
		if (strlen(e->d_name) == 12 &&
		    access(of(e->d_name, "sriov_totalvfs"), F_OK) == 0)
			strcpy(bdf[n++], e->d_name);
	if (d)
		closedir(d);
	for (int i = 0; i < n; i++)
		r |= manage(bdf[i], enable);
	return r;
}

int main(int argc, char **argv)
{
	bool enable = argc == 3 && strcmp(argv[1], "-e") == 0;
	char status[64];
	int r;

	if (!enable && (argc != 3 || strcmp(argv[1], "-d") != 0)) {
		fprintf(stderr, "usage: sriov-manage -e|-d BDF|ALL\n");
		return 1;
	}
	r = strcmp(argv[2], "ALL") == 0 ? manage_all(enable) : manage(argv[2], enable);
	return get("/units/sriov-manage", status) ? atoi(status) : r;
}

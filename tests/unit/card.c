// SPDX-License-Identifier: GPL-2.0-or-later
/* card.c - a card in a folder that plays sysfs, for the kinds that cut it into vGPUs */

#include "card.h"

#include "clock.h"
#include "played.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

struct card card;

int card_setup(void **state)
{
	(void)state;
	tree_make(&card.tree);
	assert_int_equal(host_open(&card.host, card.tree.path, kinds_boot), 0);
	card.host.deadline_ms = 50;
	card.host.sriov_manage = "/nonexistent/sriov-manage";
	card.host.nvidia_smi = "/nonexistent/nvidia-smi";
	assert_int_equal(host_make_run(&card.host), 0);
	tree_dir(&card.tree, "proc");
	tree_dir(&card.tree, "sys/bus/mdev/devices");
	tree_function(&card.tree, CARD);
	played_reset();
	strcpy(card.have, "untouched");
	card.refusals = 0;
	return 0;
}

int card_teardown(void **state)
{
	(void)state;
	host_close(&card.host);
	tree_remove(&card.tree);
	return 0;
}

void card_vf(unsigned int index, const char *bdf)
{
	char path[256], target[64];

	tree_function(&card.tree, bdf);
	snprintf(path, sizeof(path), TREE_BRIDGE CARD "/virtfn%u", index);
	snprintf(target, sizeof(target), "../%s", bdf);
	tree_link(&card.tree, path, target);
	tree_driver(&card.tree, bdf, "nvidia");
}

void card_check_get(const struct kind *k, const char *target, const char *want)
{
	assert_int_equal(k->get(&card.host, target, card.have), 0);
	assert_string_equal(card.have, want);
}

int card_refuse(void)
{
	return card.refusals > 0 ? (card.refusals--, card.refusal) : 0;
}

void card_type(const char *parent, const char *id)
{
	static const char *const files[] = { "create", "available_instances" };

	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		char path[256];

		snprintf(path, sizeof(path), "%s/mdev_supported_types/%s/%s", parent, id,
			 files[i]);
		tree_file(&card.tree, path, i ? "1\n" : "");
	}
}

/* /dev/full is open as a VM has the VFIO group open */
void card_hold(const char *folder)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/iommu_group", folder);
	tree_link(&card.tree, path, "../../kernel/iommu_groups/16");
	tree_file(&card.tree, "sys/class/vfio/16/dev", "1:7\n");
	tree_link(&card.tree, "proc/4242/fd/3", "/dev/full");
}

pid_t card_let_go_later(unsigned int ms)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		clock_sleep(ms);
		_exit(unlinkat(card.tree.fd, "proc/4242/fd/3", 0) < 0);
	}
	return pid;
}

void card_reap(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int card_hangs(const char *path, const char *value)
{
	(void)path;
	(void)value;
	return -ETIME;
}

void card_vendor(const char *current, const char *list)
{
	tree_function(&card.tree, CARD_VF);
	tree_file(&card.tree, CARD_VENDOR "current_vgpu_type", current);
	tree_file(&card.tree, CARD_VENDOR "creatable_vgpu_types", list);
}

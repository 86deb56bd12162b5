// SPDX-License-Identifier: GPL-2.0-or-later
/* iov.c - the card of card.h, where a kernel makes virtual functions of it */

#include "iov.h"

#include "file.h"
#include "played.h"
#include "text.h"
#include "vfs.h"

#include <errno.h>
#include <unistd.h>

struct iov iov;

const char *iov_vf_name(unsigned int i)
{
	static char name[32];

	snprintf(name, sizeof(name), "0000:e8:%02x.%u", (i + 4) / 8, (i + 4) % 8);
	return name;
}

void iov_appear(unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		char path[256], target[64];

		tree_function(&card.tree, iov_vf_name(i));
		snprintf(path, sizeof(path), TREE_BRIDGE CARD "/virtfn%u", i);
		snprintf(target, sizeof(target), "../%s", iov_vf_name(i));
		tree_link(&card.tree, path, target);
	}
}

unsigned int iov_count(void)
{
	struct vfs v;
	unsigned int n;

	assert_int_equal(vfs_read(&card.host, CARD, &v), 0);
	n = (unsigned int)v.n;
	vfs_free(&v);
	return n;
}

void iov_go(void)
{
	unsigned int n = iov_count();

	for (unsigned int i = 0; i < n; i++) {
		char path[256];

		snprintf(path, sizeof(path), TREE_BRIDGE CARD "/virtfn%u", i);
		assert_int_equal(unlinkat(card.tree.fd, path, 0), 0);
	}
}

/* Linux drivers/pci/iov.c, sriov_numvfs_store() */
static int write_numvfs(unsigned int n)
{
	if (n > 32)
		return -ERANGE;
	if (n == iov_count())
		return 0;
	if (!file_exists(card.tree.fd, TREE_BRIDGE CARD "/driver") ||
	    file_exists(card.tree.fd, TREE_BRIDGE CARD "/driver/no_sriov"))
		return -ENOENT;
	if (n && iov_count())
		return -EBUSY;
	if (card.refusals) {
		card.refusals--;
		return card.refusal;
	}
	iov_go();
	iov_appear(n < iov.most ? n : iov.most);
	return 0;
}

static int kernel(const char *path, const char *value)
{
	const char *name = strrchr(path, '/') + 1;
	size_t len = strlen(iov.written);
	char bdf[BDF_LEN];

	snprintf(iov.written + len, sizeof(iov.written) - len, "%s=%s ", name, value);
	if (strcmp(name, "sriov_numvfs") == 0)
		return write_numvfs((unsigned int)strtoul(value, NULL, 10));
	if (strcmp(name, "drivers_probe") == 0)
		tree_driver(&card.tree, value,
			    strcmp(value, CARD) == 0 ? "nvidia" : "xe");
	if (strcmp(name, "unbind") == 0)
		assert_int_equal(unlinkat(card.tree.fd, TREE_BRIDGE CARD "/driver", 0),
				 0);
	if (strcmp(name, "bind") == 0) {
		assert_false(file_exists(card.tree.fd, TREE_BRIDGE CARD "/driver"));
		assert_int_equal(text_copy(bdf, sizeof(bdf), value), 0);
		tree_driver(&card.tree, bdf, "nvidia");
	}
	return 0;
}

void iov_check_get(const char *want)
{
	assert_int_equal(kind_numvfs.get(&card.host, CARD, card.have), 0);
	assert_string_equal(card.have, want);
}

int iov_set(const char *state)
{
	return kind_numvfs.set(&card.host, CARD, state);
}

int iov_setup(void **state)
{
	card_setup(state);
	tree_dir(&card.tree, "sys/bus/pci/drivers/xe");
	tree_file(&card.tree, "sys/bus/pci/drivers/nvidia/bind", "");
	tree_file(&card.tree, "sys/bus/pci/drivers/nvidia/no_sriov", "");
	tree_file(&card.tree, "sys/bus/pci/drivers/pci-pf-stub/unbind", "");
	tree_file(&card.tree, "sys/bus/pci/drivers_probe", "");
	tree_driver(&card.tree, CARD, "xe");
	tree_file(&card.tree, TREE_BRIDGE CARD "/sriov_totalvfs", "32\n");
	tree_file(&card.tree, TREE_BRIDGE CARD "/sriov_numvfs", "0\n");
	tree_file(&card.tree, TREE_BRIDGE CARD "/sriov_drivers_autoprobe", "1\n");
	played_kernel = kernel;
	iov.most = 32;
	iov.written[0] = '\0';
	return 0;
}

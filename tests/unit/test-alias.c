// SPDX-License-Identifier: GPL-2.0-or-later
/* test-alias.c - the best VFIO driver for a device, as libvirt would choose it */

/*
 * Real: alias.c. The lines are those that depmod writes for the VFIO drivers of Linux 6.1
 * to 6.12, whose tables are PCI_DRIVER_OVERRIDE_DEVICE_VFIO() in drivers/vfio/pci. Faked:
 * the rest of modules.alias is a few lines of each sort.
 */

#include "alias.h"
#include "unit.h"

#define OTHERS                                                   \
	"# Aliases extracted from modules themselves.\n"         \
	"alias pci:v000010DEd*sv*sd*bc03sc00i00* nvidia\n"       \
	"alias pci:v000015B3d0000101Esv*sd*bc*sc*i* mlx5_core\n" \
	"alias usb:v046DpC52Bd*dc*dsc*dp*ic*isc*ip*in* hid_logitech_dj\n"
#define MLX5 "alias vfio_pci:v000015B3d0000101Esv*sd*bc*sc*i* mlx5_vfio_pci\n"
#define GRACE                                                                    \
	"alias vfio_pci:v000010DEd00002342sv*sd*bc*sc*i* nvgrace_gpu_vfio_pci\n" \
	"alias vfio_pci:v000010DEd00002345sv*sd*bc*sc*i* nvgrace_gpu_vfio_pci\n"
#define VIRTIO "alias vfio_pci:v00001AF4d00001041sv*sd*bc*sc*i* virtio_vfio_pci\n"
#define HISI                                                                  \
	"alias vfio_pci:v000019E5d0000A251sv*sd*bc*sc*i* hisi_acc_vfio_pci\n" \
	"alias vfio_pci:v000019E5d0000A256sv*sd*bc*sc*i* hisi_acc_vfio_pci\n" \
	"alias vfio_pci:v000019E5d0000A259sv*sd*bc*sc*i* hisi_acc_vfio_pci\n"
#define PDS   "alias vfio_pci:v00001DD8d00001003sv*sd*bc*sc*i* pds_vfio_pci\n"
#define QAT   "alias vfio_pci:v00008086d00004941sv*sd*bc*sc*i* qat_vfio_pci\n"
#define PLAIN "alias vfio_pci:v*d*sv*sd*bc*sc*i* vfio_pci\n"

static const struct alias_device gpu = { 0x10de, 0x2342, 0x10de, 0x16eb, 0x030200 };
static const struct alias_device port = { 0x15b3, 0x101e, 0x15b3, 0x0001, 0x020000 };

/* as it stands in the file, and as it is kept */
static void check(const char *text, const struct alias_device *dev, const char *want)
{
	char have[MODULE_LEN], *kept = strdup(text);

	alias_best_vfio(text, dev, have);
	assert_string_equal(have, want);
	alias_keep_vfio(kept, strlen(kept));
	alias_best_vfio(kept, dev, have);
	assert_string_equal(have, want);
	free(kept);
}

static void only_vfio_is_kept(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "", "" },
		{ OTHERS, "" },
		{ OTHERS MLX5 OTHERS PLAIN OTHERS, MLX5 PLAIN },
		{ GRACE PLAIN, GRACE PLAIN },
		{ PLAIN "alias vfio_pci:v", PLAIN "alias vfio_pci:v" },
		{ OTHERS "alias vfio_pci:", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char *kept = strdup(rows[i].text);

		alias_keep_vfio(kept, strlen(kept));
		assert_string_equal(kept, rows[i].want);
		free(kept);
	}
}

static void lines_of_real_kernels(void **state)
{
	static const char text[] = OTHERS MLX5 GRACE VIRTIO HISI PDS QAT PLAIN;
	static const struct {
		struct alias_device dev;
		const char *want;
	} rows[] = {
		{ { 0x15b3, 0x101e, 0, 0, 0x020000 }, "mlx5_vfio_pci" },
		{ { 0x15b3, 0x101d, 0, 0, 0x020000 }, "vfio_pci" },
		{ { 0x10de, 0x2342, 0x10de, 0x16eb, 0x030200 }, "nvgrace_gpu_vfio_pci" },
		{ { 0x10de, 0x2345, 0x10de, 0x16eb, 0x030200 }, "nvgrace_gpu_vfio_pci" },
		{ { 0x10de, 0x2684, 0x10de, 0x167c, 0x030000 }, "vfio_pci" },
		{ { 0x1af4, 0x1041, 0x1af4, 0x1100, 0x020000 }, "virtio_vfio_pci" },
		{ { 0x19e5, 0xa256, 0x19e5, 0x0000, 0x100000 }, "hisi_acc_vfio_pci" },
		{ { 0x1dd8, 0x1003, 0, 0, 0x020000 }, "pds_vfio_pci" },
		{ { 0x8086, 0x4941, 0, 0, 0x0b4000 }, "qat_vfio_pci" },
		{ { 0xffff, 0xffff, 0xffff, 0xffff, 0xffffff }, "vfio_pci" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		check(text, &rows[i].dev, rows[i].want);
}

/* A module is a name; one that could be a path or an option is passed over */
static void odd_names(void **state)
{
	static const struct alias_device any = { 1, 2, 3, 4, 5 };
	static const char *const names[] = { "", " x", "../x", "x y", "x\x1b", "x\r\n" };
	char line[128];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		snprintf(line, sizeof(line), "alias vfio_pci:v*d*sv*sd*bc*sc*i* %s",
			 names[i]);
		check(line, &any, "vfio_pci");
	}
	check("alias vfio_pci:v*d*sv*sd*bc*sc*i* x-y_Z1", &any, "x-y_Z1");
}

static void nothing_fits(void **state)
{
	(void)state;
	check("", &gpu, "vfio_pci");
	check(OTHERS, &port, "vfio_pci");
	check(MLX5, &gpu, "vfio_pci");
	check(PLAIN, &gpu, "vfio_pci");
}

/* Fewest wildcards, wherever the line stands; of two that are as good, the first */
static void fewest_wildcards(void **state)
{
	static const char *const lines[] = {
		"alias vfio_pci:v*d*sv*sd*bc03sc*i* display\n",
		"alias vfio_pci:v000010DEd*sv*sd*bc03sc*i* vendor\n",
		"alias vfio_pci:v000010DEd00002342sv000010DEsd*bc*sc*i* board\n",
		"alias vfio_pci:v000010DEd00002342sv000010DEsd000016EBbc03sc02i00 exact\n",
	};
	char text[1024] = PLAIN, before[1024] = "", copy[1024];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		char want[MODULE_LEN];

		strcat(text, lines[i]);
		strcpy(copy, before);
		snprintf(before, sizeof(before), "%s%s", lines[i], copy);
		assert_int_equal(sscanf(strrchr(lines[i], ' '), "%63s", want), 1);
		check(text, &gpu, want);
		check(before, &gpu, want);
	}
	check("alias vfio_pci:v000010DEd*sv*sd*bc*sc*i* first\nalias vfio_pci:v*d00002342sv*sd*bc*sc*i* second\n",
	      &gpu, "first");
}

static void every_field_counts(void **state)
{
	static const char *const near[] = {
		"v000010DFd00002342sv000010DEsd000016EBbc03sc02i00",
		"v000010DEd00002343sv000010DEsd000016EBbc03sc02i00",
		"v000010DEd00002342sv000010DFsd000016EBbc03sc02i00",
		"v000010DEd00002342sv000010DEsd000016ECbc03sc02i00",
		"v000010DEd00002342sv000010DEsd000016EBbc04sc02i00",
		"v000010DEd00002342sv000010DEsd000016EBbc03sc00i00",
		"v000010DEd00002342sv000010DEsd000016EBbc03sc02i01",
		"v000010ded00002342sv*sd*bc*sc*i*",
		"v10DEd2342sv*sd*bc*sc*i*",
		"d00002342v000010DEsv*sd*bc*sc*i*",
		"v000010DEd00002342sv*sd*bc*sc*",
		"v000010DEd00002342sv*sd*bc*sc*i*x",
		"",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(near); i++) {
		char text[256];

		snprintf(text, sizeof(text), "alias vfio_pci:%s near\n", near[i]);
		check(text, &gpu, "vfio_pci");
	}
}

static void torn_and_odd_lines(void **state)
{
	static const char text[] = OTHERS MLX5;
	char big[256] = "alias vfio_pci:v000015B3d0000101Esv*sd*bc*sc*i* ";

	(void)state;
	for (size_t cut = 0; cut < sizeof(text); cut++) {
		char *copy = strndup(text, cut), have[MODULE_LEN];

		assert_non_null(copy);
		alias_best_vfio(copy, &port, have);
		assert_true(strcmp(have, "vfio_pci") == 0 ||
			    strncmp(have, "mlx5_vfio_pci", strlen(have)) == 0);
		free(copy);
	}
	check("alias vfio_pci:v000015B3d0000101Esv*sd*bc*sc*i*\n", &port, "vfio_pci");
	check("alias vfio_pci:v000015B3d0000101Esv*sd*bc*sc*i* \n", &port, "vfio_pci");
	check("alias vfio_pci:v000015B3d0000101Esv*sd*bc*sc*i* no_newline", &port,
	      "no_newline");
	memset(big + strlen(big), 'm', MODULE_LEN); /* a name that no module can have */
	check(big, &port, "vfio_pci");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_of_real_kernels),
		cmocka_unit_test(odd_names),
		cmocka_unit_test(nothing_fits),
		cmocka_unit_test(fewest_wildcards),
		cmocka_unit_test(every_field_counts),
		cmocka_unit_test(torn_and_odd_lines),
		cmocka_unit_test(only_vfio_is_kept),
	};

	return cmocka_run_group_tests_name("alias", tests, NULL, NULL);
}

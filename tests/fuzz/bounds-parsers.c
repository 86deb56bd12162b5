// SPDX-License-Identifier: GPL-2.0-or-later
/* bounds-parsers.c - who reads a file, each as the programs do it */

#include "bounds.h"

#include "../../common/conf-schema.h"
#include "../../helpers/domain-text.h"
#include "../../helpers/record.h"
#include "alias.h"
#include "book.h"
#include "early-list.h"
#include "file.h"
#include "guest.h"
#include "habit.h"
#include "import-boot.h"
#include "import-ini.h"
#include "import-iptables.h"
#include "ini.h"
#include "lease.h"
#include "ledger.h"
#include "network.h"
#include "smi.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MDEVCTL_MAX (64u << 10)
#define CONF_MAX    (1u << 20)
#define SMI_MAX     (32u << 10)
#define RECORD_MAX  (1u << 20)

static char why_not[WHY_LEN];

/* NULL: more than is taken */
static char *text_of(int fd, size_t most, size_t *ret_len)
{
	char *text = NULL;
	ssize_t n = file_read_all(fd, most, &text);

	*ret_len = n < 0 ? 0 : (size_t)n;
	return n < 0 ? NULL : text;
}

static void read_domain(int fd)
{
	CLEANUP(free_ptr) char *text = NULL;
	struct guest g = { .name = "" };
	size_t len;

	text = text_of(fd, GUEST_XML_MAX, &len);
	if (text && guest_parse(text, len, &g, why_not) == 0)
		guest_free(&g);
}

static void look_at_domain(int fd)
{
	CLEANUP(free_ptr) char *text = NULL;
	struct domain_text t = { .n = 0 };
	struct guest g = { .name = "" };
	size_t len;

	text = text_of(fd, GUEST_XML_MAX, &len);
	if (!text || guest_parse(text, len, &g, why_not) < 0)
		return;
	guest_free(&g);
	if (domain_text_look(text, &t) == 0)
		domain_text_free(&t);
}

static void read_network(int fd)
{
	CLEANUP(free_ptr) char *text = NULL;
	struct network n;
	size_t len;

	text = text_of(fd, NETWORK_XML_MAX, &len);
	if (text)
		(void)!network_parse(text, len, "52:54:00:aa:bb:cc", "x", &n);
}

static void read_ini(int fd)
{
	CLEANUP(free_ptr) char *text = NULL;
	struct conf_vm vm = { .shown = "vms/x.ini" };
	struct ini *ini = NULL;
	size_t len;

	text = text_of(fd, INI_FILE_MAX, &len);
	if (!text || ini_parse(text, len, "vms/x.ini", &ini, why_not) < 0)
		return;
	if (conf_take(&conf_vm_schema, ini, &vm, why_not) == 0)
		(void)!conf_forwards_check(&vm, why_not);
	conf_vm_free(&vm);
	ini_free(ini);
}

static void read_ledger(int fd)
{
	CLEANUP(free_ptr) char *text = NULL;
	struct ledger l = LEDGER_NONE;
	size_t len, whole;

	text = text_of(fd, LEDGER_MAX, &len);
	if (text && ledger_parse(text, len, &l, &whole) == 0)
		ledger_free(&l);
}

static void read_book(int fd)
{
	CLEANUP(free_ptr) char *text = NULL;
	struct book b;
	size_t len;

	text = text_of(fd, BOOK_MAX, &len);
	if (text && book_parse(text, &b) == 0)
		book_free(&b);
}

static void read_early(int fd)
{
	static struct early_list l;
	CLEANUP(free_ptr) char *text = NULL;
	size_t len;

	text = text_of(fd, EARLY_TEXT_MAX, &len);
	if (text)
		(void)!early_list_parse(text, &l, why_not);
}

static void read_lease(int fd)
{
	CLEANUP(free_ptr) char *text = NULL;
	struct ip ip[2];
	size_t len;

	text = text_of(fd, LEASE_FILE_MAX, &len);
	if (text)
		(void)!lease_parse(text, len, "52:54:00:aa:bb:cc", 0, ip);
}

static void read_alias(int fd)
{
	static const struct alias_device dev = { 0x10de, 0x2684, 0, 0, 0x030000 };
	CLEANUP(free_ptr) char *text = NULL;
	char module[MODULE_LEN];
	size_t len;

	text = text_of(fd, ALIAS_TEXT_MAX, &len);
	if (text)
		alias_best_vfio(text, &dev, module);
}

static void read_habits(int fd)
{
	static struct habits h;
	CLEANUP(free_ptr) char *text = NULL;
	size_t len;

	text = text_of(fd, CONF_MAX, &len);
	if (text)
		(void)!habits_read_conf(text, "x.conf", &h);
}

static void read_smi(int fd)
{
	CLEANUP(free_ptr) char *text = NULL;
	char have[SMI_INSTANCES_LEN];
	int pending;
	size_t len;

	text = text_of(fd, SMI_MAX, &len);
	if (!text)
		return;
	(void)!smi_read_mig_mode(text, &pending);
	(void)!smi_read_mixed(text);
	(void)!smi_read_instances(text, have);
}

/* ---- importers: what is read is printed too ---- */

static void import_forwards(int fd)
{
	static const struct import_vms nobody;
	CLEANUP(free_ptr) char *text = NULL;
	struct import found = { 0 };
	FILE *out = fopen("/dev/null", "w");
	size_t len;

	text = text_of(fd, IMPORT_TEXT_MAX, &len);
	if (text && out && import_iptables(text, len, &found, why_not) == 0) {
		(void)!import_write(&found, &nobody, out);
		import_free(&found);
	}
	if (out)
		fclose(out);
}

/* a host without cards and VMs */
static const struct host nothing = { .root = -1, .run = -1 };

static void print_boot(struct import_boot *b)
{
	FILE *out = fopen("/dev/null", "w");

	if (out && import_boot_write(b, out) == 0)
		fclose(out);
	import_boot_free(b);
}

static void import_script(int fd)
{
	static struct import_boot b = { .h = &nothing };
	CLEANUP(free_ptr) char *text = NULL;
	size_t len;

	text = text_of(fd, IMPORT_TEXT_MAX, &len);
	if (text && import_rc_local(&b, text, len) == 0)
		print_boot(&b);
}

static void import_folder(int fd)
{
	static struct import_boot b = { .h = &nothing };
	char name[] = "/tmp/bounds.XXXXXX", link[300];
	int dir = mkdtemp(name) ? open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	if (dir < 0 || mkdirat(dir, "mbochs", 0755) < 0 ||
	    symlinkat(link, dir, "mbochs/2f82ee72-3ac5-4615-9c0b-327c12e8c83d") < 0)
		abort();
	if (import_mdevctl(&b, dir) == 0)
		print_boot(&b);
	unlinkat(dir, "mbochs/2f82ee72-3ac5-4615-9c0b-327c12e8c83d", 0);
	unlinkat(dir, "mbochs", AT_REMOVEDIR);
	rmdir(name);
	close(dir);
}

/* cut down as an XML file, and as it is */
static void record_it(int fd)
{
	struct host root = { .root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC) };
	struct recording r = { .h = &root, .blanks = blanks_new("gpu-server") };
	FILE *out = fopen("/dev/null", "w");
	char path[64];

	snprintf(path, sizeof(path), "proc/self/fd/%d", fd);
	if (root.root < 0 || !r.blanks || !out)
		abort();
	record_xml(&r, path);
	(void)record_file(&r, "%s", path);
	if (record_print(&r, out) == 0)
		fclose(out);
	record_free(&r);
}

const struct bounds_parser bounds_parsers[] = {
	{ "domain-xml", GUEST_XML_MAX, read_domain },
	{ "domain-text", GUEST_XML_MAX, look_at_domain },
	{ "network-xml", NETWORK_XML_MAX, read_network },
	{ "ini", INI_FILE_MAX, read_ini },
	{ "ledger", LEDGER_MAX, read_ledger },
	{ "book", BOOK_MAX, read_book },
	{ "early-list", EARLY_TEXT_MAX, read_early },
	{ "lease", LEASE_FILE_MAX, read_lease },
	{ "modules-alias", ALIAS_TEXT_MAX, read_alias },
	{ "mdevctl", MDEVCTL_MAX, import_folder },
	{ "import-iptables", IMPORT_TEXT_MAX, import_forwards },
	{ "import-rc-local", IMPORT_TEXT_MAX, import_script },
	{ "modprobe", CONF_MAX, read_habits },
	{ "nvidia-smi", SMI_MAX, read_smi },
	{ "record", RECORD_MAX, record_it },
};

const size_t bounds_n_parsers = ARRAY_LEN(bounds_parsers);

// SPDX-License-Identifier: GPL-2.0-or-later
/* plan.c - print what would be done for a VM on a recorded machine, or why it is not */

/*
 * usage: plan CASE MACHINES
 *
 * CASE is a folder with these files, of which all but the first and the last may be
 * absent:
 *
 *	machine     name of a file of MACHINES, without .machine
 *	changes     what is different on that machine, in the same format
 *	gone        what is not there on that machine, a path a line
 *	case.ini    INI file of the VM
 *	domain.xml  as libvirt hands it to a hook
 *
 * Real: everything from the XML and the INI file to the plan, and what each step starts
 * from. Faked: the machine is files and links in a temporary folder, and does not react;
 * it needs no root. A unit is active, unless its name says that it is stopped.
 */

#include "apply.h"
#include "conf.h"
#include "file.h"
#include "guest.h"
#include "handover.h"
#include "kinds.h"
#include "machine.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX (1u << 20)

static int unit_get(struct host *h, const char *target, char ret[static STATE_LEN])
{
	(void)h;
	return text_copy(ret, STATE_LEN,
			 strstr(target, "stopped") ? "inactive" : "active");
}

static int unit_set(struct host *h, const char *target, const char *state)
{
	(void)h;
	(void)target;
	(void)state;
	return -EPERM;
}

static const struct kind unit = {
	.name = "unit",
	.shared = true,
	.get = unit_get,
	.set = unit_set,
};
static const struct kind *const kinds[] = {
	&unit, &kind_module, &kind_console, &kind_attr, &kind_driver, NULL,
};

/**
 * struct plan_case - A case that is being played
 * @dir:     Of the case
 * @machines: Folder of the recorded machines
 * @root:    Temporary folder
 */
struct plan_case {
	const char *dir, *machines;
	char root[32];
	struct host host;
	struct guest guest;
	struct conf_vm conf;
	struct findings found;
	struct handover plan;
	char why[WHY_LEN];
};

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

/* a file of the case whole; -ENOENT when it has none */
static ssize_t read_part(const struct plan_case *c, const char *name, size_t max,
			 char **ret)
{
	CLEANUP(close_fd) int fd = -1;
	char path[PATH_LEN];
	int r = text_format(path, sizeof(path), "%s/%s", c->dir, name);

	if (r < 0)
		return r;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : file_read_all(fd, max, ret);
}

/* what is written anew, or is gone, must not be in the way */
static int make_room(int root, const char *path)
{
	struct stat st;

	if (fstatat(root, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -errno;
	return unlinkat(root, path, S_ISDIR(st.st_mode) ? AT_REMOVEDIR : 0) < 0 ? -errno
										: 0;
}

static int unpack(struct plan_case *c, const char *file, bool over)
{
	struct machine m;
	char sentence[MACHINE_WHY_LEN];
	int r = machine_read(file, &m, sentence);

	if (r == 0) {
		for (size_t i = 0; over && i < m.n && r == 0; i++)
			if (m.entries[i].kind == MACHINE_LINK ||
			    m.entries[i].kind == MACHINE_FILE)
				r = make_room(c->host.root, m.entries[i].path);
		if (r == 0)
			r = machine_unpack(&m, c->host.root, sentence);
		machine_free(&m);
	}
	if (r < 0)
		why(c->why, "%s: %s", file, sentence);
	return r;
}

static int apply_changes(struct plan_case *c)
{
	CLEANUP(free_ptr) char *gone = NULL;
	char path[PATH_LEN], *cursor, *line;
	int r = text_format(path, sizeof(path), "%s/changes", c->dir);

	if (r == 0 && file_exists(AT_FDCWD, path))
		r = unpack(c, path, true);
	if (r < 0 || read_part(c, "gone", FILE_MAX, &gone) < 0)
		return r;
	cursor = gone;
	while (r == 0 && (line = strsep(&cursor, "\n")))
		if (line[0] && (!file_exists(c->host.root, line) ||
				make_room(c->host.root, line) < 0)) {
			why(c->why, "%s/gone: %s is not on this machine", c->dir, line);
			r = -ENOENT;
		}
	return r;
}

static int make_machine(struct plan_case *c)
{
	CLEANUP(free_ptr) char *name = NULL;
	char file[PATH_LEN];
	ssize_t n = read_part(c, "machine", NAME_LEN, &name);
	int r;

	if (n < 0) {
		why(c->why, "%s/machine: %s", c->dir, strerror((int)-n));
		return (int)n;
	}
	r = text_format(file, sizeof(file), "%s/%.*s.machine", c->machines,
			(int)strcspn(name, "\n"), name);
	if (r == 0)
		r = unpack(c, file, false);
	if (r == 0)
		r = apply_changes(c);
	return r;
}

/* the INI file stands where the hook looks for it */
static int place_ini(struct plan_case *c, int *ret_dir)
{
	CLEANUP(free_ptr) char *text = NULL;
	CLEANUP(close_fd) int fd = -1;
	char file[NAME_LEN + 8];
	ssize_t n;
	int r = file_make_dirs(c->host.root, "etc/virt-handoff/vms");

	if (r < 0)
		return r;
	*ret_dir = openat(c->host.root, "etc/virt-handoff/vms",
			  O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	n = read_part(c, "case.ini", FILE_MAX, &text);
	if (n == -ENOENT)
		return 0;
	r = text_format(file, sizeof(file), "%s.ini", c->guest.name);
	if (r < 0 || n < 0)
		return r < 0 ? r : (int)n;
	fd = openat(*ret_dir, file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	return fd >= 0 && write(fd, text, (size_t)n) == n ? 0 : -EIO;
}

static int read_words(struct plan_case *c)
{
	CLEANUP(free_ptr) char *xml = NULL;
	CLEANUP(close_fd) int dir = -1;
	ssize_t n = read_part(c, "domain.xml", GUEST_XML_MAX, &xml);
	int r;

	if (n < 0) {
		why(c->why, "%s/domain.xml: %s", c->dir, strerror((int)-n));
		return (int)n;
	}
	r = guest_parse(xml, (size_t)n, &c->guest, c->why);
	if (r == 0)
		r = place_ini(c, &dir);
	return r < 0 ? r
		     : conf_vm_read(dir, c->guest.name, c->guest.uuid, &c->conf, c->why);
}

/* what the hook does before it writes anything; a refusal is an answer too */
static int consider(struct plan_case *c)
{
	int r = handover_plan(&c->host, &c->guest, &c->conf, &c->plan, &c->found, c->why);

	return findings_refusal(&c->found) ? 0 : r;
}

static void print(const struct plan_case *c)
{
	for (size_t i = 0; i < c->found.n; i++) {
		const struct finding *f = &c->found.finding[i];

		printf("%s: %s\n",
		       f->holder   ? "held"
		       : f->refuse ? "refused"
				   : "note",
		       f->text);
	}
	if (findings_refusal(&c->found))
		return;
	printf("takes");
	for (size_t i = 0; i < c->plan.taken.n; i++) {
		char name[BDF_LEN];

		bdf_format(&c->plan.taken.bdf[i], name);
		printf(" %s", name);
	}
	printf("%s\n", c->plan.taken.n ? "" : " nothing");
	for (size_t i = 0; i < c->plan.plan.n; i++) {
		const struct step *s = &c->plan.plan.steps[i];

		printf("%zu. %s %s: %s -> %s%s\n", i + 1, s->kind, s->target,
		       s->from[0] ? s->from : "(empty)", s->to, s->keep ? " [kept]" : "");
	}
}

static int play(struct plan_case *c)
{
	int r = make_machine(c);

	if (r < 0)
		return r;
	/* opened again, now with a run folder when the machine has one */
	host_close(&c->host);
	r = host_open(&c->host, c->root, kinds);
	if (r < 0)
		return r;
	r = read_words(c);
	if (r == -ENOENT) {
		printf("not ours: %s\n", c->why);
		return 0;
	}
	if (r == 0)
		r = consider(c);
	if (r < 0)
		printf("refused: %s\n", c->why);
	else
		print(c);
	return 0;
}

static void clean(struct plan_case *c)
{
	handover_free(&c->plan);
	guest_free(&c->guest);
	host_close(&c->host);
	nftw(c->root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

int main(int argc, char *argv[])
{
	struct plan_case c = { .root = "/tmp/handoff-golden-XXXXXX",
			       .host = { .root = -1, .run = -1 } };
	int r;

	if (argc != 3) {
		fprintf(stderr, "usage: %s CASE MACHINES\n", argv[0]);
		return 2;
	}
	c.dir = argv[1];
	c.machines = argv[2];
	if (!mkdtemp(c.root) || host_open(&c.host, c.root, kinds) < 0) {
		perror(c.root);
		return 1;
	}
	r = play(&c);
	if (r < 0)
		fprintf(stderr, "%s\n", c.why[0] ? c.why : strerror(-r));
	clean(&c);
	return r < 0;
}

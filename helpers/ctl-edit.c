// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-edit.c - virt-handoff edit: change an INI file, and check it before it is saved */

/*
 * Theory of operation
 *
 * As visudo does: the editor gets a copy, in a folder of its own that only root can look
 * into and whose name no reader of INI files takes for one; the strict reader looks at the
 * copy; then it takes the place of the file at one moment. While somebody edits, the name
 * of the file is locked for others who do the same; hooks never wait for that. Importers and
 * other editors do not ask for that lock: what they have written meanwhile is found before it
 * would be replaced.
 */

#include "edit-copy.h"
#include "edit-file.h"
#include "edit-program.h"
#include "foresight.h"
#include "save.h"
#include "log.h"
#include "print.h"

#include "file.h"
#include "text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/**
 * struct edit - One run
 * @file:    Owned. What is edited
 * @base:    Of its path what is behind the last slash
 * @copy:    Owned. What the editor gets
 * @after:   Owned. What is in the copy
 * @f:       The VM, when libvirt has it, and the new file
 */
struct edit {
	struct ctl *ctl;
	struct edit_file file;
	const char *base;
	struct edit_copy copy;
	char *after;
	struct foresight f;
	char why[WHY_LEN];
};

/* a VM that libvirt does not have can still have a file */
static int find_path(struct edit *e)
{
	struct guest *g = &e->f.domain.guest;
	int r;

	if (!e->file.vm)
		return text_copy(e->file.path, sizeof(e->file.path), "host.ini");
	r = domain_read(e->ctl, e->file.vm, &e->f.domain, e->why);
	if (r == -ENOENT && text_is_name(e->file.vm))
		r = text_copy(g->name, sizeof(g->name), e->file.vm);
	return r < 0 ? r : save_path(e->ctl->host.root, g, e->file.path);
}

static int make_copy(struct edit *e)
{
	int r;

	e->copy.dir = e->file.dir;
	r = edit_copy_make(&e->copy, e->base, e->file.text);
	if (r < 0)
		why(e->why, "/" INI_FOLDER "/%s cannot be made: %s", e->copy.folder,
		    strerror(-r));
	return r;
}

static int run_editor(struct edit *e)
{
	const char *root = ctl_is_here(e->ctl) ? "" : e->ctl->root;
	char file[PATH_LEN];
	int r = text_format(file, sizeof(file), "%s/" INI_FOLDER "/%s/%s", root,
			    e->copy.folder, e->base);

	if (r == 0)
		r = edit_run(file, e->why);
	if (r < 0)
		return r;
	free(TAKE_PTR(e->after));
	r = edit_read(e->copy.fd, e->base, &e->after);
	if (r < 0)
		why(e->why, "what the editor has written cannot be read: %s",
		    strerror(-r));
	return r;
}

static int check(struct edit *e)
{
	const struct guest *g = &e->f.domain.guest;
	struct conf_host host;

	if (!e->file.vm)
		return conf_host_read(e->copy.fd, &host, e->why);
	conf_vm_free(&e->f.conf);
	return conf_vm_read(e->copy.fd, g->name, g->uuid[0] ? g->uuid : NULL, &e->f.conf,
			    e->why);
}

/*
 * 'e', 'x' or, where there is something to save, 'Q'; without a terminal nobody can answer,
 * and nothing is saved
 */
static int ask(const char *save)
{
	char line[16];

	for (;;) {
		printf("e) edit again, x) leave without saving%s%s: ",
		       save ? ", Q) " : "", save ?: "");
		fflush(stdout);
		if (!fgets(line, sizeof(line), stdin))
			return 'x';
		if (line[0] && strchr(save ? "exQ" : "ex", line[0]) && line[1] == '\n')
			return line[0];
	}
}

/* what a start would say to it; the VM is not there when @uuid is not known */
static bool print_warnings(struct edit *e)
{
	const struct findings *found = &e->f.found;

	if (!e->file.vm || !e->f.domain.guest.uuid[0] || e->f.domain.running)
		return false;
	foresight_judge(e->ctl, &e->f);
	for (size_t i = 0; i < found->n; i++) {
		printf("  %s- ", tone_begin(TONE_WARNING));
		print_wrapped(stdout, 4, found->finding[i].text);
		fputs(tone_end(), stdout);
	}
	return found->n > 0;
}

static void print_when(const struct edit *e)
{
	if (!e->file.vm)
		printf("[firewall] counts from the next start of a VM on; [gpu] and [vgpus] after systemctl restart virt-handoff-boot.service; [early] after virt-handoff early update\n");
	else if (e->f.domain.running)
		printf("%s runs: its forwards follow at once, its devices when it is started next time\n",
		       e->file.vm);
}

static int save(struct edit *e, bool wrong)
{
	int r = save_text(e->ctl->host.root, e->file.path, e->after, true);

	if (r < 0) {
		log_err("/" INI_FOLDER "/%s cannot be written: %s", e->file.path,
			strerror(-r));
		return CTL_FAILED;
	}
	printf("/" INI_FOLDER "/%s was saved%s\n", e->file.path,
	       wrong ? ", although it is wrong" : "");
	if (wrong)
		return CTL_FAILED;
	print_when(e);
	return print_warnings(e) ? CTL_LOOK : CTL_DONE;
}

/* as ask(); 'Q' without a question when nothing speaks against it */
static int may_save(struct edit *e, bool *ret_wrong)
{
	int answer = 'Q';

	*ret_wrong = check(e) < 0;
	if (*ret_wrong) {
		log_err("%s", e->why);
		answer = ask("save although it is wrong");
	}
	if (answer != 'Q' || !edit_file_changed(&e->file))
		return answer;
	log_err("somebody else has written /" INI_FOLDER
		"/%s, or removed it, since you began",
		e->file.path);
	return ask("save over that");
}

/* what was typed in an earlier round is not thrown away without a question */
static int run_editors(struct edit *e, bool again)
{
	int r;

	while ((r = run_editor(e)) < 0) {
		log_err("%s", e->why);
		if (!again || ask(NULL) == 'x')
			break;
	}
	return r;
}

static int edit(struct edit *e)
{
	for (bool again = false;; again = true) {
		bool wrong;
		int answer;

		if (run_editors(e, again) < 0 || !e->after)
			return CTL_FAILED;
		if (strcmp(e->file.text, e->after) == 0) {
			printf("/" INI_FOLDER "/%s is unchanged\n", e->file.path);
			return CTL_DONE;
		}
		answer = may_save(e, &wrong);
		if (answer == 'Q')
			return save(e, wrong);
		if (answer == 'x') {
			printf("nothing was saved\n");
			return CTL_FAILED;
		}
	}
}

static int run(struct edit *e)
{
	int r = find_path(e);

	if (r == 0) {
		e->base = strrchr(e->file.path, '/');
		e->base = e->base ? e->base + 1 : e->file.path;
		r = edit_file_open(&e->file, &e->ctl->host, e->why);
	}
	if (r == 0)
		r = make_copy(e);
	if (r == 0)
		return edit(e);
	log_err("%s", e->why);
	return CTL_FAILED;
}

int ctl_edit(struct ctl *c, int argc, char *argv[])
{
	struct edit e = { .ctl = c,
			  .file = { .dir = -1, .lock = LOCK_NONE },
			  .copy.fd = -1 };
	int r;

	if (argc != 2 || (argv[1][0] == '-' && strcmp(argv[1], "--host") != 0))
		return ctl_usage("edit VM|--host");
	e.f.left = LEDGER_NONE;
	if (strcmp(argv[1], "--host") != 0)
		e.file.vm = argv[1];
	r = run(&e);
	edit_copy_drop(&e.copy);
	edit_file_close(&e.file);
	foresight_free(&e.f);
	free(e.after);
	return r;
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* foresight.c - all that a start of a VM would do, or why it would be refused */

#include "foresight.h"

#include "forwarding.h"
#include "ledger.h"

#include <errno.h>

static void look_at_left(struct ctl *c, struct foresight *f)
{
	char sentence[WHY_LEN];
	int r = ledger_read(&c->host, f->domain.guest.uuid, &f->left, sentence);

	if (r < 0 && r != -ENOENT)
		findings_refuse(&f->found, "%s", sentence);
	else if (r == 0 && !f->domain.running)
		findings_remark(
			&f->found,
			"an earlier start left %zu steps behind, which a start puts back first; what follows is planned as things are now: virt-handoff undo %s puts them back now",
			f->left.n_steps, guest_typed(&f->domain.guest));
}

void foresight_judge(struct ctl *c, struct foresight *f)
{
	struct findings forwards = { 0 };
	char sentence[WHY_LEN];
	int r;

	/* a start asks for the ports first; its reasons are not the more fundamental ones */
	forwarding_foresee(&c->host, &f->domain.guest, &f->conf, ctl_is_here(c),
			   &f->forwards, &forwards);
	r = handover_plan(&c->host, &f->domain.guest, &f->conf, &f->handover, &f->found,
			  sentence);
	if (r < 0 && !findings_refusal(&f->found))
		findings_refuse(&f->found, "%s", sentence);
	for (size_t i = 0; i < forwards.n; i++)
		if (forwards.finding[i].refuse)
			findings_refuse(&f->found, "%s", forwards.finding[i].text);
		else
			findings_remark(&f->found, "%s", forwards.finding[i].text);
}

static int read(struct ctl *c, const char *vm, struct foresight *f,
		char ret_why[static WHY_LEN])
{
	char sentence[WHY_LEN];
	int r = domain_read(c, vm, &f->domain, ret_why);

	if (r < 0)
		return r;
	r = domain_conf(c, &f->domain.guest, &f->conf, sentence);
	look_at_left(c, f);
	if (r == -ENOENT)
		findings_remark(&f->found, "%s", sentence);
	else if (r < 0)
		findings_refuse(&f->found, "%s", sentence);
	else if (!f->domain.running)
		foresight_judge(c, f);
	f->is = findings_refusal(&f->found) ? FORESIGHT_REFUSED
		: r == -ENOENT              ? FORESIGHT_NOT_OURS
					    : FORESIGHT_STARTS;
	return 0;
}

int foresight_read(struct ctl *c, const char *vm, struct foresight *ret,
		   char ret_why[static WHY_LEN])
{
	int r;

	/* in place, because what is planned borrows from the INI file */
	*ret = (struct foresight){ .left = LEDGER_NONE };
	r = read(c, vm, ret, ret_why);
	if (r < 0)
		foresight_free(ret);
	return r;
}

void foresight_free(struct foresight *f)
{
	handover_free(&f->handover); /* borrows from the two below */
	conf_vm_free(&f->conf);
	domain_free(&f->domain);
	forwards_free(&f->forwards);
	ledger_free(&f->left);
	*f = (struct foresight){ .left = LEDGER_NONE };
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* kind-nvidia.c - what nvidia-smi sets on a card: MIG mode, GPU instances, mixed sizes */

#include "kinds.h"

#include "clock.h"
#include "smi.h"
#include "text.h"

#include <errno.h>
#include <string.h>

/* something that asks the card for its state, as monitors do, makes it refuse meanwhile */
#define ATTEMPTS                 6
#define FIRST_PAUSE(deadline_ms) ((deadline_ms) / 300) /* then doubled: a tenth in all */

static int on_or_off(int r, char ret[static STATE_LEN])
{
	return r < 0 ? r : text_copy(ret, STATE_LEN, r ? "on" : "off");
}

static bool is_final(int r)
{
	return r == 0 || r == -EOPNOTSUPP || r == -ENOENT || r == -ENODEV ||
	       r == -EEXIST || r == -ETIME;
}

/*
 * Do until it reads back as wanted. @act returns 0 or what went wrong, which counts only
 * when the state is another one.
 */
static int repeat(struct host *h, const struct kind *k, const char *card,
		  const char *state,
		  int (*act)(struct host *h, const char *card, const char *state))
{
	unsigned int pause = FIRST_PAUSE(h->deadline_ms);
	uint64_t end = clock_ms() + h->deadline_ms;
	char now[STATE_LEN];
	int r = k->get(h, card, now);

	if (r < 0 || k->same(state, now))
		return r;
	for (int i = 1;; i++, pause *= 2) {
		int done = act(h, card, state);

		r = done == -ETIME ? done : k->get(h, card, now);
		if (r == 0 && !k->same(state, now))
			r = done < 0 ? done : -EIO;
		if (is_final(r) || i == ATTEMPTS || clock_left(end) == 0)
			return r;
		clock_pause(pause, end);
	}
}

/* of a command whose answer nobody reads */
static int run(const struct host *h, const char *const args[])
{
	int status = smi_run(h, args, NULL, 0);

	return status == 0 ? 0 : smi_error(status);
}

static bool same_text(const char *want, const char *have)
{
	return strcmp(want, have) == 0;
}

static bool is_switch(const char *state)
{
	return strcmp(state, "on") == 0 || strcmp(state, "off") == 0;
}

/* ---- MIG mode ---- */

static int mode_get(struct host *h, const char *target, char ret[static STATE_LEN])
{
	int pending;

	return on_or_off(smi_mig_mode(h, target, &pending), ret);
}

/*
 * Up to Ampere the mode waits for a reset of the card. nvidia-smi tries one itself, and
 * says what to do when it could not: try it again, which is refused while somebody has
 * the card open.
 */
static int mode_act(struct host *h, const char *card, const char *state)
{
	const char *const set[] = { "-i", card, "-mig",
				    strcmp(state, "on") == 0 ? "1" : "0", NULL };
	const char *const reset[] = { "--gpu-reset", "-i", card, NULL };
	int r = run(h, set), pending, now;

	if (r == -ETIME)
		return r;
	now = smi_mig_mode(h, card, &pending);
	if (now < 0)
		return now;
	if (now == pending)
		return r;
	return run(h, reset) == 0 ? 0 : -EBUSY;
}

static int mode_set(struct host *h, const char *target, const char *state)
{
	return is_switch(state) ? repeat(h, &kind_mig_mode, target, state, mode_act)
				: -EINVAL;
}

/* ---- mixed sizes ---- */

static int mixed_get(struct host *h, const char *target, char ret[static STATE_LEN])
{
	return on_or_off(smi_mixed(h, target), ret);
}

static int mixed_act(struct host *h, const char *card, const char *state)
{
	const char *const set[] = {
		"vgpu", "-i", card, "-shm", strcmp(state, "on") == 0 ? "1" : "0", NULL
	};

	return run(h, set);
}

static int mixed_set(struct host *h, const char *target, const char *state)
{
	return is_switch(state) ? repeat(h, &kind_mixed, target, state, mixed_act)
				: -EINVAL;
}

/* ---- GPU instances ---- */

static int mig_get(struct host *h, const char *target, char ret[static STATE_LEN])
{
	_Static_assert(STATE_LEN >= SMI_INSTANCES_LEN, "a list is a state");
	return smi_instances(h, target, ret);
}

static size_t count_word(const char *list, const char *word)
{
	char next[STATE_LEN];
	size_t n = 0;

	while (text_next_word(&list, next, sizeof(next)) > 0)
		n += strcmp(next, word) == 0;
	return n;
}

/* whether @part has nothing that @all has not, counted */
static bool is_part(const char *part, const char *all)
{
	const char *p = part;
	char word[STATE_LEN];

	while (text_next_word(&p, word, sizeof(word)) > 0)
		if (count_word(part, word) > count_word(all, word))
			return false;
	return true;
}

static bool same_words(const char *want, const char *have)
{
	return is_part(want, have) && is_part(have, want);
}

/* what is still to be made, as nvidia-smi takes it: "9g.x,3g.20gb" */
static int list_missing(const char *want, const char *have, char ret[static STATE_LEN])
{
	char word[STATE_LEN], done[STATE_LEN] = "";
	const char *p = want;
	int r = 0;

	ret[0] = '\0';
	while (r == 0 && text_next_word(&p, word, sizeof(word)) > 0) {
		size_t len = strlen(ret), end = strlen(done);

		r = text_format(done + end, STATE_LEN - end, "%s ", word);
		if (r == 0 && count_word(done, word) > count_word(have, word))
			r = text_format(ret + len, STATE_LEN - len, "%s%s",
					len ? "," : "", word);
	}
	return r;
}

static int instances_make(struct host *h, const char *card, const char *state)
{
	char have[STATE_LEN], missing[STATE_LEN];
	const char *const make[] = { "mig", "-i", card, "-cgi", missing, "-C", NULL };
	int r = mig_get(h, card, have);

	if (r < 0)
		return r;
	if (strcmp(have, "none") == 0)
		have[0] = '\0';
	if (!is_part(have, state))
		return -EEXIST;
	r = list_missing(state, have, missing);
	return r < 0 ? r : run(h, make);
}

static int instances_remove(struct host *h, const char *card, const char *state)
{
	const char *const compute[] = { "mig", "-i", card, "-dci", NULL };
	const char *const gpu[] = { "mig", "-i", card, "-dgi", NULL };
	int r = run(h, compute); /* fails when there are none */

	(void)state;
	return r == -ETIME ? r : run(h, gpu);
}

static int mig_set(struct host *h, const char *target, const char *state)
{
	return repeat(h, &kind_mig, target, state,
		      strcmp(state, "none") == 0 ? instances_remove : instances_make);
}

static const char *nvidia_remedy(int r)
{
	switch (r) {
	case -ENOENT:
		return "nvidia-smi is not in the usual places; write its path as nvidia-smi in [vgpus] of host.ini";
	case -ENODEV:
		return "nvidia-smi does not see such a card; does driver nvidia have it?";
	case -EOPNOTSUPP:
		return "this card, or its driver, has no such thing; take the key out of host.ini";
	case -EEXIST:
		return "it has other GPU instances than those of host.ini; nvidia-smi mig -lgi lists them, and -dci and -dgi remove them";
	case -EBUSY:
		return "somebody has the card open, or it has vGPUs already; stop them, such as nvidia-persistenced or dcgm, or restart the host";
	case -ENOSPC:
		return "the card has no room for these GPU instances; nvidia-smi mig -lgipp shows what fits";
	case -ETIME:
		return "nvidia-smi does not answer; look at dmesg, the host may need a reboot";
	case -EIO:
		return "nvidia-smi does not do it, or says what is not understood; run it by hand";
	default:
		return NULL;
	}
}

const struct kind kind_mig_mode = {
	.name = "mig-mode",
	.get = mode_get,
	.set = mode_set,
	.same = same_text,
	.remedy = nvidia_remedy,
};

const struct kind kind_mig = {
	.name = "mig",
	.get = mig_get,
	.set = mig_set,
	.same = same_words,
	.remedy = nvidia_remedy,
};

const struct kind kind_mixed = {
	.name = "mixed",
	.get = mixed_get,
	.set = mixed_set,
	.same = same_text,
	.remedy = nvidia_remedy,
};

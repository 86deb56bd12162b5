// SPDX-License-Identifier: GPL-2.0-or-later
/* kind-module.c - load and unload kernel modules, by libkmod */

#include "kinds.h"

#include "clock.h"
#include "file.h"
#include "text.h"
#include "worker.h"

#include <errno.h>
#include <libkmod.h>
#include <stdarg.h>
#include <string.h>

#define POLL_MS 20

static void unref_ctx(struct kmod_ctx **c)
{
	kmod_unref(*c);
}

static void unref_module(struct kmod_module **m)
{
	kmod_module_unref(*m);
}

static int module_get(struct host *h, const char *target, char ret[static STATE_LEN])
{
	char path[PATH_LEN], state[16];
	int r = text_format(path, sizeof(path), "sys/module/%s", target);

	if (r < 0)
		return r;
	if (!file_exists(h->root, path))
		return text_copy(ret, STATE_LEN, "absent");
	r = text_format(path, sizeof(path), "sys/module/%s/initstate", target);
	if (r < 0)
		return r;
	/*
	 * "coming" and "going" are not there; a module that is built in has no such file
	 */
	if (file_read(h->root, path, state, sizeof(state)) >= 0 &&
	    strcmp(state, "live") != 0)
		return text_copy(ret, STATE_LEN, "absent");
	return text_copy(ret, STATE_LEN, "loaded");
}

static int load(struct kmod_ctx *ctx, const char *name)
{
	struct kmod_list *list = NULL, *i;
	int r = kmod_module_new_from_lookup(ctx, name, &list);

	if (r == 0 && !list)
		r = -ENOENT;
	kmod_list_foreach(i, list)
	{
		CLEANUP(unref_module) struct kmod_module *m = kmod_module_get_module(i);

		r = kmod_module_probe_insert_module(m, 0, NULL, NULL, NULL, NULL);
		if (r < 0)
			break;
	}
	kmod_module_unref_list(list);
	return r;
}

/*
 * A reference that was just dropped may be seen for a moment: an unbind returns before
 * udev closed its node.
 */
static int unload(struct kmod_ctx *ctx, const char *name, uint64_t end)
{
	CLEANUP(unref_module) struct kmod_module *m = NULL;
	int r = kmod_module_new_from_name(ctx, name, &m);

	while (r == 0) {
		r = kmod_module_remove_module(m, 0);
		if ((r != -EAGAIN && r != -EBUSY) || clock_left(end) == 0)
			break;
		clock_sleep(POLL_MS);
		r = 0;
	}
	if (r == -ENOENT)
		return 0;
	return r == -EAGAIN ? -EBUSY : r;
}

/* libkmod writes every try to stderr, where virsh shows one sentence of ours */
static void say_nothing(void *data, int priority, const char *file, int line,
			const char *fn, const char *format, va_list args)
{
	(void)data, (void)priority, (void)file, (void)line, (void)fn, (void)format;
	(void)args;
}

/* what a child does: a module's own start or end may hang in the kernel */
struct change {
	const char *name;
	bool load;
	uint64_t end_ms;
};

static int change_module(void *data)
{
	CLEANUP(unref_ctx) struct kmod_ctx *ctx = kmod_new(NULL, NULL);
	const struct change *c = data;

	if (!ctx)
		return -ENOMEM;
	kmod_set_log_fn(ctx, say_nothing, NULL);
	return c->load ? load(ctx, c->name) : unload(ctx, c->name, c->end_ms);
}

static int module_set(struct host *h, const char *target, const char *state)
{
	/* the child gives up before it is given up */
	struct change c = { .name = target,
			    .load = strcmp(state, "loaded") == 0,
			    .end_ms = clock_ms() + h->deadline_ms * 3 / 4 };
	char now[STATE_LEN];
	int r = module_get(h, target, now);

	if (r < 0 || strcmp(now, state) == 0)
		return r;
	r = worker_run(h, change_module, &c);
	if (r == 0)
		r = module_get(h, target, now);
	if (r < 0)
		return r;
	return strcmp(now, state) == 0 ? 0 : -EIO;
}

static const char *module_remedy(int r)
{
	switch (r) {
	case -ENOENT:
		return "this kernel has no such module; install it, or run depmod";
	case -EBUSY:
		return "it is in use; add the units that use it to stop-units, or take it out of unload";
	case -ETIME:
		return "the module does not answer; look at dmesg, the host may need a reboot";
	case -EPERM:
		return "the kernel does not let modules be loaded or unloaded; is it locked down?";
	default:
		return NULL;
	}
}

const struct kind kind_module = {
	.name = "module",
	.shared = true,
	.get = module_get,
	.set = module_set,
	.remedy = module_remedy,
};

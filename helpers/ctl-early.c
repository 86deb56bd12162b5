// SPDX-License-Identifier: GPL-2.0-or-later
/* ctl-early.c - virt-handoff early: what goes to VFIO at boot, and whether the images
 * know it */

#include "ctl.h"

#include "ctl-early.h"
#include "file.h"
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LIST_DIR "var/lib/virt-handoff"

/**
 * struct state - What is asked for, and what is there
 * @text:    Of the list that is asked for, "" when nothing is
 * @image:   Installed images, @n_images; @error of reading each
 */
struct state {
	const struct host *host;
	struct early_list list;
	struct findings found;
	char text[EARLY_TEXT_MAX];
	struct image image[IMAGES_MAX];
	int error[IMAGES_MAX];
	int n_images;
};

static struct state *state_new(const struct ctl *c)
{
	struct state *s = calloc(1, sizeof(*s));

	if (s)
		s->host = &c->host;
	else
		log_errno(-ENOMEM, "early");
	return s;
}

/* what INI files ask for, with all that is to be said about it */
static int ask(struct state *s)
{
	char sentence[WHY_LEN];
	int r = early_ask(s->host, &s->list, &s->found, sentence);

	if (r < 0) {
		log_err("%s", sentence);
		return r;
	}
	for (size_t i = 0; i < s->found.n; i++)
		log_line(s->found.finding[i].refuse ? LOG_LEVEL_ERR : LOG_LEVEL_WARNING,
			 "%s", s->found.finding[i].text);
	if (findings_refusal(&s->found))
		return -EPERM;
	s->text[0] = '\0';
	return s->list.n ? early_list_print(&s->list, s->text) : 0;
}

static int read_images(struct state *s)
{
	s->n_images = images_find(s->host, s->image);
	if (s->n_images < 0)
		return log_errno(s->n_images, "/boot");
	for (int i = 0; i < s->n_images; i++)
		s->error[i] = image_read(&s->image[i]);
	return 0;
}

/* the same functions, whatever else an older version has written around them */
static bool same_list(const char *a, const char *b)
{
	struct early_list x, y;
	char unused[WHY_LEN], t[EARLY_TEXT_MAX], u[EARLY_TEXT_MAX];

	return early_list_parse(a, &x, unused) == 0 &&
	       early_list_parse(b, &y, unused) == 0 && early_list_print(&x, t) == 0 &&
	       early_list_print(&y, u) == 0 && strcmp(t, u) == 0;
}

static bool is_current(const struct state *s, int i)
{
	return s->error[i] == 0 && same_list(s->image[i].text, s->text);
}

static int count_stale(const struct state *s)
{
	int n = 0;

	for (int i = 0; i < s->n_images; i++)
		n += !is_current(s, i);
	return n;
}

static void print_missing(const char *sign, const struct early_list *in,
			  const struct early_list *than)
{
	char name[BDF_LEN];

	for (size_t i = 0; i < in->n; i++) {
		const struct early_entry *e = &in->entry[i];
		const struct early_entry *o = early_list_find(than, &e->bdf);

		if (o && o->id.vendor == e->id.vendor && o->id.device == e->id.device &&
		    strcmp(o->driver, e->driver) == 0 && o->primary == e->primary)
			continue;
		bdf_format(&e->bdf, name);
		printf("  %s %s %04x:%04x %s%s\n", sign, name, e->id.vendor, e->id.device,
		       e->driver, e->primary ? " primary" : "");
	}
}

static void print_image(const struct state *s, int i)
{
	const struct image *image = &s->image[i];
	struct early_list in_image = { .n = 0 };
	char sentence[WHY_LEN];

	if (s->error[i] < 0) {
		printf("%s: cannot be read: %s\n", image->path,
		       s->error[i] == -ENOPKG
			       ? "neither unmkinitramfs nor lsinitrd is installed"
			       : strerror(-s->error[i]));
		return;
	}
	if (early_list_parse(image->text, &in_image, sentence) < 0) {
		printf("%s: %s\n", image->path, sentence);
		return;
	}
	printf("%s: %s\n", image->path,
	       is_current(s, i) ? in_image.n ? "as asked for" : "nothing, as asked for"
	       : in_image.n     ? "another list; run virt-handoff early update"
				: "no list; run virt-handoff early update");
	print_missing("only asked for:", &s->list, &in_image);
	print_missing("only in the image:", &in_image, &s->list);
}

static void print_list(const struct state *s)
{
	char name[BDF_LEN];

	for (size_t i = 0; i < s->list.n; i++) {
		const struct early_entry *e = &s->list.entry[i];

		bdf_format(&e->bdf, name);
		printf("%s %04x:%04x %s%s\n", name, e->id.vendor, e->id.device, e->driver,
		       e->primary ? " primary" : "");
	}
	if (s->list.n == 0)
		printf("no INI file has anything for the boot\n");
}

static int early_show(struct ctl *c, int argc, char *argv[])
{
	CLEANUP(free_ptr) struct state *s = state_new(c);

	(void)argv;
	if (argc > 1)
		return ctl_usage("early show");
	if (!s || ask(s) < 0 || read_images(s) < 0)
		return CTL_FAILED;
	print_list(s);
	for (int i = 0; i < s->n_images; i++)
		print_image(s, i);
	images_print_elsewhere(s->host);
	if (s->n_images == 0)
		printf("no image found in /boot: rebuild the initramfs of this host by hand\n");
	early_print_record(s->host);
	/* a list that is asked for, and no image that could have it */
	if (s->n_images == 0 && s->text[0])
		return CTL_FAILED;
	return count_stale(s) ? CTL_FAILED : CTL_DONE;
}

static int write_whole(int root, const char *path, const char *text)
{
	CLEANUP(close_fd)
	int fd = openat(root, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
			0644);
	size_t len = strlen(text);

	if (fd < 0)
		return -errno;
	return write(fd, text, len) == (ssize_t)len && fsync(fd) == 0 ? 0 : -EIO;
}

/* none when nothing is asked for: then nothing of ours goes into an image */
static int write_list(const struct state *s)
{
	static const char fresh[] = EARLY_LIST ".new";
	int root = s->host->root, r;

	if (!s->text[0])
		return unlinkat(root, EARLY_LIST, 0) < 0 && errno != ENOENT ? -errno : 0;
	r = file_make_dirs(root, LIST_DIR);
	if (r == 0)
		r = write_whole(root, fresh, s->text);
	if (r == 0 && renameat(root, fresh, root, EARLY_LIST) < 0)
		r = -errno;
	return r;
}

static bool list_changed(const struct state *s)
{
	char *text = malloc(EARLY_TEXT_MAX);
	bool same;

	if (!text || file_read(s->host->root, EARLY_LIST, text, EARLY_TEXT_MAX) < 0)
		same = !s->text[0];
	else
		same = s->text[0] && same_list(text, s->text);
	free(text);
	return !same;
}

/* the tool may have succeeded without our hook: only what is in the images counts */
static int rebuild(struct state *s)
{
	int r = images_rebuild();

	if (r == -ENOPKG) {
		log_err("neither update-initramfs nor dracut is here: the list is in /" EARLY_LIST
			", rebuild the initramfs as this system does it, with that file and %s",
			"/usr/libexec/virt-handoff/early in it, run before udev");
		return r;
	}
	if (r == -EIO)
		log_err("the initramfs images could not be rebuilt, for the reason above: once it is gone, virt-handoff early update goes on");
	else if (r < 0)
		log_errno(r, "the initramfs images could not be rebuilt");
	if (r < 0)
		return r;
	r = read_images(s);
	if (r == 0 && count_stale(s) > 0) {
		for (int i = 0; i < s->n_images; i++)
			if (!is_current(s, i))
				print_image(s, i);
		log_err("the images were rebuilt and do not have the list: is the hook of virt-handoff there, in initramfs-tools/hooks or in dracut/modules.d, and not switched off? Installing virt-handoff again puts it there");
		r = -EIO;
	}
	return r;
}

static int early_update(struct ctl *c, int argc, char *argv[])
{
	CLEANUP(free_ptr) struct state *s = state_new(c);
	int r;

	(void)argv;
	if (argc > 1)
		return ctl_usage("early update");
	if (!ctl_is_here(c)) {
		log_err("early update writes a list into the images of this host: run it there, without --root");
		return CTL_FAILED;
	}
	if (!s || ask(s) < 0 || read_images(s) < 0)
		return CTL_FAILED;
	print_list(s);
	if (list_changed(s)) {
		r = write_list(s);
		if (r < 0) {
			log_errno(r, "/" EARLY_LIST);
			return CTL_FAILED;
		}
	} else if (count_stale(s) == 0 && (s->n_images > 0 || !s->text[0])) {
		printf("nothing has changed: no image was rebuilt\n");
		return CTL_DONE;
	}
	if (rebuild(s) < 0)
		return CTL_FAILED;
	images_print_elsewhere(s->host);
	if (s->n_images == 0) {
		log_warning(
			"images were rebuilt, but there is none in /boot to look into");
		return CTL_DONE;
	}
	printf("%d image%s rebuilt; it holds from the next boot on\n", s->n_images,
	       s->n_images == 1 ? "" : "s");
	return CTL_DONE;
}

static const struct ctl_verb verbs[] = {
	{ "update", "",
	  "write the list of the INI files, and rebuild images that have another one",
	  early_update },
	{ "show", "", "what is asked for, what the images have, and what this boot did",
	  early_show },
	{ 0 },
};

int ctl_early(struct ctl *c, int argc, char *argv[])
{
	return ctl_run(c, verbs, "virt-handoff early", argc, argv);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* placement-parts.h - inside of placement: what is on each card while places are given */
#pragma once

#include "placement.h"

#include <stdbool.h>
#include <stdint.h>

#define TYPE_NONE ((size_t)-1)
#define NO_BDF    UINT32_MAX

/**
 * struct occupant - Whose a vGPU is; all NULL: nobody's
 * @wish:    A wish that has got its place
 * @reserved: Another VM
 * @mdev:    A mediated device that was there
 * @parent:  A function that had a type (vendor)
 */
struct occupant {
	const struct wish *wish;
	const struct reserved *reserved;
	const struct vgpu_mdev *mdev;
	const struct vgpu_parent *parent;
};

/**
 * struct board - A card, and what is on it
 * @conf:    Its section of host.ini, NULL: none
 * @first:   Index of the first of its @n parents
 * @have:    How many of each of its types are there or promised
 * @fresh:   How many of those the snapshot does not show
 * @vgpus:   All of them
 * @size_mib: Framebuffer of its time-sliced ones, 0: there are none
 * @sizer:   Who was the first of them
 * @used_mib: Framebuffer of all
 * @memory_mib: Framebuffer that vGPUs can have together, 0: not known
 */
struct board {
	const struct vgpu_card *card;
	const struct conf_gpu *conf;
	size_t first, n;
	unsigned int *have, *fresh, vgpus;
	unsigned int size_mib;
	struct occupant sizer;
	uint64_t used_mib, memory_mib;
};

/**
 * struct table - All that placement knows
 * @board:   Owned. One for each card of @v
 * @seat:    Owned. One for each parent of @v; that of a virtual function says whose it is
 * @awaited: Owned. One for each parent of @v: a VM that starts later names it
 * @bdf:     Owned. Addresses of the parents; of one that is no PCI function, domain NO_BDF
 * @counts:  Owned. What the boards count in
 */
struct table {
	const struct vgpus *v;
	const struct conf_host *conf;
	const struct wish *wish;
	size_t n;
	const struct reserved *reserved;
	size_t n_reserved;
	struct place *place;
	struct board *board;
	struct occupant *seat;
	bool *awaited;
	struct bdf *bdf;
	unsigned int *counts;
};

/**
 * struct target - What "gpu = " means
 * @board:   Card, NULL: any
 * @parent:  Virtual function, NULL: any
 * @index:   Number of the virtual function, -1: any
 */
struct target {
	const struct board *board;
	const struct vgpu_parent *parent;
	int index;
};

/* How far a wish has come on a card; the furthest is what a person is told about */
enum verdict {
	VERDICT_IN_USE, /* a VM has the card whole */
	VERDICT_OTHER_CARD, /* host.ini expects another one there */
	VERDICT_BARE, /* its driver makes no vGPUs */
	VERDICT_NO_VFS, /* the virtual functions are not there yet */
	VERDICT_UNTYPED, /* a type is asked for, and it has none */
	VERDICT_TYPED, /* no type is asked for, and it has some */
	VERDICT_NO_TYPE, /* not this one */
	VERDICT_NO_UUID,
	VERDICT_NO_FUNCTION, /* the VM is given none of its functions */
	VERDICT_SILENT, /* its driver does not answer */
	VERDICT_DRIVER, /* the function is on another driver than the card */
	VERDICT_BUSY, /* the function is somebody else's */
	VERDICT_SIZE, /* vGPUs of another size are on the card */
	VERDICT_FULL,
	VERDICT_FITS,
};

/**
 * struct choice - What can be done for a wish on one card
 * @parent:  Where it fits; or the function that the verdict is about, NULL: none
 * @type:    Index in the card's types, or TYPE_NONE
 * @room:    How many more of it fit
 * @awaited: It fits only where a VM that starts later will want to be
 */
struct choice {
	enum verdict verdict;
	const struct board *board;
	const struct vgpu_parent *parent;
	size_t type;
	unsigned int room;
	bool awaited;
};

/* placement-table.c */

/**
 * placement_table_make() - Count what is there and what others have reserved
 *
 * Return:   0 or -ENOMEM; placement_table_free() either way
 */
int placement_table_make(struct table *t) MUST_CHECK;
void placement_table_free(struct table *t);

struct board *table_board(const struct table *t, const struct vgpu_parent *p);
struct occupant *table_seat(const struct table *t, const struct vgpu_parent *p);
bool table_awaits(const struct table *t, const struct vgpu_parent *p);
bool seat_is_taken(const struct occupant *o);

/* placement-room.c */

/**
 * card_is_nvidia() - Whether its virtual functions are nothing without a type
 */
bool card_is_nvidia(const struct vgpu_card *c);

/**
 * type_bare() - The name of a type without NVIDIA or GRID in front
 */
const char *type_bare(const char *name);

/**
 * board_type() - The type that a person means
 *
 * Return:   Index in the card's types, or TYPE_NONE
 */
size_t board_type(const struct board *b, const char *asked);
size_t board_type_id(const struct board *b, const char *id);

/**
 * board_add() - A vGPU more
 * @type:    TYPE_NONE: not known
 * @fresh:   The snapshot does not show it
 */
void board_add(struct board *b, size_t type, struct occupant who, bool fresh);

/**
 * board_room() - How many more of a type fit
 */
unsigned int board_room(const struct table *t, const struct board *b, size_t type);

/**
 * board_alike() - How many vGPUs take the same room as one of this type
 */
unsigned int board_alike(const struct board *b, size_t type);

/**
 * board_refuses_size() - Whether a time-sliced vGPU of another size is on the card
 */
bool board_refuses_size(const struct board *b, const struct vgpu_type *type);

/**
 * board_memory() - Framebuffer that the vGPUs of a card can have together
 *
 * Units:    MiB; 0 not known
 */
uint64_t board_memory(const struct vgpu_card *card);

/**
 * parent_offer() - How many of a type it offered when it was looked at
 */
unsigned int parent_offer(const struct vgpu_parent *p, size_t type);

/* placement-choose.c */

bool target_has(const struct target *g, const struct vgpu_parent *p);
bool wish_has_function(const struct table *t, const struct wish *w,
		       const struct vgpu_parent *p);

/**
 * choose() - Where a wish is fulfilled best
 * @all:     Filled: one for each card of the snapshot, those that were asked @ret_n
 *
 * Return:   The card with the furthest verdict; the room decides between cards that fit
 */
struct choice choose(const struct table *t, const struct wish *w, const struct target *g,
		     struct choice *all, size_t *ret_n);

/* placement-why.c */

/**
 * refuse() - Say why a wish has no place: "vms/a.ini:3: [vgpu desk]: ..."
 */
void refuse(const struct wish *w, struct place *p, const char *format, ...) PRINTF(3, 4);

/**
 * refuse_choice() - Say what speaks against the best choice
 * @best:    NULL: there is no card at all
 * @all:     Choices on all cards that were asked, @n
 */
void refuse_choice(const struct table *t, const struct wish *w, const struct target *g,
		   const struct choice *best, const struct choice *all, size_t n,
		   struct place *p);

/**
 * mdev_fits() - Whether a mediated device is what a person asks for
 *
 * One whose card does not answer, and has no name for it, is taken for it.
 */
bool mdev_fits(const struct table *t, const struct vgpu_mdev *m, const char *asked);

/**
 * refuse_mdev() - Say that a mediated device has another type or is in another place
 */
void refuse_mdev(const struct table *t, const struct wish *w, const struct vgpu_mdev *m,
		 struct place *p);

/* placement-target.c */

/**
 * target_find() - What "gpu = " of a wish means
 *
 * Return:   Whether there is such a thing; otherwise @p is refused
 */
bool target_find(const struct table *t, const struct wish *w, struct target *ret,
		 struct place *p);

/* placement-words.c */

#define WHO_LEN   384
#define LIST_LEN  320
#define MEANT_LEN (VGPU_TYPE_LEN + 32)

/**
 * occupant_describe() - Whose a vGPU is, as part of a sentence
 */
void occupant_describe(const struct table *t, const struct occupant *o,
		       char ret[static WHO_LEN]);

/**
 * type_name() - Its name, or its id when it has none
 */
const char *type_name(const struct vgpu_type *t);

/**
 * list_add() - Add a name to a list, "a, b"; one that does not fit is counted
 */
void list_add(char list[static LIST_LEN], const char *name, unsigned int *ret_left_out);

/**
 * list_end() - Say how many did not fit, " and 3 more"
 */
void list_end(char list[static LIST_LEN], unsigned int left_out);

/**
 * list_types() - What cards call their types, and which was most likely meant
 * @all:     @n_all choices, one a card
 * @meant:   "did you mean 'A40-24Q'? ", or ""
 */
void list_types(const struct choice *all, size_t n_all, const char *asked,
		char list[static LIST_LEN], char meant[static MEANT_LEN]);

// SPDX-License-Identifier: GPL-2.0-or-later
/* test-placement.c - what holds for every placement, on hosts made by chance */

/*
 * Real: placement*.c, which are pure functions.
 * Faked: the host, the INI files and the wishes are values (chance.c). What each rule and
 * each refusal says is in tests/golden/place; here is what must hold for all of them
 * together: nothing is given away twice, nothing more than fits, one size a card, and nobody
 * is refused what is still there at the end.
 */

#include "chance.h"

#define ROUNDS 3000

static struct chance w;

/**
 * struct count - What is on a card in the end
 */
struct count {
	unsigned int of[TYPES], all, sizes;
	unsigned int on[FUNCTIONS];
};

static size_t type_of(const char *id)
{
	for (size_t i = 0; i < TYPES; i++)
		if (strcmp(chance_type[i].id, id) == 0)
			return i;
	fail_msg("no type %s", id);
	return 0;
}

static const struct vgpu_parent *parent_of(const char *name)
{
	const struct vgpu_parent *p = vgpus_parent(&w.v, name);

	assert_non_null(p);
	return p;
}

static void put(struct count *count, const struct vgpu_parent *p, size_t type)
{
	struct count *c = &count[p->card];

	c->of[type]++;
	c->all++;
	if (p->index >= 0)
		c->on[p->index]++;
}

static void count_all(struct count *count)
{
	for (size_t i = 0; i < w.v.n_mdevs; i++)
		put(count, &w.parent[w.mdev[i].parent], w.mdev[i].type);
	for (size_t i = 0; i < w.v.n_parents; i++)
		if (w.parent[i].current[0])
			put(count, &w.parent[i], type_of(w.parent[i].current));
	for (size_t i = 0; i < w.n_reserved; i++)
		put(count, parent_of(w.reserved[i].parent), type_of(w.reserved[i].type));
	for (size_t i = 0; i < w.n; i++)
		if (w.place[i].kind == PLACE_MAKE)
			put(count, parent_of(w.place[i].parent),
			    type_of(w.place[i].type));
}

static unsigned int alike(const struct count *c, size_t type)
{
	unsigned int n = 0;

	for (size_t i = 0; i < TYPES; i++)
		if (chance_type[i].size_mib == chance_type[type].size_mib)
			n += c->of[i];
	return n;
}

static bool has_other_size(const struct count *c, size_t type)
{
	return c->all > alike(c, type);
}

static bool is_mixed(size_t card)
{
	return card == 0 && w.conf.gpu[0].mixed;
}

static void check_card(const struct count *c, size_t card)
{
	for (size_t i = 0; i < FUNCTIONS; i++)
		assert_in_range(c->on[i], 0, 1);
	for (size_t i = 0; i < TYPES; i++) {
		if (c->of[i] > 0 && !is_mixed(card))
			assert_false(has_other_size(c, i));
	}
}

static bool is_given(size_t i, const struct vgpu_parent *p)
{
	struct bdf b;

	if (p->framework == VGPU_MDEV)
		return true;
	assert_int_equal(bdf_parse(p->name, &b), 0);
	return bdf_equal(&w.function[i][0], &b) || bdf_equal(&w.function[i][1], &b);
}

/* a parent that this wish may be put on */
static bool may_be(size_t i, const struct vgpu_parent *p)
{
	return (w.named[i] < 0 || (size_t)w.named[i] == p->card) &&
	       (w.section[i].index < 0 || w.section[i].index == p->index) &&
	       is_given(i, p);
}

static size_t asked_type(size_t i)
{
	for (size_t k = 0; k < TYPES; k++)
		if (vgpu_type_fits(&chance_type[k], w.section[i].type))
			return k;
	fail_msg("no type %s", w.section[i].type);
	return 0;
}

static bool is_unique(size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (strcmp(w.wish[k].uuid, w.wish[i].uuid) == 0)
			return false;
	return !vgpus_mdev(&w.v, w.wish[i].uuid);
}

/* nobody is refused what is still free when all are served */
static void check_refused(const struct count *count, size_t i)
{
	size_t type = asked_type(i);
	bool unique = is_unique(i);

	unit_check_sentence(w.place[i].why);
	assert_memory_equal(w.place[i].why, "vms/a.ini:", 10);
	for (size_t k = 0; unique && k < w.v.n_parents; k++) {
		const struct vgpu_parent *p = &w.parent[k];
		const struct count *c = &count[p->card];

		if (is_mixed(p->card) || has_other_size(c, type) ||
		    alike(c, type) >= chance_type[type].max || !may_be(i, p))
			continue;
		if (p->index >= 0 && (c->on[p->index] || !p->offer[type].n))
			continue;
		fail_msg("wish %zu was refused, and %s is free: %s", i, p->name,
			 w.place[i].why);
	}
}

static void check_place(size_t i)
{
	const struct place *p = &w.place[i];
	const struct vgpu_parent *parent = parent_of(p->parent);

	assert_true(may_be(i, parent));
	assert_int_equal(parent->framework, p->framework);
	assert_int_equal(type_of(p->type), asked_type(i));
	assert_string_equal(p->uuid,
			    parent->framework == VGPU_MDEV ? w.wish[i].uuid : "");
	if (p->kind == PLACE_MAKE)
		assert_true(parent->index < 0 || parent->offer[asked_type(i)].n > 0);
	else if (parent->framework == VGPU_MDEV)
		assert_non_null(vgpus_mdev(&w.v, p->uuid));
	else
		assert_string_equal(parent->current, p->type);
}

/* what is made does not go beyond the number that fits, where it was kept before */
static void check_max(const struct count *count)
{
	for (size_t i = 0; i < w.n; i++) {
		size_t type;

		if (w.place[i].kind != PLACE_MAKE)
			continue;
		type = type_of(w.place[i].type);
		assert_in_range(alike(&count[parent_of(w.place[i].parent)->card], type),
				1, chance_type[type].max);
	}
}

static void place(struct place *ret)
{
	assert_int_equal(
		placement_make(&w.v, &w.conf, w.wish, w.n, w.reserved, w.n_reserved, ret),
		0);
}

static void what_holds_by_chance(void **state)
{
	static struct place again[WISHES];
	unsigned int made = 0, there = 0, refused = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
		struct count count[CARDS] = { 0 };

		chance_make(&w, seed);
		place(w.place);
		count_all(count);
		for (size_t i = 0; i < CARDS; i++)
			check_card(&count[i], i);
		check_max(count);
		for (size_t i = 0; i < w.n; i++) {
			made += w.place[i].kind == PLACE_MAKE;
			there += w.place[i].kind == PLACE_THERE;
			refused += w.place[i].kind == PLACE_REFUSED;
			if (w.place[i].kind == PLACE_REFUSED)
				check_refused(count, i);
			else
				check_place(i);
		}
		memset(again, 0xaa, sizeof(again));
		place(again);
		assert_memory_equal(again, w.place, w.n * sizeof(*again));
	}
	/* the hosts are not so that a branch is never taken */
	assert_true(made > ROUNDS && there > ROUNDS / 20 && refused > ROUNDS);
}

/* ---- a large host ---- */

#define LARGE_CARDS     8
#define LARGE_FUNCTIONS 32
#define LARGE           (LARGE_CARDS * LARGE_FUNCTIONS)

static void eight_cards_full(void **state)
{
	static struct vgpu_card card[LARGE_CARDS];
	static struct vgpu_parent parent[LARGE];
	static struct vgpu_type type = { "nvidia-558", "NVIDIA A40-1Q", 1024, 32 };
	static struct vgpu_offer one = { 0, 1 };
	static struct conf_vgpu section[LARGE];
	static struct conf_host conf;
	static struct wish wish[LARGE];
	static struct place ret[LARGE];
	struct vgpus v = { card, parent, NULL, LARGE_CARDS, LARGE, 0 };

	(void)state;
	for (size_t i = 0; i < LARGE; i++) {
		size_t k = i / LARGE_FUNCTIONS, n = i % LARGE_FUNCTIONS;

		snprintf(card[k].name, sizeof(card[k].name), "0000:%02zx:00.0", k + 1);
		card[k].type = &type;
		card[k].n_types = 1;
		parent[i] = (struct vgpu_parent){ .card = k,
						  .index = (int)n,
						  .framework = VGPU_MDEV,
						  .offer = &one,
						  .n_offers = 1 };
		snprintf(parent[i].name, sizeof(parent[i].name), "0000:%02zx:%02zx.%zx",
			 k + 1, n / 8 + 1, n % 8);
		section[i] =
			(struct conf_vgpu){ .index = -1, .gpu = "any", .type = "A40-1Q" };
		wish[i] = (struct wish){ .file = "vms/a.ini", .conf = &section[i] };
		chance_uuid(wish[i].uuid, (unsigned int)i);
	}
	assert_int_equal(placement_make(&v, &conf, wish, LARGE, NULL, 0, ret), 0);
	for (size_t i = 0; i < LARGE; i++) {
		assert_int_equal(ret[i].kind, PLACE_MAKE);
		assert_string_equal(ret[i].parent, parent[i].name);
	}
	conf.vgpus.spread = true;
	assert_int_equal(placement_make(&v, &conf, wish, LARGE, NULL, 0, ret), 0);
	for (size_t i = 0; i < LARGE; i++)
		assert_string_equal(
			ret[i].parent,
			parent[i % LARGE_CARDS * LARGE_FUNCTIONS + i / LARGE_CARDS].name);
}

/* names as long as they may be: sentences are cut, and nothing is written behind them */
static void longest_names(void **state)
{
	static char file[NAME_LEN + 16];

	(void)state;
	chance_make(&w, 1);
	memset(file, 'f', sizeof(file) - 1);
	w.n = 2;
	for (size_t i = 0; i < w.n; i++) {
		struct conf_vgpu *s = &w.section[i];

		memset(s->name, 'n', sizeof(s->name) - 1);
		memset(s->type, 't', sizeof(s->type) - 1);
		memset(s->gpu, 'g', sizeof(s->gpu) - 1);
		s->index = -1;
		w.wish[i].file = file;
		chance_uuid(w.wish[i].uuid, 500);
	}
	place(w.place);
	unit_check_sentence(w.place[0].why);
	unit_check_sentence(w.place[1].why);
	strcpy(w.section[0].gpu, "any");
	place(w.place);
	assert_int_equal(w.place[0].kind, PLACE_REFUSED);
	unit_check_sentence(w.place[0].why);
}

static void nothing_asked(void **state)
{
	struct conf_host conf = { 0 };
	struct vgpus none = { 0 };
	struct place unused;

	(void)state;
	assert_int_equal(placement_make(&none, &conf, NULL, 0, NULL, 0, &unused), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_holds_by_chance),
		cmocka_unit_test(eight_cards_full),
		cmocka_unit_test(longest_names),
		cmocka_unit_test(nothing_asked),
	};

	return cmocka_run_group_tests_name("placement", tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nvidia-cards.c - which vGPUs the played cards offer, and how many of each are left */
#include "nvidia.h"

/* Numbers and names as drivers have given them; a driver of another version may number them otherwise. */
static const struct vgpu_type p40_types[] = {
	{ 46, "GRID P40-1Q", 1024, 24, -1 },
	{ 47, "GRID P40-2Q", 2048, 12, -1 },
	{ 49, "GRID P40-4Q", 4096, 6, -1 },
	{ 51, "GRID P40-8Q", 8192, 3, -1 },
	{ 52, "GRID P40-12Q", 12288, 2, -1 },
	{ 53, "GRID P40-24Q", 24576, 1, -1 },
	{ 156, "GRID P40-2B", 2048, 12, -1 },
	{ 62, "GRID P40-1B", 1024, 24, -1 },
	{},
};

static const struct vgpu_type a40_types[] = {
	{ 555, "NVIDIA A40-1B", 1024, 32, -1 },
	{ 556, "NVIDIA A40-2B", 2048, 24, -1 },
	{ 557, "NVIDIA A40-1Q", 1024, 32, -1 },
	{ 558, "NVIDIA A40-2Q", 2048, 24, -1 },
	{ 560, "NVIDIA A40-4Q", 4096, 12, -1 },
	{ 562, "NVIDIA A40-8Q", 8192, 6, -1 },
	{ 563, "NVIDIA A40-12Q", 12288, 4, -1 },
	{ 565, "NVIDIA A40-24Q", 24576, 2, -1 },
	{ 566, "NVIDIA A40-48Q", 49152, 1, -1 },
	{ 570, "NVIDIA A40-4A", 4096, 12, -1 },
	{ 572, "NVIDIA A40-8A", 8192, 6, -1 },
	{ 574, "NVIDIA A40-16A", 16384, 3, -1 },
	{ 575, "NVIDIA A40-24A", 24576, 2, -1 },
	{ 576, "NVIDIA A40-48A", 49152, 1, -1 },
	{ 581, "NVIDIA A40-24C", 24576, 2, -1 },
	{ 582, "NVIDIA A40-48C", 49152, 1, -1 },
	{},
};

static const struct vgpu_type a100_types[] = {
	{ 468, "NVIDIA A100-4C", 4096, 10, -1 },
	{ 469, "NVIDIA A100-5C", 5120, 8, -1 },
	{ 470, "NVIDIA A100-8C", 8192, 5, -1 },
	{ 471, "NVIDIA A100-10C", 10240, 4, -1 },
	{ 472, "NVIDIA A100-20C", 20480, 2, -1 },
	{ 473, "NVIDIA A100-40C", 40960, 1, -1 },
	{ 474, "NVIDIA A100-1-5C", 5120, 7, 19 },
	{ 475, "NVIDIA A100-2-10C", 10240, 3, 14 },
	{ 476, "NVIDIA A100-3-20C", 20480, 2, 9 },
	{ 477, "NVIDIA A100-4-20C", 20480, 1, 5 },
	{ 478, "NVIDIA A100-7-40C", 40960, 1, 0 },
	{},
};

static const struct vgpu_type h100_types[] = {
	{ 822, "NVIDIA H100-4C", 4096, 20, -1 },
	{ 824, "NVIDIA H100-8C", 8192, 10, -1 },
	{ 828, "NVIDIA H100-40C", 40960, 2, -1 },
	{ 829, "NVIDIA H100-80C", 81920, 1, -1 },
	{ 830, "NVIDIA H100-1-10C", 10240, 7, 19 },
	{ 832, "NVIDIA H100-2-20C", 20480, 3, 14 },
	{ 833, "NVIDIA H100-3-40C", 40960, 2, 9 },
	{ 835, "NVIDIA H100-7-80C", 81920, 1, 0 },
	{},
};

static const struct profile mig_profiles[PROFILES] = {
	{ 19, 1, 1 }, { 14, 2, 2 }, { 9, 3, 4 }, { 5, 4, 4 }, { 0, 7, 8 },
};

static const struct card cards[] = {
	{ LAB_GPUS_P40, "Tesla P40", 24576, p40_types, NULL, false },
	{ LAB_GPUS_A40, "NVIDIA A40", 49152, a40_types, NULL, false },
	{ LAB_GPUS_A100, "NVIDIA A100-PCIE-40GB", 40960, a100_types, mig_profiles,
	  false },
	{ LAB_GPUS_H100, "NVIDIA H100 PCIe", 81920, h100_types, mig_profiles, true },
};

const struct card *card_find(u16 device)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(cards); i++) {
		if (cards[i].device == device)
			return &cards[i];
	}
	return NULL;
}

const struct vgpu_type *card_type(const struct card *card, unsigned int id)
{
	const struct vgpu_type *type;

	for (type = card->types; type->name; type++) {
		if (type->id == id)
			return type;
	}
	return NULL;
}

/* The index of a MIG profile, or -1 */
int card_profile(const struct card *card, int id)
{
	int i;

	for (i = 0; card->profiles && i < PROFILES; i++) {
		if (card->profiles[i].id == id)
			return i;
	}
	return -1;
}

/* A MIG vGPU takes a whole instance of its profile. */
static unsigned int available_mig(const struct gpu *gpu, const struct vgpu_type *type)
{
	int profile = card_profile(gpu->card, type->profile);
	unsigned int left = profile < 0 ? 0 : gpu->instances[profile];
	const struct vgpu *v;

	list_for_each_entry(v, &gpu->vgpus, list)
	{
		if (v->type->profile == type->profile && left > 0)
			left--;
	}
	return left;
}

/* Of different sizes: what the memory still holds; and fewer of one type, because they need places of equal size. */
static unsigned int available_mixed(const struct gpu *gpu, const struct vgpu_type *type)
{
	unsigned int used = 0, same = 0, max = rounddown_pow_of_two(type->max);
	const struct vgpu *v;

	list_for_each_entry(v, &gpu->vgpus, list)
	{
		used += v->type->fb;
		same += v->type->fb == type->fb;
	}
	if (used > gpu->card->fb || same > max)
		return 0;
	return min((gpu->card->fb - used) / type->fb, max - same);
}

/* Of equal size: the first vGPU says of which; Q, C, B and A may mix. */
static unsigned int available_equal(const struct gpu *gpu, const struct vgpu_type *type)
{
	unsigned int used = 0;
	const struct vgpu *v;

	list_for_each_entry(v, &gpu->vgpus, list)
	{
		if (v->type->fb != type->fb)
			return 0;
		used++;
	}
	return used < type->max ? type->max - used : 0;
}

/* How many of this type the card can still make. */
unsigned int gpu_available(const struct gpu *gpu, const struct vgpu_type *type)
{
	if (gpu->mig != (type->profile >= 0))
		return 0;
	if (gpu->mig)
		return available_mig(gpu, type);
	return gpu->mixed ? available_mixed(gpu, type) : available_equal(gpu, type);
}

/* One more MIG instance of this profile (its index) has room. */
bool gpu_instance_fits(const struct gpu *gpu, int profile)
{
	const struct profile *p = gpu->card->profiles;
	unsigned int compute = p[profile].compute, memory = p[profile].memory;
	int i;

	for (i = 0; i < PROFILES; i++) {
		compute += gpu->instances[i] * p[i].compute;
		memory += gpu->instances[i] * p[i].memory;
	}
	return compute <= 7 && memory <= 8;
}

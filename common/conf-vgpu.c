// SPDX-License-Identifier: GPL-2.0-or-later
/* conf-vgpu.c - values of [vgpu NAME], and what they say together */

#include "conf-schema.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#define GPU_CHARS "abcdefghijklmnopqrstuvwxyz0123456789_.-"
#define INDEX_MAX 65534 /* sriov_totalvfs has 16 bits, and the first is 0 */

void *conf_vgpu_open(void *conf, const char *name, unsigned int line,
		     char ret_why[static WHY_LEN])
{
	struct conf_vm *c = conf;
	struct conf_vgpu v = { .line = line, .index = -1 };

	if (text_copy(v.name, sizeof(v.name), name)) {
		why(ret_why, "the name may have at most %zu characters",
		    sizeof(v.name) - 1);
		return NULL;
	}
	for (size_t i = 0; i < c->n_vgpus; i++) {
		if (strcmp(c->vgpu[i].name, name))
			continue;
		why(ret_why, "there is one of that name in line %u; write another name",
		    c->vgpu[i].line);
		return NULL;
	}
	if (c->n_vgpus == VGPUS_MAX) {
		why(ret_why, "a VM may have at most %d vGPUs; remove one", VGPUS_MAX);
		return NULL;
	}
	c->vgpu[c->n_vgpus] = v;
	return &c->vgpu[c->n_vgpus++];
}

static void to_lower(char *s)
{
	for (; *s; s++)
		*s = (char)tolower((unsigned char)*s);
}

int conf_set_uuid(void *conf, const struct conf_key *key, const char *value,
		  char ret_why[static WHY_LEN])
{
	char uuid[UUID_LEN] = "";
	int r = text_copy(uuid, sizeof(uuid), value);

	to_lower(uuid);
	if (r || (*uuid && !text_is_uuid(uuid))) {
		why(ret_why,
		    "write a UUID as uuidgen prints it, such as 2f82ee72-3ac5-4615-9c0b-327c12e8c83d, or nothing for the one that the domain XML names");
		return -EINVAL;
	}
	return text_copy(conf_field(conf, key), key->size, uuid);
}

int conf_set_type(void *conf, const struct conf_key *key, const char *value,
		  char ret_why[static WHY_LEN])
{
	if (text_copy(conf_field(conf, key), key->size, value) == 0)
		return 0;
	why(ret_why,
	    "the name of a type has at most %zu characters, such as NVIDIA A40-24A",
	    key->size - 1);
	return -EINVAL;
}

/* Cuts "/N" off @gpu. */
static int split_index(char *gpu, int *ret)
{
	char *slash = strrchr(gpu, '/');
	uint64_t n;

	*ret = -1;
	if (!slash)
		return 0;
	if (text_number(slash + 1, INDEX_MAX, &n))
		return -EINVAL;
	*slash = '\0';
	*ret = (int)n;
	return 0;
}

int conf_set_gpu(void *conf, const struct conf_key *key, const char *value,
		 char ret_why[static WHY_LEN])
{
	struct conf_vgpu *v = conf_field(conf, key);
	char gpu[sizeof(v->gpu)] = "", address[BDF_LEN];
	int index = -1,
	    r = text_copy(gpu, sizeof(gpu), value) ?: split_index(gpu, &index);
	struct bdf bdf;

	/* as names of sections, which iniparser has in lower case */
	to_lower(gpu);
	if (!r && !bdf_parse(gpu, &bdf)) {
		bdf_format(&bdf, address);
		r = text_copy(gpu, sizeof(gpu), address);
	} else if (!r && (!*gpu || strspn(gpu, GPU_CHARS) != strlen(gpu))) {
		r = -EINVAL;
	}
	if (r) {
		why(ret_why,
		    "write any, the NAME of a [gpu NAME] of host.ini, an address such as 0000:e8:00.0, or a device such as mbochs; with /3 behind it for virtual function 3");
		return -EINVAL;
	}
	if (index >= 0 && !strcmp(gpu, "any")) {
		why(ret_why,
		    "a virtual function has a number on its own card only; write any, or a card in front of /%d",
		    index);
		return -EINVAL;
	}
	v->index = index;
	return text_copy(v->gpu, sizeof(v->gpu), gpu);
}

static int check_alone(const struct conf_vgpu *v, char ret_why[static WHY_LEN])
{
	if (*v->type)
		return 0;
	if (*v->uuid)
		why(ret_why,
		    "a UUID is that of a mediated device, and that has a type; add a line such as type = NVIDIA A40-24A, or remove uuid");
	else if (!v->at_boot)
		why(ret_why,
		    "what has no type is a virtual function, and is made at boot; remove create, or add a line such as type = NVIDIA A40-24A");
	else
		return 0;
	return -EINVAL;
}

/* Two that could not both be made */
static int check_pair(const struct conf_vgpu *a, const struct conf_vgpu *b,
		      char ret_why[static WHY_LEN])
{
	if (*a->uuid && !strcmp(a->uuid, b->uuid))
		why(ret_why, "[vgpu %s] in line %u has the same uuid; write another one",
		    a->name, a->line);
	else if (a->index >= 0 && a->index == b->index && !strcmp(a->gpu, b->gpu))
		why(ret_why,
		    "[vgpu %s] in line %u has virtual function %d of %s too, and each is one vGPU; write another number",
		    a->name, a->line, a->index, a->gpu);
	else
		return 0;
	return -EINVAL;
}

int conf_vgpus_check(const struct conf_vm *c, char ret_why[static WHY_LEN])
{
	char what[WHY_LEN];

	for (size_t i = 0; i < c->n_vgpus; i++) {
		const struct conf_vgpu *v = &c->vgpu[i];
		int r = check_alone(v, what);

		for (size_t k = 0; k < i && !r; k++)
			r = check_pair(&c->vgpu[k], v, what);
		if (r) {
			why(ret_why, "%s:%u: [vgpu %s]: %s", c->shown, v->line, v->name,
			    what);
			return r;
		}
	}
	return 0;
}

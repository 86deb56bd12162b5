// SPDX-License-Identifier: GPL-2.0-or-later
/* libvirt-xml.c - every domain and network XML of libvirt's own tests is read, or refused for a reason */

#include "base.h"
#include "file.h"
#include "guest.h"
#include "network.h"
#include "text.h"

#include "../../helpers/domain-text.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * usage: libvirt-xml < LIST
 *
 * A line of LIST is "good FILE" or "bad FILE": whether it is XML at all. Good ones with a
 * <domain> or a <network> have to be read; what is refused is printed with its reason, and
 * the caller knows which reasons are right.
 */

/* One sentence, as a person would get it */
static bool is_sentence(const char *why)
{
	return strlen(why) >= 8 && strlen(why) < WHY_LEN && text_is_clean(why);
}

static bool read_domain(const char *xml, size_t len, const char *path)
{
	char why[WHY_LEN] = "";
	struct domain_text t = { .n = 0 };
	struct guest g;
	int r = guest_parse(xml, len, &g, why);

	if (r < 0) {
		printf("refused %s: %s\n", path, why);
		return is_sentence(why);
	}
	if (domain_text_look(xml, &t) == 0) {
		if (t.n > g.n_hostdevs + g.n_mdevs) {
			printf("wrong %s: %zu devices in the text, %zu in the VM\n", path,
			       t.n, g.n_hostdevs + g.n_mdevs);
			r = -EINVAL;
		}
		domain_text_free(&t);
	}
	guest_free(&g);
	if (r == 0)
		printf("read %s\n", path);
	return r == 0;
}

static bool read_network(const char *xml, size_t len, const char *path)
{
	struct network n;
	int r = network_parse(xml, len, "52:54:00:aa:bb:cc", "x", &n);

	printf(r < 0 ? "refused %s: %s\n" : "read %s\n", path, strerror(-r));
	return true;
}

static bool read_file(const char *path, bool good)
{
	CLEANUP(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	CLEANUP(free_ptr) char *xml = NULL;
	ssize_t len = fd < 0 ? -errno : file_read_all(fd, GUEST_XML_MAX, &xml);
	struct guest g;
	char why[WHY_LEN] = "";

	if (len < 0) {
		printf("wrong %s: %s\n", path, strerror((int)-len));
		return false;
	}
	if (good && strstr(xml, "<domain") && !strstr(xml, "<network"))
		return read_domain(xml, (size_t)len, path);
	if (good && strstr(xml, "<network"))
		return read_network(xml, (size_t)len, path);
	/* something else, or no XML: refused, and nothing more */
	if (guest_parse(xml, (size_t)len, &g, why) < 0)
		return is_sentence(why);
	guest_free(&g);
	printf("%s %s\n", good ? "read" : "wrong", path);
	return good;
}

int main(void)
{
	CLEANUP(free_ptr) char *line = NULL;
	size_t size = 0, n = 0, wrong = 0;
	ssize_t len;

	while ((len = getline(&line, &size, stdin)) > 0) {
		char *path = strchr(line, ' ');

		line[strcspn(line, "\n")] = '\0';
		if (!path)
			continue;
		n++;
		wrong += !read_file(path + 1, strncmp(line, "good", 4) == 0);
	}
	fprintf(stderr, "%zu files, %zu wrong\n", n, wrong);
	return n && !wrong ? 0 : 1;
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* systemctl.c - a systemctl whose units are files in /units that hold a state */

/*
 * Faked after systemctl(1) of systemd 252: show, is-active, start, stop, restart and
 * reset-failed for one or more units. A unit without a file is not loaded: show calls it
 * inactive, start and stop exit with 5. The state is changed by one write, as systemd
 * changes it at one moment, whenever systemctl is killed. A file /units/UNIT.fail makes
 * start and stop of that unit fail with 1; a file /units/UNIT.hang makes them never
 * return. With a file /units/UNIT.job a job waits to stop it, whose place start takes. With
 * a file /units/.silent nothing is answered, as by a systemd that hangs; with
 * /units/.gone there is no bus.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define STATE_FORMAT   "%-12s\n"
#define PROPERTIES_MAX 4

static bool has_flag(const char *unit, const char *flag)
{
	char path[512];

	snprintf(path, sizeof(path), "/units/%s.%s", unit, flag);
	return access(path, F_OK) == 0;
}

static void drop_flag(const char *unit, const char *flag)
{
	char path[512];

	snprintf(path, sizeof(path), "/units/%s.%s", unit, flag);
	unlink(path);
}

static bool read_state(const char *unit, char ret[static 16])
{
	char path[512];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/units/%s", unit);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = read(fd, ret, 15);
	close(fd);
	ret[n > 0 ? n : 0] = '\0';
	ret[strcspn(ret, " \n")] = '\0';
	return true;
}

static int write_state(const char *unit, const char *state)
{
	char path[512], text[16];
	int fd, len = snprintf(text, sizeof(text), STATE_FORMAT, state);
	bool ok;

	snprintf(path, sizeof(path), "/units/%s", unit);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	ok = fd >= 0 && write(fd, text, (size_t)len) == len;
	if (fd >= 0)
		close(fd);
	return ok ? 0 : 1;
}

static int show(const char *unit, const char *property, bool value)
{
	char state[16] = "inactive";
	const char *text = "";
	bool loaded = read_state(unit, state);

	if (strcmp(property, "ActiveState") == 0)
		text = state;
	else if (strcmp(property, "LoadState") == 0)
		text = loaded ? "loaded" : "not-found";
	else if (strcmp(property, "Id") == 0)
		text = unit;
	else if (strcmp(property, "Job") == 0)
		text = has_flag(unit, "job") ? "7" : "";
	printf("%s%s%s\n", value ? "" : property, value ? "" : "=", text);
	return 0;
}

static int change(const char *verb, const char *unit)
{
	char now[16];
	bool stop = strcmp(verb, "stop") == 0;

	if (!read_state(unit, now)) {
		fprintf(stderr, "Failed to %s %s: Unit %s not loaded.\n", verb, unit,
			unit);
		return 5;
	}
	if (strcmp(verb, "reset-failed") == 0)
		return strcmp(now, "failed") == 0 ? write_state(unit, "inactive") : 0;
	while (has_flag(unit, "hang"))
		pause();
	if (has_flag(unit, "fail")) {
		fprintf(stderr, "Job for %s failed.\n", unit);
		return 1;
	}
	drop_flag(unit, "job");
	return write_state(unit, stop ? "inactive" : "active");
}

static int run(const char *verb, const char *unit, char *const properties[], bool value)
{
	static const char *const changes[] = { "start", "stop", "restart",
					       "reset-failed" };
	char state[16] = "inactive";

	for (size_t i = 0; strcmp(verb, "show") == 0; i++)
		if (!properties[i] || show(unit, properties[i], value) != 0)
			return 0;
	if (strcmp(verb, "is-active") == 0) {
		read_state(unit, state);
		printf("%s\n", state);
		return strcmp(state, "active") == 0 ? 0 : 3;
	}
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++)
		if (strcmp(verb, changes[i]) == 0)
			return change(verb, unit);
	fprintf(stderr, "Unknown command verb %s.\n", verb);
	return 1;
}

int main(int argc, char **argv)
{
	char *properties[PROPERTIES_MAX + 1] = { "ActiveState" };
	bool value = false, options = true;
	const char *verb = NULL;
	size_t n = 0;
	int r = 0;

	while (has_flag("", "silent"))
		pause();
	if (has_flag("", "gone")) {
		fprintf(stderr, "Failed to connect to bus: No such file or directory\n");
		return 1;
	}

	for (int i = 1; i < argc; i++) {
		const char *a = argv[i];

		if (options && strcmp(a, "--") == 0)
			options = false;
		else if (options && strncmp(a, "--property=", 11) == 0 &&
			 n < PROPERTIES_MAX)
			properties[n++] = argv[i] + 11;
		else if (options && (strcmp(a, "-p") == 0 || strcmp(a, "-P") == 0)) {
			value |= a[1] == 'P';
			properties[n++ % PROPERTIES_MAX] = argv[++i];
		} else if (options && strcmp(a, "--value") == 0)
			value = true;
		else if (options && a[0] == '-')
			continue; /* --no-pager, --quiet, --no-ask-password, --no-block */
		else if (!verb)
			verb = a;
		else {
			int one = run(verb, a, properties, value);

			r = r ? r : one;
		}
	}
	return verb ? r : 1;
}

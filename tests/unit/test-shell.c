// SPDX-License-Identifier: GPL-2.0-or-later
/* test-shell.c - a script of the shell as its commands, with its loops written out */

/*
 * Real: shell-*.c, which read and start nothing. Nothing is faked.
 */

#include "shell-words.h"
#include "unit.h"

/* The commands of a text, as they come: words, > file, | piped, ? under a condition */
static int note_command(void *data, const struct shell_command *c)
{
	char *to = data;
	size_t len = strlen(to), size = 1024;

	len += (size_t)snprintf(to + len, size - len, "%u%s%s:", c->line,
				c->piped ? "|" : "", c->maybe ? "?" : "");
	for (size_t i = 0; i < c->n; i++)
		len += (size_t)snprintf(to + len, size - len, "%s%s", i ? " " : "",
					c->word[i].text);
	if (c->out)
		len += (size_t)snprintf(to + len, size - len, " > %s", c->out->text);
	if (c->problem)
		len += (size_t)snprintf(to + len, size - len, "!%s", c->problem);
	snprintf(to + len, size - len, "; ");
	return 0;
}

static void shell(void **state)
{
	static const char *const rows[][2] = {
		{ "a > b 2>&1 c", "1:a c > b; " },
		{ "a 2> b >>d", "1:a > d; " },
		{ "a 1>b; c 3>d; e <f", "1:a > b; 1:c; 1:e; " },
		{ "a >&2 >|b", "1:a > b; " },
		{ "a > 'b c'", "1:a > b c; " },
		{ "a | b |\nc || d && e; f", "1:a; 1|:b; 2|:c; 2?:d; 2?:e; 2:f; " },
		{ "if a; then b; fi; c", "1:if a; 1?:then b; 1?:fi; 1:c; " },
		{ "for i in 1 2; do a$i; done; b",
		  "1:for i in 1 2; 1:do a1; 1:done; 1:do a2; 1:done; 1:b; " },
		{ "for i in 1 2\ndo\n\ta $i > $i\ndone\nb $i",
		  "1:for i in 1 2; 2:do; 3:a 1 > 1; 4:done; 2:do; 3:a 2 > 2; 4:done; 5:b $i; " },
		{ "for i in {3..4}; do for k in x y; do a $i$k; done; done",
		  "1:for i in {3..4}; 1:do for k in x y; 1:do a 3x; 1:done; 1:do a 3y; 1:done; 1:done; "
		  "1:do for k in x y; 1:do a 4x; 1:done; 1:do a 4y; 1:done; 1:done; " },
		{ "for i in *; do a $i; done; b",
		  "1:for i in *; 1?:do a $i; 1?:done; 1:b; " },
		{ "for i in $(x); do a $i; done",
		  "1:for i in $(x); 1?:do a $i; 1?:done; " },
		{ "while x; do for i in 1 2; do a $i; done; done; b",
		  "1:while x; 1?:do for i in 1 2; 1?:do a 1; 1?:done; 1?:do a 2; 1?:done; 1?:done; 1:b; " },
		{ "L='x y'\nfor i in $L \\\nz; do a $i; done",
		  "1:L=x y; 2:for i in x y z; 2:do a x; 2:done; 2:do a y; 2:done; 2:do a z; 2:done; " },
		{ "a \"b \\\"c\\\" \\$d\" $(e $(f) g) h",
		  "1:a b \"c\" $d $(e $(f) g) h; " },
		{ "A=1; a $A; A+=2; a $A", "1:A=1; 1:a 1; 1:A+=2; 1:a $A; " },
		{ "export A=1 B=2\na $A$B", "1:export A=1 B=2; 2:a 12; " },
		/* what one branch sets is not known in the next one */
		{ "case $1 in\nx) A=2; a $A ;;\ny) a $A ;;\nesac",
		  "1:case $1 in; 2?:x; 2?:A=2; 2?:a 2; 3?:y; 3?:a $A; 4?:esac; " },
		{ "done; done; a", "1:done; 1:done; 1:a; " },
		{ "for i in 1 2; do a $i", "1:for i in 1 2; 1:do a 1; " },
		{ "for i; do a; done", "1:for i; 1?:do a; 1?:done; " },
	};
	char have[1024];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		have[0] = '\0';
		assert_int_equal(
			shell_each(rows[i][0], strlen(rows[i][0]), note_command, have),
			0);
		assert_string_equal(have, rows[i][1]);
	}
}

/* A value that is too long to be an address is not cut, and the one before is gone. */
static void long_value(void **state)
{
	char text[512] = "A=1; A=", have[1024] = "";

	(void)state;
	memset(text + 7, 'v', 255);
	strcpy(text + 262, "; a $A");
	assert_int_equal(shell_each(text, strlen(text), note_command, have), 0);
	assert_non_null(strstr(have, "; 1:a vvv"));
	strcpy(text + 262, "v; a $A");
	have[0] = '\0';
	assert_int_equal(shell_each(text, strlen(text), note_command, have), 0);
	assert_non_null(strstr(have, "; 1:a $A; "));
}

static int count_problem(void *data, const struct shell_command *c)
{
	*(unsigned int *)data += c->problem != NULL;
	return 0;
}

/* A text that would go on for long ends, and says so. */
static void many_turns(void **state)
{
	static const char text[] =
		"for a in {1..99}; do for b in {1..99}; do for c in {1..99}; do x; done; done; done\ny\n";
	unsigned int problems = 0;

	(void)state;
	assert_int_equal(shell_each(text, strlen(text), count_problem, &problems), 0);
	assert_int_equal(problems, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shell),
		cmocka_unit_test(long_value),
		cmocka_unit_test(many_turns),
	};

	return cmocka_run_group_tests_name("shell", tests, NULL, NULL);
}

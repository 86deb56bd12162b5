// SPDX-License-Identifier: GPL-2.0-or-later
/* edit-program.c - the editor that a person likes */

#include "edit-program.h"

#include "text.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORDS_MAX 8
#define NOT_FOUND 127 /* as shells say it */

/* does not return, unless there is no such program */
static void become(const char *editor, const char *file)
{
	static char word[WORDS_MAX][256]; /* in the child only */
	char *argv[WORDS_MAX + 2];
	size_t n = 0;

	while (editor && n < WORDS_MAX &&
	       text_next_word(&editor, word[n], sizeof(word[n])) > 0) {
		argv[n] = word[n];
		n++;
	}
	if (n == 0)
		return;
	argv[n++] = (char *)file;
	argv[n] = NULL;
	execvp(argv[0], argv);
}

static void become_any(const char *file)
{
	become(getenv("VISUAL"), file);
	become(getenv("EDITOR"), file);
	become("sensible-editor", file);
	become("editor", file);
	become("vi", file);
	_exit(NOT_FOUND);
}

static int wait_for(pid_t pid, int *ret_status)
{
	pid_t r;

	do
		r = waitpid(pid, ret_status, 0);
	while (r < 0 && errno == EINTR);
	return r < 0 ? -errno : 0;
}

int edit_run(const char *file, char ret_why[static WHY_LEN])
{
	/* what is typed there is meant for the editor */
	void (*interrupt)(int) = signal(SIGINT, SIG_IGN);
	void (*quit)(int) = signal(SIGQUIT, SIG_IGN);
	int status = 0, r;
	pid_t pid = fork();

	if (pid == 0) {
		signal(SIGINT, interrupt);
		signal(SIGQUIT, quit);
		become_any(file);
	}
	r = pid < 0 ? -errno : wait_for(pid, &status);
	signal(SIGINT, interrupt);
	signal(SIGQUIT, quit);
	if (r < 0) {
		why(ret_why, "the editor cannot be started: %s", strerror(-r));
		return r;
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_FOUND) {
		why(ret_why, "there is no editor: set EDITOR, or install one");
		return -ENOENT;
	}
	why(ret_why, "the editor has failed: nothing was saved");
	return -ECANCELED;
}

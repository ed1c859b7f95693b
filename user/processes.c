// SPDX-License-Identifier: MIT
/* fork, vfork, execve and waiting. TAP on standard output; runs itself with arguments. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "tap.h"

#define STORM 200

static char *self;

static pid_t child_that_exits(int code)
{
	pid_t pid = fork();

	if (!pid)
		_exit(code);
	return pid;
}

static void check_fork(void)
{
	int status, value = 1;
	pid_t pid = fork();

	if (!pid) {
		value = 2;
		_exit(getppid() > 0 && value == 2 ? 42 : 1);
	}
	tap_true("fork gives the parent a number", pid > 0);
	tap_answer("waitpid of it", waitpid(pid, &status, 0), pid);
	tap_answer("its exit code arrives", status, 42 << 8);
	tap_answer("its memory is its own", value, 1);
	tap_answer("there is nothing more to wait for", RAW(SYS_wait4, -1, 0, 0, 0), -ECHILD);
}

static void check_wait_answers(void)
{
	int status = 77;
	siginfo_t info;
	pid_t pid;

	tap_answer("wait4 of nobody's number", RAW(SYS_wait4, 99999, 0, 0, 0), -ECHILD);
	tap_answer("wait4 with an option that is none", RAW(SYS_wait4, -1, 0, 0x10000, 0), -EINVAL);
	tap_answer("waitid without a state", RAW(SYS_waitid, P_ALL, 0, 0, WNOHANG, 0), -EINVAL);
	tap_answer("waitid of no kind", RAW(SYS_waitid, 9, 0, 0, WEXITED, 0), -EINVAL);
	pid = child_that_exits(3);
	memset(&info, 0, sizeof(info));
	tap_answer("waitid with WNOWAIT",
		   RAW(SYS_waitid, P_PID, pid, WORD(&info), WEXITED | WNOWAIT, 0), 0);
	tap_true("says who, how and what", info.si_pid == pid && info.si_code == CLD_EXITED &&
						   info.si_status == 3 && info.si_signo == SIGCHLD);
	tap_answer("and leaves the child to be waited for", waitpid(pid, &status, WNOHANG), pid);
	tap_answer("with its code", status, 3 << 8);
	pid = child_that_exits(4);
	tap_answer("wait4 with a bad status address", RAW(SYS_wait4, pid, 8, 0, 0), -EFAULT);
	tap_answer("has reaped the child all the same", RAW(SYS_wait4, pid, 0, 0, 0), -ECHILD);
}

static void check_nohang(void)
{
	int go[2], status;
	char byte;
	pid_t pid;
	siginfo_t info = { .si_pid = 5 };

	if (pipe(go))
		return tap_true("pipe", 0);
	pid = fork();
	if (!pid) {
		close(go[1]);
		_exit(read(go[0], &byte, 1) != 0);
	}
	tap_answer("WNOHANG while the child runs", RAW(SYS_wait4, pid, 0, WNOHANG, 0), 0);
	tap_answer("waitid likewise",
		   RAW(SYS_waitid, P_PID, pid, WORD(&info), WEXITED | WNOHANG, 0), 0);
	tap_answer("with no number", info.si_pid, 0);
	close(go[0]);
	close(go[1]);
	tap_answer("then it is waited for", waitpid(-1, &status, 0), pid);
	tap_answer("and ended well", status, 0);
}

static void check_storm(void)
{
	long sum = 0, count = 0;
	int status;

	for (int i = 0; i < STORM; i++) {
		if (child_that_exits(i & 127) < 0)
			break;
		while (waitpid(-1, &status, i % 16 == 15 ? 0 : WNOHANG) > 0) {
			count++;
			sum += status >> 8;
		}
	}
	while (waitpid(-1, &status, 0) > 0) {
		count++;
		sum += status >> 8;
	}
	tap_answer("every child of a storm is reaped once", count, STORM);
	tap_answer("with its own code", sum, 127 * 128 / 2 + (STORM - 129) * (STORM - 128) / 2);
}

/* A grandchild outlives its parent: it belongs to init then. */
static void check_orphan(void)
{
	int line[2], status;
	pid_t parent[2] = { 0, 0 }, pid;

	if (pipe(line))
		return tap_true("pipe", 0);
	pid = fork();
	if (!pid) {
		pid_t me = getpid();

		if (!fork()) {
			while (getppid() == me)
				sched_yield();
			parent[0] = getppid();
			parent[1] = me;
			_exit(write(line[1], parent, sizeof(parent)) != sizeof(parent));
		}
		_exit(0);
	}
	waitpid(pid, &status, 0);
	close(line[1]);
	tap_answer("the orphan speaks", read(line[0], parent, sizeof(parent)), sizeof(parent));
	tap_true("and has another parent now", parent[0] != parent[1] && parent[1] == pid);
	close(line[0]);
	while (getpid() == 1 && waitpid(-1, &status, 0) > 0)
		;
}

static void check_vfork(void)
{
	static volatile int shared;
	int status;
	pid_t pid = vfork();

	if (!pid) {
		shared = 9;
		_exit(6);
	}
	tap_answer("vfork's child has run before the parent goes on", shared, 9);
	tap_answer("and is waited for", waitpid(pid, &status, 0), pid);
	tap_answer("with its code", status, 6 << 8);
}

static int run_self(const char *mode, char *const envp[])
{
	char *argv[] = { self, (char *)mode, "two words", "", NULL };
	int status = -1;
	pid_t pid = vfork();

	if (!pid) {
		execve(self, argv, envp);
		_exit(99);
	}
	waitpid(pid, &status, 0);
	return status;
}

static void check_exec(void)
{
	char *const envp[] = { "ONE=1", "EMPTY=", NULL };
	char *const argv[] = { self, NULL };

	tap_answer("execve passes arguments and environment", run_self("-arguments", envp), 0);
	tap_answer("close-on-exec closes, and only that", run_self("-files", envp), 0);
	tap_answer("a thread's execve ends the others and takes the number",
		   run_self("-thread", envp), 0);
	tap_answer("execve of NULL", RAW(SYS_execve, 0, 0, 0), -EFAULT);
	tap_answer("execve of nothing", RAW(SYS_execve, WORD(""), 0, 0), -ENOENT);
	tap_answer("execve of what is not there", RAW(SYS_execve, WORD("/no/such"), WORD(argv), 0),
		   -ENOENT);
	tap_answer("execve of a directory", RAW(SYS_execve, WORD("/"), WORD(argv), 0), -EACCES);
	tap_answer("execve with bad arguments", RAW(SYS_execve, WORD(self), 8, 0), -EFAULT);
	tap_answer("execve with a bad first argument",
		   RAW(SYS_execve, WORD(self), WORD(((void *[]){ (void *)8, NULL })), 0), -EFAULT);
	tap_answer("execve with a bad environment", RAW(SYS_execve, WORD(self), WORD(argv), 8),
		   -EFAULT);
	tap_answer("execve of a device", RAW(SYS_execve, WORD("/dev/null"), WORD(argv), 0),
		   -EACCES);
}

static void check_long_arguments(void)
{
	size_t bytes = 128 << 10;
	char *text =
		mmap(NULL, bytes + 1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *argv[] = { self, text, NULL };

	memset(text, 'x', bytes);
	tap_answer("execve with an argument of 128 KiB", RAW(SYS_execve, WORD(self), WORD(argv), 0),
		   -E2BIG);
}

static void check_clone_answers(void)
{
	tap_answer("clone: CLONE_THREAD without CLONE_SIGHAND",
		   RAW(SYS_clone, CLONE_THREAD, 0, 0, 0, 0), -EINVAL);
	tap_answer("clone: CLONE_SIGHAND without CLONE_VM",
		   RAW(SYS_clone, CLONE_SIGHAND, 0, 0, 0, 0), -EINVAL);
}

/* What the program does when it is run by itself. */

static int arguments_are_right(int argc, char **argv, char **envp)
{
	return argc == 4 && !strcmp(argv[2], "two words") && !*argv[3] && !argv[4] &&
	       !strcmp(envp[0], "ONE=1") && !strcmp(envp[1], "EMPTY=") && !envp[2];
}

static int files_are_right(char **argv)
{
	static char *const none[] = { NULL };
	int plain = dup(1), closing = dup3(1, plain + 1, O_CLOEXEC);
	char *next[] = { self, "-files-after", plain == 3 ? "3" : "?", NULL };

	if (closing != plain + 1 || argv[4])
		return 0;
	execve(self, next, none);
	return 0;
}

static char *thread_number[] = { NULL, "-number", NULL, NULL };

static void *exec_in_thread(void *argument)
{
	static char *const none[] = { NULL };

	(void)argument;
	execve(self, thread_number, none);
	_exit(97);
}

static void thread_execs(void)
{
	static char number[16];
	pthread_t thread;

	snprintf(number, sizeof(number), "%d", getpid());
	thread_number[0] = self;
	thread_number[2] = number;
	if (pthread_create(&thread, NULL, exec_in_thread, NULL))
		_exit(98);
	for (;;)
		pause();
}

static int run_by_itself(int argc, char **argv, char **envp)
{
	if (!strcmp(argv[1], "-arguments"))
		return !arguments_are_right(argc, argv, envp);
	if (!strcmp(argv[1], "-files"))
		return !files_are_right(argv);
	if (!strcmp(argv[1], "-files-after"))
		return !(fcntl(atoi(argv[2]), F_GETFD) == 0 &&
			 fcntl(atoi(argv[2]) + 1, F_GETFD) < 0);
	if (!strcmp(argv[1], "-thread"))
		thread_execs();
	if (!strcmp(argv[1], "-number"))
		return !(atoi(argv[2]) == getpid() && RAW(SYS_gettid) == getpid());
	return 98;
}

int main(int argc, char **argv, char **envp)
{
	self = argv[0];
	if (argc > 1 && argv[1][0] == '-')
		return run_by_itself(argc, argv, envp);
	check_fork();
	check_wait_answers();
	check_nohang();
	check_storm();
	check_orphan();
	check_vfork();
	check_exec();
	check_long_arguments();
	check_clone_answers();
	return tap_end();
}

// SPDX-License-Identifier: MIT
/* Each byte of the headers of a small program (`fresh`, which lies next to this one), changed in
 * three ways: what comes of it is an error, a fatal signal or a program that ends, and never more.
 * TAP on standard output. */
#define _GNU_SOURCE
#include <elf.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "scratch.h"
#include "tap.h"

static unsigned char image[64 << 10];
static long image_bytes;

static long read_image(const char *self)
{
	char path[256];
	const char *slash = strrchr(self, '/');
	int fd;

	snprintf(path, sizeof(path), "%.*sfresh", slash ? (int)(slash - self) + 1 : 0, self);
	fd = open(path, O_RDONLY);
	image_bytes = fd < 0 ? 0 : read(fd, image, sizeof(image));
	close(fd);
	return image_bytes;
}

static void write_mutant(long at, unsigned char byte)
{
	unsigned char was = image[at];
	int fd = open("mutant", O_CREAT | O_TRUNC | O_WRONLY, 0755);

	image[at] = byte;
	if (fd < 0 || write(fd, image, (size_t)image_bytes) != image_bytes)
		_exit(3);
	image[at] = was;
	close(fd);
}

/* The wait status of what is in the file; 255 << 8: execve refused it. */
static int run(void)
{
	int status = -1;
	pid_t pid = fork();

	if (!pid) {
		alarm(20);
		execl("mutant", "mutant", NULL);
		_exit(255);
	}
	waitpid(pid, &status, 0);
	return status;
}

static int is_harmless(int status)
{
	int signal = status & 0x7f;

	return !signal || signal == SIGSEGV || signal == SIGBUS || signal == SIGILL ||
	       signal == SIGKILL || signal == SIGTRAP || signal == SIGFPE;
}

int main(int argc, char **argv)
{
	long wrong = 0, ended = 0, refused = 0, headers;
	const Elf64_Ehdr *header = (const void *)image;

	(void)argc;
	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
	tap_true("the program is there", read_image(argv[0]) > (long)sizeof(*header));
	headers = (long)header->e_phoff + header->e_phnum * (long)sizeof(Elf64_Phdr);
	scratch_enter();
	write_mutant(0, image[0]);
	tap_answer("as it is it runs", run(), 0);
	for (long at = 0; at < headers; at++) {
		const unsigned char bytes[] = { 0, 0xff, image[at] ^ (1 << at % 8) };

		for (size_t i = 0; i < ARRAY_SIZE(bytes); i++) {
			int status;

			write_mutant(at, bytes[i]);
			status = run();
			wrong += !is_harmless(status);
			ended += status == 0;
			refused += status == 255 << 8;
			if (!is_harmless(status))
				say("# byte %ld as %#x: status %#x\n", at, bytes[i], status);
		}
	}
	say("# %ld mutants: %ld refused, %ld ran to their end\n", headers * 3, refused, ended);
	tap_answer("each mutant is refused, ends or is killed for itself", wrong, 0);
	unlink("mutant");
	scratch_leave();
	return tap_end();
}

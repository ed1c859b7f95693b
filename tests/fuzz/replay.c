// SPDX-License-Identifier: MIT
/*
 * Runs a fuzz target without libFuzzer: each file of the corpus folder given, as it is and with
 * seeded mutations, so that the host suite replays what fuzzing once found. TAP.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_BYTES 65536
#define MUTATIONS 500 /* of each input */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static uint64_t state = 0x9e3779b97f4a7c15;

/* xorshift64: the same numbers in every run. */
static uint32_t next_random(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state >> 32;
}

/* In a block of its own size, so that a sanitizer sees a read beyond its end. */
static void run_once(const uint8_t *data, size_t bytes)
{
	uint8_t *exact = malloc(bytes ? bytes : 1);

	memcpy(exact, data, bytes);
	LLVMFuzzerTestOneInput(exact, bytes);
	free(exact);
}

static size_t mutate(uint8_t *data, size_t bytes)
{
	static const uint8_t telling[] = { 0x00, 0x01, 0x7f, 0x80, 0xff, 0x0f };

	if (bytes && next_random() % 8 == 0)
		bytes = next_random() % bytes;
	for (unsigned n = 1 + next_random() % 4; n && bytes; n--) {
		size_t at = next_random() % bytes;

		switch (next_random() % 3) {
		case 0:
			data[at] ^= 1 << next_random() % 8;
			break;
		case 1:
			data[at] = telling[next_random() % sizeof(telling)];
			break;
		case 2:
			data[at] = next_random();
			break;
		}
	}
	return bytes;
}

static void run_with_mutations(const uint8_t *data, size_t bytes)
{
	static uint8_t changed[MAX_BYTES];

	run_once(data, bytes);
	for (int i = 0; i < MUTATIONS; i++) {
		memcpy(changed, data, bytes);
		run_once(changed, mutate(changed, bytes));
	}
}

static void run_noise(void)
{
	uint8_t noise[512];

	for (int i = 0; i < MUTATIONS; i++) {
		size_t bytes = next_random() % sizeof(noise);

		for (size_t at = 0; at < bytes; at++)
			noise[at] = next_random();
		run_once(noise, bytes);
	}
}

static int run_file(const char *folder, const char *name)
{
	static uint8_t data[MAX_BYTES];
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *file = fopen(path, "rb");

	if (!file)
		return 0;
	size_t bytes = fread(data, 1, sizeof(data), file);

	fclose(file);
	run_with_mutations(data, bytes);
	return 1;
}

int main(int argc, char **argv)
{
	int checks = 0;
	DIR *folder = argc > 1 ? opendir(argv[1]) : NULL;

	for (struct dirent *entry; folder && (entry = readdir(folder));) {
		if (entry->d_name[0] == '.' || !run_file(argv[1], entry->d_name))
			continue;
		printf("ok %d - %s and %d mutations\n", ++checks, entry->d_name, MUTATIONS);
		fflush(stdout);
	}
	if (folder)
		closedir(folder);
	run_noise();
	printf("ok %d - %d inputs of noise\n1..%d\n", checks + 1, MUTATIONS, checks + 1);
	return 0;
}

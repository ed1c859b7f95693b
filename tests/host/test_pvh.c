/* SPDX-License-Identifier: MIT */
/* boot/pvh.c: what QEMU sends is read whole, what no loader should send is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <asm/errno.h>
#include <cmocka.h>
#include <x86/boot.h>

#define BASE    UINT64_C(0x6000)
#define AT_INFO (BASE + 4) /* QEMU aligns to no more than 4 */
#define AT_MAP  (BASE + 0x100)
#define AT_MOD  (BASE + 0x204)
#define AT_LINE (BASE + 0x300)

static u8 memory[0x300 + 70000];
static size_t window_bytes;
static struct boot_info info;
static char error[160];

static void put32(u64 at, u32 value)
{
	memcpy(memory + (at - BASE), &value, 4);
}

static void put64(u64 at, u64 value)
{
	memcpy(memory + (at - BASE), &value, 8);
}

static void range(unsigned i, u64 base, u64 bytes, u32 type)
{
	put64(AT_MAP + 24 * i, base);
	put64(AT_MAP + 24 * i + 8, bytes);
	put32(AT_MAP + 24 * i + 16, type);
}

static void make(void)
{
	window_bytes = sizeof(memory);
	memset(memory, 0, sizeof(memory));
	put32(AT_INFO, 0x336ec578);
	put32(AT_INFO + 4, 1);
	put32(AT_INFO + 12, 1);
	put64(AT_INFO + 16, AT_MOD);
	put64(AT_INFO + 24, AT_LINE);
	put64(AT_INFO + 32, 0xf59d0);
	put64(AT_INFO + 40, AT_MAP);
	put32(AT_INFO + 48, 3);
	range(0, 0, 0x9fc00, 1);
	range(1, 0x100000, 0x7ee0000, 1);
	range(2, 0x9fc00, 0x400, 2);
	put64(AT_MOD, 0x7fd7000);
	put64(AT_MOD + 8, 11);
	strcpy((char *)memory + (AT_LINE - BASE), "hello world");
}

static int parse(void)
{
	struct boot_window window = { BASE, window_bytes, malloc(window_bytes) };

	memcpy((void *)window.data, memory, window_bytes);
	memset(&info, 0xaa, sizeof(info));
	error[0] = '\0';

	int result = pvh_parse(&window, AT_INFO, &info, error, sizeof(error));

	free((void *)window.data);
	assert_true(!result == !error[0]);
	return result;
}

static void everything_is_read(void **state)
{
	make();
	assert_int_equal(parse(), 0);
	assert_int_equal(info.via, BOOT_VIA_PVH);
	assert_string_equal(info.cmdline, "hello world");
	assert_int_equal(info.initramfs, 0x7fd7000);
	assert_int_equal(info.initramfs_bytes, 11);
	assert_int_equal(info.rsdp, 0xf59d0);
	assert_int_equal(info.nr_ranges, 3);
	assert_int_equal(info.ranges[1].type, MEMORY_RESERVED);
}

static void absent_parts_are_empty(void **state)
{
	make();
	put32(AT_INFO + 12, 0); /* modules */
	put64(AT_INFO + 16, UINT64_MAX);
	put64(AT_INFO + 24, 0); /* command line */
	assert_int_equal(parse(), 0);
	assert_string_equal(info.cmdline, "");
	assert_int_equal(info.initramfs_bytes, 0);
	make();
	put64(AT_MOD + 8, 0);
	assert_int_equal(parse(), 0);
	assert_int_equal(info.initramfs, 0);
}

static void refuse_with(int code, const char *words)
{
	assert_int_equal(parse(), code);
	assert_non_null(strstr(error, words));
}

static void no_memory_map_is_said(void **state)
{
	make();
	put32(AT_INFO + 4, 0);
	refuse_with(-ENOENT, "no memory map");
	assert_non_null(strstr(error, "version 0"));
	make();
	put32(AT_INFO + 48, 0);
	refuse_with(-ENOENT, "no memory map");
	make();
	put64(AT_INFO + 40, 0);
	refuse_with(-ENOENT, "no memory map");
	make();
	for (unsigned i = 0; i < 3; i++)
		range(i, i << 20, 4096, 2);
	refuse_with(-ENOENT, "no memory map");
}

/* Version 0 ends before the memory map: nothing after it may be read. */
static void version_0_is_short(void **state)
{
	make();
	put32(AT_INFO + 4, 0);
	put32(AT_INFO + 12, 0);
	put64(AT_INFO + 24, 0);
	window_bytes = 4 + 40;
	refuse_with(-ENOENT, "no memory map");
	put32(AT_INFO + 4, 1);
	refuse_with(-EINVAL, "as a whole");
}

static void wild_pointers_are_refused(void **state)
{
	const u64 wild[] = { 0, 1, BASE - 1, BASE + sizeof(memory), UINT64_MAX, UINT64_MAX - 7 };

	for (size_t i = 0; i < ARRAY_SIZE(wild); i++) {
		make();
		put64(AT_INFO + 16, wild[i]);
		refuse_with(-EINVAL, "list of modules");
		make();
		put64(AT_INFO + 24, wild[i]);
		if (wild[i])
			refuse_with(-EINVAL, "command line");
		make();
		put64(AT_INFO + 40, wild[i]);
		if (wild[i])
			refuse_with(-EINVAL, "memory map");
	}
	make();
	put32(AT_INFO + 48, UINT32_MAX); /* so many ranges that the window ends first */
	assert_int_not_equal(parse(), 0);
	make();
	put32(AT_INFO + 12, 2);
	refuse_with(-EINVAL, "more than one");
	make();
	put64(AT_MOD + 8, UINT64_MAX);
	refuse_with(-EINVAL, "wraps");
	make();
	put32(AT_INFO, 0x336ec579);
	refuse_with(-EINVAL, "magic");
}

static void long_command_lines_name_the_limit(void **state)
{
	char *line = (char *)memory + (AT_LINE - BASE);

	make();
	memset(line, 'x', 4095);
	assert_int_equal(parse(), 0);
	assert_int_equal(strlen(info.cmdline), 4095);
	memset(line, 'x', 4096);
	refuse_with(-E2BIG, "has 4096 bytes, the limit is 4095");
	memset(line, 'x', 70000);
	refuse_with(-E2BIG, "has 65536 bytes");
	make();
	memset(line, 'x', 100);
	window_bytes = AT_LINE - BASE + 100; /* no NUL in the window */
	refuse_with(-EINVAL, "command line");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_is_read),
		cmocka_unit_test(absent_parts_are_empty),
		cmocka_unit_test(no_memory_map_is_said),
		cmocka_unit_test(version_0_is_short),
		cmocka_unit_test(wild_pointers_are_refused),
		cmocka_unit_test(long_command_lines_name_the_limit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

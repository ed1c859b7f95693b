/* SPDX-License-Identifier: MIT */
/* boot/multiboot2.c: what GRUB sends is read whole, what no loader should send is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <asm/errno.h>
#include <cmocka.h>
#include <x86/boot.h>

#define BASE UINT64_C(0x9f000) /* where the structure seems to stand */

static _Alignas(8) u8 memory[16384];
static u32 used;
static struct boot_info info;
static char error[160];

static void put32(u32 value)
{
	memcpy(memory + used, &value, 4);
	used += 4;
}

static void put64(u64 value)
{
	put32((u32)value);
	put32((u32)(value >> 32));
}

static void tag(u32 type, u32 bytes)
{
	used = ALIGN_UP(used, 8);
	put32(type);
	put32(bytes);
}

static void begin(void)
{
	memset(memory, 0, sizeof(memory));
	used = 8;
}

/* The end tag and the total; the structure is then what GRUB would have left. */
static void end(void)
{
	tag(0, 8);
	memcpy(memory, &used, 4);
}

static void cmdline_tag(const char *text)
{
	tag(1, 8 + (u32)strlen(text) + 1);
	memcpy(memory + used, text, strlen(text) + 1);
	used += (u32)strlen(text) + 1;
}

static void module_tag(u32 start, u32 stop)
{
	tag(3, 16 + 2);
	put32(start);
	put32(stop);
	used += 2; /* its empty command line, with padding */
}

static void memory_tag(u32 entry_bytes)
{
	tag(6, 16 + 2 * entry_bytes);
	put32(entry_bytes);
	put32(0);
	for (u64 i = 0; i < 2; i++) {
		put64(i * 0x100000);
		put64(0x80000);
		put32(MEMORY_USABLE);
		used += entry_bytes - 20;
	}
}

/* A window that ends with the structure: whatever reads past it, ASan and the window see. */
static int parse(void)
{
	struct boot_window window = { BASE, used, malloc(used) };

	memcpy((void *)window.data, memory, used);
	memset(&info, 0xaa, sizeof(info));
	error[0] = '\0';

	int result = multiboot2_parse(&window, BASE, &info, error, sizeof(error));

	free((void *)window.data);
	assert_true(!result == !error[0]);
	return result;
}

static void everything_is_read(void **state)
{
	begin();
	cmdline_tag("alt=trace \"a b\"");
	tag(0x1234, 13); /* unknown tags are passed over */
	used += 5;
	module_tag(0x300000, 0x345678);
	memory_tag(24);
	tag(14, 8 + 20);
	used += 20;
	end();
	assert_int_equal(parse(), 0);
	assert_int_equal(info.via, BOOT_VIA_MULTIBOOT2);
	assert_string_equal(info.cmdline, "alt=trace \"a b\"");
	assert_int_equal(info.initramfs, 0x300000);
	assert_int_equal(info.initramfs_bytes, 0x45678);
	assert_int_equal(info.nr_ranges, 2 + 1); /* between them the place of the RSDP */
	assert_int_equal(info.ranges[1].type, MEMORY_RESERVED);
}

/* The copy of the RSDP stands in memory called usable, and must not be given away with it. */
static void the_rsdp_is_kept(void **state)
{
	const u32 types[2][2] = { { 14, 15 }, { 15, 14 } };

	for (int order = 0; order < 2; order++) {
		u64 place[2], kept = 0;

		begin();
		tag(6, 16 + 24);
		put32(24);
		put32(0);
		put64(0);
		put64(0x100000);
		put32(MEMORY_USABLE);
		put32(0);
		for (int i = 0; i < 2; i++) {
			tag(types[order][i], 8 + 36);
			place[i] = BASE + used;
			used += 36;
		}
		end();
		assert_int_equal(parse(), 0);
		assert_int_equal(info.rsdp, place[types[order][0] == 15 ? 0 : 1]);
		for (size_t i = 0; i < info.nr_ranges; i++)
			if (info.ranges[i].type == MEMORY_RESERVED)
				kept = info.ranges[i].base;
		assert_int_equal(kept, info.rsdp);
	}
}

static void larger_entries_are_stepped_over(void **state)
{
	begin();
	memory_tag(40);
	end();
	assert_int_equal(parse(), 0);
	assert_int_equal(info.nr_ranges, 2);
	assert_int_equal(info.ranges[1].base, 0x100000);
}

static void defaults_are_empty(void **state)
{
	begin();
	memory_tag(24);
	module_tag(0x1000, 0x1000);
	end();
	assert_int_equal(parse(), 0);
	assert_string_equal(info.cmdline, "");
	assert_int_equal(info.initramfs, 0);
	assert_int_equal(info.initramfs_bytes, 0);
	assert_int_equal(info.rsdp, 0);
}

static void long_command_lines_name_the_limit(void **state)
{
	static char text[5001];

	memset(text, 'x', sizeof(text) - 1);
	text[BOOT_CMDLINE_BYTES - 1] = '\0';
	begin();
	memory_tag(24);
	cmdline_tag(text);
	end();
	assert_int_equal(parse(), 0);
	assert_int_equal(strlen(info.cmdline), 4095);
	text[BOOT_CMDLINE_BYTES - 1] = 'x';
	begin();
	cmdline_tag(text);
	memory_tag(24);
	end();
	assert_int_equal(parse(), -E2BIG);
	assert_non_null(strstr(error, "5000"));
	assert_non_null(strstr(error, "4095"));
}

static void no_memory_map_is_said(void **state)
{
	begin();
	cmdline_tag("x");
	end();
	assert_int_equal(parse(), -ENOENT);
	assert_non_null(strstr(error, "no memory map"));
}

static void refuse_with(const char *words)
{
	assert_int_equal(parse(), -EINVAL);
	assert_non_null(strstr(error, words));
}

static void bad_tags_are_refused(void **state)
{
	begin();
	tag(21, 0); /* a tag of size 0 would never be passed */
	end();
	refuse_with("impossible size");
	begin();
	tag(21, 4000);
	end();
	refuse_with("impossible size");
	begin();
	tag(6, 12);
	put32(24);
	end();
	refuse_with("too short");
	for (u32 bytes = 0; bytes < 24; bytes++) {
		begin();
		tag(6, 16);
		put32(bytes);
		put32(0);
		end();
		refuse_with("impossible size");
	}
	begin();
	tag(6, 16 + 28);
	put32(28); /* not a multiple of 8 */
	used += 32;
	end();
	refuse_with("impossible size");
	begin();
	tag(1, 8 + 4);
	put32(0x78787878);
	end();
	refuse_with("does not end");
	begin();
	tag(3, 12);
	put32(5);
	end();
	refuse_with("too short");
	begin();
	module_tag(0x2000, 0x1fff);
	end();
	refuse_with("ends before");
	begin();
	module_tag(0x1000, 0x2000);
	module_tag(0x3000, 0x4000);
	end();
	refuse_with("more than one");
}

/* Cut anywhere, by the total or by the window: never read beyond, always refused. */
static void every_truncation_is_refused(void **state)
{
	u32 whole;

	begin();
	cmdline_tag("quiet");
	memory_tag(24);
	module_tag(0x1000, 0x2000);
	end();
	whole = used;
	assert_int_equal(parse(), 0);
	for (u32 total = 0; total < whole; total++) {
		memcpy(memory, &total, 4);
		used = total < 8 ? 8 : total;
		assert_int_equal(parse(), -EINVAL);
		used = whole;
		memcpy(memory, &whole, 4);
		used = total;
		if (total >= 4)
			assert_int_equal(parse(), -EINVAL);
		used = whole;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_is_read),
		cmocka_unit_test(the_rsdp_is_kept),
		cmocka_unit_test(larger_entries_are_stepped_over),
		cmocka_unit_test(defaults_are_empty),
		cmocka_unit_test(long_command_lines_name_the_limit),
		cmocka_unit_test(no_memory_map_is_said),
		cmocka_unit_test(bad_tags_are_refused),
		cmocka_unit_test(every_truncation_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

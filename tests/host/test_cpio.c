/* SPDX-License-Identifier: MIT */
/* kernel/fs/cpio.h: well-formed archives, each kind of damage, and every byte changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <asm/errno.h>
#include <cmocka.h>
#include <kernel/fs/cpio.h>

#include "cpio_builder.h"

static void small_archive(struct cpio_builder *b)
{
	b->n = 0;
	cpio_add(b, ".", 040755, "");
	cpio_add(b, "./init", 0100755, "#!hello");
	cpio_add(b, "etc/x", 0100644, "12345678");
	cpio_close(b);
}

/* Reads to the end or the first error; checks that nothing leads outside the archive. */
static int read_all(const void *archive, size_t n, size_t *files, struct cpio_error *error)
{
	struct cpio_reader reader;
	struct cpio_entry entry;
	int more;

	cpio_open(&reader, archive, n);
	*files = 0;
	while ((more = cpio_next(&reader, &entry, error)) > 0) {
		const u8 *name = (const u8 *)entry.name, *start = archive, *end = start + n;

		assert_true(name > start && name + entry.name_length < end);
		assert_int_equal(name[entry.name_length], 0);
		assert_true(entry.data > start && entry.data <= end);
		assert_true(entry.bytes <= (size_t)(end - entry.data));
		++*files;
		assert_true(*files < n);
	}
	if (more < 0) {
		assert_int_equal(more, -EINVAL);
		assert_non_null(error->text);
		assert_true(error->offset <= n);
	}
	return more;
}

static void reads_fields(void **state)
{
	struct cpio_builder b = { .n = 0 };
	struct cpio_reader reader;
	struct cpio_entry entry;
	struct cpio_error error;

	small_archive(&b);
	cpio_open(&reader, b.bytes, b.n);
	assert_int_equal(cpio_next(&reader, &entry, &error), 1);
	assert_string_equal(entry.name, "");
	assert_int_equal(entry.mode, 040755);
	assert_int_equal(cpio_next(&reader, &entry, &error), 1);
	assert_string_equal(entry.name, "init");
	assert_int_equal(entry.name_length, 4);
	assert_int_equal(entry.mode, 0100755);
	assert_int_equal(entry.ino, 7);
	assert_int_equal(entry.uid, 1000);
	assert_int_equal(entry.gid, 1001);
	assert_int_equal(entry.nlink, 1);
	assert_int_equal(entry.mtime, 0x1234);
	assert_int_equal(entry.dev_major, 8);
	assert_int_equal(entry.dev_minor, 1);
	assert_int_equal(entry.rdev_major, 5);
	assert_int_equal(entry.rdev_minor, 1);
	assert_int_equal(entry.bytes, 7);
	assert_memory_equal(entry.data, "#!hello", 7);
	assert_int_equal(cpio_next(&reader, &entry, &error), 1);
	assert_string_equal(entry.name, "etc/x");
	assert_int_equal(cpio_next(&reader, &entry, &error), 0);
	assert_int_equal(cpio_next(&reader, &entry, &error), 0);
}

static void normalises_names(void **state)
{
	static const char *const names[][2] = {
		{ "/bin/sh", "bin/sh" },  { "./a", "a" },   { "././/./a", "a" }, { "//a", "a" },
		{ ".hidden", ".hidden" }, { "..a", "..a" }, { "../a", "../a" },  { "./", "" },
		{ "a/./b", "a/./b" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct cpio_builder b = { .n = 0 };
		struct cpio_reader reader;
		struct cpio_entry entry;
		struct cpio_error error;

		cpio_add(&b, names[i][0], 0100644, "");
		cpio_open(&reader, b.bytes, b.n);
		assert_int_equal(cpio_next(&reader, &entry, &error), 1);
		assert_string_equal(entry.name, names[i][1]);
	}
}

static void reads_archives_in_a_row(void **state)
{
	struct cpio_builder b = { .n = 0 };
	struct cpio_error error;
	size_t files;

	cpio_add(&b, "a", 0100644, "x");
	cpio_close(&b);
	b.n += 512; /* padding of zero bytes */
	cpio_add(&b, "b", 0100644, "yy");
	cpio_close(&b);
	b.n += 1024;
	assert_int_equal(read_all(b.bytes, b.n, &files, &error), 0);
	assert_int_equal(files, 2);
}

enum { MODE_AT = 14, FILESIZE_AT = 54, NAMESIZE_AT = 94 };

static void names_each_damage(void **state)
{
	static const struct {
		size_t at; /* in the header of "init", which follows that of "." */
		const char *bytes, *text;
	} cases[] = {
		{ 0, "\x1f\x8b", "compressed" },
		{ 0,
		  "\xfd"
		  "7zXZ",
		  "compressed" },
		{ 0, "\x28\xb5\x2f\xfd", "compressed" },
		{ 0, "070707", "old cpio format" },
		{ 0, "070709", "no cpio header" },
		{ MODE_AT, "0000g1ed", "not hexadecimal" },
		{ MODE_AT, "       1", "not hexadecimal" },
		{ NAMESIZE_AT, "00000000", "empty or longer" },
		{ NAMESIZE_AT, "00001001", "empty or longer" },
		{ NAMESIZE_AT, "00000fff", "cut off" },
		{ NAMESIZE_AT, "00000003", "without its NUL" },
		{ NAMESIZE_AT, "ffffffff", "empty or longer" },
		{ FILESIZE_AT, "00001000", "past the end" },
		{ FILESIZE_AT, "ffffffff", "past the end" },
		{ FILESIZE_AT, "fffffffc", "past the end" },
		{ 0, "070702", "checksum" },
	};
	const size_t second = 112;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct cpio_builder b = { .n = 0 };
		struct cpio_error error;
		size_t files;

		small_archive(&b);
		memcpy(b.bytes + second + cases[i].at, cases[i].bytes, strlen(cases[i].bytes));
		assert_int_equal(read_all(b.bytes, b.n, &files, &error), -EINVAL);
		assert_int_equal(files, 1);
		assert_non_null(strstr(error.text, cases[i].text));
		assert_true(error.offset >= second && error.offset < second + 112);
	}
}

static void holds_the_checksum(void **state)
{
	struct cpio_builder b = { .n = 0 };
	struct cpio_error error;
	size_t files;

	cpio_add(&b, "a", 0100644, "abc");
	memcpy(b.bytes, "070702", 6);
	memcpy(b.bytes + 102, "00000126", 8); /* 'a' + 'b' + 'c' */
	cpio_close(&b);
	assert_int_equal(read_all(b.bytes, b.n, &files, &error), 0);
	b.bytes[102 + 7] = '7';
	assert_int_equal(read_all(b.bytes, b.n, &files, &error), -EINVAL);
}

/* In memory of exactly that size, so that the sanitizer sees a byte read behind it. */
static int read_copy(const u8 *archive, size_t n, size_t *files, struct cpio_error *error)
{
	u8 *copy = malloc(n ? n : 1);
	int result;

	memcpy(copy, archive, n);
	result = read_all(copy, n, files, error);
	free(copy);
	return result;
}

static void refuses_every_truncation(void **state)
{
	struct cpio_builder b = { .n = 0 };
	struct cpio_error error;
	size_t files, whole;

	small_archive(&b);
	/* The 3 bytes of padding behind the trailer are not needed. */
	whole = b.n - 3;
	assert_int_equal(read_copy(b.bytes, whole, &files, &error), 0);
	for (size_t n = 0; n < whole; n++)
		assert_int_equal(read_copy(b.bytes, n, &files, &error), -EINVAL);
}

static void survives_every_changed_byte(void **state)
{
	static const u8 values[] = {
		0, 1, '0', '7', '9', 'a', 'F', 'g', '/', '.', 0x7f, 0x80, 0xff
	};
	struct cpio_builder b = { .n = 0 };
	struct cpio_error error;
	size_t files, refused = 0;

	small_archive(&b);
	for (size_t at = 0; at < b.n; at++) {
		u8 kept = b.bytes[at];

		for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
			b.bytes[at] = values[i];
			refused += read_copy(b.bytes, b.n, &files, &error) < 0;
		}
		b.bytes[at] = kept;
	}
	assert_true(refused > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_fields),
		cmocka_unit_test(normalises_names),
		cmocka_unit_test(reads_archives_in_a_row),
		cmocka_unit_test(names_each_damage),
		cmocka_unit_test(holds_the_checksum),
		cmocka_unit_test(refuses_every_truncation),
		cmocka_unit_test(survives_every_changed_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

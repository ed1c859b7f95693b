/* SPDX-License-Identifier: MIT */
/* kernel/lib/sha256.h against the examples of FIPS 180 and against itself in other portions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <kernel/lib/sha256.h>

static void digest(const void *data, size_t n, size_t portion, char hex[65])
{
	struct sha256 hash;
	u8 out[SHA256_BYTES];

	sha256_init(&hash);
	for (size_t at = 0; at < n; at += portion)
		sha256_feed(&hash, (const u8 *)data + at, n - at < portion ? n - at : portion);
	sha256_finish(&hash, out);
	sha256_hex(out, hex);
}

static void published_examples(void **state)
{
	static u8 million[1000000];
	char hex[65];

	digest("", 0, 1, hex);
	assert_string_equal(hex,
			    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	digest("abc", 3, 3, hex);
	assert_string_equal(hex,
			    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	digest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56, 56, hex);
	assert_string_equal(hex,
			    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
	memset(million, 'a', sizeof(million));
	digest(million, sizeof(million), 4093, hex);
	assert_string_equal(hex,
			    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

static void portions_do_not_matter(void **state)
{
	u8 data[200];
	char whole[65], parts[65];

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (u8)(i * 7);
	for (size_t n = 0; n <= sizeof(data); n++) {
		digest(data, n, sizeof(data), whole);
		for (size_t portion = 1; portion < 70; portion += 3) {
			digest(data, n, portion, parts);
			assert_string_equal(parts, whole);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_examples),
		cmocka_unit_test(portions_do_not_matter),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* Copies of sizes known at compile time, one function a size. */
#include "const_sizes.h"

/* clang-format off */
#define EACH_SIZE(F) \
	F(1) F(2) F(3) F(4) F(5) F(7) F(8) F(9) F(10) F(11) F(12) F(13) F(14) \
	F(15) F(16) F(17) F(18) F(20) F(23) F(24) F(25) F(28) F(31) F(32) \
	F(33) F(36) F(39) F(40) F(41) F(44) F(47) F(48) F(49) F(52) F(55) \
	F(56) F(57) F(60) F(63) F(64) F(65)
/* clang-format on */

/* Called as a variant is, so that all of the contract is looked at. */
#define FROM_AND_TO(n)                                                   \
	static size_t from_##n(void *to, const void *from, size_t bytes) \
	{                                                                \
		return copy_from_user(to, from, n);                      \
	}                                                                \
	static size_t to_##n(void *to, const void *from, size_t bytes)   \
	{                                                                \
		return copy_to_user(to, from, n);                        \
	}
EACH_SIZE(FROM_AND_TO)

#define ROW(n) { n, from_##n, to_##n },
const struct const_size const_sizes[] = { EACH_SIZE(ROW) };
const size_t nr_const_sizes = ARRAY_SIZE(const_sizes);

/* SPDX-License-Identifier: MIT */
/* Copies of sizes known at compile time, one function a size. */
#pragma once

#include <arch/uaccess.h>

/* Called as a variant is, so that all of the contract is looked at; the size they are given is
 * ignored. Sizes for which there is no straight-line code are among them. */
struct const_size {
	size_t n;
	copy_user_fn from, to;
};
extern const struct const_size const_sizes[];
extern const size_t nr_const_sizes;

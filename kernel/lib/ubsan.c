/* SPDX-License-Identifier: MIT */
/*
 * What GCC and clang call, with -fsanitize=undefined, where a program has no meaning: the kernel
 * stops there and says where. Only in a build with -Dubsan=true. GCC manual, "Program
 * Instrumentation Options"; each call's first argument begins with the place in the source.
 */
#include <kernel/lib/panic.h>
#include <quench/log.h>

struct place {
	const char *file;
	u32 line, column;
};

static __noreturn void stop(const char *what, const struct place *at)
{
	panic("undefined behaviour: %s at %s:%u:%u", what, at->file, at->line, at->column);
}

#define HANDLER(name, what)                                    \
	__noreturn void __ubsan_handle_##name(const void *at); \
	__noreturn void __ubsan_handle_##name(const void *at)  \
	{                                                      \
		stop(what, at);                                \
	}

HANDLER(add_overflow_abort, "an addition overflows")
HANDLER(sub_overflow_abort, "a subtraction overflows")
HANDLER(mul_overflow_abort, "a multiplication overflows")
HANDLER(negate_overflow_abort, "a negation overflows")
HANDLER(divrem_overflow_abort, "a division overflows, or is by 0")
HANDLER(shift_out_of_bounds_abort, "a shift by too much, or of a negative number")
HANDLER(out_of_bounds_abort, "an index outside its array")
HANDLER(type_mismatch_v1_abort, "a pointer to no such object, or not aligned")
HANDLER(pointer_overflow_abort, "a pointer leaves its object")
HANDLER(load_invalid_value_abort, "a value its type does not have")
HANDLER(nonnull_arg_abort, "a null argument that must not be one")
HANDLER(invalid_builtin_abort, "a builtin without an answer")
HANDLER(builtin_unreachable, "a place that cannot be reached")
HANDLER(missing_return, "a function without its return value")

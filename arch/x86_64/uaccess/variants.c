/* SPDX-License-Identifier: MIT */
/* The tables of user-copy variants: constants, for the kernel and the host library. */
#include <arch/feature.h>
#include <arch/uaccess.h>
#include <x86/user_copy.h>

const struct copy_variant copy_variants[] = {
	{ "reference", -1, copy_user_reference },
	{ "aligned", FEATURE_COPY_ALIGNED, copy_user_aligned },
	{ "unaligned", FEATURE_COPY_UNALIGNED, copy_user_unaligned },
	{ "movsq", FEATURE_COPY_MOVSQ, copy_user_movsq },
	{ "erms", FEATURE_COPY_ERMS, copy_user_erms },
	{ "fsrm", FEATURE_COPY_FSRM, copy_user_fsrm },
	{ "guarded", FEATURE_COPY_GUARDED, copy_user_guarded },
	{ "overlap", FEATURE_COPY_OVERLAP, copy_user_overlap },
	{ "sse", FEATURE_COPY_SSE, copy_user_sse },
	{ "streaming", FEATURE_COPY_STREAMING, copy_user_streaming },
	{ "masked", FEATURE_COPY_MASKED, copy_user_masked },
};
const size_t nr_copy_variants = ARRAY_SIZE(copy_variants);

const struct clear_variant clear_variants[] = {
	{ "reference", -1, clear_user_reference },
	{ "unaligned", FEATURE_COPY_UNALIGNED, clear_user_unaligned },
	{ "stosq", -1, clear_user_stosq },
	{ "stosb", -1, clear_user_stosb },
	{ "erms", FEATURE_COPY_ERMS, clear_user_erms },
	{ "masked", FEATURE_COPY_MASKED, clear_user_masked },
};
const size_t nr_clear_variants = ARRAY_SIZE(clear_variants);

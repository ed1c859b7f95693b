/* SPDX-License-Identifier: MIT */
/* Any bytes as code to be moved: either refused, or of the same instructions and targets. */
#include <arch/text.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const u8 *data, size_t bytes);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static u64 target(const u8 *code, const struct text_insn *insn, u64 address)
{
	const u8 *field = code + (insn->branch_bytes ? insn->branch_at : insn->rip_at);
	s32 displacement;

	if (insn->branch_bytes == 1)
		return address + insn->bytes + (u64)(s64)(s8)*field;
	memcpy(&displacement, field, 4);
	return address + insn->bytes + (u64)(s64)displacement;
}

/* The input is the distance, then code. */
int LLVMFuzzerTestOneInput(const u8 *data, size_t bytes)
{
	const u64 from = 0xffffffff80200000;
	u8 out[255];
	struct text_insn before, after;
	s32 distance;

	if (bytes < 4 || bytes > 4 + sizeof(out))
		return 0;
	memcpy(&distance, data, 4);
	data += 4;
	bytes -= 4;
	u64 to = from + (u64)(s64)distance;

	if (text_move(out, data, bytes, from, to, NULL))
		return 0;
	for (size_t at = 0; at < bytes; at += before.bytes) {
		check(!text_insn_decode(&before, data + at, bytes - at));
		check(!text_insn_decode(&after, out + at, bytes - at));
		check(!memcmp(&before, &after, sizeof(before)));
		if (!before.branch_bytes && !before.rip_bytes)
			continue;
		u64 old = target(data + at, &before, from + at);
		u64 new = target(out + at, &after, to + at);

		check(old - from <= bytes ? new - to == old - from : new == old);
	}
	return 0;
}

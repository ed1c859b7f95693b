/* SPDX-License-Identifier: MIT */
/* Any bytes as an instruction: its fields lie within it, in order, and nothing behind it counts. */
#include <arch/text.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const u8 *data, size_t bytes);

static void check(bool holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t bytes)
{
	struct text_insn insn, again;
	u8 exact[15];

	if (text_insn_decode(&insn, data, bytes))
		return 0;
	check(insn.bytes >= 1 && insn.bytes <= 15 && insn.bytes <= bytes);
	check(!insn.branch_bytes || insn.branch_at + insn.branch_bytes == insn.bytes);
	check(!insn.rip_bytes || insn.rip_at + insn.rip_bytes <= insn.bytes);
	check(!insn.immediate_bytes || insn.immediate_at + insn.immediate_bytes == insn.bytes);
	check(!insn.branch_bytes || !insn.immediate_bytes);
	check(!insn.rip_bytes || !insn.immediate_bytes || insn.rip_at < insn.immediate_at);
	memcpy(exact, data, insn.bytes);
	check(!text_insn_decode(&again, exact, insn.bytes));
	check(!memcmp(&insn, &again, sizeof(insn)));
	check(text_insn_decode(&again, exact, insn.bytes - 1u));
	return 0;
}

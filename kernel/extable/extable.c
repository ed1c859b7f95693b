/* SPDX-License-Identifier: MIT */
/* The kernel's own table, between its linker symbols in the text segment. */
#include <arch/cpu.h>
#include <kernel/extable/extable.h>
#include <kernel/extable/fixup.h>
#include <kernel/extable/index.h>
#include <kernel/extable/resolve.h>
#include <kernel/lib/panic.h>
#include <kernel/lib/symbols.h>
#include <quench/log.h>
#include <quench/records.h>

extern struct extable_entry __start_extable[], __stop_extable[];
extern const u8 __start_text[], __stop_text[];
extern u32 __start_extable_index[], __stop_extable_index[];

/* Whether kernel.lds.S left room for the index. */
static bool has_room(size_t n)
{
	size_t words = (size_t)(__stop_extable_index - __start_extable_index);

	return words >= extable_index_room(n, (size_t)(__stop_text - __start_text));
}

/* The entries that are valid and in order; none before extable_init. */
static struct extable_index entries __ro_after_init;

int extable_init(const struct text_move *moves, size_t nr_moves)
{
	size_t n = (size_t)(__stop_extable - __start_extable);
	struct extable_counts counts;
	struct extable_problem problem;
	char symbol[SYMBOL_TEXT_BYTES];
	u64 tsc = arch_tsc();
	int error = extable_resolve(__start_extable, n, moves, nr_moves, &counts, &problem);

	if (error) {
		symbol_format(symbol, sizeof(symbol), problem.insn);
		log_line("extable: %s: %s", symbol, problem.why);
		return error;
	}
	if (!has_room(n))
		panic("kernel.lds.S keeps too little room for the index of the exception table");
	extable_index_build(&entries, __start_extable, counts.entries, (uintptr_t)__start_text,
			    (uintptr_t)__stop_text, __start_extable_index);
	tsc = arch_tsc() - tsc;
	record_begin("extable");
	record_u64("entries", counts.entries);
	record_u64("moved", counts.moved);
	record_u64("dropped", counts.dropped);
	record_u64("tsc", tsc);
	record_end();
	return 0;
}

bool extable_verify(void)
{
	return extable_table_is_sound(__start_extable, entries.n, (uintptr_t)__start_text,
				      (uintptr_t)__stop_text);
}

const struct extable_entry *extable_find(u64 address)
{
	return extable_index_search(&entries, address);
}

bool extable_fixup(struct trap_frame *frame)
{
	return extable_redirect(extable_find(frame->rip), frame, EXTABLE_NO_ADDRESS);
}

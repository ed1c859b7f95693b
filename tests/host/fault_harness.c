/* SPDX-License-Identifier: MIT */
/* The signals' side of the harness: faults, the exception table, SMAP. */
#include "fault_harness.h"

#include <arch/extable.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

volatile struct fault_counts fault_counts;
volatile bool fault_window_open;
bool smap_played;

struct fixup {
	u64 insn, fixup;
	s32 type;
};
static struct fixup *fixups;
static size_t nr_fixups;

static int compare_fixups(const void *a, const void *b)
{
	u64 x = ((const struct fixup *)a)->insn, y = ((const struct fixup *)b)->insn;

	return (x > y) - (x < y);
}

void faults_follow_code(void)
{
	size_t bytes;
	const struct extable_entry *entries = own_section(".extable", &bytes);
	const size_t n = bytes / sizeof(*entries);

	if (!fixups)
		fixups = calloc(n, sizeof(*fixups));
	nr_fixups = 0;
	for (size_t i = 0; i < n; i++) {
		const u64 insn = played_place(extable_insn_of(&entries[i]));

		if (insn)
			fixups[nr_fixups++] =
				(struct fixup){ insn, played_place(extable_fixup_of(&entries[i])),
						entries[i].type };
	}
	qsort(fixups, nr_fixups, sizeof(*fixups), compare_fixups);
}

static const struct fixup *find_fixup(u64 insn)
{
	const struct fixup key = { .insn = insn };

	return bsearch(&key, fixups, nr_fixups, sizeof(*fixups), compare_fixups);
}

/* call_aligned.asm: clears AC, then on_memory_fault. */
void memory_fault_entry(int signal, siginfo_t *info, void *context);
void on_memory_fault(int signal, siginfo_t *info, void *context);

/* What page-fault and general-protection handlers do with a fault in the kernel. */
void on_memory_fault(int signal, siginfo_t *info, void *context)
{
	greg_t *regs = ((ucontext_t *)context)->uc_mcontext.gregs;
	const struct fixup *fixup = find_fixup((u64)regs[REG_RIP]);

	if (!fixup) {
		static const char message[] = "fault at an instruction without an entry\n";

		if (write(STDERR_FILENO, message, sizeof(message) - 1) < 0)
			_exit(3);
		_exit(2);
	}
	if (info->si_code == SI_KERNEL)
		fault_counts.general_protections++;
	else
		fault_counts.page_faults++;
	if (*(const u8 *)regs[REG_RIP] == 0xf3 && ((const u8 *)regs[REG_RIP])[1] != 0x0f)
		fault_counts.string_faults++;
	if (smap_played && !fault_window_open)
		fault_counts.faults_window_closed++;
	if (fixup->type == EXTABLE_FAULT_ERROR)
		regs[REG_RAX] = -14;
	else if (fixup->type == EXTABLE_FAULT_ADDRESS)
		regs[REG_RAX] = info->si_code == SI_KERNEL ? 1LL << 62 : (greg_t)info->si_addr;
	regs[REG_RIP] = (greg_t)fixup->fixup;
}

/* stac and clac: undefined in user mode, so that each of them comes here. */
static void on_undefined(int signal, siginfo_t *info, void *context)
{
	greg_t *regs = ((ucontext_t *)context)->uc_mcontext.gregs;
	const u8 *code = (const u8 *)regs[REG_RIP];
	const bool stac = code[2] == 0xcb;

	if (code[0] != 0x0f || code[1] != 0x01 || (!stac && code[2] != 0xca))
		abort();
	if (stac && fault_window_open)
		fault_counts.window_reopened++;
	fault_window_open = stac;
	regs[REG_RIP] += 3;
}

static void handle(int signal, void (*handler)(int, siginfo_t *, void *))
{
	struct sigaction action = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_NODEFER };

	if (sigaction(signal, &action, NULL))
		abort();
}

void fault_harness_start(void)
{
	if (!fixups)
		faults_follow_code();
	handle(SIGSEGV, memory_fault_entry);
	handle(SIGBUS, memory_fault_entry);
	handle(SIGILL, on_undefined);
}

struct area area_create(size_t pages)
{
	const size_t bytes = pages * PAGE_BYTES;
	u8 *guard =
		mmap(NULL, bytes + 2 * PAGE_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (guard == MAP_FAILED || mprotect(guard + PAGE_BYTES, bytes, PROT_READ | PROT_WRITE)) {
		perror("area_create");
		exit(2);
	}
	return (struct area){ guard + PAGE_BYTES, guard + PAGE_BYTES + bytes };
}

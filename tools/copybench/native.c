/* SPDX-License-Identifier: MIT */
/* Patching one's own text, and faults that come back. */
#include "native.h"

#include <arch/alternative.h>
#include <arch/pagetable.h>
#include <kernel/alternatives/plan.h>
#include <kernel/extable/fixup.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <x86/cpuid_table.h>

/* From sections.ld. */
extern const struct alt_entry __start_altinstructions[], __stop_altinstructions[];
extern const u8 __start_altinstr_replacement[], __stop_altinstr_replacement[];
extern u8 __start_text[], __stop_text[];
extern struct extable_entry __start_extable[], __stop_extable[];

volatile struct native_faults native_faults;

static size_t nr_fixups;

static void ask_processor(void *context, struct cpuid_row *row)
{
	__asm__ volatile("cpuid"
			 : "=a"(row->eax), "=b"(row->ebx), "=c"(row->ecx), "=d"(row->edx)
			 : "a"(row->leaf), "c"(row->subleaf));
}

int native_detect(struct native_cpu *cpu, const char *copy_name, char *error, size_t error_bytes)
{
	static struct cpuid_row rows[CPUID_MAX_ROWS];
	const struct cpu_controls controls = { .xcr0 = CPU_XCR0_KERNEL };
	struct cpu_facts facts;
	size_t n = cpuid_walk(ask_processor, NULL, rows, ARRAY_SIZE(rows));
	int status;

	cpu_judge(rows, n, &controls, &facts);
	cpu->identity = facts.identity;
	cpu->features = facts.judged;
	feature_remove(&cpu->features, FEATURE_SMAP);
	status = copy_policy(&cpu->features, copy_name, &cpu->choice, error, error_bytes);
	if (status)
		return status;
	copy_policy_apply(&cpu->choice, &cpu->features);
	cpu_constants(&cpu->choice, cpu->constants);
	return 0;
}

static size_t text_bytes(void)
{
	return (size_t)(__stop_text - __start_text);
}

static size_t extable_bytes(void)
{
	return (size_t)((u8 *)__stop_extable - (u8 *)__start_extable);
}

/* Rights for the pages of [start, start+bytes). */
static bool protect(const void *start, size_t bytes, int prot)
{
	uintptr_t first = ALIGN_DOWN((uintptr_t)start, PAGE_BYTES);

	return !mprotect((void *)first, (uintptr_t)start + bytes - first, prot);
}

static bool open_text(void)
{
	return protect(__start_text, text_bytes(), PROT_READ | PROT_WRITE | PROT_EXEC) &&
	       protect(__start_extable, extable_bytes(), PROT_READ | PROT_WRITE);
}

static bool close_text(void)
{
	return protect(__start_extable, extable_bytes(), PROT_READ) &&
	       protect(__start_text, text_bytes(), PROT_READ | PROT_EXEC);
}

static int write_site(void *context, const struct alt_site *site)
{
	struct native_patched *patched = context;

	patched->sites++;
	if (site->depth || !memcmp(site->address, site->after, site->bytes))
		return 0;
	memcpy(site->address, site->after, site->bytes);
	patched->changed++;
	return 0;
}

static const char *patch_text(const struct alt_image *image, struct text_move *moves,
			      size_t *nr_moves, struct native_patched *patched)
{
	struct alt_problem problem = { 0 };

	if (alt_plan_check(image, moves, alt_plan_max_moves(image->nr_entries), nr_moves,
			   &problem) ||
	    alt_plan_visit(image, write_site, patched, &problem))
		return problem.why ? problem.why : "the plan was refused";
	return NULL;
}

static const char *resolve_extable(const struct text_move *moves, size_t nr_moves,
				   struct native_patched *patched)
{
	struct extable_problem problem;
	size_t n = (size_t)(__stop_extable - __start_extable);

	if (extable_resolve(__start_extable, n, moves, nr_moves, &patched->extable, &problem))
		return problem.why;
	nr_fixups = patched->extable.entries;
	if (!extable_table_is_sound(__start_extable, nr_fixups, (uintptr_t)__start_text,
				    (uintptr_t)__stop_text))
		return "the exception table is not sound";
	return NULL;
}

/* Text and table as they were linked: kept by the first call, brought back by the others. */
static bool restore(void)
{
	static u8 *kept;

	if (kept) {
		memcpy(__start_text, kept, text_bytes());
		memcpy(__start_extable, kept + text_bytes(), extable_bytes());
		return true;
	}
	kept = malloc(text_bytes() + extable_bytes());
	if (!kept)
		return false;
	memcpy(kept, __start_text, text_bytes());
	memcpy(kept + text_bytes(), __start_extable, extable_bytes());
	return true;
}

static const char *patch_open_text(const struct feature_set *features, const u64 *constants,
				   struct native_patched *patched)
{
	const struct alt_image image = {
		.entries = __start_altinstructions,
		.nr_entries = (size_t)(__stop_altinstructions - __start_altinstructions),
		.text = { __start_text, __stop_text },
		.early = { __start_text, __start_text },
		.replacements = { __start_altinstr_replacement, __stop_altinstr_replacement },
		.features = features,
		.constants = constants,
	};
	struct text_move *moves = calloc(alt_plan_max_moves(image.nr_entries), sizeof(*moves));
	size_t nr_moves;
	const char *wrong = moves && restore() ? NULL : "no memory for the plan";

	if (!wrong)
		wrong = patch_text(&image, moves, &nr_moves, patched);
	if (!wrong)
		wrong = resolve_extable(moves, nr_moves, patched);
	free(moves);
	return wrong;
}

const char *native_patch(const struct feature_set *features, const u64 *constants,
			 struct native_patched *patched)
{
	const char *wrong;
	struct cpuid_row row = { 0 };

	*patched = (struct native_patched){ 0 };
	if (!open_text())
		return "this system lets no program write to its own text";
	wrong = patch_open_text(features, constants, patched);
	if (!close_text() && !wrong)
		wrong = "text stays writable";
	ask_processor(NULL, &row); /* CPUID serialises, as in arch_text_serialize */
	return wrong;
}

static void on_fault(int number, siginfo_t *info, void *context)
{
	greg_t *regs = ((ucontext_t *)context)->uc_mcontext.gregs;
	/* cs 0: what runs here plays the kernel. */
	struct trap_frame frame = { .rip = (u64)regs[REG_RIP], .rax = (u64)regs[REG_RAX] };
	u64 address = info->si_code == SI_KERNEL ? EXTABLE_NO_ADDRESS : (u64)info->si_addr;

	if (!extable_redirect(extable_search(__start_extable, nr_fixups, frame.rip), &frame,
			      address)) {
		signal(number, SIG_DFL); /* and once more, for good */
		return;
	}
	if (info->si_code == SI_KERNEL)
		native_faults.general++;
	else
		native_faults.page++;
	regs[REG_RIP] = (greg_t)frame.rip;
	regs[REG_RAX] = (greg_t)frame.rax;
}

void native_catch_faults(void)
{
	struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_NODEFER };

	if (sigaction(SIGSEGV, &action, NULL) || sigaction(SIGBUS, &action, NULL))
		abort();
}

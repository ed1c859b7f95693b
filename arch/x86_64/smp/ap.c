/* SPDX-License-Identifier: MIT */
/* A further processor's first steps: compared, brought to where the boot CPU is, sealed, at work.
 */
#include <arch/alternative.h>
#include <arch/cpu.h>
#include <quench/log.h>
#include <quench/string.h>
#include <quench/upcalls.h>
#include <x86/ap.h>
#include <x86/cpu_features.h>
#include <x86/cpuid_table.h>
#include <x86/descriptors.h>
#include <x86/machine.h>
#include <x86/mm.h>
#include <x86/registers.h>
#include <x86/smp.h>

extern const struct alt_entry __start_altinstructions[], __stop_altinstructions[];

static struct feature_set needed;
static const char *mask_list;
static struct cpuid_row rows[CPUID_MAX_ROWS]; /* of the one that starts */

/* Features whose registers or control bits every processor must have, beside those the text was
 * patched for. */
static const u16 relied_on[] = {
	FEATURE_PGE,  FEATURE_NX,       FEATURE_SYSCALL, FEATURE_SMEP,         FEATURE_SMAP,
	FEATURE_UMIP, FEATURE_FSGSBASE, FEATURE_XSAVE,   FEATURE_XSAVES,       FEATURE_AVX,
	FEATURE_AVX2, FEATURE_AVX512F,  FEATURE_X2APIC,  FEATURE_TSC_DEADLINE, FEATURE_TSC,
	FEATURE_SSE2, FEATURE_RDTSCP,
};

static void ask_processor(void *context, struct cpuid_row *row)
{
	__asm__ volatile("cpuid"
			 : "=a"(row->eax), "=b"(row->ebx), "=c"(row->ecx), "=d"(row->edx)
			 : "a"(row->leaf), "c"(row->subleaf)
			 : "memory");
}

static void judge_here(struct feature_set *found)
{
	struct cpu_controls controls = { .xcr0 = CPU_XCR0_KERNEL };
	static struct cpu_facts facts;
	size_t n = cpuid_walk(ask_processor, NULL, rows, ARRAY_SIZE(rows));

	cpu_judge(rows, n, &controls, &facts);
	*found = facts.judged;
}

static void name_features(const struct alt_entry *entry, struct feature_set *set)
{
	for (unsigned i = 0; i < entry->nr_terms && i < ALT_MAX_TERMS; i++)
		feature_add(set, entry->terms[i] & ~ALT_NOT);
}

/*
 * What the boot CPU has, of what the text was patched for or the kernel relies on. Not what cpu=
 * forced: this processor was judged without it, too.
 */
void x86_ap_prepare(const char *list)
{
	const struct feature_set *used = &arch_cpu_report()->features;
	struct feature_set named = { { 0 } }, judged;

	mask_list = list;
	for (const struct alt_entry *entry = __start_altinstructions;
	     entry < __stop_altinstructions; entry++)
		name_features(entry, &named);
	for (size_t i = 0; i < ARRAY_SIZE(relied_on); i++)
		feature_add(&named, relied_on[i]);
	judge_here(&judged);
	for (size_t i = 0; i < FEATURE_WORDS; i++)
		needed.word[i] = named.word[i] & used->word[i] & judged.word[i];
}

/* -1, or a feature this processor lacks. No patched code that needs one may run before. */
static int compare(void)
{
	struct feature_set found;
	char error[128];

	judge_here(&found);
	if (mask_list && cpu_list_apply(mask_list, &found, error, sizeof(error)))
		panic("the list of features to take from other processors: %s", error);
	return smp_lacks(&needed, &found);
}

static void set_state(struct x86_cpu *cpu, u32 state)
{
	__atomic_store_n(&cpu->state, state, __ATOMIC_RELEASE);
}

static __noreturn void give_up(struct x86_cpu *cpu)
{
	set_state(cpu, CPU_REFUSED);
	for (;;)
		__asm__ volatile("cli\n\thlt" ::: "memory");
}

static void bring_up(struct x86_cpu *cpu)
{
	x86_control_init();
	x86_syscall_init();
	x86_harden_other();
	x86_map_read_only((vaddr_t)cpu->gdt);
	x86_flush_all();
	arch_cpu_seal();
	if (!arch_cpu_probe_text() || !arch_cpu_wp())
		panic("the seal does not hold on processor %u", cpu->shared.index);
	x86_apic_init();
	x86_timer_init();
}

void x86_ap_main(struct x86_cpu *cpu)
{
	x86_write_cr3(x86_kernel_root());
	x86_percpu_load(cpu);
	x86_descriptors_load(cpu);
	x86_idt_load();
	set_state(cpu, CPU_AWAKE);
	cpu->lacking = compare();
	if (cpu->lacking >= 0)
		give_up(cpu);
	bring_up(cpu);
	set_state(cpu, CPU_COMPARES);
	x86_tsc_be_compared();
	x86_nr_cpus = cpu->shared.index + 1;
	set_state(cpu, CPU_RUNS);
	kernel_cpu_main();
}

/* SPDX-License-Identifier: MIT */
/* Starting the other processors, one after the other. */
#include <arch/cpu.h>
#include <arch/pagetable.h>
#include <arch/smp.h>
#include <arch/spinlock.h>
#include <quench/compiler.h>
#include <quench/log.h>
#include <quench/string.h>
#include <quench/upcalls.h>
#include <x86/ap.h>
#include <x86/machine.h>
#include <x86/mm.h>
#include <x86/pte.h>
#include <x86/registers.h>
#include <x86/smp.h>

/* How long to wait for one: it may be a thread of a busy machine. */
#define INIT_NS     UINT64_C(200000)
#define AGAIN_NS    UINT64_C(100000000) /* for the second STARTUP, if the first was not heard */
#define PATIENCE_NS UINT64_C(10000000000)

extern const u8 x86_trampoline[], x86_trampoline_end[], x86_trampoline_fill[];
extern const u8 __start_percpu[], __stop_percpu[];

/* As at x86_trampoline_fill. */
struct trampoline_fill {
	u64 stack, cpu, entry;
	u32 root, efer, cr0;
	u32 far_offset;
	u16 far_code, pad;
	u32 gdt_base, gdt;
};

struct x86_cpu *x86_cpus[MAX_CPUS] = { &x86_boot_cpu };
unsigned x86_nr_cpus = 1;

static struct arch_smp_report report = { .present = 1, .cpus = 1, .lacking = -1 };

/* Tables for the steps between real mode and the kernel's own: the trampoline's page R-X where it
 * is, and the kernel half. Below 4 GiB, as all of the image: CR3 is loaded with 32 bits. */
static u64 start_tables[4][PTE_ENTRIES] __aligned(4096);

static paddr_t image_address(const void *pointer)
{
	return (u64)pointer - ARCH_KERNEL_BASE;
}

static void fill_tables(paddr_t page)
{
	const u64 *kernel = arch_direct_map(x86_kernel_root());

	memcpy(start_tables[0], kernel, sizeof(start_tables[0]));
	for (unsigned level = 4; level > 1; level--) {
		u64 *table = start_tables[4 - level];

		table[pte_index(page, level)] =
			image_address(start_tables[5 - level]) | PTE_PRESENT | PTE_WRITE;
	}
	start_tables[3][pte_index(page, 1)] = page | PTE_PRESENT;
}

static void fill_trampoline(const struct x86_cpu *cpu, vaddr_t stack_top)
{
	paddr_t page = x86_machine.trampoline;
	u8 *copy = arch_direct_map(page);
	struct trampoline_fill *fill =
		(struct trampoline_fill *)(copy + (x86_trampoline_fill - x86_trampoline));
	u32 gdt;

	memcpy(copy, x86_trampoline, (size_t)(x86_trampoline_end - x86_trampoline));
	fill->stack = stack_top;
	fill->cpu = (u64)cpu;
	fill->entry = (u64)x86_ap_main;
	fill->root = (u32)image_address(start_tables);
	fill->efer = (u32)(x86_read_msr(MSR_EFER) & ~EFER_LMA);
	fill->cr0 = (u32)x86_read_cr0();
	fill->far_offset += (u32)page;
	gdt = fill->gdt + (u32)page;
	memcpy(copy + fill->gdt_base, &gdt, sizeof(gdt));
}

/*
 * The area of processor `index`, from its start: GDT page; the IST stacks, each with its guard
 * page; the first stack with one; the block and the PERCPU variables.
 */
#define AREA_GDT    UINT64_C(0)
#define AREA_ISTS   (AREA_GDT + PAGE_BYTES)
#define AREA_STACK  (AREA_ISTS + (NR_ISTS - 1) * sizeof(struct x86_ist_stack) + PAGE_BYTES)
#define STACK_BYTES KIB(16)
#define AREA_BLOCK  (AREA_STACK + STACK_BYTES + PAGE_BYTES)
#define AREA_PERCPU (AREA_BLOCK + ALIGN_UP((u64)sizeof(struct x86_cpu), PAGE_BYTES))

static int map_area(vaddr_t area)
{
	u64 percpu_bytes = ALIGN_UP((u64)(__stop_percpu - __start_percpu), PAGE_BYTES);
	int error = x86_map_fresh(area + AREA_GDT, PAGE_BYTES);

	for (u64 i = 0; i < NR_ISTS - 1 && !error; i++)
		error = x86_map_fresh(area + AREA_ISTS + i * sizeof(struct x86_ist_stack) +
					      offsetof(struct x86_ist_stack, bytes),
				      X86_IST_STACK_BYTES);
	if (!error)
		error = x86_map_fresh(area + AREA_STACK, STACK_BYTES);
	if (!error)
		error = x86_map_fresh(area + AREA_BLOCK, AREA_PERCPU - AREA_BLOCK + percpu_bytes);
	return error;
}

static struct x86_cpu *make_cpu(unsigned index, u32 apic_id)
{
	vaddr_t area = X86_CPU_AREAS + index * X86_CPU_AREA_BYTES;
	struct x86_cpu *cpu = (struct x86_cpu *)(area + AREA_BLOCK);

	if (map_area(area))
		return NULL;
	cpu->gdt = (u64 *)(area + AREA_GDT);
	cpu->ists = (struct x86_ist_stack *)(area + AREA_ISTS);
	cpu->apic_id = apic_id;
	cpu->lacking = -1;
	cpu->shared.index = index;
	cpu->shared.delta = area + AREA_PERCPU - (u64)__start_percpu;
	cpu->shared.kernel_stack_top = area + AREA_STACK + STACK_BYTES;
	cpu->tss.rsp[0] = cpu->shared.kernel_stack_top;
	x86_cpus[index] = cpu;
	arch_percpu_delta[index] = cpu->shared.delta;
	return cpu;
}

/* Used again for the next one, when the last was refused or never woke up. */
static void reset_cpu(struct x86_cpu *cpu, u32 apic_id)
{
	cpu->apic_id = apic_id;
	cpu->lacking = -1;
	cpu->state = CPU_ASLEEP;
}

static void wait_ns(u64 ns)
{
	u64 start = arch_clock_ns();

	while (arch_clock_ns() - start < ns)
		arch_pause();
}

/* Waits while the state is `state`, `ns` nanoseconds at most. */
static u32 wait_while(const struct x86_cpu *cpu, u32 state, u64 ns)
{
	u64 start = arch_clock_ns();

	while (__atomic_load_n(&cpu->state, __ATOMIC_ACQUIRE) == state &&
	       arch_clock_ns() - start < ns)
		arch_pause();
	return __atomic_load_n(&cpu->state, __ATOMIC_ACQUIRE);
}

/* The clock is read on every processor as if there were one counter. */
static void compare_tsc(const struct x86_cpu *cpu)
{
	u64 behind = x86_tsc_compare();

	if (behind > report.tsc_behind)
		report.tsc_behind = behind;
	if (behind)
		log_line("smp: the time stamp counters of processors 0 and %u differ by %lu ticks; "
			 "times taken on both err by as much",
			 cpu->shared.index, behind);
}

/* SDM volume 3, "MP Initialization Protocol Algorithm for MP Systems". */
static u32 wake(struct x86_cpu *cpu)
{
	u8 page = (u8)(x86_machine.trampoline >> PAGE_SHIFT);
	u32 state;

	x86_ipi(cpu->apic_id, DELIVER_INIT, 0);
	wait_ns(INIT_NS);
	x86_ipi(cpu->apic_id, DELIVER_STARTUP, page);
	state = wait_while(cpu, CPU_ASLEEP, AGAIN_NS);
	if (state == CPU_ASLEEP) {
		x86_ipi(cpu->apic_id, DELIVER_STARTUP, page);
		state = wait_while(cpu, CPU_ASLEEP, PATIENCE_NS);
	}
	if (state == CPU_AWAKE)
		state = wait_while(cpu, CPU_AWAKE, PATIENCE_NS);
	if (state == CPU_COMPARES) {
		compare_tsc(cpu);
		state = wait_while(cpu, CPU_COMPARES, PATIENCE_NS);
	}
	return state;
}

/* Back to where INIT leaves it: it runs nothing, takes no interrupt. */
static void put_to_sleep(const struct x86_cpu *cpu)
{
	x86_ipi(cpu->apic_id, DELIVER_INIT, 0);
	wait_ns(INIT_NS);
}

static void refuse(const struct x86_cpu *cpu)
{
	log_line(
		"smp: processor with APIC ID %u is refused: it lacks %s, which the kernel was patched "
		"for",
		cpu->apic_id, feature_name((unsigned)cpu->lacking));
	if (!report.refused++)
		report.lacking = cpu->lacking;
	put_to_sleep(cpu);
}

static void start_one(u32 apic_id)
{
	struct x86_cpu *cpu = x86_cpus[x86_nr_cpus];

	if (cpu)
		reset_cpu(cpu, apic_id);
	else
		cpu = make_cpu(x86_nr_cpus, apic_id);
	if (!cpu) {
		log_line("smp: no memory for the processor with APIC ID %u", apic_id);
		report.silent++;
		return;
	}
	fill_trampoline(cpu, cpu->shared.kernel_stack_top);
	switch (wake(cpu)) {
	case CPU_RUNS:
		report.cpus = x86_nr_cpus;
		break;
	case CPU_REFUSED:
		refuse(cpu);
		break;
	default:
		log_line("smp: processor with APIC ID %u does not answer", apic_id);
		put_to_sleep(cpu);
		report.silent++;
	}
}

const char *arch_smp_init(void)
{
	x86_apic_find(x86_machine.cpus.apic);
	if (!x86_apic_usable())
		return "no local APIC";
	x86_apic_init();
	x86_boot_cpu.apic_id = x86_apic_id();
	x86_timer_calibrate();
	x86_timer_init();
	report.x2apic = x86_apic_is_x2();
	report.deadline = x86_timer_is_deadline();
	report.timer_khz = x86_timer_khz();
	return NULL;
}

/* Whether the processor can be addressed, and is not the one we are on. */
static bool can_start(u32 apic_id)
{
	return apic_id != x86_boot_cpu.apic_id && (x86_apic_is_x2() || apic_id < 0xff);
}

static void start_all(unsigned limit)
{
	const struct acpi_cpus *cpus = &x86_machine.cpus;

	for (size_t i = 0; i < cpus->nr; i++) {
		if (cpus->apic_id[i] == x86_boot_cpu.apic_id)
			continue;
		if (can_start(cpus->apic_id[i]) && (!limit || x86_nr_cpus < limit))
			start_one(cpus->apic_id[i]);
		else
			report.silent++;
	}
	report.silent += (unsigned)cpus->left_out;
}

void arch_smp_start(unsigned limit, const char *ap_list)
{
	const struct acpi_cpus *cpus = &x86_machine.cpus;

	report.present = cpus->nr ? (unsigned)(cpus->nr + cpus->left_out) : 1;
	if (report.present == 1)
		return;
	if (!x86_apic_usable() || !x86_machine.trampoline) {
		report.silent = report.present - 1;
		return;
	}
	x86_ap_prepare(ap_list);
	fill_tables(x86_machine.trampoline);
	start_all(limit);
	memset(start_tables, 0, sizeof(start_tables));
	memset(arch_direct_map(x86_machine.trampoline), 0, PAGE_BYTES);
}

const struct arch_smp_report *arch_smp_report(void)
{
	return &report;
}

unsigned arch_cpu_count(void)
{
	return x86_nr_cpus;
}

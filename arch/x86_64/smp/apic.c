/* SPDX-License-Identifier: MIT */
/*
 * The local APIC, by its register page (xAPIC) or by MSRs (x2APIC). SDM volume 3, "Advanced
 * Programmable Interrupt Controller (APIC)".
 */
#include <arch/alternative.h>
#include <arch/cpu.h>
#include <arch/smp.h>
#include <arch/spinlock.h>
#include <quench/log.h>
#include <x86/mm.h>
#include <x86/registers.h>
#include <x86/smp.h>
#include <x86/vectors.h>

/* "Local APIC Register Address Map". */
enum apic_register {
	APIC_ID = 0x20,
	APIC_TPR = 0x80,
	APIC_EOI = 0xb0,
	APIC_SPURIOUS = 0xf0,
	APIC_ESR = 0x280,
	APIC_ICR = 0x300, /* x2APIC: all 64 bits */
	APIC_ICR_HIGH = 0x310,
	APIC_LVT_TIMER = 0x320,
	APIC_LVT_THERMAL = 0x330,
	APIC_LVT_PERF = 0x340,
	APIC_LVT_LINT0 = 0x350,
	APIC_LVT_LINT1 = 0x360,
	APIC_LVT_ERROR = 0x370,
	APIC_TIMER_COUNT = 0x380,
	APIC_TIMER_LEFT = 0x390,
	APIC_TIMER_DIVIDE = 0x3e0,
};
#define SPURIOUS_ENABLE   0x100
#define LVT_MASKED        0x10000
#define LVT_NMI           0x400
#define LVT_TSC_DEADLINE  0x40000
#define ICR_PENDING       0x1000
#define ICR_ASSERT        0x4000
#define TIMER_DIVIDE_BY_1 0xb

static bool x2apic __ro_after_init;
static bool usable __ro_after_init;
static u32 nr_errors;

static volatile u32 *page_register(enum apic_register reg)
{
	return (volatile u32 *)(X86_APIC_PAGE + reg);
}

static u32 read_register(enum apic_register reg)
{
	return x2apic ? (u32)x86_read_msr(MSR_X2APIC + reg / 16) : *page_register(reg);
}

static void write_register(enum apic_register reg, u32 value)
{
	if (x2apic)
		x86_write_msr(MSR_X2APIC + reg / 16, value);
	else
		*page_register(reg) = value;
}

bool x86_apic_usable(void)
{
	return usable;
}

bool x86_apic_is_x2(void)
{
	return x2apic;
}

/* x2APIC mode where the firmware chose it, or the processor has it: "x2APIC State Transitions"
 * allows no way back from it. */
void x86_apic_find(paddr_t page)
{
	const struct feature_set *features = &arch_cpu_report()->features;

	if (!feature_test(features, FEATURE_APIC))
		return;
	x2apic = feature_test(features, FEATURE_X2APIC) ||
		 x86_read_msr(MSR_APIC_BASE) & APIC_BASE_X2APIC;
	usable = x2apic || !x86_map_device(X86_APIC_PAGE, page);
}

u32 x86_apic_id(void)
{
	return x2apic ? read_register(APIC_ID) : read_register(APIC_ID) >> 24;
}

static void turn_on(void)
{
	u64 base = x86_read_msr(MSR_APIC_BASE);

	if (!(base & APIC_BASE_ENABLE))
		x86_write_msr(MSR_APIC_BASE, base |= APIC_BASE_ENABLE);
	if (x2apic && !(base & APIC_BASE_X2APIC))
		x86_write_msr(MSR_APIC_BASE, base | APIC_BASE_X2APIC);
	write_register(APIC_SPURIOUS, SPURIOUS_ENABLE | VECTOR_SPURIOUS);
	write_register(APIC_TPR, 0);
}

void x86_apic_init(void)
{
	bool pin = x86_machine.cpus.nmi_pin;

	turn_on();
	write_register(APIC_LVT_TIMER, LVT_MASKED | VECTOR_TIMER);
	write_register(pin ? APIC_LVT_LINT0 : APIC_LVT_LINT1, LVT_MASKED | VECTOR_SPURIOUS);
	write_register(pin ? APIC_LVT_LINT1 : APIC_LVT_LINT0, LVT_NMI);
	write_register(APIC_TIMER_DIVIDE, TIMER_DIVIDE_BY_1);
	write_register(APIC_ESR, 0);
	write_register(APIC_LVT_ERROR, VECTOR_APIC_ERROR);
	x86_apic_eoi(); /* one the firmware may have left */
}

void x86_apic_eoi(void)
{
	write_register(APIC_EOI, 0);
}

/* "Error Handling": written before it is read. Errors are our own mistakes; they are told once. */
void x86_apic_error(void)
{
	write_register(APIC_ESR, 0);

	u32 status = read_register(APIC_ESR);

	if (!__atomic_fetch_add(&nr_errors, 1, __ATOMIC_RELAXED))
		log_line("apic: error status 0x%x on processor %u", status, arch_cpu_index());
}

/* "x2APIC Register Access": the write to the MSR waits for no store before it. */
static void write_icr(u32 apic_id, u32 command)
{
	u64 flags;

	if (x2apic) {
		__asm__ volatile("mfence\n\tlfence" ::: "memory");
		x86_write_msr(MSR_X2APIC + APIC_ICR / 16, (u64)apic_id << 32 | command);
		return;
	}
	flags = arch_interrupts_save();
	while (*page_register(APIC_ICR) & ICR_PENDING)
		arch_pause();
	*page_register(APIC_ICR_HIGH) = apic_id << 24;
	*page_register(APIC_ICR) = command;
	arch_interrupts_restore(flags);
}

void x86_ipi(u32 apic_id, enum x86_delivery delivery, u8 vector)
{
	write_icr(apic_id, (u32)delivery | ICR_ASSERT | vector);
}

void x86_apic_timer_mode(u32 vector, bool deadline, bool masked)
{
	write_register(APIC_LVT_TIMER,
		       vector | (deadline ? LVT_TSC_DEADLINE : 0) | (masked ? LVT_MASKED : 0));
	/* The MSR write that arms it must not overtake the mode: "TSC-Deadline Mode". */
	if (deadline)
		__asm__ volatile("mfence" ::: "memory");
}

void x86_apic_timer_count(u32 count)
{
	write_register(APIC_TIMER_COUNT, count);
}

u32 x86_apic_timer_left(void)
{
	return read_register(APIC_TIMER_LEFT);
}

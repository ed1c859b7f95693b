/* SPDX-License-Identifier: MIT */
/* Reads CPUID and IA32_MISC_ENABLE of the boot processor and settles what it may be used for.
 * Runs before patching: no alternative may be needed here. */
#include <x86/cpu_settle.h>
#include <x86/cpuid_table.h>
#include <x86/machine.h>
#include <x86/registers.h>

#define MSR_MISC_ENABLE 0x1a0
/* Linux's AT_HWCAP2 bit, <asm/hwcap2.h>: wrfsbase and its like work in user mode. */
#define HWCAP2_FSGSBASE 2

static struct cpuid_row rows[CPUID_MAX_ROWS] __ro_after_init;
static struct cpu_verdict verdict __ro_after_init;
static struct cpu_report report __ro_after_init;

static void ask_processor(void *context, struct cpuid_row *row)
{
	__asm__ volatile("cpuid"
			 : "=a"(row->eax), "=b"(row->ebx), "=c"(row->ecx), "=d"(row->edx)
			 : "a"(row->leaf), "c"(row->subleaf)
			 : "memory");
}

/* An exception here would be a triple fault, so: only where SDM volume 4 defines the register,
 * which is every Intel processor with long mode. */
static void read_misc_enable(struct cpu_controls *controls)
{
	struct cpu_identity identity;
	const struct cpuid_row *row = cpuid_valid(rows, report.nr_rows, 1, 0);

	cpuid_identify(rows, report.nr_rows, &identity);
	if (cpu_vendor_of(&identity) != CPU_VENDOR_INTEL || identity.family < 6 || !row ||
	    !(row->edx >> feature_place(FEATURE_MSR).bit & 1))
		return;
	controls->misc_enable = x86_read_msr(MSR_MISC_ENABLE);
	controls->misc_enable_known = true;
}

/* Firmware for old systems may hide all leaves above 3: show them, and read again. */
static void lift_cpuid_limit(struct cpu_controls *controls)
{
	if (!controls->misc_enable_known || !(controls->misc_enable & MISC_ENABLE_LIMIT_CPUID))
		return;
	controls->misc_enable &= ~MISC_ENABLE_LIMIT_CPUID;
	x86_write_msr(MSR_MISC_ENABLE, controls->misc_enable);
	report.nr_rows = cpuid_walk(ask_processor, NULL, rows, ARRAY_SIZE(rows));
}

static void report_choice(void)
{
	report.features = verdict.features;
	report.copy_name = verdict.copy.name;
	report.copy_why = verdict.copy.why;
	report.constants = verdict.constants;
}

int arch_cpu_detect(const char *cpu_list, const char *copy_name, char *error, size_t error_bytes)
{
	struct cpu_controls controls = { .xcr0 = CPU_XCR0_KERNEL };
	int status;

	report.rows = rows;
	report.nr_rows = cpuid_walk(ask_processor, NULL, rows, ARRAY_SIZE(rows));
	read_misc_enable(&controls);
	lift_cpuid_limit(&controls);
	status = cpu_settle(rows, report.nr_rows, &controls, cpu_list, copy_name, &verdict, error,
			    error_bytes);
	report.identity = verdict.facts.identity;
	report_choice();
	if (!status)
		x86_enable_state(&report.features);
	return status;
}

const struct cpu_report *arch_cpu_report(void)
{
	return &report;
}

int arch_copy_lacks(int copy_feature)
{
	return copy_variant_lacks(&report.features, copy_feature);
}

void arch_cpu_choose_copy(const char *name, const struct copy_thresholds *thresholds, bool cliff)
{
	struct copy_choice choice;
	char error[8];

	if (copy_policy(&verdict.features, name, &choice, error, sizeof(error)))
		return;
	choice.why = "measured at boot";
	choice.thresholds.copy_rep = thresholds->copy_rep;
	choice.thresholds.clear_rep = thresholds->clear_rep;
	if (cliff)
		feature_add(&verdict.features, FEATURE_REP_MOVS_CLIFF);
	verdict.copy = choice;
	copy_policy_apply(&choice, &verdict.features);
	cpu_constants(&choice, verdict.constants);
	report_choice();
}

u64 arch_hwcap(void)
{
	const struct cpuid_row *row = cpuid_find(rows, report.nr_rows, 1, 0);

	return row ? row->edx : 0;
}

u64 arch_hwcap2(void)
{
	return feature_test(&report.features, FEATURE_FSGSBASE) ? HWCAP2_FSGSBASE : 0;
}

/* SPDX-License-Identifier: MIT */
/* What the boot found, for people and for programs. */
#include <arch/cpu.h>
#include <arch/smp.h>
#include <kernel/report.h>
#include <quench/log.h>
#include <quench/records.h>

static const char *via_name(enum boot_via via)
{
	return via == BOOT_VIA_PVH ? "pvh" : "multiboot2";
}

static u64 usable_bytes(const struct boot_info *info)
{
	u64 bytes = 0;

	for (size_t i = 0; i < info->nr_ranges; i++)
		if (info->ranges[i].type == MEMORY_USABLE)
			bytes += info->ranges[i].bytes;
	return bytes;
}

void report_boot(const struct boot_info *info)
{
	log_line("Quench %s: booted through %s, %lu MiB of memory, %lu KiB of initramfs",
		 QUENCH_VERSION, via_name(info->via), usable_bytes(info) >> 20,
		 info->initramfs_bytes >> 10);
	if (info->cmdline[0])
		log_line("command line: %s", info->cmdline);
	record_begin("boot");
	record_string("version", QUENCH_VERSION);
	record_string("via", via_name(info->via));
	record_string("cmdline", info->cmdline);
	record_u64("memory", usable_bytes(info));
	record_u64("initramfs", info->initramfs_bytes);
	record_u64("tsc", arch_tsc());
	record_end();
}

static void report_row(const struct cpuid_row *row)
{
	record_begin("cpuid");
	record_u64("leaf", row->leaf);
	record_u64("sub", row->subleaf);
	record_u64("eax", row->eax);
	record_u64("ebx", row->ebx);
	record_u64("ecx", row->ecx);
	record_u64("edx", row->edx);
	record_end();
}

static void report_features(const struct cpu_report *cpu)
{
	record_begin("cpu");
	record_string("vendor", cpu->identity.vendor);
	record_u64("family", cpu->identity.family);
	record_u64("model", cpu->identity.model);
	record_u64("stepping", cpu->identity.stepping);
	record_string("brand", cpu->identity.brand);
	record_string("copy", cpu->copy_name);
	record_array("features");
	for (unsigned i = 0; i < NR_FEATURES; i++)
		if (feature_test(&cpu->features, i))
			record_element(feature_name(i));
	record_array_end();
	record_end();
}

void report_cpu(void)
{
	const struct cpu_report *cpu = arch_cpu_report();

	for (size_t i = 0; i < cpu->nr_rows; i++)
		report_row(&cpu->rows[i]);
	report_features(cpu);
	log_line("cpu: %s family 0x%x model 0x%x stepping %u%s%s", cpu->identity.vendor,
		 cpu->identity.family, cpu->identity.model, cpu->identity.stepping,
		 cpu->identity.brand[0] ? ", " : "", cpu->identity.brand);
	log_line("cpu: SMAP %s, ERMS %s, FSRM %s; user copies: %s (%s)",
		 feature_test(&cpu->features, FEATURE_SMAP) ? "yes" : "no",
		 feature_test(&cpu->features, FEATURE_ERMS) ? "yes" : "no",
		 feature_test(&cpu->features, FEATURE_FSRM) ? "yes" : "no", cpu->copy_name,
		 cpu->copy_why);
}

static void report_refusal(const struct arch_smp_report *smp)
{
	if (smp->lacking >= 0)
		record_string("lacking", feature_name((unsigned)smp->lacking));
}

void report_smp(void)
{
	const struct arch_smp_report *smp = arch_smp_report();

	log_line("smp: %u of %u processors run, %u refused; %s, timer by %s", smp->cpus,
		 smp->present, smp->refused, smp->x2apic ? "x2APIC" : "xAPIC",
		 smp->deadline ? "TSC deadline" : "countdown");
	record_begin("smp");
	record_u64("cpus", smp->cpus);
	record_u64("refused", smp->refused);
	record_u64("present", smp->present);
	record_u64("silent", smp->silent);
	record_string("apic", smp->x2apic ? "x2apic" : "xapic");
	record_string("timer", smp->deadline ? "deadline" : "oneshot");
	record_u64("timer_khz", smp->timer_khz);
	record_u64("tsc_behind", smp->tsc_behind);
	report_refusal(smp);
	record_end();
}

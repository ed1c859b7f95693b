/* SPDX-License-Identifier: MIT */
/*
 * What the firmware's tables tell about processors: the MADT, found through RSDP and RSDT or
 * XSDT. PURE; nothing in the tables is trusted. ACPI Specification 6.5, "ACPI Software Programming
 * Model".
 */
#pragma once

#include <quench/cpumask.h>
#include <quench/types.h>
#include <x86/boot.h>

struct acpi_cpus {
	paddr_t apic; /* the local APICs' register page */
	size_t nr;    /* usable processors, the boot CPU among them, in the table's order */
	u32 apic_id[MAX_CPUS]; /* each once */
	size_t left_out;       /* usable ones beyond MAX_CPUS */
	u8 nmi_pin; /* LINT pin NMI comes in by: 0 or 1 (the custom, where nothing is said) */
};

/*
 * Fills *out from the tables: `rsdp` is the root pointer's address, 0: look for it where the BIOS
 * puts it. NULL, or what is wrong in a few words; then *out has no processor.
 */
const char *acpi_find_cpus(const struct boot_window *memory, paddr_t rsdp, struct acpi_cpus *out);

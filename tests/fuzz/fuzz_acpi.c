/* SPDX-License-Identifier: MIT */
/* Any bytes as ACPI tables: refused with a reason, or processors in order. Checksums are set right
 * first, or nothing behind them would ever be reached. */
#include <stdlib.h>
#include <string.h>

#include <x86/acpi.h>

#define REQUIRE(condition)        \
	do {                      \
		if (!(condition)) \
			abort();  \
	} while (0)

#define BASE UINT64_C(0x10000)

static struct acpi_cpus cpus;

static void close_sum(u8 *at, size_t bytes, size_t sum_at)
{
	u8 sum = 0;

	at[sum_at] = 0;
	for (size_t i = 0; i < bytes; i++)
		sum = (u8)(sum + at[i]);
	at[sum_at] = (u8)-sum;
}

/* Every place that looks like a table gets the checksum it needs. */
static void repair(u8 *data, size_t size)
{
	for (size_t i = 0; i + 36 <= size; i += 4) {
		u32 length;

		memcpy(&length, data + i + 4, sizeof(length));
		if (!memcmp(data + i, "RSD PTR ", 8))
			close_sum(data + i, 20, 8);
		else if (length >= 36 && length <= size - i &&
			 (!memcmp(data + i, "APIC", 4) || !memcmp(data + i, "RSDT", 4) ||
			  !memcmp(data + i, "XSDT", 4)))
			close_sum(data + i, length, 9);
	}
}

static void check(void)
{
	REQUIRE(cpus.nr && cpus.nr <= MAX_CPUS && cpus.nmi_pin <= 1 && !(cpus.apic & PAGE_MASK));
	for (size_t i = 0; i < cpus.nr; i++)
		for (size_t j = 0; j < i; j++)
			REQUIRE(cpus.apic_id[i] != cpus.apic_id[j]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	u8 *copy = malloc(size ? size : 1); /* its end is the sanitizer's */
	const struct boot_window window = { BASE, size, copy };

	memcpy(copy, data, size);
	repair(copy, size);
	if (acpi_find_cpus(&window, BASE, &cpus))
		REQUIRE(!cpus.nr);
	else
		check();
	free(copy);
	return 0;
}

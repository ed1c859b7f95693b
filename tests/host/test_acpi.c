/* SPDX-License-Identifier: MIT */
/* smp/acpi.c: processors of both kinds of MADT entry are found, damaged tables are not believed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <x86/acpi.h>

/* Low memory as a BIOS leaves it: the window begins at 0. */
#define AT_RSDP 0xf0010
#define AT_RSDT 0x2000
#define AT_XSDT 0x2100
#define AT_FACP 0x2200
#define AT_MADT 0x3000

static u8 memory[0x100000];
static struct acpi_cpus cpus;

static void put32(u32 at, u32 value)
{
	memcpy(memory + at, &value, 4);
}

static void put64(u32 at, u64 value)
{
	memcpy(memory + at, &value, 8);
}

static void close_sum(u32 at, u32 bytes, u32 sum_at)
{
	u8 sum = 0;

	memory[sum_at] = 0;
	for (u32 i = 0; i < bytes; i++)
		sum = (u8)(sum + memory[at + i]);
	memory[sum_at] = (u8)-sum;
}

static void table(u32 at, const char *signature, u32 bytes)
{
	memcpy(memory + at, signature, 4);
	put32(at + 4, bytes);
	close_sum(at, bytes, at + 9);
}

static void root_pointer(u32 at, u8 revision)
{
	memcpy(memory + at, "RSD PTR ", 8);
	memory[at + 15] = revision;
	put32(at + 16, AT_RSDT);
	put32(at + 20, 36);
	put64(at + 24, revision >= 2 ? AT_XSDT : 0);
	close_sum(at, 20, at + 8);
	close_sum(at, 36, at + 32);
}

static u32 madt_end;

static void entry(const u8 *bytes, u8 n)
{
	memcpy(memory + madt_end, bytes, n);
	madt_end += n;
}

static void local_apic(u8 id, u8 flags)
{
	entry((const u8[]){ 0, 8, id, id, flags, 0, 0, 0 }, 8);
}

static void local_x2apic(u32 id, u8 flags)
{
	u8 bytes[16] = { 9, 16, 0, 0, 0, 0, 0, 0, flags };

	memcpy(bytes + 4, &id, 4);
	entry(bytes, 16);
}

static void finish(void)
{
	table(AT_MADT, "APIC", madt_end - AT_MADT);
}

/* Tables with two processors, and the MADT behind another table in both roots. */
static int make(void **state)
{
	memset(memory, 0, sizeof(memory));
	root_pointer(AT_RSDP, 2);
	table(AT_FACP, "FACP", 100);
	put32(AT_RSDT + 36, AT_FACP);
	put32(AT_RSDT + 40, AT_MADT);
	table(AT_RSDT, "RSDT", 44);
	put64(AT_XSDT + 36, AT_FACP);
	put64(AT_XSDT + 44, AT_MADT);
	table(AT_XSDT, "XSDT", 52);
	put32(AT_MADT + 36, 0xfee00000);
	madt_end = AT_MADT + 44;
	local_apic(0, 1);
	local_apic(1, 1);
	finish();
	return 0;
}

static const char *find(paddr_t rsdp)
{
	const struct boot_window window = { 0, sizeof(memory), memory };

	return acpi_find_cpus(&window, rsdp, &cpus);
}

static void two_processors(void **state)
{
	assert_null(find(AT_RSDP));
	assert_int_equal(cpus.nr, 2);
	assert_int_equal(cpus.apic_id[0], 0);
	assert_int_equal(cpus.apic_id[1], 1);
	assert_int_equal(cpus.apic, 0xfee00000);
	assert_int_equal(cpus.nmi_pin, 1);
}

static void the_root_pointer_is_searched(void **state)
{
	assert_null(find(0));
	assert_int_equal(cpus.nr, 2);
	/* One in the EBDA comes first. */
	memset(memory + AT_RSDP, 0, 36);
	assert_non_null(find(0));
	memory[0x40e] = 0xc0;
	memory[0x40f] = 0x9f;
	root_pointer(0x9fc20, 0);
	assert_null(find(0));
	/* What the loader says and is wrong does not stop the search. */
	assert_null(find(0x5000));
	assert_int_equal(cpus.nr, 2);
}

static void the_old_root_serves_where_the_new_is_damaged(void **state)
{
	memory[AT_XSDT + 30]++;
	assert_null(find(AT_RSDP));
	assert_int_equal(cpus.nr, 2);
	memory[AT_RSDT + 30]++;
	assert_non_null(find(AT_RSDP));
	assert_int_equal(cpus.nr, 0);
}

static void only_usable_processors_and_each_once(void **state)
{
	local_apic(2, 0);    /* neither enabled ... */
	local_apic(3, 2);    /* ... nor more than "could be plugged in" */
	local_apic(0xff, 1); /* no number */
	local_x2apic(1, 1);  /* said before */
	local_x2apic(300, 1);
	local_x2apic(UINT32_MAX, 1);
	finish();
	assert_null(find(AT_RSDP));
	assert_int_equal(cpus.nr, 3);
	assert_int_equal(cpus.apic_id[2], 300);
}

static void too_many_are_counted(void **state)
{
	for (u32 i = 0; i < MAX_CPUS + 5; i++)
		local_x2apic(1000 + i, 1);
	finish();
	assert_null(find(AT_RSDP));
	assert_int_equal(cpus.nr, MAX_CPUS);
	assert_int_equal(cpus.left_out, 7);
}

static void address_and_pin_are_taken(void **state)
{
	entry((const u8[]){ 4, 6, 0xff, 0, 0, 0 }, 6);
	entry((const u8[]){ 5, 12, 0, 0, 0, 0x10, 0, 0xe0, 1, 0, 0, 0 }, 12);
	finish();
	assert_null(find(AT_RSDP));
	assert_int_equal(cpus.nmi_pin, 0);
	assert_int_equal(cpus.apic, 0x1e0001000);
}

static void entries_that_do_not_fit_end_the_list(void **state)
{
	entry((const u8[]){ 0, 4, 7, 7 }, 4); /* too short for its kind: passed over */
	local_apic(5, 1);
	entry((const u8[]){ 0, 0 }, 2);
	local_apic(6, 1);
	finish();
	assert_null(find(AT_RSDP));
	assert_int_equal(cpus.nr, 3);
	assert_int_equal(cpus.apic_id[2], 5);
}

static void a_damaged_madt_is_refused(void **state)
{
	memory[AT_MADT + 50]++;
	assert_non_null(find(AT_RSDP));
	memory[AT_MADT + 50]--;
	put32(AT_MADT + 4, 0xffffffff);
	assert_non_null(find(AT_RSDP));
	put32(AT_MADT + 4, sizeof(memory) - AT_MADT + 1);
	assert_non_null(find(AT_RSDP));
	assert_int_equal(cpus.nr, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(two_processors, make),
		cmocka_unit_test_setup(the_root_pointer_is_searched, make),
		cmocka_unit_test_setup(the_old_root_serves_where_the_new_is_damaged, make),
		cmocka_unit_test_setup(only_usable_processors_and_each_once, make),
		cmocka_unit_test_setup(too_many_are_counted, make),
		cmocka_unit_test_setup(address_and_pin_are_taken, make),
		cmocka_unit_test_setup(entries_that_do_not_fit_end_the_list, make),
		cmocka_unit_test_setup(a_damaged_madt_is_refused, make),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

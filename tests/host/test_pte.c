/* SPDX-License-Identifier: MIT */
/* x86/pte.h: entries keep page and rights, and one without rights cannot be used by a processor. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <x86/pte.h>

static const paddr_t pages[] = { 0, 0x1000, 0x7fd7000, 0xfffff000, 0x100000000, 0xffffffffff000 };

static void every_page_and_right_comes_back(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(pages); i++)
		for (unsigned prot = 0; prot < 8; prot++) {
			u64 entry = pte_user(pages[i], prot, PTE_NX);
			unsigned expected = prot ? prot | ARCH_READ | ARCH_USER : 0;

			assert_true(pte_holds_page(entry));
			assert_int_equal(pte_page(entry), pages[i]);
			assert_int_equal(pte_prot(entry), expected);
			assert_int_equal(!!(entry & PTE_PRESENT), !!prot);
		}
}

/* Bit 63 is reserved where NX is off: setting it would fault. */
static void without_nx_bit_63_stays_clear(void **state)
{
	for (unsigned prot = 0; prot < 8; prot++)
		assert_false(pte_user(0x5000, prot, 0) & PTE_NX);
}

/* L1TF: the address in a not-present entry must not be one of memory. */
static void a_hidden_page_names_no_memory(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(pages) - 1; i++)
		assert_true((pte_user(pages[i], 0, PTE_NX) & PTE_FRAME) >= (UINT64_C(1) << 51));
}

static void an_empty_entry_holds_nothing(void **state)
{
	assert_false(pte_holds_page(0));
	assert_int_equal(pte_prot(0), 0);
}

static void indices_and_spans_agree(void **state)
{
	const vaddr_t address = UINT64_C(0xffffffff80201000);

	assert_int_equal(pte_index(address, 4), 511);
	assert_int_equal(pte_index(address, 3), 510);
	assert_int_equal(pte_index(address, 2), 1);
	assert_int_equal(pte_index(address, 1), 1);
	assert_int_equal(pte_index(ARCH_DIRECT_MAP, 4), PTE_KERNEL_FIRST);
	assert_int_equal(pte_index(ARCH_USER_LIMIT, 1), 511);
	assert_int_equal(pte_span(1), 4096);
	assert_int_equal(pte_span(2), PTE_LARGE_BYTES);
	assert_int_equal(pte_span(4), ARCH_DIRECT_MAP_MAX);
	assert_true(pte_canonical(UINT64_C(511) << 39) == UINT64_C(0xffffff8000000000));
	assert_true(pte_canonical(UINT64_C(0x7fffffffffff)) == UINT64_C(0x7fffffffffff));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_page_and_right_comes_back),
		cmocka_unit_test(without_nx_bit_63_stays_clear),
		cmocka_unit_test(a_hidden_page_names_no_memory),
		cmocka_unit_test(an_empty_entry_holds_nothing),
		cmocka_unit_test(indices_and_spans_agree),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* kernel/mm/fault.h: who is to blame for a page fault. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <kernel/mm/fault.h>

#define USER_ADDRESS   UINT64_C(0x401000)
#define KERNEL_ADDRESS UINT64_C(0xffffffff80001000)
#define TOP_PAGE       UINT64_C(0x00007ffffffff000) /* the first address that is not the user's */

enum { BY_USER = 1, SMAP = 2, AC = 4, COVERED = 8, PROGRAM = 16 };

static void judges(void **state)
{
	static const struct {
		vaddr_t address;
		u64 error;
		unsigned facts;
		enum fault_verdict verdict;
	} cases[] = {
		/* programs */
		{ USER_ADDRESS, FAULT_USER, BY_USER | PROGRAM, FAULT_MEND_OR_SIGNAL },
		{ USER_ADDRESS, FAULT_USER | FAULT_FETCH, BY_USER | SMAP, FAULT_MEND_OR_SIGNAL },
		{ TOP_PAGE - 1, FAULT_USER, BY_USER, FAULT_MEND_OR_SIGNAL },
		{ TOP_PAGE, FAULT_USER, BY_USER, FAULT_SIGNAL },
		{ KERNEL_ADDRESS, FAULT_USER | FAULT_PRESENT, BY_USER, FAULT_SIGNAL },
		/* iretq of a program under SMAP: error 1 with the user's CS */
		{ USER_ADDRESS, FAULT_PRESENT, BY_USER | SMAP | PROGRAM, FAULT_SIGNAL },
		/* the kernel's user copies */
		{ USER_ADDRESS, 0, SMAP | AC | COVERED | PROGRAM, FAULT_MEND_OR_FIXUP },
		{ USER_ADDRESS, FAULT_WRITE, COVERED | PROGRAM, FAULT_MEND_OR_FIXUP },
		{ USER_ADDRESS, 0, SMAP | AC | COVERED, FAULT_FIXUP },
		{ KERNEL_ADDRESS, FAULT_WRITE | FAULT_PRESENT, SMAP | COVERED, FAULT_FIXUP },
		/* bugs */
		{ USER_ADDRESS, FAULT_PRESENT, SMAP | COVERED | PROGRAM, FAULT_BUG_AC },
		{ USER_ADDRESS, 0, SMAP | COVERED | PROGRAM, FAULT_BUG_AC },
		{ USER_ADDRESS, 0, SMAP | AC | PROGRAM, FAULT_BUG_UNCOVERED },
		{ USER_ADDRESS, 0, PROGRAM, FAULT_BUG_UNCOVERED },
		{ KERNEL_ADDRESS, 0, 0, FAULT_BUG_UNCOVERED },
		{ USER_ADDRESS, FAULT_FETCH | FAULT_PRESENT, SMAP | AC | COVERED | PROGRAM,
		  FAULT_BUG_FETCH },
		{ KERNEL_ADDRESS, FAULT_FETCH, COVERED, FAULT_BUG_FETCH },
		{ USER_ADDRESS, FAULT_RESERVED | FAULT_USER, BY_USER | PROGRAM,
		  FAULT_BUG_RESERVED },
		{ KERNEL_ADDRESS, FAULT_RESERVED | FAULT_PRESENT, COVERED, FAULT_BUG_RESERVED },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct fault_facts facts = {
			.address = cases[i].address,
			.error = cases[i].error,
			.from_user = cases[i].facts & BY_USER,
			.smap = cases[i].facts & SMAP,
			.ac = cases[i].facts & AC,
			.covered = cases[i].facts & COVERED,
			.has_aspace = cases[i].facts & PROGRAM,
		};

		assert_int_equal(fault_judge(&facts), cases[i].verdict);
		assert_non_null(fault_text(cases[i].verdict));
	}
}

/* Whatever else holds: no fetch and no access outside stac..clac is ever mended for the kernel. */
static void never_mends_a_bug(void **state)
{
	for (unsigned bits = 0; bits < 1024; bits++) {
		const struct fault_facts facts = {
			.address = bits & 512 ? USER_ADDRESS : KERNEL_ADDRESS,
			.error = bits & 31,
			.smap = bits & 32,
			.ac = bits & 64,
			.covered = bits & 128,
			.has_aspace = bits & 256,
		};
		enum fault_verdict verdict = fault_judge(&facts);

		if (facts.error & (FAULT_FETCH | FAULT_RESERVED) || !facts.covered ||
		    (bits & 512 && facts.smap && !facts.ac))
			assert_true(verdict >= FAULT_BUG_RESERVED);
		else
			assert_true(verdict == FAULT_MEND_OR_FIXUP || verdict == FAULT_FIXUP);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(judges),
		cmocka_unit_test(never_mends_a_bug),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

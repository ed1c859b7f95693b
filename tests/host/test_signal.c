/* SPDX-License-Identifier: MIT */
/* Pending signals in order, which goes first, and exceptions as signals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <asm/siginfo.h>
#include <cmocka.h>
#include <kernel/signal/queue.h>
#include <kernel/signal/set.h>
#include <x86/exception.h>

#define SI_OF_KERNEL 0x80

static void add(struct signal_pending *pending, struct signal_entry *entry, int signal, u64 value)
{
	*entry = (struct signal_entry){ .info = { .signo = signal, .value = value } };
	signal_pending_add(pending, entry);
}

static void takes_in_order(void **state)
{
	struct signal_pending pending = { 0 };
	struct signal_entry entries[4];

	add(&pending, &entries[0], 40, 1);
	add(&pending, &entries[1], 10, 2);
	add(&pending, &entries[2], 40, 3);
	add(&pending, &entries[3], 40, 4);
	assert_int_equal(pending.set, SIGNAL_BIT(40) | SIGNAL_BIT(10));
	assert_ptr_equal(signal_pending_take(&pending, 40), &entries[0]);
	assert_ptr_equal(signal_pending_take(&pending, 40), &entries[2]);
	assert_int_equal(pending.set, SIGNAL_BIT(40) | SIGNAL_BIT(10));
	assert_ptr_equal(signal_pending_take(&pending, 40), &entries[3]);
	assert_int_equal(pending.set, SIGNAL_BIT(10));
	add(&pending, &entries[0], 12, 5);
	assert_ptr_equal(signal_pending_take(&pending, 12), &entries[0]);
	assert_ptr_equal(signal_pending_take(&pending, 10), &entries[1]);
	assert_int_equal(pending.set, 0);
	assert_null(pending.first);
}

static void without_an_entry(void **state)
{
	struct signal_pending pending = { .set = SIGNAL_BIT(9) };

	assert_null(signal_pending_take(&pending, 9));
	assert_int_equal(pending.set, 0);
}

static void drops_a_set(void **state)
{
	struct signal_pending pending = { 0 };
	struct signal_entry entries[4], *dropped;

	for (int i = 0; i < 4; i++)
		add(&pending, &entries[i], i & 1 ? SIGTSTP : SIGUSR1, 0);
	dropped = signal_pending_drop(&pending, SIGNALS_STOP);
	assert_non_null(dropped);
	assert_non_null(dropped->next);
	assert_null(dropped->next->next);
	assert_int_equal(pending.set, SIGNAL_BIT(SIGUSR1));
	/* The end of the list is where the next one goes. */
	add(&pending, dropped, SIGUSR2, 0);
	assert_ptr_equal(signal_pending_take(&pending, SIGUSR1), &entries[0]);
	assert_ptr_equal(signal_pending_take(&pending, SIGUSR1), &entries[2]);
	assert_ptr_equal(signal_pending_take(&pending, SIGUSR2), dropped);
	assert_null(pending.first);
}

static void which_goes_first(void **state)
{
	assert_int_equal(signal_first(0), 0);
	assert_int_equal(signal_first(UINT64_C(1) << 63), 64);
	assert_int_equal(signal_first(SIGNAL_BIT(SIGHUP) | SIGNAL_BIT(SIGSEGV)), SIGSEGV);
	assert_int_equal(signal_first(SIGNAL_BIT(SIGTERM) | SIGNAL_BIT(SIGUSR1)), SIGUSR1);
	assert_int_equal(signal_default(SIGCHLD), SIGNAL_IGNORES);
	assert_int_equal(signal_default(SIGTTIN), SIGNAL_STOPS);
	assert_int_equal(signal_default(SIGTERM), SIGNAL_ENDS);
	assert_int_equal(signal_default(64), SIGNAL_ENDS);
}

static void floating_point(void **state)
{
	assert_int_equal(x86_sse_code(0x1f80), 0);
	assert_int_equal(x86_sse_code(0x1fbf), 0); /* all flags, all masked */
	assert_int_equal(x86_sse_code(0x1d84), FPE_FLTDIV);
	assert_int_equal(x86_sse_code(0x0001), FPE_FLTINV);
	assert_int_equal(x86_sse_code(0x0020), FPE_FLTRES);
	assert_int_equal(x86_x87_code(0x37f, 0x3f), 0);
	assert_int_equal(x86_x87_code(0x37b, 0x04), FPE_FLTDIV);
	assert_int_equal(x86_x87_code(0x377, 0x08), FPE_FLTOVF);
	assert_int_equal(x86_x87_code(0x36f, 0x10), FPE_FLTUND);
}

static void vectors(void **state)
{
	static const struct {
		u64 vector;
		bool step;
		int signal, code;
		bool address;
	} rows[] = {
		{ 0, false, SIGFPE, FPE_INTDIV, true },
		{ 1, true, SIGTRAP, TRAP_TRACE, true },
		{ 1, false, SIGTRAP, TRAP_BRKPT, true },
		{ 3, false, SIGTRAP, SI_OF_KERNEL, false },
		{ 4, false, SIGSEGV, SI_OF_KERNEL, false },
		{ 5, false, SIGSEGV, SI_OF_KERNEL, false },
		{ 6, false, SIGILL, ILL_ILLOPN, true },
		{ 11, false, SIGBUS, SI_OF_KERNEL, false },
		{ 12, false, SIGBUS, SI_OF_KERNEL, false },
		{ 13, false, SIGSEGV, SI_OF_KERNEL, false },
		{ 17, false, SIGBUS, BUS_ADRALN, false },
		{ 255, false, SIGSEGV, SI_OF_KERNEL, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		bool address;
		int code, signal;

		signal = x86_exception_signal(rows[i].vector, rows[i].step, &code, &address);
		assert_int_equal(signal, rows[i].signal);
		assert_int_equal(code, rows[i].code);
		assert_int_equal(address, rows[i].address);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_in_order), cmocka_unit_test(without_an_entry),
		cmocka_unit_test(drops_a_set),    cmocka_unit_test(which_goes_first),
		cmocka_unit_test(floating_point), cmocka_unit_test(vectors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

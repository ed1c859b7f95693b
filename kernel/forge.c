/* SPDX-License-Identifier: MIT */
/* The text becomes this processor's. */
#include <arch/cpu.h>
#include <kernel/alternatives/alternatives.h>
#include <kernel/extable/extable.h>
#include <kernel/forge.h>
#include <kernel/lib/panic.h>
#include <kernel/mm/kmalloc.h>
#include <quench/log.h>

static enum alternatives_report alt_report(const struct options *options)
{
	if (options->alt_quiet)
		return ALTERNATIVES_QUIET;
	return options->alt_trace ? ALTERNATIVES_TRACE : ALTERNATIVES_RECORD;
}

void forge_text(const struct options *options)
{
	struct alt_plan plan = alternatives_room();

	plan.moves = kmalloc(plan.max_moves * sizeof(*plan.moves));
	plan.bytes = kmalloc(plan.max_bytes);
	if (!plan.moves || !plan.bytes)
		refuse("not enough memory to patch the kernel; give the machine more");
	if (alternatives_apply(&arch_cpu_report()->features, alt_report(options), &plan))
		panic("the kernel's alternatives are damaged");
	if (extable_init(plan.moves, plan.nr_moves))
		panic("the kernel's exception table is damaged");
	kfree(plan.bytes);
	kfree(plan.moves);
}

/* SPDX-License-Identifier: MIT */
/* Going on at the fixup. PURE. */
#include <asm/errno.h>
#include <kernel/extable/fixup.h>
#include <kernel/extable/resolve.h>

bool extable_redirect(const struct extable_entry *table, size_t n, struct trap_frame *frame)
{
	const struct extable_entry *entry;

	if (trap_from_user(frame))
		return false;
	entry = extable_search(table, n, frame->rip);
	if (!entry)
		return false;
	frame->rip = extable_fixup_of(entry);
	if (entry->type == EXTABLE_FAULT_ERROR)
		frame->rax = (u64)-EFAULT;
	return true;
}

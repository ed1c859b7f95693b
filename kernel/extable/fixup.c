/* SPDX-License-Identifier: MIT */
/* Going on at the fixup. PURE. */
#include <asm/errno.h>
#include <kernel/extable/fixup.h>

bool extable_redirect(const struct extable_entry *entry, struct trap_frame *frame, u64 address)
{
	if (!entry || trap_from_user(frame))
		return false;
	frame->rip = extable_fixup_of(entry);
	if (entry->type == EXTABLE_FAULT_ERROR)
		frame->rax = (u64)-EFAULT;
	else if (entry->type == EXTABLE_FAULT_ADDRESS)
		frame->rax = address;
	return true;
}

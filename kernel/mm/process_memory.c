/* SPDX-License-Identifier: MIT */
/* The memory of other processes: the tree's lock keeps it while it is asked for. */
#include <kernel/mm/aspace.h>
#include <kernel/proc/process.h>

struct aspace *process_aspace(struct process *process)
{
	u64 flags = arch_spin_lock_irqsave(&process_tree_lock);
	struct aspace *aspace = process->aspace;

	if (aspace)
		aspace_get(aspace);
	arch_spin_unlock_irqrestore(&process_tree_lock, flags);
	return aspace;
}

void process_set_aspace(struct process *process, struct aspace *aspace)
{
	u64 flags = arch_spin_lock_irqsave(&process_tree_lock);

	process->aspace = aspace;
	arch_spin_unlock_irqrestore(&process_tree_lock, flags);
}

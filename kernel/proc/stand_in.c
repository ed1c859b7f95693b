/* SPDX-License-Identifier: MIT */
/* Weak stand-ins for functions other subsystems are about to bring. */
#include <kernel/fs/fd_table.h>
#include <kernel/mm/aspace.h>
#include <kernel/proc/futex.h>

#define __weak __attribute__((weak))
struct inode *inode_get(const struct inode *inode);

__weak void aspace_get(struct aspace *aspace)
{
}
__weak void aspace_put(struct aspace *aspace)
{
	aspace_destroy(aspace);
}
__weak struct aspace *aspace_fork(struct aspace *aspace)
{
	return NULL;
}
__weak int aspace_futex_key(struct aspace *aspace, u64 address, struct futex_key *key)
{
	return 0;
}
__weak void fd_table_get(struct fd_table *table)
{
	table->references++;
}
__weak struct fd_table *fd_table_copy(struct fd_table *from)
{
	struct fd_table *to = fd_table_create();

	for (u32 fd = 0; to && fd < from->capacity; fd++) {
		if (from->files[fd]) {
			file_get(from->files[fd]);
			fd_install(to, from->files[fd], false);
		}
	}
	return to;
}
__weak void fd_table_exec(struct fd_table *table)
{
}

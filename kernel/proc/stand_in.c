/* SPDX-License-Identifier: MIT */
/* Weak stand-ins for functions other subsystems are about to bring. */
#include <kernel/mm/aspace.h>
#include <kernel/proc/futex.h>

#define __weak __attribute__((weak))

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

/* SPDX-License-Identifier: MIT */
/* When memory is out: who has to end. */
#include <kernel/mm/oom.h>

bool oom_relieve(struct aspace *aspace)
{
	return false;
}

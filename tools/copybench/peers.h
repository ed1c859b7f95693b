/* SPDX-License-Identifier: MIT */
/* Bare string instructions under the calling convention of the variants. */
#pragma once

#include <quench/types.h>

/* All return 0. The memory must be there: a fault ends the program. */
u64 peer_rep_movsb(void *to, const void *from, size_t n);
u64 peer_rep_movsq(void *to, const void *from, size_t n);
u64 peer_rep_stosb(void *to, size_t n);
u64 peer_rep_stosq(void *to, size_t n);
u64 peer_nothing(void);

/* SPDX-License-Identifier: MIT */
/* Making the patched kernel unchangeable, and proving it. Boot context, in this order. */
#pragma once

/* Boot-only data read-only, CR0.WP on, and a write to text that must fault; panics when it does
 * not. Record `seal`. */
void seal_kernel(void);

/* Walks every mapping (none writable and executable), checks the exception table, and logs the
 * digest of the sealed text. `expect` (NULL: none) is the digest the command line asks for:
 * refuses to go on when it differs. Record `digest`. */
void seal_verify(const char *expect);

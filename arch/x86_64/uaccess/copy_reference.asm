; SPDX-License-Identifier: MIT
; User copy, reference: one byte at a time, exact by construction. What the others are held to, and
; what runs until the alternatives are applied.
%include "uaccess.inc"

; size_t copy_user_reference(void *to, const void *from, size_t n);
;   in:       rdi to, rsi from, rdx n
;   out:      rax = bytes not copied; AC and DF clear
;   clobbers: rcx, rsi, rdi, flags
;   stack:    [rsp] return address
;   assumes:  AC and DF clear
func copy_user_reference
    mov rcx, rdx
    user_access_begin
    copy_bytes_and_return
endfunc

; SPDX-License-Identifier: MIT
; Clearing user memory, reference: one byte at a time, exact by construction.
%include "uaccess.inc"

; size_t clear_user_reference(void *to, size_t n);
;   in:       rdi to, rsi n
;   out:      rax = bytes not written; AC and DF clear
;   clobbers: rcx, rdi, flags
;   stack:    [rsp] return address
;   assumes:  AC and DF clear
func clear_user_reference
    mov rcx, rsi
    xor eax, eax
    user_access_begin
    clear_bytes_and_return
endfunc

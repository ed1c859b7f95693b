; SPDX-License-Identifier: MIT
; Clearing user memory, erms: `rep stosb` where it pays, below that the unaligned variant.
%include "uaccess.inc"

extern clear_user_unaligned, clear_user_stosb

; size_t clear_user_erms(void *to, size_t n);
;   in:       rdi to, rsi n
;   out:      rax = bytes not written; AC and DF clear
;   clobbers: rcx, rdi, flags
;   stack:    [rsp] return address; the variant returns to our caller
;   assumes:  AC and DF clear
func clear_user_erms
    mov rcx, rsi
    runtime_constant add rcx, CLEAR_REP_FROM
    jnc clear_user_unaligned
    jmp clear_user_stosb
endfunc

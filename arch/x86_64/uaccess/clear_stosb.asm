; SPDX-License-Identifier: MIT
; Clearing user memory, stosb: bare `rep stosb`. For processors with ERMS.
%include "uaccess.inc"

; size_t clear_user_stosb(void *to, size_t n);
;   in:       rdi to, rsi n
;   out:      rax = bytes not written; AC and DF clear
;   clobbers: rcx, rdi
;   stack:    [rsp] return address
;   assumes:  AC and DF clear
func clear_user_stosb
    mov rcx, rsi
    xor eax, eax
    user_access_begin
    may_fault .stopped, rep stosb
.stopped:
    copy_return
endfunc

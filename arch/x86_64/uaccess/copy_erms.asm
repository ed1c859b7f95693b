; SPDX-License-Identifier: MIT
; User copy, erms: `rep movsb` where it pays, below that the unaligned variant. For processors with
; ERMS but without FSRM.
%include "uaccess.inc"

extern copy_user_unaligned

; size_t copy_user_erms(void *to, const void *from, size_t n);
;   in:       rdi to, rsi from, rdx n
;   out:      rax = bytes not copied; AC and DF clear
;   clobbers: rcx, rsi, rdi, r8-r11, flags
;   stack:    [rsp] return address
;   assumes:  AC and DF clear
func copy_user_erms
    mov rcx, rdx
    runtime_constant add rcx, COPY_REP_FROM
    jnc copy_user_unaligned ; in place of a call, the window still closed
    mov rcx, rdx
    user_access_begin
    may_fault .stopped, rep movsb
.stopped:
    copy_return
endfunc

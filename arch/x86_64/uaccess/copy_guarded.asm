; SPDX-License-Identifier: MIT
; User copy, guarded: bare `rep movsb` but where it has its cliff. For processors on which it goes
; byte by byte when the destination lies a little above the source modulo 4096.
%include "uaccess.inc"

extern copy_user_unaligned

; size_t copy_user_guarded(void *to, const void *from, size_t n);
;   in:       rdi to, rsi from, rdx n
;   out:      rax = bytes not copied; AC and DF clear
;   clobbers: rcx, rsi, rdi, r8-r11, flags
;   stack:    [rsp] return address
;   assumes:  AC and DF clear
func copy_user_guarded
    branch_on_cliff copy_user_unaligned ; the window still closed
    mov rcx, rdx
    user_access_begin
    may_fault .stopped, rep movsb
.stopped:
    copy_return
endfunc

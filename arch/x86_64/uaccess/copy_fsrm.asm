; SPDX-License-Identifier: MIT
; User copy, fsrm: bare `rep movsb`. For processors that start it fast at every size.
%include "uaccess.inc"

; size_t copy_user_fsrm(void *to, const void *from, size_t n);
;   in:       rdi to, rsi from, rdx n
;   out:      rax = bytes not copied; AC and DF clear
;   clobbers: rcx, rsi, rdi
;   stack:    [rsp] return address
;   assumes:  AC and DF clear
;
; A fault leaves in rcx what is not copied, to the byte: .stopped serves both ways.
func copy_user_fsrm
    mov rcx, rdx
    user_access_begin
    may_fault .stopped, rep movsb
.stopped:
    copy_return
endfunc

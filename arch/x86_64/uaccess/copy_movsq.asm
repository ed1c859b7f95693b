; SPDX-License-Identifier: MIT
; User copy, movsq: `rep movsq`, then the bytes that are left. For processors whose string moves
; are good and whose `rep movsb` is not.
%include "uaccess.inc"

; size_t copy_user_movsq(void *to, const void *from, size_t n);
;   in:       rdi to, rsi from, rdx n
;   out:      rax = bytes not copied; AC and DF clear
;   clobbers: rcx (quads, then bytes left), rdx (bytes beyond the quads), rsi, rdi, flags
;   stack:    [rsp] return address
;   assumes:  AC and DF clear
;
; A fault stops the string move with rcx, rsi and rdi at the first quad not moved, so that both ways
; meet at .stopped. SDM volume 2, "REP/REPE/REPZ/REPNE/REPNZ—Repeat String Operation Prefix".
func copy_user_movsq
    mov rcx, rdx
    shr rcx, 3
    and edx, 7
    user_access_begin
    may_fault .stopped, rep movsq
.stopped:
    lea rcx, [rdx + rcx*8]
    copy_bytes_and_return
endfunc

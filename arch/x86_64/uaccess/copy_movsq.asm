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
func copy_user_movsq
    mov rcx, rdx
    user_access_begin
    string_quads_and_return
endfunc

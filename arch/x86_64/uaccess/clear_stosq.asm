; SPDX-License-Identifier: MIT
; Clearing user memory, stosq: bytes up to alignment, `rep stosq`, then the bytes that are left. It
; serves the aligned and the movsq policy alike.
%include "uaccess.inc"

; Below this the bytes around the quads are most of the work.
CLEAR_STOSQ_MIN_BYTES equ 16

; size_t clear_user_stosq(void *to, size_t n);
;   in:       rdi to, rsi n
;   out:      rax = bytes not written; AC and DF clear
;   clobbers: rcx (bytes left, or quads), rdx, rdi, flags
;   stack:    [rsp] return address
;   assumes:  AC and DF clear
func clear_user_stosq
    mov rcx, rsi
    xor eax, eax
    user_access_begin
    cmp rcx, CLEAR_STOSQ_MIN_BYTES
    jb .bytes
    mov edx, edi
    neg edx
    and edx, 7
    jz .aligned
.head:
    may_fault .bytes, mov [rdi], al
    inc rdi
    dec rcx
    dec edx
    jnz .head
.aligned:
    mov edx, ecx
    and edx, 7
    shr rcx, 3
    may_fault .stopped, rep stosq
.stopped:
    lea rcx, [rdx + rcx*8]
.bytes:
    clear_bytes_and_return
endfunc

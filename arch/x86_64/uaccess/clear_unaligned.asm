; SPDX-License-Identifier: MIT
; Clearing user memory, unaligned: 64 bytes a round, wherever they stand, and a tail without a loop;
; from a threshold on `rep stosq`.
%include "uaccess.inc"

extern clear_user_stosq

; clear_quads N: 8*N zero bytes to [rdi]; the pointer stays, so that at .bytes it still shows the
; first byte not surely written. rax = 0.
%macro clear_quads 1
    %assign %%at 0
    %rep %1
        may_fault .bytes, mov [rdi + %%at], rax
        %assign %%at %%at + 8
    %endrep
%endmacro

; size_t clear_user_unaligned(void *to, size_t n);
;   in:       rdi to, rsi n
;   out:      rax = bytes not written; AC and DF clear
;   clobbers: rcx (bytes left), rdx, rdi, flags
;   stack:    [rsp] return address
;   assumes:  AC and DF clear
func clear_user_unaligned
    mov rcx, rsi
    runtime_constant add rcx, CLEAR_REP_FROM
    jc clear_user_stosq     ; the window still closed
    mov rcx, rsi
    xor eax, eax
    user_access_begin
    cmp rcx, 64
    jb .below_64
.block:
    clear_quads 8
    add rdi, 64
    sub rcx, 64
    cmp rcx, 64
    jae .block
.below_64:
    cmp ecx, 32
    jb .below_32
    clear_quads 4
    add rdi, 32
    sub ecx, 32
.below_32:
    cmp ecx, 16
    jb .below_16
    clear_quads 2
    may_fault .bytes, mov [rdi + rcx - 16], rax
    may_fault .bytes, mov [rdi + rcx - 8], rax
    jmp .done
.below_16:
    cmp ecx, 8
    jb .below_8
    may_fault .bytes, mov [rdi], rax
    may_fault .bytes, mov [rdi + rcx - 8], rax
    jmp .done
.below_8:
    cmp ecx, 4
    jb .bytes
    may_fault .bytes, mov [rdi], eax
    may_fault .bytes, mov [rdi + rcx - 4], eax
.done:
    xor ecx, ecx
.bytes:
    clear_bytes_and_return
endfunc

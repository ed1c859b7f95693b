; SPDX-License-Identifier: MIT
; memcpy, memmove, memset and memcmp for kernel memory. The patcher itself calls them, so they
; stand in .text.early and hold no alternative. Flags assumed: DF clear.
%include "func.inc"

; void *memcpy(void *to, const void *from, size_t n);
; in: rdi to, rsi from, rdx n   out: rax to   clobbers: rcx rdi rsi
func memcpy, .text.early
    mov rax, rdi
    mov rcx, rdx
    shr rcx, 3
    rep movsq
    mov ecx, edx
    and ecx, 7
    rep movsb
    ret
endfunc

; void *memmove(void *to, const void *from, size_t n);
; in: rdi to, rsi from, rdx n   out: rax to   clobbers: rcx rdi rsi
func memmove, .text.early
    mov rax, rdi
    mov rcx, rdi
    sub rcx, rsi
    cmp rcx, rdx                ; only a destination inside the source needs the way back
    jae memcpy
    lea rdi, [rdi + rdx - 1]
    lea rsi, [rsi + rdx - 1]
    mov rcx, rdx
    std
    rep movsb
    cld
    ret
endfunc

; void *memset(void *to, int byte, size_t n);
; in: rdi to, sil byte, rdx n   out: rax to   clobbers: rcx rdx rdi r8
func memset, .text.early
    mov r8, rdi
    movzx esi, sil
    mov rax, 0x0101010101010101
    imul rax, rsi
    mov rcx, rdx
    shr rcx, 3
    rep stosq
    mov ecx, edx
    and ecx, 7
    rep stosb
    mov rax, r8
    ret
endfunc

; int memcmp(const void *a, const void *b, size_t n);
; in: rdi a, rsi b, rdx n   out: eax <0, 0, >0   clobbers: rcx rdi rsi
func memcmp, .text.early
    xor eax, eax
    mov rcx, rdx
    cmp eax, eax                ; n = 0 is equal
    repe cmpsb
    je .equal
    movzx eax, byte [rdi - 1]
    movzx ecx, byte [rsi - 1]
    sub eax, ecx
.equal:
    ret
endfunc

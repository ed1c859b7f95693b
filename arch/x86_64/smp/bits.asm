; SPDX-License-Identifier: MIT
; Counting bits without POPCNT.
%include "func.inc"

; u64 x86_count_bits_by_adding(u64 word)
; In:       RDI = word.
; Out:      RAX = how many of its bits are 1.
; Clobbers: RDX, RDI, flags. No others: x86/bits.h calls it where one instruction may stand.
; Fields of 2 bits count themselves, then two of them make one of 4, two of these one of 8, and the
; product has the sum of all eight bytes in its highest.
func x86_count_bits_by_adding
    mov rax, 0x5555555555555555
    mov rdx, rdi
    shr rdx, 1
    and rdx, rax
    sub rdi, rdx
    mov rax, 0x3333333333333333
    mov rdx, rdi
    shr rdx, 2
    and rdi, rax
    and rdx, rax
    add rdi, rdx
    mov rax, rdi
    shr rax, 4
    add rax, rdi
    mov rdx, 0x0f0f0f0f0f0f0f0f
    and rax, rdx
    mov rdx, 0x0101010101010101
    imul rax, rdx
    shr rax, 56
    ret
endfunc

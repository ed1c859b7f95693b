; SPDX-License-Identifier: MIT
; Kernel memory copied, set and moved by words, wherever they stand; from a threshold on by string
; instructions. Flags assumed: DF clear.
%include "func.inc"
%include "alternative.inc"

; void *memcpy_words(void *to, const void *from, size_t n);
; in: rdi to, rsi from, rdx n   out: rax to   clobbers: rcx rsi rdi r8-r10 flags
; The last words overlap those before them, so the two ranges must not overlap.
func memcpy_words
    mov rax, rdi
    cmp rdx, 16
    jb .below_16
    mov rcx, rdx
    runtime_constant add rcx, COPY_REP_FROM
    jc .long
.pairs:
    lea rcx, [rdx - 16]     ; where the last pair stands
    xor r8d, r8d
    jmp .test
.pair:
    mov r9, [rsi + r8]
    mov r10, [rsi + r8 + 8]
    mov [rdi + r8], r9
    mov [rdi + r8 + 8], r10
    add r8, 16
.test:
    cmp r8, rcx
    jb .pair
    mov r9, [rsi + rcx]
    mov r10, [rsi + rcx + 8]
    mov [rdi + rcx], r9
    mov [rdi + rcx + 8], r10
    ret
.below_16:
    cmp edx, 8
    jb .below_8
    mov r9, [rsi]
    mov r10, [rsi + rdx - 8]
    mov [rdi], r9
    mov [rdi + rdx - 8], r10
    ret
.below_8:
    test edx, edx
    jz .return
.byte:
    movzx ecx, byte [rsi + rdx - 1]
    mov [rdi + rdx - 1], cl
    dec edx
    jnz .byte
.return:
    ret

; Between places alike modulo 8 by aligned quads; else by bytes where the processor is made for it.
.long:
    mov ecx, edi
    sub ecx, esi
    alternative
    when FEATURE_REP_MOVS_CLIFF
        lea r8d, [rcx - 1]  ; as branch_on_cliff of uaccess.inc, with rax kept
        test r8d, 4096 - 32
        jz near .pairs
    endalternative
    test cl, 7
    jz .quads
    alternative
        mov rcx, rdx
        rep movsb
        ret
    when FEATURE_COPY_UNALIGNED
        jmp .pairs
    endalternative
.quads:
    mov r9, [rsi]           ; the first quad and the last overlap the aligned ones between
    mov r10, [rsi + rdx - 8]
    mov [rdi], r9
    mov [rdi + rdx - 8], r10
    mov ecx, edi
    neg ecx
    and ecx, 7
    add rsi, rcx
    add rdi, rcx
    sub rdx, rcx
    mov rcx, rdx
    shr rcx, 3
    rep movsq
    ret
endfunc

; void *memset_words(void *to, int byte, size_t n);
; in: rdi to, sil byte, rdx n   out: rax to   clobbers: rcx rdx rdi rsi r8 flags
func memset_words
    mov r8, rdi
    movzx esi, sil
    mov rax, 0x0101010101010101
    imul rax, rsi
    cmp rdx, 8
    jb .bytes
    mov rcx, rdx
    runtime_constant add rcx, CLEAR_REP_FROM
    jc .string
    lea rcx, [rdx - 8]      ; where the last word stands
    xor edx, edx
    jmp .test
.word:
    mov [rdi + rdx], rax
    add rdx, 8
.test:
    cmp rdx, rcx
    jb .word
    mov [rdi + rcx], rax
    mov rax, r8
    ret
.bytes:
    test edx, edx
    jz .return
.byte:
    mov [rdi + rdx - 1], al
    dec edx
    jnz .byte
.return:
    mov rax, r8
    ret
.string:                    ; the first quad and the last overlap the aligned ones between
    mov [rdi], rax
    mov [rdi + rdx - 8], rax
    mov ecx, edi
    neg ecx
    and ecx, 7
    add rdi, rcx
    sub rdx, rcx
    mov rcx, rdx
    shr rcx, 3
    rep stosq
    mov rax, r8
    ret
endfunc

; void *memmove_overlapping(void *to, const void *from, size_t n): for ranges that share bytes, which
; memcpy may not be given.
; in: rdi to, rsi from, rdx n   out: rax to   clobbers: rcx rdx rsi rdi r8 flags
; Backwards not by `rep movsb` with DF set, which is many times slower than forwards everywhere.
func memmove_overlapping
    mov rax, rdi
    mov rcx, rdx
    cmp rdi, rsi
    ja .words
    rep movsb               ; strictly one byte after the other
    ret
.word:
    mov r8, [rsi + rcx - 8]
    mov [rdi + rcx - 8], r8
    sub rcx, 8
.words:
    cmp rcx, 8
    jae .word
    test ecx, ecx
    jz .return
.byte:
    movzx edx, byte [rsi + rcx - 1]
    mov [rdi + rcx - 1], dl
    dec ecx
    jnz .byte
.return:
    ret
endfunc

; SPDX-License-Identifier: MIT
; memcpy, memmove, memset and memcmp for kernel memory, by the policy of the user copies. They hold
; alternatives, so code that the patcher runs (__early) cannot call them; altcheck sees to that.
; Before patching they are the default code. Flags assumed: DF clear.
%include "uaccess.inc"

extern memcpy_words, memset_words, memcpy_masked, memset_masked, memmove_overlapping

; void *memcpy(void *to, const void *from, size_t n);
; in: rdi to, rsi from, rdx n   out: rax to   clobbers: all scratch registers
func memcpy
    alternative
        mov rax, rdi
        mov rcx, rdx
        shr rcx, 3
        rep movsq
        mov ecx, edx
        and ecx, 7
        rep movsb
        ret
    when any_of(FEATURE_COPY_UNALIGNED, FEATURE_COPY_ERMS, FEATURE_COPY_OVERLAP, FEATURE_COPY_SSE)
        jmp memcpy_words
    when any_of(FEATURE_COPY_FSRM, FEATURE_COPY_GUARDED, FEATURE_COPY_STREAMING)
        alternative
        when FEATURE_REP_MOVS_CLIFF
            branch_on_cliff memcpy_words
        endalternative
        mov rax, rdi
        mov rcx, rdx
        rep movsb
        ret
    when FEATURE_COPY_MASKED
        jmp memcpy_masked
    endalternative
endfunc

; void *memmove(void *to, const void *from, size_t n);
; in: rdi to, rsi from, rdx n   out: rax to   clobbers: all scratch registers
func memmove
    mov rax, rdi
    sub rax, rsi
    mov rcx, rax
    neg rcx
    cmp rax, rdx            ; the destination begins inside the source
    jb memmove_overlapping
    cmp rcx, rdx            ; the source inside the destination
    jb memmove_overlapping
    jmp memcpy
endfunc

; void *memset(void *to, int byte, size_t n);
; in: rdi to, sil byte, rdx n   out: rax to   clobbers: all scratch registers
func memset
    alternative
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
    when any_of(FEATURE_COPY_UNALIGNED, FEATURE_COPY_ERMS, FEATURE_COPY_OVERLAP, FEATURE_COPY_SSE)
        jmp memset_words
    when any_of(FEATURE_COPY_FSRM, FEATURE_COPY_GUARDED, FEATURE_COPY_STREAMING)
        mov r8, rdi
        mov eax, esi
        mov rcx, rdx
        rep stosb
        mov rax, r8
        ret
    when FEATURE_COPY_MASKED
        jmp memset_masked
    endalternative
endfunc

; int memcmp(const void *a, const void *b, size_t n);
; in: rdi a, rsi b, rdx n   out: eax <0, 0, >0   clobbers: rcx rdi rsi
func memcmp
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

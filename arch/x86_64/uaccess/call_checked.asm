; SPDX-License-Identifier: MIT
; Calls a function and sees to it that it kept what the System V ABI says it keeps, and all vector and
; mask registers, which in the kernel are the program's.
%include "func.inc"

%define PATTERN_RBX 0xb0b1b2b3b4b5b6b7
%define PATTERN_RBP 0xc0c1c2c3c4c5c6c7
%define PATTERN_R12 0x1213141516171819
%define PATTERN_R13 0x2223242526272829
%define PATTERN_R14 0x3233343536373839
%define PATTERN_R15 0x4243444546474849

; AC and DF. SDM volume 1, "EFLAGS Register".
%define LEFT_BEHIND (1 << 18 | 1 << 10)

; What the vector registers hold, 64 bytes each, and one more row for the mask registers.
section .rodata progbits alloc noexec nowrite align=64
align 64
patterns:
    %assign i 1
    %rep 33 * 8
        dq 0x0101010101010101 * (i % 251) ^ 0x00ff00ff00ff00ff
        %assign i i+1
    %endrep
%define MASK_PATTERNS patterns + 32 * 64

; u8 call_checked_vectors: CALL_CHECKED_SSE, _AVX, _AVX512 of <arch/call_checked.h>.
section .data progbits alloc noexec write align=8
global call_checked_vectors:data 1
call_checked_vectors: db 0

; each_register N, MACRO: MACRO 0 to MACRO N-1.
%macro each_register 2
    %assign %%i 0
    %rep %1
        %2 %%i
        %assign %%i %%i+1
    %endrep
%endmacro

%macro give_xmm 1
    movaps xmm%1, [patterns + 64 * %1]
%endmacro
%macro give_ymm 1
    vmovaps ymm%1, [patterns + 64 * %1]
%endmacro
%macro give_zmm 1
    vmovaps zmm%1, [patterns + 64 * %1]
%endmacro
%macro give_mask 1
    kmovq k%1, [MASK_PATTERNS + 8 * %1]
%endmacro

; What differs becomes ones, collected in register 0.
%macro differ_xmm 1
    xorps xmm%1, [patterns + 64 * %1]
    %if %1
        orps xmm0, xmm%1
    %endif
%endmacro
%macro differ_ymm 1
    vxorps ymm%1, ymm%1, [patterns + 64 * %1]
    %if %1
        vorps ymm0, ymm0, ymm%1
    %endif
%endmacro
%macro differ_zmm 1
    vpxorq zmm%1, zmm%1, [patterns + 64 * %1]
    %if %1
        vporq zmm0, zmm0, zmm%1
    %endif
%endmacro
%macro differ_mask 1
    kmovq rcx, k%1
    xor rcx, [MASK_PATTERNS + 8 * %1]
    or rax, rcx
%endmacro

; give_vectors: fills all there are. Clobbers flags.
%macro give_vectors 0
    cmp byte [call_checked_vectors], 1
    ja %%avx512
    je %%avx
    each_register 16, give_xmm
    jmp %%done
%%avx:
    each_register 16, give_ymm
    jmp %%done
%%avx512:
    each_register 32, give_zmm
    each_register 8, give_mask
%%done:
%endmacro

; check_vectors: rax becomes 0 where all are as they were given. Clobbers rcx, flags, all of them.
%macro check_vectors 0
    xor eax, eax
    cmp byte [call_checked_vectors], 1
    ja %%avx512
    je %%avx
    each_register 16, differ_xmm
    xorps xmm1, xmm1
    pcmpeqb xmm0, xmm1
    pmovmskb eax, xmm0
    xor eax, 0xffff
    jmp %%done
%%avx:
    each_register 16, differ_ymm
    vptest ymm0, ymm0
    setnz al
    vzeroupper
    jmp %%done
%%avx512:
    each_register 8, differ_mask
    each_register 32, differ_zmm
    vptestmq k1, zmm0, zmm0
    kmovq rcx, k1
    or rax, rcx
    vzeroupper
%%done:
%endmacro

; check REGISTER, PATTERN: rdx collects the bits that differ. Clobbers rcx.
%macro check 2
    mov rcx, %2
    xor rcx, %1
    or rdx, rcx
%endmacro

; u64 call_checked(const void *fn, u64 a, u64 b, u64 c, struct call_outcome *outcome);
;   in:       rdi fn, rsi, rdx, rcx its arguments, r8 outcome
;   out:      rax = what fn returned; outcome->flags = RFLAGS as fn left them;
;             outcome->clobbered != 0 when a preserved register or rsp changed, outcome->vectors
;             when a vector or mask register did; outcome->rdi, rsi, rdx as fn left them
;   clobbers: rcx, rdx, rsi, rdi, r8-r11, vector and mask registers, flags
;   stack:    [rsp] rsp as it should be, [rsp+8] outcome, then r15 r14 r13 r12 rbp rbx, return
;             address
func call_checked
    push rbx
    push rbp
    push r12
    push r13
    push r14
    push r15
    push r8
    push rsp
    sub qword [rsp], 8
    give_vectors
    mov r11, rdi
    mov rdi, rsi
    mov rsi, rdx
    mov rdx, rcx
    mov rbx, PATTERN_RBX
    mov rbp, PATTERN_RBP
    mov r12, PATTERN_R12
    mov r13, PATTERN_R13
    mov r14, PATTERN_R14
    mov r15, PATTERN_R15
    mov rcx, PATTERN_RBX    ; scratch registers hold nothing that anyone may count on
    mov r8, rcx
    mov r9, rcx
    mov r10, rcx
    mov rax, rcx
    sub rsp, 8              ; 16-byte alignment for the call
    call r11
    pushfq
    pop r9
    test r9d, LEFT_BEHIND
    jz .flags_good
    push r9
    and dword [rsp], ~LEFT_BEHIND
    popfq
.flags_good:
    add rsp, 8
    mov r11, rax
    mov r10, rdx
    xor edx, edx
    check rsp, [rsp]
    check rbx, PATTERN_RBX
    check rbp, PATTERN_RBP
    check r12, PATTERN_R12
    check r13, PATTERN_R13
    check r14, PATTERN_R14
    check r15, PATTERN_R15
    check_vectors
    pop rcx
    pop r8
    mov [r8], r9
    mov [r8 + 8], rdx
    mov [r8 + 16], rax
    mov [r8 + 24], rdi
    mov [r8 + 32], rsi
    mov [r8 + 40], r10
    mov rax, r11
    pop r15
    pop r14
    pop r13
    pop r12
    pop rbp
    pop rbx
    ret
endfunc

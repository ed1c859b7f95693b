; SPDX-License-Identifier: MIT
; Copies of no byte at all that change one register, flag or the window: what call_checked must notice.
%include "uaccess.inc"

; bad NAME, LEVEL: a routine `size_t f(void *to, const void *from, size_t n)` of the lines up to
; endbad, that returns 0, and its row in bad_registers.
;   in: rdi to, rsi from, rdx 0   out: rax = 0   clobbers: rax and what its name says
;   stack: [rsp] return address
%macro bad 2
    [section .rodata progbits alloc noexec nowrite align=8]
%%name: db %1, 0
    [section .data.rel.ro progbits alloc noexec write align=8]
        dq %%name, %%fn, %2
    [section .text progbits alloc exec nowrite align=16]
    align 16
%%fn:
%endmacro
%macro endbad 0
    xor eax, eax
    ret
%endmacro

section .data.rel.ro progbits alloc noexec write align=8
global bad_registers:data
bad_registers:

    bad "rbx", 0
        inc rbx
    endbad
    bad "rbp", 0
        btc rbp, 63
    endbad
    bad "r12", 0
        btc r12, 31
    endbad
    bad "r13", 0
        btc r13, 32
    endbad
    bad "r14", 0
        inc r14b
    endbad
    bad "r15", 0
        btc r15, 63
    endbad

    ; Each register whole, and what lies above 128 and above 256 bits.
    %assign i 0
    %rep 16
        %defstr name xmm %+ i
        bad name, 0
            pcmpeqb xmm%[i], xmm%[i]
        endbad
        %strcat high name, " and above"
        bad high, 1
            vmovaps xmm%[i], xmm%[i]
        endbad
        %strcat higher name, ", upper half of 512 bits"
        bad higher, 2
            vmovaps ymm%[i], ymm%[i]
        endbad
        %assign i i+1
    %endrep
    %rep 16
        %defstr name zmm %+ i
        bad name, 2
            vpternlogd zmm%[i], zmm%[i], zmm%[i], 0x55
        endbad
        %strcat high name, ", upper three quarters"
        bad high, 2
            vmovdqa64 xmm%[i], xmm%[i]
        endbad
        %assign i i+1
    %endrep
    %assign i 0
    %rep 8
        %defstr name k %+ i
        bad name, 2
            mov rax, 1 << 63
            kmovq k%[i], rax
        endbad
        %assign i i+1
    %endrep
section .data.rel.ro
    dq 0, 0, 0

; size_t bad_ac(void *to, const void *from, size_t n), and the four below: in: rdi, rsi, rdx = 0
; out: rax = 0, with AC set   clobbers: rax flags   stack: [rsp] return address
func bad_ac
    pushfq
    or dword [rsp], 1 << 18
    popfq
    mov eax, 0
    ret
endfunc

; The same with DF set.
func bad_df
    xor eax, eax
    std
    ret
endfunc

; The window left open.
func bad_window_open
    user_access_begin
    xor eax, eax
    ret
endfunc

; Opened twice.
func bad_window_twice
    user_access_begin
    user_access_begin
    user_access_end
    xor eax, eax
    ret
endfunc

; A load that faults, at from + 2^47, with the window shut.
func bad_window_shut
    bts rsi, 47
    may_fault .shut, mov al, [rsi]
.shut:
    xor eax, eax
    ret
endfunc

; SPDX-License-Identifier: MIT
; Calls a function and sees to it that it kept what the System V ABI says it keeps, and the vector
; registers, which in the kernel are the program's.
%include "func.inc"

%define PATTERN_RBX 0xb0b1b2b3b4b5b6b7
%define PATTERN_RBP 0xc0c1c2c3c4c5c6c7
%define PATTERN_R12 0x1213141516171819
%define PATTERN_R13 0x2223242526272829
%define PATTERN_R14 0x3233343536373839
%define PATTERN_R15 0x4243444546474849

; What the vector registers hold that variants may borrow: zmm0 whole, zmm16, zmm17.
section .data progbits alloc noexec write align=64
align 64
patterns:
    %assign i 1
    %rep 24
        dq 0x0101010101010101 * i ^ 0x00ff00ff00ff00ff
        %assign i i+1
    %endrep
; u8 call_checks_avx512: whether there are zmm16, zmm17 and k1 to look after, and not xmm0 alone.
global call_checks_avx512
call_checks_avx512: db 0

; give_vectors: fills them. Clobbers rax.
%macro give_vectors 0
    movups xmm0, [patterns]
    cmp byte [call_checks_avx512], 0
    je %%done
    vmovdqa64 zmm0, [patterns]
    vmovdqa64 zmm16, [patterns + 64]
    vmovdqa64 zmm17, [patterns + 128]
    mov rax, PATTERN_R12
    kmovq k1, rax
%%done:
%endmacro

; check_vectors: rdx collects what differs. Clobbers rcx, xmm0, k1.
%macro check_vectors 0
    cmp byte [call_checks_avx512], 0
    je %%sse
    kmovq rcx, k1
    mov r11, PATTERN_R12
    xor rcx, r11
    or rdx, rcx
    vpcmpneqq k1, zmm0, [patterns]
    kmovq rcx, k1
    or rdx, rcx
    vpcmpneqq k1, zmm16, [patterns + 64]
    kmovq rcx, k1
    or rdx, rcx
    vpcmpneqq k1, zmm17, [patterns + 128]
    kmovq rcx, k1
    or rdx, rcx
    vzeroupper
    jmp %%done
%%sse:
    pcmpeqb xmm0, [patterns]
    pmovmskb ecx, xmm0
    xor ecx, 0xffff
    or rdx, rcx
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
;             outcome->clobbered != 0 when a preserved register, rsp or a vector register changed;
;             outcome->rdi, rsi, rdx as fn left them
;   clobbers: rcx, rdx, rsi, rdi, r8-r11, flags
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
    add rsp, 8
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
    mov [r8 + 16], rdi
    mov [r8 + 24], rsi
    mov [r8 + 32], r10
    pop r15
    pop r14
    pop r13
    pop r12
    pop rbp
    pop rbx
    ret
endfunc

; u64 call_aligned(const void *fn, u64 a, u64 b, u64 c);
;   in:       rdi fn, rsi, rdx, rcx its arguments
;   out:      rax = what fn returned
;   clobbers: what a function may
;   stack:    [rsp] return address
; In user mode AC asks for a fault at every misaligned access. SDM volume 3, "Interrupt
; 17—Alignment Check Exception (#AC)".
func call_aligned
    mov rax, rdi
    mov rdi, rsi
    mov rsi, rdx
    mov rdx, rcx
    pushfq
    or dword [rsp], 1 << 18
    popfq
    sub rsp, 8
    call rax
    pushfq
    and dword [rsp], ~(1 << 18)
    popfq
    add rsp, 8
    ret
endfunc

extern on_memory_fault

; void memory_fault_entry(int signal, siginfo_t *info, void *context);
;   in:       rdi, rsi, rdx as the system gives them
;   clobbers: flags
;   stack:    [rsp] return address
; A signal handler starts with the AC of what it interrupts, and C is not written for that.
func memory_fault_entry
    pushfq
    and dword [rsp], ~(1 << 18)
    popfq
    jmp on_memory_fault
endfunc

; SPDX-License-Identifier: MIT
; What only a process needs: calls with alignment checks, and the way into the handler of faults.
%include "func.inc"

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

; SPDX-License-Identifier: MIT
; Switching between kernel stacks.
%include "func.inc"

; void arch_context_switch(struct arch_context *from, const struct arch_context *to)
; In:       RDI = from, RSI = to: each one word, the stack pointer.
; Keeps:    RBX RBP R12-R15 and RFLAGS, on the stack that is left.
; Clobbers: all scratch registers, as a call does.
; Flags:    IF clear on entry.
; Stack:    what a context not running holds (x86_context_stack in context.c):
;             rsp+0 r15 r14 r13 r12 rbp rbx rflags rip
func arch_context_switch
    pushfq
    push rbx
    push rbp
    push r12
    push r13
    push r14
    push r15
    mov [rdi], rsp
    mov rsp, [rsi]
    pop r15
    pop r14
    pop r13
    pop r12
    pop rbp
    pop rbx
    popfq
    ret
endfunc

; void x86_context_start(void), returned to by the first switch to a new context
; In:       RBX = entry, R12 = argument.
; Stack:    empty, RSP 16-byte aligned.
func x86_context_start
    mov rdi, r12
    call rbx
    ud2
endfunc

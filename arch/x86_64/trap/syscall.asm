; SPDX-License-Identifier: MIT
; SYSCALL entry and the ways back: SYSRET where it is safe, else IRET.
%include "func.inc"
%include "frame.inc"

extern x86_syscall_dispatch
extern x86_trap_return

; Where SYSCALL lands (MSR LSTAR).
; In:      RAX = number; RDI RSI RDX R10 R8 R9 = arguments; RCX = return RIP, R11 = RFLAGS.
;          RSP and GS are the program's.
; Out:     RAX = result, RCX = return RIP, R11 = RFLAGS: no other register changes.
; Flags:   SFMASK has cleared IF, DF, AC, TF, NT: neither CLD nor CLAC is needed.
; Stack:   struct trap_frame from the top of the task's kernel stack, as entry.asm draws it.
func x86_syscall_entry
    swapgs
    mov [gs:CPU_USER_RSP], rsp
    mov rsp, [gs:CPU_KERNEL_STACK_TOP]
    push USER_SS
    push qword [gs:CPU_USER_RSP]
    push r11
    push USER_CS
    push rcx
    push rax                    ; as the error code: the number, which RAX will not keep
    push VECTOR_SYSCALL
    push_scratch
    mov rdi, rsp
    call x86_syscall_dispatch

    ; SYSRET takes RIP from RCX and RFLAGS from R11, so a frame that asks for others is not for it.
    ; A RIP that is not canonical it would fault on with the program's stack and the kernel's
    ; privilege (CVE-2012-0217); RF it drops, TF it takes one instruction too early.
    mov rcx, [rsp + FRAME_RIP]
    mov r11, [rsp + FRAME_RFLAGS]
    cmp rcx, [rsp + FRAME_RCX]
    jne x86_trap_return
    cmp r11, [rsp + FRAME_R11]
    jne x86_trap_return
    mov rax, ARCH_USER_LIMIT
    cmp rcx, rax
    jae x86_trap_return
    test r11d, RFLAGS_TF_RF
    jnz x86_trap_return
    cmp qword [rsp + FRAME_CS], USER_CS
    jne x86_trap_return
    cmp qword [rsp + FRAME_SS], USER_SS
    jne x86_trap_return
    pop_scratch
    mov rsp, [rsp + FRAME_RSP - FRAME_VECTOR]
    swapgs
    o64 sysret
endfunc

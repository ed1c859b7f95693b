; SPDX-License-Identifier: MIT
; SYSCALL entry and the ways back: SYSRET where it is safe, else IRET.
%include "func.inc"
%include "frame.inc"

extern kernel_syscall
extern x86_trap_return

; Where SYSCALL lands (MSR LSTAR).
; In:      RAX = number; RDI RSI RDX R10 R8 R9 = arguments; RCX = return RIP, R11 = RFLAGS.
;          RSP and GS are the program's.
; Out:     RAX = result, RCX = return RIP, R11 = RFLAGS: no other register changes.
; Flags:   SFMASK has cleared IF, DF, AC, TF, NT: neither CLD nor CLAC is needed.
; Stack:   struct trap_frame from the top of the task's kernel stack, as entry.asm draws it.
; SYSRET faults in the kernel, with the program's stack, on a RIP that is not canonical
; (CVE-2012-0217): no page is mapped where a SYSCALL could end at 2^47 (ARCH_USER_LIMIT), and
; whoever edits the frame asked for work, so that IRETQ takes it. RF SYSRET drops, TF it takes
; one instruction too early: these too go by IRETQ.
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
    push_entry
    sti
    lea rdi, [rsp + ENTRY_TRAP]
    call kernel_syscall
    cli
    mov rax, [gs:CPU_CURRENT]
    cmp dword [rax + TASK_WORK], 0
    jne x86_trap_return
    test dword [rsp + ENTRY_TRAP + FRAME_R11], RFLAGS_TF_RF
    jnz x86_trap_return
    pop_entry
    mov rsp, [rsp + FRAME_RSP - FRAME_VECTOR]
    swapgs
    o64 sysret
endfunc

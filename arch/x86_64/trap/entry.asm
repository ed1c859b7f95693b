; SPDX-License-Identifier: MIT
; Interrupt and exception entry: one stub a vector, then only the scratch registers are saved,
; for C keeps the others. Also the way back to the interrupted code.
;
; Stack in x86_trap_dispatch's eyes (struct trap_frame, 16-byte aligned; with entry=all the
; preserved registers lie below):
;   rsp+0    r11 rdi rsi rdx r10 r8 r9 rcx rax    pushed here
;   rsp+72   vector                               pushed by the stub
;   rsp+80   error code                           pushed by the processor, or 0 by the stub
;   rsp+88   rip cs rflags rsp ss                 pushed by the processor, stack aligned before
%include "func.inc"
%include "alternative.inc"
%include "frame.inc"

extern x86_trap_dispatch
extern x86_user_work
extern x86_paranoid_dispatch

%define VECTOR_NMI 2
%define VECTOR_DF  8
%define VECTOR_MC  18

; SDM volume 3, "Error Code": #DF #TS #NP #SS #GP #PF #AC #CP, and AMD's #VC #SX.
%define HAS_ERROR(v) (v == 8 || (v >= 10 && v <= 14) || v == 17 || v == 21 || v == 29 || v == 30)
; Those that may strike where GS base is not to be trusted; they have stacks of their own.
%define IS_PARANOID(v) (v == VECTOR_NMI || v == VECTOR_DF || v == VECTOR_MC)

; const u8 x86_trap_stubs[256][16]: where the gates lead.
func x86_trap_stubs
%assign vector 0
%rep 256
    align 16, int3
    %if !HAS_ERROR(vector)
        push byte 0
    %endif
    push strict dword vector
    %if IS_PARANOID(vector)
        jmp strict near x86_trap_paranoid
    %else
        jmp strict near x86_trap_common
    %endif
    %assign vector vector+1
%endrep
endfunc

; Jumped to by the stubs.
; Flags:   IF clear by the gate; AC and DF as they were.
; GS:      the program's when CS on the stack has a privilege level, else the kernel's.
; LFENCE:  nothing is loaded through the wrong GS base by speculation past the branch. Intel,
;          "Speculative Behavior of SWAPGS and Segment Registers". No program runs before patching.
func x86_trap_common
    push_entry
    cld
    alternative
    when FEATURE_SMAP
        clac
    endalternative
    test byte [rsp + ENTRY_TRAP + FRAME_CS], 3
    jz .kernel
    swapgs
.kernel:
    alternative
    when not FEATURE_SWAPGS_WAITS
        lfence
    endalternative
    lea rdi, [rsp + ENTRY_TRAP]
    call x86_trap_dispatch
    test byte [rsp + ENTRY_TRAP + FRAME_CS], 3
    jnz x86_trap_return
    pop_entry
    add rsp, 16                 ; vector and error code
    iretq
endfunc

; The way back to user mode from any entry.
; In:      RSP as push_entry left it, interrupts off, the kernel's GS.
; One word says whether anything is to be done first; if so, the rest of the registers join the
; frame, and x86_user_work leaves one IRETQ takes without a fault.
func x86_trap_return
    mov rax, [gs:CPU_CURRENT]
    cmp dword [rax + TASK_WORK], 0
    jne .work
.leave:
    swapgs
    pop_entry
    add rsp, 16
    iretq
.work:
    make_full_frame
    mov rdi, rsp
    call x86_user_work
    drop_full_frame
    jmp .leave
endfunc

; void arch_return_to_user(void), does not return
; Out:     user mode, every register from the running task's struct full_frame.
; Flags:   any.
; Stack:   cut back to the full frame at the top of the task's kernel stack.
func arch_return_to_user
    cli
    mov rax, [gs:CPU_CURRENT]
    mov rsp, [rax + TASK_STACK_TOP]
    sub rsp, FULL_BYTES
    mov rdi, rsp
    call x86_user_work
    swapgs
    pop_preserved
    pop_scratch
    add rsp, 16
    iretq
endfunc

; NMI, #DF and #MC may strike between the entry from user mode and SWAPGS, or with a GS base the
; program chose (WRGSBASE): so take the kernel's from the top of the stack, which is this
; processor's own (struct x86_ist_stack), and put back afterwards whatever it was.
; Stack:   as above; 16 more bytes below: the interrupted GS base, padding.
func x86_trap_paranoid
    push_scratch
    cld
    alternative
    when FEATURE_SMAP
        clac
    endalternative
    mov ecx, MSR_GS_BASE
    rdmsr
    push rax
    mov [rsp + 4], edx
    mov rax, [rsp + 8 + FRAME_BYTES]
    mov rdx, rax
    shr rdx, 32
    wrmsr
    lea rdi, [rsp + 8]
    sub rsp, 8
    call x86_paranoid_dispatch
    add rsp, 8
    mov ecx, MSR_GS_BASE
    mov edx, [rsp + 4]
    pop rax
    wrmsr
    pop_scratch
    add rsp, 16
    iretq
endfunc

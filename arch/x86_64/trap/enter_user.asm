; SPDX-License-Identifier: MIT
; The first step of a program: everything in the processor is set to its defined start.
%include "func.inc"
%include "alternative.inc"
%include "frame.inc"

; FXRSTOR and XRSTOR read the same first 512 bytes. SDM volume 1, "FXSAVE Area" and "XSAVE Area".
FCW_INITIAL   equ 0x37f        ; all x87 exceptions masked, 64-bit precision
MXCSR_INITIAL equ 0x1f80       ; all SSE exceptions masked
MXCSR_AT      equ 24
XSAVE_BYTES   equ 512 + 64     ; with the header, whose XSTATE_BV = 0 asks for initial state

section .rodata progbits alloc noexec nowrite align=64
initial_fpu:
    dw FCW_INITIAL
    times MXCSR_AT - ($ - initial_fpu) db 0
    dd MXCSR_INITIAL
    times XSAVE_BYTES - ($ - initial_fpu) db 0

; void arch_enter_user(vaddr_t rip, vaddr_t rsp), does not return
; In:       RDI = rip, below ARCH_USER_LIMIT; RSI = rsp.
; Out:      user mode: general registers 0, RFLAGS 0x202, x87, SSE and AVX initial, DS ES FS GS
;           null, FS and GS base 0.
; Flags:    any; interrupts stay off until IRETQ.
; Stack:    the kernel stack is left as it is; the next entry starts at its top again.
func arch_enter_user
    cli
    mov eax, -1                 ; every component XCR0 has on
    mov edx, -1
    alternative
        fxrstor [initial_fpu]
    when FEATURE_XSAVE
        xrstor [initial_fpu]
    endalternative
    push USER_SS
    push rsi
    push USER_RFLAGS
    push USER_CS
    push rdi
    swapgs
    xor eax, eax
    xor edx, edx
    mov ds, eax
    mov es, eax
    mov fs, eax
    mov gs, eax
    ; A null selector leaves the base alone on AMD's processors that do not say otherwise.
    alternative
        mov ecx, MSR_FS_BASE
        wrmsr
        mov ecx, MSR_GS_BASE
        wrmsr
    when FEATURE_FSGSBASE
        wrfsbase rax
        wrgsbase rax
    when FEATURE_NULL_SEL_CLEARS_BASE
    endalternative
    xor ecx, ecx
    xor ebx, ebx
    xor ebp, ebp
    xor esi, esi
    xor edi, edi
    xor r8d, r8d
    xor r9d, r9d
    xor r10d, r10d
    xor r11d, r11d
    xor r12d, r12d
    xor r13d, r13d
    xor r14d, r14d
    xor r15d, r15d
    iretq
endfunc

; SPDX-License-Identifier: MIT
; Writing and reading a signal's frame where it is, in the program's memory: a register is loaded and
; stored once, within one window.
%include "uaccess.inc"
%include "frame.inc"

extern x86_fpu_frame

XSAVE_HEADER   equ 512         ; SDM volume 1, "XSAVE Header"
UC_FLAGS_FX    equ 6           ; <asm/ucontext.h>: UC_SIGCONTEXT_SS, UC_STRICT_RESTORE_SS
UC_FLAGS_XSAVE equ 7           ; and UC_FP_XSTATE
SS_DISABLE     equ 2           ; <linux/signal.h>

; siginfo_t: what has a meaning, and the rest. Numbers, for %rep knows no symbols.
%define INFO_WORDS      6
%define INFO_ZERO_WORDS 10
alt_refuse_if INFO_WORDS * 8 != SIGNAL_INFO_BYTES, "siginfo_t has other words that mean something"
alt_refuse_if (INFO_WORDS + INFO_ZERO_WORDS) * 8 != SIGNAL_INFO_SPACE, "siginfo_t is not that long"

; store OFFSET, VALUE: a word of the frame, rax or an immediate.
%macro store 2
    may_fault .failed, mov qword [rdi + %1], %2
%endmacro

; give OFFSET, MEMORY: the word at MEMORY goes to the frame, through rax.
%macro give 2
    mov rax, %2
    store %1, rax
%endmacro

; int x86_signal_frame_write(u64 at, u64 fpu_at, const struct full_frame *frame,
;                            const struct arch_signal *signal, const void *info);
;   in:       rdi at, rsi distance of the FPU state from it, rdx frame, rcx signal, r8 info or 0
;   out:      eax = 0 or -EFAULT; AC and DF clear
;   clobbers: all scratch registers; r11 info, rsi the FPU state
;   stack:    [rsp] return address
;   assumes:  AC and DF clear
;
; What Linux leaves as it was on the stack stays here, too: reserved1 of struct sigcontext.
func x86_signal_frame_write
    mov r11, r8
    mov r10, [x86_fpu_frame + FPU_FRAME_BYTES]
    add r10, rsi
    mask_user_range rdi, r10
    jnz .refused
    add rsi, rdi
    user_access_begin
    give SIGNAL_FRAME_RETURN, [rcx + SIGNAL_RESTORER]
    alternative
        mov eax, UC_FLAGS_FX
    when FEATURE_XSAVE
        mov eax, UC_FLAGS_XSAVE
    endalternative
    store SIGNAL_FRAME_FLAGS, rax
    store SIGNAL_FRAME_LINK, 0
    give SIGNAL_FRAME_STACK_BASE, [rcx + SIGNAL_STACK_BASE]
    mov rax, [rcx + SIGNAL_STACK_BYTES]
    store SIGNAL_FRAME_STACK_BYTES, rax
    mov r9d, [rcx + SIGNAL_STACK_FLAGS]
    mov r10d, SS_DISABLE
    test rax, rax
    cmovz r9d, r10d
    store SIGNAL_FRAME_STACK_FLAGS, r9
    give SIGNAL_FRAME_R8, [rdx + FULL_TRAP + FRAME_R8]
    give SIGNAL_FRAME_R9, [rdx + FULL_TRAP + FRAME_R9]
    give SIGNAL_FRAME_R10, [rdx + FULL_TRAP + FRAME_R10]
    give SIGNAL_FRAME_R11, [rdx + FULL_TRAP + FRAME_R11]
    give SIGNAL_FRAME_R12, [rdx + FULL_R12]
    give SIGNAL_FRAME_R13, [rdx + FULL_R13]
    give SIGNAL_FRAME_R14, [rdx + FULL_R14]
    give SIGNAL_FRAME_R15, [rdx + FULL_R15]
    give SIGNAL_FRAME_RDI, [rdx + FULL_TRAP + FRAME_RDI]
    give SIGNAL_FRAME_RSI, [rdx + FULL_TRAP + FRAME_RSI]
    give SIGNAL_FRAME_RBP, [rdx + FULL_RBP]
    give SIGNAL_FRAME_RBX, [rdx + FULL_RBX]
    give SIGNAL_FRAME_RDX, [rdx + FULL_TRAP + FRAME_RDX]
    give SIGNAL_FRAME_RAX, [rdx + FULL_TRAP + FRAME_RAX]
    give SIGNAL_FRAME_RCX, [rdx + FULL_TRAP + FRAME_RCX]
    give SIGNAL_FRAME_RSP, [rdx + FULL_TRAP + FRAME_RSP]
    give SIGNAL_FRAME_RIP, [rdx + FULL_TRAP + FRAME_RIP]
    give SIGNAL_FRAME_RFLAGS, [rdx + FULL_TRAP + FRAME_RFLAGS]
    movzx eax, word [rdx + FULL_TRAP + FRAME_SS]
    shl rax, 48
    movzx r8d, word [rdx + FULL_TRAP + FRAME_CS]
    or rax, r8
    store SIGNAL_FRAME_SELECTORS, rax
    give SIGNAL_FRAME_ERROR, [rcx + SIGNAL_TRAP_ERROR]
    give SIGNAL_FRAME_VECTOR, [rcx + SIGNAL_TRAP_VECTOR]
    give SIGNAL_FRAME_CR2, [rcx + SIGNAL_TRAP_ADDRESS]
    mov rax, [rcx + SIGNAL_MASK]
    store SIGNAL_FRAME_OLD_MASK, rax
    store SIGNAL_FRAME_MASK, rax
    store SIGNAL_FRAME_FPU, rsi
    test r11, r11
    jz .fpu
    %assign at 0
    %rep INFO_WORDS
        give SIGNAL_FRAME_INFO + at, [r11 + at]
        %assign at at + 8
    %endrep
    xor eax, eax
    %rep INFO_ZERO_WORDS
        store SIGNAL_FRAME_INFO + at, rax
        %assign at at + 8
    %endrep
.fpu:
    ; The processor writes its state itself: nothing of the kernel's lies in between. Of the header
    ; XSAVE writes the first word alone, of which it keeps what it was not asked for.
    alternative
        may_fault .failed, fxsave64 [rsi]
    when FEATURE_XSAVE
        xor eax, eax
        %assign at 0
        %rep 8
            may_fault .failed, mov [rsi + XSAVE_HEADER + at], rax
            %assign at at + 8
        %endrep
        mov eax, [x86_fpu_frame + FPU_FRAME_COMPONENTS]
        mov edx, [x86_fpu_frame + FPU_FRAME_COMPONENTS + 4]
        may_fault .failed, xsave64 [rsi]
        mov eax, [x86_fpu_frame + FPU_FRAME_STATE_BYTES]
        may_fault .failed, mov dword [rsi + rax], FP_XSTATE_MAGIC2
    endalternative
    %assign at 0
    %rep 6
        mov rax, [x86_fpu_frame + at]
        may_fault .failed, mov [rsi + FX_SW_RESERVED + at], rax
        %assign at at + 8
    %endrep
    user_access_end
    xor eax, eax
    ret
.failed:
    user_access_end
.refused:
    mov eax, -EFAULT
    ret
endfunc

; take MEMORY, OFFSET: the word of the frame goes to MEMORY, through rax.
%macro take 2
    may_fault .failed, mov rax, [rdi + %2]
    mov %1, rax
%endmacro

; int x86_signal_frame_read(u64 at, struct full_frame *frame, struct x86_signal_words *words);
;   in:       rdi at, rsi frame, rdx words
;   out:      eax = 0 or -EFAULT; AC and DF clear
;   clobbers: rax, rcx, rdi, r8-r10, flags
;   stack:    [rsp] return address
;   assumes:  AC and DF clear
;
; The first word and the last are read first: then the rest, on the same two pages at most, is there.
func x86_signal_frame_read
    mov ecx, SIGNAL_FRAME_INFO
    mask_user_range rdi, rcx
    jnz .refused
    user_access_begin
    may_fault .failed, mov rcx, [rdi + SIGNAL_FRAME_FLAGS]
    may_fault .failed, mov rax, [rdi + SIGNAL_FRAME_MASK]
    mov [rdx + SIGNAL_WORDS_FLAGS], rcx
    mov [rdx + SIGNAL_WORDS_MASK], rax
    take [rdx + SIGNAL_WORDS_STACK_BASE], SIGNAL_FRAME_STACK_BASE
    take [rdx + SIGNAL_WORDS_STACK_FLAGS], SIGNAL_FRAME_STACK_FLAGS
    take [rdx + SIGNAL_WORDS_STACK_BYTES], SIGNAL_FRAME_STACK_BYTES
    take [rdx + SIGNAL_WORDS_RFLAGS], SIGNAL_FRAME_RFLAGS
    take [rdx + SIGNAL_WORDS_SELECTORS], SIGNAL_FRAME_SELECTORS
    take [rdx + SIGNAL_WORDS_FPU], SIGNAL_FRAME_FPU
    take [rsi + FULL_TRAP + FRAME_R8], SIGNAL_FRAME_R8
    take [rsi + FULL_TRAP + FRAME_R9], SIGNAL_FRAME_R9
    take [rsi + FULL_TRAP + FRAME_R10], SIGNAL_FRAME_R10
    take [rsi + FULL_TRAP + FRAME_R11], SIGNAL_FRAME_R11
    take [rsi + FULL_R12], SIGNAL_FRAME_R12
    take [rsi + FULL_R13], SIGNAL_FRAME_R13
    take [rsi + FULL_R14], SIGNAL_FRAME_R14
    take [rsi + FULL_R15], SIGNAL_FRAME_R15
    take [rsi + FULL_TRAP + FRAME_RDI], SIGNAL_FRAME_RDI
    take [rsi + FULL_TRAP + FRAME_RSI], SIGNAL_FRAME_RSI
    take [rsi + FULL_RBP], SIGNAL_FRAME_RBP
    take [rsi + FULL_RBX], SIGNAL_FRAME_RBX
    take [rsi + FULL_TRAP + FRAME_RDX], SIGNAL_FRAME_RDX
    take [rsi + FULL_TRAP + FRAME_RAX], SIGNAL_FRAME_RAX
    take [rsi + FULL_TRAP + FRAME_RCX], SIGNAL_FRAME_RCX
    take [rsi + FULL_TRAP + FRAME_RSP], SIGNAL_FRAME_RSP
    take [rsi + FULL_TRAP + FRAME_RIP], SIGNAL_FRAME_RIP
    user_access_end
    xor eax, eax
    ret
.failed:
    user_access_end
.refused:
    mov eax, -EFAULT
    ret
endfunc

; SPDX-License-Identifier: MIT
; Saving and restoring the FPU registers by the best instruction the processor has. SDM volume 1,
; "Managing State Using the XSAVE Feature Set".
%include "uaccess.inc"
%include "frame.inc"

extern x86_fpu_frame

; void x86_fpu_save(void *area)
; In:       RDI = area, 64-byte aligned.
; Clobbers: RAX, RDX.
; XSAVEOPT and XSAVES write only what is in use and has changed since the XRSTOR from the same
; area. A task's area is always restored from before it is saved to, so that holds.
func x86_fpu_save
    mov eax, -1                 ; every component XCR0 has on
    mov edx, -1
    alternative
        fxsave64 [rdi]
    when FEATURE_XSAVE
        xsave64 [rdi]
    when FEATURE_XSAVEOPT
        xsaveopt64 [rdi]
    when FEATURE_XSAVES
        xsaves64 [rdi]
    endalternative
    ret
endfunc

; void x86_fpu_load(const void *area)
; In:       RDI = area, 64-byte aligned, as x86_fpu_save or arch_fpu_init left it.
; Clobbers: RAX, RDX.
func x86_fpu_load
    mov eax, -1
    mov edx, -1
    alternative
        fxrstor64 [rdi]
    when FEATURE_XSAVE
        xrstor64 [rdi]
    when FEATURE_XSAVES
        xrstors64 [rdi]
    endalternative
    ret
endfunc

; int x86_fpu_load_user(const void __user *from, u64 mask)
; In:       RDI = from, 64-byte aligned, below the user limit with all of the area; RSI = mask, for
;           XRSTOR alone: FXRSTOR takes the first two components.
; Out:      EAX = 0 or -EFAULT; AC and DF clear.
; Clobbers: RDX, flags; some registers may have been loaded when it fails.
func x86_fpu_load_user
    mov eax, esi
    mov rdx, rsi
    shr rdx, 32
    user_access_begin
    alternative
        may_fault .failed, fxrstor64 [rdi]
    when FEATURE_XSAVE
        may_fault .failed, xrstor64 [rdi]
    endalternative
    user_access_end
    xor eax, eax
    ret
.failed:
    user_access_end
    mov eax, -EFAULT
    ret
endfunc

; int x86_fpu_load_frame(const void __user *from)
; In:       RDI = from, below the user limit with all of the FPU part of a signal's frame. XSAVE is
;           there.
; Out:      EAX = 0: loaded; 1: not one that x86_signal_frame_write has written, of all components:
;           nothing is loaded; or -EFAULT, as above; AC and DF clear.
; Clobbers: RCX, RDX, flags.
func x86_fpu_load_frame
    mov rax, [x86_fpu_frame]
    mov rcx, [x86_fpu_frame + FPU_FRAME_COMPONENTS]
    mov edx, [x86_fpu_frame + FPU_FRAME_STATE_BYTES]
    user_access_begin
    may_fault .other, cmp [rdi + FX_SW_RESERVED], rax
    jne .other
    may_fault .other, cmp [rdi + FX_SW_RESERVED + FPU_FRAME_COMPONENTS], rcx
    jne .other
    may_fault .other, cmp [rdi + FX_SW_RESERVED + FPU_FRAME_STATE_BYTES], edx
    jne .other
    may_fault .other, cmp dword [rdi + rdx], FP_XSTATE_MAGIC2
    jne .other
    mov eax, ecx
    mov rdx, rcx
    shr rdx, 32
    may_fault .failed, xrstor64 [rdi]
    user_access_end
    xor eax, eax
    ret
.failed:
    user_access_end
    mov eax, -EFAULT
    ret
.other:
    user_access_end
    mov eax, 1
    ret
endfunc

; int x86_fxload_user(const void __user *from)
; In:       RDI = from, 16-byte aligned.
; The same by FXRSTOR on every processor, for frames without an XSAVE header.
func x86_fxload_user
    user_access_begin
    may_fault .failed, fxrstor64 [rdi]
    user_access_end
    xor eax, eax
    ret
.failed:
    user_access_end
    mov eax, -EFAULT
    ret
endfunc

; void x86_xrstor_initial(const void *area, u64 mask)
; In:       RDI = standard-format area with an all-zero header, RSI = mask: the components to
;           put into their initial state. XSAVE is there.
; Clobbers: RAX, RDX.
func x86_xrstor_initial
    mov eax, esi
    mov rdx, rsi
    shr rdx, 32
    xrstor64 [rdi]
    ret
endfunc

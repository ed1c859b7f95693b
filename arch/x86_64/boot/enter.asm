; SPDX-License-Identifier: MIT
; The first instructions in the higher half.
%include "func.inc"
%include "frame.inc"

extern x86_boot
extern x86_boot_stack

; void x86_enter_high(u32 magic, u32 info), jumped to
; In:      EDI, ESI = the arguments of x86_boot.
; Flags:   IF and DF clear.
; Stack:   the boot stack, empty.
func x86_enter_high
    lea rsp, [x86_boot_stack + BOOT_STACK_TOP]
    xor ebp, ebp                ; the end of every backtrace
    call x86_boot
    ud2
endfunc

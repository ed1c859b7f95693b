; SPDX-License-Identifier: MIT
; The seal's own test: a write to kernel text, which must fault.
%include "func.inc"
%include "extable.inc"

; bool arch_cpu_probe_text(void)
; Out:      AL = 1 when the write faulted, 0 when it went through.
; Clobbers: RAX, RDI. Writes what is there already, so that even then nothing changes.
; Flags:    any.
; Stack:    not used.
func arch_cpu_probe_text
    lea rdi, [.target]
    mov al, [rdi]
    on_fault .faulted, EXTABLE_PROBE
.target:
    mov [rdi], al
    xor eax, eax
    ret
.faulted:
    mov eax, 1
    ret
endfunc

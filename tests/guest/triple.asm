; SPDX-License-Identifier: MIT
; A kernel that only goes wrong: PVH entry in 32-bit mode, no IDT, then an undefined instruction,
; which is a triple fault; with "hang" on the command line, a loop without end. tools/quench must say
; what happened.
bits 32

section .note.pvh note alloc noexec nowrite align=4
    dd 4, 4, 18                 ; name bytes, descriptor bytes, XEN_ELFNOTE_PHYS32_ENTRY
    db "Xen", 0
    dd _start

section .text progbits alloc exec nowrite align=16
global _start:function (_start.end - _start)
_start:
    cli
    mov eax, [ebx + 24]         ; struct hvm_start_info: cmdline_paddr
    cmp byte [eax], 'h'
    je $
    call fatal
.end:

global fatal:function (fatal.end - fatal)
fatal:
    nop
    ud2
.end:

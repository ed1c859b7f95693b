; SPDX-License-Identifier: MIT
; The first steps of every processor but the boot CPU: from real mode right to 64-bit code in the
; higher half. This is data: smp/start.c copies it to a page below 1 MiB, fills in what stands at
; the end, and zeroes the page afterwards. SDM volume 3, "Multiple-Processor (MP) Initialization" and
; "Initializing IA-32e Mode".
%include "frame.inc"

CR0_PE_ET   equ 0x11
CODE_64     equ 0x10
DATA        equ 0x18

section .rodata progbits alloc noexec nowrite align=16
global x86_trampoline:data (x86_trampoline_end - x86_trampoline)
global x86_trampoline_end
global x86_trampoline_fill

; Started at CS = page / 16, IP = 0; everything is addressed from the page's start.
; State:   real mode, interrupts off, no stack.
bits 16
x86_trampoline:
    cli
    cld
    mov ax, cs
    mov ds, ax
    o32 lgdt [gdt_pointer - x86_trampoline]
    mov eax, CR4_PAE
    mov cr4, eax
    mov eax, [x86_trampoline_fill.root - x86_trampoline]
    mov cr3, eax
    mov ecx, MSR_EFER
    mov eax, [x86_trampoline_fill.efer - x86_trampoline]
    xor edx, edx
    wrmsr
    mov eax, [x86_trampoline_fill.cr0 - x86_trampoline]
    mov cr0, eax                ; protection and paging at once: the next page of code is this one
    jmp far dword [x86_trampoline_fill.far_offset - x86_trampoline]

bits 64
x86_trampoline_long:
    mov eax, DATA
    mov ss, eax
    xor eax, eax
    mov ds, eax
    mov es, eax
    mov fs, eax
    mov gs, eax
    mov rsp, [rel x86_trampoline_fill.stack]
    mov rdi, [rel x86_trampoline_fill.cpu]
    mov rax, [rel x86_trampoline_fill.entry]
    xor ebp, ebp                ; the end of every backtrace
    call rax                    ; x86_ap_main(cpu), which does not return

align 16
gdt:
    dq 0
    dq 0
    dq 0x00af9b000000ffff       ; CODE_64
    dq 0x00cf93000000ffff       ; DATA
gdt_end:
gdt_pointer:
    dw gdt_end - gdt - 1
.base:
    dd 0                        ; filled in: x86_trampoline_fill.gdt

align 8
; struct trampoline_fill of smp/start.c
x86_trampoline_fill:
.stack:      dq 0
.cpu:        dq 0
.entry:      dq 0
.root:       dd 0
.efer:       dd 0
.cr0:        dd 0
.far_offset: dd x86_trampoline_long - x86_trampoline   ; the page's address is added
.far_code:   dw CODE_64
.pad:        dw 0
.gdt_base:   dd gdt_pointer.base - x86_trampoline      ; where the table's address goes
.gdt:        dd gdt - x86_trampoline
x86_trampoline_end:

; SPDX-License-Identifier: MIT
; What boot loaders look for: the Multiboot2 header and the PVH entry note.

; Addresses here are 32 bits wide by protocol, which newer assemblers warn of.
[warning -unknown-warning]
[warning -reloc-abs-dword]

extern start_pvh
extern start_multiboot2

; "Multiboot2 Specification version 2.0", section "OS image format".
HEADER_MAGIC equ 0xe85250d6
ARCH_I386    equ 0             ; 32-bit protected mode, on BIOS and on EFI machines alike
TAG_END      equ 0
TAG_REQUEST  equ 1
TAG_ENTRY    equ 3
INFO_CMDLINE equ 1
INFO_MODULES equ 3
INFO_MEMORY  equ 6

section .boot.header progbits alloc noexec nowrite align=8
multiboot2_header:
    dd HEADER_MAGIC
    dd ARCH_I386
    dd multiboot2_end - multiboot2_header
    dd 0x100000000 - (HEADER_MAGIC + ARCH_I386 + (multiboot2_end - multiboot2_header))
.request:
    dw TAG_REQUEST, 0
    dd .request_end - .request
    dd INFO_CMDLINE, INFO_MODULES, INFO_MEMORY
.request_end:
    align 8, db 0
    ; The ELF header's entry is PVH's, so Multiboot2's own is named here.
.entry:
    dw TAG_ENTRY, 0
    dd .entry_end - .entry
    dd start_multiboot2
.entry_end:
    align 8, db 0
    dw TAG_END, 0
    dd 8
multiboot2_end:

; Xen's public header elfnote.h: XEN_ELFNOTE_PHYS32_ENTRY. Alignment 4: see the linker script.
ELFNOTE_PHYS32_ENTRY equ 18

section .note.pvh note alloc noexec nowrite align=4
    dd .name_end - .name
    dd .desc_end - .desc
    dd ELFNOTE_PHYS32_ENTRY
.name:
    db "Xen", 0
.name_end:
.desc:
    dq start_pvh
.desc_end:

; SPDX-License-Identifier: MIT
; From a boot loader's 32-bit mode to 64-bit code in the higher half: checks the processor, builds
; the first page tables, turns paging on. Runs at its physical address.
;
; The first tables, all in .bss.pages:
;   identity     the pages of .boot alone, R-X, for the instructions around the switch
;   higher half  the image at -2 GiB in 4 KiB pages: text R-X, rodata R--, data RW-
;   direct map   the first 4 GiB in 2 MiB pages: RW-, but R-- where they show the image
; X means not NX; on a processor without NX everything may be executed.
%include "frame.inc"

%define PHYSICAL(symbol) (symbol - KERNEL_BASE)

PAGE           equ 4096
PHYSICAL_BASE  equ 0x200000   ; of the linker script
DIRECT_TABLES  equ 4          ; page directories for ARCH_EARLY_MAP_BYTES
LARGE_SHIFT    equ 21

EFLAGS_ID      equ 1 << 21
CPUID_LM       equ 1 << 29    ; leaf 80000001H, EDX. SDM volume 2, "CPUID"
CPUID_NX       equ 1 << 20

COM1           equ 0x3f8
COM2           equ 0x2f8
DEBUG_EXIT     equ 0xf4

extern __start_bss
extern __kernel_start
extern __text_segment_end
extern __rodata_segment_end
extern __kernel_end
extern __boot_end
extern __boot_image_tables      ; the linker script makes room for as many as there may be
extern __boot_image_table_count
extern x86_boot_stack
extern x86_enter_high

section .bss.pages nobits alloc noexec write align=4096
pml4:          resb PAGE
low_pdpt:      resb PAGE
low_pd:        resb PAGE
low_pt:        resb PAGE
high_pdpt:     resb PAGE
high_pd:       resb PAGE
direct_pdpt:   resb PAGE
direct_pd:     resb PAGE * DIRECT_TABLES

section .boot.data progbits alloc noexec nowrite align=8
; The accessed bit is set, so that the processor does not write here.
boot_gdt:
    dq 0
    dq 0
    dq 0x00af9b000000ffff     ; KERNEL_CS: 64-bit code
    dq 0x00cf93000000ffff     ; KERNEL_SS
.end:
boot_gdt_pointer:
    dw boot_gdt.end - boot_gdt - 1
    dd boot_gdt

no_long_mode_text:
    db "quench: Quench needs a 64-bit processor (long mode), and this one is not.", 13, 10
    db "quench: choose another: with QEMU, another -cpu (qemu64, EPYC, max, ...).", 13, 10, 0
no_long_mode_records:
    db '{"t":"fail","why":"the processor is not a 64-bit one: it has no long mode"}', 10
    db '{"t":"exit","status":1}', 10, 0

section .boot.text progbits alloc exec nowrite align=16
bits 32

; In:      PVH: EBX = physical address of the start information.
;          Multiboot2: EAX = MULTIBOOT2_MAGIC, EBX = physical address of the boot information.
; State:   32-bit protected mode, flat segments, paging and interrupts off, no stack.
; Keeps:   EBP = which loader, ESI = its information, until x86_boot takes them.
global start_pvh:function
global start_multiboot2:function
start_pvh:
    mov eax, PVH_MAGIC
start_multiboot2:
    cli
    cld
    mov ebp, eax
    mov esi, ebx
    mov edi, PHYSICAL(__start_bss)
    mov ecx, PHYSICAL(__kernel_end)
    sub ecx, edi
    shr ecx, 2
    xor eax, eax
    rep stosd
    mov esp, PHYSICAL(x86_boot_stack) + BOOT_STACK_TOP
    call require_long_mode
    push edx                    ; high half of the entries that are not to be executed
    call map_image
    call map_identity
    call map_direct
    pop edx
    jmp enter_long_mode

; Out:     EDX = high half of a page-table entry with NX, 0 on a processor without it.
; Clobbers EAX, EBX, ECX. Does not return when the processor cannot run the kernel.
require_long_mode:
    pushfd
    mov eax, [esp]
    xor dword [esp], EFLAGS_ID
    popfd
    pushfd
    pop ecx
    xor eax, ecx
    test eax, EFLAGS_ID         ; the bit can be flipped: CPUID is there
    jz no_long_mode
    mov eax, 0x80000000
    cpuid
    cmp eax, 0x80000001         ; unsigned: a processor without the leaf answers something low
    jb no_long_mode
    mov eax, 0x80000001
    cpuid
    test edx, CPUID_LM
    jz no_long_mode
    and edx, CPUID_NX
    shl edx, 11                 ; bit 20 -> bit 31
    ret

; Fills table entries.
; In:      EDI = first entry, EAX = first address | flags, EDX = high half, EBX = bytes an entry,
;          ECX = entries, may be 0.
; Clobbers EAX, ECX, EDI.
fill:
    jecxz .done
.next:
    mov [edi], eax
    mov [edi + 4], edx
    add eax, ebx
    add edi, 8
    dec ecx
    jnz .next
.done:
    ret

; map_segment START, END, FLAGS: pages of the image, EDX = high half of their entries.
%macro map_segment 3
    mov eax, PHYSICAL(%1)
    mov ecx, PHYSICAL(%2)
    sub ecx, eax
    shr ecx, 12
    lea edi, [eax - PHYSICAL_BASE]
    shr edi, 12 - 3
    add edi, PHYSICAL(__boot_image_tables)
    or eax, %3
    call fill
%endmacro

; In: EDX = NX. Clobbers EAX, EBX, ECX, EDI.
map_image:
    mov ebx, PAGE
    map_segment __text_segment_end, __rodata_segment_end, PTE_PRESENT
    map_segment __rodata_segment_end, __kernel_end, PTE_PRESENT | PTE_WRITE
    push edx
    xor edx, edx
    map_segment __kernel_start, __text_segment_end, PTE_PRESENT
    mov eax, PHYSICAL(__boot_image_tables) + (PTE_PRESENT | PTE_WRITE)
    mov edi, PHYSICAL(high_pd) + (PHYSICAL_BASE >> LARGE_SHIFT) * 8
    mov ecx, __boot_image_table_count
    call fill
    pop edx
    mov dword [PHYSICAL(high_pdpt) + 510 * 8], PHYSICAL(high_pd) + (PTE_PRESENT | PTE_WRITE)
    mov dword [PHYSICAL(pml4) + 511 * 8], PHYSICAL(high_pdpt) + (PTE_PRESENT | PTE_WRITE)
    ret

; Clobbers EAX, EBX, ECX, EDI.
map_identity:
    push edx
    xor edx, edx
    mov ebx, PAGE
    mov eax, PHYSICAL_BASE + PTE_PRESENT
    mov edi, PHYSICAL(low_pt)
    mov ecx, __boot_end
    sub ecx, PHYSICAL_BASE
    shr ecx, 12
    call fill
    pop edx
    mov dword [PHYSICAL(low_pd) + (PHYSICAL_BASE >> LARGE_SHIFT) * 8], PHYSICAL(low_pt) + PTE_PRESENT
    mov dword [PHYSICAL(low_pdpt)], PHYSICAL(low_pd) + PTE_PRESENT
    mov dword [PHYSICAL(pml4)], PHYSICAL(low_pdpt) + PTE_PRESENT
    ret

; In: EDX = NX. Clobbers EAX, EBX, ECX, EDI.
map_direct:
    mov ebx, 1 << LARGE_SHIFT
    mov eax, PTE_PRESENT | PTE_WRITE | PTE_LARGE
    mov edi, PHYSICAL(direct_pd)
    mov ecx, DIRECT_TABLES * 512
    call fill
    mov ecx, PHYSICAL(__kernel_end) - 1
    shr ecx, LARGE_SHIFT        ; the last 2 MiB page that shows the image
.protect:
    and dword [PHYSICAL(direct_pd) + ecx * 8], ~PTE_WRITE
    dec ecx
    cmp ecx, PHYSICAL_BASE >> LARGE_SHIFT
    jae .protect
    push edx
    xor edx, edx
    mov ebx, PAGE
    mov eax, PHYSICAL(direct_pd) + (PTE_PRESENT | PTE_WRITE)
    mov edi, PHYSICAL(direct_pdpt)
    mov ecx, DIRECT_TABLES
    call fill
    pop edx
    mov dword [PHYSICAL(pml4) + 256 * 8], PHYSICAL(direct_pdpt) + (PTE_PRESENT | PTE_WRITE)
    ret

; In: EDX = NX, EBP = which loader, ESI = its information.
; SDM volume 3, "Initializing IA-32e Mode". CR0.WP stays 0: text is still to be patched.
enter_long_mode:
    mov eax, CR4_PAE
    mov cr4, eax
    mov eax, PHYSICAL(pml4)
    mov cr3, eax
    shr edx, 31 - 11            ; NX of an entry -> EFER.NXE
    or edx, EFER_LME
    mov eax, edx
    xor edx, edx
    mov ecx, MSR_EFER
    wrmsr
    mov eax, BOOT_CR0
    mov cr0, eax
    lgdt [boot_gdt_pointer]
    jmp KERNEL_CS:.long

bits 64
.long:
    mov eax, KERNEL_SS
    mov ss, eax
    xor eax, eax
    mov ds, eax
    mov es, eax
    mov fs, eax
    mov gs, eax
    mov edi, ebp
    mov esi, esi
    mov rax, qword x86_enter_high
    jmp rax

bits 32
; Says on both lines why this machine will not do, and ends it.
no_long_mode:
    mov esi, no_long_mode_text
    mov ebx, COM1
    call send
    mov esi, no_long_mode_records
    mov ebx, COM2
    call send
    mov al, VERDICT_FAIL
    out DEBUG_EXIT, al
.halt:
    cli
    hlt
    jmp .halt

; Sends a text through a UART: 115200 baud, 8 bits, no parity, 1 stop bit, FIFO on.
; In: ESI = text that ends with a NUL, EBX = the UART's first port. Clobbers EAX, ECX, EDX, ESI.
send:
    mov ecx, .programming
.program:
    movzx edx, byte [ecx]
    cmp dl, 0xff
    je .next
    add edx, ebx
    mov al, [ecx + 1]
    out dx, al
    add ecx, 2
    jmp .program
.next:
    lodsb
    test al, al
    jz .done
    mov ah, al
    lea edx, [ebx + 5]          ; line status
    mov ecx, 0x100000           ; a UART that is stuck must not hang the message of the other
.wait:
    in al, dx
    test al, 0x20               ; transmitter empty
    loopz .wait
    mov al, ah
    mov edx, ebx
    out dx, al
    jmp .next
.done:
    ret
.programming:                   ; register, value
    db 1, 0x00, 3, 0x80, 0, 0x01, 1, 0x00, 3, 0x03, 2, 0x07, 4, 0x03, 0xff

; SPDX-License-Identifier: MIT
; Functions by the hundred, for the stress images: eight of them hold twelve patch sites and 120
; exception table entries. Never run. -DFUNCTIONS=how many. No symbol is global: an image links many
; copies of the object. Eight shapes take turns: as in the kernel itself half of the sites are stac
; and clac; the others have loads that move with their entries, calls, nested blocks, constants.
%include "uaccess.inc"

ENTRIES equ 15      ; of each function

section .text progbits alloc exec nowrite align=16
extern arch_tsc
extern copy_from_user

; entries COUNT: that many instructions that may fault, COUNT being at least 0
%macro entries 1
    %assign %%i 0
    %rep %1
        on_fault .failed
        mov [rdi + %%i * 8], rax
        %assign %%i %%i + 1
    %endrep
%endmacro

%macro shape_0 0        ; nothing or one short instruction
    user_access_begin
    entries ENTRIES
    user_access_end
%endmacro

%macro shape_1 0        ; loads that may fault on both sides
    alternative
        on_fault .failed
        mov rax, [rsi]
    when FEATURE_SMAP
        stac
        on_fault .failed
        mov rax, [rsi]
        on_fault .failed
        mov rdx, [rsi + 8]
        clac
    endalternative
    entries ENTRIES - 3
%endmacro

%macro shape_2 0        ; calls
    alternative
        call arch_tsc
    when any_of(FEATURE_ERMS, FEATURE_FSRM)
        call copy_from_user
    endalternative
    entries ENTRIES
%endmacro

%macro shape_3 0        ; a block within a version
    alternative
        mov eax, 1
    when FEATURE_ERMS
        on_fault .failed
        rep movsb
        alternative
            lfence
        when all_of(not FEATURE_SMAP, FEATURE_SSE2)
            mfence
        endalternative
    endalternative
    entries ENTRIES - 1
%endmacro

%macro shape_5 0        ; a runtime constant
    runtime_constant mov r9, USER_LIMIT
    entries ENTRIES
%endmacro

%macro shape_7 0        ; code of some length, with jumps inside and out
    alternative
        rep movsq
    when FEATURE_ERMS
        cmp rcx, 64
        jb %%short
        on_fault .failed
        rep movsb
        jmp .failed
    %%short:
        on_fault .failed
        mov al, [rsi]
        lea rdx, [rel stress_table]
    endalternative
    entries ENTRIES - 2
%endmacro

%define turn_0 shape_0
%define turn_1 shape_1
%define turn_2 shape_0
%define turn_3 shape_3
%define turn_4 shape_2
%define turn_5 shape_0
%define turn_6 shape_5
%define turn_7 shape_7

%assign number 0
%rep FUNCTIONS
align 16
stress_%[number]:
    %assign turn number % 8
    turn_%[turn]
    ret
.failed:
    mov eax, 1
    ret
    %assign number number + 1
%endrep

section .rodata progbits alloc noexec nowrite align=8
stress_table:
    dq FUNCTIONS

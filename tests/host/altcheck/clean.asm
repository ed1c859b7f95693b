; SPDX-License-Identifier: MIT
; What altcheck must have nothing against: every notation in its proper use. Part of every image.
%include "planted.inc"

; Early code, and what it calls.
func clean_early, .text.early
    call clean_helper
    ret
endfunc

func clean_helper
    pushfq
    popfq
    std
    rep movsb
    cld
    ret
endfunc

; Every condition; a version longer than the default, one shorter, one empty, one nested.
func clean
    alternative
        jmp clean_helper
    when FEATURE_ERMS
        jmp clean
    when all_of(FEATURE_FSRM, not FEATURE_COPY_ALIGNED)
        nop
    endalternative
    alternative
        xor eax, eax
        jz .over            ; to the end of the default code, where padding is
        inc eax
.over:
    when any_of(FEATURE_POPCNT, FEATURE_BMI1)
        runtime_constant mov rcx, USER_LIMIT
        popcnt rax, [rel clean_data]
        jz .done
        alternative
            call clean_helper
        when FEATURE_BMI2
            loop .back
.back:      jmp near .done
        endalternative
.done:
    endalternative
    runtime_constant mov rax, USER_LIMIT
    ret
endfunc

; A copy with entries in default and versions; the fixup of one travels with it.
func copy_user_clean
    mov rcx, rdx
    user_access_begin
    alternative
        on_fault .stopped
        rep movsb
    when FEATURE_FSRM
        on_fault .stopped
        rep movsb
    when FEATURE_ERMS
        on_fault .here
        rep movsb
.here:  nop
    endalternative
.stopped:
    user_access_end
    mov rax, rcx
    ret
endfunc

; What a call returns is no user pointer, whatever the register held.
func get_user_clean
    mov rax, rsi
    call clean_helper
    mov rax, [rax]
    ret
endfunc

; A window of nothing but covered accesses, in a function that altcheck is told nothing of.
func clean_in_any_function
    user_access_begin
    may_fault .fault, mov r8, [rax]
    may_fault .fault, mov r9, [rax + 8]
    user_access_end
    mov [rdi], r8
    mov [rdi + 8], r9
    ret
.fault:
    user_access_end
    ret
endfunc

; AC and DF are what was interrupted until cld and clac.
func x86_trap_common
    push rax
    cld
    user_access_end
    call clean_helper
    pop rax
    iretq
endfunc

section .rodata progbits alloc noexec nowrite align=8
clean_data: dq 0

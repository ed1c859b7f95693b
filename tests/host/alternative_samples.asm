; SPDX-License-Identifier: MIT
; Functions with alternatives of every form, for test_plan.c to plan, patch and call. Each returns
; in eax which version ran. No hardware.
%include "alternative.inc"
%include "extable.inc"

section .rodata
value_default: dd 70
value_version: dd 71

; int helper_10(void); int helper_11(void);
func helper_10
    mov eax, 10
    ret
endfunc
func helper_11
    mov eax, 11
    ret
endfunc

; The last condition that holds wins.
func sample_last_wins
    alternative
        mov eax, 0
    when FEATURE_SMAP
        mov eax, 1
    when FEATURE_ERMS
        mov eax, 2
    endalternative
    ret
endfunc

; One bit for each form of condition.
func sample_conditions
    xor eax, eax
    alternative
    when FEATURE_SMAP
        or eax, 1
    endalternative
    alternative
    when not FEATURE_SMAP
        or eax, 2
    endalternative
    alternative
    when all_of(FEATURE_SMAP, FEATURE_ERMS, not FEATURE_FSRM)
        or eax, 4
    endalternative
    alternative
    when any_of(FEATURE_FSRM, not FEATURE_SMAP)
        or eax, 8
    endalternative
    alternative
    when all_of(not FEATURE_SMAP)
        or eax, 16
    endalternative
    alternative
    when any_of(FEATURE_SMAP, FEATURE_ERMS, FEATURE_FSRM, FEATURE_LM)
        or eax, 32
    endalternative
    ret
endfunc

; Calls and RIP-relative operands are moved.
func sample_moved
    sub rsp, 8
    alternative
        call helper_10
        add eax, [rel value_default]
    when FEATURE_SMAP
        nop
        nop
        call helper_11
        nop
        add eax, [rel value_version]
    endalternative
    add rsp, 8
    ret
endfunc

; Branches out of a version, to its end, to its beginning and within it.
func sample_branches
    mov ecx, 5
    xor eax, eax
    alternative
        jmp .out
    when FEATURE_SMAP
.loop:
        add eax, ecx
        loop .loop
        jmp .far
    when FEATURE_ERMS
        test ecx, ecx
        jz .tail
        lea eax, [rax+100]
        jmp .tail
        ud2
.tail:
    endalternative
.out:
    ret
    times 200 ud2
.far:
    add eax, 1000
    ret
endfunc

; Three deep: an inner version branches to the outer one's code, which is not where it was linked.
func sample_nested
    xor eax, eax
    mov ecx, 3
    alternative
        alternative
            or eax, 1
        when FEATURE_ERMS
            or eax, 2
        endalternative
        or eax, 4
        alternative
        when FEATURE_FSRM
            or eax, 8
        endalternative
    when FEATURE_SMAP
        or eax, 16
.again:
        alternative
            or eax, 32
        when FEATURE_ERMS
            add eax, 64
            alternative
                dec ecx
                nop
            when FEATURE_FSRM
                dec ecx
                jz .done
                add eax, 0x1000
                jmp .again
.done:
            endalternative
            add eax, 0x100000
        endalternative
        or eax, 128
        alternative
            nop
        when not FEATURE_FSRM
            jmp .out
        endalternative
        add eax, 0x10000
    endalternative
.out:
    ret
endfunc

; From a version to the code around it, which stands in the middle of the block.
func sample_middle
    xor eax, eax
    mov ecx, 2
    alternative
    when FEATURE_SMAP
        add eax, 1
        alternative
            nop
        when FEATURE_ERMS
.again:
            add eax, 4
            alternative
                nop
            when FEATURE_FSRM
                dec ecx
                jnz .again
            endalternative
        endalternative
    endalternative
    ret
endfunc

; What the default of a nested block calls moves with the version around it.
func sample_nested_call
    sub rsp, 8
    alternative
        xor eax, eax
    when FEATURE_SMAP
        nop
        alternative
            call helper_10
        when FEATURE_ERMS
            call helper_11
        endalternative
    endalternative
    add rsp, 8
    ret
endfunc

; From a nested version to the end of the outer one, where in memory the next version begins.
func sample_tail
    alternative
        mov eax, 1
    when FEATURE_SMAP
        mov eax, 2
        alternative
            nop
        when FEATURE_ERMS
            jmp .tail
        endalternative
        add eax, 4
.tail:
    when FEATURE_FSRM
        mov eax, 8
    endalternative
    add eax, 16
    ret
endfunc

; All there is in the default is another block.
func sample_only_nested
    alternative
        alternative
            mov eax, 1
        when FEATURE_ERMS
            mov eax, 2
        endalternative
    when FEATURE_SMAP
        mov eax, 3
    endalternative
    ret
endfunc

; u64 sample_constants(void): one immediate of each width, the constant must be below 64.
func sample_constants
    runtime_constant mov rax, USER_LIMIT
    runtime_constant mov ecx, USER_LIMIT
    lea rax, [rax*8+rcx]
    runtime_constant mov cx, USER_LIMIT
    movzx ecx, cx
    lea rax, [rax*8+rcx]
    runtime_constant add rax, USER_LIMIT
    runtime_constant shl rax, USER_LIMIT
    alternative
        runtime_constant xor eax, USER_LIMIT
    when FEATURE_SMAP
        nop
        runtime_constant xor eax, USER_LIMIT
        runtime_constant cmp qword [rel value_default], USER_LIMIT
        setb cl
    endalternative
    ret
endfunc

; What a byte that faults makes of each version; never called.
func sample_faults
    alternative
        on_fault .failed
        mov al, [rdi]
    when FEATURE_SMAP
        stac
        on_fault .mend
        mov al, [rdi]
        clac
        jmp .fine
.mend:
        clac
        on_fault .failed, EXTABLE_FAULT_ERROR
        mov al, [rdi+1]
.fine:
    endalternative
    on_fault .failed
    mov al, [rdi+2]
    ret
.failed:
    ret
endfunc

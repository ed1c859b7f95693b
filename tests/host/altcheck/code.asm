; SPDX-License-Identifier: MIT
; Planted faults in the code of sites and versions: boundaries, padding, moving, branches, prefixes,
; and sites where the patcher itself runs.
%include "planted.inc"

func victim
%ifdef FAULT_site_within_instruction ; whole-instructions victim+0x1
    mov eax, 0x90909090
    record victim + 1, 4, 4, one, 1
version one
    nop
version_end
%endif
%ifdef FAULT_default_ends_within_instruction ; whole-instructions victim+0x0
    mov eax, 0x90909090
    record victim, 5, 3, one, 1
version one
    nop
version_end
    ; what follows the three bytes looks like padding
%endif
%ifdef FAULT_site_ends_within_instruction ; whole-instructions victim+0x0
    nop
    mov eax, 1
    record victim, 2, 2, one, 1
version one
    nop
version_end
%endif
%ifdef FAULT_torn_version ; whole-instructions version 1 (SMAP) +0x1
    mov eax, 1
    record victim, 5, 5, torn, 3
version torn
    nop
    db 0x0f, 0x1f           ; the start of a long NOP
version_end
%endif
%ifdef FAULT_no_instruction ; whole-instructions victim+0x1
    nop
    db 0x06                 ; push es: gone in 64-bit mode
%endif
%ifdef FAULT_padding_is_code ; padding victim+0x2
    xor eax, eax
    xor eax, eax
    record victim, 4, 2, one, 1
version one
    nop
version_end
%endif
%ifdef FAULT_padding_is_prefixed ; padding victim+0x2
    xor eax, eax
    db 0x66, 0x66, 0x90
    record victim, 5, 2, one, 1
version one
    nop
version_end
%endif
%ifdef FAULT_short_jump_leaves ; movable version 1 (SMAP) +0x1
    mov eax, 1
    record victim, 5, 5, leaving, 3
version leaving
    nop
    db 0xeb, -4             ; jmp short, to before the version
version_end
%endif
%ifdef FAULT_loop_leaves ; movable version 1 (SMAP) +0x0
    mov eax, 1
    record victim, 5, 5, leaving, 2
version leaving
    db 0xe2, -16            ; loop
version_end
%endif
%ifdef FAULT_jrcxz_leaves ; movable version 1 (SMAP) +0x0
    mov eax, 1
    record victim, 5, 5, leaving, 2
version leaving
    db 0xe3, -16            ; jrcxz
version_end
%endif
%ifdef FAULT_operand_in_replaced_code ; movable version 1 (SMAP) +0x0
    alternative
        mov eax, 1
.gone:  mov eax, 2
    when FEATURE_SMAP
        lea rax, [rel .gone]
    endalternative
%endif
%ifdef FAULT_branch_into_site ; branch-into-site victim+0x0
    jz .middle
    alternative
        mov eax, 1
.middle:
        mov eax, 2
    when FEATURE_SMAP
        nop
    endalternative
%endif
%ifdef FAULT_branch_into_own_default ; branch-into-site version 1 (SMAP) +0x0
    alternative
        mov eax, 1
.middle:
        mov eax, 2
    when FEATURE_SMAP
        jmp near .middle
    endalternative
%endif
%ifdef FAULT_branch_into_other_version ; branch-into-site version 1 (SMAP) +0x0
    alternative
        nop
    when FEATURE_SMAP
        jmp near .other
    when FEATURE_ERMS
        nop
.other: nop
    endalternative
%endif
%ifdef FAULT_branch_from_inside_nested ; branch-into-site victim+0x0
    jmp near .inner
    alternative
        nop
        alternative
            nop
.inner:     nop
        when FEATURE_ERMS
            mov eax, ebx
        endalternative
    when FEATURE_SMAP
        mov eax, ebx
    endalternative
%endif
%ifdef FAULT_branch_into_version ; branch-into-site victim+0x0
    jmp near .away
    alternative
        nop
    when FEATURE_SMAP
.away:  nop
    endalternative
%endif
%ifdef FAULT_branch_into_padding ; branch-into-site victim+0x0
    jz victim.padding + 1
    alternative
        nop
.padding:
    when FEATURE_SMAP
        mov eax, 1
    endalternative
%endif
%ifdef FAULT_branch_into_instruction ; branch-target victim+0x5
    mov eax, 0xc3
    jmp near victim + 1
%endif
%ifdef FAULT_branch_to_data ; branch-target victim+0x0
    call victim + 0x2000
%endif
%ifdef FAULT_rex_on_rep ; redundant-prefix victim+0x0
    db 0xf3, 0x40, 0xa4     ; rep rex movsb
%endif
%ifdef FAULT_segment_on_rep ; redundant-prefix victim+0x0
    db 0x3e, 0xf3, 0xaa     ; ds rep stosb
%endif
%ifdef FAULT_early_call_far ; early-call planted_far+0x0
    ret
endfunc
func planted_early, .text.early
    jmp near planted_far
endfunc
func planted_far
    call clean              ; not early, and has sites
extern clean
%endif
    ret
endfunc

%ifdef FAULT_early_site ; early-site planted_early+0x0
func planted_early, .text.early
    alternative
        nop
    when FEATURE_SMAP
        nop
    endalternative
    ret
endfunc
%endif
%ifdef FAULT_early_call ; early-call planted_early+0x1
extern clean
func planted_early, .text.early
    nop
    call clean
    ret
endfunc
%endif

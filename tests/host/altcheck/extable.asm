; SPDX-License-Identifier: MIT
; Planted faults in the exception table.
%include "planted.inc"

func victim
%ifdef FAULT_entry_within_instruction ; extable-insn victim+0x1
    mov rax, [rsi]
    entry victim + 1, victim.end - 1
%endif
%ifdef FAULT_entry_outside_text ; extable-insn victim+0x2000
    entry victim + 0x2000, victim
%endif
%ifdef FAULT_entry_on_padding ; extable-insn victim+0x3
    alternative
        mov rax, [rsi]
    when FEATURE_SMAP
        mov rax, [rsi + 0x1000]
    endalternative
    entry victim + 3, victim.end - 1
%endif
%ifdef FAULT_entry_before_cld ; extable-kind victim+0x0
    on_fault .out           ; meant for the rep movsb (coconut-svsm issue 1154)
    cld
    rep movsb
.out:
%endif
%ifdef FAULT_entry_on_lea ; extable-kind victim+0x0
    on_fault .out
    lea rax, [rsi + rdi]
.out:
%endif
%ifdef FAULT_unknown_type ; extable-kind victim+0x0
    on_fault .out, 4
    mov rax, [rsi]
.out:
%endif
%ifdef FAULT_probe_that_loads ; extable-kind victim+0x0
    on_fault .out, EXTABLE_PROBE
    mov rax, [rsi]
.out:
%endif
%ifdef FAULT_fixup_outside_text ; extable-fixup victim+0x0
    mov rax, [rsi]
    entry victim, victim + 0x2000
%endif
%ifdef FAULT_fixup_within_instruction ; extable-fixup victim+0x0
    mov rax, [rsi]
.next:
    mov eax, 1
    entry victim, .next + 1
%endif
%ifdef FAULT_fixup_is_itself ; extable-fixup victim+0x0
    mov rax, [rsi]
    entry victim, victim
%endif
%ifdef FAULT_fixup_in_losing_version ; extable-fixup victim+0x0
    on_fault .fixup
    mov rax, [rsi]
    alternative
        nop
    when FEATURE_SMAP
.fixup: nop
    endalternative
%endif
%ifdef FAULT_fixup_in_middle_of_site ; extable-fixup victim+0x0
    on_fault .fixup
    mov rax, [rsi]
    alternative
        mov eax, 1
.fixup: mov eax, 2
    when FEATURE_SMAP
        nop
    endalternative
%endif
%ifdef FAULT_fixup_at_end_of_version ; extable-fixup version 1 (SMAP) +0x0
    alternative
        mov eax, [rel victim]
    when FEATURE_SMAP
        on_fault .behind
        mov rax, [rsi]
.behind:
    when FEATURE_ERMS
        nop
    endalternative
%endif
%ifdef FAULT_two_entries ; extable-duplicate victim+0x0
    on_fault .out
    on_fault .out
    mov rax, [rsi]
.out:
%endif
%ifdef FAULT_two_entries_in_version ; extable-duplicate version 1 (SMAP) +0x0
    alternative
        nop
    when FEATURE_SMAP
        on_fault .out
        on_fault .away
        mov rax, [rsi]
    endalternative
.out:
    nop
.away:
%endif
    ret
endfunc

; SPDX-License-Identifier: MIT
; Planted faults in routines that touch user memory: coverage, the window, AC and DF.
%include "planted.inc"
extern clean_helper

%ifdef FAULT_bare_access ; user-covered copy_user_victim+0x3
func copy_user_victim
    user_access_begin
    movzx eax, byte [rsi]
    may_fault .out, mov [rdi], al
.out:
    user_access_end
    ret
endfunc
%endif
%ifdef FAULT_bare_access_by_derived_pointer ; user-covered copy_user_victim+0x10
func copy_user_victim
    mov r8, rsi
    lea r9, [r8 + rcx]
    user_access_begin
    push r9
    pop rax
    xchg r9, r8
    mov rax, [r8 + 8]
    user_access_end
    ret
endfunc
%endif
%ifdef FAULT_bare_access_in_version ; user-covered copy_user_victim+0x3 version 1 (ERMS) +0x0
func copy_user_victim
    user_access_begin
    alternative
        may_fault .out, rep movsb
    when FEATURE_ERMS
        rep movsb
    endalternative
.out:
    user_access_end
    ret
endfunc
%endif
%ifdef FAULT_entry_lost_with_default ; user-covered copy_user_victim+0x3 version 1 (FSRM) +0x3
func copy_user_victim
    user_access_begin
    alternative
        may_fault .out, rep movsq
        may_fault .out, rep movsb
    when FEATURE_FSRM
        nop dword [rax]
        rep movsb
    endalternative
.out:
    user_access_end
    ret
endfunc
%endif
%ifdef FAULT_access_before_window ; user-window get_user_victim+0x0
func get_user_victim
    may_fault .out, mov eax, [rsi]
    user_access_begin
.out:
    user_access_end
    ret
endfunc
%endif
%ifdef FAULT_pointer_kept_by_a_fault ; user-window get_user_victim+0xd
func get_user_victim
    user_access_begin
    may_fault .bad, mov rsi, [rsi]
    user_access_end
    ret
.bad:
    user_access_end
    may_fault .out, mov eax, [rsi]
.out:
    ret
endfunc
%endif
%ifdef FAULT_window_closed_on_one_path ; user-window get_user_victim+0xb
func get_user_victim
    user_access_begin
    test rax, rax
    jz .load
    user_access_end
.load:
    may_fault .out, mov eax, [rsi]
.out:
    user_access_end
    ret
endfunc
%endif
%ifdef FAULT_pointer_of_unknown_origin ; user-window put_user_victim+0xa
func put_user_victim
    user_access_begin
    mov rax, [rel put_user_victim]
    mov [rax], edi
    user_access_end
    ret
endfunc
%endif
%ifdef FAULT_window_in_unknown_function ; user-window stranger+0x3
func stranger
    user_access_begin
    nop
    user_access_end
    ret
endfunc
%endif
%ifdef FAULT_bare_access_in_any_function ; user-window stranger+0x3
func stranger
    user_access_begin
    mov rax, [rdi]
    user_access_end
    ret
endfunc
%endif
%ifdef FAULT_call_in_window ; ac-call copy_user_victim+0x3
func copy_user_victim
    user_access_begin
    call clean_helper
    user_access_end
    ret
endfunc
%endif
%ifdef FAULT_indirect_call_in_window ; ac-call copy_user_victim+0x3
func copy_user_victim
    user_access_begin
    call rax
    user_access_end
    ret
endfunc
%endif
%ifdef FAULT_tail_jump_in_window ; ac-call copy_user_victim+0x8
func copy_user_victim
    user_access_begin
    jmp .on
    nop dword [rax]
.on:
    jmp near clean_helper
endfunc
%endif
%ifdef FAULT_call_in_version_in_window ; ac-call copy_user_victim+0x3 version 1 (ERMS) +0x0
func copy_user_victim
    user_access_begin
    alternative
        nop
    when FEATURE_ERMS
        call clean_helper
    endalternative
    user_access_end
    ret
endfunc
%endif
%ifdef FAULT_fixup_out_of_window ; ac-call copy_user_victim+0x3
func copy_user_victim
    user_access_begin
    may_fault clean_helper, rep movsb
    user_access_end
    ret
endfunc
%endif
%ifdef FAULT_window_left_open ; ac-return copy_user_victim+0x5
func copy_user_victim
    user_access_begin
    may_fault .out, rep movsb
.out:
    ret
endfunc
%endif
%ifdef FAULT_window_opened_on_one_path ; ac-return copy_user_victim+0x8
func copy_user_victim
    test rcx, rcx
    jz .out
    user_access_begin
.out:
    ret
endfunc
%endif
%ifdef FAULT_early_return_in_window ; ac-return copy_user_victim+0x9
func copy_user_victim
    user_access_begin
    test rcx, rcx
    jnz .on
    nop
    ret
.on:
    user_access_end
    ret
endfunc
%endif
%ifdef FAULT_fixup_misses_clac ; ac-return copy_user_victim+0x8
func copy_user_victim
    user_access_begin
    may_fault .out, rep movsb
    user_access_end
.out:
    ret
endfunc
%endif
%ifdef FAULT_clac_by_other_feature ; ac-return copy_user_victim+0x8
func copy_user_victim
    user_access_begin
    may_fault .out, rep movsb
.out:
    alternative
    when FEATURE_SMEP
        clac
    endalternative
    ret
endfunc
%endif
%ifdef FAULT_flags_saved_in_window ; flags-saved copy_user_victim+0x3
func copy_user_victim
    user_access_begin
    pushfq
    user_access_end
    popfq
    ret
endfunc
%endif
%ifdef FAULT_no_cld_on_one_path ; df victim+0x7
func victim
    std
    test rcx, rcx
    jz .out
    cld
.out:
    ret
endfunc
%endif
%ifdef FAULT_std_on_one_path ; df victim+0x6
func victim
    test rcx, rcx
    jz .out
    std
.out:
    ret
endfunc
%endif
%ifdef FAULT_cld_jumped_over_in_version ; df victim+0x4
func victim
    alternative
        nop
    when FEATURE_ERMS
        std
        jmp .over
        cld
.over:
    endalternative
    ret
endfunc
%endif
%ifdef FAULT_call_with_df ; df victim+0x1
func victim
    std
    call clean_helper
    cld
    ret
endfunc
%endif
%ifdef FAULT_std_in_version ; df victim+0x1
func victim
    alternative
        nop
    when FEATURE_ERMS
        std
    endalternative
    ret
endfunc
%endif
%ifdef FAULT_jump_table_with_df ; df victim+0x4
func victim
    jmp rax
    nop
    std
    ret
endfunc
%endif
%ifdef FAULT_no_cld_at_entry ; df x86_trap_paranoid+0x3
func x86_trap_paranoid
    user_access_end
    call clean_helper
    iretq
endfunc
%endif
%ifdef FAULT_no_clac_at_entry ; ac-call x86_trap_paranoid+0x1
func x86_trap_paranoid
    cld
    call clean_helper
    iretq
endfunc
%endif
%ifdef FAULT_too_many_features ; combinations copy_user_victim+0x0
%macro ask 1-*
    %rep %0
    alternative
        nop
    when FEATURE_%1
        nop
    endalternative
    %rotate 1
    %endrep
%endmacro
func copy_user_victim
    ask FPU, DE, PSE, TSC, MSR, PAE, MCE, CX8, APIC, SEP, MTRR, PGE, MCA
    ret
endfunc
%endif

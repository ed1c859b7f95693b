; SPDX-License-Identifier: MIT
; Planted faults in the records of alternatives: bounds, features, conditions, nesting, constants.
%include "planted.inc"

version simple
    nop
    nop
version_end

func victim
%ifdef FAULT_site_outside_text ; record-bounds victim+0x2000
    record victim + 0x2000, 2, 2, simple, 2
%endif
%ifdef FAULT_site_of_no_bytes ; record-bounds victim+0x0
    record victim, 0, 0, simple, 0
%endif
%ifdef FAULT_version_outside_its_section ; record-bounds victim+0x0
    xor eax, eax
    record victim, 2, 2, victim, 2
%endif
%ifdef FAULT_version_longer_than_site ; record-bounds victim+0x0
    nop
    record victim, 1, 1, simple, 2
%endif
%ifdef FAULT_default_longer_than_site ; record-bounds victim+0x0
    nop
    nop
    record victim, 2, 3, simple, 2
%endif
%ifdef FAULT_unknown_kind ; record-bounds victim+0x0
    nop
    nop
    record victim, 2, 2, simple, 2, 0x20
%endif
%ifdef FAULT_unknown_feature ; record-feature victim+0x0
    nop
    nop
    record victim, 2, 2, simple, 2, 0, 1, NR_FEATURES
%endif
%ifdef FAULT_too_many_terms ; record-feature victim+0x0
    nop
    nop
    record victim, 2, 2, simple, 2, 0, 5
%endif
%ifdef FAULT_term_beyond_the_number ; record-feature victim+0x0
    nop
    nop
    record victim, 2, 2, simple, 2, 0, 1, FEATURE_SMAP, FEATURE_SMEP
%endif
%ifdef FAULT_contradiction ; record-condition victim+0x1
    nop
    alternative
        nop
    when all_of(FEATURE_SMAP, not FEATURE_SMAP)
        nop
    endalternative
%endif
%ifdef FAULT_tautology ; record-condition victim+0x0
    alternative
        nop
    when any_of(FEATURE_ERMS, FEATURE_SMAP, not FEATURE_SMAP)
        nop
    endalternative
%endif
%ifdef FAULT_version_never_wins ; record-condition victim+0x0
    alternative
        nop
    when all_of(FEATURE_SMAP, FEATURE_ERMS)
        nop
    when FEATURE_SMAP
        nop
    endalternative
%endif
%ifdef FAULT_sites_overlap ; record-nesting victim+0x2
    xor eax, eax
.second:
    xor eax, eax
    xor eax, eax
    record victim, 4, 4, simple, 2
    record .second, 4, 4, simple_too, 2
version simple_too
    nop
    nop
version_end
%endif
%ifdef FAULT_site_in_padding ; record-nesting victim+0x2
    xor eax, eax
.padding:
    nop
    nop
    record .padding, 1, 1, simple, 0, 0, 1, FEATURE_SMAP, 0, 1
    record victim, 4, 2, simple, 2
%endif
%ifdef FAULT_outer_record_first ; record-nesting victim+0x2
    xor eax, eax
.inner:
    xor eax, eax
    record victim, 4, 4, simple, 0
    record .inner, 2, 2, simple, 2, 0, 1, FEATURE_SMAP, 0, 1
%endif
%ifdef FAULT_records_between ; record-nesting victim+0x0
    xor eax, eax
    nop
.apart:
    nop
    record victim, 2, 2, simple, 0, 0, 1, FEATURE_SMAP, 0, 1
    record .apart, 1, 1, simple, 0
    record victim, 3, 3, simple, 0
%endif
%ifdef FAULT_shared_version ; record-nesting victim+0x2
    nop
    nop
.second:
    nop
    nop
    record .second, 2, 2, simple, 2
    record victim, 2, 2, simple, 2
%endif
%ifdef FAULT_wrong_depth ; record-nesting victim+0x0
    nop
    nop
    record victim, 2, 2, simple, 2, 0, 1, FEATURE_SMAP, 0, 1
%endif
%ifdef FAULT_site_among_versions ; record-nesting victim+0x...
    record simple, 2, 2, other, 1
version other
    nop
version_end
%endif
%ifdef FAULT_unknown_constant ; constant victim+0x0
    mov rax, strict qword 0
    constant victim, 10, ALT_NR_CONSTANTS
%endif
%ifdef FAULT_constant_too_wide ; constant victim+0x0
    mov eax, strict dword 0
    constant victim, 5, ALT_CONSTANT_USER_LIMIT
%endif
%ifdef FAULT_constant_without_immediate ; constant victim+0x0
    xor eax, eax
    constant victim, 2, ALT_CONSTANT_USER_LIMIT
%endif
%ifdef FAULT_constant_not_free ; constant victim+0x0
    mov rax, strict qword 1
    constant victim, 10, ALT_CONSTANT_USER_LIMIT
%endif
%ifdef FAULT_constant_in_two_instructions ; constant victim+0x0
    nop
    mov rax, strict qword 0
    constant victim, 11, ALT_CONSTANT_USER_LIMIT
%endif
    ret
endfunc

%ifdef FAULT_torn_table_of_alternatives ; image victim+0x...
section .altinstructions progbits alloc noexec nowrite align=4
    dd 0
%endif
%ifdef FAULT_torn_exception_table ; image victim+0x...
section .extable progbits alloc noexec nowrite align=4
    dd 0
%endif

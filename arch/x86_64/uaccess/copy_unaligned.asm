; SPDX-License-Identifier: MIT
; User copy, unaligned: 64 bytes a round, wherever they stand, and a tail without a loop; long copies
; between places alike modulo 8 go by `rep movsq`. For processors on which misaligned accesses are
; fast and `rep movs` is slow to start.
%include "uaccess.inc"

; size_t copy_user_unaligned(void *to, const void *from, size_t n);
;   in:       rdi to, rsi from, rdx n
;   out:      rax = bytes not copied; AC and DF clear
;   clobbers: rcx (bytes left), rdx, rsi, rdi, r8-r11, flags
;   stack:    [rsp] return address
;   assumes:  AC and DF clear
;
; A tail of 4 to 31 bytes is its first and its last accesses, which overlap in the middle: both are
; loaded before either is stored, within the bytes left, so that nothing is read again that was
; written here. A fault leaves the pointers where they were and goes on bytewise.
func copy_user_unaligned
    mov rcx, rdx
    user_access_begin
    cmp rcx, 64
    jb .below_64
    runtime_constant add rdx, COPY_REP_FROM
    jc .long
.block:
    copy_quads 8, .fault
    copy_advance 64
    cmp rcx, 64
    jae .block
.below_64:
    cmp ecx, 32
    jb .below_32
    copy_quads 4, .fault
    copy_advance 32
.below_32:
    cmp ecx, 16
    jb .below_16
    may_fault_at .fault_from, mov r8, [rsi]
    may_fault_at .fault_from, mov r9, [rsi + 8]
    may_fault_at .fault_from, mov r10, [rsi + rcx - 16]
    may_fault_at .fault_from, mov r11, [rsi + rcx - 8]
    may_fault_at .fault_to, mov [rdi], r8
    may_fault_at .fault_to, mov [rdi + 8], r9
    may_fault_at .fault_to, mov [rdi + rcx - 16], r10
    may_fault_at .fault_to, mov [rdi + rcx - 8], r11
    jmp .done
.below_16:
    cmp ecx, 8
    jb .below_8
    may_fault_at .fault_from, mov r8, [rsi]
    may_fault_at .fault_from, mov r9, [rsi + rcx - 8]
    may_fault_at .fault_to, mov [rdi], r8
    may_fault_at .fault_to, mov [rdi + rcx - 8], r9
    jmp .done
.below_8:
    cmp ecx, 4
    jb .bytes
    may_fault_at .fault_from, mov r8d, [rsi]
    may_fault_at .fault_from, mov r9d, [rsi + rcx - 4]
    may_fault_at .fault_to, mov [rdi], r8d
    may_fault_at .fault_to, mov [rdi + rcx - 4], r9d
.done:
    xor ecx, ecx
.bytes:
    copy_bytes_and_return
    copy_up_to_fault_and_return .fault

.long:
    apart_modulo_8
    jnz .block
    alternative
    when FEATURE_REP_MOVS_CLIFF
        branch_on_cliff .block
    endalternative
    may_fault_at .fault_from, mov rax, [rsi]  ; more than is left to the next aligned quad, then
    may_fault_at .fault_to, mov [rdi], rax    ; from there on
    mov eax, edi
    neg eax
    and eax, 7
    copy_advance rax
    string_quads_and_return
endfunc

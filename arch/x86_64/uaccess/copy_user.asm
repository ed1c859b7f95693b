; SPDX-License-Identifier: MIT
; copy_from_user, copy_to_user and clear_user: the range check, then the variant policy chose.
%include "uaccess.inc"
%include "vector.inc"

extern copy_user_reference, copy_user_aligned, copy_user_unaligned, copy_user_movsq
extern copy_user_erms, copy_user_guarded, copy_user_overlap, copy_user_sse, copy_user_masked
extern copy_user_masked_long, copy_user_streaming
extern clear_user_reference, clear_user_unaligned, clear_user_stosq, clear_user_stosb
extern clear_user_erms, clear_user_masked

; copy_user jmp|call: the chosen variant. Policy sets at most one of the features. `rep movsb` alone
; is no longer than the way to it, so it stands right here: rdx bytes from [rsi] to [rdi], the
; bytes left in rax.
;   clobbers all scratch registers
%macro copy_user 1
    alternative
        %1 copy_user_reference
    when FEATURE_COPY_ALIGNED
        %1 copy_user_aligned
    when FEATURE_COPY_UNALIGNED
        %1 copy_user_unaligned
    when FEATURE_COPY_MOVSQ
        %1 copy_user_movsq
    when FEATURE_COPY_ERMS
        %1 copy_user_erms
    when FEATURE_COPY_GUARDED
        %1 copy_user_guarded
    when FEATURE_COPY_OVERLAP
        %1 copy_user_overlap
    when FEATURE_COPY_SSE
        %1 copy_user_sse
    when FEATURE_COPY_MASKED
        %1 copy_user_masked
    when FEATURE_COPY_STREAMING
        %1 copy_user_streaming
    when FEATURE_COPY_FSRM
        mov rcx, rdx
        user_access_begin
        may_fault %%stopped, rep movsb
%%stopped:
        user_access_end
        mov rax, rcx
        %ifidn %1, jmp
            ret
        %endif
    endalternative
%endmacro

; What follows to copy_from_user serves copies of 256 bytes and less by masked moves right here: the
; call, and a range check for any length, would cost as much as the copy.

; check_short_range POINTER, LABEL: to LABEL unless all 256 bytes at POINTER lie below USER_LIMIT.
;   out: rax = POINTER where it is good, else an address that speculation past the branch may follow:
;        the program's last 256 bytes
;   clobbers flags
%macro check_short_range 2
    runtime_constant mov rax, USER_LIMIT_SHORT
    cmp %1, rax
    cmovb rax, %1
    ja near %2
%endmacro

; retreat LABEL: a fault in a short copy, in the window. All is put back, and done again where every
; byte is counted.
%macro retreat 1
    user_access_end
    vector_restore
    jmp near %1
%endmacro

; move_ends TO, FROM, N: 2*N vectors, through zmm16 in the window: N from the start and N up to the
; end of rdx bytes.
%macro move_ends 3
    %assign %%at 0
    %rep %3
        may_fault .retreat, vmovdqu64 zmm16, [%2 + %%at]
        may_fault .retreat, vmovdqu64 [%1 + %%at], zmm16
        %assign %%at %%at + VECTOR_BYTES
    %endrep
    %rep %3
        may_fault .retreat, vmovdqu64 zmm16, [%2 + rdx - %%at]
        may_fault .retreat, vmovdqu64 [%1 + rdx - %%at], zmm16
        %assign %%at %%at - VECTOR_BYTES
    %endrep
%endmacro

; copy_middle TO, FROM, POINTER: 65 to 256 bytes. TO and FROM are rdi and rsi, but rax for the one
; which is the program's, POINTER. Longer ones go on at .long, others at .any.
%macro copy_middle 3
.middle:
    cmp rdx, 256
    ja .long
    check_short_range %3, .any
    vector_save
    user_access_begin
    cmp rdx, 2 * VECTOR_BYTES
    ja .above_128
    move_ends %1, %2, 1
    user_access_end
    vector_restore
    xor eax, eax
    ret
.above_128:
    move_ends %1, %2, 2
    user_access_end
    vector_restore
    xor eax, eax
    ret
.retreat:
    retreat .any
%endmacro

; size_t copy_to_user(void __user *to, const void *from, size_t n);
;   in:       rdi to, rsi from, rdx n
;   out:      rax = bytes not copied; AC and DF clear
;   clobbers: all scratch registers
;   stack:    [rsp] return address; the variant returns to our caller. While zmm16 is saved: [rsp]
;             zmm16, 64-byte aligned, and r9 = rsp as it was
;   assumes:  AC and DF clear
func copy_to_user
    alternative
        jmp .any
    when FEATURE_COPY_MASKED
        cmp rdx, VECTOR_BYTES
        ja near .middle
        check_short_range rdi, .any
        mask_save rdx
        vmovdqu8 zmm16{k1}{z}, [rsi]
        user_access_begin
        may_fault %$fault, vmovdqu8 [rax]{k1}, zmm16
        user_access_end
        mask_restore
        xor eax, eax
        ret
%$fault:
        kmovq k1, r10
        retreat .any
    endalternative
    copy_middle rax, rsi, rdi
.long:
    mask_user_range rdi, rdx
    jnz .refused
    jmp copy_user_masked_long
.any:
    mask_user_range rdi, rdx
    jnz .refused
    copy_user jmp
.refused:
    mov rax, r10
    ret
endfunc

; size_t copy_from_user(void *to, const void __user *from, size_t n);
;   in:       rdi to, rsi from, rdx n
;   out:      rax = bytes not copied, as many at the end of the buffer zeroed; AC and DF clear
;   clobbers: all scratch registers
;   stack:    [rsp] end of the buffer, [rsp+8] return address; while zmm16 is saved as above
;   assumes:  AC and DF clear
func copy_from_user
    alternative
        jmp .any
    when FEATURE_COPY_MASKED
        cmp rdx, VECTOR_BYTES
        ja near .middle
        check_short_range rsi, .any
        mask_save rdx
        user_access_begin
        may_fault %$fault, vmovdqu8 zmm16{k1}{z}, [rax]
        user_access_end
        vmovdqu8 [rdi]{k1}, zmm16
        mask_restore
        xor eax, eax
        ret
%$fault:
        kmovq k1, r10
        retreat .any
    endalternative
    copy_middle rdi, rax, rsi
.long:
    mask_user_range rsi, rdx
    jnz .refused
    lea rax, [rdi + rdx]
    push rax                ; aligns the stack for the call, too
    call copy_user_masked_long
    pop rdi
    test rax, rax
    jnz .zero
    ret

.any:
    mask_user_range rsi, rdx
    jnz .refused
    lea rax, [rdi + rdx]
    push rax
    copy_user call
    pop rdi
    test rax, rax
    jnz .zero
    ret

.refused:
    mov rax, r10
    runtime_constant mov r9, USER_LIMIT
    cmp rax, r9             ; no buffer is as long as that: the length is wrong, not the pointer
    ja .return
    add rdi, rax
.zero:                      ; the rax bytes that end at rdi
    sub rdi, rax
    mov rdx, rax
    mov rcx, rax
    shr rcx, 3
    xor eax, eax
    rep stosq
    mov ecx, edx
    and ecx, 7
    rep stosb
    mov rax, rdx
.return:
    ret
endfunc

; size_t clear_user(void __user *to, size_t n);
;   in:       rdi to, rsi n
;   out:      rax = bytes not written; AC and DF clear
;   clobbers: all scratch registers
;   stack:    [rsp] return address; the variant returns to our caller
;   assumes:  AC and DF clear
func clear_user
    alternative
        jmp .any
    when FEATURE_COPY_MASKED
        cmp rsi, VECTOR_BYTES
        ja near .middle
        check_short_range rdi, .any
        mask_save rsi
        vpxord zmm16, zmm16, zmm16
        user_access_begin
        may_fault %$fault, vmovdqu8 [rax]{k1}, zmm16
        user_access_end
        mask_restore
        xor eax, eax
        ret
%$fault:
        kmovq k1, r10
        retreat .any
    endalternative
.middle:
    cmp rsi, 256
    ja .any
    check_short_range rdi, .any
    vector_save
    vpxord zmm16, zmm16, zmm16
    user_access_begin
    may_fault .retreat, vmovdqu64 [rax], zmm16
    cmp rsi, 2 * VECTOR_BYTES
    jbe .last
    may_fault .retreat, vmovdqu64 [rax + 64], zmm16
    may_fault .retreat, vmovdqu64 [rax + rsi - 128], zmm16
.last:
    may_fault .retreat, vmovdqu64 [rax + rsi - 64], zmm16
    user_access_end
    vector_restore
    xor eax, eax
    ret
.retreat:
    retreat .any
.any:
    mask_user_range rdi, rsi
    jnz .refused
    alternative
        jmp clear_user_reference
    when any_of(FEATURE_COPY_ALIGNED, FEATURE_COPY_MOVSQ)
        jmp clear_user_stosq
    when FEATURE_COPY_UNALIGNED
        jmp clear_user_unaligned
    when any_of(FEATURE_COPY_FSRM, FEATURE_COPY_GUARDED, FEATURE_COPY_STREAMING)
        jmp clear_user_stosb
    when any_of(FEATURE_COPY_ERMS, FEATURE_COPY_OVERLAP, FEATURE_COPY_SSE)
        jmp clear_user_erms
    when FEATURE_COPY_MASKED
        jmp clear_user_masked
    endalternative
.refused:
    mov rax, r10
    ret
endfunc

; SPDX-License-Identifier: MIT
; copy_from_user, copy_to_user and clear_user: the range check, then the variant policy chose.
%include "uaccess.inc"

extern copy_user_reference, copy_user_aligned, copy_user_unaligned
extern copy_user_movsq, copy_user_erms, copy_user_fsrm
extern clear_user_reference, clear_user_unaligned, clear_user_stosq, clear_user_stosb

; copy_user jmp|call: the chosen variant, five bytes. Policy sets at most one of the features.
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
    when FEATURE_COPY_FSRM
        %1 copy_user_fsrm
    endalternative
%endmacro

; size_t copy_to_user(void __user *to, const void *from, size_t n);
;   in:       rdi to, rsi from, rdx n
;   out:      rax = bytes not copied; AC and DF clear
;   clobbers: all scratch registers
;   stack:    [rsp] return address; the variant returns to our caller
;   assumes:  AC and DF clear
func copy_to_user
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
;   stack:    [rsp] end of the buffer, [rsp+8] return address
;   assumes:  AC and DF clear
func copy_from_user
    mask_user_range rsi, rdx
    jnz .refused
    lea rax, [rdi + rdx]
    push rax                ; aligns the stack for the call, too
    copy_user call
    pop rdi
    test rax, rax
    jnz .zero
    ret

.refused:
    mov rax, r10
    mov r9, ARCH_USER_LIMIT
    cmp rax, r9             ; no buffer is as long as that: the length is wrong, not the pointer
    ja .return
    add rdi, rax
.zero:                      ; the rax bytes that end at rdi
    sub rdi, rax
    mov rdx, rax
    mov rcx, rax
    xor eax, eax
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
    mask_user_range rdi, rsi
    jnz .refused
    alternative
        jmp clear_user_reference
    when any_of(FEATURE_COPY_ALIGNED, FEATURE_COPY_MOVSQ)
        jmp clear_user_stosq
    when FEATURE_COPY_UNALIGNED
        jmp clear_user_unaligned
    when any_of(FEATURE_COPY_ERMS, FEATURE_COPY_FSRM)
        jmp clear_user_stosb
    endalternative
.refused:
    mov rax, r10
    ret
endfunc

; SPDX-License-Identifier: MIT
; get_user, put_user and cmpxchg_user: one value, loaded, stored or exchanged in one access.
%include "uaccess.inc"

; get_user BITS, REGISTER: REGISTER is rdx at the width of the value.
;
; int get_user_BITS(uBITS *value, const void __user *from);
;   in:       rdi value, rsi from
;   out:      eax = 0 or -EFAULT, then *value = 0; AC and DF clear
;   clobbers: rcx, rdx, r8-r10, rsi, flags
;   stack:    [rsp] return address
;   assumes:  AC and DF clear
%macro get_user 2
func get_user_%1
    mov ecx, %1 / 8
    mask_user_range rsi, rcx
    mov eax, -EFAULT
    mov edx, 0              ; not xor: ZF still holds the verdict
    jnz .store
    user_access_begin
    may_fault .close, mov %2, [rsi]
    xor eax, eax
.close:
    user_access_end
.store:
    mov [rdi], %2
    ret
endfunc
%endmacro

    get_user 8, dl
    get_user 16, dx
    get_user 32, edx
    get_user 64, rdx

; put_user BITS, REGISTER: REGISTER is rdi at the width of the value.
;
; int put_user_BITS(uBITS value, void __user *to);
;   in:       rdi value, rsi to
;   out:      eax = 0 or -EFAULT; AC and DF clear
;   clobbers: rcx, r8-r10, rsi, flags
;   stack:    [rsp] return address
;   assumes:  AC and DF clear
%macro put_user 2
func put_user_%1
    mov ecx, %1 / 8
    mask_user_range rsi, rcx
    mov eax, -EFAULT
    jnz .return
    user_access_begin
    may_fault .close, mov [rsi], %2
    xor eax, eax
.close:
    user_access_end
.return:
    ret
endfunc
%endmacro

    put_user 8, dil
    put_user 16, di
    put_user 32, edi
    put_user 64, rdi

; cmpxchg_user BITS, ACCUMULATOR, REGISTER: rax and rdx at the width of the word.
;
; int cmpxchg_user_BITS(uBITS __user *word, uBITS *expected, uBITS desired);
;   in:       rdi word, rsi expected, rdx desired
;   out:      eax = 0, -EAGAIN, -EFAULT or -EINVAL; AC and DF clear
;   clobbers: rcx, r8-r10, rdi, flags
;   stack:    [rsp] return address
;   assumes:  AC and DF clear
;
; A word that is not aligned is refused: across a cache line `lock` stops every processor's bus.
%macro cmpxchg_user 3
func cmpxchg_user_%1
    mov eax, -EINVAL
    test edi, %1 / 8 - 1
    jnz .return
    mov ecx, %1 / 8
    mask_user_range rdi, rcx
    jnz .refused
    mov %2, [rsi]
    user_access_begin
    may_fault .fault, lock cmpxchg [rdi], %3
    user_access_end         ; keeps ZF, the outcome
    mov [rsi], %2
    mov eax, 0
    je .return
    mov eax, -EAGAIN
.return:
    ret
.fault:
    user_access_end
.refused:
    mov eax, -EFAULT
    ret
endfunc
%endmacro

    cmpxchg_user 32, eax, edx
    cmpxchg_user 64, rax, rdx

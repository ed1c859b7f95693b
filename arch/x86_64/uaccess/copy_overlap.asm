; SPDX-License-Identifier: MIT
; User copy, overlap: to 64 bytes eight words that overlap, with one branch on the size and no vector
; register; longer ones go to the unaligned variant, then to `rep movsb`.
%include "uaccess.inc"

extern copy_user_unaligned, copy_user_fsrm, copy_user_guarded

; move_word WIDTH, OFFSET: one word, of 1 or 8 bytes, through r11.
%macro move_word 2
    %if %1 == 8
        may_fault .fault, mov r11, [rsi + %2]
        may_fault .fault, mov [rdi + %2], r11
    %else
        may_fault .fault, movzx r11d, byte [rsi + %2]
        may_fault .fault, mov [rdi + %2], r11b
    %endif
%endmacro

; cover WIDTH: the rdx bytes at [rsi], WIDTH to 8*WIDTH of them, by eight words of WIDTH
; bytes: from the start at 0, WIDTH, 2*WIDTH, 3*WIDTH but no later than the last word that fits, and
; as many back from the end but no earlier than the start. Ascending, and no branch.
;   clobbers rax, rcx (the last word's offset), r8-r11, flags
%macro cover 1
    lea rcx, [rdx - %1]
    %assign %%step 1
    %rep 3
        %assign %%register 7 + %%step
        mov r%[%%register]d, %1 * %%step
        cmp ecx, %1 * %%step
        cmovb r%[%%register]d, ecx
        %assign %%step %%step + 1
    %endrep
    move_word %1, 0
    move_word %1, r8
    move_word %1, r9
    move_word %1, r10
    xor eax, eax
    %assign %%step 3
    %rep 3
        %assign %%register 7 + %%step
        mov r%[%%register]d, ecx
        sub r%[%%register]d, %1 * %%step
        cmovb r%[%%register]d, eax
        %assign %%step %%step - 1
    %endrep
    move_word %1, r10
    move_word %1, r9
    move_word %1, r8
    move_word %1, rcx
%endmacro

; size_t copy_user_overlap(void *to, const void *from, size_t n);
;   in:       rdi to, rsi from, rdx n
;   out:      rax = bytes not copied; AC and DF clear
;   clobbers: rcx, rdx, rsi, rdi, r8-r11, flags
;   stack:    [rsp] return address
;   assumes:  AC and DF clear
func copy_user_overlap
    lea rcx, [rdx - 8]
    cmp rcx, 56
    ja .other
    user_access_begin
    cover 8
.done:
    user_access_end
    xor eax, eax
    ret
.other:
    cmp rdx, 8
    ja .above_64
    test edx, edx
    jz .nothing
    user_access_begin
    cover 1
    jmp .done
.nothing:
    xor eax, eax
    ret
.fault:
    mov rcx, rdx
    copy_bytes_and_return

.above_64:
    mov rcx, rdx
    runtime_constant add rcx, COPY_REP_FROM
    jnc copy_user_unaligned
    jump_to_string_move
endfunc

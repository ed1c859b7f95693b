; SPDX-License-Identifier: MIT
; strncpy_from_user and strnlen_user: a word at a time, a byte at a time where a word would touch
; more than the string may have: near the user limit, near n, and after a fault.
%include "uaccess.inc"

; string_begin POINTER, BYTES
;   in:  two registers: where the string starts, how many bytes of it are asked for at most
;   out: rcx = bytes that may be looked at: BYTES, or fewer when the user limit comes first; 0 when
;              the string starts at or beyond the limit, and POINTER is -1 when beyond
;        r8, r9 = the two words of has_zero
;   clobbers rax, flags
; There is no branch that speculation could pass.
%macro string_begin 2
    runtime_constant mov rcx, USER_LIMIT
    sub rcx, %1
    sbb rax, rax            ; -1 when it starts beyond the limit
    or %1, rax
    not rax
    and rcx, rax
    cmp rcx, %2
    cmova rcx, %2
    mov r8, 0x0101010101010101
    mov r9, 0x8080808080808080
%endmacro

; has_zero: ZF = 0 and r10 != 0 when a byte of rax is zero; the lowest bit set in r10 belongs to the
; first such byte (bits above it may lie). rax stays; clobbers r11.
%macro has_zero 0
    mov r10, rax
    mov r11, rax
    sub r10, r8
    not r11
    and r10, r11
    and r10, r9
%endmacro

; s64 strncpy_from_user(char *to, const char __user *from, size_t n);
;   in:       rdi to, rsi from, rdx n
;   out:      rax = length, n, or -EFAULT; AC and DF clear
;   clobbers: rcx (bytes that may be looked at), rdx, rsi, rdi, r8-r11, flags
;   stack:    [rsp] start of the buffer, [rsp+8] return address
;   assumes:  AC and DF clear
;
; Every byte is fetched once in a way that counts: what is stored is what was tested.
func strncpy_from_user
    push rdi
    string_begin rsi, rdx
    user_access_begin
.words:
    cmp rcx, 8
    jb .bytes
    may_fault .bytes, mov rax, [rsi]
    has_zero
    jnz .ends_in_word
    mov [rdi], rax
    add rdi, 8
    add rsi, 8
    sub rcx, 8
    jmp .words
.ends_in_word:
    mov [rdi], al
    test al, al
    jz .nul
    inc rdi
    shr rax, 8
    jmp .ends_in_word
.bytes:
    test rcx, rcx
    jz .no_nul
    may_fault .fault, movzx eax, byte [rsi]
    mov [rdi], al
    test al, al
    jz .nul
    inc rdi
    inc rsi
    dec rcx
    jmp .bytes
.nul:
    user_access_end
    pop rcx
    mov rax, rdi
    sub rax, rcx
    ret
.no_nul:
    mov rax, rdi
    sub rax, [rsp]
    cmp rax, rdx            ; less: it was the limit that came first
    je .return
.fault:
    mov rax, -EFAULT
.return:
    user_access_end
    pop rcx
    ret
endfunc

; size_t strnlen_user(const char __user *from, size_t n);
;   in:       rdi from, rsi n
;   out:      rax = length with the NUL; n + 1 without one in n bytes; 0 on a fault; AC, DF clear
;   clobbers: rcx (bytes that may be looked at), rdx (the start), rdi, r8-r11, flags
;   stack:    [rsp] return address
;   assumes:  AC and DF clear
func strnlen_user
    string_begin rdi, rsi
    mov rdx, rdi
    user_access_begin
.words:
    cmp rcx, 8
    jb .bytes
    may_fault .bytes, mov rax, [rdi]
    has_zero
    jnz .ends_in_word
    add rdi, 8
    sub rcx, 8
    jmp .words
.ends_in_word:
    bsf r10, r10
    shr r10, 3
    add rdi, r10
    jmp .nul
.bytes:
    test rcx, rcx
    jz .no_nul
    may_fault .fault, movzx eax, byte [rdi]
    test eax, eax
    jz .nul
    inc rdi
    dec rcx
    jmp .bytes
.no_nul:
    mov rax, rdi
    sub rax, rdx
    cmp rax, rsi            ; less: it was the limit that came first
    jne .fault
.nul:
    lea rax, [rdi + 1]
    sub rax, rdx
    user_access_end
    ret
.fault:
    xor eax, eax
    user_access_end
    ret
endfunc

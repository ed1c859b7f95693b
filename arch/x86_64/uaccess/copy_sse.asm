; SPDX-License-Identifier: MIT
; User copy, sse: one SSE register, saved and restored. From 16 to 64 bytes four moves that overlap,
; without a branch; then a loop; then `rep movsb`. Shorter copies go to the unaligned variant.
%include "uaccess.inc"

extern copy_user_unaligned, copy_user_fsrm, copy_user_guarded

; Legacy SSE leaves the upper parts of the wide register that xmm0 belongs to as they are, so 16
; bytes are all there is to save. SDM volume 1, "Legacy SSE Instruction".
%macro xmm_save 0
    sub rsp, 24             ; 16-byte aligned, with the return address
    movups [rsp], xmm0
%endmacro
%macro xmm_restore 0
    movups xmm0, [rsp]
    add rsp, 24
%endmacro

%macro move_xmm 1
    may_fault .fault, movups xmm0, [rsi + %1]
    may_fault .fault, movups [rdi + %1], xmm0
%endmacro

%macro move_64 1
    move_xmm %1
    move_xmm %1 + 16
    move_xmm %1 + 32
    move_xmm %1 + 48
%endmacro

; size_t copy_user_sse(void *to, const void *from, size_t n);
;   in:       rdi to, rsi from, rdx n
;   out:      rax = bytes not copied; AC and DF clear; xmm0 as it was
;   clobbers: rcx (bytes left), rdx (offset), rsi, rdi, r8-r11 (offsets), flags
;   stack:    [rsp] return address; between save and restore [rsp] xmm0, [rsp+24] return address
;   assumes:  AC and DF clear
func copy_user_sse
    cmp rdx, 16
    jb copy_user_unaligned  ; the window still closed
    mov rcx, rdx
    cmp rdx, 64
    ja .above_64
    sub edx, 16             ; the last one's offset
    mov r8d, 16
    cmp edx, 16
    cmovb r8d, edx
    xor eax, eax
    mov r9d, edx
    sub r9d, 16
    cmovb r9d, eax
    xmm_save
    user_access_begin
    move_xmm 0
    move_xmm r8
    move_xmm r9
    move_xmm rdx
.done:
    user_access_end
    xmm_restore
    xor eax, eax
    ret

.above_64:
    runtime_constant add rcx, COPY_REP_FROM
    jc .string
    mov rcx, rdx
    xmm_save
    user_access_begin
.block:
    move_64 0
    copy_advance 64
    cmp rcx, 64
    ja .block
    move_64 rcx - 64        ; the last 64 bytes, some of them again
    jmp .done
.fault:                     ; rcx bytes from [rsi] on are not surely copied
    xmm_restore
    copy_bytes_and_return

.string:
    jump_to_string_move
endfunc

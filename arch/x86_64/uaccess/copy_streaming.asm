; SPDX-License-Identifier: MIT
; User copy, streaming: `rep movsb`, and for copies larger than the caches stores that pass them by.
%include "uaccess.inc"

extern copy_user_guarded

; stream_quad OFFSET
%macro stream_quad 1
    may_fault .fault, mov rax, [rsi + %1]
    may_fault .fault, movnti [rdi + %1], rax
%endmacro

; size_t copy_user_streaming(void *to, const void *from, size_t n);
;   in:       rdi to, rsi from, rdx n
;   out:      rax = bytes not copied; AC and DF clear
;   clobbers: rcx (bytes left), rdx, rsi, rdi, r8-r11, flags
;   stack:    [rsp] return address
;   assumes:  AC and DF clear
;
; These stores are weakly ordered: SFENCE comes before the bytes of the tail, which are not, and on
; every way out. SDM volume 1, "Cacheability Control, Prefetch, and Memory Ordering Instructions".
func copy_user_streaming
    mov rcx, rdx
    runtime_constant add rcx, COPY_STREAM_FROM
    jnc copy_user_guarded   ; the window still closed
    mov rcx, rdx
    user_access_begin
    cmp rcx, 64             ; whatever the threshold
    jb .bytes
    mov edx, edi
    neg edx
    and edx, 7
    jz .block
.head:
    may_fault .bytes, movzx eax, byte [rsi]
    may_fault .bytes, mov [rdi], al
    copy_advance 1
    dec edx
    jnz .head
    cmp rcx, 64
    jb .bytes
.block:
    %assign at 0
    %rep 8
        stream_quad at
        %assign at at + 8
    %endrep
    copy_advance 64
    cmp rcx, 64
    jae .block
.fault:
    sfence
.bytes:
    copy_bytes_and_return
endfunc

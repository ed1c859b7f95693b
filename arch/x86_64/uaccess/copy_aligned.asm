; SPDX-License-Identifier: MIT
; User copy, aligned: no store is misaligned. Long copies between places alike modulo 8 go by `rep
; movsq`. For processors on which misaligned accesses are slow.
;
; Loads may be misaligned. Stores matter more: one that crosses a cache line is two writes, one that
; crosses a page costs hundreds of cycles on old cores, and a store port is the scarcer. Reading
; aligned words and merging them by shifts would cost three operations a word where a misaligned
; load costs one cycle or two on the cores this is for (K8, Core 2), and it would read bytes outside
; [from, from+n).
%include "uaccess.inc"

; Below this the bytes before the first aligned word are most of the work.
COPY_ALIGNED_MIN_BYTES equ 16

; size_t copy_user_aligned(void *to, const void *from, size_t n);
;   in:       rdi to, rsi from, rdx n
;   out:      rax = bytes not copied; AC and DF clear
;   clobbers: rcx (bytes left), rdx (bytes up to alignment), rsi, rdi, r8-r11, flags
;   stack:    [rsp] return address
;   assumes:  AC and DF clear
func copy_user_aligned
    mov rcx, rdx
    user_access_begin
    cmp rcx, COPY_ALIGNED_MIN_BYTES
    jb .bytes
    mov edx, edi
    neg edx
    and edx, 7
    jz .blocks
.head:
    may_fault .stopped, movzx eax, byte [rsi]
    may_fault .stopped, mov [rdi], al
    copy_advance 1
    dec edx
    jnz .head
.blocks:
    cmp rcx, 32
    jb .quads
    mov rdx, rcx
    runtime_constant add rdx, COPY_REP_FROM
    jc .long
.block:
    copy_quads 4, .fault
    copy_advance 32
    cmp rcx, 32
    jae .block
.quads:
    cmp ecx, 8              ; below 32 are left
    jb .bytes
.quad:
    may_fault_at .fault_from, mov rax, [rsi]
    may_fault_at .fault_to, mov [rdi], rax
    copy_advance 8
    cmp ecx, 8
    jae .quad
.bytes:
    copy_bytes_and_return
    copy_up_to_fault_and_return .fault
.stopped:                   ; a byte at a time rcx is exact
    copy_return

.long:
    apart_modulo_8
    jnz .block
    alternative
    when FEATURE_REP_MOVS_CLIFF
        branch_on_cliff .block
    endalternative
    string_quads_and_return
endfunc

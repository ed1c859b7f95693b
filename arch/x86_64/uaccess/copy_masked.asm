; SPDX-License-Identifier: MIT
; User copy, masked: one AVX-512 register, saved and restored. To 64 bytes one masked move without any
; branch on the size, to 256 two or four moves that overlap, then a loop, then `rep movsb`.
%include "uaccess.inc"
%include "vector.inc"

; move_vector FIXUP, OFFSET: 64 bytes through zmm16, in the window.
%macro move_vector 2
    may_fault %1, vmovdqu64 zmm16, [rsi + %2]
    may_fault %1, vmovdqu64 [rdi + %2], zmm16
%endmacro

; move_256 FIXUP, OFFSET: four of these.
%macro move_256 2
    move_vector %1, %2
    move_vector %1, %2 + 64
    move_vector %1, %2 + 128
    move_vector %1, %2 + 192
%endmacro

; size_t copy_user_masked(void *to, const void *from, size_t n);
;   in:       rdi to, rsi from, rdx n
;   out:      rax = bytes not copied; AC and DF clear; zmm16 and k1 as they were
;   clobbers: rcx (bytes left), rsi, rdi, r8, r9 (rsp), r10 (k1), flags
;   stack:    [rsp] return address; between save and restore [rsp] zmm16, 64-byte aligned
;   assumes:  AC and DF clear
;
; A masked move touches no byte whose bit is clear: neither a fault nor a write comes of it. All
; faults restore first and then go on bytewise from the first byte not surely copied.
func copy_user_masked
    cmp rdx, VECTOR_BYTES
    ja .above_64
    mask_save rdx
    user_access_begin
    may_fault .fault_in_mask, vmovdqu8 zmm16{k1}{z}, [rsi]
    may_fault .fault_in_mask, vmovdqu8 [rdi]{k1}, zmm16
    user_access_end
    mask_restore
    xor eax, eax
    ret
.fault_in_mask:
    kmovq k1, r10
.fault_at_start:
    mov rcx, rdx
    vector_restore
    copy_bytes_and_return

.above_64:
    cmp rdx, 128
    ja .above_128
    vector_save
    user_access_begin
    move_vector .fault_at_start, 0
    move_vector .fault_at_start, rdx - 64
    jmp .done

.above_128:
    cmp rdx, 256
    ja copy_user_masked_long ; the window still closed
    vector_save
    user_access_begin
    move_vector .fault_at_start, 0
    move_vector .fault_at_start, 64
    move_vector .fault_at_start, rdx - 128
    move_vector .fault_at_start, rdx - 64
.done:
    user_access_end
    vector_restore
    xor eax, eax
    ret
endfunc

; size_t copy_user_masked_long(void *to, const void *from, size_t n): the same for n > 256.
;   in:       rdi to, rsi from, rdx n
;   out:      rax = bytes not copied; AC and DF clear; zmm16 and zmm17 as they were
;   clobbers: rax, rcx (bytes left), rsi, rdi, r8, r9 (rsp), flags
;   stack:    [rsp] return address; between save and restore [rsp] zmm16, zmm17, 64-byte aligned
;   assumes:  AC and DF clear
func copy_user_masked_long
    mov rcx, rdx
    runtime_constant add rcx, COPY_REP_FROM
    jc .string
.vectors:
    mov rcx, rdx
    vector_pair_save
    user_access_begin
    mov rax, rdi            ; minus the bytes, 1 to 64, to the next line of the destination, from
    or rax, -64             ; which on no store takes two lines
    mov r8, rsi
    sub r8, rax
    may_fault .fault_in_loop, vmovdqu64 zmm16, [rsi]
    may_fault .fault_in_loop, vmovdqu64 zmm17, [r8]
    may_fault .fault_in_loop, vmovdqu64 [rdi], zmm16
    mov rsi, r8
    sub rdi, rax
    add rcx, rax
    may_fault .fault_in_loop, vmovdqu64 [rdi], zmm17
    copy_advance 64
    cmp rcx, 256
    jbe .last
.block:
    move_256 .fault_in_loop, 0
    copy_advance 256
    cmp rcx, 256
    ja .block
.last:
    move_256 .fault_in_loop, rcx - 256  ; the last 256 bytes, some of them again
    user_access_end
    vector_pair_restore
    xor eax, eax
    ret
.fault_in_loop:
    vector_pair_restore
    copy_bytes_and_return

.string:
    alternative
    when FEATURE_REP_MOVS_CLIFF
        branch_on_cliff .vectors
    endalternative
    mov rcx, rdx
    user_access_begin
    may_fault .stopped, rep movsb
.stopped:
    copy_return
endfunc

; SPDX-License-Identifier: MIT
; Clearing user memory, masked: one AVX-512 register, saved and restored, as in copy_masked.asm.
%include "uaccess.inc"
%include "vector.inc"

extern clear_user_stosb

; store_vector FIXUP, OFFSET: 64 zero bytes, in the window.
%macro store_vector 2
    may_fault %1, vmovdqu64 [rdi + %2], zmm16
%endmacro

%macro store_256 2
    store_vector %1, %2
    store_vector %1, %2 + 64
    store_vector %1, %2 + 128
    store_vector %1, %2 + 192
%endmacro

; size_t clear_user_masked(void *to, size_t n);
;   in:       rdi to, rsi n
;   out:      rax = bytes not written; AC and DF clear; zmm16 and k1 as they were
;   clobbers: rcx (bytes left), rdi, r8, r9 (rsp), r10 (k1), flags
;   stack:    [rsp] return address; between save and restore [rsp] zmm16, 64-byte aligned
;   assumes:  AC and DF clear
func clear_user_masked
    cmp rsi, VECTOR_BYTES
    ja .above_64
    mask_save rsi
    vpxord zmm16, zmm16, zmm16
    user_access_begin
    may_fault .fault_in_mask, vmovdqu8 [rdi]{k1}, zmm16
    user_access_end
    mask_restore
    xor eax, eax
    ret
.fault_in_mask:
    kmovq k1, r10
.fault_at_start:
    mov rcx, rsi
.fault_in_loop:
    vector_restore
    xor eax, eax
    clear_bytes_and_return

.above_64:
    cmp rsi, 128
    ja .above_128
    vector_save
    vpxord zmm16, zmm16, zmm16
    user_access_begin
    store_vector .fault_at_start, 0
    store_vector .fault_at_start, rsi - 64
    jmp .done

.above_128:
    cmp rsi, 256
    ja .above_256
    vector_save
    vpxord zmm16, zmm16, zmm16
    user_access_begin
    store_vector .fault_at_start, 0
    store_vector .fault_at_start, 64
    store_vector .fault_at_start, rsi - 128
    store_vector .fault_at_start, rsi - 64
.done:
    user_access_end
    vector_restore
    xor eax, eax
    ret

.above_256:
    mov rcx, rsi
    runtime_constant add rcx, CLEAR_REP_FROM
    jc clear_user_stosb     ; the window still closed
    mov rcx, rsi
    vector_save
    vpxord zmm16, zmm16, zmm16
    user_access_begin
    store_vector .fault_in_loop, 0
    mov rax, rdi            ; to the next line, as in copy_masked.asm
    or rax, -64
    sub rdi, rax
    add rcx, rax
    cmp rcx, 256
    jbe .last
.block:
    store_256 .fault_in_loop, 0
    add rdi, 256
    sub rcx, 256
    cmp rcx, 256
    ja .block
.last:
    store_256 .fault_in_loop, rcx - 256  ; the last 256 bytes, some of them again
    jmp .done
endfunc

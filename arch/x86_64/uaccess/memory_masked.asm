; SPDX-License-Identifier: MIT
; Kernel memory copied and set by one AVX-512 register, saved and restored: to 64 bytes without a
; branch on the size. In any context. Flags assumed: DF clear.
%include "func.inc"
%include "alternative.inc"
%include "vector.inc"

; void *memcpy_masked(void *to, const void *from, size_t n);
; in: rdi to, rsi from, rdx n   out: rax to   clobbers: rcx rsi rdi r8-r10 flags
; stack: [rsp] zmm16 while it is saved
; To 64 bytes the ranges may overlap: all is loaded before anything is stored.
func memcpy_masked
    mov rax, rdi
    cmp rdx, VECTOR_BYTES
    ja .above_64
    mask_save rdx
    vmovdqu8 zmm16{k1}{z}, [rsi]
    vmovdqu8 [rdi]{k1}, zmm16
    mask_restore
    ret
.above_64:
    mov rcx, rdx
    runtime_constant add rcx, COPY_REP_FROM
    jc .string
.vectors:
    vector_save
    lea rcx, [rdx - VECTOR_BYTES] ; where the last vector stands
    xor r8d, r8d
.vector:
    vmovdqu64 zmm16, [rsi + r8]
    vmovdqu64 [rdi + r8], zmm16
    add r8, VECTOR_BYTES
    cmp r8, rcx
    jb .vector
    vmovdqu64 zmm16, [rsi + rcx]
    vmovdqu64 [rdi + rcx], zmm16
    vector_restore
    ret
.string:
    alternative
    when FEATURE_REP_MOVS_CLIFF
        mov ecx, edi        ; as branch_on_cliff of uaccess.inc, with rax kept
        sub ecx, esi
        dec ecx
        test ecx, 4096 - 32
        jz near .vectors
    endalternative
    mov rcx, rdx
    rep movsb
    ret
endfunc

; void *memset_masked(void *to, int byte, size_t n);
; in: rdi to, sil byte, rdx n   out: rax to   clobbers: rcx rdi r8-r10 flags
; stack: [rsp] zmm16 while it is saved
func memset_masked
    mov rax, rdi
    cmp rdx, VECTOR_BYTES
    ja .above_64
    mask_save rdx
    vpbroadcastb zmm16, esi
    vmovdqu8 [rdi]{k1}, zmm16
    mask_restore
    ret
.above_64:
    mov rcx, rdx
    runtime_constant add rcx, CLEAR_REP_FROM
    jc .string
    vector_save
    vpbroadcastb zmm16, esi
    lea rcx, [rdx - VECTOR_BYTES]
    xor r8d, r8d
.vector:
    vmovdqu64 [rdi + r8], zmm16
    add r8, VECTOR_BYTES
    cmp r8, rcx
    jb .vector
    vmovdqu64 [rdi + rcx], zmm16
    vector_restore
    ret
.string:
    mov r8, rax
    mov eax, esi
    mov rcx, rdx
    rep stosb
    mov rax, r8
    ret
endfunc

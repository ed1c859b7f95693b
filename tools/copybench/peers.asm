; SPDX-License-Identifier: MIT
; What the variants are measured against: bare string instructions, as other kernels use them. They
; touch memory without any entry in the exception table.
%include "func.inc"

; u64 peer_rep_movsb(void *to, const void *from, size_t n);
;   in:       rdi to, rsi from, rdx n
;   out:      rax = 0
;   clobbers: rcx, rsi, rdi
;   stack:    [rsp] return address
;   assumes:  DF clear
func peer_rep_movsb
    mov rcx, rdx
    rep movsb
    mov rax, rcx
    ret
endfunc

; u64 peer_rep_movsq(void *to, const void *from, size_t n): quads, then the bytes left in a loop,
; the naive copy.
;   in:       rdi to, rsi from, rdx n
;   out:      rax = 0
;   clobbers: rcx, rdx, rsi, rdi, flags
;   stack:    [rsp] return address
;   assumes:  DF clear
func peer_rep_movsq
    mov rcx, rdx
    shr rcx, 3
    rep movsq
    and edx, 7
    jz .done
.byte:
    movzx eax, byte [rsi]
    mov [rdi], al
    inc rsi
    inc rdi
    dec edx
    jnz .byte
.done:
    xor eax, eax
    ret
endfunc

; u64 peer_rep_stosb(void *to, size_t n);
;   in:       rdi to, rsi n
;   out:      rax = 0
;   clobbers: rcx, rdi
;   stack:    [rsp] return address
;   assumes:  DF clear
func peer_rep_stosb
    mov rcx, rsi
    xor eax, eax
    rep stosb
    ret
endfunc

; u64 peer_rep_stosq(void *to, size_t n): quads, then the bytes left in a loop.
;   in:       rdi to, rsi n
;   out:      rax = 0
;   clobbers: rcx, rsi, rdi, flags
;   stack:    [rsp] return address
;   assumes:  DF clear
func peer_rep_stosq
    mov rcx, rsi
    shr rcx, 3
    xor eax, eax
    rep stosq
    and esi, 7
    jz .done
.byte:
    mov [rdi], al
    inc rdi
    dec esi
    jnz .byte
.done:
    ret
endfunc

; u64 peer_nothing(void);   what a call alone costs
;   out:      rax = 0
;   clobbers: flags
;   stack:    [rsp] return address
func peer_nothing
    xor eax, eax
    ret
endfunc

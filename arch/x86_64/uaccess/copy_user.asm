; SPDX-License-Identifier: MIT
; copy_from_user, copy_to_user and clear_user: the range check, then the variant policy chose.
%include "uaccess.inc"
%include "vector.inc"

extern copy_user_reference, copy_user_aligned, copy_user_unaligned, copy_user_movsq
extern copy_user_erms, copy_user_guarded, copy_user_overlap, copy_user_sse, copy_user_masked
extern copy_user_masked_long, copy_user_streaming
extern clear_user_reference, clear_user_unaligned, clear_user_stosq, clear_user_stosb
extern clear_user_erms, clear_user_masked

; copy_user jmp|call: the chosen variant. Policy sets at most one of the features. `rep movsb` alone
; is no longer than the way to it, so it stands right here: rdx bytes from [rsi] to [rdi], the
; bytes left in rax.
;   clobbers all scratch registers
%macro copy_user 1
    alternative
        %1 copy_user_reference
    when FEATURE_COPY_ALIGNED
        %1 copy_user_aligned
    when FEATURE_COPY_UNALIGNED
        %1 copy_user_unaligned
    when FEATURE_COPY_MOVSQ
        %1 copy_user_movsq
    when FEATURE_COPY_ERMS
        %1 copy_user_erms
    when FEATURE_COPY_GUARDED
        %1 copy_user_guarded
    when FEATURE_COPY_OVERLAP
        %1 copy_user_overlap
    when FEATURE_COPY_SSE
        %1 copy_user_sse
    when FEATURE_COPY_MASKED
        %1 copy_user_masked
    when FEATURE_COPY_STREAMING
        %1 copy_user_streaming
    when FEATURE_COPY_FSRM
        mov rcx, rdx
        user_access_begin
        may_fault %%stopped, rep movsb
%%stopped:
        user_access_end
        mov rax, rcx
        %ifidn %1, jmp
            ret
        %endif
    endalternative
%endmacro

; What follows to copy_from_user serves copies of a page and less by masked moves right here: the
; call, and a range check for any length, would cost as much as a short copy.

SHORT_BYTES equ 4096        ; what lies between USER_LIMIT_SHORT and USER_LIMIT
PAGE_BYTES equ 4096

; check_short_range POINTER, LABEL: to LABEL unless all SHORT_BYTES at POINTER lie below USER_LIMIT.
;   out: rax = POINTER where it is good, else an address that speculation past the branch may follow:
;        the program's last bytes
;   clobbers flags
%macro check_short_range 2
    runtime_constant mov rax, USER_LIMIT_SHORT
    cmp %1, rax
    cmovb rax, %1
    ja near %2
%endmacro

; retreat LABEL: a fault in a short copy, in the window. All is put back, and done again where every
; byte is counted.
%macro retreat 1
    user_access_end
    vector_restore
    jmp near %1
%endmacro

; move_last TO, FROM, N: N vectors up to the end of rdx bytes, through zmm16 in the window, ascending.
%macro move_last 3
    %assign %%at %3 * VECTOR_BYTES
    %rep %3
        may_fault .retreat, vmovdqu64 zmm16, [%2 + rdx - %%at]
        may_fault .retreat, vmovdqu64 [%1 + rdx - %%at], zmm16
        %assign %%at %%at - VECTOR_BYTES
    %endrep
%endmacro

; branch_on_split LABEL: there when the rdx bytes at [rdi], a page of them at the most, lie in two pages.
;   clobbers rcx, flags
%macro branch_on_split 1
    lea rcx, [rdi + rdx - 1]
    xor ecx, edi
    test ecx, PAGE_BYTES
    jnz near %1
%endmacro

; move_head TO, FROM: the bytes up to the end of the line that TO is in, by a store within that line.
;   out: r8 = their number, 1 to 64
;   clobbers rcx, r11, k1, flags
%macro move_head 2
    mov ecx, edi
    and ecx, VECTOR_BYTES - 1
    mov r11, -1
    shlx r11, r11, rcx
    kmovq k1, r11
    mov r8, rcx
    neg r8
    may_fault .fault_in_mask, vpexpandb zmm16{k1}{z}, [%2]
    may_fault .fault_in_mask, vmovdqu8 [%1 + r8]{k1}, zmm16
    add r8, VECTOR_BYTES
%endmacro

; copy_split TO, FROM: .split copies rdx bytes that lie in two pages. A store into both would take some
; 17 ticks, even where its mask leaves one of them alone: so line by line of the destination, first
; and last masked. .line goes on with the line at offset r8; r10 = k1.
%macro copy_split 2
.split:
    test edx, edx
    jz .nothing             ; at the start of a page
    kmovq r10, k1
    vector_save
    user_access_begin
    move_head %1, %2
.line:
    mov rcx, rdx
    sub rcx, r8
    cmp rcx, VECTOR_BYTES
    jbe .last_line
    may_fault .fault_in_mask, vmovdqu64 zmm16, [%2 + r8]
    may_fault .fault_in_mask, vmovdqu64 [%1 + r8], zmm16
    add r8, VECTOR_BYTES
    jmp .line
.last_line:
    mov r11, -1
    bzhi r11, r11, rcx
    kmovq k1, r11
    may_fault .fault_in_mask, vmovdqu8 zmm16{k1}{z}, [%2 + r8]
    may_fault .fault_in_mask, vmovdqu8 [%1 + r8]{k1}, zmm16
    user_access_end
    mask_restore
.nothing:
    xor eax, eax
    ret
.fault_in_mask:
    kmovq k1, r10
.retreat:
    retreat .any
%endmacro

; finish TO, FROM, N: the last N vectors and the way out.
%macro finish 3
    move_last %1, %2, %3
    user_access_end
    vector_restore
    xor eax, eax
    ret
%endmacro

; copy_ends TO, FROM, N: all by N vectors from the start and N up to the end.
%macro copy_ends 3
    %assign %%at 0
    %rep %3
        may_fault .retreat, vmovdqu64 zmm16, [%2 + %%at]
        may_fault .retreat, vmovdqu64 [%1 + %%at], zmm16
        %assign %%at %%at + VECTOR_BYTES
    %endrep
    finish %1, %2, %3
%endmacro

; copy_middle TO, FROM, POINTER: from 65 bytes on to a page. TO and FROM are rdi and rsi, but rax for the
; one which is the program's, POINTER. Longer ones, and those for `rep movsb`, go on at .longest,
; others at .any.
%macro copy_middle 3
.middle:
    cmp rdx, 512
    ja .long
    check_short_range %3, .any
    branch_on_split .middle_split
.whole:
    vector_save
    user_access_begin
    cmp rdx, 2 * VECTOR_BYTES
    ja .above_128
    copy_ends %1, %2, 1
.above_128:
    cmp rdx, 256
    ja .above_256
    copy_ends %1, %2, 2
.above_256:
    copy_ends %1, %2, 4

.long:
    cmp rdx, SHORT_BYTES
    ja .longest
    mov rcx, rdx
    runtime_constant add rcx, COPY_REP_FROM
    jc .longest
    check_short_range %3, .any
    kmovq r10, k1           ; for what lies in two pages
    vector_save
    user_access_begin
    lea ecx, [rdi + VECTOR_BYTES - 1]
    xor ecx, edi
    test ecx, PAGE_BYTES
    jnz .long_split
    may_fault .retreat, vmovdqu64 zmm16, [%2]
    may_fault .retreat, vmovdqu64 [%1], zmm16
    mov r8d, edi            ; the bytes, 1 to 64, to the next line of the destination, from which
    or r8, -VECTOR_BYTES    ; on no store takes two lines
    neg r8
.blocks:
    lea rcx, [rdx - 256]
.block:
    %assign %%at 0
    %rep 4
        may_fault .fault_in_mask, vmovdqu64 zmm16, [%2 + r8 + %%at]
        may_fault .fault_in_mask, vmovdqu64 [%1 + r8 + %%at], zmm16
        %assign %%at %%at + VECTOR_BYTES
    %endrep
    add r8, 256
    cmp r8, rcx
    jb .block
    lea ecx, [rdi + rdx - 1]
    and ecx, PAGE_BYTES - 1
    cmp ecx, 255
    jb .line                ; the last 256 bytes lie in two pages
    kmovq k1, r10
    finish %1, %2, 4
.long_split:
    move_head %1, %2
    jmp .blocks

.middle_split:              ; whole lines on both sides of the end of the page are not in two
    mov ecx, edi
    or ecx, edx
    test cl, VECTOR_BYTES - 1
    jz .whole
    copy_split %1, %2
%endmacro

; size_t copy_to_user(void __user *to, const void *from, size_t n);
;   in:       rdi to, rsi from, rdx n
;   out:      rax = bytes not copied; AC and DF clear
;   clobbers: all scratch registers
;   stack:    [rsp] return address; the variant returns to our caller. While zmm16 is saved: [rsp]
;             zmm16, 64-byte aligned, and r9 = rsp as it was
;   assumes:  AC and DF clear
func copy_to_user, .text, 64
    alternative
        jmp .any
    when FEATURE_COPY_MASKED
        cmp rdx, VECTOR_BYTES
        ja near .middle
        check_short_range rdi, .any
        branch_on_split .split
        mask_save rdx
        vmovdqu8 zmm16{k1}{z}, [rsi]
        user_access_begin
        may_fault %$fault, vmovdqu8 [rax]{k1}, zmm16
        user_access_end
        mask_restore
        xor eax, eax
        ret
%$fault:
        kmovq k1, r10
        retreat .any
    endalternative
    copy_middle rax, rsi, rdi
.longest:
    mask_user_range rdi, rdx
    jnz .refused
    jmp copy_user_masked_long
.any:
    mask_user_range rdi, rdx
    jnz .refused
    copy_user jmp
.refused:
    mov rax, r10
    ret
endfunc

; size_t copy_from_user(void *to, const void __user *from, size_t n);
;   in:       rdi to, rsi from, rdx n
;   out:      rax = bytes not copied, as many at the end of the buffer zeroed; AC and DF clear
;   clobbers: all scratch registers
;   stack:    [rsp] end of the buffer, [rsp+8] return address; while zmm16 is saved as above
;   assumes:  AC and DF clear
func copy_from_user, .text, 64
    alternative
        jmp .any
    when FEATURE_COPY_MASKED
        cmp rdx, VECTOR_BYTES
        ja near .middle
        check_short_range rsi, .any
        branch_on_split .split
        mask_save rdx
        user_access_begin
        may_fault %$fault, vmovdqu8 zmm16{k1}{z}, [rax]
        user_access_end
        vmovdqu8 [rdi]{k1}, zmm16
        mask_restore
        xor eax, eax
        ret
%$fault:
        kmovq k1, r10
        retreat .any
    endalternative
    copy_middle rdi, rax, rsi
.longest:
    mask_user_range rsi, rdx
    jnz .refused
    lea rax, [rdi + rdx]
    push rax                ; aligns the stack for the call, too
    call copy_user_masked_long
    pop rdi
    test rax, rax
    jnz .zero
    ret

.any:
    mask_user_range rsi, rdx
    jnz .refused
    lea rax, [rdi + rdx]
    push rax
    copy_user call
    pop rdi
    test rax, rax
    jnz .zero
    ret

.refused:
    mov rax, r10
    runtime_constant mov r9, USER_LIMIT
    cmp rax, r9             ; no buffer is as long as that: the length is wrong, not the pointer
    ja .return
    add rdi, rax
.zero:                      ; the rax bytes that end at rdi
    sub rdi, rax
    mov rdx, rax
    mov rcx, rax
    shr rcx, 3
    xor eax, eax
    rep stosq
    mov ecx, edx
    and ecx, 7
    rep stosb
    mov rax, rdx
.return:
    ret
endfunc

; size_t clear_user(void __user *to, size_t n);
;   in:       rdi to, rsi n
;   out:      rax = bytes not written; AC and DF clear
;   clobbers: all scratch registers
;   stack:    [rsp] return address; the variant returns to our caller
;   assumes:  AC and DF clear
func clear_user, .text, 64
    alternative
        jmp .any
    when FEATURE_COPY_MASKED
        cmp rsi, VECTOR_BYTES
        ja near .middle
        check_short_range rdi, .any
        mask_save rsi
        vpxord zmm16, zmm16, zmm16
        user_access_begin
        may_fault %$fault, vmovdqu8 [rax]{k1}, zmm16
        user_access_end
        mask_restore
        xor eax, eax
        ret
%$fault:
        kmovq k1, r10
        retreat .any
    endalternative
.middle:
    cmp rsi, 256
    ja .any
    check_short_range rdi, .any
    vector_save
    vpxord zmm16, zmm16, zmm16
    user_access_begin
    may_fault .retreat, vmovdqu64 [rax], zmm16
    cmp rsi, 2 * VECTOR_BYTES
    ja .above_128
    may_fault .retreat, vmovdqu64 [rax + rsi - 64], zmm16
    user_access_end
    vector_restore
    xor eax, eax
    ret
.above_128:
    may_fault .retreat, vmovdqu64 [rax + 64], zmm16
    may_fault .retreat, vmovdqu64 [rax + rsi - 128], zmm16
    may_fault .retreat, vmovdqu64 [rax + rsi - 64], zmm16
    user_access_end
    vector_restore
    xor eax, eax
    ret
.retreat:
    retreat .any
.any:
    mask_user_range rdi, rsi
    jnz .refused
    alternative
        jmp clear_user_reference
    when any_of(FEATURE_COPY_ALIGNED, FEATURE_COPY_MOVSQ)
        jmp clear_user_stosq
    when FEATURE_COPY_UNALIGNED
        jmp clear_user_unaligned
    when any_of(FEATURE_COPY_FSRM, FEATURE_COPY_GUARDED, FEATURE_COPY_STREAMING)
        jmp clear_user_stosb
    when any_of(FEATURE_COPY_ERMS, FEATURE_COPY_OVERLAP, FEATURE_COPY_SSE)
        jmp clear_user_erms
    when FEATURE_COPY_MASKED
        jmp clear_user_masked
    endalternative
.refused:
    mov rax, r10
    ret
endfunc

/* SPDX-License-Identifier: MIT */
/* Compiler attributes and section markers every part may know. PURE. */
#pragma once

#define __noreturn          __attribute__((noreturn))
#define __noinline          __attribute__((noinline))
#define __inlined           inline __attribute__((always_inline))
#define __packed            __attribute__((packed))
#define __aligned(n)        __attribute__((aligned(n)))
#define __used              __attribute__((used))
#define __must_check        __attribute__((warn_unused_result))
#define __printf_like(f, a) __attribute__((format(printf, f, a)))
#define likely(x)           __builtin_expect(!!(x), 1)
#define unlikely(x)         __builtin_expect(!!(x), 0)
#define barrier()           __asm__ volatile("" ::: "memory")
#define READ_ONCE(x)        (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v)    (*(volatile __typeof__(x) *)&(x) = (v))

/* A pointer into the running program's address space: only the routines of
 * <arch/uaccess.h> may follow it. sparse (tests: suite lint) holds that. */
#ifdef __CHECKER__
#define __user  __attribute__((noderef, address_space(__user)))
#define __force __attribute__((force))
#else
#define __user
#define __force
#endif

#ifdef QUENCH_HOST
/* The host library has one ordinary text and data section. */
#define __early
#define __ro_after_init
#else
/* Code the patcher itself runs: no alternative may stand in it (linker script, altcheck). */
#define __early         __attribute__((section(".text.early")))
/* Data written only during boot; read-only from the seal on. */
#define __ro_after_init __attribute__((section(".data.ro_after_init")))
#endif

/* SPDX-License-Identifier: MIT */
/* Integer and address types every part may know. PURE. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef int64_t s64;

typedef u64 paddr_t; /* physical address, bytes */
typedef u64 vaddr_t; /* virtual address, bytes */

#define PAGE_SHIFT    12
#define PAGE_BYTES    (UINT64_C(1) << PAGE_SHIFT)
#define PAGE_MASK     (PAGE_BYTES - 1)

#define KIB(n)        ((u64)(n) << 10)
#define MIB(n)        ((u64)(n) << 20)
#define GIB(n)        ((u64)(n) << 30)

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* `align` is a power of two. */
#define ALIGN_DOWN(x, align) ((x) & ~((__typeof__(x))(align)-1))
#define ALIGN_UP(x, align)   ALIGN_DOWN((x) + ((align)-1), align)

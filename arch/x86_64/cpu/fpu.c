/* SPDX-License-Identifier: MIT */
/* FPU state areas of tasks, and their way to and from signal frames in Linux's layout. */
#include <arch/alternative.h>
#include <arch/cpu.h>
#include <arch/fpu.h>
#include <arch/pagetable.h>
#include <arch/uaccess.h>
#include <asm/errno.h>
#include <asm/sigcontext.h>
#include <quench/string.h>
#include <x86/fpu.h>
#include <x86/registers.h>

/* SDM volume 1, "FXSAVE Area", "XSAVE Area". */
#define FX_BYTES           512
#define HEADER_AT          512
#define HEADER_BYTES       64
#define FCW_INITIAL        0x37f
#define MXCSR_INITIAL      0x1f80
#define XCOMP_BV_COMPACTED UINT64_C(0x8000000000000000)
#define FX_COMPONENTS      (XCR0_X87 | XCR0_SSE)

struct fpu_area {
	u16 fcw;
	u8 left_out[22];
	u32 mxcsr;
	u8 registers[HEADER_AT - 28];
	u64 xstate_bv, xcomp_bv, reserved[6];
} __packed;
_Static_assert(sizeof(struct fpu_area) == HEADER_AT + HEADER_BYTES, "FXSAVE area and header");

int x86_fxload_user(const void __user *from);
void x86_xrstor_initial(const void *area, u64 mask);

static size_t area_bytes __ro_after_init = FX_BYTES;
struct x86_fpu_frame x86_fpu_frame __ro_after_init = {
	.words = {
		.magic1 = FP_XSTATE_MAGIC1,
		.extended_size = FX_BYTES + FP_XSTATE_MAGIC2_SIZE,
		.xfeatures = FX_COMPONENTS,
		.xstate_size = FX_BYTES,
	},
	.bytes = FX_BYTES,
};

/* The initial state in the standard format: XSTATE_BV 0 asks for it. */
static const struct fpu_area initial __aligned(64) = {
	.fcw = FCW_INITIAL,
	.mxcsr = MXCSR_INITIAL,
};

static void cpuid(u32 leaf, u32 subleaf, u32 out[4])
{
	__asm__ volatile("cpuid"
			 : "=a"(out[0]), "=b"(out[1]), "=c"(out[2]), "=d"(out[3])
			 : "a"(leaf), "c"(subleaf));
}

/* SDM volume 2, "CPUID", leaf 0DH: EBX is the size with the components that are on. */
void x86_fpu_init(u64 xcr0)
{
	const struct feature_set *features = &arch_cpu_report()->features;
	u32 out[4];

	cpuid(0xd, 0, out);
	area_bytes = out[1];
	x86_fpu_frame.bytes = area_bytes + FP_XSTATE_MAGIC2_SIZE;
	x86_fpu_frame.words.extended_size = (u32)x86_fpu_frame.bytes;
	x86_fpu_frame.words.xfeatures = xcr0;
	x86_fpu_frame.words.xstate_size = (u32)area_bytes;
	if (feature_test(features, FEATURE_XSAVES)) {
		cpuid(0xd, 1, out);
		area_bytes = out[1];
	}
}

size_t arch_fpu_bytes(void)
{
	return ALIGN_UP(area_bytes, (size_t)64);
}

void arch_fpu_init(void *to)
{
	struct fpu_area *area = to;

	if (!cpu_has(FEATURE_XSAVE)) {
		memcpy(area, &initial, FX_BYTES);
		return;
	}
	*area = initial;
	if (cpu_has(FEATURE_XSAVES))
		area->xcomp_bv = XCOMP_BV_COMPACTED | x86_fpu_frame.words.xfeatures;
}

/* Whether [at, at+bytes) is user memory. */
static bool is_user_range(const void __user *at, size_t bytes)
{
	u64 address = (u64)(const void __force *)at;

	return address < ARCH_USER_LIMIT && bytes <= ARCH_USER_LIMIT - address;
}

static u8 __user *user_at(const void __user *frame, size_t offset)
{
	return (u8 __user *)frame + offset;
}

/* The components a frame says it has, 0 when it is one of x87 and SSE alone: who made it knows no
 * other, or has cut it off. */
static u64 frame_components(const void __user *from)
{
	struct _fpx_sw_bytes words;
	u32 magic2;

	if (copy_from_user(&words, user_at(from, X86_FX_SW_RESERVED), sizeof(words)))
		return 0;
	if (words.magic1 != FP_XSTATE_MAGIC1 || words.xstate_size < HEADER_AT + HEADER_BYTES ||
	    words.xstate_size > x86_fpu_frame.words.xstate_size ||
	    words.xstate_size > words.extended_size)
		return 0;
	if (get_user_32(&magic2, (const u32 __user *)user_at(from, words.xstate_size)) ||
	    magic2 != FP_XSTATE_MAGIC2)
		return 0;
	return words.xfeatures & x86_fpu_frame.words.xfeatures;
}

/* What the frame does not hold becomes initial. */
static __noinline int load_components(const void __user *from)
{
	u64 mask = frame_components(from), all = x86_fpu_frame.words.xfeatures;
	int error = mask ? x86_fpu_load_user(from, mask) : x86_fxload_user(from);

	if (!error)
		x86_xrstor_initial(&initial, all & ~(mask ? mask : FX_COMPONENTS));
	return error;
}

static int load_with_header(const void __user *from)
{
	int result = x86_fpu_load_frame(from);

	return likely(result <= 0) ? result : load_components(from);
}

static int load_frame(const void __user *from)
{
	if (!is_user_range(from, x86_fpu_frame.bytes))
		return -EFAULT;
	return cpu_has(FEATURE_XSAVE) ? load_with_header(from) : x86_fxload_user(from);
}

/* MXCSR too: with XSTATE_BV 0 it still comes from memory. */
static void load_initial(void)
{
	if (cpu_has(FEATURE_XSAVE))
		x86_xrstor_initial(&initial, x86_fpu_frame.words.xfeatures);
	else
		__asm__ volatile("fxrstor64 %0" ::"m"(initial));
}

int x86_fpu_from_user(const void __user *from)
{
	int error = from ? load_frame(from) : 0;

	if (!from || error)
		load_initial();
	return error;
}

/* SPDX-License-Identifier: MIT */
/* Which features build on which: what goes, and what cannot come, without its base. PURE. */
#include <x86/cpu_features.h>

struct requirement {
	u16 feature, base;
};

#define NEEDS(feature, base)                      \
	{                                         \
		FEATURE_##feature, FEATURE_##base \
	}

/*
 * Instruction sets on the sets they extend, as each one's own detection procedure demands: SDM
 * volume 1, "Programming with Intel AVX", "…AVX2", "…AVX-512", "…XSAVE", "…AMX", and APM volume
 * 3. String features stand on the microcode switch of IA32_MISC_ENABLE.
 */
static const struct requirement requirements[] = {
	NEEDS(PSE36, PSE),
	NEEDS(NX, PAE),
	NEEDS(LM, PAE),
	NEEDS(LM, CX8),
	NEEDS(LM, MSR),
	NEEDS(SYSCALL, LM),
	NEEDS(LAHF_LM, LM),
	NEEDS(CX16, LM),
	NEEDS(PDPE1GB, LM),
	NEEDS(PCID, LM),
	NEEDS(LA57, LM),
	NEEDS(LAM, LM),
	NEEDS(FSGSBASE, LM),
	NEEDS(PKU, LM),
	NEEDS(PKS, LM),
	NEEDS(FRED, LKGS),
	NEEDS(INVARIANT_TSC, TSC),
	NEEDS(RDTSCP, TSC),
	NEEDS(TSC_ADJUST, TSC),
	NEEDS(TSC_DEADLINE, TSC),
	NEEDS(TSC_DEADLINE, APIC),
	NEEDS(X2APIC, APIC),
	NEEDS(ARAT, APIC),
	NEEDS(MMX, FPU),
	NEEDS(FXSR, FPU),
	NEEDS(FFXSR, FXSR),
	NEEDS(SSE, FXSR),
	NEEDS(SSE2, SSE),
	NEEDS(SSE3, SSE2),
	NEEDS(SSSE3, SSE3),
	NEEDS(SSE4A, SSE3),
	NEEDS(MISALIGNSSE, SSE),
	NEEDS(SSE4_1, SSSE3),
	NEEDS(SSE4_2, SSE4_1),
	NEEDS(AES, SSE2),
	NEEDS(PCLMULQDQ, SSE2),
	NEEDS(SHA, SSE2),
	NEEDS(GFNI, SSE2),
	NEEDS(XSAVE, FXSR),
	NEEDS(XSAVEOPT, XSAVE),
	NEEDS(XSAVEC, XSAVE),
	NEEDS(XSAVES, XSAVEC),
	NEEDS(XGETBV1, XSAVE),
	NEEDS(XFD, XSAVE),
	NEEDS(XSAVE_ERROR_POINTERS, FXSR),
	NEEDS(MPX, XSAVE),
	NEEDS(AVX, XSAVE),
	NEEDS(AVX, SSE2),
	NEEDS(FMA, AVX),
	NEEDS(F16C, AVX),
	NEEDS(XOP, AVX),
	NEEDS(FMA4, AVX),
	NEEDS(AVX2, AVX),
	NEEDS(VAES, AVX),
	NEEDS(VPCLMULQDQ, AVX),
	NEEDS(AVX_VNNI, AVX),
	NEEDS(AVX512F, AVX2),
	NEEDS(AVX512CD, AVX512F),
	NEEDS(AVX512DQ, AVX512F),
	NEEDS(AVX512BW, AVX512F),
	NEEDS(AVX512VL, AVX512F),
	NEEDS(AVX512PF, AVX512F),
	NEEDS(AVX512ER, AVX512F),
	NEEDS(AVX512_IFMA, AVX512F),
	NEEDS(AVX512_VBMI, AVX512BW),
	NEEDS(AVX512_VBMI2, AVX512BW),
	NEEDS(AVX512_BITALG, AVX512BW),
	NEEDS(AVX512_VNNI, AVX512F),
	NEEDS(AVX512_VPOPCNTDQ, AVX512F),
	NEEDS(AVX512_VP2INTERSECT, AVX512F),
	NEEDS(AVX512_BF16, AVX512F),
	NEEDS(AVX512_FP16, AVX512BW),
	NEEDS(AMX_TILE, XSAVE),
	NEEDS(AMX_BF16, AMX_TILE),
	NEEDS(AMX_INT8, AMX_TILE),
	NEEDS(ERMS, FAST_STRINGS),
	NEEDS(FSRM, FAST_STRINGS),
	NEEDS(FZRM, FAST_STRINGS),
	NEEDS(FSRS, FAST_STRINGS),
	NEEDS(FSRC, FAST_STRINGS),
	NEEDS(REP_GOOD, FAST_STRINGS),
};

int feature_missing(const struct feature_set *set, unsigned feature)
{
	for (size_t i = 0; i < ARRAY_SIZE(requirements); i++)
		if (requirements[i].feature == feature && !feature_test(set, requirements[i].base))
			return requirements[i].base;
	return -1;
}

/* The table need not be in order: bases may fall in any round. */
void feature_close(struct feature_set *set)
{
	bool again = true;

	while (again) {
		again = false;
		for (size_t i = 0; i < ARRAY_SIZE(requirements); i++) {
			if (!feature_test(set, requirements[i].feature) ||
			    feature_test(set, requirements[i].base))
				continue;
			feature_remove(set, requirements[i].feature);
			again = true;
		}
	}
}

/* Long mode and its page tables, the system-call path, the state every program starts with, and
 * the clock. NX is in every data mapping from the first page table on. */
int cpu_lacks(const struct feature_set *set)
{
	static const u16 needed[] = {
		FEATURE_FPU,  FEATURE_TSC,  FEATURE_MSR, FEATURE_PAE,     FEATURE_CX8,
		FEATURE_PGE,  FEATURE_CMOV, FEATURE_PSE, FEATURE_FXSR,    FEATURE_SSE,
		FEATURE_SSE2, FEATURE_LM,   FEATURE_NX,  FEATURE_SYSCALL,
	};

	for (size_t i = 0; i < ARRAY_SIZE(needed); i++)
		if (!feature_test(set, needed[i]))
			return needed[i];
	return -1;
}

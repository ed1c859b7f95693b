/* SPDX-License-Identifier: MIT */
/* Which leaves and subleaves there are to ask for. PURE: the instruction is the caller's. */
#include <x86/cpuid_table.h>

/* Nothing announces more than this; beyond it a maximum is taken for noise. */
#define MAX_LEAVES    64
#define MAX_SUBLEAVES 32

struct walk {
	cpuid_ask_fn ask;
	void *context;
	struct cpuid_row *rows;
	size_t n, max;
};

/* The answer, kept in the table; NULL when the table is full. */
static const struct cpuid_row *ask(struct walk *walk, u32 leaf, u32 subleaf)
{
	struct cpuid_row *row;

	if (walk->n == walk->max)
		return NULL;
	row = &walk->rows[walk->n++];
	*row = (struct cpuid_row){ .leaf = leaf, .subleaf = subleaf };
	walk->ask(walk->context, row);
	return row;
}

/* One subleaf for every set bit of `mask`. */
static void ask_bits(struct walk *walk, u32 leaf, u64 mask)
{
	for (u32 i = 0; i < 64; i++)
		if (mask >> i & 1)
			ask(walk, leaf, i);
}

static void ask_up_to(struct walk *walk, u32 leaf, u32 last)
{
	for (u32 i = 1; i <= last && i < MAX_SUBLEAVES; i++)
		ask(walk, leaf, i);
}

/* Lists that end with an entry whose type field, (register >> shift) & mask, is 0. */
static void ask_list(struct walk *walk, const struct cpuid_row *row, u32 first, bool in_ecx,
		     u32 mask)
{
	u32 leaf = row->leaf;

	for (u32 i = first; row && i < MAX_SUBLEAVES; i++) {
		if (i != first && !((in_ecx ? row->ecx : row->eax) & mask))
			return;
		row = ask(walk, leaf, i);
	}
}

/* XCR0 and IA32_XSS say which components exist; each has a subleaf. */
static void ask_xsave(struct walk *walk, const struct cpuid_row *first)
{
	u64 components = (u64)first->edx << 32 | first->eax;
	const struct cpuid_row *second = ask(walk, 0xd, 1);

	if (second)
		components |= (u64)second->edx << 32 | second->ecx;
	ask_bits(walk, 0xd, components & ~UINT64_C(3));
}

/* The subleaves after subleaf 0. SDM volume 2 and APM volume 3, per leaf. */
static void ask_subleaves(struct walk *walk, const struct cpuid_row *row)
{
	switch (row->leaf) {
	case 0x4: /* caches; type in EAX[4:0] */
	case 0x8000001d:
		if (row->eax & 0x1f)
			ask_list(walk, row, 1, false, 0x1f);
		break;
	case 0xb: /* topology; type in ECX[15:8] */
	case 0x1f:
	case 0x80000026:
		if (row->ecx & 0xff00)
			ask_list(walk, row, 1, true, 0xff00);
		break;
	case 0xd:
		ask_xsave(walk, row);
		break;
	case 0xf: /* resource monitoring */
		ask_bits(walk, row->leaf, row->edx & ~1u);
		break;
	case 0x10: /* resource allocation */
	case 0x80000020:
		ask_bits(walk, row->leaf, row->ebx & ~1u);
		break;
	case 0x12: /* SGX; type in EAX[3:0] from subleaf 2 on */
		ask(walk, row->leaf, 1);
		ask_list(walk, row, 2, false, 0xf);
		break;
	case 0x23: /* performance monitoring; a bitmap in EAX */
		ask_bits(walk, row->leaf, row->eax & ~1u);
		break;
	case 0x7:
	case 0x14:
	case 0x17:
	case 0x18:
	case 0x1d:
	case 0x1e:
	case 0x20:
	case 0x24:
		ask_up_to(walk, row->leaf, row->eax);
		break;
	default:
		break;
	}
}

/* A range starts with its own maximum; one that does not exist says something else. */
static void walk_range(struct walk *walk, u32 base)
{
	const struct cpuid_row *top = ask(walk, base, 0);
	u32 last;

	if (!top)
		return;
	if ((top->eax & 0xffff0000) != (base & 0xffff0000)) {
		walk->n--;
		return;
	}
	last = top->eax;
	for (u32 leaf = base + 1; leaf <= last && leaf - base < MAX_LEAVES; leaf++) {
		const struct cpuid_row *row = ask(walk, leaf, 0);

		if (row)
			ask_subleaves(walk, row);
	}
}

static bool under_hypervisor(const struct walk *walk)
{
	const struct cpuid_row *row = cpuid_valid(walk->rows, walk->n, 1, 0);

	return row && row->ecx >> 31;
}

/* "Cent" or "  Sh": Centaur's own range is anybody's guess elsewhere. */
static bool has_centaur_range(const struct walk *walk)
{
	return walk->n && (walk->rows[0].ebx == 0x746e6543 || walk->rows[0].ebx == 0x68532020);
}

size_t cpuid_walk(cpuid_ask_fn ask_row, void *context, struct cpuid_row *rows, size_t max)
{
	struct walk walk = { ask_row, context, rows, 0, max };

	walk_range(&walk, 0);
	if (under_hypervisor(&walk)) {
		walk_range(&walk, 0x40000000);
		walk_range(&walk, 0x40000100); /* KVM and Xen behind Hyper-V's face */
	}
	walk_range(&walk, 0x80000000);
	if (has_centaur_range(&walk))
		walk_range(&walk, 0xc0000000);
	return walk.n;
}

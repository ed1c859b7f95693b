/* SPDX-License-Identifier: MIT */
/* Who the processor says it is. PURE. */
#include <x86/cpu_features.h>
#include <x86/cpuid_table.h>

static void put_register(char *out, u32 value)
{
	for (unsigned i = 0; i < 4; i++)
		out[i] = (char)(value >> (8 * i));
}

static void read_vendor(const struct cpuid_row *rows, size_t n, char vendor[13])
{
	const struct cpuid_row *row = cpuid_find(rows, n, 0, 0);

	if (!row)
		return;
	put_register(vendor, row->ebx);
	put_register(vendor + 4, row->edx);
	put_register(vendor + 8, row->ecx);
}

/* The brand is right-aligned by some processors: leading blanks go. */
static void read_brand(const struct cpuid_row *rows, size_t n, char brand[49])
{
	char text[49] = { 0 };
	size_t start = 0, length = 0;

	for (u32 i = 0; i < 3; i++) {
		const struct cpuid_row *row = cpuid_valid(rows, n, 0x80000002 + i, 0);

		if (!row)
			break;
		put_register(text + 16 * i, row->eax);
		put_register(text + 16 * i + 4, row->ebx);
		put_register(text + 16 * i + 8, row->ecx);
		put_register(text + 16 * i + 12, row->edx);
	}
	while (text[start] == ' ')
		start++;
	for (; text[start]; start++)
		brand[length++] = text[start];
	while (length && brand[length - 1] == ' ')
		brand[--length] = '\0';
}

/*
 * SDM volume 2, "CPUID—CPU Identification", figure "Version Information Returned by CPUID in
 * EAX"; APM volume 3 says the same. Both add the extended model for families 6 and 15; the
 * processors of Zhaoxin's family 7 use it as well, and no other family sets it.
 */
static void read_signature(const struct cpuid_row *rows, size_t n, struct cpu_identity *out)
{
	const struct cpuid_row *row = cpuid_valid(rows, n, 1, 0);
	u32 eax = row ? row->eax : 0;

	out->stepping = eax & 15;
	out->model = eax >> 4 & 15;
	out->family = eax >> 8 & 15;
	if (out->family >= 6)
		out->model |= eax >> 12 & 0xf0;
	if (out->family == 15)
		out->family += eax >> 20 & 0xff;
}

void cpuid_identify(const struct cpuid_row *rows, size_t n, struct cpu_identity *out)
{
	*out = (struct cpu_identity){ 0 };
	read_vendor(rows, n, out->vendor);
	read_brand(rows, n, out->brand);
	read_signature(rows, n, out);
}

static bool same(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a == *b;
}

enum cpu_vendor cpu_vendor_of(const struct cpu_identity *identity)
{
	static const struct {
		char name[13];
		enum cpu_vendor vendor;
	} vendors[] = {
		{ "GenuineIntel", CPU_VENDOR_INTEL },
		{ "GenuineIotel", CPU_VENDOR_INTEL }, /* some Haswells, one bit off */
		{ "AuthenticAMD", CPU_VENDOR_AMD },
		{ "HygonGenuine", CPU_VENDOR_HYGON },
		{ "CentaurHauls", CPU_VENDOR_CENTAUR },
		{ "  Shanghai  ", CPU_VENDOR_ZHAOXIN },
	};

	for (size_t i = 0; i < ARRAY_SIZE(vendors); i++)
		if (same(vendors[i].name, identity->vendor))
			return vendors[i].vendor;
	return CPU_VENDOR_OTHER;
}

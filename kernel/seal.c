/* SPDX-License-Identifier: MIT */
/* Making the patched kernel unchangeable, and proving it. */
#include <arch/cpu.h>
#include <arch/pagetable.h>
#include <kernel/extable/extable.h>
#include <kernel/lib/panic.h>
#include <kernel/lib/sha256.h>
#include <kernel/seal.h>
#include <quench/log.h>
#include <quench/records.h>
#include <quench/string.h>

extern const u8 __start_text[], __stop_text[], __start_extable[], __stop_extable[];

void seal_kernel(void)
{
	arch_seal_mappings();
	arch_cpu_seal();

	bool faulted = arch_cpu_probe_text();

	record_begin("seal");
	record_bool("wp", arch_cpu_wp());
	record_string("probe", faulted ? "faulted" : "wrote");
	record_end();
	if (!faulted || !arch_cpu_wp())
		panic("the seal does not hold: CR0.WP %u, a write to text %s", arch_cpu_wp(),
		      faulted ? "faulted" : "went through");
	log_line(
		"seal: CR0.WP on; a write to text faulted and came back through the exception table");
}

static void check_mappings(void)
{
	struct arch_mapping_fault fault;
	size_t pages, bad = arch_walk_wx(&fault, &pages);

	if (bad)
		panic("%zu mappings break W^X, the first at 0x%lx with rights %u", bad,
		      fault.address, fault.prot);
	log_line("verify: %zu mappings, none both writable and executable", pages);
}

/* Text and exception table are one stretch of the text segment; the digest takes both. */
static void text_digest(char hex[SHA256_HEX_LENGTH + 1])
{
	struct sha256 hash;
	u8 digest[SHA256_BYTES];

	sha256_init(&hash);
	sha256_feed(&hash, __start_text, (size_t)(__stop_text - __start_text));
	sha256_feed(&hash, __start_extable, (size_t)(__stop_extable - __start_extable));
	sha256_finish(&hash, digest);
	sha256_hex(digest, hex);
}

void seal_verify(const char *expect)
{
	char hex[SHA256_HEX_LENGTH + 1];

	check_mappings();
	if (!extable_verify())
		panic("the exception table is not sorted and unique, or points outside text");
	text_digest(hex);
	log_line("verify: text and exception table sha256 %s", hex);
	record_begin("digest");
	record_string("text_sha256", hex);
	record_end();
	if (expect && memcmp(expect, hex, SHA256_HEX_LENGTH))
		refuse("the text is not the expected one: expect=%s but the digest is %s; boot without "
		       "expect= or ask `tools/quench whatif` for this processor and command line",
		       expect, hex);
}

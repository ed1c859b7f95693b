/* SPDX-License-Identifier: MIT */
/* Faults at every byte of every variant, called directly. */
#include "copy_faults.h"

#define FULL_BYTES 40 /* up to here nothing is left out */

const size_t fault_long_lengths[] = { 510, 511,  512,  513,  514,  576,  639, 640,
				      641, 4095, 4096, 4097, 8191, 8192, 8193 };
const size_t nr_fault_long_lengths = ARRAY_SIZE(fault_long_lengths);

static u64 random_state;

void faults_seed(u64 seed)
{
	random_state = seed;
}

/* SplitMix64 (Steele, Lea, Flood: "Fast Splittable Pseudorandom Number Generators"). */
static u64 next_random(void)
{
	u64 z = random_state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

bool fault_taken(size_t n, unsigned one_in)
{
	return long_form || n <= FULL_BYTES || next_random() % one_in == 0;
}

/* The alignment of the side that faults follows from where: all 64 come with every 64 places. */
static void load_faults(const struct copy_variant *v, size_t n, unsigned one_in)
{
	for (size_t good = 0; good < n; good++)
		for (size_t a = 0; a < FAULT_ALIGNMENTS; a++)
			if (fault_taken(n, one_in))
				check_copy(v->name, v->copy, middle(to_area) + a,
					   from_area.end - good, n);
}

static void store_faults(const struct copy_variant *v, size_t n, unsigned one_in)
{
	for (size_t good = 0; good < n; good++)
		for (size_t a = 0; a < FAULT_ALIGNMENTS; a++)
			if (fault_taken(n, one_in))
				check_copy(v->name, v->copy, to_area.end - good,
					   middle(from_area) + a, n);
}

static void loads(const void *variant)
{
	for (size_t n = 1; n <= FAULT_SHORT_BYTES; n++)
		load_faults(variant, n, ONE_IN_SHORT);
}

static void stores(const void *variant)
{
	for (size_t n = 1; n <= FAULT_SHORT_BYTES; n++)
		store_faults(variant, n, ONE_IN_SHORT);
}

static void long_ones(const void *variant)
{
	for (size_t i = 0; i < nr_fault_long_lengths; i++) {
		load_faults(variant, fault_long_lengths[i], ONE_IN_LONG);
		store_faults(variant, fault_long_lengths[i], ONE_IN_LONG);
	}
}

/* Without a threshold loops go on where `rep` took over. */
static void long_loops(const void *variant)
{
	const struct feature_set none = { 0 };

	play_features(&none, &no_thresholds);
	long_ones(variant);
	play_features(&none, &short_thresholds);
}

/* An address in the area's third page that is `address` + d modulo a page. */
static u8 *place_beside(struct area area, const u8 *address, size_t d)
{
	u8 *page = area.start + 2 * PAGE_BYTES;

	return page + ((size_t)address - (size_t)page + d) % PAGE_BYTES;
}

#define CLIFF_BYTES 40

/* The destination a little above the source modulo a page, and right beside that: with
 * REP_MOVS_CLIFF a loop takes over from `rep`, and some variants look whatever the features. */
static void cliff_faults(const struct copy_variant *v, size_t n)
{
	for (size_t good = 0; good < n; good++)
		for (size_t d = 0; d < CLIFF_BYTES; d++) {
			u8 *to = to_area.end - good, *from = from_area.end - good;

			if (!fault_taken(n, ONE_IN_LONG))
				continue;
			check_copy(v->name, v->copy, place_beside(to_area, from, d), from, n);
			check_copy(v->name, v->copy, to, place_beside(from_area, to, -d), n);
		}
}

static void around_the_cliff(const void *variant)
{
	struct feature_set cliff = { 0 };

	feature_add(&cliff, FEATURE_REP_MOVS_CLIFF);
	play_features(&cliff, &short_thresholds);
	for (size_t n = 64; n <= FAULT_SHORT_BYTES; n += 8)
		cliff_faults(variant, n);
	for (size_t i = 0; i < nr_fault_long_lengths; i++)
		cliff_faults(variant, fault_long_lengths[i]);
	cliff = (struct feature_set){ 0 };
	play_features(&cliff, &short_thresholds);
}

static void no_faults(const void *variant)
{
	const struct copy_variant *v = variant;

	for (size_t n = 0; n <= FAULT_SHORT_BYTES; n++)
		for (size_t to = 0; to < FAULT_ALIGNMENTS; to++)
			for (size_t from = 0; from < FAULT_ALIGNMENTS; from++)
				if (fault_taken(n, ONE_IN_GOOD))
					check_copy(v->name, v->copy, middle(to_area) + to,
						   middle(from_area) + from, n);
}

/* Lengths 1 to 8191 at 16 by 16 alignments: 2.1 million cases, none of them left out. */
static void every_length(const void *variant)
{
	const struct copy_variant *v = variant;

	for (size_t n = 1; n <= 8191; n++)
		for (size_t to = 0; to < 16; to++)
			for (size_t from = 0; from < 16; from++)
				check_copy(v->name, v->copy, middle(to_area) + to,
					   middle(from_area) + from, n);
}

static void both_sides(const void *variant)
{
	const struct copy_variant *v = variant;

	for (size_t n = 1; n <= FAULT_SHORT_BYTES; n++)
		for (size_t load = 0; load <= n; load++)
			for (size_t store = load % 3; store <= n; store += 3)
				if (fault_taken(n, ONE_IN_SHORT * 3))
					check_copy(v->name, v->copy, to_area.end - store,
						   from_area.end - load, n);
}

/* Inside the hole of non-canonical addresses, where the processor raises #GP; its first and last
 * addresses, of which an access may reach beyond. No process has memory right below the hole, so
 * here all bytes are left; the kernel's own self-test has this fault at every byte. */
static const u64 holes[] = {
	UINT64_C(0x0000800000000000),
	UINT64_C(0x0000ffffffffffc0),
	UINT64_C(0x8000000000000000),
	UINT64_C(0xffff7fffffffff80),
};

static void general_protections(const void *variant)
{
	const struct copy_variant *v = variant;
	const u64 before = fault_counts.general_protections;

	for (size_t i = 0; i < ARRAY_SIZE(holes); i++)
		for (size_t a = 0; a < FAULT_ALIGNMENTS; a++)
			for (size_t n = 1; n <= FAULT_SHORT_BYTES; n++) {
				u8 *wild = (u8 *)(holes[i] + a);

				if (!fault_taken(n, ONE_IN_WILD))
					continue;
				check_nothing_copied(v->name, v->copy, wild,
						     middle(from_area) + n % 64, n);
				check_nothing_copied(v->name, v->copy, middle(to_area) + n % 64,
						     wild, n);
			}
	if (fault_counts.general_protections == before)
		wrong("%s: no general protection fault came", v->name);
}

static void clear_faults(const struct clear_variant *v, size_t n)
{
	for (size_t good = 0; good < n; good++)
		check_clear(v->name, v->clear, to_area.end - good, n);
	for (size_t a = 0; a < FAULT_ALIGNMENTS; a++)
		check_clear(v->name, v->clear, middle(to_area) + a, n);
}

static void clears(const void *variant)
{
	for (size_t n = 0; n <= FAULT_SHORT_BYTES; n++)
		clear_faults(variant, n);
	for (size_t i = 0; i < nr_fault_long_lengths; i++)
		clear_faults(variant, fault_long_lengths[i]);
}

static void clears_in_loops(const void *variant)
{
	const struct feature_set none = { 0 };

	play_features(&none, &no_thresholds);
	for (size_t i = 0; i < nr_fault_long_lengths; i++)
		clear_faults(variant, fault_long_lengths[i]);
	play_features(&none, &short_thresholds);
}

static void clears_nowhere(const void *variant)
{
	const struct clear_variant *v = variant;
	const u64 before = fault_counts.general_protections;

	for (size_t i = 0; i < ARRAY_SIZE(holes); i++)
		for (size_t a = 0; a < FAULT_ALIGNMENTS; a++)
			for (size_t n = 1; n <= FAULT_SHORT_BYTES; n++)
				check_nothing_cleared(v->name, v->clear, (u8 *)(holes[i] + a), n);
	if (fault_counts.general_protections == before)
		wrong("%s: no general protection fault came", v->name);
}

const struct fault_kind faults_of_variants[] = {
	{ "load faults", loads, EACH_COPY },
	{ "store faults", stores, EACH_COPY },
	{ "a fault on either side", both_sides, EACH_COPY },
	{ "long copies", long_ones, EACH_COPY },
	{ "long copies in loops", long_loops, EACH_COPY },
	{ "around the cliff", around_the_cliff, EACH_COPY },
	{ "no fault", no_faults, EACH_COPY },
	{ "every length to 8191", every_length, EACH_COPY },
	{ "general protection faults", general_protections, EACH_COPY },
	{ "clear", clears, EACH_CLEAR },
	{ "clear in loops", clears_in_loops, EACH_CLEAR },
	{ "clear, general protection faults", clears_nowhere, EACH_CLEAR },
	{ NULL, NULL, ONCE },
};

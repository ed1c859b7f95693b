/* SPDX-License-Identifier: MIT */
/* One record by itself: its condition, and whether it can be trusted. PURE. */
#include <kernel/alternatives/record.h>
#include <quench/compiler.h>

__early bool alt_same_site(const struct alt_entry *a, const struct alt_entry *b)
{
	return alt_site_of(a) == alt_site_of(b) && a->site_bytes == b->site_bytes &&
	       a->default_bytes == b->default_bytes && a->depth == b->depth &&
	       alt_kind_of(a) == ALT_CODE && alt_kind_of(b) == ALT_CODE;
}

__early bool alt_holds(const struct alt_entry *entry, const struct feature_set *features)
{
	bool any = alt_op_of(entry) == ALT_ANY_OF && entry->nr_terms;

	for (unsigned i = 0; i < entry->nr_terms; i++) {
		bool absent = entry->terms[i] & ALT_NOT;
		unsigned feature = entry->terms[i] & ~(unsigned)ALT_NOT;

		if ((feature_test(features, feature) != absent) == any)
			return any;
	}
	return !any;
}

static __early const char *condition_defect(const struct alt_entry *entry)
{
	if (entry->nr_terms > ALT_MAX_TERMS)
		return "its condition has too many terms";
	if (alt_op_of(entry) > ALT_ANY_OF)
		return "its condition combines terms in an unknown way";
	for (unsigned i = 0; i < entry->nr_terms; i++)
		if ((entry->terms[i] & ~(unsigned)ALT_NOT) >= NR_FEATURES)
			return "its condition names an unknown feature";
	return NULL;
}

static __early const char *site_defect(const struct alt_image *image, const struct alt_entry *entry)
{
	const u8 *site = alt_site_of(entry);

	if (!entry->site_bytes)
		return "the site has no bytes";
	if (entry->default_bytes > entry->site_bytes)
		return "the default code is longer than the site";
	if (entry->depth)
		return NULL; /* the site around it says where it may stand */
	if (!alt_within(site, entry->site_bytes, image->text.start,
			(size_t)(image->text.stop - image->text.start)))
		return "the site is not within the kernel's text";
	if (site + entry->site_bytes > image->early.start && site < image->early.stop)
		return "the site stands in code that the patcher itself runs";
	return NULL;
}

static __early const char *code_defect(const struct alt_image *image, const struct alt_entry *entry)
{
	const struct alt_range *range = &image->replacements;

	if (entry->depth >= ALT_MAX_DEPTH)
		return "the site is nested too deep";
	if (entry->replacement_bytes > entry->site_bytes)
		return "a version is longer than the site";
	if (!alt_within(alt_replacement_of(entry), entry->replacement_bytes, range->start,
			(size_t)(range->stop - range->start)))
		return "a version is not within the section of versions";
	return NULL;
}

static __early const char *constant_defect(const struct alt_entry *entry)
{
	if (entry->depth > ALT_MAX_DEPTH)
		return "the constant is nested too deep";
	if ((u32)entry->replacement >= NR_ALT_CONSTANTS)
		return "it asks for an unknown runtime constant";
	if (entry->replacement_bytes || entry->nr_terms ||
	    entry->default_bytes != entry->site_bytes)
		return "a runtime constant has no version and no condition";
	return NULL;
}

__early const char *alt_record_defect(const struct alt_image *image, const struct alt_entry *entry)
{
	const char *defect = condition_defect(entry);

	if (!defect)
		defect = site_defect(image, entry);
	if (defect)
		return defect;
	switch (alt_kind_of(entry)) {
	case ALT_CODE:
		return code_defect(image, entry);
	case ALT_CONSTANT:
		return constant_defect(entry);
	default:
		return "the record is of an unknown kind";
	}
}

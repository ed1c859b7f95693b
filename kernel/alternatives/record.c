/* SPDX-License-Identifier: MIT */
/* One record by itself: its condition, and whether it can be trusted. PURE. */
#include <kernel/alternatives/record.h>

static const char *condition_defect(const struct alt_entry *entry)
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

static const char *site_defect(const struct alt_image *image, const struct alt_entry *entry)
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

static const char *code_defect(const struct alt_image *image, const struct alt_entry *entry)
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

static const char *constant_defect(const struct alt_entry *entry)
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

const char *alt_record_defect(const struct alt_image *image, const struct alt_entry *entry)
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

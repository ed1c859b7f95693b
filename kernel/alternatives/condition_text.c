/* SPDX-License-Identifier: MIT */
/* Conditions as people read them. PURE. */
#include <kernel/alternatives/record.h>
#include <quench/format.h>

struct text {
	char *out;
	size_t size, used;
};

static void append(struct text *text, const char *word)
{
	if (text->used < text->size)
		text->used += format(text->out + text->used, text->size - text->used, "%s", word);
}

static void append_term(struct text *text, u16 term)
{
	const char *name = feature_name(term & ~(unsigned)ALT_NOT);

	if (term & ALT_NOT)
		append(text, "not ");
	append(text, name ? name : "?");
}

static void append_terms(struct text *text, const struct alt_entry *entry)
{
	if (entry->nr_terms > 1)
		append(text, alt_op_of(entry) == ALT_ANY_OF ? "any_of(" : "all_of(");
	for (unsigned i = 0; i < entry->nr_terms && i < ALT_MAX_TERMS; i++) {
		if (i)
			append(text, ", ");
		append_term(text, entry->terms[i]);
	}
	if (entry->nr_terms > 1)
		append(text, ")");
}

void alt_condition_text(char *out, size_t size, const struct alt_entry *entry)
{
	struct text text = { out, size, 0 };

	if (alt_kind_of(entry) == ALT_CONSTANT) {
		const char *name = alt_constant_name((unsigned)entry->replacement);

		append(&text, "constant ");
		append(&text, name ? name : "?");
	} else if (!entry->nr_terms) {
		append(&text, "always");
	} else {
		append_terms(&text, entry);
	}
}

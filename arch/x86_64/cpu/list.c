/* SPDX-License-Identifier: MIT */
/* The command line's say on features: cpu=-smap,+erms. PURE. */
#include <asm/errno.h>
#include <quench/format.h>
#include <x86/cpu_features.h>

#define NAME_MAX_BYTES 32 /* longer than any name */

struct word {
	const char *text; /* with its sign */
	size_t n;
};

struct message {
	char *out;
	size_t bytes;
};

static char upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Edits between the word, n <= NAME_MAX_BYTES bytes, and the name, case apart: a byte missing,
 * added, or wrong, or two neighbours swapped. */
static size_t distance(const char *word, size_t n, const char *name)
{
	size_t rows[3][NAME_MAX_BYTES + 1];
	size_t k;

	for (size_t i = 0; i <= n; i++)
		rows[0][i] = i;
	for (k = 1; name[k - 1]; k++) {
		size_t *row = rows[k % 3];
		const size_t *above = rows[(k - 1) % 3], *two_above = rows[(k + 1) % 3];

		row[0] = k;
		for (size_t i = 1; i <= n; i++) {
			char c = upper(word[i - 1]);

			row[i] = least(above[i], row[i - 1]) + 1;
			row[i] = least(row[i], above[i - 1] + (c != name[k - 1]));
			if (i > 1 && k > 1 && c == name[k - 2] && upper(word[i - 2]) == name[k - 1])
				row[i] = least(row[i], two_above[i - 2] + 1);
		}
	}
	return rows[(k - 1) % 3][n];
}

/* The name nearest to the word, or NULL when none is near enough to be what was meant. */
static const char *nearest(const char *word, size_t n)
{
	const char *best = NULL;
	size_t best_distance = n / 3 + 1;

	if (n > NAME_MAX_BYTES)
		return NULL;
	for (unsigned i = 0; i < NR_FEATURES; i++) {
		size_t d = distance(word, n, feature_name(i));

		if (d > best_distance || (d == best_distance && best))
			continue;
		best = feature_name(i);
		best_distance = d;
	}
	return best;
}

static int unknown(const struct word *word, struct message *message)
{
	const char *hint = nearest(word->text + 1, word->n - 1);
	int shown = word->n < 2 * NAME_MAX_BYTES ? (int)word->n : 2 * NAME_MAX_BYTES;

	if (hint)
		format(message->out, message->bytes, "cpu=%.*s: no such feature; did you mean %s?",
		       shown, word->text, hint);
	else
		format(message->out, message->bytes,
		       "cpu=%.*s: no such feature; arch/x86_64/cpu/features.def lists them", shown,
		       word->text);
	return -EINVAL;
}

static int refuse(const struct word *word, const char *why, struct message *message)
{
	int shown = word->n < 2 * NAME_MAX_BYTES ? (int)word->n : 2 * NAME_MAX_BYTES;

	format(message->out, message->bytes, "cpu=%.*s: %s", shown, word->text, why);
	return -EINVAL;
}

/* What may be claimed of any processor: the instructions are there on every one of them, or the
 * feature only chooses between ways that all work. */
static bool forcible(unsigned feature)
{
	switch (feature) {
	case FEATURE_ERMS:
	case FEATURE_FSRM:
	case FEATURE_FZRM:
	case FEATURE_FSRS:
	case FEATURE_FSRC:
	case FEATURE_FAST_STRINGS:
	case FEATURE_REP_GOOD:
	case FEATURE_FAST_UNALIGNED:
	case FEATURE_REP_MOVS_CLIFF:
		return true;
	default:
		return false;
	}
}

static bool chosen_by_copy(unsigned feature)
{
	return feature >= FEATURE_COPY_ALIGNED && feature <= FEATURE_COPY_STREAMING;
}

static int add(const struct word *word, unsigned feature, const struct feature_set *held,
	       struct feature_set *set, struct message *message)
{
	int missing = feature_missing(set, feature);
	char why[96];

	if (!forcible(feature) && !feature_test(held, feature))
		return refuse(word, "this processor lacks it, and its use would fault", message);
	if (missing >= 0) {
		format(why, sizeof(why), "it needs %s, which is off",
		       feature_name((unsigned)missing));
		return refuse(word, why, message);
	}
	feature_add(set, feature);
	return 0;
}

static int take(const struct word *word, unsigned feature, struct feature_set *set,
		struct message *message)
{
	bool complete = cpu_lacks(set) < 0;
	char why[96];
	int lost;

	feature_remove(set, feature);
	feature_close(set);
	lost = complete ? cpu_lacks(set) : -1;
	if (lost < 0)
		return 0;
	format(why, sizeof(why), "the kernel cannot run without %s", feature_name((unsigned)lost));
	return refuse(word, why, message);
}

static int apply_word(const struct word *word, const struct feature_set *held,
		      struct feature_set *set, struct message *message)
{
	int feature;

	if (word->n < 2 || (word->text[0] != '+' && word->text[0] != '-'))
		return refuse(word, "say +FEATURE or -FEATURE, several with commas", message);
	feature = feature_by_name(word->text + 1, word->n - 1);
	if (feature < 0)
		return unknown(word, message);
	if (chosen_by_copy((unsigned)feature))
		return refuse(word, "choose the copy variant with copy=NAME", message);
	if (word->text[0] == '+')
		return add(word, (unsigned)feature, held, set, message);
	return take(word, (unsigned)feature, set, message);
}

int cpu_list_apply(const char *list, struct feature_set *set, char *error, size_t error_bytes)
{
	struct message message = { error, error_bytes };
	const struct feature_set held = *set;
	struct feature_set result = *set;

	if (!list || !*list)
		return 0;
	for (;;) {
		struct word word = { list, 0 };
		int status;

		while (list[word.n] && list[word.n] != ',')
			word.n++;
		status = apply_word(&word, &held, &result, &message);
		if (status)
			return status;
		list += word.n;
		if (!*list++)
			break;
	}
	*set = result;
	return 0;
}

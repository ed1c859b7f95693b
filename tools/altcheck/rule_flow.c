/* SPDX-License-Identifier: MIT */
/* Rules on what a function does, for every combination of the features its sites ask for: user
 * accesses, AC and DF. */
#include "flow.h"

#include <stdlib.h>

struct subject {
	const struct check *check;
	const struct function *function;
	const struct user_routine *routine;
	bool interrupt_entry;
	struct combination combination;
	struct stream stream;
	struct flow flow;
	bool *reached; /* by index into check->code */
};

/* What the finding is about ends in "with SMAP, without ..." */
#define COMPLAIN(subject, rule, step, what)                                            \
	do {                                                                           \
		char features[256];                                                    \
		combination_name(&(subject)->combination, features, sizeof(features)); \
		report((subject)->check, rule, (step)->from, what ", in %s, %s",       \
		       (subject)->function->name, features);                           \
	} while (0)

static void judge_access(const struct subject *subject, const struct step *step,
			 const struct state *state, const struct memory_operand *memory)
{
	enum kind kind = flow_memory_kind(state, memory);

	if (kind == KIND_USER) {
		if (state->window != MAY_BE_SET)
			COMPLAIN(subject, RULE_USER_WINDOW, step,
				 "user memory is touched while the window may be closed");
		else if (!step->nr_entries)
			COMPLAIN(subject, RULE_USER_COVERED, step,
				 "an access to user memory has no live exception table entry");
	} else if (kind == KIND_DATA && state->window & MAY_BE_SET && !step->nr_entries) {
		COMPLAIN(subject, RULE_USER_WINDOW, step,
			 "a pointer of unknown origin is followed in the window");
	}
}

/* <arch/uaccess_const.h>: a copy in any function at all, whose window holds nothing but accesses
 * with an entry, and its end. */
static bool may_stand_in_any_window(const struct step *step)
{
	return (step->nr_entries && step->insn->nr_memory) || step->closes ||
	       step->insn->effect == EFFECT_CLAC;
}

static void judge_accesses(const struct subject *subject, const struct step *step,
			   const struct state *state)
{
	if (state->window & MAY_BE_SET && !subject->routine && !may_stand_in_any_window(step)) {
		COMPLAIN(subject, RULE_USER_WINDOW, step,
			 "the window holds more than covered accesses, in a function whose user "
			 "pointers are not known");
		return;
	}
	for (unsigned i = 0; i < step->insn->nr_memory; i++)
		judge_access(subject, step, state, &step->insn->memory[i]);
}

static bool leaves(const struct subject *subject, u64 address)
{
	return address < subject->function->start || address >= subject->function->end;
}

/* Interrupt entries may go on in one another before they have put the flags right. */
static bool stays_in_entry(const struct subject *subject, u64 target)
{
	const struct function *function = code_function(subject->check, target);

	return subject->interrupt_entry && function && is_interrupt_entry(function->name);
}

static void judge_jump_out(const struct subject *subject, const struct step *step,
			   const struct state *state, u64 target)
{
	if (stays_in_entry(subject, target))
		return;
	if (state->ac & MAY_BE_SET)
		COMPLAIN(subject, RULE_AC_CALL, step, "the function is left by a jump with AC set");
	if (state->df & MAY_BE_SET)
		COMPLAIN(subject, RULE_DF, step, "the function is left by a jump with DF set");
}

static void judge_call(const struct subject *subject, const struct step *step,
		       const struct state *state)
{
	if (state->ac & MAY_BE_SET)
		COMPLAIN(subject, RULE_AC_CALL, step, "a call with AC set");
	if (state->df & MAY_BE_SET)
		COMPLAIN(subject, RULE_DF, step, "a call with DF set");
}

static void judge_return(const struct subject *subject, const struct step *step,
			 const struct state *state)
{
	if (state->ac & MAY_BE_SET)
		COMPLAIN(subject, RULE_AC_RETURN, step, "a return with AC set");
	if (state->df & MAY_BE_SET)
		COMPLAIN(subject, RULE_DF, step, "a return with DF set");
}

static void judge_flow(const struct subject *subject, const struct step *step,
		       const struct state *state)
{
	const struct insn *insn = step->insn;
	u64 next = step->at + step->bytes;

	if (insn->effect == EFFECT_PUSHF && ((state->ac | state->df) & MAY_BE_SET))
		COMPLAIN(subject, RULE_FLAGS_SAVED, step, "flags are saved with AC or DF set");
	switch (insn->flow) {
	case FLOW_CALL:
	case FLOW_CALL_INDIRECT:
		judge_call(subject, step, state);
		break;
	case FLOW_RETURN:
		judge_return(subject, step, state);
		break;
	case FLOW_JUMP_INDIRECT:
		judge_jump_out(subject, step, state, 0);
		break;
	case FLOW_BRANCH:
	case FLOW_JUMP:
		if (leaves(subject, step->target))
			judge_jump_out(subject, step, state, step->target);
		break;
	case FLOW_NEXT:
		if (leaves(subject, next) && !insn->nop)
			judge_jump_out(subject, step, state, next);
		break;
	default:
		break;
	}
	if (step->fixup && leaves(subject, step->fixup))
		judge_jump_out(subject, step, state, step->fixup);
}

static bool was_reached(const struct subject *subject, const struct insn *insn)
{
	return subject->reached[insn - subject->check->code];
}

/* Looks at all steps of the run; `dead`: only at those that no run before has reached. */
static void judge(const struct subject *subject, bool dead)
{
	for (size_t i = 0; i < subject->stream.nr_steps; i++) {
		const struct step *step = &subject->stream.steps[i];
		const struct state *state = &subject->flow.states[i];

		if (!step->insn || !state->reached || (dead && was_reached(subject, step->insn)))
			continue;
		judge_accesses(subject, step, state);
		judge_flow(subject, step, state);
	}
}

static void remember_reached(struct subject *subject)
{
	for (size_t i = 0; i < subject->stream.nr_steps; i++) {
		const struct step *step = &subject->stream.steps[i];

		if (step->insn && subject->flow.states[i].reached)
			subject->reached[step->insn - subject->check->code] = true;
	}
}

/* Whether SMAP may be there: it is one of the features and absent, or it is. */
static bool may_have_smap(const struct combination *combination)
{
	for (unsigned i = 0; i < combination->nr_features; i++)
		if (combination->features[i] == FEATURE_SMAP)
			return combination->present >> i & 1;
	return true;
}

static void run_entry(struct subject *subject)
{
	struct state entry = flow_entry(subject->routine, subject->interrupt_entry,
					may_have_smap(&subject->combination));

	flow_begin(&subject->flow, &subject->stream);
	if (subject->stream.nr_steps)
		flow_from(&subject->flow, 0, &entry);
	judge(subject, false);
	remember_reached(subject);
}

/* What nothing has reached is the target of an indirect jump, or an entry of its own. */
static void run_rest(struct subject *subject)
{
	struct state entry =
		flow_entry(NULL, subject->interrupt_entry, may_have_smap(&subject->combination));

	flow_begin(&subject->flow, &subject->stream);
	for (size_t i = 0; i < subject->stream.nr_steps; i++) {
		const struct step *step = &subject->stream.steps[i];

		if (step->insn && !step->insn->nop && !was_reached(subject, step->insn) &&
		    !subject->flow.states[i].reached)
			flow_from(&subject->flow, i, &entry);
	}
	judge(subject, true);
}

/* Adds what all sites of the function ask for. */
static bool add_features(struct subject *subject)
{
	const struct check *check = subject->check;

	for (size_t i = sites_from(check, subject->function->start);
	     i < check->nr_good_sites && check->by_root[i]->root < subject->function->end; i++)
		for (u32 k = 0; k < check->by_root[i]->count && !check->by_root[i]->constant; k++)
			if (!combination_add(&subject->combination,
					     &check->records[check->by_root[i]->first + k]))
				return false;
	return true;
}

static void run(struct subject *subject, struct check *check)
{
	if (!add_features(subject)) {
		report(check, RULE_COMBINATIONS, subject->function->start,
		       "the function's sites ask for more than %d features", MAX_COMBINED_FEATURES);
		return;
	}
	do {
		if (!stream_make(&subject->stream, check, subject->function, &subject->combination))
			return;
		run_entry(subject);
		check->nr_combinations++;
	} while (combination_next(&subject->combination));
	if (stream_make(&subject->stream, check, subject->function, &subject->combination))
		run_rest(subject);
}

static bool matters_in(const struct check *check, u64 start, u64 end)
{
	size_t entry = entry_from(check, start);

	if (entry < check->nr_entries && check->entries[entry].insn < end)
		return true;
	for (size_t i = code_from(check, start); i < check->nr_code && check->code[i].address < end;
	     i++)
		if (check->code[i].effect)
			return true;
	return false;
}

/* Only functions that do something with AC, DF or user memory, in any version, are worth a run:
 * all others are entered with both clear and leave them alone. */
static bool matters(const struct subject *subject)
{
	const struct check *check = subject->check;
	const struct function *function = subject->function;

	if (subject->routine || subject->interrupt_entry ||
	    matters_in(check, function->start, function->end))
		return true;
	for (size_t i = sites_from(check, function->start);
	     i < check->nr_good_sites && check->by_root[i]->root < function->end; i++) {
		const struct site *site = check->by_root[i];

		for (u32 k = site->first; k < site->first + site->count && !site->constant; k++)
			if (matters_in(check, check->records[k].version,
				       check->records[k].version +
					       check->records[k].raw.replacement_bytes))
				return true;
	}
	return false;
}

/* Sites with stac in a version and clac in none open the window, whichever version wins. */
static void mark_sites(struct check *check)
{
	for (size_t i = 0; i < check->nr_extents; i++) {
		const struct extent *extent = &check->extents[i];
		struct site *site = &check->sites[extent->site];

		for (size_t k = code_from(check, extent->start);
		     k < check->nr_code && check->code[k].address < extent->end; k++) {
			site->opens |= check->code[k].effect == EFFECT_STAC;
			site->closes |= check->code[k].effect == EFFECT_CLAC;
		}
	}
	for (size_t i = 0; i < check->nr_sites; i++)
		if (check->sites[i].opens && check->sites[i].closes)
			check->sites[i].opens = check->sites[i].closes = false;
}

/* A function has no more steps, in any version, than bytes. */
static size_t longest_function(const struct check *check)
{
	size_t longest = 0;

	for (size_t i = 0; i < check->nr_functions; i++)
		if (check->functions[i].end - check->functions[i].start > longest)
			longest = check->functions[i].end - check->functions[i].start;
	return longest;
}

void check_functions(struct check *check)
{
	struct subject subject = { .check = check };

	subject.reached = calloc(check->nr_code + 1, sizeof(*subject.reached));
	if (!subject.reached || !flow_init(&subject.flow, longest_function(check)))
		abort();
	mark_sites(check);
	for (size_t i = 0; i < check->nr_functions; i++) {
		subject.function = &check->functions[i];
		subject.routine = user_routine_named(subject.function->name);
		subject.interrupt_entry = is_interrupt_entry(subject.function->name);
		subject.combination = (struct combination){ 0 };
		if (matters(&subject))
			run(&subject, check);
	}
	stream_free(&subject.stream);
	flow_free(&subject.flow);
	free(subject.reached);
}

/* SPDX-License-Identifier: MIT */
/* The abstract interpretation of a function for one combination of features. PURE. */
#include "flow.h"

#include <stdlib.h>
#include <string.h>

/* Not preserved by a call; System V ABI, "Register Usage". */
#define SCRATCH_REGISTERS 0x0fc7 /* rax rcx rdx rsi rdi r8-r11 */

struct state flow_entry(const struct user_routine *routine, bool unknown_flags, bool smap)
{
	struct state state = {
		.reached = true,
		.ac = MAY_BE_CLEAR | (unknown_flags && smap ? MAY_BE_SET : 0),
		.df = MAY_BE_CLEAR | (unknown_flags ? MAY_BE_SET : 0),
		.window = MAY_BE_CLEAR,
	};

	for (unsigned reg = 0; reg < ARRAY_SIZE(state.kind); reg++) {
		state.kind[reg] = KIND_DATA;
		if (routine && routine->user & REG_BIT(reg))
			state.kind[reg] = KIND_USER;
		if (reg == REG_RSP || (routine && routine->kernel & REG_BIT(reg)))
			state.kind[reg] = KIND_KERNEL;
	}
	return state;
}

bool flow_init(struct flow *flow, size_t n)
{
	flow->states = calloc(n + 1, sizeof(*flow->states));
	flow->work = calloc(n + 1, sizeof(*flow->work));
	flow->queued = calloc(n + 1, sizeof(*flow->queued));
	return flow->states && flow->work && flow->queued;
}

void flow_free(struct flow *flow)
{
	free(flow->states);
	free(flow->work);
	free(flow->queued);
}

void flow_begin(struct flow *flow, const struct stream *stream)
{
	flow->stream = stream;
	memset(flow->states, 0, stream->nr_steps * sizeof(*flow->states));
}

/* Joins `from` into `into`; whether that changed it. */
static bool join(struct state *into, const struct state *from)
{
	struct state old = *into;

	if (!into->reached) {
		*into = *from;
		return true;
	}
	into->ac |= from->ac;
	into->df |= from->df;
	into->window |= from->window;
	for (unsigned reg = 0; reg < ARRAY_SIZE(into->kind); reg++)
		if (from->kind[reg] > into->kind[reg])
			into->kind[reg] = from->kind[reg];
	return memcmp(&old, into, sizeof(old)) != 0;
}

/* A user pointer and an offset is a user pointer; a kernel pointer and data, a kernel pointer. */
static enum kind combine(enum kind a, enum kind b)
{
	if (a == KIND_USER || b == KIND_USER)
		return KIND_USER;
	return a == KIND_KERNEL || b == KIND_KERNEL ? KIND_KERNEL : KIND_DATA;
}

enum kind flow_memory_kind(const struct state *state, const struct memory_operand *memory)
{
	enum kind kind = KIND_DATA;

	/* RIP-relative, absolute or by segment alone: the kernel's own. */
	if (memory->base == REG_NONE && memory->index == REG_NONE)
		return KIND_KERNEL;
	if (memory->base != REG_NONE)
		kind = combine(kind, state->kind[memory->base]);
	if (memory->index != REG_NONE)
		kind = combine(kind, state->kind[memory->index]);
	return kind;
}

/* What the instruction's results are made of. */
static enum kind result_kind(const struct state *state, const struct insn *insn)
{
	enum kind kind = KIND_DATA;

	for (unsigned reg = 0; reg < ARRAY_SIZE(state->kind) && !insn->clears; reg++)
		if (insn->reads & REG_BIT(reg))
			kind = combine(kind, state->kind[reg]);
	return kind;
}

static void set_kinds(struct state *state, u16 registers, enum kind kind)
{
	for (unsigned reg = 0; reg < ARRAY_SIZE(state->kind); reg++)
		if (registers & REG_BIT(reg) && reg != REG_RSP)
			state->kind[reg] = (u8)kind;
}

static void apply_effect(struct state *state, u8 effect)
{
	switch (effect) {
	case EFFECT_STAC:
		state->ac = MAY_BE_SET;
		state->window = MAY_BE_SET;
		break;
	case EFFECT_CLAC:
		state->ac = MAY_BE_CLEAR;
		state->window = MAY_BE_CLEAR;
		break;
	case EFFECT_STD:
		state->df = MAY_BE_SET;
		break;
	case EFFECT_CLD:
		state->df = MAY_BE_CLEAR;
		break;
	case EFFECT_POPF:
		/* They were saved with both clear: rule flags-saved. */
		state->ac = MAY_BE_CLEAR;
		state->df = MAY_BE_CLEAR;
		break;
	default:
		break;
	}
}

static struct state after(const struct state *before, const struct step *step)
{
	struct state state = *before;
	const struct insn *insn = step->insn;

	if (step->opens)
		state.window = MAY_BE_SET;
	if (step->closes)
		state.window = MAY_BE_CLEAR;
	if (!insn)
		return state;
	apply_effect(&state, insn->effect);
	if (insn->flow == FLOW_CALL || insn->flow == FLOW_CALL_INDIRECT)
		set_kinds(&state, SCRATCH_REGISTERS, KIND_DATA);
	else if (!insn->string)
		set_kinds(&state, insn->writes, result_kind(before, insn));
	else if (insn->writes & REG_BIT(REG_RAX))
		set_kinds(&state, REG_BIT(REG_RAX), KIND_DATA); /* lods */
	return state;
}

static void reach(struct flow *flow, u64 address, const struct state *state)
{
	const struct step *step = stream_at(flow->stream, address);
	size_t at = step ? (size_t)(step - flow->stream->steps) : 0;

	if (!step || !join(&flow->states[at], state) || flow->queued[at])
		return;
	flow->queued[at] = true;
	flow->work[flow->nr_work++] = (u32)at;
}

static void take(struct flow *flow, size_t at)
{
	const struct step *step = &flow->stream->steps[at];
	struct state before = flow->states[at];
	struct state state = after(&before, step);
	u8 kind = step->insn ? step->insn->flow : FLOW_NEXT;

	if (kind == FLOW_NEXT || kind == FLOW_BRANCH || kind == FLOW_CALL ||
	    kind == FLOW_CALL_INDIRECT)
		reach(flow, step->at + step->bytes, &state);
	if (kind == FLOW_BRANCH || kind == FLOW_JUMP)
		reach(flow, step->target, &state);
	/* A fault strikes before, or in the middle of, what the instruction does. */
	if (step->fixup) {
		join(&before, &state);
		reach(flow, step->fixup, &before);
	}
}

void flow_from(struct flow *flow, size_t root, const struct state *state)
{
	reach(flow, flow->stream->steps[root].at, state);
	while (flow->nr_work) {
		size_t at = flow->work[--flow->nr_work];

		flow->queued[at] = false;
		take(flow, at);
	}
}

/* SPDX-License-Identifier: MIT */
/* Moving code: relative branches and RIP-relative operands keep what they refer to. PURE. */
#include <arch/text.h>
#include <asm/errno.h>
#include <quench/string.h>

/* A move under way; `out` holds the bytes as they were at `from`. */
struct mover {
	u8 *out;
	size_t n;
	u64 from, to;
	text_where_fn where;
	void *context;
};

static s64 read_displacement(const u8 *field, unsigned bytes)
{
	s32 value;

	if (bytes == 1)
		return (s8)field[0];
	memcpy(&value, field, sizeof(value));
	return value;
}

/* -ERANGE when the value does not fit. */
static int write_displacement(u8 *field, unsigned bytes, s64 value)
{
	s32 narrow = (s32)value;

	if (bytes == 1 ? value != (s8)value : value != narrow)
		return -ERANGE;
	if (bytes == 1)
		*field = (u8)value;
	else
		memcpy(field, &narrow, sizeof(narrow));
	return 0;
}

/* Corrects one displacement, of an instruction that ends `end` bytes into the code. */
static int move_field(const struct mover *m, u8 *field, unsigned bytes, size_t end)
{
	u64 target = m->from + end + (u64)read_displacement(field, bytes);
	int error;

	if (target - m->from <= m->n)
		return 0;
	error = m->where ? m->where(m->context, &target) : 0;
	if (error)
		return error;
	return write_displacement(field, bytes, (s64)(target - (m->to + end)));
}

/* One instruction `at` bytes into the code, its length in *bytes. */
static int move_insn(const struct mover *m, size_t at, size_t *bytes)
{
	struct text_insn insn;
	u8 *code = m->out + at;
	int error = text_insn_decode(&insn, code, m->n - at);

	*bytes = insn.bytes;
	if (!error && insn.branch_bytes)
		error = move_field(m, code + insn.branch_at, insn.branch_bytes, at + insn.bytes);
	if (!error && insn.rip_bytes)
		error = move_field(m, code + insn.rip_at, insn.rip_bytes, at + insn.bytes);
	return error;
}

int text_move_through(u8 *out, const u8 *code, size_t n, u64 from, u64 to, size_t *bad,
		      text_where_fn where, void *context)
{
	struct mover m = { out, n, from, to, where, context };
	size_t bytes;
	int error;

	memcpy(out, code, n);
	for (size_t at = 0; at < n; at += bytes) {
		error = move_insn(&m, at, &bytes);
		if (error) {
			if (bad)
				*bad = at;
			return error;
		}
	}
	return 0;
}

int text_move(u8 *out, const u8 *code, size_t n, u64 from, u64 to, size_t *bad)
{
	return text_move_through(out, code, n, from, to, bad, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* Lengths and address fields of 64-bit-mode instructions, from two opcode tables. PURE. */
#include <arch/text.h>
#include <asm/errno.h>

#define INSN_MAX_BYTES 15

/* All one function, so that the state of decoding can stay in registers. */
#define DECODER inline __attribute__((always_inline))

/* The immediates that may follow an opcode. */
enum immediate {
	NONE,
	B,  /* 1 byte */
	S,  /* 1 byte, sign-extended */
	W,  /* 2 */
	D,  /* 4 */
	Z,  /* 2 with prefix 66, else 4: sign-extended under REX.W */
	P,  /* the same, for PUSH: always sign-extended */
	V,  /* the same, but 8 under REX.W */
	WB, /* ENTER: 2 and 1 */
	BB, /* EXTRQ, INSERTQ: 1 and 1 */
	O,  /* MOV's absolute address: 8, with prefix 67 4 */
	J,  /* branch, 1 */
	JZ, /* branch, 4 */
	T,  /* TEST's of group 3: B when ModRM.reg is 0 or 1 */
	TZ, /* likewise Z */
	X,  /* C7: Z, but XBEGIN's branch when ModRM is F8 */
};

/* What follows an opcode: nothing (N) or a ModRM byte (M), then an immediate. 0: undefined. */
#define HAS_MODRM 0x40
#define IMMEDIATE 0x1f
enum {
	_ = 0,
	N = 0x80,
	M = 0x80 | HAS_MODRM,
	MB = M | B,
	MS = M | S,
	MT = M | T,
	MTZ = M | TZ,
	MX = M | X,
	MZ = M | Z,
	NB = N | B,
	NJ = N | J,
	NJZ = N | JZ,
	NO = N | O,
	NP = N | P,
	NS = N | S,
	NV = N | V,
	NW = N | W,
	NWB = N | WB,
	NZ = N | Z,
	MD = M | D,
	MBB = M | BB,
};

/* clang-format off */
/* One-byte opcodes. Prefixes, REX, escapes and VEX, EVEX, XOP are seen to before. */
static const u8 map_one_byte[256] = {
	/*	 0    1    2    3    4    5    6    7    8    9    a    b    c    d    e    f */
	/* 0 */	  M,   M,   M,   M,  NB,  NZ,   _,   _,   M,   M,   M,   M,  NB,  NZ,   _,   _,
	/* 1 */	  M,   M,   M,   M,  NB,  NZ,   _,   _,   M,   M,   M,   M,  NB,  NZ,   _,   _,
	/* 2 */	  M,   M,   M,   M,  NB,  NZ,   _,   _,   M,   M,   M,   M,  NB,  NZ,   _,   _,
	/* 3 */	  M,   M,   M,   M,  NB,  NZ,   _,   _,   M,   M,   M,   M,  NB,  NZ,   _,   _,
	/* 4 */	  _,   _,   _,   _,   _,   _,   _,   _,   _,   _,   _,   _,   _,   _,   _,   _,
	/* 5 */	  N,   N,   N,   N,   N,   N,   N,   N,   N,   N,   N,   N,   N,   N,   N,   N,
	/* 6 */	  _,   _,   _,   M,   _,   _,   _,   _,  NP,  MZ,  NS,  MS,   N,   N,   N,   N,
	/* 7 */	 NJ,  NJ,  NJ,  NJ,  NJ,  NJ,  NJ,  NJ,  NJ,  NJ,  NJ,  NJ,  NJ,  NJ,  NJ,  NJ,
	/* 8 */	 MB,  MZ,   _,  MS,   M,   M,   M,   M,   M,   M,   M,   M,   M,   M,   M,   M,
	/* 9 */	  N,   N,   N,   N,   N,   N,   N,   N,   N,   N,   _,   N,   N,   N,   N,   N,
	/* a */	 NO,  NO,  NO,  NO,   N,   N,   N,   N,  NB,  NZ,   N,   N,   N,   N,   N,   N,
	/* b */	 NB,  NB,  NB,  NB,  NB,  NB,  NB,  NB,  NV,  NV,  NV,  NV,  NV,  NV,  NV,  NV,
	/* c */	 MB,  MB,  NW,   N,   _,   _,  MB,  MX, NWB,   N,  NW,   N,   N,  NB,   _,   N,
	/* d */	  M,   M,   M,   M,   _,   _,   _,   N,   M,   M,   M,   M,   M,   M,   M,   M,
	/* e */	 NJ,  NJ,  NJ,  NJ,  NB,  NB,  NB,  NB, NJZ, NJZ,   _,  NJ,   N,   N,   N,   N,
	/* f */	  _,   N,   _,   _,   N,   N,  MT, MTZ,   N,   N,   N,   N,   N,   N,   M,   M,
};

/* 0F, and the same map under VEX and EVEX. */
static const u8 map_0f[256] = {
	/*	 0    1    2    3    4    5    6    7    8    9    a    b    c    d    e    f */
	/* 0 */	  M,   M,   M,   M,   _,   N,   N,   N,   N,   N,   _,   N,   _,   M,   N,  MB,
	/* 1 */	  M,   M,   M,   M,   M,   M,   M,   M,   M,   M,   M,   M,   M,   M,   M,   M,
	/* 2 */	  M,   M,   M,   M,   _,   _,   _,   _,   M,   M,   M,   M,   M,   M,   M,   M,
	/* 3 */	  N,   N,   N,   N,   N,   N,   _,   N,   _,   _,   _,   _,   _,   _,   _,   _,
	/* 4 */	  M,   M,   M,   M,   M,   M,   M,   M,   M,   M,   M,   M,   M,   M,   M,   M,
	/* 5 */	  M,   M,   M,   M,   M,   M,   M,   M,   M,   M,   M,   M,   M,   M,   M,   M,
	/* 6 */	  M,   M,   M,   M,   M,   M,   M,   M,   M,   M,   M,   M,   M,   M,   M,   M,
	/* 7 */	 MB,  MB,  MB,  MB,   M,   M,   M,   N,   M,   M,   M,   M,   M,   M,   M,   M,
	/* 8 */	NJZ, NJZ, NJZ, NJZ, NJZ, NJZ, NJZ, NJZ, NJZ, NJZ, NJZ, NJZ, NJZ, NJZ, NJZ, NJZ,
	/* 9 */	  M,   M,   M,   M,   M,   M,   M,   M,   M,   M,   M,   M,   M,   M,   M,   M,
	/* a */	  N,   N,   N,   M,  MB,   M,   M,   M,   N,   N,   N,   M,  MB,   M,   M,   M,
	/* b */	  M,   M,   M,   M,   M,   M,   M,   M,   M,   M,  MB,   M,   M,   M,   M,   M,
	/* c */	  M,   M,  MB,   M,  MB,  MB,  MB,   M,   N,   N,   N,   N,   N,   N,   N,   N,
	/* d */	  M,   M,   M,   M,   M,   M,   M,   M,   M,   M,   M,   M,   M,   M,   M,   M,
	/* e */	  M,   M,   M,   M,   M,   M,   M,   M,   M,   M,   M,   M,   M,   M,   M,   M,
	/* f */	  M,   M,   M,   M,   M,   M,   M,   M,   M,   M,   M,   M,   M,   M,   M,   M,
};
/* clang-format on */

enum map {
	MAP_ONE_BYTE,
	MAP_0F,
	MAP_0F38,
	MAP_0F3A,
	MAP_5 = 5,
	MAP_6,
	MAP_XOP8 = 8,
	MAP_XOP9,
	MAP_XOPA
};

struct decoder {
	const u8 *code;
	size_t at, available; /* `at` runs ahead of `available` when bytes are missing */
	bool opsize, addrsize, repne, rex, rex_w;
	bool no_vector; /* a prefix stands there that VEX, EVEX and XOP forbid */
	bool vector;

	u8 opcode, modrm;
	enum map map;
};

static DECODER u8 peek(const struct decoder *d)
{
	return d->at < d->available ? d->code[d->at] : 0;
}

static DECODER u8 next(struct decoder *d)
{
	u8 byte = peek(d);

	d->at++;
	return byte;
}

/* Legacy prefixes in any number and order, then REX, which counts only right before the opcode. */
static DECODER void take_prefixes(struct decoder *d)
{
	for (;; d->at++) {
		u8 byte = peek(d);

		if (map_one_byte[byte] || byte == 0x0f)
			return; /* most instructions: no prefix is an opcode, too */
		if ((byte & 0xf0) == 0x40) {
			d->rex = true;
			d->rex_w = byte & 8;
			continue;
		}
		switch (byte) {
		case 0x66:
			d->opsize = true;
			break;
		case 0x67:
			d->addrsize = true;
			break;
		case 0xf2:
			d->repne = true;
			break;
		case 0x26:
		case 0x2e:
		case 0x36:
		case 0x3e:
		case 0x64:
		case 0x65:
		case 0xf0:
		case 0xf3:
			break;
		default:
			return;
		}
		if (byte == 0x66 || byte == 0xf0 || byte == 0xf2 || byte == 0xf3)
			d->no_vector = true;
		d->rex = d->rex_w = false;
	}
}

/* C4, C5, 62 and, with a map of 8 or more, 8F: the prefix holds the map. SDM volume 2, "VEX
 * prefix" and "EVEX"; APM volume 6, "XOP". */
static DECODER int take_vector_prefix(struct decoder *d, u8 first)
{
	u8 payload = next(d);

	if (d->no_vector || d->rex)
		return -EINVAL;
	d->vector = true;
	d->map = MAP_0F;
	if (first == 0x62) {
		d->map = payload & 7;
		if (payload & 8 || !(next(d) & 4)) /* fixed bits; others are not EVEX */
			return -EINVAL;
		d->at++;
	} else if (first != 0xc5) {
		d->map = payload & 0x1f;
		if ((d->map >= MAP_XOP8) != (first == 0x8f))
			return -EINVAL;
		d->at++;
	}
	d->opcode = next(d);
	d->rex_w = d->opsize = d->repne = false;
	return d->map == MAP_ONE_BYTE ? -EINVAL : 0;
}

static DECODER int take_opcode(struct decoder *d)
{
	u8 first = next(d);

	if (first == 0xc4 || first == 0xc5 || first == 0x62)
		return take_vector_prefix(d, first);
	if (first == 0x8f && (peek(d) & 0x1f) >= MAP_XOP8)
		return take_vector_prefix(d, first);
	d->opcode = first;
	d->map = MAP_ONE_BYTE;
	if (first != 0x0f)
		return 0;
	d->map = MAP_0F;
	d->opcode = next(d);
	if (d->opcode == 0x38 || d->opcode == 0x3a) {
		d->map = d->opcode == 0x38 ? MAP_0F38 : MAP_0F3A;
		d->opcode = next(d);
	}
	return 0;
}

static DECODER u8 form_of(const struct decoder *d)
{
	switch (d->map) {
	case MAP_ONE_BYTE:
		return map_one_byte[d->opcode];
	case MAP_0F:
		if (d->opcode == 0x78 && (d->opsize || d->repne))
			return MBB;
		return map_0f[d->opcode];
	case MAP_0F38:
	case MAP_5:
	case MAP_6:
	case MAP_XOP9:
		return M;
	case MAP_0F3A:
	case MAP_XOP8:
		return MB;
	case MAP_XOPA:
		return MD;
	}
	return 0;
}

/* ModRM, SIB and displacement. SDM volume 2, "Addressing-Mode Encoding of ModR/M and SIB Bytes". */
static DECODER void take_operand(struct decoder *d, struct text_insn *insn)
{
	unsigned mod, rm;

	d->modrm = next(d);
	mod = d->modrm >> 6;
	rm = d->modrm & 7;
	if (d->map == MAP_0F && d->opcode >= 0x20 && d->opcode <= 0x23)
		mod = 3; /* MOV to and from control and debug registers ignores it */
	if (mod == 3)
		return;
	if (mod == 0 && rm == 5) {
		insn->rip_at = (u8)d->at;
		insn->rip_bytes = 4;
	} else if (rm == 4) {
		rm = next(d) & 7; /* the SIB byte's base */
	}
	if (mod == 2 || (mod == 0 && rm == 5))
		d->at += 4;
	else if (mod == 1)
		d->at += 1;
}

static DECODER enum immediate immediate_of(const struct decoder *d, u8 form)
{
	enum immediate kind = form & IMMEDIATE;

	if (kind == T || kind == TZ) /* TEST is /0 and, undocumented, /1 */
		return d->modrm >> 4 & 3 ? NONE : kind == T ? B : Z;
	if (kind == X)
		return d->modrm == 0xf8 ? JZ : Z;
	return kind;
}

static DECODER unsigned immediate_bytes(const struct decoder *d, enum immediate kind)
{
	switch (kind) {
	case B:
	case S:
	case J:
		return 1;
	case W:
	case BB:
		return 2;
	case WB:
		return 3;
	case D:
	case JZ:
		return 4;
	case V:
		return d->rex_w ? 8 : d->opsize ? 2 : 4;
	case Z:
	case P:
		return d->rex_w || !d->opsize ? 4 : 2;
	case O:
		return d->addrsize ? 4 : 8;
	default:
		return 0;
	}
}

static DECODER int take_immediate(struct decoder *d, struct text_insn *insn, enum immediate kind)
{
	unsigned bytes = immediate_bytes(d, kind);

	if (kind == JZ && (d->vector || d->opsize))
		return -EINVAL; /* with prefix 66: 2 bytes on AMD's, 4 on Intel's */
	if (kind == J || kind == JZ) {
		insn->branch_at = (u8)d->at;
		insn->branch_bytes = (u8)bytes;
	} else if (bytes && kind != WB && kind != BB && kind != O) {
		insn->immediate_at = (u8)d->at;
		insn->immediate_bytes = (u8)bytes;
		insn->immediate_signed = kind == S || kind == P || (kind == Z && d->rex_w);
	}
	d->at += bytes;
	return 0;
}

int text_insn_decode(struct text_insn *insn, const u8 *code, size_t available)
{
	struct decoder d = { .code = code, .available = available };
	u8 form;

	if (d.available > INSN_MAX_BYTES)
		d.available = INSN_MAX_BYTES;
	*insn = (struct text_insn){ 0 };
	take_prefixes(&d);
	if (d.at >= d.available || take_opcode(&d))
		return -EINVAL;
	form = form_of(&d);
	if (!form)
		return -EINVAL;
	if (form & HAS_MODRM)
		take_operand(&d, insn);
	if (form & IMMEDIATE && take_immediate(&d, insn, immediate_of(&d, form)))
		return -EINVAL;
	if (insn->rip_bytes && d.addrsize)
		return -EINVAL; /* EIP-relative: never in a kernel at -2 GiB */
	if (d.at > d.available)
		return -EINVAL;
	insn->bytes = (u8)d.at;
	return 0;
}

size_t text_insn_bytes(const u8 *code, size_t available)
{
	struct text_insn insn;

	return text_insn_decode(&insn, code, available) ? 0 : insn.bytes;
}

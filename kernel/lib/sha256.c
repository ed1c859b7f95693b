/* SPDX-License-Identifier: MIT */
/* SHA-256 (FIPS 180-4, "SHA-256 Hash Computation"). PURE. */
#include <kernel/lib/sha256.h>
#include <quench/string.h>

static const u32 round_constants[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4,
	0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe,
	0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
	0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
	0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc,
	0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
	0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116,
	0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
	0xc67178f2,
};

static u32 rotate_right(u32 x, unsigned n)
{
	return x >> n | x << (32 - n);
}

static u32 load_be32(const u8 *p)
{
	u32 value;

	memcpy(&value, p, sizeof(value));
	return __builtin_bswap32(value);
}

static void expand(u32 w[64], const u8 *block)
{
	for (int i = 0; i < 16; i++)
		w[i] = load_be32(block + 4 * i);
	for (int i = 16; i < 64; i++) {
		u32 s0 = rotate_right(w[i - 15], 7) ^ rotate_right(w[i - 15], 18) ^ w[i - 15] >> 3;
		u32 s1 = rotate_right(w[i - 2], 17) ^ rotate_right(w[i - 2], 19) ^ w[i - 2] >> 10;

		w[i] = w[i - 16] + s0 + w[i - 7] + s1;
	}
}

/* One round on the eight working variables; the caller rotates their names, not their values. */
static inline __attribute__((always_inline)) void round_step(u32 a, u32 b, u32 c, u32 *d, u32 e,
							     u32 f, u32 g, u32 *h, u32 kw)
{
	u32 s1 = rotate_right(e, 6) ^ rotate_right(e, 11) ^ rotate_right(e, 25);
	u32 s0 = rotate_right(a, 2) ^ rotate_right(a, 13) ^ rotate_right(a, 22);
	u32 t = *h + s1 + (g ^ (e & (f ^ g))) + kw;

	*d += t;
	*h = t + s0 + ((a & b) | (c & (a | b)));
}

static void compress(u32 state[8], const u8 *block)
{
	u32 w[64], a = state[0], b = state[1], c = state[2], d = state[3];
	u32 e = state[4], f = state[5], g = state[6], h = state[7];

	expand(w, block);
	for (int i = 0; i < 64; i += 8) {
		const u32 *k = round_constants + i, *x = w + i;

		round_step(a, b, c, &d, e, f, g, &h, k[0] + x[0]);
		round_step(h, a, b, &c, d, e, f, &g, k[1] + x[1]);
		round_step(g, h, a, &b, c, d, e, &f, k[2] + x[2]);
		round_step(f, g, h, &a, b, c, d, &e, k[3] + x[3]);
		round_step(e, f, g, &h, a, b, c, &d, k[4] + x[4]);
		round_step(d, e, f, &g, h, a, b, &c, k[5] + x[5]);
		round_step(c, d, e, &f, g, h, a, &b, k[6] + x[6]);
		round_step(b, c, d, &e, f, g, h, &a, k[7] + x[7]);
	}
	state[0] += a, state[1] += b, state[2] += c, state[3] += d;
	state[4] += e, state[5] += f, state[6] += g, state[7] += h;
}

void sha256_init(struct sha256 *hash)
{
	*hash = (struct sha256){ .state = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
					    0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 } };
}

void sha256_feed(struct sha256 *hash, const void *data, size_t n)
{
	const u8 *p = data;
	size_t held = hash->bytes % 64;

	hash->bytes += n;
	if (held) {
		size_t take = n < 64 - held ? n : 64 - held;

		memcpy(hash->block + held, p, take);
		if (held + take < 64)
			return;
		compress(hash->state, hash->block);
		p += take;
		n -= take;
	}
	for (; n >= 64; p += 64, n -= 64)
		compress(hash->state, p);
	memcpy(hash->block, p, n);
}

void sha256_finish(struct sha256 *hash, u8 digest[SHA256_BYTES])
{
	u64 bits = __builtin_bswap64(hash->bytes * 8);
	size_t padding = 1 + (119 - hash->bytes % 64) % 64; /* 0x80 and zeros, up to 56 modulo 64 */
	static const u8 pad[64] = { 0x80 };

	sha256_feed(hash, pad, padding);
	sha256_feed(hash, &bits, sizeof(bits));
	for (int i = 0; i < 8; i++) {
		u32 word = __builtin_bswap32(hash->state[i]);

		memcpy(digest + 4 * i, &word, sizeof(word));
	}
}

void sha256_hex(const u8 digest[SHA256_BYTES], char text[SHA256_HEX_LENGTH + 1])
{
	for (int i = 0; i < SHA256_BYTES; i++) {
		text[2 * i] = "0123456789abcdef"[digest[i] >> 4];
		text[2 * i + 1] = "0123456789abcdef"[digest[i] & 15];
	}
	text[SHA256_HEX_LENGTH] = '\0';
}

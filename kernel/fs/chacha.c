/* SPDX-License-Identifier: MIT */
/* ChaCha20. PURE. */
#include <kernel/fs/chacha.h>
#include <quench/string.h>

static u32 rotate(u32 word, unsigned by)
{
	return word << by | word >> (32 - by);
}

static void quarter_round(u32 s[16], unsigned a, unsigned b, unsigned c, unsigned d)
{
	s[a] += s[b];
	s[d] = rotate(s[d] ^ s[a], 16);
	s[c] += s[d];
	s[b] = rotate(s[b] ^ s[c], 12);
	s[a] += s[b];
	s[d] = rotate(s[d] ^ s[a], 8);
	s[c] += s[d];
	s[b] = rotate(s[b] ^ s[c], 7);
}

static void double_round(u32 s[16])
{
	quarter_round(s, 0, 4, 8, 12);
	quarter_round(s, 1, 5, 9, 13);
	quarter_round(s, 2, 6, 10, 14);
	quarter_round(s, 3, 7, 11, 15);
	quarter_round(s, 0, 5, 10, 15);
	quarter_round(s, 1, 6, 11, 12);
	quarter_round(s, 2, 7, 8, 13);
	quarter_round(s, 3, 4, 9, 14);
}

void chacha_block(const u8 key[CHACHA_KEY_BYTES], u32 counter, const u32 nonce[3],
		  u8 block[CHACHA_BLOCK_BYTES])
{
	u32 start[16] = { 0x61707865, 0x3320646e, 0x79622d32, 0x6b206574 }, state[16];

	memcpy(&start[4], key, CHACHA_KEY_BYTES);
	start[12] = counter;
	memcpy(&start[13], nonce, 3 * sizeof(u32));
	memcpy(state, start, sizeof(state));
	for (int i = 0; i < 10; i++)
		double_round(state);
	for (int i = 0; i < 16; i++)
		state[i] += start[i];
	memcpy(block, state, CHACHA_BLOCK_BYTES);
}

/* SPDX-License-Identifier: MIT */
/*
 * A generator with fast key erasure (D. J. Bernstein, "Fast-key-erasure random-number
 * generators"): each request gets a key of its own, and the key that made it is gone before it
 * is answered, so that what has been given out cannot be computed again.
 */
#include <arch/cpu.h>
#include <arch/random.h>
#include <arch/spinlock.h>
#include <kernel/fs/chacha.h>
#include <kernel/fs/random.h>
#include <quench/string.h>

static struct arch_spinlock key_lock; /* protects `key` */
static u8 key[CHACHA_KEY_BYTES];

/* What differs from call to call and from boot to boot goes into the key. */
static void stir(void)
{
	u64 seed[CHACHA_KEY_BYTES / sizeof(u64)] = { arch_tsc(),
						     arch_clock_ns() ^ arch_boot_seconds() << 32 };

	for (size_t i = 0; i < ARRAY_SIZE(seed); i++) {
		u64 word;

		if (arch_random(&word))
			seed[i] ^= word;
	}
	for (size_t i = 0; i < sizeof(key); i++)
		key[i] ^= ((const u8 *)seed)[i];
}

static void take_key(u8 own[CHACHA_KEY_BYTES])
{
	static const u32 nonce[3];
	u8 block[CHACHA_BLOCK_BYTES];

	arch_spin_lock(&key_lock);
	stir();
	chacha_block(key, 0, nonce, block);
	memcpy(key, block, sizeof(key));
	arch_spin_unlock(&key_lock);
	memcpy(own, block + sizeof(key), CHACHA_KEY_BYTES);
}

void random_bytes(void *bytes, size_t n)
{
	u8 own[CHACHA_KEY_BYTES], block[CHACHA_BLOCK_BYTES], *to = bytes;
	u32 nonce[3] = { 0 };

	take_key(own);
	for (u64 counter = 0; n; counter++) {
		size_t part = n < sizeof(block) ? n : sizeof(block);

		nonce[0] = (u32)(counter >> 32);
		chacha_block(own, (u32)counter, nonce, block);
		memcpy(to, block, part);
		to += part;
		n -= part;
	}
}

/* SPDX-License-Identifier: MIT */
/* The ChaCha20 block function. RFC 8439, "The ChaCha20 Block Function". PURE. */
#pragma once

#include <quench/types.h>

#define CHACHA_KEY_BYTES   32
#define CHACHA_BLOCK_BYTES 64

/* One block of key stream; nonce: three words, as the RFC's. */
void chacha_block(const u8 key[CHACHA_KEY_BYTES], u32 counter, const u32 nonce[3],
		  u8 block[CHACHA_BLOCK_BYTES]);

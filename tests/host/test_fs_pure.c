/* SPDX-License-Identifier: MIT */
/* The data structures of kernel/fs against models: page trees, directories, pipe rings; ChaCha20
 * against its RFC. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <kernel/fs/chacha.h>
#include <kernel/fs/directory.h>
#include <kernel/fs/page_tree.h>
#include <kernel/fs/pipe_ring.h>

#include "random.h"

/* --- page tree --- */

static const u64 indices[] = {
	0,
	1,
	63,
	64,
	65,
	4095,
	4096,
	262143,
	262144,
	1u << 24,
	UINT64_C(1) << 36,
	PAGE_TREE_MAX - 1,
	2,
	128,
	8191,
	UINT64_C(1) << 42,
};
static long nodes, dropped, fail_at;

static void *alloc_node(size_t bytes)
{
	if (fail_at && !--fail_at)
		return NULL;
	nodes++;
	return calloc(1, bytes);
}
static void free_node(void *node)
{
	nodes--;
	free(node);
}
static const struct page_tree_memory memory = { alloc_node, free_node };

static void drop(u64 value)
{
	dropped++;
}

static void page_tree_keeps_what_it_is_given(void **state)
{
	u64 model[ARRAY_SIZE(indices)] = { 0 };
	struct page_tree tree = { 0 };
	u64 seed = 1;

	for (int round = 0; round < 20000; round++) {
		size_t i = random_next(&seed) % ARRAY_SIZE(indices);
		unsigned what = random_next(&seed) % 16;

		if (what == 0) {
			long before = 0;

			for (size_t k = 0; k < ARRAY_SIZE(indices); k++) {
				if (model[k] && indices[k] >= indices[i]) {
					model[k] = 0;
					before++;
				}
			}
			dropped = 0;
			page_tree_cut(&tree, indices[i], drop, &memory);
			assert_int_equal(dropped, before);
		} else if (what < 8) {
			fail_at = random_next(&seed) % 8;
			if (page_tree_set(&tree, indices[i], (u64)round + 1, &memory))
				model[i] = (u64)round + 1;
			fail_at = 0;
		}
		for (size_t k = 0; k < ARRAY_SIZE(indices); k++)
			assert_int_equal(page_tree_get(&tree, indices[k]), model[k]);
	}
	page_tree_cut(&tree, 0, drop, &memory);
	assert_int_equal(nodes, 0);
	assert_int_equal(tree.root, 0);
}

static void page_tree_of_one_page_has_no_node(void **state)
{
	struct page_tree tree = { 0 };

	assert_true(page_tree_set(&tree, 0, 7, &memory));
	assert_int_equal(nodes, 0);
	assert_int_equal(page_tree_get(&tree, 0), 7);
	page_tree_cut(&tree, 0, drop, &memory);
}

/* --- directory --- */

#define NAMES 200

static void directory_finds_what_is_there(void **state)
{
	static struct directory_entry entries[NAMES];
	static char names[NAMES][8];
	bool there[NAMES] = { false };
	struct directory directory;
	u64 seed = 2, last_cookie;
	u32 count = 0;

	directory_init(&directory);
	assert_null(directory_find(&directory, "x", 1));
	for (int round = 0; round < 5000; round++) {
		u32 i = (u32)(random_next(&seed) % NAMES);
		struct directory_entry *found;
		unsigned bits;

		entries[i].length = (u32)sprintf(names[i], "n%u", i);
		entries[i].name = names[i];
		found = directory_find(&directory, names[i], entries[i].length);
		assert_ptr_equal(found, there[i] ? &entries[i] : NULL);
		if (directory_wants(&directory, &bits))
			free(directory_rehash(&directory, calloc(1u << bits, sizeof(void *)),
					      bits));
		if (there[i])
			directory_remove(&directory, &entries[i]);
		else
			directory_add(&directory, &entries[i]);
		there[i] = !there[i];
		count += there[i] ? 1 : -1u;
		assert_int_equal(directory.count, count);
	}
	/* Reading goes through each once, whatever is removed behind it. */
	last_cookie = 0;
	for (struct directory_entry *entry; (entry = directory_from(&directory, last_cookie));
	     count--) {
		assert_true(there[entry - entries]);
		last_cookie = entry->cookie + 1;
		directory_remove(&directory, entry);
	}
	assert_int_equal(count, 0);
	free(directory.buckets);
}

/* --- pipe ring: against a queue of bytes --- */

static void pipe_ring_keeps_order_and_capacity(void **state)
{
	static u8 pages[64][PAGE_BYTES];
	struct pipe_page slots[8], more[16];
	struct pipe_ring ring;
	u64 seed = 3, in = 0, out = 0, next_page = 0;

	pipe_ring_init(&ring, slots, 8);
	for (int round = 0; round < 20000; round++) {
		u32 n = (u32)(random_next(&seed) % PAGE_BYTES + 1);
		struct pipe_page *merge = pipe_ring_merge(&ring, n);

		if (random_next(&seed) & 1) {
			u8 *to = NULL;

			if (merge) {
				to = (u8 *)merge->page + merge->offset + merge->length;
				merge->length += n;
			} else if (!pipe_ring_full(&ring)) {
				to = pages[next_page++ % 64];
				pipe_ring_push(&ring, (u64)to, n);
			}
			for (u32 i = 0; to && i < n; i++)
				to[i] = (u8)((in + i) * 7 >> 3);
			in += to ? n : 0;
		} else if (!pipe_ring_empty(&ring)) {
			struct pipe_page *oldest = pipe_ring_oldest(&ring);
			u8 *from = (u8 *)oldest->page + oldest->offset;
			u32 part = oldest->length < n ? oldest->length : n;
			bool whole = part == oldest->length;

			for (u32 i = 0; i < part; i++)
				assert_int_equal(from[i], (u8)((out + i) * 7 >> 3));
			out += part;
			assert_int_equal(pipe_ring_consume(&ring, part) != 0, whole);
		}
		assert_int_equal(pipe_ring_bytes(&ring), in - out);
		assert_true(ring.head - ring.tail <= 8);
	}
	assert_ptr_equal(pipe_ring_resize(&ring, more, 16), slots);
	assert_int_equal(pipe_ring_bytes(&ring), in - out);
}

static void pipe_ring_merges_as_linux_does(void **state)
{
	struct pipe_page slots[4];
	struct pipe_ring ring;

	pipe_ring_init(&ring, slots, 4);
	assert_null(pipe_ring_merge(&ring, 10));
	pipe_ring_push(&ring, 4096, 4000);
	assert_non_null(pipe_ring_merge(&ring, 96));
	assert_null(pipe_ring_merge(&ring, 97));
	assert_null(pipe_ring_merge(&ring, 4096));
	assert_non_null(pipe_ring_merge(&ring, 3 * 4096 + 96));
	/* What has been read from the front makes no room. */
	pipe_ring_consume(&ring, 1000);
	assert_null(pipe_ring_merge(&ring, 97));
	ring.head = ring.tail = UINT32_MAX; /* the counters wrap around */
	pipe_ring_push(&ring, 4096, 1);
	assert_false(pipe_ring_empty(&ring));
	assert_int_equal(pipe_ring_consume(&ring, 1), 4096);
	assert_true(pipe_ring_empty(&ring));
}

/* RFC 8439, "Test Vector for the ChaCha20 Block Function". */
static void chacha_is_the_rfcs(void **state)
{
	static const u8 expected[64] = {
		0x10, 0xf1, 0xe7, 0xe4, 0xd1, 0x3b, 0x59, 0x15, 0x50, 0x0f, 0xdd, 0x1f, 0xa3,
		0x20, 0x71, 0xc4, 0xc7, 0xd1, 0xf4, 0xc7, 0x33, 0xc0, 0x68, 0x03, 0x04, 0x22,
		0xaa, 0x9a, 0xc3, 0xd4, 0x6c, 0x4e, 0xd2, 0x82, 0x64, 0x46, 0x07, 0x9f, 0xaa,
		0x09, 0x14, 0xc2, 0xd7, 0x05, 0xd9, 0x8b, 0x02, 0xa2, 0xb5, 0x12, 0x9c, 0xd1,
		0xde, 0x16, 0x4e, 0xb9, 0xcb, 0xd0, 0x83, 0xe8, 0xa2, 0x50, 0x3c, 0x4e,
	};
	const u32 nonce[3] = { 0x09000000, 0x4a000000, 0 };
	u8 key[32], block[64];

	for (u8 i = 0; i < 32; i++)
		key[i] = i;
	chacha_block(key, 1, nonce, block);
	assert_memory_equal(block, expected, 64);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(page_tree_keeps_what_it_is_given),
		cmocka_unit_test(page_tree_of_one_page_has_no_node),
		cmocka_unit_test(directory_finds_what_is_there),
		cmocka_unit_test(pipe_ring_keeps_order_and_capacity),
		cmocka_unit_test(pipe_ring_merges_as_linux_does),
		cmocka_unit_test(chacha_is_the_rfcs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

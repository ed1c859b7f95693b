/* SPDX-License-Identifier: MIT */
/*
 * The tree of names and file contents on the harness: calls at random, each allocation failing in
 * its turn, against what must hold whatever happens: no lock kept, no object or page lost, link
 * counts that add up, contents as written.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <asm/errno.h>
#include <cmocka.h>
#include <kernel/fs/file.h>
#include <kernel/fs/mode.h>
#include <kernel/fs/path.h>
#include <kernel/fs/regular.h>
#include <linux/fcntl.h>

#include "fs_harness.h"
#include "random.h"

static int start(void **state)
{
	fs_harness_start();
	fs_init();
	return 0;
}

/* What the whole tree says of itself: names, and links of directories. */
static u32 count_below(const struct inode *directory)
{
	const struct directory_entry *entry;
	u32 names = 0, subdirectories = 0;

	list_for_each(entry, &directory->names.entries, order)
	{
		const struct inode *inode = entry->inode;

		names++;
		assert_true(inode->references >= 1);
		assert_true(inode->nlink >= 1);
		if (!S_ISDIR(inode->mode))
			continue;
		subdirectories++;
		assert_ptr_equal(inode->parent, directory);
		assert_ptr_equal(inode->entry, entry);
		names += count_below(inode);
	}
	assert_int_equal(directory->nlink, 2 + subdirectories);
	return names;
}

static const char *random_path(u64 *seed)
{
	static const char *const paths[] = {
		"/a",      "/b", "/c",   "/a/x", "/a/y",  "/b/x",    "/b/x/z", "/a/x/z", "/c/d",
		"/a/../b", "/l", "/l/x", "/a/l", "/b/y/", "/a/x/..", "/",      ".",      "/c/.",
	};

	return paths[random_next(seed) % ARRAY_SIZE(paths)];
}

static void act(u64 *seed)
{
	const char *path = random_path(seed), *other = random_path(seed);
	struct inode *root = fs_root(), *inode;
	struct file *file;

	switch (random_next(seed) % 10) {
	case 0:
	case 1:
		(void)fs_make(root, path, S_IFDIR | 0755, 0, 0, NULL);
		break;
	case 2:
		(void)fs_make(root, path, S_IFREG | 0644, 0, 0, NULL);
		break;
	case 3:
		(void)fs_symlink(root, path, other);
		break;
	case 4:
		(void)fs_unlink(root, path);
		break;
	case 5:
		(void)fs_rmdir(root, path);
		break;
	case 6:
	case 7:
		(void)fs_rename(root, path, root, other, (unsigned)(random_next(seed) % 3));
		break;
	case 8:
		if (!fs_lookup(root, path, LOOKUP_NOFOLLOW, &inode)) {
			(void)fs_link(inode, root, other);
			inode_put(inode);
		}
		break;
	default:
		if (!file_open(root, path, O_CREAT | O_RDWR | O_TRUNC, 0644, &file))
			file_put(file);
	}
}

/* Takes everything away. */
static void clear(struct inode *directory)
{
	while (directory->names.count) {
		struct directory_entry *entry =
			list_first(&directory->names.entries, struct directory_entry, order);
		char name[NAME_MAX_BYTES + 1];

		memcpy(name, entry->name, entry->length);
		name[entry->length] = '\0';
		if (S_ISDIR(entry->inode->mode)) {
			clear(entry->inode);
			assert_int_equal(fs_rmdir(directory, name), 0);
		} else {
			assert_int_equal(fs_unlink(directory, name), 0);
		}
	}
}

static void loses_nothing(void **state)
{
	u64 seed = 5;

	for (int round = 0; round < 300; round++) {
		for (int i = 0; i < 100; i++) {
			fs_fail_at = random_next(&seed) % 8;
			act(&seed);
			fs_fail_at = 0;
			assert_int_equal(fs_locks, 0);
			count_below(fs_root());
		}
		clear(fs_root());
		/* The root's buckets alone are left. */
		assert_int_equal(fs_objects, fs_root()->names.buckets != NULL);
		assert_int_equal(fs_pages, 0);
		assert_int_equal(fs_root()->references, 1);
	}
}

#define FILE_BYTES (70 * PAGE_BYTES)

/* Writes, reads, cuts at random; user memory ends anywhere; memory is out now and then. */
static void contents_are_as_written(void **state)
{
	static u8 model[FILE_BYTES], user[3 * PAGE_BYTES];
	struct file *file;
	u64 seed = 6, size = 0;
	long objects = fs_objects;

	assert_int_equal(file_open(fs_root(), "/f", O_CREAT | O_RDWR, 0644, &file), 0);
	for (int round = 0; round < 20000; round++) {
		u64 at = random_next(&seed) % (FILE_BYTES - sizeof(user));
		u64 n = random_next(&seed) % sizeof(user),
		    mapped = random_next(&seed) % sizeof(user);
		u64 position = at;
		s64 done;

		fs_user_end = random_next(&seed) % 4 ? NULL : user + mapped;
		switch (random_next(&seed) % 8) {
		case 0:
			assert_int_equal(inode_truncate(file->inode, at), 0);
			if (at < size)
				memset(model + at, 0, size - at);
			size = at;
			break;
		case 1:
		case 2:
		case 3:
			for (u64 i = 0; i < n; i++)
				user[i] = (u8)random_next(&seed);
			fs_fail_at = random_next(&seed) % 16 ? 0 : 1 + random_next(&seed) % 4;
			done = file_write(file, user, n, &position);
			fs_fail_at = 0;
			assert_true(done <= (s64)n);
			if (done < 0)
				done = 0;
			assert_int_equal(position, at + (u64)done);
			memcpy(model + at, user, (size_t)done);
			if (done && at + (u64)done > size)
				size = at + (u64)done;
			break;
		default:
			done = file_read(file, user, n, &position);
			u64 there = at < size ? size - at : 0, expected = n < there ? n : there;

			if (fs_user_end && expected > mapped)
				expected = mapped;
			if (!expected && there && n)
				assert_int_equal(done, -EFAULT);
			else
				assert_int_equal(done, expected);
			if (done > 0)
				assert_memory_equal(user, model + at, (size_t)done);
		}
		fs_user_end = NULL;
		assert_int_equal(file->inode->bytes, size);
		assert_int_equal(fs_locks, 0);
	}
	file_put(file);
	assert_int_equal(fs_unlink(fs_root(), "/f"), 0);
	assert_int_equal(fs_pages, 0);
	assert_int_equal(fs_objects, objects);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(loses_nothing),
		cmocka_unit_test(contents_are_as_written),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}

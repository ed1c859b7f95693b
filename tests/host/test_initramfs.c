/* SPDX-License-Identifier: MIT */
/* kernel/fs/initramfs.h: the tree from an archive, and walking paths through it. The tree is one
 * for the whole program, so the cases build on one archive. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <arch/pagetable.h>
#include <asm/errno.h>
#include <cmocka.h>
#include <kernel/fs/initramfs.h>
#include <kernel/fs/mode.h>

#include "cpio_builder.h"
#include "fs_harness.h"

/* The tree goes on pointing into the first. */
static struct cpio_builder archive, bad;

static const char *load(const struct cpio_builder *b)
{
	return initramfs_init(arch_direct_map_address(b->bytes), b->n);
}

static int build(void **state)
{
	fs_harness_start();
	fs_init();
	cpio_add(&archive, ".", 040711, "");
	cpio_add(&archive, "bin", 040755, "");
	cpio_add(&archive, "bin/prog", 0100755, "program");
	cpio_add(&archive, "lib", 0120777, "usr/lib");
	cpio_add(&archive, "usr/lib/deep/x", 0100644, "deep");
	cpio_add(&archive, "lib/through-link", 0100644, "link");
	cpio_add(&archive, "loop", 0120777, "loop");
	cpio_add(&archive, "abs", 0120777, "/bin/prog");
	cpio_add(&archive, "up", 0120777, "bin/../../bin/./prog");
	cpio_add(&archive, "gone", 0120777, "nowhere");
	cpio_add(&archive, "empty-link", 0120777, "");
	cpio_add(&archive, "twice", 0100644, "first");
	cpio_add(&archive, "twice", 0100600, "second!");
	cpio_add_link(&archive, "hard1", 0100644, "", 0, 77, 3);
	cpio_add_link(&archive, "hard2", 0100644, "same bytes", 10, 77, 3);
	cpio_add_link(&archive, "hard3", 0100644, "", 0, 77, 3);
	cpio_add_link(&archive, "other", 0100644, "", 0, 78, 2);
	cpio_close(&archive);
	assert_null(load(&archive));
	return 0;
}

/* fs_lookup without the reference: the tree keeps what it found. */
static int look(const char *path, enum lookup how, const struct inode **inode)
{
	struct inode *found;
	int error = fs_lookup(fs_root(), path, how, &found);

	assert_int_equal(fs_locks, 0);
	if (!error) {
		*inode = found;
		inode_put(found);
	}
	return error;
}

static void walks_paths(void **state)
{
	static const struct {
		const char *path;
		enum lookup how;
		int error;
		const char *contents; /* NULL: a directory, or a link */
	} cases[] = {
		{ "/bin/prog", LOOKUP_FOLLOW, 0, "program" },
		{ "bin/prog", LOOKUP_FOLLOW, 0, "program" },
		{ "//bin//./prog", LOOKUP_FOLLOW, 0, "program" },
		{ "/../../bin/../bin/prog", LOOKUP_FOLLOW, 0, "program" },
		{ "/", LOOKUP_FOLLOW, 0, NULL },
		{ "///", LOOKUP_FOLLOW, 0, NULL },
		{ "/bin/", LOOKUP_FOLLOW, 0, NULL },
		{ "/bin/.", LOOKUP_FOLLOW, 0, NULL },
		{ "", LOOKUP_FOLLOW, -ENOENT, NULL },
		{ "/none", LOOKUP_FOLLOW, -ENOENT, NULL },
		{ "/none/x", LOOKUP_FOLLOW, -ENOENT, NULL },
		{ "/bin/prog/", LOOKUP_FOLLOW, -ENOTDIR, NULL },
		{ "/bin/prog/x", LOOKUP_FOLLOW, -ENOTDIR, NULL },
		{ "/bin/prog/..", LOOKUP_FOLLOW, -ENOTDIR, NULL },
		{ "/bin/pro", LOOKUP_FOLLOW, -ENOENT, NULL },
		{ "/lib/deep/x", LOOKUP_FOLLOW, 0, "deep" },
		{ "/lib/through-link", LOOKUP_FOLLOW, 0, "link" },
		{ "/usr/lib/through-link", LOOKUP_FOLLOW, 0, "link" },
		{ "/lib/../lib/deep/x", LOOKUP_FOLLOW, 0, "deep" },
		{ "/abs", LOOKUP_FOLLOW, 0, "program" },
		{ "/up", LOOKUP_FOLLOW, 0, "program" },
		{ "/abs", LOOKUP_NOFOLLOW, 0, NULL },
		{ "/lib/", LOOKUP_NOFOLLOW, 0, NULL },
		{ "/lib/deep/x", LOOKUP_NOFOLLOW, 0, "deep" },
		{ "/loop", LOOKUP_FOLLOW, -ELOOP, NULL },
		{ "/loop/x", LOOKUP_FOLLOW, -ELOOP, NULL },
		{ "/gone", LOOKUP_FOLLOW, -ENOENT, NULL },
		{ "/gone", LOOKUP_NOFOLLOW, 0, NULL },
		{ "/empty-link", LOOKUP_FOLLOW, -ENOENT, NULL },
		{ "/twice", LOOKUP_FOLLOW, 0, "second!" },
		{ "/hard1", LOOKUP_FOLLOW, 0, "same bytes" },
		{ "/hard2", LOOKUP_FOLLOW, 0, "same bytes" },
		{ "/hard3", LOOKUP_FOLLOW, 0, "same bytes" },
		{ "/other", LOOKUP_FOLLOW, 0, "" },
		{ "/dev/null", LOOKUP_FOLLOW, 0, NULL },
		{ "/dev/console", LOOKUP_FOLLOW, 0, NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct inode *inode = NULL;
		int error = look(cases[i].path, cases[i].how, &inode);

		if (error != cases[i].error)
			print_error("%s\n", cases[i].path);
		assert_int_equal(error, cases[i].error);
		if (error || !cases[i].contents)
			continue;
		assert_int_equal(inode->bytes, strlen(cases[i].contents));
		assert_memory_equal(inode->archive, cases[i].contents, inode->bytes);
	}
}

static void limits_names(void **state)
{
	const struct inode *inode;
	char path[300] = "/";

	memset(path + 1, 'n', 255);
	assert_int_equal(look(path, LOOKUP_FOLLOW, &inode), -ENOENT);
	path[256] = 'n';
	assert_int_equal(look(path, LOOKUP_FOLLOW, &inode), -ENAMETOOLONG);
}

static void keeps_attributes(void **state)
{
	const struct inode *inode = NULL, *other = NULL;

	assert_int_equal(fs_root()->mode, 040711);
	assert_int_equal(look("bin/prog", LOOKUP_FOLLOW, &inode), 0);
	assert_int_equal(inode->mode, 0100755);
	assert_int_equal(inode->uid, 1000);
	assert_int_equal(inode->mtime, 0x1234 * INT64_C(1000000000));
	assert_int_equal(look("usr", LOOKUP_FOLLOW, &inode), 0);
	assert_int_equal(inode->mode, 040755);
	assert_int_equal(look("hard1", LOOKUP_FOLLOW, &inode), 0);
	assert_int_equal(look("hard3", LOOKUP_FOLLOW, &other), 0);
	assert_int_equal(inode->number, other->number);
	assert_int_equal(inode->nlink, 3);
	assert_int_equal(look("dev/zero", LOOKUP_FOLLOW, &inode), 0);
	assert_true(S_ISCHR(inode->mode));
	assert_int_equal(inode->rdev_minor, 5);
}

static void refuses_what_makes_no_tree(void **state)
{
	static const struct {
		const char *name;
		unsigned mode;
		const char *text;
	} cases[] = {
		{ "bin/prog/below", 0100644, "no directory" },
		{ "gone/below", 0100644, "no directory" },
		{ "loop/below", 0100644, "no directory" },
		{ "bin", 0100644, "directory and for a file" },
		{ "bin/prog", 040755, "directory and for a file" },
		{ "bin/..", 040755, "ends in" },
		{ ".", 0100644, "root is no directory" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *why;

		bad.n = 0;
		cpio_add(&bad, cases[i].name, cases[i].mode, "");
		cpio_close(&bad);
		why = load(&bad);
		assert_non_null(why);
		assert_non_null(strstr(why, cases[i].text));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(walks_paths),
		cmocka_unit_test(limits_names),
		cmocka_unit_test(keeps_attributes),
		cmocka_unit_test(refuses_what_makes_no_tree),
	};

	return cmocka_run_group_tests(tests, build, NULL);
}

/* SPDX-License-Identifier: MIT */
/* Inodes: their lives, and the contents of regular files. */
#include <arch/cpu.h>
#include <arch/pagetable.h>
#include <asm/errno.h>
#include <kernel/fs/device.h>
#include <kernel/fs/inode.h>
#include <kernel/fs/mode.h>
#include <kernel/fs/path.h>
#include <kernel/fs/pipe.h>
#include <kernel/fs/regular.h>
#include <kernel/mm/kmalloc.h>
#include <kernel/mm/page.h>
#include <linux/fcntl.h>
#include <quench/string.h>

#define NS_PER_SECOND INT64_C(1000000000)

const struct page_tree_memory inode_tree_memory = { kzalloc, kfree };
static u64 last_number; /* atomic */

s64 inode_now(void)
{
	return (s64)arch_boot_seconds() * NS_PER_SECOND + (s64)arch_clock_ns();
}

static const struct file_operations *operations_of_kind(u32 mode)
{
	if (S_ISREG(mode))
		return &regular_operations;
	if (S_ISDIR(mode))
		return &directory_operations;
	if (S_ISFIFO(mode))
		return &pipe_operations;
	return NULL;
}

struct inode *inode_create(u32 mode)
{
	struct inode *inode = kzalloc(sizeof(*inode));

	if (!inode)
		return NULL;
	inode->references = 1;
	inode->mode = mode;
	inode->number = __atomic_add_fetch(&last_number, 1, __ATOMIC_RELAXED);
	inode->atime = inode->mtime = inode->ctime = inode_now();
	inode->operations = operations_of_kind(mode);
	mutex_init(&inode->lock);
	if (S_ISREG(mode))
		inode->seals = F_SEAL_SEAL;
	if (S_ISDIR(mode))
		directory_init(&inode->names);
	return inode;
}

struct inode *inode_get(const struct inode *inode)
{
	struct inode *same = (struct inode *)inode;

	__atomic_add_fetch(&same->references, 1, __ATOMIC_RELAXED);
	return same;
}

static void drop_page(u64 page)
{
	page_put(page);
}

static void destroy(struct inode *inode)
{
	if (S_ISREG(inode->mode))
		page_tree_cut(&inode->pages, 0, drop_page, &inode_tree_memory);
	if (S_ISDIR(inode->mode))
		kfree(inode->names.buckets);
	if (S_ISLNK(inode->mode) && inode->own_target)
		kfree((void *)inode->target);
	if (S_ISFIFO(inode->mode))
		pipe_destroy(inode->pipe);
	kfree(inode);
}

void inode_put(const struct inode *inode)
{
	struct inode *dead = (struct inode *)inode;

	/* A removed directory holds the one above it, and so on. */
	while (dead && !__atomic_sub_fetch(&dead->references, 1, __ATOMIC_ACQ_REL)) {
		struct inode *above = S_ISDIR(dead->mode) ? dead->parent : NULL;

		destroy(dead);
		dead = above;
	}
}

/* The page that is there already, with a reference; 0: none. */
static paddr_t present_page(struct inode *inode, u64 index)
{
	paddr_t page = 0;

	/* Most files are never written: nothing to look for. */
	if (!READ_ONCE(inode->pages.root))
		return 0;
	arch_spin_lock(&inode->pages_lock);
	page = page_tree_get(&inode->pages, index);
	if (page)
		page_get(page);
	arch_spin_unlock(&inode->pages_lock);
	return page;
}

/* A new page with what the archive has for it, as far as the first `limit` bytes of it count. */
static paddr_t fresh_page(const struct inode *inode, u64 index, u64 limit)
{
	u64 offset = index << PAGE_SHIFT;
	paddr_t page = page_alloc_zeroed();

	if (page && offset < limit) {
		u64 n = limit - offset;

		memcpy(arch_direct_map(page), inode->archive + offset,
		       n < PAGE_BYTES ? n : PAGE_BYTES);
	}
	return page;
}

/* Puts a fresh page in unless somebody was faster or the file has shrunk; *page becomes the one
 * that counts, with a reference. -EAGAIN: what the page was filled from has changed. */
static int insert_page(struct inode *inode, u64 index, u64 limit, bool growing, paddr_t *page)
{
	paddr_t fresh = *page;
	int error = 0;

	arch_spin_lock(&inode->pages_lock);
	*page = page_tree_get(&inode->pages, index);
	if (!growing && index << PAGE_SHIFT >= inode->bytes)
		error = -EIO;
	else if (!*page && limit != inode->archive_bytes)
		error = -EAGAIN;
	else if (!*page && !page_tree_set(&inode->pages, index, fresh, &inode_tree_memory))
		error = -ENOMEM;
	if (!error && !*page) {
		*page = fresh;
		page_get(fresh);
		fresh = 0;
	} else if (!error) {
		page_get(*page);
	}
	arch_spin_unlock(&inode->pages_lock);
	if (fresh)
		page_put(fresh);
	return error;
}

/* growing: the file's owner of the lock is about to write there, whatever its size. */
static int get_page(struct inode *inode, u64 index, bool growing, paddr_t *page)
{
	int error;

	do {
		u64 limit = READ_ONCE(inode->archive_bytes);

		if (!growing && index << PAGE_SHIFT >= READ_ONCE(inode->bytes))
			return -EIO;
		*page = present_page(inode, index);
		if (*page)
			return 0;
		*page = fresh_page(inode, index, limit);
		if (!*page)
			return -ENOMEM;
		error = insert_page(inode, index, limit, growing, page);
	} while (error == -EAGAIN);
	return error;
}

int inode_page(struct inode *inode, u64 index, paddr_t *page)
{
	return get_page(inode, index, false, page);
}

int inode_page_to_write(struct inode *inode, u64 index, paddr_t *page)
{
	return get_page(inode, index, true, page);
}

void inode_set_bytes(struct inode *inode, u64 bytes)
{
	arch_spin_lock(&inode->pages_lock);
	WRITE_ONCE(inode->bytes, bytes);
	arch_spin_unlock(&inode->pages_lock);
}

size_t inode_bytes_at(struct inode *inode, u64 offset, size_t n, const u8 **bytes, paddr_t *page)
{
	u64 size = READ_ONCE(inode->bytes), archived = READ_ONCE(inode->archive_bytes);
	u64 in_page = PAGE_BYTES - (offset & PAGE_MASK);

	*page = 0;
	if (!n ||
	    offset >= size) /* nothing to show, and no reference for who then gives none back */
		return 0;
	if (n > size - offset)
		n = size - offset;
	/* Without a page of its own the file is the archive's, in one piece. */
	if (offset < archived && !READ_ONCE(inode->pages.root)) {
		*bytes = inode->archive + offset;
		return n < archived - offset ? n : archived - offset;
	}
	if (n > in_page)
		n = in_page;
	*page = present_page(inode, offset >> PAGE_SHIFT);
	*bytes = NULL;
	if (*page)
		*bytes = (const u8 *)arch_direct_map(*page) + (offset & PAGE_MASK);
	else if (offset < archived)
		*bytes = inode->archive + offset;
	if (!*page && *bytes && n > archived - offset)
		n = archived - offset;
	return n;
}

s64 inode_read(struct inode *inode, void *to, size_t n, u64 offset)
{
	u8 *at = to;

	while (n) {
		const u8 *bytes;
		paddr_t page;
		size_t part = inode_bytes_at(inode, offset, n, &bytes, &page);

		if (!part)
			break;
		if (bytes)
			memcpy(at, bytes, part);
		else
			memset(at, 0, part);
		if (page)
			page_put(page);
		at += part;
		offset += part;
		n -= part;
	}
	return at - (u8 *)to;
}

/* Behind the new end the last page is zero, should the file ever grow again. */
static void clear_tail(struct inode *inode, u64 bytes)
{
	u64 page = page_tree_get(&inode->pages, bytes >> PAGE_SHIFT);

	if (page && bytes & PAGE_MASK)
		memset((u8 *)arch_direct_map(page) + (bytes & PAGE_MASK), 0,
		       PAGE_BYTES - (bytes & PAGE_MASK));
}

int inode_truncate_locked(struct inode *inode, u64 bytes)
{
	if (inode->seals & (bytes < inode->bytes ? F_SEAL_SHRINK : F_SEAL_GROW) &&
	    bytes != inode->bytes)
		return -EPERM;
	arch_spin_lock(&inode->pages_lock);
	if (bytes < inode->bytes) {
		clear_tail(inode, bytes);
		page_tree_cut(&inode->pages, (bytes + PAGE_MASK) >> PAGE_SHIFT, drop_page,
			      &inode_tree_memory);
		if (inode->archive_bytes > bytes)
			WRITE_ONCE(inode->archive_bytes, bytes);
	}
	WRITE_ONCE(inode->bytes, bytes);
	arch_spin_unlock(&inode->pages_lock);
	inode->mtime = inode->ctime = inode_now();
	return 0;
}

int inode_truncate(struct inode *inode, u64 bytes)
{
	int error;

	mutex_lock(&inode->lock);
	error = inode_truncate_locked(inode, bytes);
	mutex_unlock(&inode->lock);
	return error;
}

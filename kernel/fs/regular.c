/* SPDX-License-Identifier: MIT */
/* Reading, writing and seeking in regular files, whose pages are in memory. */
#include <arch/pagetable.h>
#include <asm/errno.h>
#include <kernel/fs/file.h>
#include <kernel/fs/regular.h>
#include <kernel/mm/page.h>
#include <linux/fcntl.h>
#include <linux/fs.h>
#include <quench/string.h>

static s64 regular_read(struct file *file, struct user_buffer *to, u64 *position)
{
	struct inode *inode = file->inode;
	size_t wanted = to->bytes, part, done;
	u64 start = *position;

	do {
		const u8 *bytes;
		paddr_t page;

		part = inode_bytes_at(inode, *position, to->bytes, &bytes, &page);
		if (!part)
			break;
		done = bytes ? user_buffer_give(to, bytes, part) : user_buffer_clear(to, part);
		if (page)
			page_put(page);
		*position += done;
		if (done < part && *position == start)
			return -EFAULT;
	} while (done == part && to->bytes);
	if (wanted && !(file->flags & O_NOATIME))
		inode->atime = inode_now();
	return (s64)(*position - start);
}

/*
 * Takes n bytes of one page: how many, or -ENOMEM. Where a copy that fails half-way would have
 * zeroed what the file holds there, it goes through a page of its own first.
 */
static s64 take(struct inode *inode, u8 *to, u64 position, struct user_buffer *from, size_t n)
{
	paddr_t spare;
	size_t done;

	if (position >= inode->bytes)
		return (s64)user_buffer_take(from, to, n);
	spare = page_alloc();
	if (!spare)
		return -ENOMEM;
	done = user_buffer_take(from, arch_direct_map(spare), n);
	memcpy(to, arch_direct_map(spare), done);
	page_put(spare);
	return (s64)done;
}

/* As far as one page goes: the count, short where user memory ends, or -EFAULT, -ENOMEM. */
static s64 write_page(struct inode *inode, struct user_buffer *from, u64 position)
{
	size_t room = PAGE_BYTES - (position & PAGE_MASK);
	size_t n = from->bytes < room ? from->bytes : room;
	paddr_t page;
	s64 done;
	int error = inode_page_to_write(inode, position >> PAGE_SHIFT, &page);

	if (error)
		return error;
	done = take(inode, (u8 *)arch_direct_map(page) + (position & PAGE_MASK), position, from, n);
	page_put(page);
	if (done > 0 && position + (u64)done > inode->bytes)
		inode_set_bytes(inode, position + (u64)done);
	return done ? done : -EFAULT;
}

/* What a seal or the largest file size leaves of a write; or the error. */
static s64 writable(const struct inode *inode, u64 position, u64 n)
{
	const u64 limit = INT64_MAX;

	if (inode->seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE))
		return -EPERM;
	if (inode->seals & F_SEAL_GROW && position + n > inode->bytes)
		return -EPERM;
	if (position >= limit)
		return -EFBIG;
	return (s64)(n < limit - position ? n : limit - position);
}

static s64 write_locked(struct file *file, struct user_buffer *from, u64 *position)
{
	struct inode *inode = file->inode;
	s64 left, done = 0;

	if (file->flags & O_APPEND)
		*position = inode->bytes;
	left = writable(inode, *position, from->bytes);
	if (left < 0)
		return left;
	while (left) {
		u64 room = PAGE_BYTES - ((*position + (u64)done) & PAGE_MASK);
		s64 part = write_page(inode, from, *position + (u64)done);

		if (part < 0) {
			if (!done)
				return part;
			break;
		}
		done += part;
		left -= part;
		/* Short in mid-page: user memory has ended. */
		if (left && (u64)part < room)
			break;
	}
	*position += (u64)done;
	inode->mtime = inode->ctime = inode_now();
	return done;
}

static s64 regular_write(struct file *file, struct user_buffer *from, u64 *position)
{
	s64 done;

	if (!from->bytes)
		return 0;
	mutex_lock(&file->inode->lock);
	done = write_locked(file, from, position);
	mutex_unlock(&file->inode->lock);
	return done;
}

/* SEEK_DATA and SEEK_HOLE: every byte counts as data, as a file system without holes may say. */
static s64 seek_data(s64 offset, int whence, u64 bytes)
{
	if (offset < 0 || (u64)offset >= bytes)
		return -ENXIO;
	return whence == SEEK_DATA ? offset : (s64)bytes;
}

s64 file_seek_within(struct file *file, s64 offset, int whence, u64 bytes)
{
	s64 base = 0, target;

	if (whence == SEEK_CUR)
		base = (s64)file->position;
	else if (whence == SEEK_END)
		base = (s64)bytes;
	if (whence == SEEK_DATA || whence == SEEK_HOLE)
		target = seek_data(offset, whence, bytes);
	else if (__builtin_add_overflow(base, offset, &target) || target < 0)
		return -EINVAL;
	if (target >= 0)
		file->position = (u64)target;
	return target;
}

static s64 regular_seek(struct file *file, s64 offset, int whence)
{
	return file_seek_within(file, offset, whence, READ_ONCE(file->inode->bytes));
}

const struct file_operations regular_operations = {
	.read = regular_read,
	.write = regular_write,
	.seek = regular_seek,
};

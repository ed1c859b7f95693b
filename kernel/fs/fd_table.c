/* SPDX-License-Identifier: MIT */
/* File descriptors. */
#include <asm/errno.h>
#include <kernel/fs/fd_table.h>
#include <kernel/mm/kmalloc.h>
#include <kernel/proc/process.h>
#include <linux/fcntl.h>
#include <linux/resource.h>
#include <quench/string.h>

#define WORD_BITS 64

static u64 bit_of(u32 fd)
{
	return UINT64_C(1) << (fd % WORD_BITS);
}

struct fd_table *fd_table_create(void)
{
	struct fd_table *table = kzalloc(sizeof(*table));

	if (!table)
		return NULL;
	table->references = 1;
	table->capacity = FD_INLINE;
	table->files = table->few;
	table->used = &table->few_used;
	table->close_on_exec = &table->few_close_on_exec;
	return table;
}

/* How many descriptors the process may have. */
u32 fd_limit(void)
{
	const struct process *process = task_current()->process;
	u64 most = process ? READ_ONCE(process->limits[RLIMIT_NOFILE].rlim_cur) : FD_INLINE;

	return most < FD_MAX ? (u32)most : FD_MAX;
}

static void free_arrays(struct fd_table *table)
{
	if (table->files != table->few)
		kfree(table->files);
}

/* The three arrays in one piece of memory. */
static bool give_arrays(struct fd_table *table, u32 capacity)
{
	size_t words = capacity / WORD_BITS, old_words = table->capacity / WORD_BITS;
	struct file **files = kzalloc(capacity * sizeof(*files) + 2 * words * sizeof(u64));
	u64 *bits;

	if (!files)
		return false;
	bits = (u64 *)(files + capacity);
	memcpy(files, table->files, table->capacity * sizeof(*files));
	memcpy(bits, table->used, old_words * sizeof(u64));
	memcpy(bits + words, table->close_on_exec, old_words * sizeof(u64));
	free_arrays(table);
	table->files = files;
	table->used = bits;
	table->close_on_exec = bits + words;
	table->capacity = capacity;
	return true;
}

/* Room for descriptor `fd`. The lock is held: nobody else looks at the old arrays. */
static int reach(struct fd_table *table, u32 fd)
{
	u32 capacity = table->capacity;

	while (capacity <= fd)
		capacity *= 2;
	return capacity == table->capacity || give_arrays(table, capacity) ? 0 : -ENOMEM;
}

/* --- tables --- */

static void copy_files(struct fd_table *table, const struct fd_table *from)
{
	memcpy(table->close_on_exec, from->close_on_exec, from->capacity / 8);
	for (u32 word = 0; word < from->capacity / WORD_BITS; word++) {
		for (u64 used = from->used[word]; used; used &= used - 1) {
			u32 fd = word * WORD_BITS + (u32)__builtin_ctzll(used);

			/* One that is only reserved is another thread's, in mid-call. */
			if (!from->files[fd])
				continue;
			table->files[fd] = from->files[fd];
			table->used[word] |= bit_of(fd);
			file_get(table->files[fd]);
		}
	}
	table->first_free = from->first_free;
}

struct fd_table *fd_table_copy(struct fd_table *from)
{
	struct fd_table *table = fd_table_create();
	bool fits;

	if (!table)
		return NULL;
	arch_spin_lock(&from->lock);
	fits = from->capacity == table->capacity || give_arrays(table, from->capacity);
	if (fits)
		copy_files(table, from);
	/* Another thread's reserved descriptors are free here. */
	if (from->references > 1)
		table->first_free = 0;
	arch_spin_unlock(&from->lock);
	if (fits)
		return table;
	kfree(table);
	return NULL;
}

void fd_table_put(struct fd_table *table)
{
	if (__atomic_sub_fetch(&table->references, 1, __ATOMIC_ACQ_REL))
		return;
	for (u32 word = 0; word < table->capacity / WORD_BITS; word++) {
		for (u64 used = table->used[word]; used; used &= used - 1)
			file_put(table->files[word * WORD_BITS + (u32)__builtin_ctzll(used)]);
	}
	free_arrays(table);
	kfree(table);
}

void fd_table_exec(struct fd_table *table)
{
	for (u32 word = 0; word < table->capacity / WORD_BITS; word++) {
		u64 marked = table->close_on_exec[word] & table->used[word];

		for (; marked; marked &= marked - 1)
			fd_close(table, (int)(word * WORD_BITS + (u32)__builtin_ctzll(marked)));
	}
}

/* --- look-up --- */

struct file *fd_file_get(struct fd_table *table, int fd)
{
	struct file *file = NULL;

	arch_spin_lock(&table->lock);
	if ((u32)fd < table->capacity)
		file = table->files[fd];
	if (file)
		file_get(file);
	arch_spin_unlock(&table->lock);
	return file;
}

struct fd_hold fd_hold_shared(struct fd_table *table, int fd)
{
	struct file *file = fd_file_get(table, fd);

	return (struct fd_hold){ file, file };
}

/* --- changes, each under the lock --- */

static void mark(struct fd_table *table, u32 fd, bool close_on_exec)
{
	if (close_on_exec)
		table->close_on_exec[fd / WORD_BITS] |= bit_of(fd);
	else
		table->close_on_exec[fd / WORD_BITS] &= ~bit_of(fd);
}

static bool is_used(const struct fd_table *table, u32 fd)
{
	return fd < table->capacity && table->used[fd / WORD_BITS] & bit_of(fd);
}

static u32 next_free(const struct fd_table *table, u32 from)
{
	u64 mask = ~UINT64_C(0) << from % WORD_BITS;

	for (u32 word = from / WORD_BITS; word < table->capacity / WORD_BITS; word++) {
		u64 free = ~table->used[word] & mask;

		if (free)
			return word * WORD_BITS + (u32)__builtin_ctzll(free);
		mask = ~UINT64_C(0);
	}
	return from < table->capacity ? table->capacity : from;
}

static int reserve(struct fd_table *table, u32 from, bool close_on_exec)
{
	u32 fd = next_free(table, from > table->first_free ? from : table->first_free);
	int error;

	if (fd >= fd_limit())
		return -EMFILE;
	error = reach(table, fd);
	if (error)
		return error;
	table->used[fd / WORD_BITS] |= bit_of(fd);
	if (from <= table->first_free)
		table->first_free = fd + 1;
	mark(table, fd, close_on_exec);
	return (int)fd;
}

int fd_reserve(struct fd_table *table, int from, bool close_on_exec)
{
	int fd;

	arch_spin_lock(&table->lock);
	fd = reserve(table, (u32)from, close_on_exec);
	arch_spin_unlock(&table->lock);
	return fd;
}

static struct file *vacate(struct fd_table *table, u32 fd)
{
	struct file *file = table->files[fd];

	table->files[fd] = NULL;
	table->used[fd / WORD_BITS] &= ~bit_of(fd);
	if (fd < table->first_free)
		table->first_free = fd;
	return file;
}

void fd_unreserve(struct fd_table *table, int fd)
{
	arch_spin_lock(&table->lock);
	vacate(table, (u32)fd);
	arch_spin_unlock(&table->lock);
}

void fd_fill(struct fd_table *table, int fd, struct file *file)
{
	arch_spin_lock(&table->lock);
	table->files[fd] = file;
	arch_spin_unlock(&table->lock);
}

int fd_install(struct fd_table *table, struct file *file, bool close_on_exec)
{
	int fd;

	arch_spin_lock(&table->lock);
	fd = reserve(table, 0, close_on_exec);
	if (fd >= 0)
		table->files[fd] = file;
	arch_spin_unlock(&table->lock);
	return fd;
}

static int replace(struct fd_table *table, u32 fd, struct file *file, bool close_on_exec,
		   struct file **old)
{
	int error = reach(table, fd);

	if (error)
		return error;
	if (is_used(table, fd) && !table->files[fd])
		return -EBUSY;
	*old = table->files[fd];
	table->files[fd] = file;
	table->used[fd / WORD_BITS] |= bit_of(fd);
	mark(table, fd, close_on_exec);
	file_get(file);
	return (int)fd;
}

int fd_replace(struct fd_table *table, int fd, struct file *file, bool close_on_exec)
{
	struct file *old = NULL;
	int result;

	if (fd < 0 || (u32)fd >= fd_limit())
		return -EBADF;
	arch_spin_lock(&table->lock);
	result = replace(table, (u32)fd, file, close_on_exec, &old);
	arch_spin_unlock(&table->lock);
	if (old)
		file_put(old);
	return result;
}

int fd_close(struct fd_table *table, int fd)
{
	struct file *file = NULL;

	arch_spin_lock(&table->lock);
	if ((u32)fd < table->capacity && table->files[fd])
		file = vacate(table, (u32)fd);
	arch_spin_unlock(&table->lock);
	if (!file)
		return -EBADF;
	file_put(file);
	return 0;
}

int fd_flags(struct fd_table *table, int fd)
{
	int flags = -EBADF;

	arch_spin_lock(&table->lock);
	if ((u32)fd < table->capacity && table->files[fd])
		flags = table->close_on_exec[fd / WORD_BITS] & bit_of((u32)fd) ? FD_CLOEXEC : 0;
	arch_spin_unlock(&table->lock);
	return flags;
}

int fd_set_flags(struct fd_table *table, int fd, bool close_on_exec)
{
	int error = -EBADF;

	arch_spin_lock(&table->lock);
	if ((u32)fd < table->capacity && table->files[fd]) {
		mark(table, (u32)fd, close_on_exec);
		error = 0;
	}
	arch_spin_unlock(&table->lock);
	return error;
}

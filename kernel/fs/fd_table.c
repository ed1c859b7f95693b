/* SPDX-License-Identifier: MIT */
/* File descriptors. */
#include <asm/errno.h>
#include <kernel/fs/fd_table.h>
#include <kernel/mm/kmalloc.h>
#include <quench/string.h>

struct fd_table *fd_table_create(void)
{
	struct fd_table *table = kzalloc(sizeof(*table));

	if (table)
		table->references = 1;
	return table;
}

void fd_table_put(struct fd_table *table)
{
	if (--table->references)
		return;
	for (u32 fd = 0; fd < table->capacity; fd++) {
		if (table->files[fd])
			file_put(table->files[fd]);
	}
	kfree(table->files);
	kfree(table);
}

static int grow(struct fd_table *table)
{
	u32 capacity = table->capacity ? table->capacity * 2 : 16;
	struct file **files;

	if (table->capacity >= FD_MAX)
		return -EMFILE;
	files = kzalloc(capacity * sizeof(struct file *));
	if (!files)
		return -ENOMEM;
	if (table->capacity)
		memcpy(files, table->files, table->capacity * sizeof(struct file *));
	kfree(table->files);
	table->files = files;
	table->capacity = capacity;
	return 0;
}

int fd_install(struct fd_table *table, struct file *file, bool close_on_exec)
{
	u32 fd = 0;

	while (fd < table->capacity && table->files[fd])
		fd++;
	if (fd == table->capacity) {
		int error = grow(table);

		if (error)
			return error;
	}
	table->files[fd] = file;
	if (close_on_exec)
		table->close_on_exec[fd / 64] |= UINT64_C(1) << (fd % 64);
	else
		table->close_on_exec[fd / 64] &= ~(UINT64_C(1) << (fd % 64));
	return (int)fd;
}

struct file *fd_file(const struct fd_table *table, int fd)
{
	return fd >= 0 && (u32)fd < table->capacity ? table->files[fd] : NULL;
}

int fd_close(struct fd_table *table, int fd)
{
	struct file *file = fd_file(table, fd);

	if (!file)
		return -EBADF;
	table->files[fd] = NULL;
	file_put(file);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* Loading a program: its segments as mappings that are read on demand. */
#include <asm/errno.h>
#include <asm/mman.h>
#include <kernel/fs/initramfs.h>
#include <kernel/fs/mode.h>
#include <kernel/proc/elf.h>
#include <kernel/proc/exec.h>
#include <kernel/proc/start_stack.h>

/* What of the segment comes from the file: a private mapping, the rest of its last page zero. */
static int map_file_part(struct aspace *aspace, const struct elf_segment *segment, u64 bias,
			 const struct inode *inode)
{
	u64 end = ALIGN_UP(segment->file_end, PAGE_BYTES);
	struct vma area = {
		.start = segment->address + bias,
		.end = end + bias,
		.prot = (u8)segment->prot,
		.kind = VMA_FILE,
		.flags = VMA_MAY_WRITE,
		.object = inode_get(inode),
		.offset = segment->offset,
	};
	int error = aspace_add(aspace, &area);

	if (error)
		inode_put(inode);
	/* Zero what lies behind the segment's bytes in the file only where the program may write:
	 * elsewhere Linux leaves the file's bytes, too. */
	if (error || !(segment->prot & PROT_WRITE) || end == segment->file_end)
		return error;
	return aspace_clear(aspace, segment->file_end + bias, end - segment->file_end);
}

static int map_segment(struct aspace *aspace, const struct elf_segment *segment, u64 bias,
		       const struct inode *inode)
{
	u64 file_pages_end = ALIGN_UP(segment->file_end, PAGE_BYTES);
	struct vma rest = {
		.start = file_pages_end + bias,
		.end = segment->pages_end + bias,
		.prot = (u8)segment->prot,
		.kind = VMA_ANONYMOUS,
		.flags = VMA_MAY_WRITE,
	};
	int error = 0;

	if (segment->file_end > segment->address)
		error = map_file_part(aspace, segment, bias, inode);
	if (!error && rest.start < rest.end)
		error = aspace_add(aspace, &rest);
	return error;
}

static int map_program(struct aspace *aspace, const struct elf_program *program, u64 bias,
		       const struct inode *inode)
{
	int error = 0;

	for (size_t i = 0; i < program->nr_segments && !error; i++)
		error = map_segment(aspace, &program->segments[i], bias, inode);
	aspace->heap_start = aspace->heap_end = program->high + bias;
	return error ? error : aspace_add_stack(aspace);
}

static int find_program(const struct inode *directory, const char *path, const struct inode **inode,
			const char **why)
{
	int error = initramfs_lookup(directory, path, LOOKUP_FOLLOW, inode);

	*why = "no such file";
	if (error)
		return error;
	*why = "no regular file that may be executed";
	return S_ISREG((*inode)->mode) && (*inode)->mode & 0111 ? 0 : -EACCES;
}

int exec_load(const struct inode *directory, const char *path, const char *const argv[],
	      const char *const envp[], struct exec_image *image, const char **why)
{
	const u64 limit = ASPACE_STACK_TOP - ASPACE_STACK_BYTES - ASPACE_GUARD_BYTES;
	const struct inode *inode;
	struct elf_program program;
	u64 bias;
	int error = find_program(directory, path, &inode, why);

	if (!error)
		error = elf_check(inode->data, inode->bytes, ASPACE_DYN_BASE, limit, &program, why);
	if (error)
		return error;
	bias = program.position_independent ? ASPACE_DYN_BASE - program.low : 0;
	*why = "a segment below 64 KiB";
	if (program.low + bias < ASPACE_LOW)
		return -ENOEXEC;
	*why = "memory is out";
	image->aspace = aspace_create();
	if (!image->aspace)
		return -ENOMEM;
	image->entry = program.entry + bias;
	error = map_program(image->aspace, &program, bias, inode);
	if (!error)
		error = start_stack_build(image->aspace, &program, bias, path, argv, envp,
					  &image->stack_pointer);
	if (error == -E2BIG)
		*why = "arguments and environment are too long";
	if (error)
		aspace_put(image->aspace);
	return error;
}

/* SPDX-License-Identifier: MIT */
/* Loading a program: its segments as mappings that are read on demand. */
#include <asm/errno.h>
#include <asm/mman.h>
#include <kernel/fs/mode.h>
#include <kernel/fs/path.h>
#include <kernel/mm/kmalloc.h>
#include <kernel/proc/elf.h>
#include <kernel/proc/exec.h>
#include <kernel/proc/script.h>
#include <kernel/proc/start_stack.h>
#include <linux/elf.h>

#define MAX_HEAD    KIB(64) /* of ELF and program headers */
#define MAX_SCRIPTS 4       /* interpreters that are scripts themselves */

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

static int find_program(const struct inode *directory, const char *path, struct inode **inode,
			const char **why)
{
	int error = fs_lookup(directory, path, LOOKUP_FOLLOW, inode);

	*why = "no such file";
	if (error)
		return error;
	*why = "no regular file that may be executed";
	if (S_ISREG((*inode)->mode) && (*inode)->mode & 0111)
		return 0;
	inode_put(*inode);
	return -EACCES;
}

/* As much of the file's start as elf_check looks at, to be freed: all program headers. *bytes is
 * the file's size; or, with headers too far in, what was read so that they are refused. */
static int read_head(struct inode *inode, u8 **head, u64 *bytes)
{
	Elf64_Ehdr header = { 0 };
	s64 n = inode_read(inode, &header, sizeof(header), 0);
	u64 end = sizeof(header);

	if (n < 0)
		return (int)n;
	if (header.e_phoff <= MAX_HEAD)
		end = header.e_phoff + (u64)header.e_phnum * sizeof(Elf64_Phdr);
	if (header.e_phoff > MAX_HEAD || end > 2 * MAX_HEAD)
		*bytes = end = sizeof(header);
	if (end < sizeof(header))
		end = sizeof(header);
	*head = kzalloc(end);
	if (!*head)
		return -ENOMEM;
	n = inode_read(inode, *head, end, 0);
	return n < 0 ? (int)n : 0;
}

static int judge(struct inode *inode, u64 limit, struct elf_program *program, const char **why)
{
	u64 bytes = READ_ONCE(inode->bytes);
	u8 *head = NULL;
	int error = read_head(inode, &head, &bytes);

	*why = "memory is out";
	if (!error)
		error = elf_check(head, bytes, ASPACE_DYN_BASE, limit, program, why);
	kfree(head);
	return error;
}

static int load_elf(const struct inode *directory, struct inode *inode, const char *path,
		    const char *const argv[], const char *const envp[], struct exec_image *image,
		    const char **why)
{
	const u64 limit = ASPACE_STACK_TOP - ASPACE_STACK_BYTES - ASPACE_GUARD_BYTES;
	struct elf_program program;
	u64 bias;
	int error = judge(inode, limit, &program, why);

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
	image->aspace->name = fs_name_of(directory, path);
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

static int load(const struct inode *directory, const char *path, const char *const argv[],
		const char *const envp[], struct exec_image *image, const char **why,
		unsigned depth);

/* The interpreter instead, with: itself, the line's one argument, the script's path, and the
 * script's own arguments. execve(2), "Interpreter scripts". */
static int load_script(const struct inode *directory, const struct script_line *line,
		       const char *path, const char *const argv[], const char *const envp[],
		       struct exec_image *image, const char **why, unsigned depth)
{
	size_t nr = 0, n = 0;
	const char **all;
	int error;

	*why = "scripts that interpret scripts, too deep";
	if (depth == MAX_SCRIPTS)
		return -ELOOP;
	while (argv[nr])
		nr++;
	all = kmalloc((nr + 4) * sizeof(*all));
	*why = "memory is out";
	if (!all)
		return -ENOMEM;
	all[n++] = line->interpreter;
	if (line->argument)
		all[n++] = line->argument;
	all[n++] = path;
	for (size_t i = 1; i < nr; i++)
		all[n++] = argv[i];
	all[n] = NULL;
	error = load(directory, line->interpreter, all, envp, image, why, depth + 1);
	kfree(all);
	return error;
}

static int load(const struct inode *directory, const char *path, const char *const argv[],
		const char *const envp[], struct exec_image *image, const char **why,
		unsigned depth)
{
	char text[SCRIPT_LINE_BYTES];
	struct script_line line;
	struct inode *inode;
	s64 n;
	int error = find_program(directory, path, &inode, why);

	if (error)
		return error;
	n = inode_read(inode, text, sizeof(text), 0);
	error = n < 0 ? (int)n : script_parse(text, (size_t)n, &line);
	*why = "a script whose first line names no interpreter";
	if (error == SCRIPT_NONE)
		error = load_elf(directory, inode, path, argv, envp, image, why);
	else if (!error)
		error = load_script(directory, &line, path, argv, envp, image, why, depth);
	inode_put(inode);
	return error;
}

int exec_load(const struct inode *directory, const char *path, const char *const argv[],
	      const char *const envp[], struct exec_image *image, const char **why)
{
	return load(directory, path, argv, envp, image, why, 0);
}

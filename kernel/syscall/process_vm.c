/* SPDX-License-Identifier: MIT */
/* process_vm_readv and process_vm_writev: between the memories of two processes, through a page of
 * the kernel's, so that neither is touched while the other's lock is held. */
#include <arch/pagetable.h>
#include <arch/uaccess.h>
#include <asm/errno.h>
#include <kernel/mm/kmalloc.h>
#include <kernel/mm/page.h>
#include <kernel/proc/process.h>
#include <kernel/syscall/syscall.h>
#include <linux/uio.h>

#define BOUNCE_BYTES PAGE_BYTES

/* Pieces of memory, and how far into them the transfer is. */
struct pieces {
	struct iovec *vector;
	size_t count, at;
	u64 done; /* of vector[at], bytes */
};

struct transfer {
	struct aspace *remote_aspace;
	struct pieces local, remote;
	u8 *bounce;
	bool write; /* to the other process */
};

static int get_pieces(struct pieces *pieces, const void __user *from, u64 count, bool local)
{
	size_t bytes = count * sizeof(struct iovec);
	u64 total = 0;

	pieces->at = 0;
	pieces->done = 0;
	pieces->count = count;
	if (count > UIO_MAXIOV)
		return -EINVAL;
	pieces->vector = kmalloc(bytes ? bytes : 1);
	if (!pieces->vector)
		return -ENOMEM;
	if (copy_from_user(pieces->vector, from, bytes))
		return -EFAULT;
	for (size_t i = 0; i < count; i++) {
		const struct iovec *piece = &pieces->vector[i];

		if ((s64)piece->iov_len < 0 || (s64)(total += piece->iov_len) < 0)
			return -EINVAL;
		if (local && !user_range_ok((__force void __user *)piece->iov_base, piece->iov_len))
			return -EFAULT;
	}
	return 0;
}

/* What is left of the piece in hand, passing over those that are used up; 0 at the end. */
static u64 left_of(struct pieces *pieces)
{
	while (pieces->at < pieces->count) {
		u64 left = pieces->vector[pieces->at].iov_len - pieces->done;

		if (left)
			return left;
		pieces->at++;
		pieces->done = 0;
	}
	return 0;
}

static u64 address_of(const struct pieces *pieces)
{
	return (__force u64)pieces->vector[pieces->at].iov_base + pieces->done;
}

/* Moves n bytes, at most a bounce buffer's; how many have arrived. */
static size_t move(const struct transfer *transfer, size_t n)
{
	void __user *local = (void __user *)address_of(&transfer->local);
	u64 remote = address_of(&transfer->remote);

	if (transfer->write) {
		n -= copy_from_user(transfer->bounce, local, n);
		return aspace_write_as(transfer->remote_aspace, remote, transfer->bounce, n);
	}
	n = aspace_read_as(transfer->remote_aspace, transfer->bounce, remote, n);
	return n - copy_to_user(local, transfer->bounce, n);
}

static s64 run(struct transfer *transfer)
{
	u64 total = 0;

	for (;;) {
		u64 n = left_of(&transfer->local), other = left_of(&transfer->remote);
		size_t done;

		if (n > other)
			n = other;
		if (!n)
			return (s64)total;
		if (n > BOUNCE_BYTES)
			n = BOUNCE_BYTES;
		done = move(transfer, n);
		transfer->local.done += done;
		transfer->remote.done += done;
		total += done;
		if (done < n)
			return total ? (s64)total : -EFAULT;
	}
}

/* With the pieces known: finds the other process, and a page to go through. */
static s64 transfer_with(struct transfer *transfer, int pid)
{
	struct process *process = process_find(pid);
	paddr_t bounce = page_alloc();
	s64 result = -ESRCH;

	transfer->remote_aspace = process ? process_aspace(process) : NULL;
	if (!bounce)
		result = -ENOMEM;
	else if (transfer->remote_aspace) {
		transfer->bounce = arch_direct_map(bounce);
		result = run(transfer);
	}
	if (transfer->remote_aspace)
		aspace_put(transfer->remote_aspace);
	if (process)
		process_put(process);
	if (bounce)
		page_put(bounce);
	return result;
}

static s64 process_vm(const struct syscall *call, bool write)
{
	struct transfer transfer = { .write = write };
	s64 result;

	if (call->arg[5])
		return -EINVAL;
	result = get_pieces(&transfer.local, USER_POINTER(call, 1), call->arg[2], true);
	if (!result)
		result = get_pieces(&transfer.remote, USER_POINTER(call, 3), call->arg[4], false);
	if (!result)
		result = transfer_with(&transfer, (int)call->arg[0]);
	kfree(transfer.local.vector);
	kfree(transfer.remote.vector);
	return result;
}

s64 sys_process_vm_readv(const struct syscall *call)
{
	return process_vm(call, false);
}

s64 sys_process_vm_writev(const struct syscall *call)
{
	return process_vm(call, true);
}

/* SPDX-License-Identifier: MIT */
/* kernel/fs on the C library. */
#include "fs_harness.h"

#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <arch/cpu.h>
#include <arch/pagetable.h>
#include <arch/percpu.h>
#include <arch/spinlock.h>
#include <arch/uaccess.h>
#include <asm/prctl.h>
#include <kernel/fs/device.h>
#include <kernel/fs/flock.h>
#include <kernel/fs/pipe.h>
#include <kernel/mm/kmalloc.h>
#include <kernel/mm/page.h>
#include <kernel/sched/mutex.h>

long fs_objects, fs_pages, fs_fail_at, fs_locks;
const void *fs_user_end;

static struct arch_percpu percpu = { .preempt = ARCH_PREEMPT_QUIET };

void fs_harness_start(void)
{
	syscall(SYS_arch_prctl, ARCH_SET_GS, &percpu);
}

void kernel_preempt(void)
{
	abort();
}

void arch_spin_wait(struct arch_spinlock *lock)
{
	abort(); /* one thread: it would wait for itself */
}

static bool fails(void)
{
	return fs_fail_at && !--fs_fail_at;
}

/* --- memory: a page has its reference count in front --- */

struct page {
	u8 bytes[PAGE_BYTES];
	u32 references;
};

void *kmalloc(size_t bytes)
{
	void *object = fails() ? NULL : malloc(bytes);

	fs_objects += object != NULL;
	return object;
}

void *kzalloc(size_t bytes)
{
	void *object = kmalloc(bytes);

	return object ? memset(object, 0, bytes) : NULL;
}

void kfree(void *object)
{
	fs_objects -= object != NULL;
	free(object);
}

static struct page *page_at(paddr_t address)
{
	return arch_direct_map(address);
}

paddr_t page_alloc(void)
{
	struct page *page = fails() ? NULL : aligned_alloc(PAGE_BYTES, 2 * PAGE_BYTES);

	if (!page)
		return 0;
	memset(page, 0x5a, sizeof(*page));
	page->references = 1;
	fs_pages++;
	return arch_direct_map_address(page);
}

paddr_t page_alloc_zeroed(void)
{
	paddr_t page = page_alloc();

	if (page)
		memset(arch_direct_map(page), 0, PAGE_BYTES);
	return page;
}

void page_get(paddr_t page)
{
	page_at(page)->references++;
}

void page_put(paddr_t page)
{
	if (!page_at(page)->references)
		abort();
	if (--page_at(page)->references)
		return;
	fs_pages--;
	free(page_at(page));
}

/* --- locks that nobody else holds --- */

void mutex_init(struct mutex *mutex)
{
	memset(mutex, 0, sizeof(*mutex));
}
void mutex_lock(struct mutex *mutex)
{
	if (mutex->held++)
		abort();
	fs_locks++;
}
void mutex_unlock(struct mutex *mutex)
{
	if (!mutex->held--)
		abort();
	fs_locks--;
}
void rw_init(struct rwlock_sleep *lock)
{
	memset(lock, 0, sizeof(*lock));
}
void rw_read_lock(struct rwlock_sleep *lock)
{
	if (lock->state++)
		abort();
	fs_locks++;
}
void rw_read_unlock(struct rwlock_sleep *lock)
{
	lock->state--;
	fs_locks--;
}
void rw_write_lock(struct rwlock_sleep *lock)
{
	rw_read_lock(lock);
}
void rw_write_unlock(struct rwlock_sleep *lock)
{
	rw_read_unlock(lock);
}

/* --- time and user memory --- */

u64 arch_clock_ns(void)
{
	static u64 now;

	return ++now;
}
u64 arch_boot_seconds(void)
{
	return 1000000000;
}

static size_t left_of(const void *user, size_t n)
{
	const u8 *start = user, *end = fs_user_end;

	if (!end || start + n <= end)
		return 0;
	return start >= end ? n : n - (size_t)(end - start);
}

size_t(copy_from_user)(void *to, const void __user *from, size_t n)
{
	size_t left = left_of(from, n);

	memcpy(to, from, n - left);
	memset((u8 *)to + n - left, 0, left);
	return left;
}
size_t(copy_to_user)(void __user *to, const void *from, size_t n)
{
	size_t left = left_of(to, n);

	memcpy(to, from, n - left);
	return left;
}
size_t clear_user(void __user *to, size_t n)
{
	size_t left = left_of(to, n);

	memset(to, 0, n - left);
	return left;
}

/* --- the kinds of files a test has none of --- */

static const struct file_operations some_device;
const struct file_operations pipe_operations;

const struct file_operations *device_operations(u32 major, u32 minor)
{
	return &some_device;
}
/* Nobody locks here. */
void flock_drop(struct file *file)
{
}

void pipe_destroy(struct pipe *pipe)
{
}

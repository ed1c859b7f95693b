/* SPDX-License-Identifier: MIT */
/*
 * Pipes and FIFOs. One mutex a pipe protects the ring; it is held while user memory is copied,
 * which may sleep in a page fault. Two tasks of one processor share nothing with anybody else.
 *
 * Who sleeps has put itself into the queue before it looks at the ring once more; who has changed
 * the ring gives the mutex back, which is a full barrier, before it looks at the queue: so no
 * wake-up is lost. Only the step from empty or from full wakes; a sleeper that finds more than it
 * needs passes that on (`again`).
 */
#include <arch/pagetable.h>
#include <asm/errno.h>
#include <asm/ioctls.h>
#include <asm/poll.h>
#include <asm/signal.h>
#include <kernel/fs/mode.h>
#include <kernel/fs/pipe.h>
#include <kernel/fs/pipe_ring.h>
#include <kernel/fs/poll.h>
#include <kernel/fs/regular.h>
#include <kernel/mm/kmalloc.h>
#include <kernel/mm/page.h>
#include <kernel/signal/signal.h>
#include <linux/fcntl.h>

#define SPARE_PAGES 2

struct pipe {
	struct mutex mutex;    /* protects all but the queues */
	struct pipe_ring ring; /* head and tail are read without it to sleep and poll */
	u32 readers, writers;  /* files open that way; read without it likewise */
	u32 spares;            /* pages kept for the next write */
	paddr_t spare[SPARE_PAGES];
	struct wait_queue readable, writable; /* who wants to read, to write */
	u32 reader_opens, writer_opens;       /* FIFO: how often; counts on */
	struct pipe_page few[PIPE_PAGES];
};

static struct pipe *pipe_of(const struct file *file)
{
	return file->inode->pipe;
}

static struct pipe *pipe_alloc(void)
{
	struct pipe *pipe = kzalloc(sizeof(*pipe));

	if (!pipe)
		return NULL;
	mutex_init(&pipe->mutex);
	wait_queue_init(&pipe->readable);
	wait_queue_init(&pipe->writable);
	pipe_ring_init(&pipe->ring, pipe->few, PIPE_PAGES);
	return pipe;
}

static paddr_t take_page(struct pipe *pipe)
{
	return pipe->spares ? pipe->spare[--pipe->spares] : page_alloc();
}

static void give_page(struct pipe *pipe, paddr_t page)
{
	if (pipe->spares < SPARE_PAGES)
		pipe->spare[pipe->spares++] = page;
	else
		page_put(page);
}

/* Nobody has it open: what is queued is gone. */
static void empty(struct pipe *pipe)
{
	while (!pipe_ring_empty(&pipe->ring)) {
		struct pipe_page *oldest = pipe_ring_oldest(&pipe->ring);

		page_put(pipe_ring_consume(&pipe->ring, oldest->length));
	}
	while (pipe->spares)
		page_put(pipe->spare[--pipe->spares]);
}

void pipe_destroy(struct pipe *pipe)
{
	if (!pipe)
		return;
	empty(pipe);
	if (pipe->ring.pages != pipe->few)
		kfree(pipe->ring.pages);
	kfree(pipe);
}

static void wake(struct wait_queue *queue, unsigned key)
{
	if (wait_queue_active(queue))
		wait_wake_sync(queue, 1, key);
}
static void wake_readers(struct pipe *pipe)
{
	wake(&pipe->readable, POLLIN | POLLRDNORM);
}
static void wake_writers(struct pipe *pipe)
{
	wake(&pipe->writable, POLLOUT | POLLWRNORM);
}

static u8 *page_bytes(u64 page)
{
	return arch_direct_map(page);
}

/* --- reading --- */

/* What is queued, as much as fits: the count, or -EFAULT with the rest still queued. */
static s64 read_queued(struct pipe *pipe, struct user_buffer *to)
{
	s64 total = 0;

	while (to->bytes && !pipe_ring_empty(&pipe->ring)) {
		struct pipe_page *oldest = pipe_ring_oldest(&pipe->ring);
		u32 n = oldest->length < to->bytes ? oldest->length : (u32)to->bytes;
		u64 done;

		/* All or nothing of each page, as Linux has it. */
		if (user_buffer_give(to, page_bytes(oldest->page) + oldest->offset, n) < n)
			return total ? total : -EFAULT;
		total += n;
		done = pipe_ring_consume(&pipe->ring, n);
		if (done)
			give_page(pipe, done);
	}
	return total;
}

static bool readable(const struct pipe *pipe)
{
	return READ_ONCE(pipe->ring.head) != READ_ONCE(pipe->ring.tail) ||
	       !READ_ONCE(pipe->writers);
}

static inline int wait_exclusively(struct wait_queue *queue, bool (*ready)(const struct pipe *),
				   const struct pipe *pipe)
{
	struct waiter self = { .exclusive = true };
	int result = 0;

	for (;;) {
		wait_prepare(queue, &self, TASK_INTERRUPTIBLE);
		if (ready(pipe))
			break;
		result = wait_interrupted(TASK_INTERRUPTIBLE);
		if (result)
			break;
		sched_sleep();
		if (ready(pipe)) /* who woke it has taken it out of the queue */
			break;
	}
	wait_finish(queue, &self);
	return result;
}

/* Sleeps until there is something to read, the mutex given back meanwhile. */
static int await_data(struct pipe *pipe)
{
	int error;

	mutex_unlock(&pipe->mutex);
	error = wait_exclusively(&pipe->readable, readable, pipe);
	mutex_lock(&pipe->mutex);
	return error;
}

/* The whole of reading, the mutex held; gives it back. `again`: it has waited. */
static __noinline s64 read_slowly(struct file *file, struct user_buffer *to, bool again)
{
	struct pipe *pipe = pipe_of(file);
	bool was_full;
	s64 result = 0;

	while (pipe_ring_empty(&pipe->ring)) {
		if (!pipe->writers)
			break;
		result = file->flags & O_NONBLOCK ? -EAGAIN : await_data(pipe);
		if (result)
			break;
		again = true;
	}
	was_full = pipe_ring_full(&pipe->ring);
	if (likely(!result))
		result = read_queued(pipe, to);
	was_full &= !pipe_ring_full(&pipe->ring);
	/* Another reader may take the rest, or must see the end as well. */
	again &= readable(pipe);
	mutex_unlock(&pipe->mutex);
	if (was_full)
		wake_writers(pipe);
	if (again)
		wake_readers(pipe);
	return result;
}

/*
 * The short way for what most reads are: all that is asked for, or all there is, lies in one page
 * and goes to one piece of memory, and nobody waits for room.
 */
static s64 pipe_read(struct file *file, struct user_buffer *to, u64 *position)
{
	struct pipe *pipe = pipe_of(file);
	size_t n = to->bytes;
	struct pipe_page *oldest;
	bool waited = false;
	size_t left;
	u32 queued;
	u64 done;

	if (unlikely(!n))
		return 0;
	if (!readable(pipe) && !(file->flags & O_NONBLOCK)) {
		int error = wait_exclusively(&pipe->readable, readable, pipe);

		if (unlikely(error))
			return error;
		waited = true;
	}
	mutex_lock(&pipe->mutex);
	queued = pipe->ring.head - pipe->ring.tail;
	oldest = pipe_ring_oldest(&pipe->ring);
	if (n > oldest->length && queued == 1)
		n = oldest->length;
	if (unlikely(!queued || n > oldest->length || n > to->part_bytes ||
		     queued > pipe->ring.mask || pipe->spares == SPARE_PAGES))
		return read_slowly(file, to, waited);
	left = copy_to_user(to->part, page_bytes(oldest->page) + oldest->offset, n);
	done = likely(!left) ? pipe_ring_consume(&pipe->ring, (u32)n) : 0;
	if (done)
		pipe->spare[pipe->spares++] = done;
	mutex_unlock(&pipe->mutex);
	/* The wake-up was this reader's alone: what it leaves is another's. */
	if (waited && readable(pipe))
		wake_readers(pipe);
	return likely(!left) ? (s64)n : -EFAULT;
}

/* --- writing --- */

/* The odd part of a write joins the newest page where it fits there. */
static s64 append(struct pipe *pipe, struct user_buffer *from)
{
	struct pipe_page *newest = pipe_ring_merge(&pipe->ring, from->bytes);
	u32 odd = (u32)(from->bytes & PAGE_MASK);

	if (!newest)
		return 0;
	if (user_buffer_take(from, page_bytes(newest->page) + newest->offset + newest->length,
			     odd) < odd)
		return -EFAULT;
	newest->length += odd;
	return odd;
}

/* As many whole pages as there is room for: the count; short with room left only when user memory
 * or memory has ended: *why. A page that cannot be filled is not queued. */
static s64 fill(struct pipe *pipe, struct user_buffer *from, s64 *why)
{
	s64 total = 0;

	*why = 0;
	while (from->bytes && !pipe_ring_full(&pipe->ring)) {
		size_t n = from->bytes < PAGE_BYTES ? from->bytes : PAGE_BYTES;
		paddr_t page = take_page(pipe);

		if (!page) {
			*why = -ENOMEM;
			break;
		}
		if (user_buffer_take(from, page_bytes(page), n) < n) {
			give_page(pipe, page);
			*why = -EFAULT;
			break;
		}
		pipe_ring_push(&pipe->ring, page, (u32)n);
		total += (s64)n;
	}
	return total;
}

static bool writable(const struct pipe *pipe)
{
	u32 queued = READ_ONCE(pipe->ring.head) - READ_ONCE(pipe->ring.tail);

	return queued <= READ_ONCE(pipe->ring.mask) || !READ_ONCE(pipe->readers);
}

static int await_room(struct pipe *pipe)
{
	int error;

	mutex_unlock(&pipe->mutex);
	wake_readers(pipe);
	error = wait_exclusively(&pipe->writable, writable, pipe);
	mutex_lock(&pipe->mutex);
	return error;
}

static s64 nobody_reads(void)
{
	signal_raise(SIGPIPE);
	return -EPIPE;
}

/* What does not fit waits for room: the count, or why nothing was written. */
static s64 write_rest(struct file *file, struct user_buffer *from, s64 total, bool *waited)
{
	struct pipe *pipe = pipe_of(file);

	for (;;) {
		s64 why;

		if (!pipe->readers) {
			why = nobody_reads();
			return total ? total : why;
		}
		total += fill(pipe, from, &why);
		if (!from->bytes)
			return total;
		if (!why)
			why = file->flags & O_NONBLOCK ? -EAGAIN : await_room(pipe);
		if (why)
			return total ? total : why;
		*waited = true;
	}
}

/* The whole of writing, the mutex held; gives it back. */
static __noinline s64 write_slowly(struct file *file, struct user_buffer *from)
{
	struct pipe *pipe = pipe_of(file);
	bool was_empty, again = false;
	s64 result;

	was_empty = pipe_ring_empty(&pipe->ring);
	result = likely(pipe->readers) ? append(pipe, from) : 0;
	if (result >= 0 && from->bytes)
		result = write_rest(file, from, result, &again);
	/* After a wait the readers have seen what was queued before; rouse them for the rest. */
	was_empty = (was_empty || again) && !pipe_ring_empty(&pipe->ring);
	again &= writable(pipe);
	mutex_unlock(&pipe->mutex);
	if (was_empty)
		wake_readers(pipe);
	if (again)
		wake_writers(pipe);
	return result;
}

/* Where n < PAGE_BYTES bytes, or a whole page, go at once: into the newest page, or one from the
 * spares. NULL: nowhere. */
static inline u8 *room_for(struct pipe *pipe, u32 queued, size_t n)
{
	const struct pipe_page *newest;

	if (queued) {
		newest = &pipe->ring.pages[(pipe->ring.head - 1) & pipe->ring.mask];
		if (newest->offset + newest->length + n <= PAGE_BYTES)
			return page_bytes(newest->page) + newest->offset + newest->length;
	}
	if (queued > pipe->ring.mask || !pipe->spares)
		return NULL;
	return page_bytes(pipe->spare[pipe->spares - 1]);
}

/* The short way for what most writes are: at most a page, from one piece of memory, with room. */
static s64 pipe_write(struct file *file, struct user_buffer *from, u64 *position)
{
	struct pipe *pipe = pipe_of(file);
	size_t n = from->bytes;
	u32 queued;
	u8 *room;

	if (unlikely(!n))
		return 0;
	mutex_lock(&pipe->mutex);
	queued = pipe->ring.head - pipe->ring.tail;
	room = n <= PAGE_BYTES ? room_for(pipe, queued, n) : NULL;
	if (unlikely(!room || n > from->part_bytes || !pipe->readers))
		return write_slowly(file, from);
	if (unlikely(copy_from_user(room, from->part, n))) {
		mutex_unlock(&pipe->mutex);
		return -EFAULT;
	}
	/* A page in use has bytes before the room; a spare one has not. */
	if (!((u64)room & PAGE_MASK))
		pipe_ring_push(&pipe->ring, pipe->spare[--pipe->spares], (u32)n);
	else
		pipe->ring.pages[(pipe->ring.head - 1) & pipe->ring.mask].length += (u32)n;
	mutex_unlock(&pipe->mutex);
	if (!queued)
		wake_readers(pipe);
	return (s64)n;
}

/* --- the rest of a file's life --- */

static unsigned pipe_poll(struct file *file, struct poll_table *table)
{
	struct pipe *pipe = pipe_of(file);
	unsigned ready = 0;

	if (file->mode & FILE_READ) {
		poll_wait(table, &pipe->readable);
		if (READ_ONCE(pipe->ring.head) != READ_ONCE(pipe->ring.tail))
			ready |= POLLIN | POLLRDNORM;
		/* A FIFO that no writer has opened yet is not at its end. */
		if (!READ_ONCE(pipe->writers) && pipe->writer_opens)
			ready |= POLLHUP;
	}
	if (file->mode & FILE_WRITE) {
		u32 queued;

		poll_wait(table, &pipe->writable);
		queued = READ_ONCE(pipe->ring.head) - READ_ONCE(pipe->ring.tail);
		if (queued <= pipe->ring.mask)
			ready |= POLLOUT | POLLWRNORM;
		if (!READ_ONCE(pipe->readers))
			ready |= POLLERR;
	}
	return ready;
}

static s64 pipe_control(struct file *file, u32 request, u64 argument)
{
	struct pipe *pipe = pipe_of(file);
	u64 bytes;

	if (request != FIONREAD)
		return -ENOTTY;
	mutex_lock(&pipe->mutex);
	bytes = pipe_ring_bytes(&pipe->ring);
	mutex_unlock(&pipe->mutex);
	return put_user_32((u32)bytes, (void __user *)argument);
}

static void pipe_release(struct file *file)
{
	struct pipe *pipe = pipe_of(file);
	bool last;

	mutex_lock(&pipe->mutex);
	pipe->readers -= !!(file->mode & FILE_READ);
	pipe->writers -= !!(file->mode & FILE_WRITE);
	last = !pipe->readers && !pipe->writers;
	if (last)
		empty(pipe);
	mutex_unlock(&pipe->mutex);
	if (last)
		return;
	/* The others may be waiting for what will not come any more. */
	if (wait_queue_active(&pipe->readable))
		wait_wake(&pipe->readable, WAIT_ALL, POLLIN | POLLHUP);
	if (wait_queue_active(&pipe->writable))
		wait_wake(&pipe->writable, WAIT_ALL, POLLOUT | POLLERR);
}

/* --- FIFOs: opening waits for the other side --- */

static bool give_pipe(struct inode *inode)
{
	struct pipe *pipe;

	if (READ_ONCE(inode->pipe))
		return true;
	pipe = pipe_alloc();
	if (!pipe)
		return false;
	mutex_lock(&inode->lock);
	if (!inode->pipe) {
		inode->pipe = pipe;
		pipe = NULL;
	}
	mutex_unlock(&inode->lock);
	pipe_destroy(pipe);
	return true;
}

/* Counts the file in: the number of times the other side has been opened so far is what a wait for
 * it starts from; SIDE_IS_THERE: no wait. The mutex is held. */
#define SIDE_IS_THERE UINT64_MAX
static u64 count_in(struct pipe *pipe, const struct file *file)
{
	bool reads = file->mode & FILE_READ, writes = file->mode & FILE_WRITE;

	pipe->readers += reads;
	pipe->writers += writes;
	pipe->reader_opens += reads;
	pipe->writer_opens += writes;
	if (reads)
		return pipe->writers || file->flags & O_NONBLOCK ? SIDE_IS_THERE
								 : pipe->writer_opens;
	return pipe->readers ? SIDE_IS_THERE : pipe->reader_opens;
}

static int await_other_side(struct pipe *pipe, const struct file *file, u64 before)
{
	if (file->mode & FILE_READ)
		return wait_event_interruptible(&pipe->readable,
						READ_ONCE(pipe->writer_opens) != (u32)before);
	return wait_event_interruptible(&pipe->writable,
					READ_ONCE(pipe->reader_opens) != (u32)before);
}

static int fifo_open(struct file *file)
{
	struct pipe *pipe;
	u64 before;
	int error = 0;

	if (!give_pipe(file->inode))
		return -ENOMEM;
	pipe = pipe_of(file);
	mutex_lock(&pipe->mutex);
	if (!(file->mode & FILE_READ) && file->flags & O_NONBLOCK && !pipe->readers) {
		mutex_unlock(&pipe->mutex);
		return -ENXIO;
	}
	before = count_in(pipe, file);
	mutex_unlock(&pipe->mutex);
	wait_wake(&pipe->readable, WAIT_ALL, 0);
	wait_wake(&pipe->writable, WAIT_ALL, 0);
	if (before != SIDE_IS_THERE)
		error = await_other_side(pipe, file, before);
	if (error)
		pipe_release(file);
	return error;
}

const struct file_operations pipe_operations = {
	.read = pipe_read,
	.write = pipe_write,
	.control = pipe_control,
	.poll = pipe_poll,
	.open = fifo_open,
	.release = pipe_release,
};

/* --- pipe2 and fcntl --- */

int pipe_create(u32 flags, struct file *ends[2])
{
	struct inode *inode = inode_create(S_IFIFO | 0600);

	ends[0] = ends[1] = NULL;
	if (!inode)
		return -ENOMEM;
	inode->nlink = 1;
	inode->pipe = pipe_alloc();
	if (inode->pipe) {
		ends[0] = file_create(inode, O_RDONLY | flags);
		ends[1] = file_create(inode, O_WRONLY | flags);
		inode->pipe->readers = inode->pipe->writers = 1;
		inode->pipe->reader_opens = inode->pipe->writer_opens = 1;
	}
	inode_put(inode);
	if (ends[0] && ends[1])
		return 0;
	if (ends[0])
		file_put(ends[0]);
	if (ends[1])
		file_put(ends[1]);
	return -ENOMEM;
}

bool file_is_pipe(const struct file *file)
{
	return file->operations == &pipe_operations;
}

s64 pipe_capacity(struct file *file)
{
	return (s64)((u64)(pipe_of(file)->ring.mask + 1) << PAGE_SHIFT);
}

static s64 resize(struct pipe *pipe, u32 pages)
{
	struct pipe_page *fresh, *old;

	if (pipe->ring.head - pipe->ring.tail > pages)
		return -EBUSY;
	fresh = kzalloc(pages * sizeof(*fresh));
	if (!fresh)
		return -ENOMEM;
	old = pipe_ring_resize(&pipe->ring, fresh, pages);
	if (old != pipe->few)
		kfree(old);
	return (s64)((u64)pages << PAGE_SHIFT);
}

s64 pipe_set_capacity(struct file *file, u64 bytes)
{
	struct pipe *pipe = pipe_of(file);
	u32 pages = 1;
	s64 result;

	if (!bytes || bytes > GIB(2))
		return -EINVAL;
	while ((u64)pages << PAGE_SHIFT < bytes)
		pages *= 2;
	if (pages > PIPE_PAGES_MAX)
		return -EPERM;
	mutex_lock(&pipe->mutex);
	result = resize(pipe, pages);
	mutex_unlock(&pipe->mutex);
	if (result > 0)
		wake_writers(pipe);
	return result;
}

/* SPDX-License-Identifier: MIT */
/* poll, ppoll, select, pselect6: waiting for one of several files. */
#include <arch/cpu.h>
#include <arch/uaccess.h>
#include <asm/errno.h>
#include <asm/poll.h>
#include <kernel/fs/poll.h>
#include <kernel/mm/kmalloc.h>
#include <kernel/proc/process.h>
#include <kernel/signal/signal.h>
#include <kernel/syscall/descriptor.h>
#include <kernel/syscall/files.h>
#include <linux/time.h>
#include <linux/time_types.h>
#include <quench/string.h>

#define NS_PER_SECOND UINT64_C(1000000000)
#define NS_PER_MS     UINT64_C(1000000)
#define NS_PER_US     UINT64_C(1000)
#define ALWAYS        (POLLERR | POLLHUP) /* told whether asked for or not */

/* When `ns` nanoseconds from now have passed. */
static u64 deadline_after(u64 ns)
{
	u64 now = arch_clock_ns();

	return ns < SCHED_FOREVER - now ? now + ns : SCHED_FOREVER;
}

/* Looks again and again until `look` finds something: its count, 0 when the time has passed, or
 * -ERESTARTNOHAND. The first look registers with the queues. */
static s64 wait_for(int (*look)(void *request, struct poll_table *table), void *request,
		    u64 deadline)
{
	struct poll_table table;
	struct poll_table *listen = &table;
	int found, slept;

	poll_table_init(&table);
	for (;;) {
		found = look(request, listen);
		/* Listening once is enough. */
		listen = NULL;
		if (found || !deadline)
			break;
		if (table.out_of_memory) {
			found = -ENOMEM;
			break;
		}
		slept = poll_table_sleep(&table, deadline);
		if (slept <= 0) {
			found = slept;
			break;
		}
	}
	poll_table_done(&table);
	return found;
}

/* --- poll --- */

struct poll_request {
	struct pollfd *fds;
	u32 count;
};

static unsigned ready_of(int fd, unsigned wanted, struct poll_table *table)
{
	struct fd_hold hold = fd_hold(task_current()->files, fd);
	unsigned ready = POLLNVAL;

	if (hold.file)
		ready = file_poll(hold.file, table) & (wanted | ALWAYS);
	fd_release(hold);
	return ready;
}

static int look_at_fds(void *request, struct poll_table *table)
{
	struct poll_request *poll = request;
	int found = 0;

	for (u32 i = 0; i < poll->count; i++) {
		struct pollfd *fd = &poll->fds[i];

		fd->revents = 0;
		if (fd->fd < 0)
			continue;
		fd->revents =
			(short)ready_of(fd->fd, (unsigned short)fd->events, found ? NULL : table);
		found += fd->revents != 0;
	}
	return found;
}

/* Only revents goes back. */
static s64 give_events(const struct poll_request *poll, struct pollfd __user *to)
{
	if (!user_range_ok(to, poll->count * sizeof(*to))) /* also where nothing goes back */
		return -EFAULT;
	for (u32 i = 0; i < poll->count; i++) {
		if (put_user_16((u16)poll->fds[i].revents, &to[i].revents))
			return -EFAULT;
	}
	return 0;
}

static s64 do_poll(struct pollfd __user *user, u32 count, u64 deadline)
{
	struct pollfd few[8];
	struct poll_request poll = { few, count };
	s64 result;

	if (count > fd_limit())
		return -EINVAL;
	if (count > ARRAY_SIZE(few))
		poll.fds = kmalloc(count * sizeof(*poll.fds));
	if (!poll.fds)
		return -ENOMEM;
	result = -EFAULT;
	if (!copy_from_user(poll.fds, user, count * sizeof(*poll.fds)))
		result = wait_for(look_at_fds, &poll, deadline);
	if (result >= 0 && give_events(&poll, user))
		result = -EFAULT;
	if (poll.fds != few)
		kfree(poll.fds);
	return result;
}

/* poll that goes on after a signal without a handler: arguments as it was called. */
static s64 poll_again(struct restart_block *block)
{
	s64 result =
		do_poll((struct pollfd __user *)block->arg[0], (u32)block->arg[1], block->deadline);

	if (result == -ERESTARTNOHAND)
		result = -ERESTART_RESTARTBLOCK;
	return result;
}

s64 sys_poll(const struct syscall *call)
{
	int ms = (int)call->arg[2];
	struct restart_block *block = &task_current()->restart;
	u64 deadline = SCHED_FOREVER;
	s64 result;

	if (ms >= 0)
		deadline = ms ? deadline_after((u64)ms * NS_PER_MS) : 0;
	result = do_poll(USER_POINTER(call, 0), (u32)call->arg[1], deadline);
	if (result == -ERESTARTNOHAND) {
		block->fn = poll_again;
		block->deadline = deadline;
		block->arg[0] = call->arg[0];
		block->arg[1] = call->arg[1];
		result = -ERESTART_RESTARTBLOCK;
	}
	return result;
}

/* --- time-outs and masks of ppoll and pselect6 --- */

static s64 read_timeout(const void __user *from, u64 *deadline)
{
	struct __kernel_timespec time;

	*deadline = SCHED_FOREVER;
	if (!from)
		return 0;
	if (copy_from_user(&time, from, sizeof(time)))
		return -EFAULT;
	if (time.tv_sec < 0 || time.tv_nsec < 0 || time.tv_nsec >= (s64)NS_PER_SECOND)
		return -EINVAL;
	*deadline = 0;
	if ((u64)time.tv_sec >= SCHED_FOREVER / NS_PER_SECOND)
		*deadline = SCHED_FOREVER;
	else if (time.tv_sec || time.tv_nsec)
		*deadline = deadline_after((u64)time.tv_sec * NS_PER_SECOND + (u64)time.tv_nsec);
	return 0;
}

static u64 left_until(u64 deadline)
{
	u64 now = arch_clock_ns();

	return deadline > now ? deadline - now : 0;
}

/* What is left of the time goes back, as Linux has it; that this fails is nobody's error. */
static void give_left(void __user *to, u64 deadline)
{
	u64 left = left_until(deadline);
	struct __kernel_timespec time = { .tv_sec = (s64)(left / NS_PER_SECOND),
					  .tv_nsec = (s64)(left % NS_PER_SECOND) };

	if (to && deadline != SCHED_FOREVER && copy_to_user(to, &time, sizeof(time)))
		return;
}

s64 sys_ppoll(const struct syscall *call)
{
	u64 deadline;
	s64 result = read_timeout(USER_POINTER(call, 2), &deadline);

	if (!result)
		result = signal_wait_mask(USER_POINTER(call, 3), call->arg[4]);
	if (result)
		return result;
	result = do_poll(USER_POINTER(call, 0), (u32)call->arg[1], deadline);
	signal_wait_mask_end(result == -ERESTARTNOHAND);
	give_left(USER_POINTER(call, 2), deadline);
	return result;
}

/* --- select --- */

#define SELECT_MAX   FD_MAX
#define SELECT_READ  (POLLRDNORM | POLLRDBAND | POLLIN | POLLHUP | POLLERR)
#define SELECT_WRITE (POLLWRBAND | POLLWRNORM | POLLOUT | POLLERR)
#define SELECT_OTHER POLLPRI
static const unsigned select_events[3] = { SELECT_READ, SELECT_WRITE, SELECT_OTHER };

/* Three sets of bits each: what is asked for, what is ready. */
struct select_request {
	u32 count, words;
	u64 *asked, *ready;
	bool bad; /* a descriptor that is not open */
};

static int look_at_fd(struct select_request *select, u32 fd, struct poll_table *table)
{
	u64 bit = UINT64_C(1) << fd % 64;
	u32 word = fd / 64;
	unsigned wanted = 0, ready;
	int found = 0;

	for (u32 set = 0; set < 3; set++) {
		if (select->asked[set * select->words + word] & bit)
			wanted |= select_events[set];
	}
	if (!wanted)
		return 0;
	ready = ready_of((int)fd, wanted, table);
	select->bad |= ready & POLLNVAL;
	for (u32 set = 0; set < 3; set++) {
		u32 at = set * select->words + word;

		if (select->asked[at] & bit && ready & select_events[set]) {
			select->ready[at] |= bit;
			found++;
		}
	}
	return found;
}

static int look_at_sets(void *request, struct poll_table *table)
{
	struct select_request *select = request;
	int found = 0;

	memset(select->ready, 0, 3 * select->words * sizeof(u64));
	for (u32 fd = 0; fd < select->count && !select->bad; fd++)
		found += look_at_fd(select, fd, found ? NULL : table);
	return select->bad ? -EBADF : found;
}

static s64 copy_sets(struct select_request *select, void __user *const sets[3], bool out)
{
	size_t bytes = (select->count + 7) / 8;

	for (u32 set = 0; set < 3; set++) {
		u64 at = set * select->words;

		if (!sets[set])
			continue;
		if (out ? copy_to_user(sets[set], &select->ready[at], bytes)
			: copy_from_user(&select->asked[at], sets[set], bytes))
			return -EFAULT;
	}
	return 0;
}

static s64 do_select(int count, void __user *const sets[3], u64 deadline)
{
	struct select_request select = { 0 };
	u32 capacity = READ_ONCE(task_current()->files->capacity);
	s64 result;

	if (count < 0)
		return -EINVAL;
	select.count = (u32)count < capacity ? (u32)count : capacity;
	select.words = (select.count + 63) / 64;
	select.asked = kzalloc(6 * (select.words + !select.words) * sizeof(u64));
	if (!select.asked)
		return -ENOMEM;
	select.ready = select.asked + 3 * select.words;
	result = copy_sets(&select, sets, false);
	if (!result)
		result = wait_for(look_at_sets, &select, deadline);
	if (result >= 0 && copy_sets(&select, sets, true))
		result = -EFAULT;
	kfree(select.asked);
	return result;
}

s64 sys_select(const struct syscall *call)
{
	void __user *sets[3] = { USER_POINTER(call, 1), USER_POINTER(call, 2),
				 USER_POINTER(call, 3) };
	void __user *timeout = USER_POINTER(call, 4);
	u64 deadline = SCHED_FOREVER;
	struct __kernel_old_timeval time;
	s64 result;

	if (timeout) {
		if (copy_from_user(&time, timeout, sizeof(time)))
			return -EFAULT;
		if (time.tv_sec < 0 || time.tv_usec < 0)
			return -EINVAL;
		deadline = deadline_after((u64)time.tv_sec * NS_PER_SECOND +
					  (u64)time.tv_usec * NS_PER_US);
		if (!time.tv_sec && !time.tv_usec)
			deadline = 0;
	}
	result = do_select((int)call->arg[0], sets, deadline);
	if (timeout && deadline != SCHED_FOREVER) {
		u64 left = left_until(deadline);

		time.tv_sec = (s64)(left / NS_PER_SECOND);
		time.tv_usec = (s64)(left % NS_PER_SECOND / NS_PER_US);
		if (copy_to_user(timeout, &time, sizeof(time)))
			return result;
	}
	return result;
}

s64 sys_pselect6(const struct syscall *call)
{
	void __user *sets[3] = { USER_POINTER(call, 1), USER_POINTER(call, 2),
				 USER_POINTER(call, 3) };
	struct {
		u64 mask, bytes;
	} mask = { 0 };
	u64 deadline;
	s64 result;

	if (call->arg[5] && copy_from_user(&mask, USER_POINTER(call, 5), sizeof(mask)))
		return -EFAULT;
	result = read_timeout(USER_POINTER(call, 4), &deadline);
	if (!result)
		result = signal_wait_mask((const void __user *)mask.mask, mask.bytes);
	if (result)
		return result;
	result = do_select((int)call->arg[0], sets, deadline);
	signal_wait_mask_end(result == -ERESTARTNOHAND);
	give_left(USER_POINTER(call, 4), deadline);
	return result;
}

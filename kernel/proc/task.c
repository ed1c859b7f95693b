/* SPDX-License-Identifier: MIT */
/* Tasks as things: memory, stack, name. */
#include <arch/fpu.h>
#include <arch/pagetable.h>
#include <arch/smp.h>
#include <kernel/lib/panic.h>
#include <kernel/mm/kmalloc.h>
#include <kernel/mm/page.h>
#include <kernel/proc/create.h>
#include <linux/sched.h>
#include <quench/log.h>
#include <quench/string.h>

#define STACK_GUARD UINT64_C(0x5153544b47554152) /* at the stack's lowest address */
#define FPU_ALIGN   64

void task_init_kernel(struct task *task)
{
	task->references = 1;
	task->kernel = true;
	list_init(&task->sibling);
	sched_entity_set_weight(&task->sched, WEIGHT_NICE0);
	/* All there will ever be: more may start later. */
	cpumask_first_n(&task->allowed, MAX_CPUS);
}

void *task_stack_top(const struct task *task)
{
	return task->arch.fpu ? task->arch.fpu : (u8 *)task->stack + TASK_STACK_BYTES;
}

void task_keep_fpu(struct task *task)
{
	task->arch.fpu = (u8 *)task->stack + TASK_STACK_BYTES -
			 ALIGN_UP(arch_fpu_bytes(), (size_t)FPU_ALIGN);
}

struct task *task_create(const char *name)
{
	struct task *task = kzalloc(sizeof(*task));
	paddr_t stack;

	if (!task)
		return NULL;
	stack = page_alloc_order(TASK_STACK_ORDER);
	if (!stack) {
		kfree(task);
		return NULL;
	}
	task->stack = arch_direct_map(stack);
	*(u64 *)task->stack = STACK_GUARD;
	task_init_kernel(task);
	task_set_name(task, name);
	return task;
}

struct task *task_create_user(const char *name)
{
	struct task *task = task_create(name);

	if (!task)
		return NULL;
	task->kernel = false;
	task_keep_fpu(task);
	return task;
}

void task_set_name(struct task *task, const char *path)
{
	size_t n = 0;

	for (const char *c = path; *c; c++) {
		if (*c == '/')
			path = c + 1;
	}
	while (n < TASK_NAME_BYTES - 1 && path[n])
		n++;
	memcpy(task->name, path, n);
	task->name[n] = '\0';
}

void task_get(struct task *task)
{
	__atomic_fetch_add(&task->references, 1, __ATOMIC_RELAXED);
}

void task_put(struct task *task)
{
	if (__atomic_sub_fetch(&task->references, 1, __ATOMIC_ACQ_REL))
		return;
	if (*(u64 *)task->stack != STACK_GUARD)
		panic("%s[%d] ran over its kernel stack", task->name, task->pid);
	page_put(arch_direct_map_address(task->stack));
	if (task->process)
		process_put(task->process);
	kfree(task);
}

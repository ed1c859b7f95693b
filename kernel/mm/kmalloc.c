/* SPDX-License-Identifier: MIT */
/* Small objects, cut from pages by size; a magazine of free ones for each processor and size. */
#include <arch/pagetable.h>
#include <arch/percpu.h>
#include <arch/spinlock.h>
#include <kernel/mm/buddy.h>
#include <kernel/mm/kmalloc.h>
#include <kernel/mm/page.h>
#include <quench/log.h>
#include <quench/string.h>

#define UNIT_SHIFT  5    /* sizes are multiples of 32 bytes */
#define WHOLE_BLOCK 0xff /* owner[CLASS] of a block that is one object */
#define NO_OBJECT   0xff
#define MAGAZINE    30 /* objects; 256 bytes together */

/* Powers of two, and one size between each two. */
static const u16 sizes[] = { 32, 64, 128, 192, 256, 384, 512, 768, 1024, 1344, 2048 };
#define NR_CLASSES   ARRAY_SIZE(sizes)
#define LARGEST      2048
#define UNITS(bytes) ((bytes) >> UNIT_SHIFT)

/* The class of a request of n units of 32 bytes. */
static const u8 class_of[UNITS(LARGEST) + 1] = {
	[0 ... 1] = 0,   [2] = 1,         [3 ... 4] = 2,    [5 ... 6] = 3,
	[7 ... 8] = 4,   [9 ... 12] = 5,  [13 ... 16] = 6,  [17 ... 24] = 7,
	[25 ... 32] = 8, [33 ... 42] = 9, [43 ... 64] = 10,
};

/* What a page's entry holds for us: its class, how many objects are out (those in magazines
 * count as out), the first free object. A free object's first byte is the number of the next. */
enum { CLASS, IN_USE, FIRST_FREE };

/* Free objects on the shelf of one processor; used with interrupts off, by it alone. */
struct magazine {
	u32 count;
	void *objects[MAGAZINE];
};
struct magazines {
	struct magazine of[NR_CLASSES];
};
static PERCPU(struct magazines, magazines);

/* The pages of one class that have a free object: a list through next and prev of their entries,
 * which, with their `owner`, the lock protects; interrupts off. */
static struct depot {
	struct arch_spinlock lock;
	u32 partial;
} depots[NR_CLASSES] = { [0 ... NR_CLASSES - 1] = { ARCH_SPINLOCK_INIT, BUDDY_NONE } };

static u32 number_of(const void *object)
{
	return (u32)(arch_direct_map_address(object) >> PAGE_SHIFT);
}

static struct buddy_page *entry_of(u32 number)
{
	return page_of((paddr_t)number << PAGE_SHIFT);
}

static u8 *objects_of(u32 number)
{
	return arch_direct_map((paddr_t)number << PAGE_SHIFT);
}

static void list_add(unsigned class, u32 number)
{
	struct buddy_page *entry = entry_of(number);

	entry->next = depots[class].partial;
	entry->prev = BUDDY_NONE;
	if (entry->next != BUDDY_NONE)
		entry_of(entry->next)->prev = number;
	depots[class].partial = number;
}

static void list_remove(unsigned class, u32 number)
{
	struct buddy_page *entry = entry_of(number);

	if (entry->next != BUDDY_NONE)
		entry_of(entry->next)->prev = entry->prev;
	if (entry->prev != BUDDY_NONE)
		entry_of(entry->prev)->next = entry->next;
	else
		depots[class].partial = entry->next;
}

/* Cuts a fresh page into objects. */
static bool grow(unsigned class)
{
	paddr_t page = page_alloc();
	u32 number = (u32)(page >> PAGE_SHIFT);
	unsigned last = (unsigned)PAGE_BYTES / sizes[class] - 1;
	u8 *objects;

	if (!page)
		return false;
	objects = objects_of(number);
	for (unsigned i = 0; i <= last; i++)
		objects[i * sizes[class]] = i == last ? NO_OBJECT : (u8)(i + 1);
	entry_of(number)->owner[CLASS] = (u8) class;
	entry_of(number)->owner[IN_USE] = 0;
	entry_of(number)->owner[FIRST_FREE] = 0;
	list_add(class, number);
	return true;
}

/* Takes one object out of a page. */
static void *cut_out(unsigned class)
{
	struct buddy_page *entry;
	u8 *object;
	u32 number;

	if (depots[class].partial == BUDDY_NONE && !grow(class))
		return NULL;
	number = depots[class].partial;
	entry = entry_of(number);
	object = objects_of(number) + (size_t)entry->owner[FIRST_FREE] * sizes[class];
	entry->owner[FIRST_FREE] = *object;
	entry->owner[IN_USE]++;
	if (entry->owner[FIRST_FREE] == NO_OBJECT)
		list_remove(class, number);
	return object;
}

/* Puts one back; a page of nothing but free objects goes. */
static void put_back(unsigned class, u8 *object)
{
	u32 number = number_of(object);
	struct buddy_page *entry = entry_of(number);
	size_t offset = (size_t)(object - objects_of(number));

	if (!entry->owner[IN_USE] || offset % sizes[class])
		panic("kfree of %p, which kmalloc never gave out", (void *)object);
	if (entry->owner[FIRST_FREE] == NO_OBJECT)
		list_add(class, number);
	*object = entry->owner[FIRST_FREE];
	entry->owner[FIRST_FREE] = (u8)(offset / sizes[class]);
	if (!--entry->owner[IN_USE]) {
		list_remove(class, number);
		page_put((paddr_t)number << PAGE_SHIFT);
	}
}

/* Half a magazine of objects for an empty one; whether there is any now. */
static bool refill(struct magazine *magazine, unsigned class)
{
	arch_spin_lock(&depots[class].lock);
	while (magazine->count < MAGAZINE / 2) {
		void *object = cut_out(class);

		if (!object)
			break;
		magazine->objects[magazine->count++] = object;
	}
	arch_spin_unlock(&depots[class].lock);
	return magazine->count;
}

/* Gives back what the magazine has above `rest`. */
static void empty(struct magazine *magazine, unsigned class, u32 rest)
{
	arch_spin_lock(&depots[class].lock);
	while (magazine->count > rest)
		put_back(class, magazine->objects[--magazine->count]);
	arch_spin_unlock(&depots[class].lock);
}

static void *take(unsigned class)
{
	u64 flags = arch_interrupts_save();
	struct magazine *magazine = &percpu_here(magazines)->of[class];
	void *object = NULL;

	if (likely(magazine->count) || refill(magazine, class))
		object = magazine->objects[--magazine->count];
	arch_interrupts_restore(flags);
	return object;
}

static void *take_block(size_t bytes)
{
	unsigned order = 0;
	paddr_t page;

	while (order <= PAGE_MAX_ORDER && PAGE_BYTES << order < bytes)
		order++;
	if (order > PAGE_MAX_ORDER)
		return NULL;
	page = order ? page_alloc_order(order) : page_alloc();
	if (!page)
		return NULL;
	page_of(page)->owner[CLASS] = WHOLE_BLOCK;
	return arch_direct_map(page);
}

void *kmalloc(size_t bytes)
{
	if (likely(bytes <= LARGEST))
		return take(class_of[UNITS(bytes + (1 << UNIT_SHIFT) - 1)]);
	return take_block(bytes);
}

void *kzalloc(size_t bytes)
{
	void *object = kmalloc(bytes);

	if (object)
		memset(object, 0, bytes);
	return object;
}

void kfree(void *object)
{
	unsigned class;

	if (!object)
		return;
	class = entry_of(number_of(object))->owner[CLASS];
	if (class == WHOLE_BLOCK) {
		page_put(arch_direct_map_address(object));
		return;
	}
	if (class >= NR_CLASSES)
		panic("kfree of %p, which kmalloc never gave out", object);
	u64 flags = arch_interrupts_save();
	struct magazine *magazine = &percpu_here(magazines)->of[class];

	if (unlikely(magazine->count == MAGAZINE))
		empty(magazine, class, MAGAZINE / 2);
	magazine->objects[magazine->count++] = object;
	arch_interrupts_restore(flags);
}

void kmalloc_drain(void)
{
	for (unsigned class = 0; class < NR_CLASSES; class ++) {
		u64 flags = arch_interrupts_save();

		empty(&percpu_here(magazines)->of[class], class, 0);
		arch_interrupts_restore(flags);
	}
}

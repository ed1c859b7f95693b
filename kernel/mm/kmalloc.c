/* SPDX-License-Identifier: MIT */
/* Small objects, cut from pages by size class. */
#include <arch/pagetable.h>
#include <kernel/mm/buddy.h>
#include <kernel/mm/kmalloc.h>
#include <kernel/mm/page.h>
#include <quench/log.h>
#include <quench/string.h>

#define SMALLEST_SHIFT 5    /* 32 bytes */
#define NR_CLASSES     7    /* up to 2048 bytes */
#define WHOLE_BLOCK    0xff /* owner[CLASS] of a block that is one object */
#define NO_OBJECT      0xff

/* What a page's entry holds for us: its class, how many objects are out, the first free object.
 * A free object's first byte is the number of the next one. */
enum { CLASS, IN_USE, FIRST_FREE };

/* Pages of each class with a free object: a list through next and prev. */
static u32 partial[NR_CLASSES] = { [0 ... NR_CLASSES - 1] = BUDDY_NONE };

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

	entry->next = partial[class];
	entry->prev = BUDDY_NONE;
	if (entry->next != BUDDY_NONE)
		entry_of(entry->next)->prev = number;
	partial[class] = number;
}

static void list_remove(unsigned class, u32 number)
{
	struct buddy_page *entry = entry_of(number);

	if (entry->next != BUDDY_NONE)
		entry_of(entry->next)->prev = entry->prev;
	if (entry->prev != BUDDY_NONE)
		entry_of(entry->prev)->next = entry->next;
	else
		partial[class] = entry->next;
}

static unsigned objects_per_page(unsigned class)
{
	return (unsigned)(PAGE_BYTES >> (SMALLEST_SHIFT + class));
}

/* Cuts a fresh page into objects. */
static bool grow(unsigned class)
{
	paddr_t page = page_alloc();
	u32 number = (u32)(page >> PAGE_SHIFT);
	unsigned last = objects_per_page(class) - 1;
	u8 *objects;

	if (!page)
		return false;
	objects = objects_of(number);
	for (unsigned i = 0; i <= last; i++)
		objects[i << (SMALLEST_SHIFT + class)] = i == last ? NO_OBJECT : (u8)(i + 1);
	entry_of(number)->owner[CLASS] = (u8) class;
	entry_of(number)->owner[IN_USE] = 0;
	entry_of(number)->owner[FIRST_FREE] = 0;
	list_add(class, number);
	return true;
}

static void *take(unsigned class)
{
	struct buddy_page *entry;
	u8 *object;
	u32 number;

	if (partial[class] == BUDDY_NONE && !grow(class))
		return NULL;
	number = partial[class];
	entry = entry_of(number);
	object =
		objects_of(number) + ((size_t)entry->owner[FIRST_FREE] << (SMALLEST_SHIFT + class));
	entry->owner[FIRST_FREE] = *object;
	entry->owner[IN_USE]++;
	if (entry->owner[FIRST_FREE] == NO_OBJECT)
		list_remove(class, number);
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
	page = page_alloc_order(order);
	if (!page)
		return NULL;
	page_of(page)->owner[CLASS] = WHOLE_BLOCK;
	return arch_direct_map(page);
}

void *kmalloc(size_t bytes)
{
	unsigned class = 0;

	while (class < NR_CLASSES && (size_t)1 << (SMALLEST_SHIFT + class) < bytes)
		class ++;
	return class < NR_CLASSES ? take(class) : take_block(bytes);
}

void *kzalloc(size_t bytes)
{
	void *object = kmalloc(bytes);

	if (object)
		memset(object, 0, bytes);
	return object;
}

static void give_back(u8 *object, u32 number)
{
	struct buddy_page *entry = entry_of(number);
	unsigned class = entry->owner[CLASS];
	size_t offset = (size_t)(object - objects_of(number));

	if (class >= NR_CLASSES || !entry->owner[IN_USE] ||
	    offset & (((size_t)1 << (SMALLEST_SHIFT + class)) - 1))
		panic("kfree of %p, which kmalloc never gave out", (void *)object);
	if (entry->owner[FIRST_FREE] == NO_OBJECT)
		list_add(class, number);
	*object = entry->owner[FIRST_FREE];
	entry->owner[FIRST_FREE] = (u8)(offset >> (SMALLEST_SHIFT + class));
	if (!--entry->owner[IN_USE]) {
		list_remove(class, number);
		page_put((paddr_t)number << PAGE_SHIFT);
	}
}

void kfree(void *object)
{
	u32 number;

	if (!object)
		return;
	number = number_of(object);
	if (entry_of(number)->owner[CLASS] == WHOLE_BLOCK)
		page_put(arch_direct_map_address(object));
	else
		give_back(object, number);
}

/* SPDX-License-Identifier: MIT */
/* The page tables of programs, entry by entry and range by range. */
#include <arch/user_pages.h>
#include <asm/errno.h>
#include <quench/upcalls.h>
#include <x86/mm.h>
#include <x86/pte.h>

/* Upper entries allow everything; the last level decides. */
#define TABLE_FLAGS (PTE_PRESENT | PTE_WRITE | PTE_USER)

static u64 *table_of(u64 entry)
{
	return arch_direct_map(entry & PTE_FRAME);
}

static vaddr_t lower(vaddr_t a, vaddr_t b)
{
	return a < b ? a : b;
}

/* The next table down, NULL: none. */
static u64 *table_under(const u64 *table, vaddr_t address, unsigned level)
{
	u64 entry = READ_ONCE(table[pte_index(address, level)]);

	return likely(entry & PTE_PRESENT) ? table_of(entry) : NULL;
}

/* Level by level instead of in a loop: the shifts are constant. */
u64 *arch_entry_find(const struct arch_aspace *aspace, vaddr_t address)
{
	u64 *table = table_under(arch_direct_map(aspace->root), address, 4);

	if (table)
		table = table_under(table, address, 3);
	if (table)
		table = table_under(table, address, 2);
	return table ? table + pte_index(address, 1) : NULL;
}

/* What the entry shows once there is a table: ours, or one that another processor was faster to
 * put there; 0 when memory is out. */
static u64 add_table(u64 *slot)
{
	paddr_t page = kernel_table_page_alloc();
	u64 there = 0, entry = page | TABLE_FLAGS;

	if (!page)
		return 0;
	if (__atomic_compare_exchange_n(slot, &there, entry, false, __ATOMIC_ACQ_REL,
					__ATOMIC_ACQUIRE))
		return entry;
	kernel_table_page_free(page);
	return there;
}

/* The same with tables made where they are absent. */
static __attribute__((noinline)) u64 *make_entry(struct arch_aspace *aspace, vaddr_t address)
{
	u64 *table = arch_direct_map(aspace->root);

	for (unsigned level = 4; level > 1; level--) {
		u64 *slot = table + pte_index(address, level), entry = READ_ONCE(*slot);

		if (!(entry & PTE_PRESENT))
			entry = add_table(slot);
		if (!entry)
			return NULL;
		table = table_of(entry);
	}
	return table + pte_index(address, 1);
}

u64 *arch_entry_make(struct arch_aspace *aspace, vaddr_t address)
{
	u64 *entry = arch_entry_find(aspace, address);

	return likely(entry) ? entry : make_entry(aspace, address);
}

_Static_assert(ARCH_ENTRY_HELD == (PTE_PRESENT | PTE_HIDDEN) && ARCH_ENTRY_SEEN == PTE_PRESENT &&
		       ARCH_ENTRY_FRAME == PTE_FRAME,
	       "user_pages.h knows these bits, too");

/* Accessed and dirty from the start: nobody asks, and the processor need not set them. */
static u64 make_user(paddr_t page, unsigned prot)
{
	u64 entry = pte_user(page, prot, x86_nx_bit);

	if (entry & PTE_PRESENT)
		entry |= PTE_ACCESSED | (entry & PTE_WRITE ? PTE_DIRTY : 0);
	return entry;
}

void arch_entry_set(u64 *entry, paddr_t page, unsigned prot)
{
	WRITE_ONCE(*entry, make_user(page, prot));
}

void arch_entry_clear(u64 *entry)
{
	WRITE_ONCE(*entry, 0);
}

/* The next address whose entry another table of this level holds. */
static vaddr_t next_span(vaddr_t address, unsigned level)
{
	return ALIGN_DOWN(address, pte_span(level)) + pte_span(level);
}

/*
 * The entries from `address` on that stand in one table, up to `end`: their number, the first in
 * *entries; 0 when there is no table, and *next is where to go on in either case.
 */
static size_t entries_from(const struct arch_aspace *aspace, vaddr_t address, vaddr_t end,
			   u64 **entries, vaddr_t *next)
{
	u64 *table = arch_direct_map(aspace->root);
	unsigned level = 4;

	for (; level > 1; level--) {
		table = table_under(table, address, level);
		if (unlikely(!table))
			break;
	}
	*next = lower(next_span(address, table ? 2 : level), end);
	if (!table)
		return 0;
	*entries = table + pte_index(address, 1);
	return (*next - address) >> PAGE_SHIFT;
}

void arch_unmap_range(struct arch_aspace *aspace, vaddr_t start, vaddr_t end, arch_drop_fn drop,
		      void *context)
{
	u64 *entries;
	vaddr_t next;

	for (; start < end; start = next) {
		size_t n = entries_from(aspace, start, end, &entries, &next);

		for (size_t i = 0; i < n; i++) {
			u64 entry = entries[i];

			if (!pte_holds_page(entry))
				continue;
			WRITE_ONCE(entries[i], 0);
			drop(context, pte_page(entry));
		}
	}
}

struct table_window {
	vaddr_t start, end, floor, ceiling;
	arch_drop_fn drop;
	void *context;
};

/* Frees what can be of the tables below `table`, of `level`, whose first entry is for `base`. */
static void free_below(const struct table_window *window, u64 *table, vaddr_t base, unsigned level)
{
	vaddr_t at = window->start > base ? window->start : base;
	vaddr_t end = lower(window->end, base + pte_span(level + 1));

	for (; at < end; at = next_span(at, level)) {
		u64 *slot = table + pte_index(at, level), entry = *slot;
		vaddr_t from = ALIGN_DOWN(at, pte_span(level));

		if (!(entry & PTE_PRESENT))
			continue;
		if (level > 2)
			free_below(window, table_of(entry), from, level - 1);
		if (from < window->floor || from + pte_span(level) > window->ceiling)
			continue;
		WRITE_ONCE(*slot, 0);
		window->drop(window->context, entry & PTE_FRAME);
	}
}

void arch_free_tables(struct arch_aspace *aspace, vaddr_t start, vaddr_t end, vaddr_t floor,
		      vaddr_t ceiling, arch_drop_fn drop, void *context)
{
	const struct table_window window = {
		.start = start,
		.end = end,
		.floor = floor,
		/* No program has anything between its limit and the end of its half. */
		.ceiling = ceiling >= ARCH_USER_LIMIT ? UINT64_C(1) << 47 : ceiling,
		.drop = drop,
		.context = context,
	};

	/* Most often a neighbour is within the same table. */
	if (end <= next_span(start, 2) &&
	    (floor > ALIGN_DOWN(start, pte_span(2)) || window.ceiling < next_span(start, 2)))
		return;
	free_below(&window, arch_direct_map(aspace->root), 0, 4);
}

/* The rights of an entry that is to lose some and gain others, but not the right to write. */
static u64 protected(u64 entry, unsigned prot)
{
	if (!(entry & PTE_WRITE) || !(entry & PTE_PRESENT))
		prot &= ~(unsigned)ARCH_WRITE;
	return make_user(pte_page(entry), prot);
}

/* Whether somebody may do less with `after`. */
static bool restricts(u64 before, u64 after)
{
	return before & PTE_PRESENT && (!(after & PTE_PRESENT) || (before & ~after & PTE_WRITE) ||
					(after & ~before & PTE_NX));
}

bool arch_protect_range(struct arch_aspace *aspace, vaddr_t start, vaddr_t end, unsigned prot)
{
	bool flush = false;
	u64 *entries;
	vaddr_t next;

	for (; start < end; start = next) {
		size_t n = entries_from(aspace, start, end, &entries, &next);

		for (size_t i = 0; i < n; i++) {
			u64 before = entries[i], after;

			if (!pte_holds_page(before))
				continue;
			after = protected(before, prot);
			flush |= restricts(before, after);
			WRITE_ONCE(entries[i], after);
		}
	}
	return flush;
}

/* One table's worth of arch_share_range: the number of pages. */
static size_t share_entries(u64 *from, u64 *to, size_t n, void (*share)(paddr_t page))
{
	size_t pages = 0;

	for (size_t i = 0; i < n; i++) {
		u64 entry = from[i];

		if (!pte_holds_page(entry))
			continue;
		if (entry & PTE_PRESENT) {
			entry &= ~(PTE_WRITE | PTE_DIRTY);
			WRITE_ONCE(from[i], entry);
		}
		to[i] = entry;
		share(pte_page(entry));
		pages++;
	}
	return pages;
}

size_t arch_share_range(struct arch_aspace *from, struct arch_aspace *to, vaddr_t start,
			vaddr_t end, void (*share)(paddr_t page), int *error)
{
	u64 *source, *target;
	size_t pages = 0;
	vaddr_t next;

	for (; start < end; start = next) {
		size_t n = entries_from(from, start, end, &source, &next);

		if (!n)
			continue;
		target = arch_entry_make(to, start);
		if (!target) {
			*error = -ENOMEM;
			break;
		}
		pages += share_entries(source, target, n, share);
	}
	return pages;
}

int arch_move_range(struct arch_aspace *aspace, vaddr_t from, vaddr_t to, u64 bytes)
{
	vaddr_t end = from + bytes, next;
	u64 *entries, *target;

	for (vaddr_t at = from; at < end; at = next) {
		size_t n = entries_from(aspace, at, end, &entries, &next);

		for (size_t i = 0; i < n; i++) {
			if (!pte_holds_page(entries[i]))
				continue;
			target = arch_entry_make(aspace, to + (at - from) + (i << PAGE_SHIFT));
			if (!target)
				return -ENOMEM;
			WRITE_ONCE(*target, entries[i]);
			WRITE_ONCE(entries[i], 0);
		}
	}
	return 0;
}

/* A page at a time, 8 bytes a step: microcode is as fast with these as with bytes. */
void arch_page_clear(paddr_t page)
{
	void *to = arch_direct_map(page);
	size_t n = PAGE_BYTES / sizeof(u64);

	__asm__ volatile("rep stosq" : "+D"(to), "+c"(n) : "a"(0) : "memory");
}

void arch_page_copy(paddr_t to, paddr_t from)
{
	void *target = arch_direct_map(to), *source = arch_direct_map(from);
	size_t n = PAGE_BYTES / sizeof(u64);

	__asm__ volatile("rep movsq" : "+D"(target), "+S"(source), "+c"(n)::"memory");
}

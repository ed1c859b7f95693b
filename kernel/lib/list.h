/* SPDX-License-Identifier: MIT */
/* Doubly linked lists whose links stand in the listed objects. PURE. */
#pragma once

#include <quench/types.h>

/* A list's head, or the link in an object. An empty list, and a link in no list, shows itself. */
struct list {
	struct list *next, *prev;
};

#define LIST_INIT(name)          \
	{                        \
		&(name), &(name) \
	}

static inline void list_init(struct list *list)
{
	list->next = list->prev = list;
}

static inline bool list_empty(const struct list *list)
{
	return list->next == list;
}

/* Puts `link`, which is in no list, before `before`: with a head, at the end. */
static inline void list_add_before(struct list *before, struct list *link)
{
	link->prev = before->prev;
	link->next = before;
	before->prev->next = link;
	before->prev = link;
}

/* At the end, and at the front, of a list. */
static inline void list_append(struct list *head, struct list *link)
{
	list_add_before(head, link);
}
static inline void list_prepend(struct list *head, struct list *link)
{
	list_add_before(head->next, link);
}

/* Takes `link` out of its list; it shows itself afterwards. Harmless on one in no list. */
static inline void list_remove(struct list *link)
{
	link->prev->next = link->next;
	link->next->prev = link->prev;
	list_init(link);
}

/* Moves all of `from` to the end of `to`. */
static inline void list_splice(struct list *to, struct list *from)
{
	if (list_empty(from))
		return;
	from->next->prev = to->prev;
	to->prev->next = from->next;
	from->prev->next = to;
	to->prev = from->prev;
	list_init(from);
}

#define container_of(pointer, type, member) ((type *)((u8 *)(pointer)-offsetof(type, member)))
#define list_entry(link, type, member)      container_of(link, type, member)
#define list_first(head, type, member)      list_entry((head)->next, type, member)

/* Over every object; `_safe` lets the body take the current one out. */
#define list_for_each(entry, head, member)                                                   \
	for (entry = list_first(head, __typeof__(*entry), member); &entry->member != (head); \
	     entry = list_entry(entry->member.next, __typeof__(*entry), member))
#define list_for_each_safe(entry, spare, head, member)                          \
	for (entry = list_first(head, __typeof__(*entry), member),              \
	    spare = list_entry(entry->member.next, __typeof__(*entry), member); \
	     &entry->member != (head);                                          \
	     entry = spare, spare = list_entry(spare->member.next, __typeof__(*spare), member))

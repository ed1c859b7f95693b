/* SPDX-License-Identifier: MIT */
/* Records for programs: JSON Lines on COM2, buffered so that the line's FIFO is filled well. */
#include <arch/console.h>
#include <arch/spinlock.h>
#include <kernel/lib/records_reset.h>
#include <kernel/lib/symbols.h>
#include <quench/format.h>
#include <quench/records.h>

/* Held from record_begin to record_end: records of several processors do not mix. Protects all
 * below; taken with interrupts off. */
static struct arch_spinlock lock = ARCH_SPINLOCK_INIT;
static u64 lock_flags;
static char buffer[1024];
static size_t held;
static bool array_open; /* an element has been written into the open array */

static void flush(void)
{
	arch_line_write(ARCH_LINE_RECORDS, buffer, held);
	held = 0;
}

static void put(char c)
{
	if (held == sizeof(buffer))
		flush();
	buffer[held++] = c;
}

static void put_text(const char *text)
{
	while (*text)
		put(*text++);
}

static void put_hex(u8 byte)
{
	put("0123456789abcdef"[byte >> 4]);
	put("0123456789abcdef"[byte & 15]);
}

/* RFC 8259, "Strings": quotes, backslashes and control characters are escaped. Bytes that are no
 * ASCII are escaped as Latin-1, so that a line is valid JSON whatever a program named its file. */
static void put_escaped(u8 c)
{
	if (c == '"' || c == '\\')
		put('\\');
	if (c >= ' ' && c < 0x7f) {
		put((char)c);
		return;
	}
	put_text("\\u00");
	put_hex(c);
}

static void put_string(const char *value, size_t n)
{
	put('"');
	for (size_t i = 0; i < n; i++)
		put_escaped((u8)value[i]);
	put('"');
}

static size_t length(const char *text)
{
	size_t n = 0;

	while (text[n])
		n++;
	return n;
}

static void put_key(const char *key)
{
	put_text(",\"");
	put_text(key);
	put_text("\":");
}

void record_begin(const char *type)
{
	u64 flags = arch_spin_lock_irqsave(&lock);

	lock_flags = flags;
	put_text("{\"t\":");
	put_string(type, length(type));
}

void record_string(const char *key, const char *value)
{
	put_key(key);
	put_string(value, length(value));
}

void record_u64(const char *key, u64 value)
{
	char text[24];

	put_key(key);
	format(text, sizeof(text), "%lu", value);
	put_text(text);
}

void record_address(const char *key, u64 value)
{
	char text[24];

	format(text, sizeof(text), "0x%lx", value);
	record_string(key, text);
}

void record_hex(const char *key, const u8 *bytes, size_t n)
{
	put_key(key);
	put('"');
	for (size_t i = 0; i < n; i++)
		put_hex(bytes[i]);
	put('"');
}

void record_bool(const char *key, bool value)
{
	put_key(key);
	put_text(value ? "true" : "false");
}

void record_symbol(const char *key, u64 address)
{
	char text[SYMBOL_TEXT_BYTES];

	symbol_format(text, sizeof(text), address);
	record_string(key, text);
}

void record_array(const char *key)
{
	put_key(key);
	put('[');
	array_open = false;
}

void record_element(const char *value)
{
	if (array_open)
		put(',');
	array_open = true;
	put_string(value, length(value));
}

void record_array_end(void)
{
	put(']');
}

void record_end(void)
{
	put_text("}\n");
	flush();
	arch_spin_unlock_irqrestore(&lock, lock_flags);
}

/* Whoever was writing has been stopped. */
void record_reset(void)
{
	arch_spin_init(&lock);
	if (held)
		put('\n');
	flush();
}

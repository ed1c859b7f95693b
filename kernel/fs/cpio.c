/* SPDX-License-Identifier: MIT */
/* Reader of cpio "newc" archives. PURE. */
#include <asm/errno.h>
#include <kernel/fs/cpio.h>
#include <quench/string.h>

#define MAGIC_BYTES    6
#define FIELD_BYTES    8
#define HEADER_BYTES   (MAGIC_BYTES + NR_FIELDS * FIELD_BYTES)
#define NAME_MAX_BYTES 4096 /* with the NUL, as Linux's PATH_MAX */

enum {
	INO,
	MODE,
	UID,
	GID,
	NLINK,
	MTIME,
	FILESIZE,
	DEV_MAJOR,
	DEV_MINOR,
	RDEV_MAJOR,
	RDEV_MINOR,
	NAMESIZE,
	CHECK,
	NR_FIELDS
};

static const char trailer[] = "TRAILER!!!";

void cpio_open(struct cpio_reader *reader, const void *archive, size_t bytes)
{
	*reader = (struct cpio_reader){ .archive = archive, .bytes = bytes };
}

static int fail(struct cpio_error *error, size_t offset, const char *text)
{
	error->offset = offset;
	error->text = text;
	return -EINVAL;
}

static int hex_digit(u8 c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_field(const u8 *text, u32 *value)
{
	*value = 0;
	for (size_t i = 0; i < FIELD_BYTES; i++) {
		int digit = hex_digit(text[i]);

		if (digit < 0)
			return false;
		*value = *value << 4 | (u32)digit;
	}
	return true;
}

static bool starts_with(const struct cpio_reader *reader, size_t offset, const char *what, size_t n)
{
	return reader->bytes - offset >= n && !memcmp(reader->archive + offset, what, n);
}

static const char *why_no_header(const struct cpio_reader *reader, size_t offset)
{
	if (starts_with(reader, offset, "\x1f\x8b", 2) || starts_with(reader, offset, "BZh", 3) ||
	    starts_with(reader, offset,
			"\xfd"
			"7zXZ",
			5) ||
	    starts_with(reader, offset, "\x28\xb5\x2f\xfd", 4) ||
	    starts_with(reader, offset, "\x02\x21\x4c\x18", 4))
		return "the archive is compressed; only plain cpio is read";
	if (starts_with(reader, offset, "070707", 6) || starts_with(reader, offset, "\xc7\x71", 2))
		return "an old cpio format; make it with cpio -H newc";
	return "no cpio header (070701) where one must be";
}

static int read_header(const struct cpio_reader *reader, size_t offset, u32 fields[NR_FIELDS],
		       struct cpio_error *error)
{
	if (offset & 3 || (!starts_with(reader, offset, "070701", 6) &&
			   !starts_with(reader, offset, "070702", 6)))
		return fail(error, offset, why_no_header(reader, offset));
	if (reader->bytes - offset < HEADER_BYTES)
		return fail(error, offset, "a header is cut off");
	for (size_t i = 0; i < NR_FIELDS; i++) {
		size_t at = offset + MAGIC_BYTES + i * FIELD_BYTES;

		if (!read_field(reader->archive + at, &fields[i]))
			return fail(error, at, "a header field is not hexadecimal");
	}
	return 0;
}

/* The name without what makes it absolute or leads nowhere: "/", "./". */
static void set_name(struct cpio_entry *entry, const char *name)
{
	while (*name == '/' || (name[0] == '.' && (name[1] == '/' || !name[1])))
		name++;
	entry->name = name;
	entry->name_length = 0;
	while (name[entry->name_length])
		entry->name_length++;
}

static int read_name(const struct cpio_reader *reader, size_t at, u32 bytes,
		     struct cpio_entry *entry, struct cpio_error *error)
{
	const char *name = (const char *)reader->archive + at;

	if (!bytes || bytes > NAME_MAX_BYTES)
		return fail(error, at, "a name is empty or longer than 4095 bytes");
	if (bytes > reader->bytes - at)
		return fail(error, at, "a name is cut off");
	if (name[bytes - 1])
		return fail(error, at, "a name without its NUL");
	set_name(entry, name);
	return 0;
}

/* The sum a "070702" header carries. */
static bool sum_holds(const u8 *data, u32 bytes, u32 check)
{
	u32 sum = 0;

	for (u32 i = 0; i < bytes; i++)
		sum += data[i];
	return sum == check;
}

static void fill_entry(struct cpio_entry *entry, const u32 *fields, const u8 *data)
{
	entry->ino = fields[INO];
	entry->mode = fields[MODE];
	entry->uid = fields[UID];
	entry->gid = fields[GID];
	entry->nlink = fields[NLINK];
	entry->mtime = fields[MTIME];
	entry->dev_major = fields[DEV_MAJOR];
	entry->dev_minor = fields[DEV_MINOR];
	entry->rdev_major = fields[RDEV_MAJOR];
	entry->rdev_minor = fields[RDEV_MINOR];
	entry->data = data;
	entry->bytes = fields[FILESIZE];
}

/* One file at `offset`; *end becomes where it ends. */
static int read_entry(const struct cpio_reader *reader, size_t offset, struct cpio_entry *entry,
		      size_t *end, struct cpio_error *error)
{
	u32 fields[NR_FIELDS];
	size_t at;

	if (read_header(reader, offset, fields, error) ||
	    read_name(reader, offset + HEADER_BYTES, fields[NAMESIZE], entry, error))
		return -EINVAL;
	at = ALIGN_UP(offset + HEADER_BYTES + fields[NAMESIZE], (size_t)4);
	if (fields[FILESIZE] && (at > reader->bytes || fields[FILESIZE] > reader->bytes - at))
		return fail(error, offset, "a file's contents run past the end");
	/* The pointer of an empty file must not leave the archive either. */
	if (at > reader->bytes)
		at = reader->bytes;
	fill_entry(entry, fields, reader->archive + at);
	if (starts_with(reader, offset, "070702", 6) &&
	    !sum_holds(entry->data, entry->bytes, fields[CHECK]))
		return fail(error, offset, "a file's checksum is wrong");
	*end = ALIGN_UP(at + fields[FILESIZE], (size_t)4);
	return 0;
}

static size_t skip_zeros(const struct cpio_reader *reader, size_t offset)
{
	while (offset < reader->bytes && !reader->archive[offset])
		offset++;
	return offset;
}

static bool is_trailer(const struct cpio_entry *entry)
{
	return entry->name_length == sizeof(trailer) - 1 &&
	       !memcmp(entry->name, trailer, sizeof(trailer) - 1);
}

int cpio_next(struct cpio_reader *reader, struct cpio_entry *entry, struct cpio_error *error)
{
	size_t offset = reader->offset, end;

	for (;;) {
		offset = skip_zeros(reader, offset);
		if (offset >= reader->bytes)
			break;
		if (read_entry(reader, offset, entry, &end, error))
			return -EINVAL;
		reader->closed = is_trailer(entry);
		offset = reader->offset = end < reader->bytes ? end : reader->bytes;
		if (!reader->closed)
			return 1;
	}
	if (!reader->closed)
		return fail(error, reader->bytes, "the archive ends without its trailer");
	return 0;
}

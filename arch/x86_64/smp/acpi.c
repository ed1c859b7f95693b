/* SPDX-License-Identifier: MIT */
/* Finds the MADT and lists the processors in it. PURE. */
#include <quench/compiler.h>
#include <quench/string.h>
#include <x86/acpi.h>

/* ACPI Specification 6.5, "Root System Description Pointer (RSDP)". */
struct rsdp {
	char signature[8];
	u8 checksum;
	char oem[6];
	u8 revision;
	u32 rsdt;
	u32 length; /* from here on revision 2 */
	u64 xsdt;
	u8 extended_checksum;
	u8 reserved[3];
} __packed;
#define RSDP_BYTES_1 20

/* "System Description Table Header". */
struct table {
	char signature[4];
	u32 length;
	u8 revision, checksum;
	char oem[6], oem_table[8];
	u32 oem_revision, creator, creator_revision;
} __packed;

/* "Multiple APIC Description Table (MADT)". */
struct madt {
	struct table header;
	u32 apic;
	u32 flags;
} __packed;

enum entry_type {
	LOCAL_APIC = 0,
	LOCAL_APIC_NMI = 4,
	LOCAL_APIC_ADDRESS = 5,
	LOCAL_X2APIC = 9,
	LOCAL_X2APIC_NMI = 10,
};
struct entry {
	u8 type, length;
} __packed;
struct local_apic {
	struct entry entry;
	u8 acpi_id, apic_id;
	u32 flags;
} __packed;
struct local_apic_nmi {
	struct entry entry;
	u8 acpi_id;
	u16 flags;
	u8 pin;
} __packed;
struct local_apic_address {
	struct entry entry;
	u16 reserved;
	u64 address;
} __packed;
struct local_x2apic {
	struct entry entry;
	u16 reserved;
	u32 apic_id, flags, acpi_id;
} __packed;
struct local_x2apic_nmi {
	struct entry entry;
	u16 flags;
	u32 acpi_id;
	u8 pin, reserved[3];
} __packed;

#define CPU_ENABLED  1
#define APIC_DEFAULT UINT64_C(0xfee00000)
#define NO_XAPIC_ID  0xff
#define NO_X2APIC_ID UINT32_C(0xffffffff)
#define MAX_TABLE    MIB(1) /* a longer one is no table */

static bool sums_to_zero(const void *bytes, size_t n)
{
	const u8 *at = bytes;
	u8 sum = 0;

	for (size_t i = 0; i < n; i++)
		sum = (u8)(sum + at[i]);
	return !sum;
}

/* The root pointer at `address`, copied; false when there is none. */
static bool read_rsdp(const struct boot_window *memory, paddr_t address, struct rsdp *out)
{
	const void *at = boot_view(memory, address, RSDP_BYTES_1);

	memset(out, 0, sizeof(*out));
	if (!at || memcmp(at, "RSD PTR ", 8) || !sums_to_zero(at, RSDP_BYTES_1))
		return false;
	memcpy(out, at, RSDP_BYTES_1);
	if (out->revision < 2)
		return true;
	at = boot_view(memory, address, sizeof(*out));
	if (at && sums_to_zero(at, sizeof(*out)))
		memcpy(out, at, sizeof(*out));
	return true;
}

static bool scan_for_rsdp(const struct boot_window *memory, paddr_t from, paddr_t to,
			  struct rsdp *out)
{
	for (paddr_t at = from; at < to; at += 16)
		if (read_rsdp(memory, at, out))
			return true;
	return false;
}

/* "Finding the RSDP on IA-PC Systems": the first KiB of the EBDA, and the BIOS's own 128 KiB. */
static bool search_rsdp(const struct boot_window *memory, struct rsdp *out)
{
	const u8 *segment = boot_view(memory, 0x40e, 2);
	paddr_t ebda = segment ? (paddr_t)(segment[0] | segment[1] << 8) << 4 : 0;

	if (ebda >= 0x400 && scan_for_rsdp(memory, ebda, ebda + 1024, out))
		return true;
	return scan_for_rsdp(memory, 0xe0000, 0x100000, out);
}

/* The whole table at `address`, checked; NULL when it is not there or damaged. */
static const struct table *view_table(const struct boot_window *memory, paddr_t address)
{
	const struct table *table = boot_view(memory, address, sizeof(*table));
	u32 length;

	if (!table)
		return NULL;
	memcpy(&length, &table->length, sizeof(length));
	if (length < sizeof(*table) || length > MAX_TABLE || !boot_view(memory, address, length) ||
	    !sums_to_zero(table, length))
		return NULL;
	return table;
}

static bool is_table(const struct table *table, const char *signature)
{
	return table && !memcmp(table->signature, signature, 4);
}

/* The table named `signature` that the root table, of addresses of `width` bytes, lists. */
static const struct table *find_table(const struct boot_window *memory, const struct table *root,
				      size_t width, const char *signature)
{
	const u8 *at = (const u8 *)(root + 1);
	size_t n = (root->length - sizeof(*root)) / width;

	for (size_t i = 0; i < n; i++) {
		const struct table *table;
		u64 address = 0;

		memcpy(&address, at + i * width, width);
		table = view_table(memory, address);
		if (is_table(table, signature))
			return table;
	}
	return NULL;
}

static const struct table *find_madt(const struct boot_window *memory, const struct rsdp *rsdp)
{
	const struct table *root = rsdp->xsdt ? view_table(memory, rsdp->xsdt) : NULL;
	const struct table *madt = NULL;

	if (is_table(root, "XSDT"))
		madt = find_table(memory, root, 8, "APIC");
	root = view_table(memory, rsdp->rsdt);
	if (!madt && is_table(root, "RSDT"))
		madt = find_table(memory, root, 4, "APIC");
	return madt;
}

/* A processor may be listed in both forms. */
static void add_cpu(struct acpi_cpus *out, u32 apic_id, u32 flags)
{
	if (!(flags & CPU_ENABLED))
		return;
	for (size_t i = 0; i < out->nr; i++)
		if (out->apic_id[i] == apic_id)
			return;
	if (out->nr < MAX_CPUS)
		out->apic_id[out->nr++] = apic_id;
	else
		out->left_out++;
}

/* Each copies the entry out, as long as that is whole. */
#define READ_ENTRY(type, name, at)       \
	struct type name;                \
	if ((at)->length < sizeof(name)) \
		return;                  \
	memcpy(&name, (at), sizeof(name))

static void take_apic(struct acpi_cpus *out, const struct entry *at)
{
	READ_ENTRY(local_apic, apic, at);
	if (apic.apic_id != NO_XAPIC_ID)
		add_cpu(out, apic.apic_id, apic.flags);
}

static void take_x2apic(struct acpi_cpus *out, const struct entry *at)
{
	READ_ENTRY(local_x2apic, apic, at);
	if (apic.apic_id != NO_X2APIC_ID)
		add_cpu(out, apic.apic_id, apic.flags);
}

static void take_address(struct acpi_cpus *out, const struct entry *at)
{
	READ_ENTRY(local_apic_address, address, at);
	out->apic = address.address;
}

/* Entries that name single processors agree in practice: one pin for all. */
static void take_nmi(struct acpi_cpus *out, const struct entry *at)
{
	READ_ENTRY(local_apic_nmi, nmi, at);
	out->nmi_pin = nmi.pin & 1;
}

static void take_x2apic_nmi(struct acpi_cpus *out, const struct entry *at)
{
	READ_ENTRY(local_x2apic_nmi, nmi, at);
	out->nmi_pin = nmi.pin & 1;
}

static void take_entry(struct acpi_cpus *out, const struct entry *at)
{
	switch (at->type) {
	case LOCAL_APIC:
		take_apic(out, at);
		break;
	case LOCAL_APIC_NMI:
		take_nmi(out, at);
		break;
	case LOCAL_APIC_ADDRESS:
		take_address(out, at);
		break;
	case LOCAL_X2APIC:
		take_x2apic(out, at);
		break;
	case LOCAL_X2APIC_NMI:
		take_x2apic_nmi(out, at);
		break;
	}
}

static const char *read_madt(const struct table *table, struct acpi_cpus *out)
{
	const u8 *at = (const u8 *)table + sizeof(struct madt);
	const u8 *end = (const u8 *)table + table->length;
	struct madt madt;

	if (table->length < sizeof(madt))
		return "the MADT is cut short";
	memcpy(&madt, table, sizeof(madt));
	out->apic = madt.apic;
	while ((size_t)(end - at) >= sizeof(struct entry)) {
		const struct entry *entry = (const struct entry *)at;

		if (entry->length < sizeof(*entry) || entry->length > end - at)
			break;
		take_entry(out, entry);
		at += entry->length;
	}
	return out->nr ? NULL : "the MADT lists no processor";
}

const char *acpi_find_cpus(const struct boot_window *memory, paddr_t address, struct acpi_cpus *out)
{
	const struct table *madt;
	const char *why;
	struct rsdp rsdp;

	memset(out, 0, sizeof(*out));
	out->apic = APIC_DEFAULT;
	out->nmi_pin = 1;
	if (!(address && read_rsdp(memory, address, &rsdp)) && !search_rsdp(memory, &rsdp))
		return "no ACPI root pointer";
	madt = find_madt(memory, &rsdp);
	if (!madt)
		return "no MADT among the ACPI tables";
	why = read_madt(madt, out);
	if (out->apic & PAGE_MASK || !out->apic)
		out->apic = APIC_DEFAULT;
	return why;
}

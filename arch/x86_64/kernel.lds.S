/* SPDX-License-Identifier: MIT */
/*
 * The kernel image. Four segments, no page of which is both writable and executable:
 *   boot    R-X  at its physical address: headers and code that run before or while paging starts
 *   text    R-X  at -2 GiB: code, and the exception table within
 *   rodata  R--  constants and the records of the alternatives
 *   data    RW-  boot-only data first (read-only from the seal on), then data and bss
 * docs/memory-map.md shows where they end up.
 */
#define PHYSICAL_BASE 0x200000
#define KERNEL_BASE   0xffffffff80000000
#define PAGE	      4096
/* The largest image the boot page tables can show. */
#ifndef IMAGE_MIB
#define IMAGE_MIB 16
#endif

OUTPUT_FORMAT(elf64-x86-64)
ENTRY(start_pvh)

PHDRS
{
	boot PT_LOAD FLAGS(5);
	text PT_LOAD FLAGS(5);
	rodata PT_LOAD FLAGS(4);
	data PT_LOAD FLAGS(6);
	note PT_NOTE FLAGS(4);
}

SECTIONS
{
	. = PHYSICAL_BASE;
	__image_start = .;

	/* boot/headers.asm, boot/start.asm -> GRUB, QEMU, the processor in 32-bit mode */
	.boot : { KEEP(*(.boot.header)) *(.boot.text) *(.boot.data) } :boot
	/* boot/headers.asm -> QEMU's PVH loader. The only note: an 8-byte aligned one beside it hangs QEMU. */
	.note.pvh : ALIGN(4) { KEEP(*(.note.pvh)) } :boot :note
	. = ALIGN(PAGE);
	__boot_end = .;

	. += KERNEL_BASE;
	__kernel_start = .;

	/* Code. .text.early is what the patcher itself runs: no alternative may stand there. */
	.text : AT(ADDR(.text) - KERNEL_BASE) {
		__start_text = .;
		__start_text_early = .;
		*(.text.early)
		__stop_text_early = .;
		*(.text .text.*)
		. = ALIGN(16);
		__stop_text = .;
	} :text
	/* `on_fault` in NASM and C -> kernel/extable: resolved and sorted in place, in the text segment */
	.extable : AT(ADDR(.extable) - KERNEL_BASE) {
		__start_extable = .;
		KEEP(*(.extable))
		__stop_extable = .;
	} :text
	. = ALIGN(PAGE);
	__text_segment_end = .;

	.rodata : AT(ADDR(.rodata) - KERNEL_BASE) {
		__start_rodata = .;
		*(.rodata .rodata.*)
	} :rodata
	/* alternative blocks of NASM and C -> kernel/alternatives */
	.altinstructions : AT(ADDR(.altinstructions) - KERNEL_BASE) {
		. = ALIGN(8);
		__start_altinstructions = .;
		KEEP(*(.altinstructions))
		__stop_altinstructions = .;
	} :rodata
	/* the versions themselves -> copied from here by kernel/alternatives; never run in place */
	.altinstr_replacement : AT(ADDR(.altinstr_replacement) - KERNEL_BASE) {
		__start_altinstr_replacement = .;
		/* Depth by depth: the order in which the planner comes by them. */
		KEEP(*(.altinstr_replacement))
		KEEP(*(.altinstr_replacement.*))
		__stop_altinstr_replacement = .;
	} :rodata
	/* tools/build/symbol-table -> kernel/lib/symbols.c: last, so that adding it moves no code */
	.symbols : AT(ADDR(.symbols) - KERNEL_BASE) {
		. = ALIGN(8);
		KEEP(*(.symbols))
	} :rodata
	. = ALIGN(PAGE);
	__rodata_segment_end = .;

	/* __ro_after_init data -> arch_seal_mappings */
	.data.ro_after_init : AT(ADDR(.data.ro_after_init) - KERNEL_BASE) {
		__start_ro_after_init = .;
		*(.data.ro_after_init)
		/* extable_index_room: two words for 2 KiB of text, three for an entry of 12 bytes */
		. = ALIGN(4);
		__start_extable_index = .;
		. += (SIZEOF(.text) / 2048 + 1) * 8 + SIZEOF(.extable) + 4;
		__stop_extable_index = .;
		. = ALIGN(PAGE);
		__stop_ro_after_init = .;
	} :data
	.data : AT(ADDR(.data) - KERNEL_BASE) { *(.data .data.*) } :data
	/* page tables of boot/start.asm, stacks, and all that starts as zero */
	.bss : AT(ADDR(.bss) - KERNEL_BASE) {
		. = ALIGN(PAGE);
		__start_bss = .;
		*(.bss.pages)
		/* PERCPU variables: the boot CPU's copy, and the size of the others' */
		. = ALIGN(PAGE);
		__start_percpu = .;
		*(.bss.percpu)
		. = ALIGN(64);
		__stop_percpu = .;
		. = ALIGN(PAGE);
		/* -> boot/start.asm: the page tables of the image */
		__boot_image_tables = .;
		. += IMAGE_MIB / 2 * PAGE;
		*(.bss .bss.* COMMON)
		. = ALIGN(PAGE);
		__stop_bss = .;
	} :data
	__kernel_end = .;
	__image_end = . - KERNEL_BASE;
	__boot_image_table_count = IMAGE_MIB / 2;

	.comment 0 : { *(.comment) }
	.debug_abbrev 0 : { *(.debug_abbrev) }
	.debug_addr 0 : { *(.debug_addr) }
	.debug_aranges 0 : { *(.debug_aranges) }
	.debug_frame 0 : { *(.debug_frame) }
	.debug_info 0 : { *(.debug_info) }
	.debug_line 0 : { *(.debug_line) }
	.debug_line_str 0 : { *(.debug_line_str) }
	.debug_loc 0 : { *(.debug_loc) }
	.debug_loclists 0 : { *(.debug_loclists) }
	.debug_ranges 0 : { *(.debug_ranges) }
	.debug_pubnames 0 : { *(.debug_pubnames) }
	.debug_rnglists 0 : { *(.debug_rnglists) }
	.debug_str 0 : { *(.debug_str) }
	.debug_str_offsets 0 : { *(.debug_str_offsets) }
	.symtab 0 : { *(.symtab) }
	.strtab 0 : { *(.strtab) }
	.shstrtab 0 : { *(.shstrtab) }

	/* Only a dynamic linker would fill these; the wall below holds them empty. */
	.got : { *(.got) *(.got.plt) *(.igot) *(.igot.plt) }
	.plt : { *(.plt) *(.plt.*) *(.iplt) }
	.rela.dyn : { *(.rela.*) }

	/DISCARD/ : {
		*(.note.GNU-stack .note.gnu.property .note.gnu.build-id .eh_frame .eh_frame_hdr .llvm_addrsig)
	}
}

/* The closing wall. */
ASSERT(__boot_end - __image_start <= 32768, "the Multiboot2 header must stand in the first 32 KiB")
ASSERT(__image_end - __image_start <= IMAGE_MIB << 20, "the image outgrows the boot page tables (IMAGE_MIB)")
ASSERT(__kernel_start == KERNEL_BASE + __boot_end, "virtual and physical layout have parted")
ASSERT(__stop_text <= __start_extable && __stop_extable <= __text_segment_end, "the exception table left the text segment")
ASSERT((__stop_altinstructions - __start_altinstructions) % 24 == 0, "an alternative record of the wrong size")
ASSERT((__stop_extable - __start_extable) % 12 == 0, "an exception table entry of the wrong size")
ASSERT((__text_segment_end | __rodata_segment_end | __stop_ro_after_init | __kernel_end) % PAGE == 0, "segments share a page")
ASSERT(__stop_text_early - __start_text_early > 0, "nothing marked __early: the patcher's own code is unguarded")
ASSERT(SIZEOF(.got) + SIZEOF(.plt) + SIZEOF(.rela.dyn) == 0, "code that needs a dynamic linker")

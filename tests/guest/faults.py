#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""faults.py: what a debugger can break — the memory map, the kernel's own registers — is reported."""
import re
import struct

from lib import checks as tap
from lib import guest
from lib.guest import qemu, records

START_INFO_MAGIC = 0x336ec578
MEMMAP_ENTRIES = 48  # offset in struct hvm_start_info (Xen's PVH boot ABI)


def no_memory_map(checks, elf):
    with guest.Guest(gdb=True) as vm:
        vm.gdb.run_to(elf.symbols["start_pvh"])
        info = vm.gdb.registers()["rbx"] & 0xffffffff
        checks.equal(struct.unpack("<I", vm.gdb.read(info, 4))[0], START_INFO_MAGIC,
                     "ebx points at the start info")
        vm.gdb.write(info + MEMMAP_ENTRIES, bytes(4))
        vm.gdb.go()
        checks.equal(vm.wait(), qemu.FAILED, "no memory map: QEMU ends with status 67", vm.report())
        checks.ok(vm.said("memory map"), "no memory map: COM1 says so", vm.report())
        checks.ok(any(r["t"] in ("fail", "exit") for r in vm.records), "and a record")


def bad_start_info(checks, elf):
    with guest.Guest(gdb=True) as vm:
        vm.gdb.run_to(elf.symbols["start_pvh"])
        info = vm.gdb.registers()["rbx"] & 0xffffffff
        vm.gdb.write(info, b"none")
        vm.gdb.go()
        checks.equal(vm.wait(), qemu.FAILED, "a wrong magic: QEMU ends with status 67", vm.report())


def panics(checks, elf, function, register, value, cause):
    """A register of a kernel function goes wrong; the panic names where, and what."""
    with guest.Guest(gdb=True) as vm:
        vm.gdb.run_to(elf.symbols[function])
        vm.gdb.set_register(register, value)
        vm.gdb.go()
        name = f"{register} = {value:#x} in {function}"
        checks.equal(vm.wait(), qemu.PANICKED, f"{name}: QEMU ends with status 99", vm.report())
        panic = records.last(vm.records, "panic") or {}
        rip = int(panic.get("rip", "0"), 16)
        if register != "rip":  # where there is no code there is no symbol
            checks.equal(panic.get("symbol"), elf.symbolize(rip),
                         f"{name}: the symbol is that of rip", vm.report())
        checks.ok(vm.said("PANIC", panic.get("symbol", "?"), *cause), f"{name}: COM1 names cause "
                  "and place", vm.report())
        checks.ok(re.search(r"rsp\W*(0x)?[0-9a-f]{8}", vm.console, re.I), f"{name}: registers are shown")
        return panic


def triple_fault(checks, elf):
    """Before the kernel has an IDT: QEMU resets, its log knows where."""
    with guest.Guest(gdb=True) as vm:
        vm.gdb.run_to(elf.symbols["start_pvh"])
        vm.gdb.write(elf.symbols["start_pvh"], bytes.fromhex("0f0b"))  # ud2
        vm.gdb.go()
        vm.wait()
        checks.ok(vm.triple_fault, "a triple fault is in QEMU's log")


def case(checks):
    elf = guest.elf()
    no_memory_map(checks, elf)
    bad_start_info(checks, elf)
    # The frame pointer of a system call; canonical addresses and not.
    panics(checks, elf, "kernel_syscall", "rdi", 0, ("0x",))
    panics(checks, elf, "kernel_syscall", "rdi", 0x8000000000000000, ())
    # Execution where there is no code.
    panic = panics(checks, elf, "kernel_syscall", "rip", elf.symbols["__start_rodata"], ())
    checks.equal(panic.get("rip"), hex(elf.symbols["__start_rodata"]), "rip is the jump's target")
    # A write to sealed text.
    panics(checks, elf, "kernel_syscall", "rdi", elf.symbols["__start_text"], ())
    triple_fault(checks, elf)


tap.run(case)

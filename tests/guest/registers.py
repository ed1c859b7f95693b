#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""registers.py [watched | MODEL:CPUS:SHIFT...]: every task finds its registers and flags as it left them. The
program that holds them is preempted at other instructions with each SHIFT of -icount (2^SHIFT ns an
instruction); is hit by NMIs; and a debugger looks whether AC, which lets the kernel at user memory, is
ever on outside a copy."""
import struct
import sys
import time

from lib import checks as tap
from lib import guest
from lib.guest import qemu, records

AC = 1 << 18
SWITCHES = 100  # to be looked at
FRAME_RIP, FRAME_CS, FRAME_RFLAGS = 88, 96, 104  # struct trap_frame
DEFAULT = ["qemu64:1:0", "max:1:5", "Haswell:2:3", "EPYC:4:5"]


def program(rounds):
    return f"alt=quiet init=/bin/registers -- {rounds}"


def check_program(checks, vm, where):
    """The program's own checks, as one each."""
    lines = vm.console.splitlines()
    made = [line for line in lines if line.startswith(("ok ", "not ok "))]
    for line in made:
        checks.ok(line.startswith("ok "), f"{where}: {line.split(' - ', 1)[-1]}",
                  [other for other in lines if other.startswith("#")])
    checks.equal([line for line in lines if line.startswith("1..")], [f"1..{len(made)}"],
                 f"{where}: all its checks came", vm.report())


def preempted(checks, model, cpus, shift):
    with guest.boot(checks, cpu=model, smp=cpus, append=program(60),
                    extra=("-icount", f"shift={shift},sleep=off")) as vm:
        check_program(checks, vm, f"{model}, {cpus} processors, shift {shift}")


def nmis(checks, model, cpus):
    """On all processors at once, as fast as the monitor takes them."""
    sent = 0
    with guest.Guest(cpu=model, smp=cpus, append=program(300)) as vm:
        while vm.process.poll() is None and b'"t":"smp"' not in vm.record_bytes:
            time.sleep(0.01)
        try:
            while vm.process.poll() is None and sent < 5000:
                vm.qmp.execute("inject-nmi")
                sent += 1
        except (EOFError, OSError):
            pass
        where = f"{model}, {cpus} processors, NMIs"
        checks.equal(vm.wait(), qemu.PASSED, f"{where}: passed", vm.report())
        check_program(checks, vm, where)
        checks.ok(sent > 20, f"{where}: some were sent", sent)
        print(f"# {sent} NMIs sent")


class Watch:
    """Stops at three places and keeps count: where an interrupt and an NMI come from, and with which
    AC the kernel goes on; with which AC a task comes out of a switch."""

    def __init__(self, vm):
        symbols = guest.elf().symbols
        self.vm, self.gdb = vm, vm.gdb
        self.timer, self.nmi = symbols["kernel_timer"], symbols["x86_paranoid_dispatch"]
        self.switched = symbols["arch_context_switch.end"] - 1  # its RET
        self.switches = self.ticks_in_copy = self.nmis_in_copy = self.leaks = 0
        for address in (self.timer, self.nmi, self.switched):
            self.gdb.call(f"Z1,{address:x},1")

    def look(self):
        registers = self.gdb.registers()
        rip, leaked = registers["rip"], bool(registers["eflags"] & AC)
        self.leaks += leaked
        if rip == self.switched:
            self.switches += 1
        elif rip in (self.timer, self.nmi):
            frame = self.gdb.read(registers["rdi"], FRAME_RFLAGS + 8)
            at, cs, flags = struct.unpack_from("<3Q", frame, FRAME_RIP)
            in_copy = not cs & 3 and bool(flags & AC)
            self.ticks_in_copy += in_copy and rip == self.timer
            self.nmis_in_copy += in_copy and rip == self.nmi
            if in_copy and rip == self.timer and self.nmis_in_copy < 10:
                self.strike(at)
        return rip

    def strike(self, at):
        """An NMI at the instruction that copies, when it comes by again."""
        self.gdb.call(f"Z1,{at:x},1")
        self.go_on(self.timer)
        while self.gdb.registers()["rip"] != at:
            self.leaks += bool(self.gdb.registers()["eflags"] & AC)
            self.go_on(self.gdb.registers()["rip"])
        self.vm.qmp.execute("inject-nmi")
        self.gdb.call(f"z1,{at:x},1")
        self.gdb.call("c")
        self.look()

    def go_on(self, rip):
        """To the next stop, over the breakpoint that stands here; enough switches are enough."""
        self.gdb.call(f"z1,{rip:x},1")
        self.gdb.call("s")
        if rip != self.switched or self.switches < SWITCHES:
            self.gdb.call(f"Z1,{rip:x},1")
        return self.gdb.call("c")

    def enough(self):
        return self.switches >= SWITCHES and self.ticks_in_copy >= 5 and self.nmis_in_copy >= 5


def watched(checks, model, cpus):
    """Interrupts and NMIs do strike in the middle of copies, and the kernel goes on with AC off; so
    does the next task."""
    where = f"{model}, {cpus} processors"
    with guest.Guest(cpu=model, smp=cpus, append=program("100000 copies"), gdb=True,
                     extra=("-icount", "shift=5,sleep=on")) as vm:
        watch, stops = Watch(vm), 0
        vm.gdb.call("c")
        while not watch.enough() and stops < 6000 and vm.process.poll() is None:
            stops += 1
            watch.look()
            watch.go_on(vm.gdb.registers()["rip"])
        print(f"# {where}: {watch.switches} switches, {watch.ticks_in_copy} ticks and "
              f"{watch.nmis_in_copy} NMIs in the middle of a copy, of {stops} stops")
        checks.ok(watch.enough(), f"{where}: ticks and NMIs came in the middle of copies",
                  vm.report())
        checks.equal(watch.leaks, 0, f"{where}: AC is never on behind an entry or a switch")
        checks.ok(not records.of_type(vm.records, "panic"), f"{where}: no panic")


def case(checks, *places):
    if places == ("watched",):
        return watched(checks, "max", "1")
    for place in places or DEFAULT:
        preempted(checks, *place.split(":"))
    if not places:
        nmis(checks, "max", "1")
        nmis(checks, "EPYC", "4")
        watched(checks, "max", "1")


tap.run(case, *sys.argv[1:])

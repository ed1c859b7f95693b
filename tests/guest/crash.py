#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""crash.py: programs that do what they must not are killed by the right signal; the kernel lives."""
from lib import checks as tap
from lib import guest
from lib.guest import qemu, records

SIGILL, SIGTRAP, SIGFPE, SIGSEGV = 4, 5, 8, 11
SIGNALS = {
    **dict.fromkeys(
        "null ro none kernel kernel-store directmap noncanonical stack-noncanonical jump-kernel "
        "jump-noncanonical nx nx-heap cli in hlt int1 int2 int8 int14 int32 int128 int255 cr0 cr4 "
        "lidt rdmsr sysenter stackoverflow swapgs".split(), {SIGSEGV}),
    # AMD's manuals make SYSENTER in long mode an undefined instruction, Intel's does not.
    "sysenter": {SIGSEGV, SIGILL},
    "div": {SIGFPE},
    "ud2": {SIGILL},
    "int3": {SIGTRAP},
    "trap": {SIGTRAP},
}


def case(checks):
    for deed, signals in SIGNALS.items():
        # A second program after it: the kernel is as well as before.
        with guest.boot(checks, append=f"init=/bin/crash init=/bin/hello -- {deed}",
                        status=qemu.FAILED) as vm:
            ends = records.of_type(vm.records, "end")
            checks.ok(len(ends) == 2 and ends[0]["signal"] in signals,
                      f"{deed}: killed by signal {sorted(signals)}", ends, vm.report())
            checks.ok(len(ends) == 2 and ends[1]["status"] == 0 and vm.said("hello from process"),
                      f"{deed}: the next program runs")
            checks.ok(vm.said("SIG"), f"{deed}: a line names the signal", vm.report())
    with guest.boot(checks, append="init=/bin/crash -- top-page") as vm:
        checks.ok(True, "the page below 2^47 is not given out")


tap.run(case)

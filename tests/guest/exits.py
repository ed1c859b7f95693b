#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""exits.py: the ways out of exit=, with and without QEMU's debug device."""
from lib import checks as tap
from lib import guest
from lib.guest import qemu


def case(checks):
    with guest.boot(checks, append="exit=debug") as vm:
        checks.ok(not vm.triple_fault, "exit=debug ends through the device")
    for way in ("poweroff", "reboot"):
        # The device would end the run first, so it is left out.
        with guest.Guest(append=f"exit={way} init=/bin/exit", halt=True) as vm:
            vm.halt = False
            checks.equal(vm.wait(), 0, f"exit={way} ends QEMU with status 0", vm.report())
            # A reset that is slow to come may be helped by a triple fault, after the verdict.
            checks.ok(vm.said("passed"), f"exit={way}: the verdict comes first", vm.report())
        with guest.boot(checks, append=f"exit={way} init=/bin/exit -- 1", status=qemu.FAILED) as vm:
            checks.ok(vm.said("failed"), f"exit={way}: a failed run says so")


tap.run(case)

#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""scaling.py CPUS...: independent programs on several processors do all their work, and wait for no
spin lock on its way: which says something where the host lets the processors run at once. How fast
they are is tools/quench bench --scaling's to say."""
import re
import sys

from lib import checks as tap
from lib import guest
from lib.guest import records

THOUSANDS = 20
KINDS = ("none", "getpid", "pipe", "fault")


def case(checks):
    for cpus in sys.argv[1:]:
        for kind in KINDS:
            with guest.boot(checks, smp=cpus, append=f"alt=quiet init=/bin/scaling -- {cpus} 1 "
                            f"{THOUSANDS} {kind} only") as vm:
                name = f"{kind} on {cpus}"
                checks.ok(f"ok 1 - {kind}" in vm.console, f"{name}: all the work is done",
                          vm.report())
                end = records.last(vm.records, "end") or {}
                ops = sum(int(n) for n in re.findall(r"ops=(\d+)", vm.console)) * int(cpus)
                waits = end.get("lock_waits")
                checks.ok(waits is not None and waits <= ops / 1000 * 2,
                          f"{name}: no lock on the way of an operation", waits, ops)


tap.run(case)

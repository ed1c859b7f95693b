#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""budget.py: from reset to the first instruction of /init in at most 30 million instructions.

With -icount shift=0 one TSC tick is one guest instruction: the figure does not depend on the host.
"""
from lib import checks as tap
from lib import guest
from lib.guest import records

BUDGET = 30_000_000


def case(checks):
    for cpu in ("qemu64", "max"):
        for memory in ("256M", "4G"):
            with guest.boot(checks, cpu=cpu, memory=memory,
                            extra=("-icount", "shift=0,sleep=off")) as vm:
                taken = (records.last(vm.records, "program") or {}).get("tsc")
                name = f"{cpu}, {memory}: at most {BUDGET} instructions to /init"
                checks.ok(taken is not None and 0 < taken <= BUDGET, name, taken, vm.report())
                checks.note(f"{cpu}, {memory}: {taken} instructions")


tap.run(case)

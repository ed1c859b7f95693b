#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""memory_size.py SIZE...: any memory from 32 MiB to 8 GiB. Bytes are reserved, not touched."""
import sys

from lib import checks as tap
from lib import guest
from lib.guest import records

UNITS = {"M": 1 << 20, "G": 1 << 30}


def case(checks, *sizes):
    for size in sizes:
        with guest.boot(checks, memory=size) as vm:
            checks.ok(", 0 wrong (" in vm.console, f"{size}: the demo counts 0 wrong", vm.report())
            seen = (records.last(vm.records, "boot") or {}).get("memory", 0)
            real = int(size[:-1]) * UNITS[size[-1]]
            checks.ok(real - (4 << 20) <= seen <= real, f"{size}: the kernel sees it", seen)


tap.run(case, *sys.argv[1:])

#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""cycles.py COUNT CPUS...: after COUNT times fork, execve and exit as many pages are free as after a few."""
import sys

from lib import checks as tap
from lib import guest
from lib.guest import records

SLACK = 8  # pages of kernel objects: a slab comes and goes whole


def free_after(checks, cycles, cpus):
    with guest.boot(checks, smp=cpus, append=f"alt=quiet init=/bin/cycles -- {cycles}") as vm:
        return (records.last(vm.records, "memory") or {}).get("free")


def case(checks, count, *cpus):
    for number in cpus:
        early, late = free_after(checks, 100, number), free_after(checks, count, number)
        print(f"# {number} processors: {early} pages free after 100, {late} after {count}")
        checks.ok(early and late and abs(early - late) <= SLACK,
                  f"{number} processors: as many pages are free after {count} as after 100",
                  f"{early} and {late}")


tap.run(case, *sys.argv[1:])

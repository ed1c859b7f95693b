#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""soak.py SECONDS CPUS...: the test programs beside one another for that long, no failure, no panic, and
as much memory free afterwards as after a short while."""
import os
import sys

from lib import checks as tap
from lib import guest
from lib.guest import records

SLACK = 24  # pages: tables and slabs that grew with what ran at once


def soaked(checks, seconds, cpus):
    with guest.boot(checks, smp=cpus, memory="512M",
                    append=f"alt=quiet init=/bin/soak -- {seconds}") as vm:
        lines = vm.console.splitlines()
        for line in lines:
            if line.startswith("# "):
                print(line)
        where = f"{seconds} seconds on {cpus}"
        checks.ok("ok 1 - programs that failed" in lines, f"{where}: every program passed",
                  vm.report())
        return (records.last(vm.records, "memory") or {}).get("free")


def case(checks, seconds, *cpus):
    os.environ["QUENCH_PATIENCE"] = str(int(seconds) * 2 + 600)
    for number in cpus:
        early, late = soaked(checks, 1, number), soaked(checks, seconds, number)
        print(f"# {number} processors: {early} pages free after a second, {late} after {seconds}")
        checks.ok(early and late and abs(early - late) <= SLACK,
                  f"{number} processors: no memory is lost", f"{early} and {late}")


tap.run(case, *sys.argv[1:])

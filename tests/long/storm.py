#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""storm.py: storms of forks, threads, pipes and sleeps by a clock that counts instructions, a slice a
seed, on 1 to 8 processors, with either way of waiting for locks: no hang, no leak, and, in a build
with -Dubsan=true, no undefined behaviour.

    QUENCH_STORM=FIRST-LAST    the seeds (default 0-7); two runs of one seed are the same
"""
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "guest"))
os.environ.setdefault("QUENCH_PATIENCE", "1800")
from lib import checks as tap  # noqa: E402
from lib import guest  # noqa: E402
from lib.guest import records  # noqa: E402

MACHINES = (("2", "max"), ("4", "qemu64"), ("1", "EPYC"), ("8", "Haswell"))
TIMES = 8
# What caches of single processors may hold more after a longer storm.
SPARE_PAGES = 64


def storm(checks, seed, times):
    """Pages free afterwards."""
    cpus, model = MACHINES[seed % len(MACHINES)]
    mask = " cpu=-hypervisor" if seed // len(MACHINES) % 2 else ""
    with guest.boot(checks, smp=cpus, cpu=model, extra=("-icount", "shift=0,sleep=off"),
                    append=f"alt=quiet init=/bin/storm{mask} -- {times} {seed}") as vm:
        name = f"seed {seed}, {times} times, {cpus} processors, {model}{mask}"
        checks.ok(vm.said("ok 3 - nobody is left"), f"{name}: the storm is over", vm.report())
        return (records.last(vm.records, "memory") or {}).get("free", 0)


def case(checks):
    first, _, last = os.environ.get("QUENCH_STORM", "0-7").partition("-")
    for seed in range(int(first), int(last or first) + 1):
        short, long = storm(checks, seed, 1), storm(checks, seed, TIMES)
        checks.ok(long >= short - SPARE_PAGES > 0, f"seed {seed}: the longer storm leaves as much "
                  "memory", f"{short} pages free, then {long}")


tap.run(case)

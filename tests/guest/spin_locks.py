#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""spin_locks.py CPUS:MODEL[:MASK]...: a storm on more processors than the host has, waiting for spin
locks in either way: by whoever runs, and, with the hypervisor hidden, in a queue. That one by a clock
that counts instructions: in turn, on a host that takes the next one away, would take minutes."""
import sys

from lib import checks as tap
from lib import guest
from lib.guest import records


def case(checks):
    for word in sys.argv[1:]:
        cpus, model, mask = (word.split(":") + [""])[:3]
        append = "alt=quiet init=/bin/storm" + (f" cpu={mask}" if mask else "")
        counted = ("-icount", "shift=3,sleep=off") if mask else ()
        with guest.boot(checks, smp=cpus, cpu=model, append=append, extra=counted) as vm:
            checks.ok(vm.said("ok 3 - nobody is left"), f"{word}: the storm is over", vm.report())
            features = (records.last(vm.records, "cpu") or {}).get("features", [])
            checks.equal("HYPERVISOR" in features, not mask, f"{word}: the way of waiting")
            waits = (records.last(vm.records, "end") or {}).get("lock_waits")
            checks.note(f"{word}: waited {waits} times")
            if mask:
                checks.ok(waits, f"{word}: the queue had somebody in it")


tap.run(case)

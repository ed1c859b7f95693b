#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""fairness.py CPUS...: 10 seconds of the guest's time are shared justly, by a clock that counts
instructions, so that the host's load changes nothing."""
import sys

from lib import checks as tap
from lib import guest


def case(checks):
    for cpus in sys.argv[1:]:
        with guest.boot(checks, append="alt=quiet init=/bin/fair -- 10", smp=cpus,
                        extra=("-icount", "shift=5,sleep=off")) as vm:
            made = [line for line in vm.console.splitlines() if line.startswith(("ok ", "not ok"))]
            for line in made:
                checks.ok(line.startswith("ok "), f"{cpus}: {line.split(' - ', 1)[-1]}",
                          vm.report())
            checks.equal(len(made), 3, f"on {cpus} all checks came", vm.report())


tap.run(case)

#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""tasks.py: threads, futexes, fork, execve and waiting, by test programs, on so many processors."""
import sys

from lib import checks as tap
from lib import guest


def check_program(checks, name, cpus):
    where = f"{name} on {cpus}"
    with guest.boot(checks, append=f"init=/bin/{name}", smp=str(cpus)) as vm:
        lines = vm.console.splitlines()
        made = [line for line in lines if line.startswith(("ok ", "not ok "))]
        planned = [line for line in lines if line.startswith("1..")]
        for line in made:
            if line.startswith("not ok "):
                checks.ok(False, f"{where}: {line.split(' - ', 1)[-1]}",
                          lines[lines.index(line):][:2])
        checks.equal(planned, [f"1..{len(made)}"], f"{where}: all its checks came", vm.report())


def case(checks):
    for cpus in map(int, sys.argv[1:]):
        for name in ("threads", "processes", "storm"):
            check_program(checks, name, cpus)


tap.run(case)

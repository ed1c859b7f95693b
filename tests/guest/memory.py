#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""memory.py: memory between processes and threads on several processors; running out of it; and
that programs which have ended leave none behind."""
import sys

from lib import checks as tap
from lib import guest
from lib.guest import records

SMALL = "64M"
# Pages that may come and go with objects of the kernel's own; the first two fork hundreds.
SLACK = {"storm": 16, "processes": 16, "tree": 4}


def check_program(checks, name, **machine):
    """A program that prints TAP: its checks become ours. The console's text."""
    where = f"{name} on {machine.get('smp', 1)}"
    with guest.boot(checks, append=f"init=/bin/{name}", **machine) as vm:
        lines = vm.console.splitlines()
        made = [line for line in lines if line.startswith(("ok ", "not ok "))]
        planned = [line for line in lines if line.startswith("1..")]
        for line in made:
            if line.startswith("not ok "):
                checks.ok(False, f"{where}: {line.split(' - ', 1)[-1]}",
                          lines[lines.index(line):][:2])
        checks.equal(planned, [f"1..{len(made)}"], f"{where}: all its checks came", vm.report())
        return vm.console


def free_after(checks, program, times):
    with guest.boot(checks, append=" ".join([f"init=/bin/{program}"] * times)) as vm:
        return (records.last(vm.records, "memory") or {}).get("free")


def case(checks):
    for cpus in sys.argv[1:]:
        check_program(checks, "sharing", smp=cpus)
    for cpus in ("1", "3"):
        console = check_program(checks, "hungry", smp=cpus, memory=SMALL)
        checks.ok("memory is out: process" in console, f"hungry on {cpus}: the kernel says who")
    for program, slack in SLACK.items():
        early, late = free_after(checks, program, 2), free_after(checks, program, 7)
        checks.ok(early and late and abs(early - late) <= slack,
                  f"{program}: as many pages are free after seven as after two",
                  f"{early} and {late}")


tap.run(case)
